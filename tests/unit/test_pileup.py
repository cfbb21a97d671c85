"""Counting of alleles: which reads count, how often, and for what."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sam_files import record, sequence, tiled, write_bam, write_reference

from shirube.genome.intervals import Interval
from shirube.reads.bam import Batch, read_windows, windows
from shirube.reads.indels import Indel, indel_counts, left_aligned, observe_indel, roll
from shirube.reads.pileup import base_counts, observe_bases
from shirube.reads.reference import CODE, LETTER

BASES = sequence(1000)
CODES = CODE[np.frombuffer(BASES.encode(), np.uint8)]


def batch(tmp_path: Path, records: list[str], header: str = "") -> Batch:
    contigs = {"chr1": BASES}
    bam = write_bam(tmp_path / "reads.bam", contigs, records, header)
    return next(iter(read_windows(bam, "no CRAM, no FASTA", [Interval("chr1", 0, 1000)], 0)))[0]


def read(name: str, start: int, length: int = 50, **more: int) -> str:
    return record(name, "chr1", start, f"{length}M", BASES[start : start + length], **more)


def other(base: str) -> str:
    return LETTER[(LETTER.index(base) + 1) % 4]


@pytest.mark.parametrize(
    ("flag", "mapq", "counted"),
    [
        (0, 60, True),
        (16, 60, True),
        (256, 60, False),  # secondary
        (512, 60, False),  # failed quality control
        (1024, 60, False),  # duplicate
        (2048, 60, False),  # supplementary
        (0, 19, False),  # ambiguous place
    ],
)
def test_only_evidence_is_counted(tmp_path: Path, flag: int, mapq: int, counted: bool) -> None:
    reads = batch(tmp_path, [read("a", 100, flag=flag, mapq=mapq)])
    assert base_counts(reads, 0, 1000, 20, 13).sum() == 50 * counted
    assert len(observe_bases(reads, np.array([120], np.int32), 20, 13)) == counted


def test_reads_without_read_group_and_without_qualities_count(tmp_path: Path) -> None:
    line = read("a", 100).split("\t")
    line[10] = "*"
    reads = batch(tmp_path, ["\t".join(line)])
    assert observe_bases(reads, np.array([120], np.int32), 20, 13)["for_ref"].tolist() == [25]


def test_no_reads_give_no_counts(tmp_path: Path) -> None:
    reads = batch(tmp_path, [])
    assert len(reads) == 0
    assert not base_counts(reads, 0, 1000, 20, 13).any()
    assert len(observe_bases(reads, np.array([5], np.int32), 20, 13)) == 0
    assert not indel_counts(reads, CODES, 0, 20)


def test_low_quality_bases_are_not_counted(tmp_path: Path) -> None:
    reads = batch(tmp_path, [read("a", 100, quality=12), read("b", 100, quality=13)])
    assert base_counts(reads, 100, 101, 20, 13).sum() == 1


def test_overlapping_mates_count_once_and_not_if_they_disagree(tmp_path: Path) -> None:
    site = 120
    wrong = BASES[100:site] + other(BASES[site]) + BASES[site + 1 : 150]
    lines = [
        record("same", "chr1", 100, "50M", BASES[100:150], 99, mate=("=", 110, 60)),
        record("same", "chr1", 110, "50M", BASES[110:160], 147, mate=("=", 100, -60)),
        record("clash", "chr1", 100, "50M", wrong, 99, mate=("=", 110, 60)),
        record("clash", "chr1", 110, "50M", BASES[110:160], 147, mate=("=", 100, -60)),
    ]
    rows = observe_bases(batch(tmp_path, lines), np.array([site], np.int32), 20, 13)
    assert len(rows) == 1
    assert rows["allele"][0] == CODES[site]


def test_spliced_reads_count_on_both_sides_and_not_between(tmp_path: Path) -> None:
    line = record("a", "chr1", 100, "20M500N20M", BASES[100:120] + BASES[620:640])
    counts = base_counts(batch(tmp_path, [line]), 0, 1000, 20, 13).sum(axis=1)
    assert np.flatnonzero(counts).tolist() == [*range(100, 120), *range(620, 640)]
    sites = np.array([110, 300, 630], np.int32)
    assert observe_bases(batch(tmp_path, [line]), sites, 20, 13)["site"].tolist() == [0, 2]


def test_soft_clipped_bases_are_no_bases_of_the_site(tmp_path: Path) -> None:
    line = record("a", "chr1", 110, "10S40M", "A" * 10 + BASES[110:150])
    counts = base_counts(batch(tmp_path, [line]), 0, 1000, 20, 13).sum(axis=1)
    assert np.flatnonzero(counts).tolist() == list(range(110, 150))


def test_distance_to_the_end_is_that_of_the_alignment(tmp_path: Path) -> None:
    line = record("a", "chr1", 110, "10S40M", "A" * 10 + BASES[110:150])
    rows = observe_bases(batch(tmp_path, [line]), np.array([112, 149], np.int32), 20, 13)
    assert rows["edge"].tolist() == [2, 0]


def test_depth_5000(tmp_path: Path) -> None:
    site, lines = 500, []
    changed = BASES[:site] + other(BASES[site]) + BASES[site + 1 :]
    for n in range(5000):
        source, start = (changed if n % 100 == 0 else BASES), 420 + n % 70
        lines.append(record(f"r{n}", "chr1", start, "100M", source[start : start + 100]))
    rows = observe_bases(batch(tmp_path, lines), np.array([site], np.int32), 20, 13)
    assert len(rows) == 5000
    assert (rows["allele"] != CODES[site]).sum() == 50


def test_windows_hold_every_read_that_touches_them(tmp_path: Path) -> None:
    contigs = {"chr1": BASES, "chr2": sequence(500, 2)}
    lines = tiled("chr1", BASES, 10) + tiled("chr2", contigs["chr2"], 5, prefix="s")
    bam = write_bam(tmp_path / "reads.bam", contigs, lines)
    fasta = write_reference(tmp_path / "reference.fa", contigs)
    whole = next(iter(read_windows(bam, fasta, [Interval("chr1", 0, 1000)], 0)))[0]
    cut = windows([Interval("chr1", 0, 1000)], 130)
    for window, (part, names) in zip(cut, read_windows(bam, fasta, cut, 7), strict=True):
        touching = (whole.start < window.end + 7) & (whole.end > window.start - 7)
        assert part.start.tolist() == whole.start[touching].tolist()
        assert names == ["chr1", "chr2"]


def _apply(indel: Indel, bases: str) -> str:
    at = indel.anchor + 1
    return bases[:at] + indel.inserted + bases[at + indel.deleted :]


repeats = st.lists(
    st.tuples(st.text("ACGT", min_size=1, max_size=4), st.integers(1, 6)), min_size=3, max_size=8
).map(lambda parts: "".join(unit * times for unit, times in parts))


@given(repeats, st.data())
def test_left_alignment_keeps_the_sequence_and_is_leftmost(bases: str, data: st.DataObject) -> None:
    codes = CODE[np.frombuffer(bases.encode(), np.uint8)]
    size = data.draw(st.integers(1, 5))
    if data.draw(st.booleans()) and len(bases) > size + 2:
        indel = Indel(data.draw(st.integers(0, len(bases) - size - 2)), size, "")
    else:
        text = data.draw(st.text("ACGT", min_size=size, max_size=size))
        indel = Indel(data.draw(st.integers(0, len(bases) - 2)), 0, text)
    moved = left_aligned(indel, codes, 0)
    assert _apply(moved, bases) == _apply(indel, bases)
    for anchor in range(moved.anchor):
        unit = bases[anchor + 1 : anchor + 1 + indel.deleted]
        wanted = _apply(indel, bases)
        if indel.deleted:
            assert _apply(Indel(anchor, indel.deleted, ""), bases) != wanted, unit
        else:
            text = wanted[anchor + 1 : anchor + 1 + size]
            assert _apply(Indel(anchor, 0, text), bases) != wanted
    steps = roll(moved, codes, 0)
    assert indel.anchor - moved.anchor <= steps


@pytest.mark.parametrize("indel", [Indel(499, 3, ""), Indel(499, 0, "GATTACA"), Indel(499, 40, "")])
@pytest.mark.parametrize("inside", [9, 25, 50, 75, 91])
def test_reads_count_for_an_indel_even_if_clipped(
    tmp_path: Path, indel: Indel, inside: int
) -> None:
    indel = left_aligned(indel, CODES, 0)
    changed = _apply(indel, BASES)
    start = indel.anchor + 1 - inside
    lines = [record("ref", "chr1", start, "100M", BASES[start : start + 100])]
    clip = 100 - inside
    bases = changed[start : start + 100]
    lines.append(record("right", "chr1", start, f"{inside}M{clip}S", bases))
    rows = observe_indel(batch(tmp_path, lines), indel, CODES, 0, 20)
    by_read = dict(zip(rows["read"].tolist(), rows["allele"].tolist(), strict=True))
    assert sorted(by_read.values()) == [0, 1]


def test_a_read_that_ends_inside_a_repeat_says_nothing(tmp_path: Path) -> None:
    reference = BASES[:500] + "CACACACACACA" + BASES[500:900]
    codes = CODE[np.frombuffer(reference.encode(), np.uint8)]
    indel = left_aligned(Indel(503, 2, ""), codes, 0)
    contigs = {"chr1": reference}
    line = record("a", "chr1", 450, "58M", reference[450:508])
    bam = write_bam(tmp_path / "a.bam", contigs, [line])
    fasta = write_reference(tmp_path / "a.fa", contigs)
    reads = next(iter(read_windows(bam, fasta, [Interval("chr1", 0, 900)], 0)))[0]
    assert observe_indel(reads, indel, codes, 0, 20)["allele"].tolist() == [-1]


def test_no_windows_need_no_file() -> None:
    assert list(read_windows("absent.bam", "absent.fa", [], 0)) == []
