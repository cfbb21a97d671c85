"""Microsatellites of the reference, and how long reads show them to be."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from shirube.genome.intervals import Interval
from shirube.reads.bam import MAPQ, Batch
from shirube.reads.pileup import aligned, fragment_of

MIN_COPIES = {1: 8, 2: 5}  # copies of a unit of 1 or 2 bases from which a run is a microsatellite
MAX_TRACT, ANCHOR, LENGTHS = 60, 5, 96


@dataclass(frozen=True)
class Repeat:
    """A run of a unit of `unit` bases over [start, end), 0-based."""

    contig: str
    start: int
    end: int
    unit: int


@njit(cache=True, nogil=True)
def _runs(codes: NDArray[np.uint8], unit: int, least: int) -> NDArray[np.int64]:
    out = []
    at = 0
    while at < len(codes) - unit:
        if codes[at] > 3:
            at += 1
            continue
        end = at + unit
        while end < len(codes) and codes[end] == codes[end - unit] and codes[end] < 4:
            end += 1
        whole = (end - at) // unit * unit
        if whole >= least * unit:
            out.append((at, at + whole))
            at = end
        else:
            at += 1
    found = np.empty((len(out), 2), np.int64)
    for n in range(len(out)):
        found[n, 0], found[n, 1] = out[n]
    return found


def repeats(codes: NDArray[np.uint8], window: Interval) -> list[Repeat]:
    """Microsatellites of one or two bases inside `window`, whose codes are given.

    Runs longer than MAX_TRACT are left out: reads do not span them.
    """
    out = []
    for unit, least in MIN_COPIES.items():
        for low, high in _runs(codes, unit, least):
            same = unit == 2 and codes[low] == codes[low + 1]
            inside = low >= ANCHOR and high <= len(codes) - ANCHOR
            if not same and inside and high - low <= MAX_TRACT:
                start = window.start
                out.append(Repeat(window.contig, start + int(low), start + int(high), unit))
    return sorted(out, key=lambda r: (r.start, r.end))


@njit(cache=True, nogil=True)
def _lengths(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    low: int,
    high: int,
    min_mapq: int,
    counts: NDArray[np.int32],
) -> None:
    last = np.uint64(0)
    for read in range(len(offsets)):
        record = offsets[read]
        if starts[read] > low - ANCHOR or ends[read] < high + ANCHOR:
            continue
        if data[record + MAPQ] < min_mapq:
            continue
        before, after = -1, -1
        for position, query, length in aligned(data, record):
            if position <= low - 1 < position + length:
                before = query + low - 1 - position
            if position <= high < position + length:
                after = query + high - position
        if before < 0 or after < 0:
            continue
        fragment = fragment_of(data, record)
        if fragment == last:
            continue
        last = fragment
        counts[min(max(after - before - 1, 0), LENGTHS - 1)] += 1


def lengths(batch: Batch, repeat: Repeat, min_mapq: int) -> NDArray[np.int32]:
    """Reads by the length they show for `repeat` (index = bases), flanked by aligned bases."""
    counts = np.zeros(LENGTHS, np.int32)
    arguments = (batch.data, batch.offsets, batch.start, batch.end)
    _lengths(*arguments, repeat.start, repeat.end, min_mapq, counts)
    return counts
