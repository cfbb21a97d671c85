"""Structural truth: variants planted in real reads, for every engine that is installed."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from accuracy_rows import Row
from planted_sv import Case, Event, Source, replicate

from shirube.calling.structural.adjacency import Reference
from shirube.calling.structural.calling import Limits, Sample, call_structural
from shirube.calling.structural.engines import ENGINES, Job
from shirube.genome.intervals import Interval
from shirube.reads.junctions import Breakend, sample_junctions
from shirube.tools import located

SEEDS, NEAR = (1, 2, 3, 4), 10
# An event is callable with this many molecules that cross its breakends: the least support the
# caller asks for, and two that may show it neither by their mates nor by a clipped end.
MIN_CARRIERS = Limits().min_support + 2
PROGRAM = {"delly": "delly", "manta": "configManta.py"}


def sources(realdata: Path) -> list[Source]:
    """NA12878 on chr20 and, for partners of translocations, HCC1395BL on chr17."""
    chr20, chr17 = realdata / "na12878-chr20", realdata / "hcc1395-chr17/aligned_here"
    return [
        Source(
            chr20 / "NA12878_S1.chr20.10_10p1mb.bam",
            str(chr20 / "ucsc.hg19.chr20.unittest.fasta.gz"),
            (Interval("chr20", 10_000_000, 10_100_000),),
        ),
        Source(
            chr17 / "HCC1395BL.normal.grch38.bam",
            str(realdata / "ref-grch38-chr17/chr17.tp53_brca1.fa.gz"),
            (
                Interval("chr17", 7_662_000, 7_688_000),
                Interval("chr17", 43_042_000, 43_126_000),
            ),
        ),
    ]


def installed() -> list[str]:
    """Engines of structural variants that are there."""
    return ["embedded", *(name for name, program in PROGRAM.items() if located(program))]


def called(engine: str, tumour: str, normal: str, case: Case, scratch: Path) -> pl.DataFrame:
    """Passing somatic events of one engine, as the workflow makes them."""
    limits = Limits()
    if engine == "embedded":
        arguments = (limits.min_mapq, limits.max_insert, limits.min_clip)
        pair = (
            Sample(sample_junctions(p, case.reference, case.regions, *arguments), limits.min_mapq)
            for p in (tumour, normal)
        )
        table = call_structural(*pair, Reference(case.reference), lambda *_: 0, limits)
    else:
        with tempfile.TemporaryDirectory(dir=scratch) as own:
            job = Job(
                *(tumour, normal, case.reference, case.regions, limits, False, None, Path(own))
            )
            table = ENGINES[engine](job)
    return table.filter(filter="PASS", origin="somatic")


@dataclass(frozen=True)
class Judged:
    """One planted adjacency and whether it was called."""

    event: Event
    carriers: int
    found: bool


def _is(row: dict[str, object], truth: tuple[Breakend, Breakend]) -> bool:
    """Whether a row is the adjacency: both breakends within NEAR bases, strands equal."""
    return all(
        any(
            (row[f"chrom{s}"], row[f"strand{s}"]) == (end.contig, end.strand)
            and abs(int(str(row[f"pos{s}"])) - end.pos) <= NEAR
            for s in "12"
        )
        for end in truth
    )


def judged(events: Sequence[Event], table: pl.DataFrame) -> tuple[list[Judged], int]:
    """Every planted adjacency, and how many calls are none of them."""
    rows = table.to_dicts()
    out, known = [], set()
    for event in events:
        for join, truth in zip(event.joins, event.truth, strict=True):
            same = {n for n, row in enumerate(rows) if _is(row, truth)}
            known |= same
            out.append(Judged(event, join.carriers, bool(same)))
    return out, len(rows) - len(known)


def planted(realdata: Path, seeds: Sequence[int] = SEEDS) -> list[Row]:
    """Planted deletions, duplications, inversions (both junctions) and translocations.

    Per engine one row a type of the callable adjacencies, one of all of them with the calls
    nobody planted, one of those with fewer carriers, and the unedited halves (negatives).
    """
    engines = installed()
    found: dict[str, list[Judged]] = {engine: [] for engine in engines}
    extra, negative = dict.fromkeys(engines, 0), dict.fromkeys(engines, 0)
    for seed in seeds:
        with tempfile.TemporaryDirectory() as directory:
            case = replicate(sources(realdata), seed, Path(directory))
            for engine in engines:
                where = (case.normal, case, Path(directory))
                own, wrong = judged(case.events, called(engine, case.tumour, *where))
                found[engine] += own
                extra[engine] += wrong
                negative[engine] += called(engine, case.plain, *where).height
    rows = []
    for engine in engines:
        able = [j for j in found[engine] if j.carriers >= MIN_CARRIERS]
        few = [j for j in found[engine] if j.carriers < MIN_CARRIERS]
        for kind in ("DEL", "DUP", "INV", "BND"):
            rows.append(_row("planted-sv", engine, kind, [j for j in able if j.event.kind == kind]))
        note = f"VAF 10-50%, >= {MIN_CARRIERS} molecules, {len(seeds)} replicates"
        rows.append(_row("planted-sv", engine, "all", able, extra[engine], note))
        rows.append(_row("planted-sv (few molecules)", engine, "all", few))
        rows.append(Row("planted-sv-negatives", engine, "all", 0, negative[engine], 0))
    return rows


def _row(
    name: str, engine: str, kind: str, rows: Sequence[Judged], wrong: int = 0, note: str = ""
) -> Row:
    right = sum(j.found for j in rows)
    return Row(name, engine, kind, right, wrong, len(rows) - right, None, note)


TRUTH_SETS = [planted]
