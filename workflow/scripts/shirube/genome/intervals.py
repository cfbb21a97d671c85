"""Intervals and their algebra: 0-based, half-open.

Of many contigs: lists of `Interval`, sorted and disjoint as `merged` makes them. Of one
chromosome: pairs of arrays (starts, ends), sorted and disjoint; results have the arrays' type.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", np.int32, np.int64)
Spans: TypeAlias = list[tuple[int, int]]
Arrays: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]
EMPTY: Arrays = (np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True, order=True)
class Interval:
    """A stretch of one contig."""

    contig: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """Name usable in a path: contig_start_end."""
        return f"{self.contig}_{self.start}_{self.end}"

    @property
    def region(self) -> str:
        """The interval as htslib writes it: contig:first-last, 1-based, both ends included."""
        return f"{self.contig}:{self.start + 1}-{self.end}"

    @classmethod
    def from_name(cls, name: str) -> "Interval":
        """Inverse of `name`."""
        contig, start, end = name.rsplit("_", 2)
        return cls(contig, int(start), int(end))


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Sorted union of `intervals`; touching ones are joined."""
    out: list[Interval] = []
    for interval in sorted(intervals):
        if out and out[-1].contig == interval.contig and interval.start <= out[-1].end:
            out[-1] = Interval(interval.contig, out[-1].start, max(out[-1].end, interval.end))
        else:
            out.append(interval)
    return out


def arrays(intervals: Iterable[tuple[str, int, int]]) -> dict[str, Arrays]:
    """Chromosome -> arrays of sorted, disjoint intervals."""
    lists: dict[str, tuple[list[int], list[int]]] = {}
    for chrom, start, end in intervals:
        starts, ends = lists.setdefault(chrom, ([], []))
        starts.append(start)
        ends.append(end)
    return {c: (np.array(s, np.int64), np.array(e, np.int64)) for c, (s, e) in lists.items()}


def _by_contig(intervals: Sequence[Interval]) -> dict[str, Arrays]:
    return arrays((i.contig, i.start, i.end) for i in intervals)


def intersection(first: Sequence[Interval], second: Sequence[Interval]) -> list[Interval]:
    """Bases in both; each is sorted and disjoint (`merged`), as is the result."""
    others = _by_contig(second)
    return [
        Interval(contig, start, end)
        for contig, own in _by_contig(first).items()
        if contig in others
        for start, end in _pairs(common(own, others[contig]))
    ]


def subtraction(first: Sequence[Interval], second: Sequence[Interval]) -> list[Interval]:
    """Bases of `first` not in `second`; each sorted and disjoint, as is the result."""
    others = _by_contig(second)
    return [
        Interval(contig, start, end)
        for contig, own in _by_contig(first).items()
        for start, end in _pairs(difference(own, others.get(contig, EMPTY)))
    ]


def _pairs(intervals: Arrays) -> Iterable[tuple[int, int]]:
    return zip(intervals[0].tolist(), intervals[1].tolist(), strict=True)


def union(start: NDArray[Number], end: NDArray[Number]) -> tuple[NDArray[Number], NDArray[Number]]:
    """Sorted, disjoint union of any intervals of one chromosome; touching ones are joined."""
    if start.size == 0:
        return start, end
    order = np.argsort(start, kind="stable")
    start, end = start[order], np.maximum.accumulate(end[order])
    first = np.flatnonzero(np.concatenate(([True], start[1:] > end[:-1])))
    return start[first], end[np.concatenate((first[1:] - 1, [start.size - 1]))]


def common(
    first: tuple[NDArray[Number], NDArray[Number]], second: tuple[NDArray[Number], NDArray[Number]]
) -> tuple[NDArray[Number], NDArray[Number]]:
    """Bases in both; one interval of `first` stays one per interval of `second` it meets."""
    (starts, ends), (low, high) = first, second
    begin = np.searchsorted(high, starts, side="right")
    times = np.maximum(np.searchsorted(low, ends, side="left") - begin, 0)
    row = np.repeat(np.arange(starts.size), times)
    which = begin[row] + np.arange(row.size) - np.repeat(np.cumsum(times) - times, times)
    return np.maximum(starts[row], low[which]), np.minimum(ends[row], high[which])


def difference(
    first: tuple[NDArray[Number], NDArray[Number]], less: tuple[NDArray[Number], NDArray[Number]]
) -> tuple[NDArray[Number], NDArray[Number]]:
    """Bases of `first` not in `less`."""
    kind = first[0].dtype
    low = np.concatenate((np.array([np.iinfo(kind).min], kind), less[1].astype(kind, copy=False)))
    high = np.concatenate((less[0].astype(kind, copy=False), np.array([np.iinfo(kind).max], kind)))
    room = low < high
    return common(first, (low[room], high[room]))


def within(
    points: NDArray[Number], start: NDArray[Number], end: NDArray[Number]
) -> NDArray[np.bool_]:
    """Which 0-based points lie in sorted, disjoint intervals."""
    if start.size == 0:
        return np.zeros(points.size, np.bool_)
    at = np.searchsorted(start, points, "right") - 1
    return (at >= 0) & (points < end[np.maximum(at, 0)])


def covered(spans: Sequence[tuple[int, int]], allowed: Arrays) -> int:
    """Bases of `spans` inside the sorted, disjoint intervals `allowed`."""
    starts, ends = allowed
    total = np.concatenate([[0], np.cumsum(ends - starts)])

    def before(at: int) -> int:
        index = int(np.searchsorted(starts, at, side="right"))
        return int(total[index]) - (max(0, int(ends[index - 1]) - at) if index else 0)

    return sum(before(end) - before(start) for start, end in spans)
