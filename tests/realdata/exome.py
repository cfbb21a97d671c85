"""What a tumour that comes as VCF needs beside it, where no whole reference is at hand.

The reference has every chromosome at its true length and the bases that VCF files state as REF;
all others are N, so what depends on unknown sequence is not named by the run. The regions are the
coding exons of MANE with the bases beside them: what an exome is meant to cover.
"""

import gzip
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pysam

BESIDE = 20  # bases of an intron that an exome reads as well


def chromosome_lengths(bands: Path) -> dict[str, int]:
    """1 ... 22 -> bases, from UCSC's table of bands: the sex of a tumour's donor may be unknown."""
    lengths: dict[str, int] = {}
    for line in gzip.decompress(bands.read_bytes()).decode().splitlines():
        chrom, _, end = line.split("\t")[:3]
        name = chrom.removeprefix("chr")
        lengths[name] = max(lengths.get(name, 0), int(end))
    return {name: lengths[name] for name in map(str, range(1, 23))}


def stated_bases(files: Iterable[Path]) -> dict[str, dict[int, bytes]]:
    """Chromosome (without chr) -> 0-based start -> REF, of every record."""
    found: dict[str, dict[int, bytes]] = {}
    for path in files:
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            if not line.startswith("#"):
                chrom, pos, _, ref = line.split("\t", 4)[:4]
                found.setdefault(chrom.removeprefix("chr"), {})[int(pos) - 1] = ref.encode()
    return found


def write_reference(path: Path, lengths: dict[str, int], files: Iterable[Path]) -> None:
    """A bgzipped, indexed FASTA; made once."""
    if Path(f"{path}.gzi").exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    known = stated_bases(files)
    width = 100_000
    with pysam.BGZFile(str(path), "wb") as out:
        for chrom, length in lengths.items():
            sequence = np.full(length, ord("N"), np.uint8)
            for start, ref in known.get(chrom, {}).items():
                sequence[start : start + len(ref)] = np.frombuffer(ref, np.uint8)
            out.write(f">{chrom}\n".encode())
            for start in range(0, length, width):
                out.write(sequence[start : start + width].tobytes() + b"\n")
    pysam.faidx(str(path))


def coding_exons(models: Path, lengths: dict[str, int]) -> list[tuple[str, int, int]]:
    """Merged coding exons and BESIDE bases on each side, of a bigGenePred file."""
    wanted: dict[str, list[tuple[int, int]]] = {}
    for line in gzip.decompress(models.read_bytes()).decode().splitlines():
        cell = line.split("\t")
        chrom = cell[0].removeprefix("chr")
        if chrom not in lengths:
            continue
        start = int(cell[1])
        first, last = int(cell[6]), int(cell[7])
        sizes, offsets = ([int(n) for n in cell[i].split(",") if n] for i in (10, 11))
        for size, offset in zip(sizes, offsets, strict=True):
            low, high = max(start + offset, first), min(start + offset + size, last)
            if low < high:
                inside = max(low - BESIDE, 0), min(high + BESIDE, lengths[chrom])
                wanted.setdefault(chrom, []).append(inside)
    merged: list[tuple[str, int, int]] = []
    for chrom in lengths:
        for low, high in sorted(wanted.get(chrom, [])):
            if merged and merged[-1][0] == chrom and low <= merged[-1][2]:
                merged[-1] = (chrom, merged[-1][1], max(merged[-1][2], high))
            else:
                merged.append((chrom, low, high))
    return merged
