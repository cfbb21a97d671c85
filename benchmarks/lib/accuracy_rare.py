"""Rare disease: the rank of a planted gene, and criteria against ClinVar, as accuracy rows."""

import os
from pathlib import Path

import concordance
import published
import rare
from accuracy_rows import Row

SLOWEST = 0.2  # seconds that one patient may take


def knowledge_of(realdata: Path) -> Path | None:
    """The knowledge folder: KNOWLEDGE, or beside the real data; None if there is none."""
    path = Path(os.environ.get("KNOWLEDGE", realdata.parent / "knowledge"))
    return path if path.is_dir() else None


def simulated_families(realdata: Path) -> list[Row]:
    """240 families: recall is the share of causal genes ranked first, or among the first five."""
    knowledge = knowledge_of(realdata)
    if knowledge is None or not (realdata / "ashk-trio-vcf").is_dir():
        return []
    rows = []
    for group, found in rare.figures(realdata, knowledge).items():
        for limit, share in (("top1", found["top1"]), ("top5", found["top5"])):
            hit = round(share * found["cases"])
            name = f"{group.replace(' ', '-')}-{limit}"
            rows.append(
                Row("simulated-families", "embedded", name, hit, 0, int(found["cases"]) - hit)
            )
    for name, place in rare.published(realdata, knowledge).items():
        first = int(place == 1)
        rows.append(Row("ptpn11-published-case", "embedded", name, first, 0, 1 - first))
    return rows


def published_patients(realdata: Path) -> list[Row]:
    """Patients of the phenopacket-store: recall is the share of causal genes within the first n.

    PEERS is the folder of the phenopackets, HPO one of HPO's files that state their references.
    """
    peers = Path(os.environ.get("PEERS", realdata.parent / "peers"))
    knowledge, hpo = knowledge_of(realdata), os.environ.get("HPO")
    cases = published.patients(peers)
    if not cases:
        return []
    parts = {"phenotype": published.by_phenotype(cases, published.embedded())}
    parts["hpo3"] = published.peer_places(cases)
    if hpo:
        parts["paper"] = published.own_paper_removed(cases, Path(hpo))
    if knowledge is not None and (realdata / "ashk-trio-vcf").is_dir():
        parts["planted"] = published.in_real_people(realdata, knowledge, cases)
    rows = []
    for part, found in parts.items():
        slow = sum(found.seconds) / len(found.seconds) if found.seconds else None
        note = "" if slow is None else f"{slow:.3f} s a patient"
        for method, places in found.places.items():
            name = "phenotype" if method == "shirube" else method.replace(",", "").replace(" ", "-")
            engine = "hpo3" if part == "hpo3" else "embedded"
            for limit in published.LIMITS:
                hit = sum(place <= limit for place in places)
                kind = f"{name.removeprefix('hpo3-')}-top{limit}"
                missed = len(places) - hit
                rows.append(Row("published-patients", engine, kind, hit, 0, missed, None, note))
        if part == "phenotype" and slow is not None:
            quick = sum(one <= SLOWEST for one in found.seconds)
            rows.append(Row("published-patients", "embedded", "within-0.2s", quick, 0,
                            len(found.seconds) - quick))  # fmt: skip
    return rows


def criteria_against_clinvar(realdata: Path) -> list[Row]:
    """Five genes: pathogenic records called so (tp, fn); benign ones called pathogenic (fp).

    `clinvar-benign`: recall is the share of benign records not called pathogenic.
    """
    knowledge = knowledge_of(realdata)
    if knowledge is None:
        return []
    rows = []
    for gene, found in concordance.figures(knowledge, realdata).items():
        called = round(found["pathogenic_called_pathogenic"] * found["pathogenic"])
        wrong = round(found["benign_called_pathogenic"] * found["benign"])
        missed = int(found["pathogenic"]) - called
        share = f"benign called P/LP {found['benign_called_pathogenic']:.4f}"
        rows.append(Row("clinvar-criteria", "embedded", gene, called, wrong, missed, None, share))
        kept = round(found["benign"]) - wrong
        rows.append(Row("clinvar-benign", "embedded", gene, kept, wrong, wrong, None, share))
    for gene, (count, otherwise) in concordance.new_stops(knowledge, realdata).items():
        rows.append(Row("pvs1-new-stop", "embedded", gene, otherwise, 0, 0, None, f"of {count}"))
    return rows


TRUTH_SETS = [published_patients, simulated_families, criteria_against_clinvar]
