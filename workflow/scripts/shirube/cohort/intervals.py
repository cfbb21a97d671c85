"""Sorted, disjoint intervals of one contig as pairs of arrays: start, end (0-based, half-open)."""

import numpy as np
import numpy.typing as npt

from shirube.cohort.kernels import native
from shirube.cohort.kernels.array_types import Ints


def union(start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Sorted, disjoint union of intervals; touching ones are joined."""
    if start.size == 0:
        return start, end
    order = np.argsort(start, kind="stable")
    start, end = start[order], np.maximum.accumulate(end[order])
    first = np.flatnonzero(np.concatenate(([True], start[1:] > end[:-1])))
    return start[first], end[np.concatenate((first[1:] - 1, [start.size - 1]))]


def difference(start: Ints, end: Ints, less_start: Ints, less_end: Ints) -> tuple[Ints, Ints]:
    """Intervals without others; all sorted and disjoint."""
    room = start.size + less_start.size
    out_start, out_end = np.empty(room, np.int32), np.empty(room, np.int32)
    n = native.call("subtract", start, end, less_start, less_end, out_start, out_end)
    return out_start[:n], out_end[:n]


def within(points: Ints, start: Ints, end: Ints) -> npt.NDArray[np.bool_]:
    """Which 0-based points lie in sorted, disjoint intervals."""
    if start.size == 0:
        return np.zeros(points.size, np.bool_)
    at = np.searchsorted(start, points, "right") - 1
    return (at >= 0) & (points < end[np.maximum(at, 0)])
