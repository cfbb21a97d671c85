"""Germline calling beside the bare `bcftools mpileup | call`, and two cores beside one.

    python benchmarks/germline_speed.py --out benchmarks/out/germline_speed.json

Real reads: NA12878, 100 kb at 52x. The bare command writes the variants of the region to BCF; ours
calls the same region, makes reference blocks and writes them too. Both start the same launchers;
the Python that runs this is already up. Times are processor seconds of everything that was started
and wall-clock seconds; every figure is the best of several rounds, taken in turn.

Two cores: the job of the rule (call_germline.py) on TILES tiles, held to one core of the machine
with one thread, then to two with two; the median of the rounds, and beside it the same of the bare
command on the same tiles, which is what the machine can do. Held, because a tile is three
processes in a pipe: left alone, one thread keeps more than one core busy and would be no measure.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "lib"), str(HERE.parent / "workflow/scripts")]

from accuracy_germline import SETTINGS, SLICE  # noqa: E402

import call_germline  # noqa: E402
from shirube.calling.germline.calling import (  # noqa: E402
    gather,
    intervals_by_copies,
    tile_records,
    write_tile,
)
from shirube.genome.intervals import Interval  # noqa: E402
from shirube.genome.regions import read_contigs  # noqa: E402
from shirube.tools import piped  # noqa: E402

TILES = 4


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


@dataclass(frozen=True)
class Cost:
    """Seconds: on the wall, and of the processors."""

    wall: float
    cpu: float


def cost(work: Callable[[], object]) -> Cost:
    """What one call cost, the programs it started and ended included."""
    before, start = os.times(), time.perf_counter()
    work()
    after = os.times()
    return Cost(time.perf_counter() - start, sum(after[:4]) - sum(before[:4]))


def job(reads: str, reference: str, out: Path, cores: int, told: "Queue[float]") -> None:
    """The rule's job on the tiles of SLICE, held to so many cores; tells its wall seconds."""
    step = (SLICE.end - SLICE.start) // TILES
    cuts = [SLICE.start + n * step for n in range(TILES + 1)]
    parts = [[Interval(SLICE.contig, a, b).name] for a, b in pairwise(cuts)]
    bed, target = out / "slice.bed", out / "job"
    bed.write_text(f"{SLICE.contig}\t{SLICE.start}\t{SLICE.end}\n")
    shutil.rmtree(target, ignore_errors=True)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    start = time.perf_counter()
    call_germline.main(
        reads=reads,
        reference=reference,
        bed=str(bed),
        parts=parts,
        out=str(target),
        threads=cores,
        sex="XX",
        name="NA12878",
        build="GRCh37",
        par=None,
        aliases=None,
        engine="bcftools",
        settings=SETTINGS,
    )
    told.put(time.perf_counter() - start)


def bare_job(reads: str, reference: str, out: Path, cores: int, told: "Queue[float]") -> None:
    """The bare command on the same tiles, as many at a time as cores: what the machine can do."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    step = (SLICE.end - SLICE.start) // TILES
    starts = range(SLICE.start, SLICE.end, step)

    def one(start: int) -> None:
        folder = out / f"bare{start}"
        folder.mkdir(exist_ok=True)
        bare(reads, reference, Interval(SLICE.contig, start, start + step), folder)

    start = time.perf_counter()
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(one, starts))
    told.put(time.perf_counter() - start)


def held(target: Callable[..., None], reads: str, reference: str, out: Path, cores: int) -> float:
    """Seconds of a job in a process of its own, which takes its hold on the cores with it.

    Spawned, not forked: a fork of a process whose thread pools are up waits for them for ever.
    """
    context = get_context("spawn")
    told = context.Queue()
    process = context.Process(target=target, args=(reads, reference, out, cores, told))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"germline_speed: the job failed on {cores} cores")
    return float(told.get())


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=8)
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
    best: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        runs: dict[str, Callable[[], object]] = {
            "bare": lambda: bare(reads, reference, SLICE, out),
            "tile": lambda: ours(reads, reference, SLICE, out),
            "tile and gather": lambda: whole(reads, reference, SLICE, out),
        }
        gains: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(args.rounds):
            for name, work in runs.items():
                now, least = cost(work), best.get(name, Cost(1e9, 1e9))
                best[name] = Cost(min(now.wall, least.wall), min(now.cpu, least.cpu))
            for name, target in (("ours", job), ("bare", bare_job)):
                one, two = (held(target, reads, reference, out, cores) for cores in (1, 2))
                gains[name].append(one / two)
    rows = []
    for kind in ("cpu", "wall"):
        base, asked = getattr(best["bare"], kind), "<= 1.50" if kind == "cpu" else ""
        for name, floor in (("tile", asked), ("tile and gather", "")):
            ratio = getattr(best[name], kind) / base
            rows.append(row(f"germline {name} / bare mpileup|call, {kind}", ratio, "bare", floor))
    ours_gain, limit = (statistics.median(gains[name]) for name in ("ours", "bare"))
    rows.append(row("germline two cores / one", ours_gain, "one core", ">= 1.8"))
    rows.append(row("bare command on the same tiles, two cores / one", limit, "one core", ""))
    for line in rows:
        print(f"{line['name']}: {line['ratio']:.2f} {line['floor']}".rstrip())
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


def row(name: str, ratio: float, peer: str, floor: str) -> dict[str, object]:
    """One line of the JSON file."""
    value = round(ratio, 3)
    return {
        **{"name": name, "value": value, "unit": "ratio", "peer": peer},
        **{"ratio": value, "floor": floor},
    }


if __name__ == "__main__":
    sys.exit(main())
