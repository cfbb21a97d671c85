"""Deletions with microhomology and short tandem duplications are counted, and call nothing."""

import polars as pl
import pytest

from shirube.cancer.repair_events import duplicated, homologous
from shirube.contracts import STRUCTURAL
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.marker_blocks import markers


def events(*rows: tuple[int, str, str, str, str]) -> pl.DataFrame:
    """STRUCTURAL of (size, svtype, origin, filter, second chromosome), one after the other."""
    empty = dict.fromkeys(STRUCTURAL.schema)
    table = [
        {**empty, "event": f"E{n}", "chrom1": "chr1", "pos1": 1_000_000 * (n + 1), "svtype": kind,
         "pos2": 1_000_000 * (n + 1) + size, "strand1": "-", "strand2": "+", "chrom2": chrom,
         "origin": origin, "filter": verdict}
        for n, (size, kind, origin, verdict, chrom) in enumerate(rows)
    ]  # fmt: skip
    return STRUCTURAL.table(pl.DataFrame(table, schema=STRUCTURAL.polars, orient="row"))


# size, kind, origin, filter, second chromosome -> whether it counts
KINDS = {
    (1_000, "DUP", "somatic", "PASS", "chr1"): True,
    (100_000, "DUP", "somatic", "PASS", "chr1"): True,
    (999, "DUP", "somatic", "PASS", "chr1"): False,
    (100_001, "DUP", "somatic", "PASS", "chr1"): False,
    (5_000, "DEL", "somatic", "PASS", "chr1"): False,
    (5_000, "DUP", "germline", "PASS", "chr1"): False,
    (5_000, "DUP", "somatic", "LowSupport", "chr1"): False,
    (5_000, "DUP", "somatic", "PASS", "chr2"): False,
}


@pytest.mark.parametrize("event", KINDS)
def test_what_counts_as_a_tandem_duplication(event: tuple[int, str, str, str, str]) -> None:
    assert duplicated(events(event), 1.0, 0.8)["value"] == float(KINDS[event])


def test_duplications_have_their_interval_and_call_nothing() -> None:
    row = duplicated(events(*KINDS), 0.9, 0.8)
    assert (row["value"], row["call"]) == (2.0, "counted")
    assert row["low"] == pytest.approx(0.242, abs=0.001)  # exact Poisson interval of 2
    assert row["high"] == pytest.approx(7.225, abs=0.001)
    none = duplicated(events(), 0.9, 0.8)
    assert (none["value"], none["low"]) == (0.0, 0.0)


@pytest.mark.parametrize(("table", "covered"), [(None, 1.0), (events(*KINDS), 0.1)])
def test_no_number_without_reads_or_of_a_panel(table: pl.DataFrame | None, covered: float) -> None:
    row = duplicated(table, covered, 0.8)
    assert (row["value"], row["call"]) == (None, "unknown")


def test_the_share_of_deletions_with_microhomology() -> None:
    types = {"2:Del:M:1": 6, "5:Del:M:3": 4, "3:Del:R:0": 20, "1:Del:T:4": 500, "2:Ins:R:3": 90}
    row = homologous(types)
    assert (row["value"], row["call"]) == (pytest.approx(10 / 30), "counted")
    assert row["low"] < 1 / 3 < row["high"]  # type: ignore[operator]
    few = homologous({"2:Del:M:1": 10, "3:Del:R:0": 9, "1:Del:C:0": 400})
    assert (few["value"], few["call"]) == (None, "unknown")
    assert homologous({})["call"] == "unknown"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_pages_show_the_counts(language: str) -> None:
    rows = [duplicated(events(*KINDS), 0.9, 0.8), homologous({"2:Del:M:1": 40})]
    model = {"markers": [{**row, "said": []} for row in rows], "findings": []}
    (table,) = markers(model, Catalogue(language))
    shown = {line[0]["text"]: line[1]["text"] for line in table["rows"]}
    assert "2 (0–7)" in shown.values()
    assert any(text.startswith("1.00") for text in shown.values())
