"""Small references and alignments written by the tests themselves."""

import random
from pathlib import Path

from shirube.tools import run


def sequence(length: int, seed: int = 1) -> str:
    """Artificial bases without runs longer than three."""
    choice, bases, last, run = random.Random(seed).choice, [], "", 0
    while len(bases) < length:
        base = choice("ACGT")
        last, run = base, run + 1 if base == last else 1
        if run <= 3:
            bases.append(base)
        else:
            run = 3
    return "".join(bases)


def reverse_complement(bases: str) -> str:
    return bases.translate(str.maketrans("ACGT", "TGCA"))[::-1]


def write_reference(path: Path, contigs: dict[str, str]) -> str:
    path.write_text("".join(f">{name}\n{bases}\n" for name, bases in contigs.items()))
    run("samtools", "faidx", path)
    return str(path)


def record(
    name: str,
    contig: str,
    start: int,
    cigar: str,
    bases: str,
    flag: int = 0,
    mapq: int = 60,
    quality: int = 35,
    mate: tuple[str, int, int] = ("*", -1, 0),
    tags: str = "",
) -> str:
    """A SAM line; `start` and the mate's position are 0-based, as everywhere in the package."""
    fields = [name, flag, contig, start + 1, mapq, cigar, mate[0], mate[1] + 1, mate[2], bases]
    line = "\t".join(map(str, fields)) + "\t" + chr(33 + quality) * len(bases)
    return line + (f"\t{tags}" if tags else "")


def write_bam(path: Path, contigs: dict[str, str], records: list[str], header: str = "") -> str:
    order = {name: index for index, name in enumerate(contigs)}
    records = sorted(records, key=lambda r: (order[r.split("\t")[2]], int(r.split("\t")[3])))
    lines = [f"@SQ\tSN:{name}\tLN:{len(bases)}" for name, bases in contigs.items()]
    head = ["@HD\tVN:1.6\tSO:coordinate", *lines, *([header] if header else [])]
    text = path.with_suffix(".sam")
    text.write_text("\n".join([*head, *records]) + "\n")
    run("samtools", "view", "--write-index", "-b", "-o", f"{path}##idx##{path}.bai", text)
    return str(path)


def tiled(
    contig: str,
    bases: str,
    depth: int,
    length: int = 100,
    prefix: str = "r",
    low: int = 0,
    high: int | None = None,
) -> list[str]:
    """Reads of perfect sequence, `depth` of them over every position away from the ends."""
    step, out = length / depth, []
    at, end = float(low), (high or len(bases)) - length
    while at <= end:
        start = int(at)
        flag = 16 if len(out) % 2 else 0
        out.append(
            record(
                f"{prefix}{len(out)}",
                contig,
                start,
                f"{length}M",
                bases[start : start + length],
                flag,
            )
        )
        at += step
    return out
