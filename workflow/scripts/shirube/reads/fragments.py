"""Bases of fragments, not of reads: where two mates lie over one another they count once.

All positions are 0-based; bases are coded A C G T = 0 1 2 3.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from shirube.reads.bam import MAPQ, MATE_REF, Batch, i32
from shirube.reads.pileup import base_at, fragment_of, parts, quality_at


@njit(cache=True)
def _names(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint64]:
    out = np.empty(len(offsets), np.uint64)
    for index in range(len(offsets)):
        out[index] = fragment_of(data, offsets[index])
    return out


@njit(cache=True)
def _counts(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    begin: NDArray[np.int32],
    start: int,
    end: int,
    min_baseq: int,
) -> NDArray[np.int32]:
    counts = np.zeros((end - start, 4), np.int32)
    for index in range(len(offsets)):
        record = offsets[index]
        cigar, sequence, qualities, operations, _ = parts(data, record)
        position, query = i32(data, record + 4), 0
        low = max(start, int(begin[index]))
        for k in range(operations):
            word = i32(data, cigar + 4 * k) & 0xFFFFFFFF
            operation, length = word & 15, word >> 4
            if operation in (0, 7, 8):
                for step in range(max(low - position, 0), min(length, end - position)):
                    base = base_at(data, sequence, query + step)
                    if base < 4 and quality_at(data, qualities, query + step) >= min_baseq:
                        counts[position + step - start, base] += 1
                position += length
                query += length
            elif operation in (2, 3):
                position += length
            elif operation in (1, 4):
                query += length
    return counts


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
    return _counts(batch.data, offsets, begin, start, end, min_baseq)


@njit(cache=True)
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
