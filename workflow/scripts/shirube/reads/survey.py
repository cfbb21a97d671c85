"""One pass over a sample's reads: how many of which kind, and how often each base was seen.

Reads of a summary are primary alignments. Reads that count for depth are, besides, neither
duplicates nor QC failures and of mapping quality at least `min_mapq`; overlapping mates count
once (the bases of the first of the two); inserted, deleted and skipped bases do not count. These
are the rules of `samtools stats` and `samtools depth -s`, which take a pass each.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray
from pysam import AlignmentFile

from shirube.errors import InputError
from shirube.genome.intervals import Interval, merged
from shirube.reads.bam import (
    DUPLICATE,
    FLAG,
    MAPQ,
    MATE_POS,
    MATE_REF,
    NOT_EVIDENCE,
    SECONDARY,
    SUPPLEMENTARY,
    TEMPLATE,
    UNMAPPED,
    i32,
    read_windows,
    u16,
    windows,
)
from shirube.reads.pileup import aligned, fragment_of, parts
from shirube.reads.shards import gathered
from shirube.tools import piped

T = TypeVar("T")
STEP = 1 << 19  # bases of a window: 70 MB of records at 30-fold depth
PAIRED, MATE_UNMAPPED = 1, 8
MAX_INSERT = 8000
_READS, _MAPPED, _DUPLICATES, _BASES, _MISMATCHES = range(5)


@njit(cache=True, nogil=True)
def _edit_distance(data: NDArray[np.uint8], record: int) -> int:
    """The NM tag of a record, 0 where it has none."""
    _, _, qualities, _, bases = parts(data, record)
    at = qualities + bases
    stop = record + i32(data, record - 4)
    while at + 3 < stop:
        kind = data[at + 2]
        if data[at] == 78 and data[at + 1] == 77:  # N, M
            if kind in (99, 67):  # c, C
                return int(data[at + 3])
            if kind in (115, 83):  # s, S
                return u16(data, at + 3)
            return i32(data, at + 3)
        at += 3
        if kind in (65, 99, 67):  # A, c, C
            at += 1
        elif kind in (115, 83):
            at += 2
        elif kind in (105, 73, 102):  # i, I, f
            at += 4
        elif kind in (90, 72):  # Z, H: text up to a zero
            while data[at]:
                at += 1
            at += 1
        else:  # B: an array
            item = data[at]
            size = 1 if item in (99, 67) else 2 if item in (115, 83) else 4
            at += 5 + size * i32(data, at + 1)
    return 0


@njit(cache=True, nogil=True)
def _count(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    start: NDArray[np.int32],
    end: NDArray[np.int32],
    low: int,
    before: int,
    min_mapq: int,
    counts: NDArray[np.int64],
    inserts: NDArray[np.int64],
    depth: NDArray[np.int32],
) -> None:
    """Add the primary reads of one window to `counts`, `inserts`; write its `depth` from `low` on.

    A read that began before `before`, the end of the window ahead, has been counted there.
    """
    size, room = len(depth), 1
    while room < 2 * len(offsets) + 2:
        room *= 2
    names, ends = np.zeros(room, np.uint64), np.zeros(room, np.int32)
    for read in range(len(offsets)):
        record = offsets[read]
        flag, quality = u16(data, record + FLAG), data[record + MAPQ]
        first, _, _, cigar, _ = parts(data, record)
        together = (
            flag & PAIRED
            and not flag & (UNMAPPED | MATE_UNMAPPED)
            and i32(data, record) == i32(data, record + MATE_REF)
        )
        if start[read] >= before:
            counts[_READS] += 1
            counts[_DUPLICATES] += (flag & DUPLICATE) > 0
            if not flag & UNMAPPED:
                counts[_MAPPED] += 1
                counts[_MISMATCHES] += _edit_distance(data, record)
                for k in range(cigar):
                    word = i32(data, first + 4 * k) & 0xFFFFFFFF
                    if word & 15 in (0, 1, 7, 8):
                        counts[_BASES] += word >> 4
                span = i32(data, record + TEMPLATE)
                if together and span > 0:
                    inserts[min(span, MAX_INSERT)] += 1
        if flag & NOT_EVIDENCE or quality < min_mapq:
            continue
        clip = low
        mate = i32(data, record + MATE_POS)
        if together and mate < end[read]:
            name = fragment_of(data, record) | np.uint64(1)  # 0 is an empty slot
            slot = np.int64(name & np.uint64(room - 1))
            while names[slot] and names[slot] != name:
                slot = (slot + 1) % room
            if names[slot]:
                clip = max(low, ends[slot])
            elif mate >= start[read]:
                names[slot], ends[slot] = name, end[read]
        for at, _, length in aligned(data, record):
            for place in range(max(at, clip) - low, min(at + length - low, size)):
                depth[place] += 1


def _unplaced(path: str | Path, reference: str | Path) -> int:
    """Primary reads without a place, which an index keeps at the end of the file."""
    words = ["samtools", "view", "-c", "-F", SECONDARY | SUPPLEMENTARY, "-T", reference]
    with piped([*words, path, "*"]) as stream:
        return int(stream.read())


def _median(inserts: NDArray[np.int64]) -> int | None:
    total = int(inserts.sum())
    return int(np.searchsorted(np.cumsum(inserts), total / 2)) if total else None


class Survey:
    """A pass over the reads of a BAM or CRAM; iterate over it, then ask for `summary`.

    Yields (interval, depth) of the windows of `regions` in the file's order, or of every contig
    of the file where that is None; depth (bases of the interval,) int32. Raises InputError if the
    file cannot be read.
    """

    def __init__(
        self,
        path: str | Path,
        reference: str | Path,
        regions: Sequence[Interval] | None,
        min_mapq: int,
    ) -> None:
        self._path, self._reference, self._min_mapq = path, reference, min_mapq
        try:
            with AlignmentFile(str(path), check_sq=False) as opened:
                lengths = dict(zip(opened.references, opened.lengths, strict=True))
        except (OSError, ValueError) as error:
            raise InputError(path, f"a BAM or CRAM file ({error})") from error
        self._whole = regions is None
        asked = [Interval(name, 0, size) for name, size in lengths.items()]
        if regions is not None:
            asked = [i for i in merged(regions) if i.contig in lengths]
        self._cut = windows(asked, STEP, list(lengths))
        self._counts = np.zeros(5, np.int64)
        self._inserts = np.zeros(MAX_INSERT + 1, np.int64)

    def __iter__(self) -> Iterator[tuple[Interval, NDArray[np.int32]]]:
        yield from self._pass(range(len(self._cut)), self._counts, self._inserts)
        self._finish()

    def measured(
        self, take: Callable[[Interval, NDArray[np.int32]], T], threads: int = 1
    ) -> list[T]:
        """`take(interval, depth)` of every window, in order; as many at once as `threads`."""

        def work(own: range) -> tuple[list[T], NDArray[np.int64], NDArray[np.int64]]:
            counts, inserts = np.zeros_like(self._counts), np.zeros_like(self._inserts)
            found = [take(*window) for window in self._pass(own, counts, inserts)]
            return found, counts, inserts

        out: list[T] = []
        for found, counts, inserts in gathered(work, self._cut, threads):
            out += found
            self._counts += counts
            self._inserts += inserts
        self._finish()
        return out

    def _pass(
        self, own: range, counts: NDArray[np.int64], inserts: NDArray[np.int64]
    ) -> Iterator[tuple[Interval, NDArray[np.int32]]]:
        """Windows `own` and their depth; their reads are added to `counts` and `inserts`."""
        cut = self._cut[own.start : own.stop]
        before = self._cut[own.start - 1] if own.start else Interval("", 0, 0)
        batches = read_windows(self._path, self._reference, cut, 0, SECONDARY | SUPPLEMENTARY)
        for window, (batch, _) in zip(cut, batches, strict=True):
            depth = np.zeros(window.end - window.start, np.int32)
            seen = before.end if before.contig == window.contig else 0
            _count(
                *(batch.data, batch.offsets, batch.start, batch.end, window.start, seen),
                *(self._min_mapq, counts, inserts, depth),
            )
            before = window
            yield window, depth

    def _finish(self) -> None:
        if self._whole:
            self._counts[_READS] += _unplaced(self._path, self._reference)

    @property
    def summary(self) -> dict[str, int | None]:
        """What the reads passed so far are like: columns of READS."""
        names = ("reads", "mapped", "duplicates", "bases", "mismatches")
        counts = dict(zip(names, self._counts.tolist(), strict=True))
        return {**counts, "insert_size": _median(self._inserts)}


def deep(window: Interval, depth: NDArray[np.int32], minimum: int) -> list[Interval]:
    """Intervals of a window where its `depth` reaches `minimum`."""
    steps = np.diff(np.concatenate([[0], (depth >= minimum).astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    pairs = zip((starts + window.start).tolist(), (ends + window.start).tolist(), strict=True)
    return [Interval(window.contig, start, end) for start, end in pairs]
