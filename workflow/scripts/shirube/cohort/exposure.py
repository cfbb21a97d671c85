"""Whose data could be worked out from everything published together: the one definition.

A published number is a sum over people. Whoever holds all of them can add and subtract, so what
they can reach is every linear combination of the published sums: the row space of a matrix with a
row for each sum and a column for each set of people who are in exactly the same sums (people of
one column can never be told apart). A combination that is 0 in all columns but those of fewer
than k people is a statement about these people alone.

The rule: no such combination, other than those that could be reached before. It is decided by
ranks (how many independent combinations vanish outside a set of columns), for every set of
columns with fewer than k people in all.

A column may weigh less than the people in it: people whose data changed between two releases
weigh nothing, because the old and the new may cancel but for one of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, islice

import numpy as np
import numpy.typing as npt

MOST = 2000  # sets of columns tried
_AT_ONCE = 64
_REMEMBERED = 20_000
Matrix = npt.NDArray[np.float64]
Group = Mapping[str, str]  # person -> version of their data


def disclosed(rows: Matrix, before: int, weights: Sequence[int], k: int) -> list[int]:
    """Columns of fewer than `k` people of whom `rows` tell and the first `before` of them do not.

    [] if there are none. Where there are too many sets to try, some column is named: nothing is
    published that was not shown to be safe.
    """
    small = [i for i, weight in enumerate(weights) if weight < k]
    if not small or not rows.size or not _gained(rows, before, [small])[0]:
        return []
    sets = _sets(small, weights, k)
    tried = 0
    while some := list(islice(sets, _AT_ONCE)):
        tried += len(some)
        found = np.flatnonzero(_gained(rows, before, some))
        if found.size:
            return some[int(found[0])]
        if tried >= MOST:
            return small[:1]
    return []


# The same few matrices come again at site after site: what was asked of one is remembered.
_RANKS: dict[tuple[int, bytes], int] = {}
_GAINS: dict[tuple[int, int, bytes], dict[tuple[int, ...], bool]] = {}


def rank(rows: Matrix) -> int:
    """How many independent combinations `rows`, of 0 and 1, have; 0 without rows or columns."""
    if not rows.size:
        return 0
    key = (rows.shape[1], rows.astype(np.int8).tobytes())
    if key not in _RANKS:
        if len(_RANKS) > _REMEMBERED:
            _RANKS.clear()
        _RANKS[key] = int(np.linalg.matrix_rank(rows))
    return _RANKS[key]


def _gained(rows: Matrix, before: int, sets: Sequence[Sequence[int]]) -> npt.NDArray[np.bool_]:
    """Whether, for each set, more combinations of `rows` than of the first vanish outside it."""
    key = (before, rows.shape[1], rows.astype(np.int8).tobytes())
    if len(_GAINS) > _REMEMBERED:
        _GAINS.clear()
    known = _GAINS.setdefault(key, {})
    names = [tuple(columns) for columns in sets]
    if new := [name for name in names if name not in known]:
        known.update(zip(new, _asked(rows, before, new).tolist(), strict=True))
    return np.array([known[name] for name in names], np.bool_)


def _asked(rows: Matrix, before: int, sets: Sequence[Sequence[int]]) -> npt.NDArray[np.bool_]:
    kept = np.ones((len(sets), 1, rows.shape[1]))
    for number, columns in enumerate(sets):
        kept[number, 0, list(columns)] = 0
    after = rank(rows) - np.linalg.matrix_rank(rows * kept)
    if not before:
        return np.asarray(after > 0)
    return np.asarray(after > rank(rows[:before]) - np.linalg.matrix_rank(rows[:before] * kept))


def _sets(small: Sequence[int], weights: Sequence[int], k: int) -> Iterator[list[int]]:
    """Sets of columns of fewer than `k` people together, small sets first.

    Columns without weight cost nothing and are in every set.
    """
    free = [i for i in small if weights[i] == 0]
    heavy = [i for i in small if weights[i] > 0]
    if free:
        yield free
    for number in range(1, k):
        found = False
        for some in combinations(heavy, number):
            if sum(weights[i] for i in some) < k:
                found = True
                yield [*free, *some]
        if not found:
            return


def exposed(history: Sequence[Group], new: Sequence[Group], k: int) -> set[str]:
    """Fewer than `k` people whom `new` groups would tell apart; empty if there are none.

    `history`: the groups published before. What they give away already is not asked again.
    """
    rows = [set(group.items()) for group in history]
    before = list({frozenset(group): group for group in rows}.values())
    every = list({frozenset(group): group for group in [*before, *(set(g.items()) for g in new)]})
    versions: dict[str, set[str]] = {}
    for person, version in sorted(set().union(*every)):
        versions.setdefault(person, set()).add(version)
    members: dict[tuple[bool, ...], list[tuple[str, str]]] = {}
    for one in sorted(set().union(*every)):
        changed = len(versions[one[0]]) > 1
        members.setdefault((changed, *(one in group for group in every)), []).append(one)
    classes = list(members.values())
    weights = [0 if key[0] else len(people) for key, people in members.items()]
    matrix = np.array([key[1:] for key in members], np.float64).reshape(len(classes), len(every)).T
    told = disclosed(matrix, len(before), weights, k)
    return {person for i in told for person, _ in classes[i]}
