"""Alignment of an edited read to the reference around it, as an aligner would place it.

Affine-gap local alignment with bwa mem's default scores (match 1, mismatch -4, gap -6 and -1 a
base, 5 for reaching an end of the read): short gaps are shown, long ones and those near an end
become soft clips, as in real alignments.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

MATCH, MISMATCH, OPEN, EXTEND, END = 1, -4, -6, -1, 5
_LOW = -(10**6)


@njit(cache=True)
def _align(
    read: NDArray[np.uint8], window: NDArray[np.uint8]
) -> tuple[int, int, int, NDArray[np.uint8], int]:
    """Score, first read base used, first window base used, operations backwards, last read base."""
    n, m = len(read), len(window)
    best = np.full((n + 1, m + 1), _LOW, np.int32)
    gap_read = np.full((n + 1, m + 1), _LOW, np.int32)  # insertion: base of the read alone
    gap_window = np.full((n + 1, m + 1), _LOW, np.int32)  # deletion: base of the window alone
    step = np.zeros((n + 1, m + 1), np.uint8)  # 0 start, 1 diagonal, 2 insertion, 3 deletion
    step_read = np.zeros((n + 1, m + 1), np.uint8)
    step_window = np.zeros((n + 1, m + 1), np.uint8)
    top, top_i, top_j = _LOW, 0, 0
    for i in range(1, n + 1):
        begin = END if i == 1 else 0
        for j in range(1, m + 1):
            same = read[i - 1] == window[j - 1] and read[i - 1] < 4
            score = MATCH if same else MISMATCH
            before = best[i - 1, j - 1]
            value, how = begin + score, 0
            if before > begin:
                value, how = before + score, 1
            opened, extended = best[i - 1, j] + OPEN + EXTEND, gap_read[i - 1, j] + EXTEND
            gap_read[i, j] = max(opened, extended)
            step_read[i, j] = 1 if extended > opened else 0
            opened, extended = best[i, j - 1] + OPEN + EXTEND, gap_window[i, j - 1] + EXTEND
            gap_window[i, j] = max(opened, extended)
            step_window[i, j] = 1 if extended > opened else 0
            if gap_read[i, j] > value:
                value, how = gap_read[i, j], 2
            if gap_window[i, j] > value:
                value, how = gap_window[i, j], 3
            best[i, j], step[i, j] = value, how
            total = value + (END if i == n else 0)
            if total > top and how < 2:
                top, top_i, top_j = total, i, j
    operations = np.zeros(n + m, np.uint8)
    count, i, j, state = 0, top_i, top_j, 0
    while True:
        if state == 0:
            how = step[i, j]
            if how == 2 or how == 3:
                state = how
                continue
            operations[count] = 0
            count += 1
            i, j = i - 1, j - 1
            if how == 0:
                break
        elif state == 2:
            operations[count] = 1
            count += 1
            state = 2 if step_read[i, j] else 0
            i -= 1
        else:
            operations[count] = 2
            count += 1
            state = 3 if step_window[i, j] else 0
            j -= 1
    return top, i, j, operations[:count], top_i


def aligned(read: NDArray[np.uint8], window: NDArray[np.uint8]) -> tuple[int, int, str]:
    """Score, first window base and CIGAR of `read` (codes) in `window` (codes)."""
    score, first, start, backwards, last = _align(read, window)
    forward = backwards[::-1]
    edges = np.flatnonzero(np.diff(forward)) + 1
    runs = np.split(forward, edges)
    cigar = "".join(f"{len(run)}{'MID'[run[0]]}" for run in runs)
    lead = f"{first}S" if first else ""
    tail = f"{len(read) - last}S" if last < len(read) else ""
    return int(score), int(start), lead + cigar + tail
