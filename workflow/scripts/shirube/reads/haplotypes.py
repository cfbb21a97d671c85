"""Haplotypes of a window, spelled by the reads over it, and how well each read fits each.

A read that is aligned on both sides of a window spells what its molecule has there, whatever its
alignment makes of it. Sequences that several reads spell are the haplotypes; every read, clipped
ones too, is then compared base by base with each of them, walking into the window from the side
on which it is anchored. All positions are 0-based; bases are coded A C G T = 0 1 2 3, else 4.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from shirube.reads.bam import MAPQ, Batch
from shirube.reads.indels import anchors
from shirube.reads.pileup import base_at, bases_of, fragment_of, parts, quality_at

FLANK = 25  # bases beyond the window that are compared too
MIN_SIDE, MIN_ANCHOR = 6, 8  # aligned bases beside the window that spell it, or lead into it
MAX_BASE, MAX_READ = 40, 100  # phred: no base says more; a read worse than this fits nothing
# GATK's parameters for haplotypes on the reference, so that alleles are written as is usual
MATCH, MISMATCH, OPEN, EXTEND = 200, -150, -260, -11


@njit(cache=True, nogil=True)
def _spelled(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    left: int,
    right: int,
    min_mapq: int,
    support: int,
    longest: int,
    hashes: NDArray[np.uint64],
    reads: NDArray[np.int32],
    firsts: NDArray[np.int32],
    lengths: NDArray[np.int32],
) -> int:
    """Reads anchored on both sides of (left, right): hash, index, first base, length of each."""
    filled = 0
    for index in range(len(offsets)):
        record = offsets[index]
        if data[record + MAPQ] < min_mapq or starts[index] > left or ends[index] <= right:
            continue
        from_left, left_support, from_right, right_support = anchors(data, record, left, right)
        if from_left < 0 or from_right < 0 or min(left_support, right_support) < support:
            continue
        length = from_right - from_left - 1
        if length < 0 or length > longest:
            continue
        sequence = parts(data, record)[1]
        value, known = np.uint64(14695981039346656037), True
        for at in range(from_left + 1, from_right):
            base = base_at(data, sequence, at)
            known = known and base < 4
            value = (value ^ np.uint64(base)) * np.uint64(1099511628211)
        if known:
            hashes[filled], reads[filled] = value, index
            firsts[filled], lengths[filled] = from_left + 1, length
            filled += 1
    return filled


def spelled(
    batch: Batch, low: int, high: int, left: int, right: int, min_mapq: int, longest: int
) -> list[tuple[NDArray[np.uint8], int]]:
    """Sequences between positions `left` and `right` and the reads that spell each, most first.

    `low`, `high` bound the reads of `batch` that are looked at.
    """
    size = high - low
    hashes, reads = np.empty(size, np.uint64), np.empty(size, np.int32)
    firsts, lengths = np.empty(size, np.int32), np.empty(size, np.int32)
    own = slice(low, high)
    filled = _spelled(
        batch.data,
        batch.offsets[own],
        batch.start[own],
        batch.end[own],
        left,
        right,
        min_mapq,
        MIN_SIDE,
        longest,
        hashes,
        reads,
        firsts,
        lengths,
    )
    _, where, counts = np.unique(hashes[:filled], return_index=True, return_counts=True)
    out = []
    for at, count in zip(where, counts, strict=True):
        record = batch.offsets[low + reads[at]]
        out.append((bases_of(batch.data, record, firsts[at], lengths[at]), int(count)))
    return sorted(out, key=lambda pair: (-pair[1], pair[0].tobytes()))


@njit(cache=True, nogil=True)
def _scores(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    left: int,
    right: int,
    min_mapq: int,
    support: int,
    sequences: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    fragments: NDArray[np.uint64],
    facts: NDArray[np.int32],
    out: NDArray[np.float32],
) -> int:
    filled, haplotypes = 0, len(bounds) - 1
    for index in range(len(offsets)):
        record = offsets[index]
        if data[record + MAPQ] < min_mapq or starts[index] > right or ends[index] < left:
            continue
        from_left, left_support, from_right, right_support = anchors(data, record, left, right)
        if max(left_support, right_support) < support:
            continue
        _, sequence, qualities, _, bases = parts(data, record)
        forward = left_support >= right_support
        if (forward and (from_left < 0 or from_left + 1 >= bases)) or (
            not forward and from_right < 1
        ):
            continue
        best = 1e9
        for h in range(haplotypes):
            size = bounds[h + 1] - bounds[h]
            total, beyond = 0.0, after if forward else before
            for k in range(size + len(beyond)):
                at = from_left + 1 + k if forward else from_right - 1 - k
                if at < 0 or at >= bases:
                    break
                if k < size:
                    place = bounds[h] + k if forward else bounds[h + 1] - 1 - k
                    expected = sequences[place]
                else:
                    expected = beyond[k - size] if forward else beyond[len(beyond) - 1 - k + size]
                base = base_at(data, sequence, at)
                if base != expected and base < 4:
                    total += min(quality_at(data, qualities, at), MAX_BASE)
            out[filled, h] = total
            best = min(best, total)
        if best > MAX_READ:
            continue
        fragments[filled] = fragment_of(data, record)
        facts[filled, 0] = data[record + MAPQ]
        facts[filled, 1] = (data[record + 14] >> 4) & 1
        filled += 1
    return filled


def scores(
    batch: Batch,
    low: int,
    high: int,
    left: int,
    right: int,
    min_mapq: int,
    haplotypes: list[NDArray[np.uint8]],
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Summed phred of mismatches of each fragment to each haplotype; (MAPQ, reverse) of each.

    `before` and `after` are the reference bases beside the window. Of two mates the one that
    tells more of the haplotypes apart stands for the fragment.
    """
    size = high - low
    bounds = np.cumsum([0, *(len(h) for h in haplotypes)])
    fragments, facts = np.empty(size, np.uint64), np.empty((size, 2), np.int32)
    out = np.empty((size, len(haplotypes)), np.float32)
    own = slice(low, high)
    filled = _scores(
        batch.data,
        batch.offsets[own],
        batch.start[own],
        batch.end[own],
        left,
        right,
        min_mapq,
        MIN_ANCHOR,
        np.concatenate(haplotypes),
        bounds,
        before,
        after,
        fragments,
        facts,
        out,
    )
    out, facts, fragments = out[:filled], facts[:filled], fragments[:filled]
    told = out.max(axis=1, initial=0) - out.min(axis=1, initial=1e9)
    order = np.lexsort((np.arange(filled), -told, fragments))
    first = np.ones(filled, bool)
    first[1:] = fragments[order][1:] != fragments[order][:-1]
    chosen = np.sort(order[first])
    return out[chosen], facts[chosen]


