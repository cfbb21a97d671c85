"""Measured markers become findings with drugs, in every rendering, or are said not to be known."""

from pathlib import Path

import polars as pl
import pytest

from shirube.calling.somatic.markers import burden, marker
from shirube.cancer.biomarkers import biomarker_findings
from shirube.contracts import CLINICAL_EVIDENCE, MARKERS
from shirube.interpret.curated import curated_tables
from shirube.interpret.inputs import Knowledge
from shirube.report.findings import summary

REPOSITORY = Path(__file__).parents[2]
TABLES = [str(REPOSITORY / f"resources/{n}.tsv") for n in ("japan_approvals", "civic_levels")]


def table(*rows: dict[str, object]) -> pl.DataFrame:
    return MARKERS.table(pl.DataFrame(rows, schema=MARKERS.polars, orient="row"))


def msi(call: str) -> dict[str, object]:
    return marker("MSI", 0.3, 0.25, 0.4, "share of microsatellites", call, "words")


def found(markers: pl.DataFrame, accepted: set[str]) -> list[dict[str, object]]:
    knowledge = Knowledge(curated_tables(TABLES), evidence=CLINICAL_EVIDENCE.empty())
    return biomarker_findings(markers, knowledge, accepted)


@pytest.mark.parametrize(
    ("accepted", "tier", "level", "drugs"),
    [
        ({"COAD", "COADREAD", "SOLID"}, "I-A", "A", {"pembrolizumab", "nivolumab"}),
        ({"LUAD", "NSCLC", "SOLID"}, "I-A", "A", {"pembrolizumab"}),
        ({"LYMPH"}, "II-C", "C", {"pembrolizumab"}),
    ],
)
def test_msi_high_names_its_drugs(
    accepted: set[str], tier: str, level: str, drugs: set[str]
) -> None:
    (one,) = found(table(msi("high")), accepted)
    assert (one["name"], one["amp_tier"], one["japan_level"]) == ("MSI-High", tier, level)
    same = {e["therapies"] for e in one["evidence"] if e["same_disease"]}  # type: ignore[attr-defined]
    assert drugs <= same | ({"pembrolizumab"} if tier == "II-C" else set())
    assert ("nivolumab" in same) is ("COADREAD" in accepted)


@pytest.mark.parametrize("call", ["stable", "unknown"])
def test_nothing_else_is_a_finding(call: str) -> None:
    assert found(table(msi(call)), {"COADREAD", "SOLID"}) == []


def test_burden_is_a_finding_only_where_its_interval_is_high() -> None:
    high, open_ = burden(600, 30_000_000, True), burden(320, 30_000_000, True)
    assert (high["call"], open_["call"]) == ("high", "unknown")
    (one,) = found(table(high), {"SOLID"})
    assert (one["name"], one["amp_tier"]) == ("TMB-High", "I-A")
    assert found(table(open_), {"SOLID"}) == []


def act(
    identifier: str, section: str, level: str | None, tier: str | None, disease: str = "LUAD"
) -> dict[str, object]:
    evidence = {
        "group": "resistance" if level == "R" else "sensitivity", "source": "CIViC",
        "level": "B" if level == "R" else level, "same_disease": True, "therapies": "a drug",
        "interaction": None, "disease": disease,
    }  # fmt: skip
    return {
        "id": identifier, "section": section, "japan_level": level, "amp_tier": tier,
        "classification": "Pathogenic" if section == "germline" else None,
        "origin": "germline" if section == "germline" else "somatic", "reads": {"vaf": 0.4},
        "evidence": [evidence], "detail": {},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "order"),
    [
        # A germline BRCA1 of level A stands before a somatic TP53 of level B.
        ([act("TP53", "somatic", "B", "I-B"), act("BRCA1", "germline", "A", None)],
         ["BRCA1", "TP53"]),
        ([act("BRAF", "somatic", "A", "I-A"), act("MSI", "biomarkers", "A", "I-A")],
         ["MSI", "BRAF"]),
        # An approval for any organ asks that the standard treatment be unsuitable.
        ([act("TMB", "biomarkers", "A", "I-A", "SOLID"), act("EGFR", "somatic", "A", "I-A")],
         ["EGFR", "TMB"]),
        ([act("a", "somatic", "A", "I-A"), act("b", "fusion", "A", "I-A")], ["a", "b"]),
        ([act("R", "somatic", "R", "I-A"), act("b", "fusion", "B", "I-B")], ["b", "R"]),
    ],
)  # fmt: skip
def test_page_one_is_ordered_by_what_matters(
    given: list[dict[str, object]], order: list[str]
) -> None:
    assert [s["finding"] for s in summary(given)] == order
