"""The first page with the real CIViC: what leads two well-known cell lines, and what must not.

Alleles of HCC1395 (breast; BRCA1 p.Arg1751Ter inherited with loss of the other copy, TP53
p.Arg175His) and the fusion of H3122 (lung); their reads are made up, the evidence is CIViC's.
"""

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from report_case import BRCA1, EGFR, FUSION, PATIENT, findings, inputs
from running import REPOSITORY

from shirube.cancer.case import _with_evidence
from shirube.cancer.evidence import for_alleles, for_fusions
from shirube.cancer.tiers import approvals, listed, listed_approvals, tier_and_level, weighed
from shirube.cancer.tumour_type import accepted_types
from shirube.interpret.curated import curated_tables
from shirube.knowledge.civic import read_civic, tumour_codes
from shirube.knowledge.oncotree import read_oncotree
from shirube.report.model import report
from shirube.report.page.catalogue import LANGUAGES, Catalogue
from shirube.report.page.document import document

KNOWLEDGE = Path(os.environ.get("KNOWLEDGE", REPOSITORY / "../shared/knowledge"))
CIVIC = KNOWLEDGE / "civic"
RESOURCES = REPOSITORY / "resources"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not CIVIC.is_dir(), reason=f"no {CIVIC}: the real CIViC is not here"),
]


@pytest.fixture(scope="module")
def world() -> SimpleNamespace:
    """CIViC, OncoTree and our own tables."""
    tree = read_oncotree(
        KNOWLEDGE / "oncotree/oncotree.2023-03-09.txt", RESOURCES / "oncotree_parents.tsv"
    )
    names = ("civic_levels", "japan_approvals")
    return SimpleNamespace(
        oncotree=tree,
        curated=curated_tables([str(RESOURCES / f"{name}.tsv") for name in names]),
        evidence=read_civic(
            CIVIC / "civic_evidence_accepted_2025-05.tsv",
            CIVIC / "civic_variants_2025-05.tsv",
            "2025-05",
            tumour_codes(RESOURCES / "doid_oncotree.tsv", tree),
        ),
    )


def inherited(world: SimpleNamespace, accepted: frozenset[str]) -> dict[str, Any]:
    lost = {"state": "ref_lost", "normal_ad": 19, "normal_dp": 32, "tumour_ad": 60,
            "tumour_dp": 62}  # fmt: skip
    row = {
        **BRCA1,
        "protein_pos": 1751,
        "exon": "20/23",
        "detail": json.dumps({"second_hit": lost}),
    }
    _with_evidence([row], world, accepted)  # type: ignore[arg-type]
    return row


def tiered(
    world: SimpleNamespace, row: dict[str, Any], kind: str, matched: pl.DataFrame,
    accepted: frozenset[str],
) -> dict[str, Any]:  # fmt: skip
    evidence = weighed(matched, accepted, world.curated["civic_levels"])
    approved = approvals(row, kind, world.curated["japan_approvals"], accepted)
    verdict = tier_and_level(evidence, "Oncogenic", approved, common=False, altering=True)
    found = {key: verdict[key] for key in ("amp_tier", "japan_level")}
    detail = json.dumps({key: verdict[key] for key in ("tiers", "japan_levels")})
    both = [*listed_approvals(approved), *listed(evidence)]
    return {**row, **found, "evidence": both, "detail": detail}


def allele(
    world: SimpleNamespace, accepted: frozenset[str], gene: str, change: str
) -> dict[str, Any]:
    row = {**EGFR, "finding": f"snv-{gene}", "gene": gene, "hgvs_p": change,
           "name": f"{gene} {change}", "hgvs_c": None}  # fmt: skip
    asked = pl.DataFrame(
        [{"finding": row["finding"], "gene": gene, "hgvs_p": change, "hgvs_c": None,
          "protein_pos": int("".join(c for c in change if c.isdigit())), "exon": None,
          "consequence": "missense_variant"}],
        schema={"finding": pl.String, "gene": pl.String, "hgvs_p": pl.String,
                "hgvs_c": pl.String, "protein_pos": pl.Int32, "exon": pl.String,
                "consequence": pl.String},
    )  # fmt: skip
    matched = for_alleles(asked, world.evidence, germline=False)
    return tiered(world, row, "allele", matched, accepted)


def cards(diagnosis: str, language: str, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    patient = {**PATIENT, "diagnosis": diagnosis}
    model = report(**inputs(finding_table=findings(*rows), patient=patient))
    made = document(model, "0" * 64, language)
    blocks = next(s for s in made["sections"] if s["id"] == "summary")["blocks"]
    return [b for b in blocks if b["type"] == "summary"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("diagnosis", ["BRCA", "IDC"])
def test_hcc1395_leads_with_brca1_and_no_resistance_to_olaparib(
    world: SimpleNamespace, language: str, diagnosis: str
) -> None:
    say = Catalogue(language)
    accepted = accepted_types(diagnosis, world.oncotree)
    brca1 = inherited(world, accepted)
    against = [e for e in brca1["evidence"] if e["significance"] == "Resistance"]
    assert any("laparib" in (e["therapies"] or "") for e in against)  # CIViC has the small trial
    tp53 = allele(world, accepted, "TP53", "p.Arg175His")
    shown = cards(diagnosis, language, tp53, brca1)
    assert [card["title"].split(" ")[0] for card in shown][:1] == ["BRCA1"]
    assert "TP53" not in shown[0]["title"]
    badges = {b["label"]: b["text"] for b in shown[0]["badges"]}
    assert badges[say.message("tier.japan")] == "A"
    assert badges[say.message("tier.amp")] == "I-A"
    columns = {c["label"]: c["value"]["text"] for c in shown[0]["columns"]}
    assert say.message("basis.resistance") not in columns
    assert say.drug("olaparib") in columns[say.message("basis.japan")]
    facts = {label: value["text"] for label, value in shown[0]["facts"]}
    assert "60/62" in facts[say.message("second_hit")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_h3122_leads_with_its_fusion(world: SimpleNamespace, language: str) -> None:
    say = Catalogue(language)
    accepted = accepted_types("LUAD", world.oncotree)
    fusions = pl.DataFrame({"finding": [FUSION["finding"]], "gene5": ["EML4"], "gene3": ["ALK"]})
    matched = for_fusions(fusions, world.evidence)
    fusion = tiered(world, FUSION, "fusion", matched, accepted)
    tp53 = allele(world, accepted, "TP53", "p.Glu285Val")
    shown = cards("LUAD", language, tp53, fusion)
    assert shown[0]["title"] == "EML4::ALK"
    columns = {c["label"]: c["value"]["text"] for c in shown[0]["columns"]}
    assert say.drug("alectinib") in columns[say.message("basis.japan")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_resistance_that_decides_stays_on_the_first_page(
    world: SimpleNamespace, language: str
) -> None:
    """KRAS in colorectal cancer against EGFR antibodies: level A and B, nothing speaks for them."""
    say = Catalogue(language)
    accepted = accepted_types("COAD", world.oncotree)
    (card,) = cards("COAD", language, allele(world, accepted, "KRAS", "p.Gly12Asp"))
    columns = {c["label"]: c["value"]["text"] for c in card["columns"]}
    assert say.drug("cetuximab") in columns[say.message("basis.resistance")]
