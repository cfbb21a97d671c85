"""A pass over reads as runs of windows that are worked on at once and gathered in order.

Each window is looked at by itself, so that what is found does not depend on the number of runs.
Threads suffice: programs decode the reads, and compiled code that lets others run looks at them.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np

from shirube.genome.intervals import Interval

T = TypeVar("T")
RUNS = 4  # a thread, so that one with many reads keeps nobody waiting


def runs(cut: Sequence[Interval], count: int) -> list[range]:
    """Indices of `cut` in at most `count` runs of about as many bases each; none is empty."""
    bases = np.cumsum([window.end - window.start for window in cut])
    if not len(bases):
        return []
    edges = np.searchsorted(bases, bases[-1] * np.arange(1, count) / count) + 1
    bounds = np.unique(np.concatenate([[0], edges, [len(cut)]])).tolist()
    return [range(a, b) for a, b in pairwise(bounds)]


def gathered(work: Callable[[range], T], cut: Sequence[Interval], threads: int) -> list[T]:
    """`work` of every run of `cut`, in order; as many at once as `threads`."""
    if threads < 2:
        return [work(own) for own in runs(cut, 1)]
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(work, own) for own in runs(cut, RUNS * threads)]
        try:
            return [one.result() for one in waiting]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
