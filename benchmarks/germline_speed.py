"""Germline calling beside the bare `bcftools mpileup | call`, and two cores beside one.

    python benchmarks/germline_speed.py --out benchmarks/out/germline_speed.json

Real reads: NA12878, 100 kb at 52x. The bare command writes the variants of the region to BCF; ours
calls the same region, makes reference blocks and writes them too. Both start the same launchers;
the Python that runs this is already up. Two cores: two jobs of half the region at once, beside
one after the other. Every figure is the best of several rounds, taken in turn.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

sys.path[:0] = [str(Path(__file__).with_name("lib"))]

from accuracy_germline import SETTINGS, SLICE  # noqa: E402

from shirube.calling.germline import (  # noqa: E402
    gather,
    intervals_by_copies,
    tile_records,
    write_tile,
)
from shirube.regions import Interval, read_contigs  # noqa: E402
from shirube.tools import piped  # noqa: E402


def bare(reads: str, reference: str, region: Interval, out: Path) -> None:
    """`bcftools mpileup | bcftools call`, as its manual has it, with our thresholds."""
    pileup = ["bcftools", "mpileup", "-Ou", "-f", reference, "-r", region.region, "--indels-2.0"]
    pileup += ["-a", "AD,DP,SP", "-q", str(SETTINGS.min_mapq), "-Q", str(SETTINGS.min_baseq)]
    pileup += ["-d", str(SETTINGS.max_depth), "-L", str(SETTINGS.max_depth), reads]
    with piped(pileup, ["bcftools", "call", "-mv", "-Ob", "-o", str(out / "bare.bcf")]) as stream:
        stream.read()


def ours(reads: str, reference: str, region: Interval, out: Path) -> None:
    """The tile of a job: called, turned into blocks, written."""
    contigs = read_contigs(f"{reference}.fai")
    pieces = intervals_by_copies([region], [region], "XX", {}, contigs)
    lines, table = tile_records("bcftools", reads, reference, pieces, None, SETTINGS)
    write_tile(out / f"{region.name}.bcf", lines, table, contigs)


def whole(reads: str, reference: str, region: Interval, out: Path) -> None:
    """The tile, and the gVCF gathered from it."""
    ours(reads, reference, region, out)
    contigs = read_contigs(f"{reference}.fai")
    gather([out / f"{region.name}.bcf"], contigs, "S", out / "s.g.vcf.gz")


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _half(arguments: tuple[str, str, Interval, Path]) -> None:
    ours(*arguments)


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--realdata", type=Path, default=Path(os.environ.get("REALDATA", "../shared/realdata"))
    )
    args = parser.parse_args()
    folder = args.realdata / "na12878-chr20"
    if not folder.is_dir():
        print(f"germline_speed: no real data at {args.realdata}; nothing measured")
        return 0
    reads = str(folder / "NA12878_S1.chr20.10_10p1mb.bam")
    reference = str(folder / "ucsc.hg19.chr20.unittest.fasta.gz")
    middle = (SLICE.start + SLICE.end) // 2
    halves = [
        Interval(SLICE.contig, SLICE.start, middle),
        Interval(SLICE.contig, middle, SLICE.end),
    ]
    best: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch, get_context("fork").Pool(2) as pool:
        out = Path(scratch)
        jobs = [(reads, reference, half, out) for half in halves]
        runs: dict[str, Callable[[], object]] = {
            "bare": lambda: bare(reads, reference, SLICE, out),
            "tile": lambda: ours(reads, reference, SLICE, out),
            "tile and gather": lambda: whole(reads, reference, SLICE, out),
            "halves, one after the other": lambda: pool.apply(map_all, (jobs,)),
            "halves at once": lambda: pool.map(_half, jobs, chunksize=1),
        }
        for _ in range(args.rounds):
            for name, work in runs.items():
                best[name] = min(best.get(name, float("inf")), seconds(work))
    speedup = best["halves, one after the other"] / best["halves at once"]
    rows = [
        row("germline tile / bare mpileup|call", best["tile"] / best["bare"], "bare", "<= 1.10"),
        row("germline tile and gather / bare", best["tile and gather"] / best["bare"], "bare", ""),
        row("germline two cores / one", speedup, "one core", ">= 1.8"),
    ]
    for line in rows:
        print(f"{line['name']}: {line['ratio']:.2f} {line['floor']}".rstrip())
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


def map_all(jobs: list[tuple[str, str, Interval, Path]]) -> None:
    """Every job in this process, one after the other."""
    for job in jobs:
        _half(job)


def row(name: str, ratio: float, peer: str, floor: str) -> dict[str, object]:
    """One line of the JSON file."""
    value = round(ratio, 3)
    return {
        **{"name": name, "value": value, "unit": "ratio", "peer": peer},
        **{"ratio": value, "floor": floor},
    }


if __name__ == "__main__":
    sys.exit(main())
