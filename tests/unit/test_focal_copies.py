"""Losses and gains too small for the bins of the genome, by tiles around genes of cancer."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sam_files import record, sequence, write_bam, write_reference

from shirube.calling.copy_number.calling import Fit, Segment, as_table
from shirube.calling.copy_number.detection_limit import Bins, bins_of_state, least_loss, log2_ratio
from shirube.calling.copy_number.focal import (
    FLANK,
    LEAST,
    TILE,
    cut_out,
    focal,
    tile_ratios,
    tiles_of,
)
from shirube.calling.copy_number.state import FINE, NOISE
from shirube.contracts import LOH
from shirube.genome.intervals import Interval
from shirube.reads.bins import mean_depths

SITES = pl.DataFrame(schema={name: LOH.schema[name] for name in ("pos", "tumour_ad", "tumour_dp")})
SITES = SITES.with_columns(chrom=pl.lit(None, pl.String))
GENES = [Interval("chr1", 400_000, 460_000), Interval("chr2", 900_000, 905_000)]
REGIONS = [Interval("chr1", 0, 1_500_000), Interval("chr2", 0, 1_500_000)]
BINS = [Interval(r.contig, a, a + 20_000) for r in REGIONS for a in range(0, 1_500_000, 20_000)]
TILES = tiles_of(GENES, REGIONS, BINS)
WHOLE = [
    Segment(r.contig, 0, 1_500_000, 0.0, 0.01, 75, None, 0.05, 0, 2) for r in REGIONS
]  # fmt: skip
READ = 150


def depths(copies: float, lost: Interval | None, purity: float, depth: float, seed: int) -> list:
    """Mean depth of TILES in tumour and normal; `lost` has `copies` in tumour cells."""
    rng, out = np.random.default_rng(seed), []
    for share in (purity, 0.0):
        mean = np.ones(len(TILES))
        if lost is not None:
            inside = np.array(
                [
                    max(0, min(t.end, lost.end) - max(t.start, lost.start)) / (t.end - t.start)
                    if t.contig == lost.contig
                    else 0.0
                    for t in TILES
                ]
            )
            mean = 1 + share * inside * (copies / 2 - 1)
        size = np.array([t.end - t.start for t in TILES])
        out.append(rng.poisson(mean * depth * size / READ) * READ / size)
    return out


def found(
    copies: float, lost: Interval | None, purity: float, depth: float, seed: int
) -> tuple[pl.DataFrame, dict[str, str]]:
    """COPY_NUMBER after the search in tiles, and how fine it was."""
    places = pl.DataFrame(
        {
            "chrom": [t.contig for t in TILES],
            "start": [t.start for t in TILES],
            "end": [t.end for t in TILES],
        }
    )
    both = depths(copies, lost, purity, depth, seed)
    table = tile_ratios(places, *both, np.full(len(TILES), 0.5), WHOLE)
    segments, about = focal(table, WHOLE, SITES)
    return as_table(segments, Fit(purity, purity, purity, 2.0, "copy_number")), about


def limit(about: dict[str, str], purity: float) -> int | None:
    state = {**dict.fromkeys(NOISE), **{name: float(about[name]) for name in FINE}}
    bins = bins_of_state(state)
    assert bins is not None
    return least_loss(purity, 2.0, bins)


@pytest.mark.parametrize("purity", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("depth", [30, 60])
def test_a_loss_of_the_stated_size_in_a_gene_is_named(purity: float, depth: float) -> None:
    size = limit(found(2, None, purity, depth, 0)[1], purity)
    assert size is not None
    assert size < 60_000, "no better than bins of the genome"
    rng, named = np.random.default_rng(5), 0
    for seed in range(30):
        start = int(rng.integers(400_000 - FLANK + 10_000, 460_000 + FLANK - 10_000 - size))
        table, _ = found(0, Interval("chr1", start, start + size), purity, depth, seed)
        middle = start + size // 2
        at = table.filter(
            chrom="chr1", call="homozygous_deletion"
        ).filter((pl.col("start") <= middle) & (pl.col("end") > middle))  # fmt: skip
        named += at.height
        if at.height:
            assert abs(at["start"][0] - start) <= 2 * TILE
            assert abs(at["end"][0] - start - size) <= 2 * TILE
    assert named >= 27


@pytest.mark.parametrize("depth", [15, 30, 60, 120])
def test_nothing_is_cut_out_of_a_genome_without_changes(depth: float) -> None:
    for seed in range(20):
        table, _ = found(2, None, 0.6, depth, seed)
        assert table["call"].to_list() == ["neutral"] * 2


def test_one_lost_copy_is_never_called_the_loss_of_both() -> None:
    """At the purity where both are hard to tell apart, whatever the size."""
    for seed, size in enumerate((3_000, 8_000, 20_000, 60_000)):
        lost = Interval("chr1", 400_000, 400_000 + size)
        table, _ = found(1, lost, 0.3, 60, seed)
        assert "homozygous_deletion" not in table["call"].to_list()


@pytest.mark.parametrize("purity", [0.2, 0.35, 0.5])
@pytest.mark.parametrize("error", [0.02, 0.036, 0.06])
@pytest.mark.parametrize("low", [0.0, 1.0, 2.0, 2.9])
def test_a_segment_that_lies_low_by_chance_has_not_lost_both(
    purity: float, error: float, low: float
) -> None:
    """One copy lost, seen by errors too low: such segments are the ones that are cut out."""
    log2 = log2_ratio(1, purity, 2.0) - low * error
    (call,) = as_table(
        [Segment("chr1", 0, 20_000, log2, error, 20, None, 0.05, 0, 2)],
        Fit(purity, purity, purity, 2.0, "copy_number"),
    )["call"]
    assert call != "homozygous_deletion"


@pytest.mark.parametrize(
    ("baf", "high", "call"),
    [
        (None, 0.29, "homozygous_deletion"),
        (0.0, 0.29, "homozygous_deletion"),
        (0.05, 0.29, "homozygous_deletion"),
        (0.065, 0.29, "unknown"),  # the alleles of one parent are fewer: a copy is left
        (0.0, 0.33, "homozygous_deletion"),
        (0.0, 0.45, "unknown"),  # the purity may be such that this depth is one copy's
    ],
)
def test_alleles_and_the_purity_s_interval_have_a_say(
    baf: float | None, high: float, call: str
) -> None:
    """Depth alone says that both copies are lost, at a purity estimated too low."""
    segment = Segment("chr1", 0, 16_000, -0.4375, 0.041, 16, baf, 0.02, 14, 2)
    table = as_table([segment], Fit(0.29, 0.28, high, 2.0, "copy_number"))
    assert table["call"].to_list() == [call]


def test_segments_never_overlap_where_tiles_reach_over_their_borders() -> None:
    """A tile belongs to the segment that holds its middle; its ends may lie beyond."""
    border = 447_313
    parts = [
        Segment("chr1", 0, border, 0.0, 0.01, 22, None, 0.05, 0, 2),
        Segment("chr1", border, 1_500_000, -0.6, 0.01, 53, None, 0.05, 0, 2),
        WHOLE[1],
    ]
    places = pl.DataFrame(
        [(t.contig, t.start, t.end) for t in TILES], schema=["chrom", "start", "end"], orient="row"
    )
    for seed, lost in enumerate(
        (Interval("chr1", border - 9000, border), Interval("chr1", border, border + 9000))
    ):
        both = depths(0, lost, 0.8, 60, seed)
        table = tile_ratios(places, *both, np.full(len(TILES), 0.5), parts)
        out = [s for s in focal(table, parts, SITES)[0] if s.chrom == "chr1"]
        assert len(out) > 2
        assert (out[0].start, out[-1].end) == (0, 1_500_000)
        assert all(a.end == b.start for a, b in pairwise(out))


def test_a_focal_amplification_of_a_short_gene_is_named() -> None:
    table, _ = found(14, Interval("chr2", 895_000, 910_000), 0.5, 60, 1)
    row = table.filter(call="amplification").row(0, named=True)
    assert (row["chrom"], row["total_cn"]) == ("chr2", pytest.approx(14, rel=0.15))
    assert abs(row["start"] - 895_000) <= TILE
    assert abs(row["end"] - 910_000) <= TILE


def test_no_tiles_where_bins_are_small_already() -> None:
    small = [Interval("chr1", a, a + 400) for a in range(0, 40_000, 400)]
    assert tiles_of(GENES, REGIONS, small) == []
    assert tiles_of([], REGIONS, BINS) == []
    assert all(t.end - t.start in (TILE, TILE + 1) for t in TILES)


@given(
    cuts=st.lists(st.integers(1, 299), min_size=2, max_size=8, unique=True),
)
def test_cut_out_segments_still_tile_the_genome(cuts: list[int]) -> None:
    edges = sorted(cuts)
    edges = edges[: len(edges) // 2 * 2]
    pieces = [
        Segment("chr1", a * 5000, b * 5000, -1.0, 0.1, LEAST, None, 0.1, 0, 2)
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]
    out = [s for s in cut_out(WHOLE, pieces) if s.chrom == "chr1"]
    assert (out[0].start, out[-1].end) == (0, 1_500_000)
    assert all(a.end == b.start for a, b in pairwise(out))
    assert [s for s in out if s.log2 == -1.0] == pieces
    assert all(s.bins >= 1 for s in out)


def test_tiles_count_the_bases_that_reads_cover(tmp_path: Path) -> None:
    """Against a count base by base, tiles cut across bins and reads across both."""
    contigs = {"chr1": sequence(9000, 1), "chr2": sequence(5000, 2)}
    rng, lines = np.random.default_rng(3), []
    truth = {name: np.zeros(len(bases)) for name, bases in contigs.items()}
    for name, bases in contigs.items():
        for n, at in enumerate(sorted(rng.integers(0, len(bases) - 100, 400).tolist())):
            lines.append(record(f"{name}{n}", name, at, "100M", bases[at : at + 100]))
            truth[name][at : at + 100] += 1
    fasta = write_reference(tmp_path / "ref.fa", contigs)
    path = str(write_bam(tmp_path / "reads.bam", contigs, lines))
    bins = [Interval("chr1", a, a + 1500) for a in range(0, 9000, 1500)]
    bins += [Interval("chr2", 0, 2500), Interval("chr2", 2500, 5000)]
    tiles = [Interval("chr1", a, a + 330) for a in range(150, 8000, 330)]
    tiles += [Interval("chr2", 1000, 1010), Interval("chr2", 2400, 2600)]
    coarse, fine = mean_depths(path, fasta, bins, 20, tiles)
    for intervals, got in ((bins, coarse), (tiles, fine)):
        wanted = [truth[i.contig][i.start : i.end].mean() for i in intervals]
        assert got == pytest.approx(wanted)
    assert mean_depths(path, fasta, bins, 20)[0] == pytest.approx(coarse)


def test_a_finer_search_gives_a_finer_limit() -> None:
    coarse, fine = Bins(0.05, 20_000.0, 8.7, 3), Bins(0.15, 1000.0, 6.5, LEAST)
    sizes = [(least_loss(p, 2.0, coarse), least_loss(p, 2.0, fine)) for p in (0.4, 0.6, 0.8)]
    for first, second in sizes:
        assert first is not None
        assert second is not None
        assert second < first / 2
