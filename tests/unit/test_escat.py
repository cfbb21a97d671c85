"""ESCAT tiers from the table: the alteration, the tumour type, and the page's words."""

import json
from pathlib import Path
from typing import Any

import pytest

from shirube.cancer.escat import ESCAT, with_escat
from shirube.interpret.curated import read_curated

TABLE = read_curated(Path(__file__).parents[2] / "resources/escat_tiers.tsv")
LUNG, BOWEL = {"LUAD", "NSCLC", "LUNG", "SOLID", "TISSUE"}, {"COAD", "COADREAD", "SOLID", "TISSUE"}
BREAST, BILE = {"IDC", "BRCA", "BREAST", "SOLID", "TISSUE"}, {"CHOL", "BILIARY_TRACT", "SOLID"}


def allele(gene: str, hgvs_p: str, exon: str = "1/2", **more: object) -> dict[str, Any]:
    """A somatic allele's finding."""
    return {"section": "somatic", "kind": "snv", "gene": gene, "hgvs_p": hgvs_p,
            "detail": json.dumps({"exon": exon}), "oncogenicity": "Oncogenic", **more}  # fmt: skip


FUSION = {"section": "fusion", "kind": "fusion", "detail": "{}"}
MSI = {"section": "biomarkers", "kind": "biomarker", "gene": "MSI", "detail": "{}"}
GERMLINE = {"section": "germline", "kind": "snv", "gene": "BRCA2", "detail": "{}"}
SKIPPED = json.dumps({"driver": "deletion", "exons": [14], "in_frame": True})
DELETED = {"section": "somatic", "kind": "structural", "gene": "MET", "detail": SKIPPED}


@pytest.mark.parametrize(
    ("finding", "accepted", "tier"),
    [
        (allele("EGFR", "p.Leu858Arg"), LUNG, "I-A"),
        (allele("EGFR", "p.(Leu858Arg)"), LUNG, "I-A"),
        (allele("EGFR", "p.Leu858Gln"), LUNG, None),
        (allele("EGFR", "p.Leu858Arg"), BOWEL, "III-A"),
        (allele("EGFR", "p.Leu858Arg"), set(), None),  # a tumour type that is not known
        (allele("BRAF", "p.Val600Glu"), LUNG, "I-B"),
        (allele("BRAF", "p.Val600Glu"), BOWEL, "I-A"),
        (allele("EGFR", "p.Glu746_Ala750del", "19/28", consequence="inframe_deletion"), LUNG,
         "I-A"),
        (allele("EGFR", "p.Ser768_Asp770dup", "20/28", consequence="inframe_insertion"), LUNG,
         None),
        (allele("PIK3CA", "p.His1047Arg"), BREAST, "I-A"),
        (allele("PIK3CA", "p.Pro104Leu", oncogenicity="Uncertain significance"), BREAST, None),
        (allele("IDH1", "p.Arg132Cys"), BILE, "I-A"),
        ({**FUSION, "gene": "EML4::ALK"}, LUNG, "I-A"),
        ({**FUSION, "gene": "ALK::EML4"}, LUNG, None),
        ({**FUSION, "gene": "FGFR2::BICC1"}, BILE, "I-B"),
        ({**FUSION, "gene": "BICC1::FGFR2"}, BILE, None),
        ({**FUSION, "gene": "ETV6::NTRK3"}, BOWEL, "I-C"),
        (MSI, BOWEL, "I-A"),  # the type's own row before any tumour's
        (MSI, BREAST, "I-C"),
        (DELETED, LUNG, "I-B"),
        ({**DELETED, "detail": json.dumps({"driver": "deletion", "exons": [13, 14]})}, LUNG, None),
        ({**GERMLINE, "classification": "Pathogenic"}, BREAST, "I-A"),
        ({**GERMLINE, "classification": "Uncertain significance"}, BREAST, None),
        ({"section": "copy_number", "kind": "copy_number", "gene": "ERBB2",
          "detail": json.dumps({"call": "amplification"})}, BREAST, "I-A"),
        ({"section": "copy_number", "kind": "copy_number", "gene": "ERBB2",
          "detail": json.dumps({"call": "homozygous_deletion"})}, BREAST, None),
    ],
)  # fmt: skip
def test_tier(finding: dict[str, Any], accepted: set[str], tier: str | None) -> None:
    one = dict(finding)
    with_escat([one], TABLE, accepted)
    found = json.loads(one["detail"]).get("escat")
    assert (found["tier"] if found else None) == tier
    if found:
        assert all(row["source"] for row in found["rows"])
        assert ("scale" in found) == (tier == "III-A")


def test_rows_are_of_the_scale_and_say_whether_they_were_read() -> None:
    assert set(TABLE["tier"]) <= set(ESCAT)
    assert not TABLE.select("gene", "match", "alteration", "oncotree").is_duplicated().any()


def test_without_a_table_nothing_is_said() -> None:
    one = allele("EGFR", "p.Leu858Arg")
    with_escat([one], None, LUNG)
    assert one == allele("EGFR", "p.Leu858Arg")
