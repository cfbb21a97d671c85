"""Segments, allelic imbalance, purity and ploidy on simulated tumours with known answers."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from shirube.calling.copy_number.calling import (
    Fit,
    as_table,
    bins_of,
    fitted,
    log_ratios,
    segmented,
)
from shirube.calling.copy_number.detection_limit import Bins, least_loss
from shirube.calling.copy_number.segments import change_points, group_medians, imbalance, noise
from shirube.calling.copy_number.state import about_doubling, doubled, tumour_state
from shirube.contracts import LOH
from shirube.genome.intervals import Interval

GENOME = [  # chrom, bins, total copies, minor copies
    ("chr1", 300, 2, 1),
    ("chr2", 150, 3, 1),
    ("chr2", 150, 2, 1),
    ("chr3", 200, 2, 0),
    ("chr4", 100, 1, 0),
    ("chr4", 20, 0, 0),
    ("chr4", 100, 2, 1),
    ("chr5", 150, 2, 1),
    ("chr5", 15, 12, 1),
]

TRIPLOID = [
    *(("chr1", 300, 3, 1), ("chr2", 150, 4, 1), ("chr2", 150, 3, 1), ("chr3", 200, 2, 0)),
    *(("chr4", 100, 2, 1), ("chr4", 20, 0, 0), ("chr4", 100, 3, 1)),
    *(("chr5", 150, 4, 2), ("chr5", 15, 16, 1)),
]
DOUBLED = [
    *(("chr1", 300, 4, 2), ("chr2", 150, 5, 2), ("chr2", 150, 4, 2), ("chr3", 200, 3, 1)),
    *(("chr4", 100, 2, 0), ("chr4", 20, 0, 0), ("chr4", 100, 4, 2)),
    *(("chr5", 150, 3, 1), ("chr5", 15, 20, 2)),
]


def mean_copies(genome: list[tuple[str, int, int, int]]) -> float:
    return float(np.average([g[2] for g in genome], weights=[g[1] for g in genome]))


def simulated(
    purity: float, seed: int = 1, genome: list[tuple[str, int, int, int]] = GENOME
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bins with log2 ratios and LOH-like sites of a genome at a purity, 1000 bases a bin."""
    rng = np.random.default_rng(seed)
    mean = mean_copies(genome)
    bins, sites, at = [], [], dict.fromkeys((g[0] for g in genome), 0)
    for chrom, count, total, minor in genome:
        depth = purity * total + 2 * (1 - purity)
        centre = np.log2(max(depth, 0.02) / (purity * mean + 2 * (1 - purity)))
        for value in rng.normal(centre, 0.12, count):
            start = at[chrom]
            bins.append((chrom, start, start + 1000, value))
            if rng.random() < 0.3:
                reads = int(rng.poisson(60 * depth / 2)) + 1
                fraction = (purity * minor + 1 - purity) / depth if depth else 0.5
                fraction = fraction if rng.random() < 0.5 else 1 - fraction
                alt = int(rng.binomial(reads, min(max(fraction, 0.0), 1.0)))
                sites.append({"chrom": chrom, "pos": start + 500, "tumour_ad": alt})
                sites[-1]["tumour_dp"] = reads
            at[chrom] += 1000
    table = pl.DataFrame(bins, schema=["chrom", "start", "end", "log2"], orient="row")
    median = table["log2"].median()
    assert isinstance(median, float)
    schema = {c: LOH.schema[c] for c in ("pos", "tumour_ad", "tumour_dp")}
    loh = pl.DataFrame(sites, schema={"chrom": pl.String, **schema})
    return table.with_columns(pl.col("log2") - median), loh


@pytest.mark.parametrize("purity", [0.35, 0.5, 0.7, 0.9])
def test_purity_and_copies_are_found(purity: float) -> None:
    segments = segmented(*simulated(purity), {})
    fit = fitted(segments, [])
    assert fit.source == "copy_number"
    assert fit.purity == pytest.approx(purity, abs=0.06)
    assert fit.low - 0.02 <= purity <= fit.high + 0.02
    table = as_table(segments, fit)
    found = {(row["chrom"], row["call"]) for row in table.iter_rows(named=True)}
    for wanted in (
        ("chr1", "neutral"),
        ("chr2", "gain"),
        ("chr3", "loh"),
        ("chr4", "loss"),
        ("chr4", "homozygous_deletion"),
        ("chr5", "amplification"),
    ):
        assert wanted in found, (wanted, table)
    amplified = table.filter(call="amplification").row(0, named=True)
    assert amplified["total_cn"] == pytest.approx(12, rel=0.2)
    assert abs(amplified["start"] - 150_000) <= 2000


