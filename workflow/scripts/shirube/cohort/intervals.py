"""Subtraction of intervals in compiled code: a person's genome has millions of them."""

import numpy as np

from shirube.cohort.kernels import native
from shirube.cohort.kernels.array_types import Ints


def difference(first: tuple[Ints, Ints], less: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """The same as `genome.intervals.difference`."""
    room = first[0].size + less[0].size
    out_start, out_end = np.empty(room, np.int32), np.empty(room, np.int32)
    n = native.call("subtract", *first, *less, out_start, out_end)
    return out_start[:n], out_end[:n]
