"""Depth of reads in bins of the reference, of a pass of its own or of one that is made anyway."""

from collections.abc import Sequence
from threading import Lock

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from shirube.genome.intervals import Interval
from shirube.reads.bam import MAPQ, contig_order, read_windows
from shirube.reads.reference import reference_codes

STRETCH = 8_000_000


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
        whole = np.zeros(1, np.int64)
        _into_tiles(*reads, np.array([low]), np.array([high]), whole)
        out[n] = whole[0] / (high - low)
        if (here := own.get(bins[n].contig)) is not None:
            first = here[0] + np.searchsorted(ends[here], low, "right")
            last = here[0] + np.searchsorted(starts[here], high, "left")
            if first < last:
                _into_tiles(*reads, starts[first:last], ends[first:last], covered[first:last])
    return out, covered / np.maximum(ends - starts, 1)


def gc_fractions(reference: str, bins: Sequence[Interval]) -> NDArray[np.float64]:
    """Share of G and C among the known bases of each bin; one half where none is known.

    Bins that follow each other within STRETCH bases are read at once.
    """
    out = np.full(len(bins), 0.5)
    first = 0
    while first < len(bins):
        contig, low = bins[first].contig, bins[first].start
        last = first + 1
        while (
            last < len(bins)
            and bins[last].contig == contig
            and (bins[last - 1].end <= bins[last].start and bins[last].end - low <= STRETCH)
        ):
            last += 1
        codes = reference_codes(reference, contig, low, bins[last - 1].end)
        edges = np.array([[b.start, b.end] for b in bins[first:last]]) - low
        known, strong = (
            np.concatenate([[0], np.cumsum(chosen, dtype=np.int64)])
            for chosen in (codes < 4, np.isin(codes, (1, 2)))
        )
        seen, gc = (sums[edges[:, 1]] - sums[edges[:, 0]] for sums in (known, strong))
        some = seen > 0
        out[first:last][some] = gc[some] / seen[some]
        first = last
    return out


class BinDepths:
    """Mean depth of sorted, disjoint bins, from the windows of a pass over the reads.

    `bins`: contig, start, end. Call `put` for every window; a bin may lie in several.
    """

    def __init__(self, bins: pl.DataFrame) -> None:
        self._bins, self._sums = bins, np.zeros(bins.height, np.int64)
        self._lock = Lock()
        self._own = {
            str(contig): (
                int(own["row"][0]),
                own["start"].to_numpy().astype(np.int64),
                own["end"].to_numpy().astype(np.int64),
            )
            for (contig,), own in bins.with_row_index("row").group_by(["contig"])
        }

    def put(self, window: Interval, depth: NDArray[np.int32]) -> None:
        """Take the depth of each base of `window`; windows may come from several threads."""
        if window.contig not in self._own:
            return
        row, starts, ends = self._own[window.contig]
        first = int(np.searchsorted(ends, window.start, "right"))
        last = int(np.searchsorted(starts, window.end, "left"))
        if first >= last:
            return
        sums = np.concatenate([[0], np.cumsum(depth, dtype=np.int64)])
        low = np.clip(starts[first:last], window.start, window.end) - window.start
        high = np.clip(ends[first:last], window.start, window.end) - window.start
        with self._lock:
            self._sums[row + first : row + last] += sums[high] - sums[low]

    def means(self) -> NDArray[np.float32]:
        """Mean depth of each bin, bases of which none was told counting as 0."""
        length = (self._bins["end"] - self._bins["start"]).to_numpy()
        return np.asarray(self._sums / length, np.float32)