@pytest.mark.parametrize("purity", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("genome", [GENOME, TRIPLOID, DOUBLED], ids=["2n", "3n", "4n"])
def test_purity_and_ploidy_over_a_grid(
    purity: float, genome: list[tuple[str, int, int, int]]
) -> None:
    """Measured over three seeds and purities 0.2 to 1.0: purity within 0.02, ploidy within 0.2."""
    segments = segmented(*simulated(purity, 1, genome), {})
    fit = fitted(segments, [])
    assert fit.purity == pytest.approx(purity, abs=0.04)
    assert fit.low - 0.02 <= purity <= fit.high + 0.02
    assert fit.ploidy == pytest.approx(mean_copies(genome), abs=0.25)
    table, at = as_table(segments, fit), dict.fromkeys((g[0] for g in genome), 0)
    for chrom, bins, total, minor in genome:
        low, high = at[chrom] * 1000, (at[chrom] + bins) * 1000
        at[chrom] += bins
        middle = (low + high) // 2
        inside = (pl.col("chrom") == chrom) & pl.col("start").le(middle) & pl.col("end").gt(middle)
        row = table.row(by_predicate=inside, named=True)
        assert row["total_cn"] == pytest.approx(total, abs=max(0.5, 0.15 * total)), row
        if total and bins >= 100:  # few sites in a focal change say little of its rarer copy
            assert row["minor_cn"] == pytest.approx(minor, abs=0.6), row


def test_flat_genome_has_no_change_and_purity_only_from_fractions() -> None:
    rng = np.random.default_rng(3)
    bins = pl.DataFrame(
        {
            "chrom": ["chr1"] * 400,
            "start": np.arange(400) * 1000,
            "end": np.arange(1, 401) * 1000,
            "log2": rng.normal(0, 0.1, 400),
        }
    )
    sites = pl.DataFrame(schema={"chrom": pl.String, "pos": pl.Int32}).with_columns(
        tumour_ad=pl.lit(None, pl.Int32), tumour_dp=pl.lit(None, pl.Int32)
    )
    segments = segmented(bins, sites, {})
    assert len(segments) == 1
    assert fitted(segments, []) == Fit(None, 0.0, 1.0, 2.0, "none")
    table = as_table(segments, fitted(segments, []))
    assert table["total_cn"].to_list() == [None]
    assert table["call"].to_list() == ["neutral"]
    from_vaf = fitted(segments, [0.3, 0.31, 0.29, 0.3, 0.3])
    assert (from_vaf.source, from_vaf.purity) == ("vaf", pytest.approx(0.6))


def test_change_points_are_exact_without_noise_and_none_in_noise() -> None:
    values = np.array([0.0] * 30 + [1.0] * 7 + [0.0] * 30)
    assert change_points(values, np.ones(67), 0.1, 3) == [0, 30, 37]
    rng = np.random.default_rng(1)
    flat = rng.normal(0, 0.2, 1000)
    assert change_points(flat, np.ones(1000), noise(flat), 3) == [0]


def test_imbalance_needs_sites_and_recovers_the_distance() -> None:
    assert imbalance(np.array([5]), np.array([10]))[0] is None
    rng = np.random.default_rng(2)
    depth = np.full(60, 80)
    side = np.where(rng.random(60) < 0.5, 0.2, 0.8)
    b, low, high = imbalance(rng.binomial(depth, side), depth)
    assert b == pytest.approx(0.3, abs=0.03)
    assert low <= 0.3 <= high
    assert imbalance(rng.binomial(depth, 0.5), depth)[1] == 0.0


def test_gc_bias_is_taken_out() -> None:
    rng = np.random.default_rng(4)
    gc = rng.uniform(0.3, 0.7, 1000)
    tumour = 100 * 2 ** (1.5 * (gc - 0.5)) * rng.normal(1, 0.02, 1000)
    ratios = log_ratios(tumour, np.full(1000, 100.0), gc, np.ones(1000, bool))
    assert np.std(ratios) < 0.06
    assert not group_medians(np.ones(50), np.ones(50)).any()


def test_bins_without_normal_depth_are_unknown() -> None:
    normal = np.array([100.0] * 50 + [0.0] * 5)
    ratios = log_ratios(normal, normal, np.full(55, 0.5), np.ones(55, bool))
    assert np.isnan(ratios[50:]).all()
    assert not np.isnan(ratios[:50]).any()


def test_bins_cover_the_regions_once() -> None:
    regions = [Interval("chr1", 100, 1_000_100), Interval("chr2", 0, 130)]
    bins = bins_of(regions)
    for region in regions:
        own = [b for b in bins if b.contig == region.contig]
        assert own[0].start == region.start
        assert own[-1].end == region.end
        assert all(a.end == b.start for a, b in pairwise(own))


@pytest.mark.parametrize(
    ("genome", "verdict"), [(GENOME, False), (TRIPLOID, True), (DOUBLED, True)],
    ids=["2n", "3n", "4n"],
)  # fmt: skip
@pytest.mark.parametrize("purity", [0.4, 0.8])
def test_a_doubled_genome_is_told_from_its_major_copies(
    genome: list[tuple[str, int, int, int]], verdict: bool, purity: float
) -> None:
    """Of three copies two are of one parent: over half of a genome, doubling leaves that."""
    segments = segmented(*simulated(purity, 1, genome), {})
    fit = fitted(segments, [])
    table = as_table(segments, fit)
    found, share = doubled(table, fit.source)
    assert (found, share is not None) == (verdict, True)
    about = fit.about | about_doubling(table, fit.source)
    state = tumour_state(about)
    assert state["whole_genome_doubled"] is verdict
    assert state["purity"] == pytest.approx(purity, abs=0.06)
    assert state["ploidy"] == pytest.approx(mean_copies(genome), abs=0.3)


@pytest.mark.parametrize(
    ("vaf", "source"), [(0.4, "vaf"), (0.1, "copy_number"), (0.2, "copy_number")]
)
def test_a_fit_that_the_alleles_of_the_tumour_contradict_is_left(vaf: float, source: str) -> None:
    """One faint imbalance fits a purity of a quarter: not where most alleles have more reads."""
    flat, sites = simulated(0.25, 1, [("chr1", 300, 2, 1), ("chr2", 300, 2, 0)])
    fractions = np.random.default_rng(4).normal(vaf, 0.02, 60).tolist()
    fit = fitted(segmented(flat, sites, {}), fractions)
    assert fit.source == source
    assert fit.purity == pytest.approx(2 * vaf if source == "vaf" else 0.25, abs=0.05)


@pytest.mark.parametrize("source", ["vaf", "none"])
def test_doubling_is_unknown_where_purity_is_not_of_copy_number(source: str) -> None:
    table = as_table(segmented(*simulated(0.8, 1, DOUBLED), {}), Fit(0.8, 0.7, 0.9, 3.9, source))
    assert doubled(table, source) == (None, None)
    assert about_doubling(table, source)["whole_genome_doubled"] == "unknown"


def test_what_was_not_measured_of_a_tumour_is_null_never_a_default() -> None:
    state = tumour_state(Fit(None, 0.0, 1.0, 2.0, "none").about)
    assert state.pop("purity_source") == "none"
    assert set(state.values()) == {None}
    assert tumour_state({})["purity"] is None  # a table that came without metadata


@pytest.mark.parametrize("purity", [0.3, 0.5, 0.8])
def test_a_loss_of_the_stated_size_is_cut_out_and_named(purity: float) -> None:
    """Deletions of the stated size, planted anywhere in a chromosome of neutral bins."""
    size = least_loss(purity, 2.0, Bins(0.15, 1000.0, float(np.sqrt(8 * np.log(600))), 3))
    assert size is not None
    rng, found = np.random.default_rng(11), 0
    for _ in range(40):
        values = rng.normal(0, 0.15, 600)
        first = int(rng.integers(50_000, 500_000))
        edges = np.arange(600) * 1000
        # A bin of which a part is lost has the ratio of the mixture.
        lost = np.clip(np.minimum(edges + 1000, first + size) - np.maximum(edges, first), 0, 1000)
        values += np.log2(1 - purity * lost / 1000)
        bins = pl.DataFrame({"chrom": "chr1", "start": edges, "end": edges + 1000, "log2": values})
        segments = segmented(bins, simulated(0.5)[1].clear(), {})
        table = as_table(segments, Fit(purity, purity, purity, 2.0, "copy_number"))
        named = table.filter(call="homozygous_deletion")
        found += any(s <= first + size / 2 < e for s, e in named.select("start", "end").rows())
    assert found >= 36
