"""Burden and microsatellite instability, with what makes them unknown."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sam_files import record, sequence, write_bam, write_reference

from shirube.calling.somatic.markers import (
    burden,
    contexts,
    differs,
    discoveries,
    inside,
    instability,
    length_pairs,
)
from shirube.contracts import CHROM
from shirube.genome.intervals import Interval
from shirube.reads.reference import code
from shirube.reads.repeats import LENGTHS, repeats


@pytest.mark.parametrize(
    ("count", "bases", "paired", "call"),
    [
        (60, 2_000_000, True, "high"),
        (4, 2_000_000, True, "low"),
        (20, 2_000_000, True, "unknown"),  # the interval holds 10
        (60, 2_000_000, False, "unknown"),  # germline alleles are in it
        (10, 100_000, True, "unknown"),  # too small
    ],
)
def test_burden_is_named_only_where_its_interval_allows(
    count: int, bases: int, paired: bool, call: str
) -> None:
    row = burden(count, bases, paired)
    assert row["call"] == call
    assert row["value"] == pytest.approx(count / bases * 1e6)
    assert row["low"] < row["value"] < row["high"]


def test_burden_without_callable_bases_is_unknown() -> None:
    assert burden(3, 0, True)["value"] is None
    assert burden(0, 1_000_000, True)["low"] == 0.0


def test_only_alleles_in_the_territory_count() -> None:
    table = pl.DataFrame({"chrom": ["chr1", "chr1", "chr2"], "pos": [10, 11, 5]})
    assert inside(table, [Interval("1", 0, 10)], {"chr1": "1", "chr2": "2"}) == 1


def lengths(*pairs: tuple[int, int]) -> np.ndarray:
    out = np.zeros(LENGTHS, np.int32)
    for length, count in pairs:
        out[length] = count
    return out


def test_instability() -> None:
    same, shorter = lengths((12, 30), (11, 3)), lengths((12, 12), (10, 20))
    assert differs(same, same) > 0.9
    assert differs(same, shorter) < 1e-4
    stable = instability([(same, same)] * 40)
    assert (stable["value"], stable["call"]) == (0.0, "stable")
    unstable = instability([(shorter, same)] * 30 + [(same, same)] * 10)
    assert (unstable["value"], unstable["call"]) == (0.75, "high")
    few = instability([(same, same)] * 9 + [(lengths((12, 5)), same)] * 50)
    assert (few["value"], few["call"]) == (None, "unknown")


def test_benjamini_hochberg() -> None:
    p = np.array([0.001, 0.3, 0.012, 0.02, 0.9])
    assert discoveries(p, 0.05).tolist() == [True, False, True, True, False]
    assert not discoveries(np.array([0.2, 0.6]), 0.05).any()


def test_repeats_of_the_reference() -> None:
    text = "GATCGATC" + "A" * 9 + "GCTCGATC" + "CA" * 6 + "GTTCG" + "A" * 7 + "CGGTACGT"
    found = repeats(code(text), Interval("chr1", 100, 100 + len(text)))
    assert [(r.start - 100, r.end - r.start, r.unit) for r in found] == [(8, 9, 1), (25, 12, 2)]


def test_lengths_are_read_from_spanning_reads(tmp_path: Path) -> None:
    bases = sequence(200, 3) + "A" * 12 + sequence(200, 4)
    start = bases.index("A" * 12)
    contigs = {"chr1": bases}
    fasta = write_reference(tmp_path / "r.fa", contigs)
    whole = [
        record(f"w{n}", "chr1", start - 40, "100M", bases[start - 40 : start + 60])
        for n in range(20)
    ]
    cut = bases[: start + 1] + bases[start + 3 :]
    short = [
        record(f"s{n}", "chr1", start - 40, "41M2D57M", cut[start - 40 : start + 58])
        for n in range(20)
    ]
    partial = [record("p", "chr1", start - 95, "100M", bases[start - 95 : start + 5])]
    tumour = write_bam(tmp_path / "t.bam", contigs, whole + short + partial)
    normal = write_bam(tmp_path / "n.bam", contigs, whole)
    pairs = length_pairs(tumour, normal, fasta, [Interval("chr1", 0, len(bases))], 20)
    spans = [(t.nonzero()[0].tolist(), int(t.sum()), int(n.sum())) for t, n in pairs if t.sum()]
    size = len(bases[start:]) - len(bases[start:].lstrip("A"))
    assert ([size - 2, size], 40, 20) in spans


TRACTS, TRACT, APART = 60, 12, 160


def repeats_genome() -> tuple[str, list[int]]:
    """Bases with runs of A, and where each begins."""
    bases, starts = sequence(APART, 900), []
    for n in range(TRACTS):
        bases += "G"
        starts.append(len(bases))
        bases += "A" * TRACT + "C" + sequence(APART, n)
    return bases, starts


def spanning(
    bases: str, starts: list[int], shortened: dict[int, float], seed: int, depth: int = 40
) -> list[str]:
    """Reads over every run; a share of them lacks two bases of it, 3% by slippage anywhere."""
    rng, lines = np.random.default_rng(seed), []
    for run, start in enumerate(starts):
        for n in range(depth):
            first = start - int(rng.integers(20, 60))
            kept = start - first + 1
            if rng.random() < max(shortened.get(run, 0.0), 0.03):
                text = bases[first : first + kept] + bases[first + kept + 2 : first + 102]
                cigar = f"{kept}M2D{100 - kept}M"
            else:
                text, cigar = bases[first : first + 100], "100M"
            lines.append(record(f"r{run}_{n}", "chr1", first, cigar, text, 16 * (n % 2)))
    return lines


@pytest.mark.parametrize(
    ("share", "fraction", "wanted"),
    [(0.0, 0.0, "stable"), (0.02, 0.4, "stable"), (0.4, 0.3, "high"), (0.8, 0.5, "high")],
)
def test_planted_instability_is_measured_from_reads(
    tmp_path: Path, share: float, fraction: float, wanted: str
) -> None:
    """Two bases lost from a share of the microsatellites, in a fraction of the tumour's reads."""
    bases, starts = repeats_genome()
    contigs = {"chr1": bases}
    fasta = write_reference(tmp_path / "r.fa", contigs)
    planted = dict.fromkeys(range(round(share * TRACTS)), fraction)
    tumour = write_bam(tmp_path / "t.bam", contigs, spanning(bases, starts, planted, 1))
    normal = write_bam(tmp_path / "n.bam", contigs, spanning(bases, starts, {}, 2))
    row = instability(length_pairs(tumour, normal, fasta, [Interval("chr1", 0, len(bases))], 20))
    assert row["call"] == wanted, row
    assert row["value"] == pytest.approx(share, abs=0.08)
    assert row["low"] <= row["value"] <= row["high"]


def test_contexts_are_of_the_pyrimidine(tmp_path: Path) -> None:
    fasta = write_reference(tmp_path / "r.fa", {"chr1": "ACGTTGCA"})
    snvs = pl.DataFrame(
        {"chrom": ["chr1"] * 2, "pos": [2, 3], "ref": ["C", "G"], "alt": ["T", "A"]},
        schema_overrides={"chrom": CHROM},
    )
    assert contexts(snvs, fasta, {"chr1": "chr1"}) == {"A[C>T]G": 2}
