"""Depth of reads in bins of the reference."""

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from shirube.genome.intervals import Interval
from shirube.reads.bam import MAPQ, contig_order, read_windows
from shirube.reads.reference import reference_codes


@njit(cache=True)
def _covered(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    start: NDArray[np.int32],
    end: NDArray[np.int32],
    low: int,
    high: int,
    min_mapq: int,
) -> int:
    total = 0
    for read in range(len(offsets)):
        if data[offsets[read] + MAPQ] >= min_mapq:
            total += max(0, min(end[read], high) - max(start[read], low))
    return total


def mean_depths(
    path: str, reference: str, bins: Sequence[Interval], min_mapq: int
) -> NDArray[np.float64]:
    """Mean depth of each of `bins`, in their order; mates that overlap both count."""
    rank = {contig: index for index, contig in enumerate(contig_order(path))}
    order = sorted(range(len(bins)), key=lambda n: (rank.get(bins[n].contig, len(rank)), bins[n]))
    cut = [bins[n] for n in order]
    out = np.zeros(len(bins))
    for n, (batch, _) in zip(order, read_windows(path, reference, cut, 0), strict=True):
        low, high = bins[n].start, bins[n].end
        covered = _covered(batch.data, batch.offsets, batch.start, batch.end, low, high, min_mapq)
        out[n] = covered / (high - low)
    return out


def gc_fractions(reference: str, bins: Sequence[Interval]) -> NDArray[np.float64]:
    """Share of G and C among the known bases of each bin; one half where none is known."""
    out = np.full(len(bins), 0.5)
    for n, interval in enumerate(bins):
        codes = reference_codes(reference, interval.contig, interval.start, interval.end)
        known = codes[codes < 4]
        if len(known):
            out[n] = float(np.isin(known, (1, 2)).mean())
    return out
