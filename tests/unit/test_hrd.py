"""Scars of deficient homologous recombination: by hand, from measured copies, or not told."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from report_case import BRCA1, findings, inputs

from shirube.calling.copy_number.calling import Fit, Segment, as_table
from shirube.calling.copy_number.state import doubled
from shirube.calling.somatic.markers import marker
from shirube.cancer.biomarkers import biomarker_findings
from shirube.cancer.hrd import AUTOSOMES, MEGABASE, centromeres, criteria, deficiency
from shirube.cancer.hrd import scars as scars_of
from shirube.contracts import CLINICAL_EVIDENCE, MARKERS
from shirube.interpret.curated import curated_tables
from shirube.interpret.inputs import Knowledge
from shirube.report.exchange.fhir import fhir_bytes
from shirube.report.model import report
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.marker_blocks import markers

RESOURCES = Path(__file__).parents[2] / "resources"
ASKED = criteria(str(RESOURCES / "hrd_criteria.tsv"))
LENGTH, MIDDLE = 100, (50, 54)  # megabases of every made chromosome, and its centromere

# Megabases start and end, major and minor copies; then LOH, TAI and LST counted by hand.
BY_HAND = {
    "a loss of 20 Mb at the end of the short arm": (
        [(0, 20, 1, 0), (20, 100, 1, 1)], (1, 1, 1)),
    "one parent's whole chromosome lost, then part of the rest gained": (
        [(0, 60, 1, 0), (60, 100, 2, 0)], (0, 1, 0)),
    "two megabases are left out, and both sides are one": (
        [(0, 30, 1, 1), (30, 32, 3, 1), (32, 100, 1, 1)], (0, 0, 0)),
    "three copies are usual here: no imbalance at the ends": (
        [(0, 12, 2, 1), (12, 30, 1, 1), (30, 100, 2, 1)], (0, 0, 2)),
    "a loss from both parents parts two regions of one": (
        [(0, 20, 2, 0), (20, 36, 0, 0), (36, 60, 1, 0), (60, 100, 1, 1)], (2, 1, 2)),
    "four megabases that nothing is known of part two regions": (
        [(0, 20, 1, 1), (24, 45, 2, 1), (45, 100, 1, 1)], (0, 0, 0)),
    "fifteen megabases are not more than fifteen": (
        [(0, 15, 1, 0), (15, 100, 1, 1)], (0, 1, 1)),
    "a whole chromosome is no region": ([(0, 100, 2, 0)], (0, 0, 0)),
    "an end below one megabase is left out": (
        [(0, 0.5, 2, 0), (0.5, 60, 1, 1), (60, 100, 1, 1)], (0, 0, 0)),
    "a break at the centromere is none within an arm": (
        [(0, 52, 1, 1), (52, 100, 2, 1)], (0, 0, 0)),
}  # fmt: skip
Parts = list[tuple[float, float, int, int]]


def genome(*chromosomes: Parts) -> dict[str, list[tuple[int, int, int, int]]]:
    return {
        f"chr{n}": [(int(s * MEGABASE), int(e * MEGABASE), a, b) for s, e, a, b in parts]
        for n, parts in enumerate(chromosomes, 1)
    }


def middle(count: int = 22) -> dict[str, tuple[int, int]]:
    return {f"chr{n}": (MIDDLE[0] * MEGABASE, MIDDLE[1] * MEGABASE) for n in range(1, count + 1)}


@pytest.mark.parametrize("name", BY_HAND)
def test_scars_counted_by_hand(name: str) -> None:
    parts, counted = BY_HAND[name]
    assert scars_of(genome(parts), middle(), ASKED) == counted


def test_scars_of_chromosomes_add_up() -> None:
    parts = [one for one, _ in BY_HAND.values()]
    counted = np.array([by_hand for _, by_hand in BY_HAND.values()]).sum(axis=0)
    assert scars_of(genome(*parts), middle(), ASKED) == tuple(counted)


@pytest.mark.parametrize("name", BY_HAND)
def test_where_a_region_was_cut_does_not_matter(name: str) -> None:
    parts, counted = BY_HAND[name]
    cut = [piece for s, e, a, b in parts if e - s >= 2
           for piece in ((s, (s + e) / 2, a, b), ((s + e) / 2, e, a, b))]  # fmt: skip
    whole = [piece for piece in parts if piece[1] - piece[0] < 2]
    assert scars_of(genome(sorted([*cut, *whole])), middle(), ASKED) == counted


def test_every_autosome_of_both_builds_has_a_centromere() -> None:
    for build in ("GRCh38", "GRCh37"):
        found = centromeres(str(RESOURCES / "centromeres.tsv"), build)
        assert list(found) == AUTOSOMES
        assert all(0 < start < end for start, end in found.values())
    assert centromeres(str(RESOURCES / "centromeres.tsv"), "artificial") == {}


def measured(
    chromosomes: list[Parts], purity: float, source: str = "copy_number", seed: int = 1
) -> tuple[pl.DataFrame, dict[str, str]]:
    """COPY_NUMBER with its metadata of a genome seen at a purity, with noise of the measurement."""
    rng = np.random.default_rng(seed)
    bases = [(e - s, a + b) for parts in chromosomes for s, e, a, b in parts]
    ploidy = sum(n * c for n, c in bases) / sum(n for n, _ in bases)
    segments = []
    for chrom, pieces in genome(*chromosomes).items():
        for start, end, major, minor in pieces:
            bins, sites = (end - start) // 20_000, (end - start) // 3_000
            depth = purity * (major + minor) + 2 * (1 - purity)
            ratio = np.log2(max(depth, 0.05) / (purity * ploidy + 2 * (1 - purity)))
            ratio += rng.normal(0, 0.01)
            baf = abs((purity * minor + 1 - purity) / max(depth, 0.05) - 0.5)
            segments.append(
                Segment(chrom, start, end, float(ratio), 0.01, bins, float(baf), 0.01, sites, 2)
            )
    spread = 0.02
    fit = Fit(purity, purity - spread, purity + spread, ploidy, source)
    return as_table(segments, fit), fit.about


QUIET: Parts = [(0, 100, 1, 1)]
SCARRED: Parts = [(0, 20, 1, 0), (20, 40, 1, 1), (40, 70, 2, 1), (70, 100, 1, 0)]


def test_a_genome_of_more_bases_than_32_bits_is_told_to_be_doubled() -> None:
    for parts, verdict in (([(0, 140, 2, 2)], True), ([(0, 140, 1, 1)], False)):
        table, _ = measured([parts] * 22, 0.7)
        assert doubled(table, "copy_number") == (verdict, float(verdict))


def score(table: pl.DataFrame, about: dict[str, str], length: int = 2_200) -> dict[str, object]:
    return deficiency(table, about, middle(), length * MEGABASE, ASKED)


@pytest.mark.parametrize("purity", [0.4, 0.6, 0.9])
def test_a_scarred_genome_is_high_and_a_quiet_one_low(purity: float) -> None:
    found = score(*measured([SCARRED] * 14 + [QUIET] * 8, purity))
    planted = sum(scars_of(genome(*[SCARRED] * 14), middle(), ASKED))
    assert found["call"] == "high"
    assert found["low"] <= planted <= found["high"]  # type: ignore[operator]
    quiet = score(*measured([QUIET] * 22, purity))
    assert (quiet["value"], quiet["call"]) == (0.0, "low")


def test_a_score_whose_interval_holds_the_threshold_is_not_named() -> None:
    table, about = measured([SCARRED] * 7 + [QUIET] * 15, 0.4)
    wide = about | {"purity_low": "0.31", "purity_high": "0.60"}
    found = score(table, wide)
    assert found["low"] < 42 <= found["high"]  # type: ignore[operator]
    assert found["call"] == "unknown"


@pytest.mark.parametrize(
    ("purity", "source", "kept", "why"),
    [
        (0.2, "copy_number", 22, "scars.low_purity"),
        (0.6, "vaf", 22, "scars.no_purity"),
        (0.6, "copy_number", 15, "scars.part"),
    ],
)
def test_no_number_where_it_cannot_be_told(purity: float, source: str, kept: int, why: str) -> None:
    table, about = measured([SCARRED] * kept, purity, source)
    found = score(table, about)
    assert (found["value"], found["low"], found["call"]) == (None, None, "unknown")
    assert why in str(found["said"])


def test_no_number_without_copies_or_centromeres() -> None:
    table, about = measured([QUIET] * 22, 0.6)
    without = deficiency(table, {}, middle(), 2_200 * MEGABASE, ASKED)
    nowhere = deficiency(table, about, {}, 2_200 * MEGABASE, ASKED)
    assert "scars.no_copies" in str(without["said"])
    assert "scars.no_centromeres" in str(nowhere["said"])
    assert without["value"] is nowhere["value"] is None


@pytest.mark.parametrize(
    ("accepted", "level", "same"),
    [({"OVARY", "SOLID"}, "A", {"olaparib+bevacizumab", "niraparib"}), ({"LUAD"}, "C", set())],
)
def test_a_high_score_names_its_drugs(accepted: set[str], level: str, same: set[str]) -> None:
    names = ("japan_approvals", "civic_levels")
    tables = curated_tables([str(RESOURCES / f"{name}.tsv") for name in names])
    knowledge = Knowledge(tables, evidence=CLINICAL_EVIDENCE.empty())
    row = marker("HRD", 60.0, 50.0, 70.0, "score", "high", "words")
    table = MARKERS.table(pl.DataFrame([row], schema=MARKERS.polars, orient="row"))
    (one,) = biomarker_findings(table, knowledge, accepted)
    assert (one["name"], one["japan_level"]) == ("HRD-High", level)
    assert {e["therapies"] for e in one["evidence"] if e["same_disease"]} == same
    assert "companion" in one["criteria"][0]["reason"]


@pytest.mark.parametrize(("call", "shown"), [("high", "60 (50–70)"), ("unknown", "–")])
def test_pages_and_bundle_show_a_number_only_where_one_is_known(call: str, shown: str) -> None:
    known = call == "high"
    values = (60.0, 50.0, 70.0) if known else (None, None, None)
    row = marker("HRD", *values, "score", call, "words")
    table = MARKERS.table(pl.DataFrame([row], schema=MARKERS.polars, orient="row"))
    model = report(**inputs(finding_table=findings(BRCA1), markers=table))
    for language in ("ja", "en"):
        measures, genes = markers(model, Catalogue(language))
        assert measures["rows"][0][1]["text"] == shown
        assert [line[0]["text"] for line in genes["rows"]][:2] == ["BRCA1", "BRCA2"]
    bundle = json.loads(fhir_bytes(model, "0" * 64))["entry"]
    (one,) = [e["resource"] for e in bundle
              if "recombination" in e["resource"].get("code", {}).get("text", "")]  # fmt: skip
    assert ("valueQuantity" in one) is known
    assert ("dataAbsentReason" in one) is not known
    assert not known or one["valueQuantity"]["value"] == 60.0
