"""How fast `shirube serve` answers, on one core: points, regions, slow clients, memory.

    python benchmarks/serve.py RESULTS [--peer COMMAND]

RESULTS holds a release with many alleles on chr1. A peer is a command line that serves the same
release with {port} in it; both are asked the same questions in turns, so that what else the machine
does meets both. Every question is another one: nothing can be answered from memory of an answer.
"""

import argparse
import asyncio
import os
import random
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from shirube.cohort.query.lookup import Sites

CLIENTS, SLOW = 16, 100
LENGTH = 30_000  # bases of a region
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    """Answers a second of wall time and of the server's processor time; latencies in ms."""

    wall: float
    processor: float
    middle: float
    p99: float


def questions(results: Path, number: int) -> tuple[list[str], list[str]]:
    """Beacon questions of released alleles, and of regions, all different."""
    sites = Sites(results / "cohort" / "sites.vcf.gz")
    rng = random.Random(7)
    found, points = {}, []
    while len(points) < number:
        start = rng.randint(1_000_000, 240_000_000)
        for site in sites.sites("chr1", start, start + 20_000):
            if site.pos not in found:
                found[site.pos] = site
                points.append(
                    f"/api/g_variants?referenceName=chr1&start={site.pos - 1}"
                    f"&referenceBases={site.ref}&alternateBases={site.alt}"
                )
    starts = (rng.randint(1_000_000, 240_000_000) for _ in range(number))
    regions = [f"/api/g_variants?referenceName=chr1&start={s}&end={s + LENGTH}" for s in starts]
    return points[:number], regions


async def _client(port: int, asked: Sequence[str], took: list[float], kept: bool) -> None:
    reader = writer = None
    for path in asked:
        begun = time.perf_counter()
        if writer is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert reader is not None
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head.split(b"\r\n", 1)[0], head[:80]
        lower = head.lower()
        length = int(lower.split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        took.append(time.perf_counter() - begun)
        if not kept or b"HTTP/1.0" in head:
            writer.close()
            writer = None
    if writer is not None:
        writer.close()


def cpu(pid: int) -> float:
    """Processor seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident(pid: int) -> float:
    """MB of memory a process has held at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1000


async def _slow(port: int, number: int, stop: asyncio.Event) -> None:
    """Connections that send one letter of their request each half second."""

    async def one() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        for letter in "GET /api/info HTTP/1.1\r\nHost: slow" + "w" * 10_000:
            if stop.is_set():
                break
            writer.write(letter.encode())
            await asyncio.sleep(0.5)
        writer.close()

    await asyncio.gather(*(one() for _ in range(number)), return_exceptions=True)


def measured(pid: int, port: int, asked: Sequence[str], slow: int = 0) -> Measured:
    """CLIENTS at once ask everything of `asked`."""
    took: list[float] = []

    async def run() -> float:
        stop = asyncio.Event()
        others = asyncio.create_task(_slow(port, slow, stop)) if slow else None
        if others:
            await asyncio.sleep(1)
        begun = time.perf_counter()
        await asyncio.gather(
            *(_client(port, asked[n::CLIENTS], took, True) for n in range(CLIENTS))
        )
        spent = time.perf_counter() - begun
        stop.set()
        if others:
            await others
        return spent

    before = cpu(pid)
    wall = asyncio.run(run())
    used = max(cpu(pid) - before, 1 / TICK)
    ordered = sorted(took)
    p99 = ordered[int(0.99 * len(ordered))]
    return Measured(len(took) / wall, len(took) / used, 1000 * median(took), 1000 * p99)


def started(command: str) -> tuple[subprocess.Popen[bytes], int]:
    """A server on one core, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = shlex.split(command.format(port=port))
    core = max(os.sched_getaffinity(0))
    process = subprocess.Popen(["taskset", "-c", str(core), *words], stdout=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process, port
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"no answer from: {command}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--peer", help="a command that serves the same, with {port}")
    parser.add_argument("--number", type=int, default=8000)
    args = parser.parse_args()
    points, regions = questions(args.results, args.number)
    own = f"{sys.executable} -m shirube.cli.main serve --results {args.results} --port {{port}} "
    own += "--budget 100000000 --min-copies 1"
    servers = {"shirube": started(own)}
    if args.peer:
        servers["peer"] = started(args.peer)
    rounds = 4
    try:
        for name, asked in (("points", points), ("regions", regions[: args.number // 4])):
            size = len(asked) // rounds
            found: dict[str, list[Measured]] = {server: [] for server in servers}
            for n in range(rounds):
                for server, (process, port) in servers.items():
                    part = asked[n * size : (n + 1) * size]
                    found[server].append(measured(process.pid, port, part))
            for server, several in found.items():
                print(
                    f"{name:8} {server:8} {median(m.wall for m in several):7.0f}/s wall "
                    f"{median(m.processor for m in several):7.0f}/s processor "
                    f"median {median(m.middle for m in several):6.2f} ms "
                    f"p99 {median(m.p99 for m in several):6.1f} ms"
                )
            if args.peer:
                ratio = median(
                    a.processor / b.processor
                    for a, b in zip(found["shirube"], found["peer"], strict=True)
                )
                print(f"{name:8} ratio to the peer {ratio:.1f} (processor)")
        process, port = servers["shirube"]
        pairs = []
        for n in range(rounds):
            part = points[n * 500 : (n + 1) * 500]
            alone = measured(process.pid, port, [f"{p}&x={n}a" for p in part])
            crowded = measured(process.pid, port, [f"{p}&x={n}b" for p in part], SLOW)
            pairs.append(crowded.middle / alone.middle)
        print(f"{SLOW} slow clients: median latency x {median(pairs):.2f}")
        for server, (process, _) in servers.items():
            print(f"memory   {server:8} {resident(process.pid):7.0f} MB at most")
    finally:
        for process, _ in servers.values():
            process.terminate()


if __name__ == "__main__":
    main()
