"""Whose counts could be worked out from several published tables together.

A published group is a sum over people. Whoever holds all tables can add and subtract them; what
they can reach are the linear combinations of the groups. People who are in exactly the same
groups of all releases (a class) can never be told apart. So the question is whether some
combination is nothing but 1 to k-1 people, that is whether the row space of the matrix
groups x classes holds a vector other than 0 that is 0 outside classes of fewer than k people in
all. It does if taking those columns away lowers the rank.
"""

from collections.abc import Iterator, Sequence, Set
from itertools import combinations

import numpy as np
import numpy.typing as npt

MOST = 2000  # sets of classes tried one by one
_Matrix = npt.NDArray[np.float64]


def exposed(history: Sequence[Set[str]], new: Sequence[Set[str]], k: int) -> set[str]:
    """Fewer than `k` people whose sum `new` groups would give away; empty if there are none.

    `history`: the groups published before. What they give away already is not asked again. Where
    there are too many ways to try, people who might be given away are named: nothing is published
    that was not shown to be safe.
    """
    before = list(dict.fromkeys(map(frozenset, history)))
    every = list(dict.fromkeys([*before, *map(frozenset, new)]))
    members: dict[tuple[bool, ...], set[str]] = {}
    for person in sorted(set().union(*every)):
        members.setdefault(tuple(person in group for group in every), set()).add(person)
    classes = list(members.values())
    matrix = np.array(list(members), np.float64).T.reshape(len(every), len(classes))
    small = [i for i, people in enumerate(classes) if len(people) < k]
    if not small or not _reached(matrix, small):
        return set()
    for tried, some in enumerate(_sets(small, [len(people) for people in classes], k)):
        if tried == MOST:
            return classes[small[0]]
        if _reached(matrix, some) and not _reached(matrix[: len(before)], some):
            return set().union(*(classes[i] for i in some))
    return set()


def _reached(matrix: _Matrix, columns: Sequence[int]) -> bool:
    """Whether a combination of rows is 0 outside `columns` and not 0 in all of them."""
    if not matrix.size:
        return False
    rest = np.delete(matrix, columns, axis=1)
    without = int(np.linalg.matrix_rank(rest)) if rest.size else 0
    return without < int(np.linalg.matrix_rank(matrix))


def _sets(small: Sequence[int], sizes: Sequence[int], k: int) -> Iterator[list[int]]:
    """Sets of small classes with fewer than `k` people together, small sets first."""
    for number in range(1, k):
        found = False
        for some in combinations(small, number):
            if sum(sizes[i] for i in some) < k:
                found = True
                yield list(some)
        if not found:
            return
