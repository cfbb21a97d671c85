"""Unit tests of shirube.genome.regions."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirube.errors import InputError
from shirube.genome.intervals import Interval, merged
from shirube.genome.regions import read_bed, run_regions, tiles

CONTIGS = {"chr2": 900, "chr10": 500, "chr1": 1000, "chrUn_1": 300}
INTERVALS = st.lists(
    st.builds(
        lambda contig, start, length: Interval(contig, start, start + length),
        st.sampled_from(["chr1", "chr2"]),
        st.integers(0, 500),
        st.integers(1, 300),
    ),
    max_size=8,
)


def bases(intervals: list[Interval]) -> set[tuple[str, int]]:
    return {(i.contig, base) for i in intervals for base in range(i.start, i.end)}


def test_whole_genome_is_every_canonical_contig_in_karyotype_order() -> None:
    assert [r.contig for r in run_regions(CONTIGS, None)] == ["chr1", "chr2", "chr10"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("chr1\t5\n", "contig, start, end"),  # two columns
        ("chr1\t9\t3\n", "start below end"),  # reversed
        ("chr1\tx\t3\n", "contig, start, end"),  # not a number
        ("chr9\t1\t3\n", "inside the reference"),  # unknown contig
        ("chr1\t1\t3000\n", "inside the reference"),  # past the end
    ],
)
def test_broken_bed_is_named(tmp_path: Path, text: str, reason: str) -> None:
    bed = tmp_path / "regions.bed"
    bed.write_text(text)
    with pytest.raises(InputError, match=reason):
        run_regions(CONTIGS, bed)


def test_bed_comments_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.bed").write_text("# comment\ntrack name=x\nchr1\t0\t10\textra\n\n")
    assert read_bed(tmp_path / "a.bed") == [Interval("chr1", 0, 10)]


@given(INTERVALS)
def test_merged_has_the_same_bases_and_no_neighbours(intervals: list[Interval]) -> None:
    union = merged(intervals)
    assert bases(union) == bases(intervals)
    for left, right in pairwise(union):
        assert (left.contig, left.end) < (right.contig, right.start)


@given(INTERVALS, st.integers(1, 400))
def test_tiles_cover_the_regions_once(intervals: list[Interval], size: int) -> None:
    union = merged(intervals)
    cut = tiles(union, size)
    assert bases(union) <= bases(cut)
    assert len(bases(cut)) == sum(tile.end - tile.start for tile in cut)
    assert all(tile.start // size == (tile.end - 1) // size for tile in cut)


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_interval_name_round_trip(start: int, length: int) -> None:
    interval = Interval("HLA_A", start, start + length)
    assert Interval.from_name(interval.name) == interval
