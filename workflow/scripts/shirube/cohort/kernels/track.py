"""Kernels on callable intervals."""

from shirube.cohort.kernels.array_types import Ints


def subtract(
    start: Ints,
    end: Ints,
    less_start: Ints,
    less_end: Ints,
    out_start: Ints,
    out_end: Ints,
) -> int:
    """[start, end) without [less_start, less_end): both sorted and disjoint; number written.

    `out_*` hold at least start.size + less_start.size intervals.
    """
    n, j = 0, 0
    for i in range(start.size):
        low, high = start[i], end[i]
        while j < less_start.size and less_end[j] <= low:
            j += 1
        k = j
        while k < less_start.size and less_start[k] < high:
            if less_start[k] > low:
                out_start[n] = low
                out_end[n] = less_start[k]
                n += 1
            if less_end[k] > low:
                low = less_end[k]
            k += 1
        if low < high:
            out_start[n] = low
            out_end[n] = high
            n += 1
    return n
