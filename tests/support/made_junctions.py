"""Junctions of a genome of any size, at the same density whatever the size.

Background: lone clips, chimeric pairs and splits, everywhere alike. Events: deletions and
translocations with pairs, splits and clips, and insertions that piles of clips face.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from shirube.reads.junctions import Breakend, Junction

CONTIGS = 4
PER_MB = {"clips": 2000, "pairs": 300, "splits": 200, "hubs": 150, "events": 12}


def made_reference(path: Path, megabases: float, seed: int = 5) -> str:
    """A FASTA of CONTIGS contigs of random bases, with its index."""
    size = int(megabases * 1e6) // CONTIGS
    letters = np.frombuffer(b"ACGT", np.uint8)
    source, at, index = np.random.default_rng(seed), 0, []
    with path.open("wb") as out:
        for number in range(CONTIGS):
            head = f">chr{number + 1}\n".encode()
            out.write(head + letters[source.integers(0, 4, size)].tobytes() + b"\n")
            index.append(f"chr{number + 1}\t{size}\t{at + len(head)}\t{size}\t{size + 1}\n")
            at += len(head) + size + 1
    Path(f"{path}.fai").write_text("".join(index))
    return str(path)


def made_junctions(fasta: str, megabases: float, seed: int = 6) -> Iterator[Junction]:
    """Junctions of such a reference, one of each read."""
    size = int(megabases * 1e6) // CONTIGS
    bases = [line.strip() for line in Path(fasta).read_text().split("\n")[1::2]]
    source = np.random.default_rng(seed)
    fragment = iter(range(1, 1 << 60))

    def count(what: str) -> int:
        return int(PER_MB[what] * megabases)

    def place(strand: str | None = None) -> Breakend:
        contig, pos = int(source.integers(CONTIGS)), int(source.integers(3000, size - 3000))
        return Breakend(f"chr{contig + 1}", pos, strand or "+-"[int(source.integers(2))])

    def text(length: int) -> str:
        return "".join("ACGT"[n] for n in source.integers(0, 4, length))

    def clip(end: Breakend, sequence: str) -> Junction:
        return Junction("clip", next(fragment), 1, 60, end, None, sequence=sequence)

    def pair(one: Breakend, two: Breakend) -> Iterator[Junction]:
        lower, upper = sorted((one, two))
        own = next(fragment)
        for mate in (1, 2):
            yield Junction("pair", own, mate, 60, lower, upper)

    def split(one: Breakend, two: Breakend) -> Junction:
        return Junction("split", next(fragment), 1, 60, *sorted((one, two)))

    for _ in range(count("clips")):
        yield clip(place(), text(int(source.integers(8, 60))))
    for _ in range(count("pairs")):
        yield from pair(place(), place())
    for _ in range(count("splits")):
        yield split(place(), place())
    for _ in range(count("hubs")):  # one read splits here, and another is clipped
        here = place()
        yield split(here, place())
        yield clip(here, text(30))
    for number in range(count("events")):
        left = place("+")
        far = Breakend(left.contig, left.pos + 1200, "-") if number % 2 else place("-")
        whole = bases[int(far.contig[3:]) - 1]
        for n in range(6):
            before, after = left.pos - 20 - 30 * n, far.pos + 20 + 30 * (5 - n)
            yield from pair(Breakend(left.contig, before, "+"), Breakend(far.contig, after, "-"))
            yield split(left, far)
            yield clip(left, whole[far.pos - 1 : far.pos + 19 + n])
        left, first, last = place("+"), text(60), text(60)
        for n in range(6):
            yield clip(left, first[: 60 - n])
            yield clip(Breakend(left.contig, left.pos + 1, "-"), last[n:])
