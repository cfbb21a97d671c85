"""Indels that a pile-up does not show: windows judged by the haplotypes their reads spell."""

import random
from pathlib import Path

import polars as pl
import pytest
from sam_files import record, sequence, write_bam, write_reference

from shirube.calling.germline.calling import intervals_by_copies, tile_records
from shirube.calling.germline.engines import Settings
from shirube.calling.germline.gvcf import RECORDS
from shirube.calling.germline.resolve import possible, trimmed
from shirube.genome.regions import Interval
from shirube.reads.haplotypes import differences
from shirube.reads.reference import code

SIZE, LENGTH, SITE = 3000, 150, 1500
BASES = sequence(SIZE, 21)
SETTINGS = Settings(min_mapq=20, min_baseq=13, max_depth=8000)
CONTIGS = {"chr1": BASES}


def aligned(name: str, bases: str, start: int, at: int, gained: int, flag: int) -> str:
    """A read that an aligner clips at an insertion of `gained` bases after `at` (haplotype places).

    `start` is where it begins on the haplotype; the longer side is aligned, the other clipped.
    """
    left = min(max(at - start, 0), LENGTH)
    right = min(max(start + LENGTH - at - gained, 0), LENGTH)
    if not gained or left == LENGTH:
        return record(name, "chr1", start, f"{LENGTH}M", bases, flag)
    if right == LENGTH:
        return record(name, "chr1", start - gained, f"{LENGTH}M", bases, flag)
    if left >= right:
        return record(name, "chr1", start, f"{left}M{LENGTH - left}S", bases, flag)
    return record(name, "chr1", at, f"{LENGTH - right}S{right}M", bases, flag)


