"""Bases of one chromosome as an array of ASCII codes.

Read by `samtools faidx`. What is not A, C, G or T becomes N, and nothing is ever named or
aligned against an N.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from shirube.genome.alleles import canonical
from shirube.genome.regions import read_contigs
from shirube.tools import run

Bases = npt.NDArray[np.uint8]
N = ord("N")

_UPPER = np.full(256, N, np.uint8)
for _base in b"ACGT":
    _UPPER[_base] = _UPPER[_base + 32] = _base
_COMPLEMENT = np.full(256, N, np.uint8)
for _base, _other in zip(b"ACGT", b"TGCA", strict=True):
    _COMPLEMENT[_base] = _other
_TRANSLATE = bytes.maketrans(b"ACGT", b"TGCA")


def contig_of(fasta: str | Path, chrom: str, aliases: dict[str, str] | None = None) -> str | None:
    """The reference's own name of canonical chromosome `chrom`; None if it has none."""
    contigs = read_contigs(f"{fasta}.fai")
    return next((name for name in contigs if canonical(name, aliases) == chrom), None)


def bases(fasta: str | Path, contig: str) -> Bases:
    """Upper-case bases of a contig, length = the contig's; N for everything unknown."""
    text = run("samtools", "faidx", fasta, contig)
    body = text[text.index(b"\n") + 1 :].replace(b"\n", b"")
    return known_bases(np.frombuffer(body, np.uint8))


def known_bases(letters: Bases) -> Bases:
    """Letters of a FASTA as upper-case A, C, G and T, and N for everything else."""
    return _UPPER[letters]


def reverse_complement(sequence: str) -> str:
    """The other strand of a sequence of A, C, G, T (others stay as they are)."""
    return sequence.encode().translate(_TRANSLATE)[::-1].decode()


def complement(sequence: Bases) -> Bases:
    """Base-wise complement of an array (not reversed)."""
    return _COMPLEMENT[sequence]
