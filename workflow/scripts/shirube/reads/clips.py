"""Indels that alignments hide in soft clips.

An aligner shows a short gap only if enough of the read lies on both sides; an insertion of half a
read never. The clipped bases themselves say what happened: read away from the alignment they hold
what was inserted (if anything) and then the reference again, further on (deletion), at once
(insertion) or from before (duplication). Where one clip is too short to reach the reference again,
a clip from the other side may overlap it.

What is found here are candidates only: reads are counted for and against them by
`pileup.observe_indel`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from shirube.reads.bam import BASES, CIGAR_COUNT, MAPQ, NAME, Batch, i32, u16
from shirube.reads.indels import Indel, left_aligned
from shirube.reads.pileup import bases_of
from shirube.reads.reference import LETTER

MIN_CLIP, MIN_RETURN, MIN_OVERLAP, REACH, ACROSS = 8, 12, 12, 250, 60


@dataclass(frozen=True)
class Clip:
    """Bases of a read beyond its alignment, in the order they leave it.

    edge   position of the last aligned base; `right` if the clip lies right of it
    """

    edge: int
    right: bool
    bases: NDArray[np.uint8]


@njit(cache=True, nogil=True)
def _clipped(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], min_mapq: int, min_clip: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Index and clipped lengths (left, right) of reads clipped by `min_clip` or more."""
    index = np.empty(len(offsets), np.int32)
    left, right = np.zeros(len(offsets), np.int32), np.zeros(len(offsets), np.int32)
    count = 0
    for read in range(len(offsets)):
        record = offsets[read]
        operations = u16(data, record + CIGAR_COUNT)
        if data[record + MAPQ] < min_mapq or operations < 2:
            continue
        cigar = record + NAME + int(data[record + 8])
        first = i32(data, cigar) & 0xFFFFFFFF
        last = i32(data, cigar + 4 * (operations - 1)) & 0xFFFFFFFF
        lead = first >> 4 if first & 15 == 4 else 0
        tail = last >> 4 if last & 15 == 4 else 0
        if max(lead, tail) >= min_clip:
            index[count], left[count], right[count] = read, lead, tail
            count += 1
    return index[:count], left[:count], right[:count]


def clips(batch: Batch, min_mapq: int) -> Iterator[Clip]:
    """Clips of the reads of a batch."""
    for read, left, right in zip(
        *_clipped(batch.data, batch.offsets, min_mapq, MIN_CLIP), strict=True
    ):
        record = batch.offsets[read]
        if left >= MIN_CLIP:
            bases = bases_of(batch.data, record, 0, left)[::-1].copy()
            yield Clip(int(batch.start[read]), False, bases)
        if right >= MIN_CLIP:
            size = i32(batch.data, record + BASES)
            bases = bases_of(batch.data, record, size - right, right)
            yield Clip(int(batch.end[read]) - 1, True, bases)


@njit(cache=True, nogil=True)
def _return(bases: NDArray[np.uint8], window: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Where the end of `bases` is in `window`.

    Returns (first base of the matching end, its place in the window, its length, length of the
    next best elsewhere). A mismatch costs four matches: the end stops where it stops matching.
    """
    size, best, second = len(bases), 0, 0
    best_place, best_score = -1, 0
    for shift in range(-size + MIN_RETURN, len(window) - size + 1):
        score, top, good = 0, 0, 0
        for k in range(size - 1, max(-1, -shift - 1), -1):
            score += 1 if bases[k] == window[shift + k] else -4
            if score > top:
                top, good = score, size - k
            if score < top - 8:
                break
        if top > best_score:
            second, best_score = best_score, top
            best, best_place = good, shift + size - good
        elif top > second:
            second = top
    if best_score < MIN_RETURN:
        best = 0
    second += best - best_score
    return size - best, best_place, best, second


def _indel(
    edge: int, inserted: NDArray[np.uint8], after: int, codes: NDArray[np.uint8], offset: int
) -> Indel | None:
    """The allele of reference up to `edge`, then `inserted`, then reference from `after` on."""
    if after > edge:
        deleted, text = after - edge - 1, inserted
    else:
        deleted, text = 0, np.concatenate([inserted, codes[after - offset : edge + 1 - offset]])
    removed = codes[edge + 1 - offset : edge + 1 - offset + deleted]
    while len(text) and len(removed) and text[0] == removed[0]:
        text, removed, edge = text[1:], removed[1:], edge + 1
    while len(text) and len(removed) and text[-1] == removed[-1]:
        text, removed = text[:-1], removed[:-1]
    if (text == 4).any() or (not len(text) and not len(removed)):
        return None
    letters = "".join(LETTER[c] for c in text)
    return left_aligned(Indel(edge, len(removed), letters), codes, offset)


def _alone(clip: Clip, codes: NDArray[np.uint8], offset: int) -> Indel | None:
    """The indel one clip shows by itself."""
    edge = clip.edge - offset
    if not REACH <= edge < len(codes) - REACH:
        return None
    if clip.right:
        low = edge - REACH + 1
        first, place, length, second = _return(clip.bases, codes[low : edge + REACH])
        after = low + place
    else:
        high = edge + REACH
        mirrored = codes[edge - REACH + 1 : high][::-1].copy()
        first, place, length, second = _return(clip.bases, mirrored)
        after = high - 1 - place
    if length < MIN_RETURN or length - second < 4:
        return None
    inserted = clip.bases[:first]
    if clip.right:
        return _indel(clip.edge, inserted, after + offset, codes, offset)
    return _indel(after + offset, inserted[::-1].copy(), clip.edge, codes, offset)


@njit(cache=True, nogil=True)
def overlap(one: NDArray[np.uint8], two: NDArray[np.uint8]) -> int:
    """Longest end of `one` that begins `two` with at most one base in ten different; or 0."""
    for size in range(min(len(one), len(two)), MIN_OVERLAP - 1, -1):
        unlike = 0
        for k in range(size):
            unlike += one[len(one) - size + k] != two[k]
        if unlike * 10 <= size:
            return size
    return 0


def _together(
    lefts: list[Clip], rights: list[Clip], codes: NDArray[np.uint8], offset: int
) -> Iterator[Indel]:
    """Indels that a clip right of its alignment and one left of its alignment show together."""
    lefts = sorted(lefts, key=lambda c: c.edge)
    edges = np.array([clip.edge for clip in lefts])
    for right in rights:
        low, high = np.searchsorted(edges, [right.edge - ACROSS, right.edge + 20])
        near = sorted(lefts[low:high], key=lambda c: -len(c.bases))[:6]
        for left in near:
            towards = left.bases[::-1].copy()
            shared = overlap(right.bases, towards)
            if shared:
                inserted = np.concatenate([right.bases, towards[shared:]])
                indel = _indel(right.edge, inserted, left.edge, codes, offset)
                if indel is not None:
                    yield indel


def indels_of_clips(
    batch: Batch, codes: NDArray[np.uint8], offset: int, min_mapq: int
) -> Counter[Indel]:
    """How many clips (or pairs of clips) show each indel. `codes` begin at position `offset`."""
    found: Counter[Indel] = Counter()
    unexplained: dict[bool, list[Clip]] = {True: [], False: []}
    for clip in clips(batch, min_mapq):
        indel = _alone(clip, codes, offset)
        if indel is None:
            if offset <= clip.edge < offset + len(codes) - 1:
                unexplained[clip.right].append(clip)
        else:
            found[indel] += 1
    found.update(set(_together(unexplained[False], unexplained[True], codes, offset)))
    return found
