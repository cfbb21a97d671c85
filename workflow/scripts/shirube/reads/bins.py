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


@njit(cache=True)
def _into_tiles(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    start: NDArray[np.int32],
    end: NDArray[np.int32],
    low: int,
    high: int,
    min_mapq: int,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    for read in range(len(offsets)):
        if data[offsets[read] + MAPQ] < min_mapq:
            continue
        first, last = max(start[read], low), min(end[read], high)
        tile = np.searchsorted(ends, first, "right")
        while tile < len(starts) and starts[tile] < last:
            out[tile] += max(0, min(last, ends[tile]) - max(first, starts[tile]))
            tile += 1


def mean_depths(
    path: str,
    reference: str,
    bins: Sequence[Interval],
    min_mapq: int,
    tiles: Sequence[Interval] = (),
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean depth of each of `bins` and of `tiles`, in their order; overlapping mates both count.

    Neither overlap among themselves; `tiles` are sorted. Of a tile the bases inside `bins` are
    counted, so it should lie in them: the reads are read once.
    """
    rank = {contig: index for index, contig in enumerate(contig_order(path))}
    order = sorted(range(len(bins)), key=lambda n: (rank.get(bins[n].contig, len(rank)), bins[n]))
    cut = [bins[n] for n in order]
    out, covered = np.zeros(len(bins)), np.zeros(len(tiles), np.int64)
    contigs = np.array([tile.contig for tile in tiles], dtype=object)
    starts, ends = (
        np.array([getattr(tile, side) for tile in tiles], np.int64) for side in ("start", "end")
    )
    own = {c: np.flatnonzero(contigs == c) for c in dict.fromkeys(contigs)}
    for n, (batch, _) in zip(order, read_windows(path, reference, cut, 0), strict=True):
        low, high = bins[n].start, bins[n].end
        reads = (batch.data, batch.offsets, batch.start, batch.end, low, high, min_mapq)
        out[n] = _covered(*reads) / (high - low)
        if (here := own.get(bins[n].contig)) is not None:
            first = here[0] + np.searchsorted(ends[here], low, "right")
            last = here[0] + np.searchsorted(starts[here], high, "left")
            if first < last:
                _into_tiles(*reads, starts[first:last], ends[first:last], covered[first:last])
    return out, covered / np.maximum(ends - starts, 1)


def gc_fractions(reference: str, bins: Sequence[Interval]) -> NDArray[np.float64]:
    """Share of G and C among the known bases of each bin; one half where none is known."""
    out = np.full(len(bins), 0.5)
    for n, interval in enumerate(bins):
        codes = reference_codes(reference, interval.contig, interval.start, interval.end)
        known = codes[codes < 4]
        if len(known):
            out[n] = float(np.isin(known, (1, 2)).mean())
    return out
