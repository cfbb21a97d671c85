"""Bases of fragments, not of reads: where two mates lie over one another they count once.

All positions are 0-based; bases are coded A C G T = 0 1 2 3.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from shirube.reads.bam import MAPQ, MATE_REF, Batch, i32
from shirube.reads.pileup import counts_from, fragment_of


@njit(cache=True, nogil=True)
def _names(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint64]:
    out = np.empty(len(offsets), np.uint64)
    for index in range(len(offsets)):
        out[index] = fragment_of(data, offsets[index])
    return out


def fragment_counts(
    batch: Batch, start: int, end: int, min_mapq: int, min_baseq: int
) -> NDArray[np.int32]:
    """Fragments with A, C, G, T at each position of [start, end): (positions, 4) int32.

    The second of two mates counts from where the first ends.
    """
    good = batch.data[batch.offsets + MAPQ] >= min_mapq
    offsets, ends = batch.offsets[good], batch.end[good]
    names = _names(batch.data, offsets)
    order = np.argsort(names, kind="stable")
    mates = names[order][1:] == names[order][:-1]
    begin = np.zeros(len(offsets), np.int32)
    begin[order[1:][mates]] = ends[order[:-1][mates]]
    return counts_from(batch.data, offsets, begin, start, end, min_baseq)


@njit(cache=True, nogil=True)
def _elsewhere(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], reads: NDArray[np.int32]
) -> NDArray[np.bool_]:
    out = np.zeros(len(reads), np.bool_)
    for index in range(len(reads)):
        record = offsets[reads[index]]
        mate = i32(data, record + MATE_REF)
        out[index] = mate >= 0 and mate != i32(data, record)
    return out


def mate_elsewhere(batch: Batch, reads: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether the mate of each of `reads` (indexes into the batch) lies on another contig."""
    return _elsewhere(batch.data, batch.offsets, reads)
