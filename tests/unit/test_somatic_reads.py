"""The somatic engine on awkward reads: what counts as evidence, and what never does."""

from pathlib import Path

import polars as pl
import pytest
from sam_files import record, sequence, write_bam, write_reference

from shirube.calling.somatic.calling import Reads, call_somatic
from shirube.calling.somatic.model import Thresholds
from shirube.genome.intervals import Interval

BASES = sequence(2000, 77)
SITE, LENGTH = 1000, 100
ALT = {"A": "C", "C": "G", "G": "T", "T": "A"}[BASES[SITE]]
MUTATED = BASES[:SITE] + ALT + BASES[SITE + 1 :]
CONTIGS = {"chr1": BASES}


THIRD = next(base for base in "ACGT" if base not in (ALT, BASES[SITE]))


def read(name: str, start: int, changed: bool, flag: int = 0, **more: object) -> str:
    source = MUTATED if changed else BASES
    cigar = str(more.pop("cigar", f"{LENGTH}M"))
    bases = str(more.pop("bases", source[start : start + LENGTH]))
    return record(name, "chr1", start, cigar, bases, flag, **more)  # type: ignore[arg-type]


def plain(prefix: str, count: int, carriers: int, flag: int = 0) -> list[str]:
    """Reads over the site on both strands, the first `carriers` with the allele."""
    return [
        read(
            *(f"{prefix}{n}", SITE - 90 + (n * 13) % 80, n < carriers),
            flag | (16 if n % 2 else 0),
        )
        for n in range(count)
    ]


def spliced(n: int, changed: bool) -> str:
    """A read of two exons: its gap of 300 bases covers no site, its second part holds SITE."""
    first = SITE - 350 - n
    bases = BASES[first : first + 50] + (MUTATED if changed else BASES)[first + 350 : first + 400]
    return read(f"s{n}", first, changed, 16 * (n % 2), cigar="50M300N50M", bases=bases)


def clipped(n: int, changed: bool) -> str:
    """A read whose first 30 bases are adapter, of 70 aligned ones SITE is one."""
    start = SITE - 40 + n
    bases = sequence(30, 5) + (MUTATED if changed else BASES)[start : start + 70]
    return read(f"c{n}", start, changed, 16 * (n % 2), cigar="30S70M", bases=bases)


def overlapping(n: int, changed: bool, agree: bool = True) -> list[str]:
    """Two mates over the site."""
    low, high = SITE - 80 + n, SITE - 40 + n
    return [
        read(f"o{n}", low, changed, 99, mate=("=", high, 140)),
        read(f"o{n}", high, changed and agree, 147, mate=("=", low, -140)),
    ]


def called(folder: Path, tumour: list[str], normal: list[str] | None = None) -> pl.DataFrame:
    fasta = write_reference(folder / "ref.fa", CONTIGS)
    beside = plain("n", 40, 0) if normal is None else normal
    own = str(write_bam(folder / "t.bam", CONTIGS, tumour))
    other = str(write_bam(folder / "n.bam", CONTIGS, beside))
    return call_somatic(Reads(own, other, fasta), [Interval("chr1", 0, 2000)], Thresholds())


@pytest.mark.parametrize(
    ("reads", "counts"),
    [
        (plain("t", 40, 12), (12, 40)),  # no @RG in the header, none in the reads
        ([*plain("t", 40, 12), *plain("d", 40, 40, 1024)], (12, 40)),  # duplicates
        ([*plain("t", 40, 12), *plain("p", 40, 40, 2048)], (12, 40)),  # supplementary
        ([*plain("t", 40, 12), *plain("q", 40, 40, 512)], (12, 40)),  # failed by the machine
        ([*plain("t", 40, 12), *plain("s", 40, 40, 256)], (12, 40)),  # secondary
        ([spliced(n, n % 3 == 0) for n in range(36)], (12, 36)),
        ([clipped(n, n % 3 == 0) for n in range(36)], (12, 36)),
        ([r for n in range(36) for r in overlapping(n, n % 3 == 0)], (12, 36)),
    ],
    ids=[
        *("no-read-group", "duplicates", "supplementary", "qc-failed", "secondary"),
        *("n-cigar", "soft-clips", "overlapping-mates"),
    ],
)
def test_what_counts(tmp_path: Path, reads: list[str], counts: tuple[int, int]) -> None:
    row = called(tmp_path, reads).row(by_predicate=pl.col("pos") == SITE + 1, named=True)
    assert (row["tumour_ad"], row["tumour_dp"]) == counts
    assert (row["ref"], row["alt"], row["filter"]) == (BASES[SITE], ALT, "PASS")


def test_mates_that_disagree_are_no_evidence(tmp_path: Path) -> None:
    reads = [r for n in range(36) for r in overlapping(n, n % 3 == 0, agree=False)]
    found = called(tmp_path, reads).filter(pos=SITE + 1)
    assert found.filter(filter="PASS").is_empty()
    assert found["tumour_ad"].sum() == 0


def test_duplicates_alone_are_no_call(tmp_path: Path) -> None:
    reads = [*plain("t", 40, 0), *plain("d", 40, 40, 1024)]
    assert called(tmp_path, reads).filter(pos=SITE + 1).is_empty()


def test_one_error_in_the_normal_hides_nothing(tmp_path: Path) -> None:
    table = called(tmp_path, plain("t", 180, 32), plain("n", 40, 1))
    row = table.row(by_predicate=pl.col("pos") == SITE + 1, named=True)
    assert (row["filter"], row["normal_ad"], row["normal_dp"]) == ("PASS", 1, 40)


def test_a_third_allele_of_the_normal_hides_nothing(tmp_path: Path) -> None:
    """Its reads are told apart: reference, this allele, another."""
    other = BASES[:SITE] + THIRD + BASES[SITE + 1 :]
    beside = [
        record(f"n{n}", "chr1", s, f"{LENGTH}M", (BASES if n < 2 else other)[s : s + LENGTH], f)
        for n, (s, f) in enumerate((SITE - 90 + (n * 13) % 80, 16 * (n % 2)) for n in range(20))
    ]
    table = called(tmp_path, plain("t", 40, 12), beside)
    row = table.row(by_predicate=pl.col("pos") == SITE + 1, named=True)
    assert (row["alt"], row["filter"]) == (ALT, "PASS")
    assert (row["normal_ref"], row["normal_ad"], row["normal_dp"]) == (2, 0, 20)
    assert (row["tumour_ref"], row["tumour_ad"], row["tumour_dp"]) == (28, 12, 40)


@pytest.mark.parametrize("tumour", [[], plain("t", 40, 12)], ids=["tumour", "normal"])
def test_no_reads_make_no_call(tmp_path: Path, tumour: list[str]) -> None:
    """Without reads in the tumour nothing is seen; without any in the normal nothing passes."""
    table = called(tmp_path, tumour, [])
    assert table.filter(filter="PASS").is_empty()


def test_depth_of_5000(tmp_path: Path) -> None:
    table = called(tmp_path, plain("t", 5000, 100), plain("n", 5000, 0))
    row = table.row(by_predicate=pl.col("pos") == SITE + 1, named=True)
    assert (row["tumour_ad"], row["tumour_dp"]) == (100, 5000)
    assert row["normal_dp"] == 5000
    assert row["filter"] == "PASS"
    assert row["vaf_low"] < 0.02 < row["vaf_high"]
