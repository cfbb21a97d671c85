"""Where the reference goes on beyond a breakend, and how a junction slides along shared bases.

A junction joins kept sequence 1 to kept sequence 2. Read outwards from side 1 it runs into side 2
from its breakend on: forwards in the reference if side 2 has strand -, backwards and
complemented if +. Where both sides share bases the junction can slide; its one form here leaves
the shared bases to the upper side.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shirube.genome.regions import read_contigs
from shirube.reads.junctions import Breakend
from shirube.reads.reference import code, reference_codes

MAX_SLIDE = 200


@dataclass(frozen=True)
class Reference:
    """Bases of a reference FASTA near places of interest."""

    fasta: str

    def codes(self, contig: str, start: int, end: int) -> NDArray[np.uint8]:
        """Codes (A C G T = 0 1 2 3, else 4) of [start, end), 0-based; 4 beyond the contig."""
        if contig not in self.contigs:
            return np.full(end - start, 4, np.uint8)
        return reference_codes(self.fasta, contig, start, end)

    @cached_property
    def contigs(self) -> dict[str, int]:
        """Lengths of the contigs the reference has; the reads may know more."""
        return read_contigs(f"{self.fasta}.fai")


def complement(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Codes of the other strand, base by base (unknown stays unknown)."""
    return np.where(codes < 4, 3 - codes, 4).astype(np.uint8)


def inward(reference: Reference, end: Breakend, length: int, skip: int = 0) -> NDArray[np.uint8]:
    """`length` bases read from breakend `end` into its kept sequence, `skip` bases further in.

    A negative `skip` begins with bases that are not kept.
    """
    if end.strand == "-":
        first = end.pos - 1 + skip
        return reference.codes(end.contig, first, first + length)
    last = end.pos - skip
    return complement(reference.codes(end.contig, last - length, last))[::-1]


def outward_clip(sequence: str, strand: str) -> NDArray[np.uint8]:
    """Clipped bases (as in the record) in the order they leave a breakend of `strand`."""
    codes = code(sequence)
    return codes if strand == "+" else complement(codes)[::-1]


def _moved(end: Breakend, steps: int) -> Breakend:
    """`end` with its kept sequence `steps` bases longer."""
    return replace(end, pos=end.pos + (steps if end.strand == "+" else -steps))


def slid(reference: Reference, lower: Breakend, upper: Breakend) -> tuple[Breakend, Breakend, int]:
    """The junction with all shared bases on the upper side, and how many they are."""

    def back(one: Breakend, two: Breakend) -> int:
        """Steps the junction can slide so that `one` keeps less and `two` more."""
        kept = inward(reference, one, MAX_SLIDE)
        lost = inward(reference, two, MAX_SLIDE, -MAX_SLIDE)[::-1]
        same = (kept == complement(lost)) & (kept < 4)
        return int(np.argmin(same)) if not same.all() else MAX_SLIDE

    steps, ahead = back(lower, upper), back(upper, lower)
    return _moved(lower, -steps), _moved(upper, steps), steps + ahead
