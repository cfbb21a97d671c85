"""Junctions of a whole genome in few bytes each, found again by where they lie.

Millions of reads are clipped, and few of them tell of an event: what is kept of each are columns
(about 60 bytes with its clipped bases), and a Junction is made of them only where one is looked at.
"""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shirube.reads.junctions import Breakend, Junction

NEAR = 10  # bases a breakend may lie beyond where a read says it is
Sides = tuple[str, str, str, str]  # contig and strand of the lower and of the upper breakend
Key = tuple[str, str, int]  # contig, strand, position
_POSITIONS = 1 << 32


def sides(lower: Breakend, upper: Breakend) -> Sides:
    """Contig and strand of both breakends."""
    return lower.contig, lower.strand, upper.contig, upper.strand


class Clips:
    """Clipped ends of reads by the breakend they lie at, those of one in the order of `add`."""

    def __init__(self) -> None:
        self._side: dict[tuple[str, str], int] = {}
        self._added = array("q"), array("Q"), array("B"), array("B"), array("q", [0])
        self._text = bytearray()
        self._sorted: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None

    def add(self, clip: Junction) -> None:
        """Take one more."""
        end = clip.lower
        side = self._side.setdefault((end.contig, end.strand), len(self._side))
        self._text += clip.sequence.encode()
        row = (side * _POSITIONS + end.pos, clip.fragment, clip.mate, clip.mapq, len(self._text))
        for column, value in zip(self._added, row, strict=True):
            column.append(value)
        self._sorted = None

    @property
    def _keys(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Keys in ascending order, and the row each is of."""
        if self._sorted is None:
            keys = np.array(self._added[0], np.int64)
            order = np.argsort(keys, kind="stable")
            self._sorted = keys[order], order
        return self._sorted

    def _junction(self, row: int, end: Breakend) -> Junction:
        _, fragment, mate, mapq, stop = self._added
        text = self._text[stop[row] : stop[row + 1]].decode()
        return Junction("clip", fragment[row], mate[row], mapq[row], end, None, sequence=text)

    def between(self, contig: str, strand: str, low: int, high: int) -> Iterator[Junction]:
        """Clips of a contig and strand at `low` to `high`, ascending."""
        side = self._side.get((contig, strand))
        if side is None:
            return
        keys, order = self._keys
        base = side * _POSITIONS
        first, last = np.searchsorted(keys, (base + max(low, 0), base + high + 1))
        for place in range(first, last):
            end = Breakend(contig, int(keys[place]) - base, strand)
            yield self._junction(int(order[place]), end)

    def highest(self, contig: str, strand: str, low: int, high: int, most: int) -> list[int]:
        """Positions from `low` to `high` with clips of most fragments, highest first."""
        side = self._side.get((contig, strand))
        if side is None:
            return []
        keys, order = self._keys
        base = side * _POSITIONS
        first, last = np.searchsorted(keys, (base + max(low, 0), base + high + 1))
        rows = order[first:last].tolist()
        seen = {(int(k), self._added[1][r]) for k, r in zip(keys[first:last], rows, strict=True)}
        places, heights = np.unique([key for key, _ in seen], return_counts=True)
        ranked = np.lexsort((places, -heights))[:most]
        return [int(places[n]) - base for n in ranked]

    def piles(self) -> Iterator[tuple[Key, list[Junction]]]:
        """Breakends with two clips or more, and their clips."""
        keys, _ = self._keys
        again = keys[1:] == keys[:-1]
        for place in np.flatnonzero(again & ~np.concatenate([[False], again])[: len(again)]):
            key = self._named(int(keys[place]))
            yield key, self[key]

    def has(self, contig: str, strand: str, pos: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether there are clips at each of the positions."""
        side = self._side.get((contig, strand))
        if side is None:
            return np.zeros(len(pos), np.bool_)
        keys, asked = self._keys[0], side * _POSITIONS + pos
        at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
        return np.asarray(keys[at] == asked)

    def _named(self, key: int) -> Key:
        contig, strand = list(self._side)[key // _POSITIONS]
        return contig, strand, key % _POSITIONS

    def __getitem__(self, key: Key) -> list[Junction]:
        """Clips at a breakend; none where nothing is clipped."""
        contig, strand, pos = key
        return list(self.between(contig, strand, pos, pos))


class Joins:
    """Junctions of two breakends as they are read."""

    def __init__(self) -> None:
        self.sides: dict[Sides, int] = {}
        self.texts: dict[str, int] = {}
        self._added = array("i"), array("q"), array("q"), array("Q"), array("B"), array("q")

    def add(self, join: Junction) -> None:
        """Take one more."""
        assert join.upper is not None
        side = self.sides.setdefault(sides(join.lower, join.upper), len(self.sides))
        text = self.texts.setdefault(join.sequence, len(self.texts))
        row = (side, join.lower.pos, join.upper.pos, join.fragment, join.mate, text)
        for column, value in zip(self._added, row, strict=True):
            column.append(value)

    def columns(self) -> tuple[NDArray[np.int64], ...]:
        """(rows,) side, lower position, upper position, fragment, mate, text."""
        return tuple(np.asarray(column) for column in self._added)


@dataclass(frozen=True)
class Cluster:
    """Pairs that agree: how many, and the least and most of their inner ends, lower and upper."""

    sides: Sides
    count: int
    lower: tuple[int, int]
    upper: tuple[int, int]


class Placed:
    """Fragments of junctions by where both their breakends lie, sorted by the lower.

    side, lower, upper, fragment (rows,): `side` numbers the keys of `named`.
    """

    def __init__(
        self,
        named: Mapping[Sides, int],
        side: NDArray[np.int64],
        lower: NDArray[np.int64],
        upper: NDArray[np.int64],
        fragment: NDArray[np.int64],
    ) -> None:
        order = np.lexsort((lower, side))
        self.lower, self.upper, self.fragment = lower[order], upper[order], fragment[order]
        bounds = np.searchsorted(side[order], np.arange(len(named) + 1))
        self.spans = {
            name: (int(bounds[number]), int(bounds[number + 1])) for name, number in named.items()
        }

    def within(self, lower: Breakend, upper: Breakend, reach: int) -> set[int]:
        """Fragments both of whose ends lie on the kept side of `lower` and `upper`.

        At most `reach` bases away, or NEAR bases beyond.
        """
        start, stop = self.spans.get(sides(lower, upper), (0, 0))
        (low, high), (least, most) = (
            (end.pos - reach, end.pos + NEAR)
            if end.strand == "+"
            else (end.pos - NEAR, end.pos + reach)
            for end in (lower, upper)
        )
        first, last = start + np.searchsorted(self.lower[start:stop], (low, high + 1))
        other = self.upper[first:last]
        return set(self.fragment[first:last][(other >= least) & (other <= most)].tolist())

    def clusters(self, gap: int) -> Iterator[Cluster]:
        """Two junctions or more whose sorted ends are `gap` apart at most, lower, then upper."""
        for name, (start, stop) in self.spans.items():
            for low, high in _chains(self.lower[start:stop], gap):
                upper = self.upper[start + low : start + high]
                order = np.argsort(upper, kind="stable")
                for first, last in _chains(upper[order], gap):
                    lower = self.lower[start + low + order[first:last]]
                    ends = int(upper[order[first]]), int(upper[order[last - 1]])
                    own = int(lower.min()), int(lower.max())
                    yield Cluster(name, last - first, own, ends)


def _chains(positions: NDArray[np.int64], gap: int) -> list[tuple[int, int]]:
    """[first, last) of runs of two or more ascending positions never more than `gap` apart."""
    cuts = np.flatnonzero(np.diff(positions) > gap) + 1
    bounds = np.concatenate([[0], cuts, [len(positions)]])
    long = np.flatnonzero(np.diff(bounds) >= 2)
    return list(zip(bounds[long].tolist(), bounds[long + 1].tolist(), strict=True))


def mated(found: Joins) -> Placed:
    """Pairs of which both mates were seen, as both see it: each knows its own end to the base."""
    side, lower, upper, fragment, mate, _ = found.columns()
    order = np.argsort(fragment, kind="stable")
    names, mates = fragment[order], mate[order]
    starts = np.flatnonzero(np.concatenate([[True], names[1:] != names[:-1]])[: len(names)])
    if len(starts):
        both = np.minimum.reduceat(mates, starts) != np.maximum.reduceat(mates, starts)
        starts = starts[both]
    one, two = order[starts], order[starts + 1]
    named = list(found.sides)
    ends = []
    for at, column in ((1, lower), (3, upper)):
        forward = np.array([name[at] == "+" for name in named], np.bool_)[side[one]]
        inner = np.where(
            forward, np.maximum(column[one], column[two]), np.minimum(column[one], column[two])
        )
        # Where the two overlap and sort differently one is kept. A mate's record holds the start
        # of the other mate, at or before its true inner end.
        ends.append(np.where(side[one] == side[two], inner, column[one]))
    return Placed(found.sides, side[one], ends[0], ends[1], fragment[one])
