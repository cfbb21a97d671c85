"""Structural calling grows with the reads: its work, its memory, and the programs it starts."""

import random
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from made_junctions import made_junctions, made_reference
from sam_files import record, sequence, write_bam, write_reference

from shirube.calling.structural.adjacency import Reference
from shirube.calling.structural.calling import Limits, Sample, adjacencies, call_structural
from shirube.reads import bam
from shirube.reads.junctions import Breakend, Junction, depths_at

LIMITS = Limits()
SMALL, LARGE = 3.0, 6.0
Made = dict[float, tuple[str, list[Junction]]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Reference and junctions of a genome and of one twice its size."""
    folder = tmp_path_factory.mktemp("made")
    out = {}
    for size in (SMALL, LARGE):
        fasta = made_reference(folder / f"{size}.fa", size)
        out[size] = fasta, list(made_junctions(fasta, size))
    return out


def called(fasta: str, found: list[Junction]) -> pl.DataFrame:
    both = Sample(found, LIMITS.min_mapq), Sample(found, LIMITS.min_mapq)
    return call_structural(*both, Reference(fasta), lambda *_: 30, LIMITS)


def calls(work: Callable[[], object]) -> int:
    """Functions called, Python's and others': work that no clock disturbs."""
    count = 0

    def count_one(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(count_one)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_twice_the_genome_is_twice_the_work(made: Made) -> None:
    called(*made[SMALL])
    few, many = (calls(lambda size=size: called(*made[size])) for size in (SMALL, LARGE))
    assert many / few <= 2.1


def test_twice_the_genome_takes_twice_the_time(made: Made) -> None:
    """Arrays compared with arrays are no calls: the processor's time says they stay windows."""
    least = dict.fromkeys((SMALL, LARGE), float("inf"))
    for _ in range(4):
        for size in least:
            start = time.process_time()
            called(*made[size])
            least[size] = min(least[size], time.process_time() - start)
    assert least[LARGE] / least[SMALL] <= 2.4


def test_a_junction_is_kept_in_few_bytes(made: Made) -> None:
    fasta, found = made[LARGE]
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    sample = Sample(iter(found), LIMITS.min_mapq)
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert kept / len(found) <= 100
    assert adjacencies(sample, Reference(fasta), LIMITS)


def test_every_planted_event_is_called_once(made: Made) -> None:
    for size, (fasta, found) in made.items():
        table = called(fasta, found).filter(filter="PASS")
        planted = int(size * 12)
        assert (table["svtype"] == "INS").sum() == planted
        assert (table["svtype"] != "INS").sum() == planted


def test_depth_is_one_pass_and_counts_fragments(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    contigs = {"chr2": sequence(3000, 5), "chr1": sequence(3000, 6)}  # not in order of name
    fasta = write_reference(tmp_path / "r.fa", contigs)
    source, lines, over = random.Random(3), [], Counter[tuple[str, int]]()
    for n in range(400):
        contig, start = source.choice(list(contigs)), source.randrange(2700)
        reads = [start, start + source.randrange(150)] if n % 2 else [start]
        mapq = source.choice((10, 60))
        for at in reads:
            bases = contigs[contig][at : at + 100]
            lines.append(record(f"f{n}", contig, at, "100M", bases, mapq=mapq))
        if mapq == 60:
            over.update({(contig, p) for at in reads for p in range(at, at + 100)})
    path = write_bam(tmp_path / "t.bam", contigs, lines)
    started, piped = [], bam.piped
    monkeypatch.setattr(bam, "piped", lambda *c: started.append(c) or piped(*c))
    ends = [
        Breakend(source.choice(list(contigs)), source.randrange(1, 3001), source.choice("+-"))
        for _ in range(300)
    ]
    found = depths_at(path, fasta, ends, 20)
    assert found == {end: over[end.contig, end.pos - 1] for end in ends}
    assert len(started) == 1
