"""Made reads with the artefacts of sequencing and of damaged DNA, and some true alleles.

Fragments of a random reference are read from both ends, tumour deep and normal at half the depth;
errors come as their base qualities say. On top of them lie

    strand     places at which reads of one strand show one wrong base, the others none
    damage     a substitution (C>T of formalin, G>T of oxidation) of one strand of the molecule,
               so that both mates of a fragment show it in one orientation of the pair only

Alleles are planted at stated fractions on both strands. Nothing here is any person's.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shirube.tools import run

READ, MEAN, SPREAD, LEAST = 120, 300, 40, 130
QUALITIES, SHARES = np.array([37, 30, 22]), np.array([0.85, 0.1, 0.05])
LETTERS = np.frombuffer(b"ACGT", np.uint8)
COMPLEMENT = np.array([3, 2, 1, 0])


@dataclass(frozen=True)
class Artefacts:
    """What is laid over the reads: rates a base, or a fragment and place."""

    strand_places: int = 0
    strand_rate: float = 0.06
    damage: float = 0.0  # of bases of the damaged class, a fragment
    damaged: tuple[int, int] = (1, 3)  # C to T as the first read sees it


@dataclass(frozen=True)
class Made:
    """Files of a made pair, and the alleles planted: (0-based place, code, fraction)."""

    tumour: str
    normal: str
    reference: str
    planted: list[tuple[int, int, float]]


def _reads(
    path: Path,
    codes: NDArray[np.int64],
    depth: float,
    seed: int,
    artefacts: Artefacts,
    planted: list[tuple[int, int, float]],
) -> str:
    rng = np.random.default_rng(seed)
    size = len(codes)
    count = int(depth * size / (2 * READ))
    length = np.clip(rng.normal(MEAN, SPREAD, count).astype(int), LEAST, 600)
    start = rng.integers(0, size - length)
    forward = rng.random(count) < 0.5
    order = np.argsort(start, kind="stable")
    places = rng.choice(size, artefacts.strand_places, replace=False)
    strand = {int(p): (bool(rng.random() < 0.5), int((codes[p] + rng.integers(1, 4)) % 4))
              for p in places}  # fmt: skip
    at_strand = np.array(sorted(strand))
    at_planted = np.array([p for p, _, _ in planted])
    lines = []
    for n in order:
        low, high = int(start[n]), int(start[n] + length[n])
        molecule = codes[low:high].copy()
        for k in np.flatnonzero((at_planted >= low) & (at_planted < high)):
            place, base, fraction = planted[k]
            if rng.random() < fraction:
                molecule[place - low] = base
        if artefacts.damage:
            old, new = artefacts.damaged if forward[n] else COMPLEMENT[list(artefacts.damaged)]
            hit = (molecule == old) & (rng.random(len(molecule)) < artefacts.damage)
            molecule[hit] = new
        for reverse, first in ((False, low), (True, high - READ)):
            bases = molecule[first - low : first - low + READ].copy()
            for place in at_strand[(at_strand >= first) & (at_strand < first + READ)]:
                side, wrong = strand[int(place)]
                if side == reverse and rng.random() < artefacts.strand_rate:
                    bases[place - first] = wrong
            quality = rng.choice(QUALITIES, READ, p=SHARES)
            bad = rng.random(READ) < 10.0 ** (-quality / 10)
            bases[bad] = (bases[bad] + rng.integers(1, 4, int(bad.sum()))) % 4
            own = forward[n] != reverse  # the first read of the pair runs along `forward`
            flag = 3 + (16 if reverse else 32) + (64 if own else 128)
            mate, span = (low, -(high - low)) if reverse else (high - READ, high - low)
            fields = [f"f{n}", flag, "chr1", first + 1, 60, f"{READ}M", "=", mate + 1, span]
            text = LETTERS[bases].tobytes().decode()
            marks = (quality + 33).astype(np.uint8).tobytes().decode()
            lines.append((first, "\t".join([*map(str, fields), text, marks])))
    lines.sort(key=lambda line: line[0])
    head = f"@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:{size}\n"
    text_file = path.with_suffix(".sam")
    text_file.write_text(head + "\n".join(line for _, line in lines) + "\n")
    run("samtools", "view", "--write-index", "-b", "-o", f"{path}##idx##{path}.bai", text_file)
    text_file.unlink()
    return str(path)


def made(
    folder: Path,
    size: int,
    depth: float,
    seed: int,
    artefacts: Artefacts,
    fractions: tuple[float, ...] = (0.05, 0.1, 0.3),
    each: int = 20,
) -> Made:
    """A tumour of `depth` with `each` alleles a fraction and `artefacts`, and a clean normal."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, size)
    places = rng.choice(np.arange(500, size - 500), each * len(fractions), replace=False)
    planted = [
        (int(p), int((codes[p] + rng.integers(1, 4)) % 4), fractions[n % len(fractions)])
        for n, p in enumerate(np.sort(places))
    ]
    fasta = folder / "made.fa"
    fasta.write_text(f">chr1\n{LETTERS[codes].tobytes().decode()}\n")
    run("samtools", "faidx", fasta)
    tumour = _reads(folder / "tumour.bam", codes, depth, seed + 1, artefacts, planted)
    normal = _reads(folder / "normal.bam", codes, depth / 2, seed + 2, Artefacts(), [])
    return Made(tumour, normal, str(fasta), planted)
