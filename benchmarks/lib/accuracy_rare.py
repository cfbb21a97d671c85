"""Rare disease: the rank of a planted gene, and criteria against ClinVar, as accuracy rows."""

import os
from pathlib import Path

import concordance
import rare
from accuracy_rows import Row


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


TRUTH_SETS = [simulated_families, criteria_against_clinvar]
