"""At which structural variants a release may show which groups: `cells`, asked of two ends.

Who counts at a variant is known to be examined at both of its ends. How many of the people of an
earlier release were is not kept, only how many were at each place: of `n` people at least a + b - n
were at both ends, and at most the smaller of a and b. What earlier releases show is decided by
the most, what this one may show by the least, and everything an earlier release may have told is
taken as told. So a number is rather withheld than shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.cohort.cells import SEXES, Cells, Column, Longs, Shown, Tracks
from shirube.cohort.frequency import copies_at
from shirube.cohort.kernels.array_types import Ints
from shirube.cohort.ploidies import Par


@dataclass(frozen=True)
class Ends:
    """Where variants lie: `first` on one chromosome, `second` on `others`, 0-based."""

    chrom: str
    first: Ints
    others: Sequence[str]
    second: Ints

    @classmethod
    def of(cls, table: pl.DataFrame) -> "Ends":
        """Of `variants` of one chromosome."""
        first, second = (table[c].to_numpy().astype(np.int32) - 1 for c in ("pos", "pos2"))
        return cls(str(table["chrom"][0]), first, table["chrom2"].cast(pl.String).to_list(), second)


class EventCells(Cells):
    """Decisions about structural variants.

    `track`: who is examined at each place; `searched`: (step, stratum) -> people whose structural
    variants were looked for; `published`: releases that showed any.
    """

    def __init__(
        self,
        cells: Cells,
        track: Tracks,
        searched: Mapping[tuple[int, str], int],
        published: Sequence[int],
    ) -> None:
        super().__init__(track, cells.columns, cells.steps)
        self._searched, self._published = searched, {*published, len(cells.steps)}

    @cached_property
    def _sizes(self) -> list[int]:
        """People of each column whose structural variants were looked for."""
        return [
            sum(self._searched.get(place, 0) for place in column.plus)
            - sum(self._searched.get(place, 0) for place in column.minus)
            for column in self.columns
        ]

    def variants_shown(self, ends: Ends, people: Mapping[str, Longs], par: Par) -> Shown:
        """Group of this release -> whether its cell may be shown at each variant.

        `people`: stratum -> how many of those counted now count at each.
        """
        size = ends.first.size
        copies = {sex: copies_at(ends.first, ends.chrom, sex, par) for sex in SEXES}
        keys: list[Longs] = [copies[sex].astype(np.int64) for sex in SEXES]
        for column, searched in zip(self.columns, self._sizes, strict=True):
            most, least = self._bounds(column, searched, ends, people)
            keys.append(np.clip(most, 0, self._k) if size else most)
            keys.append(np.clip(least, 0, self._k) if size else least)
        return self._decided(keys, size, ends.chrom)

    def _bounds(
        self, column: Column, searched: int, ends: Ends, people: Mapping[str, Longs]
    ) -> tuple[Longs, Longs]:
        """Most and fewest people of a column who count at each variant."""
        none = np.zeros(ends.first.size, np.int64)
        if column.free:
            return none, none
        if len(column.plus) == 1 and column.plus[0][0] == 0 and not column.minus:
            exact = people.get(column.plus[0][1], none)
            return exact, exact - column.less
        one = self._there(column, ends.chrom, ends.first)
        other = none.copy()
        for chrom in sorted(set(ends.others)):
            at = np.flatnonzero(np.array([name == chrom for name in ends.others]))
            other[at] = self._there(column, chrom, ends.second[at])
        return np.minimum(one, other), one + other - searched - column.less

    def _there(self, column: Column, chrom: str, points: Ints) -> Longs:
        """People of a column examined at 0-based points."""
        order = np.argsort(points, kind="stable")
        out = np.zeros(points.size, np.int64)
        for places, sign in ((column.plus, 1), (column.minus, -1)):
            for place in places:
                out[order] += sign * self._track(*place, chrom).values(points[order])
        return out

    def _told(self, number: int) -> bool:
        return number in self._published

    def _weights(self, number: int, counts: npt.NDArray[np.int64]) -> Longs:
        """The most at earlier releases, the fewest at this one."""
        return counts[:, 1 if number == len(self.steps) else 0]

    def _before(self, number: int, rows: int) -> int:
        """Of this release everything together is asked."""
        return 0 if number == len(self.steps) else rows
