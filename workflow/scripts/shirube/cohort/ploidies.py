"""How many copies of each stretch of a chromosome a person has, as arrays."""

from collections.abc import Mapping

import numpy as np

from shirube.cohort.kernels.array_types import Ints
from shirube.genome.ploidy import SEXES, segments

Par = Mapping[str, tuple[tuple[int, int], ...]]
WHOLE = (1 << 31) - 1


def copies(chrom: str | None, length: int, sex: str, par: Par) -> Ints:
    """Flat (start, end, copies) triples of a person's chromosome; empty where it is not counted.

    That is a contig without a canonical name, and X and Y of a person of unknown sex.
    """
    if chrom is None or (sex not in SEXES and chrom in ("chrX", "chrY")):
        return np.empty(0, np.int32)
    return np.array(segments(chrom, length, sex, dict(par)), np.int32).ravel()