@njit(cache=True, nogil=True)
def differences(haplotype: NDArray[np.uint8], reference: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Where a haplotype differs from the reference of its window: rows (at, deleted, from, to).

    At index `at` of the reference `deleted` bases give way to bases [from, to) of the haplotype.
    Both are aligned from end to end with affine gaps, gaps as far left as they go.
    """
    rows, columns = len(reference) + 1, len(haplotype) + 1
    low = -(1 << 30)
    # states: 0 aligned, 1 deletion (reference base without partner), 2 insertion
    score = np.full((3, rows, columns), low, np.int32)
    back = np.zeros((3, rows, columns), np.int8)
    score[0, 0, 0] = 0
    for i in range(rows):
        for j in range(columns):
            if i and j:
                same = reference[i - 1] == haplotype[j - 1]
                best = 0
                for s in (1, 2):
                    if score[s, i - 1, j - 1] > score[best, i - 1, j - 1]:
                        best = s
                score[0, i, j] = score[best, i - 1, j - 1] + (MATCH if same else MISMATCH)
                back[0, i, j] = best
            if i:
                opened, longer = score[0, i - 1, j] + OPEN, score[1, i - 1, j] + EXTEND
                other = score[2, i - 1, j] + OPEN
                score[1, i, j] = max(opened, longer, other)
                back[1, i, j] = 1 if longer >= max(opened, other) else (0 if opened >= other else 2)
            if j:
                opened, longer = score[0, i, j - 1] + OPEN, score[2, i, j - 1] + EXTEND
                score[2, i, j] = max(opened, longer)
                back[2, i, j] = 2 if longer >= opened else 0
    out = np.empty((rows + columns, 4), np.int32)
    count, i, j = 0, rows - 1, columns - 1
    state = 0
    for s in (1, 2):
        if score[s, i, j] > score[state, i, j]:
            state = s
    while i or j:
        previous = back[state, i, j]
        if state == 0:
            i, j = i - 1, j - 1
            if reference[i] != haplotype[j]:
                out[count] = (i, 1, j, j + 1)
                count += 1
        elif state == 1:
            i -= 1
            if (
                count
                and out[count - 1, 1]
                and out[count - 1, 0] == i + 1
                and (out[count - 1, 2] == out[count - 1, 3])
            ):
                out[count - 1, 0] = i
                out[count - 1, 1] += 1
            else:
                out[count] = (i, 1, j, j)
                count += 1
        else:
            j -= 1
            if count and out[count - 1, 1] == 0 and out[count - 1, 2] == j + 1:
                out[count - 1, 2] = j
            else:
                out[count] = (i, 0, j, j + 1)
                count += 1
        state = previous
    return out[:count][::-1].copy()