def person(inserted: str, copies: int, depth: int = 36) -> list[str]:
    """Reads of a person with `copies` of an insertion after SITE, and errors as they are met."""
    rng = random.Random(len(inserted) + copies)
    changed = BASES[:SITE] + inserted + BASES[SITE:]
    out = []
    for n in range(depth * SIZE // LENGTH):
        own = rng.random() < copies / 2
        source = changed if own else BASES
        start = rng.randrange(len(source) - LENGTH)
        bases = "".join(
            rng.choice("ACGT") if rng.random() < 0.002 else b
            for b in source[start : start + LENGTH]
        )
        gained = len(inserted) if own else 0
        flag = 16 if rng.random() < 0.5 else 0
        out.append(aligned(f"r{n}", bases, start, SITE, gained, flag))
    return out


def called(folder: Path, reads: list[str], tiles: int = 1) -> pl.DataFrame:
    fasta = write_reference(folder / "ref.fa", CONTIGS)
    bam = write_bam(folder / "reads.bam", CONTIGS, reads)
    whole, parts = [Interval("chr1", 0, SIZE)], []
    for n in range(tiles):
        tile = Interval("chr1", n * SIZE // tiles, (n + 1) * SIZE // tiles)
        pieces = intervals_by_copies([tile], whole, "XX", {}, {"chr1": SIZE})
        parts.append(tile_records("bcftools", bam, fasta, pieces, None, SETTINGS)[1])
    return pl.concat(parts)


def tandem(size: int) -> str:
    return BASES[SITE - size : SITE]


@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("size", [18, 25, 33, 40, 43, 46, 49, 60])
@pytest.mark.parametrize("kind", ["novel", "tandem"])
def test_insertions_that_alignments_clip(tmp_path: Path, kind: str, size: int, copies: int) -> None:
    """Between the largest gap of an aligner and the smallest structural event."""
    inserted = sequence(size, 300 + size) if kind == "novel" else tandem(size)
    table = called(tmp_path, person(inserted, copies)).filter("called")
    longer = [row for row in table.iter_rows(named=True) if len(row["alt"]) > len(row["ref"])]
    assert len(longer) == 1
    row = longer[0]
    made = BASES[: row["start"]] + row["alt"] + BASES[row["end"] :]
    assert made == BASES[:SITE] + inserted + BASES[SITE:]
    assert row["gt"] == ("0/1" if copies == 1 else "1/1")
    assert row["gq"] >= 20
    without, with_allele = map(int, row["extra"].split(":")[0].split(","))
    share = with_allele / (without + with_allele)
    # The longer haplotype has more fragments that tell.
    assert 0.3 <= share <= 0.8 if copies == 1 else share >= 0.9


def test_where_a_run_is_cut_leaves_no_trace(tmp_path: Path) -> None:
    reads = person(tandem(46), 1)
    whole = called(tmp_path, reads).filter("called")
    for tiles in (2, 7):
        assert called(tmp_path, reads, tiles).filter("called").equals(whole)


def test_blocks_and_records_share_no_first_base_and_leave_no_gap(tmp_path: Path) -> None:
    table = called(tmp_path, person(tandem(46), 1))
    assert table.schema == RECORDS
    assert table["start"].is_sorted()
    assert table["start"].n_unique() == table.height
    blocks = table.filter(~pl.col("called"))
    covered = set()
    for start, end in blocks.select("start", "end").iter_rows():
        assert covered.isdisjoint(range(start, end))
        covered.update(range(start, end))
    inside = set(range(200, SIZE - 200)) - covered
    assert inside == set(table.filter("called")["start"].to_list()) & inside


def test_reads_without_a_variant_stay_as_they_are(tmp_path: Path) -> None:
    assert called(tmp_path, person("", 0)).filter("called").is_empty()


@pytest.mark.parametrize(
    ("haplotype", "reference", "found"),
    [
        ("ACGTACGT", "ACGTACGT", []),
        ("ACGAACGT", "ACGTACGT", [(3, 1, "A")]),
        ("ACGTTTACGT", "ACGTACGT", [(3, 0, "TT")]),
        ("ACGT", "ACGTACGT", [(0, 4, "")]),
        ("AACCTTGGATCA", "AACCTTGATCA", [(6, 0, "G")]),
    ],
)
def test_differences_lie_as_far_left_as_they_go(
    haplotype: str, reference: str, found: list[tuple[int, int, str]]
) -> None:
    rows = differences(code(haplotype), code(reference)).tolist()
    said = [(at, deleted, haplotype[low:high]) for at, deleted, low, high in rows]
    assert said == found


def test_differences_rebuild_the_haplotype() -> None:
    rng = random.Random(5)
    for _ in range(200):
        reference = "".join(rng.choice("ACGT") for _ in range(rng.randint(1, 60)))
        haplotype = "".join(
            b if rng.random() > 0.1 else rng.choice(["", "A", "CG", "TTT"]) for b in reference
        )
        made, at = "", 0
        for first, deleted, low, high in differences(code(haplotype), code(reference)).tolist():
            made += reference[at:first] + haplotype[low:high]
            at = first + deleted
        assert made + reference[at:] == haplotype


def test_alleles_are_trimmed_to_one_base_before_an_indel() -> None:
    assert trimmed(10, "CAA", "CA") == (10, "CA", "C")
    assert trimmed(10, "CAT", "CGT") == (11, "A", "G")
    assert trimmed(10, "TC", "TCA") == (11, "C", "CA")


@pytest.mark.parametrize(
    ("alleles", "copies", "fits"),
    [
        ({}, 2, True),
        ({(5, "A", "C"): 2}, 2, True),
        ({(5, "A", "C"): 2}, 1, False),
        ({(5, "A", "C"): 1, (5, "A", "G"): 1}, 2, True),
        ({(5, "A", "C"): 2, (5, "A", "G"): 1}, 2, False),
        ({(4, "TA", "T"): 1, (5, "A", "C"): 1}, 2, True),  # the deletion is of the other chromosome
        ({(4, "TA", "T"): 1, (5, "A", "C"): 2}, 2, False),
        ({(4, "TAAA", "T"): 1, (4, "TA", "T"): 1, (7, "A", "C"): 1}, 2, True),
        ({(4, "TAAA", "T"): 1, (4, "TAA", "T"): 1, (5, "A", "C"): 2}, 2, False),
        ({(4, "T", "TA"): 2, (4, "T", "C"): 2, (5, "A", "C"): 2}, 2, True),  # changes no base
        ({(4, "TA", "T"): 2, (4, "T", "C"): 2}, 2, True),  # the anchor stays
    ],
)
def test_what_a_caller_says_can_be_true_of_so_many_chromosomes(
    alleles: dict[tuple[int, str, str], int], copies: int, fits: bool
) -> None:
    assert possible(alleles, copies) is fits
