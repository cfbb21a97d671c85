"""How often bases are read wrong in a sample: by substitution, neighbours, quality, orientation.

Bases are counted at places where no allele is in doubt. A substitution is named as the first read
of its pair sees it (F1R2 as the reference has it, F2R1 on the other strand): damage of one strand
of the molecule before amplification (deamination, oxidation) is then one class, and its mirror
image another. Reads without a mate are named as they were sequenced. All positions are 0-based;
bases are coded A C G T = 0 1 2 3, else 4.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from shirube.reads.bam import FLAG, MAPQ, Batch, u16
from shirube.reads.pileup import aligned, base_at, parts, quality_at, seen_forward

QUALITY_STEP, QUALITIES = 4, 12  # bins of phred quality: 0-3, 4-7, ... 44 and above
CLASSES = 64  # neighbour before, base, neighbour after


@njit(cache=True, nogil=True)
def context_class(before: int, base: int, after: int, forward: bool) -> int:
    """Index of a base and its neighbours as the first read of the pair sees them; all known."""
    if forward:
        return 16 * before + 4 * base + after
    return 16 * (3 - after) + 4 * (3 - base) + 3 - before


@njit(cache=True, nogil=True)
def _count(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    codes: NDArray[np.uint8],
    quiet: NDArray[np.bool_],
    offset: int,
    min_mapq: int,
    min_baseq: int,
    out: NDArray[np.int64],
) -> None:
    for index in range(len(offsets)):
        record = offsets[index]
        if data[record + MAPQ] < min_mapq:
            continue
        forward = seen_forward(u16(data, record + FLAG))
        _, sequence, qualities, _, _ = parts(data, record)
        for position, query, length in aligned(data, record):
            low = max(offset + 1 - position, 0)
            high = min(length, offset + len(codes) - 1 - position)
            for step in range(low, high):
                at = position + step - offset
                if not quiet[at]:
                    continue
                base = base_at(data, sequence, query + step)
                quality = quality_at(data, qualities, query + step)
                if base > 3 or quality < min_baseq:
                    continue
                where = context_class(codes[at - 1], codes[at], codes[at + 1], forward)
                shown = base if forward else 3 - base
                out[where, shown, min(quality // QUALITY_STEP, QUALITIES - 1)] += 1


def error_counts(
    batch: Batch,
    codes: NDArray[np.uint8],
    quiet: NDArray[np.bool_],
    offset: int,
    min_mapq: int,
    min_baseq: int,
) -> NDArray[np.int64]:
    """Bases read: (CLASSES, base shown, QUALITIES). `codes`, `quiet` begin at `offset`.

    `quiet` marks places that count; their neighbours must be known bases.
    """
    out = np.zeros((CLASSES, 4, QUALITIES), np.int64)
    _count(batch.data, batch.offsets, codes, quiet, offset, min_mapq, min_baseq, out)
    return out
