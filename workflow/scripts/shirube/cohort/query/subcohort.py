"""Frequencies of any set of people, from what was read of each: the private side.

Callability follows the same rule as in the published tables. A set of fewer than k people is
refused, and so is one that leaves fewer than k of those counted out: either would be a person's
genotypes, the second by subtraction from the whole.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.cohort.exposure import disclosed
from shirube.cohort.frequency import copies_at, statistics_of
from shirube.cohort.kernels.array_types import Ints
from shirube.cohort.ploidies import Par
from shirube.cohort.query.questions import Span, Told
from shirube.cohort.state import State
from shirube.cohort.suppression import is_identification_code
from shirube.contracts import ALLELE, FREQUENCY, scan
from shirube.contracts.cohort import CALLABLE, GENOTYPES
from shirube.errors import InputError

Longs = npt.NDArray[np.int64]
_SHIFT = 32


@dataclass(frozen=True)
class _Chrom:
    """One chromosome of everyone counted.

    `rows` are genotypes sorted by allele with the number of the person; `start` holds
    person << 32 | start of each callable interval, ascending, and `end` its end.
    """

    rows: pl.DataFrame
    pos: Ints
    start: Longs
    end: Ints


def _tellable(
    before: npt.NDArray[np.bool_],
    new: npt.NDArray[np.bool_],
    copies: npt.NDArray[np.int_],
    gone: npt.NDArray[np.bool_],
    k: int,
) -> list[bool]:
    """Whether each row of people of `new` may be told after those of `before` and `new` that were.

    Who is `gone` was there when the rows before were told, and weighs nothing for those to come.
    """
    classes, which = np.unique(
        np.vstack([before, new, copies[None] * 2 + gone[None]]), axis=1, return_inverse=True
    )
    have = classes[-1] // 2
    there = have > 0
    then = np.bincount(which.ravel(), minlength=classes.shape[1]).astype(int)[there].tolist()
    now = np.bincount(which.ravel(), ~gone, classes.shape[1]).astype(int)[there].tolist()
    rows, out = np.zeros((0, classes.shape[1])), []
    for number, row in enumerate(classes[:-1].astype(bool)):
        parts = [row & (have == n) for n in (1, 2)]
        more = np.vstack([rows, *(part.astype(float) for part in parts if part.any())])
        weights = then if number < len(before) else now
        safe = len(more) > len(rows) and not disclosed(more[:, there], len(rows), weights, k)
        out.append(safe)
        if safe:
            rows = more
    return out[len(before) :]


class Subcohorts:
    """Sub-cohorts of those a state counts; chromosomes stay in memory once asked for."""

    def __init__(self, state: State, par: Par, k: int) -> None:
        self.state, self.par, self.k = state, par, k
        self.samples = list(state.manifest.counted)
        self.sexes = np.array([state.manifest.people[s].sex for s in self.samples])
        self._chroms: dict[tuple[str, int, int], _Chrom] = {}

    def chosen(self, samples: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Mask of `samples` among those counted; InputError for a set too small to be shown."""
        wanted = set(samples)
        mask = np.array([name in wanted for name in self.samples], np.bool_)
        n, rest = int(mask.sum()), int((~mask).sum())
        if n < self.k:
            raise InputError("--where", f"at least {self.k} people, found {n}")
        if 0 < rest < self.k:
            raise InputError(
                "--where", f"nobody or at least {self.k} people left out, found {rest}"
            )
        return mask

    def _load(self, chrom: str, start: int, end: int) -> _Chrom:
        """What lies in 0-based [start, end) of a chromosome."""
        whole = self._chroms.get((chrom, 0, 1 << 31))
        if whole is not None:
            return whole
        key = (chrom, start, end)
        if key not in self._chroms:
            here = pl.col("chrom") == chrom
            near = here & (pl.col("pos") > start) & (pl.col("pos") <= end)
            over = here & (pl.col("start") < end) & (pl.col("end") > start)
            rows = [GENOTYPES.empty().with_columns(pl.lit(0, pl.Int32).alias("person")).lazy()]
            spans = [CALLABLE.empty().with_columns(pl.lit(0, pl.Int32).alias("person")).lazy()]
            for number, sample in enumerate(self.samples):
                entry = self.state.manifest.people[sample]
                person = pl.lit(number, pl.Int32).alias("person")
                genotypes = scan(GENOTYPES, self.state.object(entry.genotypes)).filter(near)
                rows.append(genotypes.with_columns(person))
                track = scan(CALLABLE, self.state.object(entry.callable)).filter(over)
                spans.append(track.with_columns(person))
            table, track_table = pl.collect_all([pl.concat(rows), pl.concat(spans)])
            table = table.sort(ALLELE)
            person_of = track_table["person"].to_numpy().astype(np.int64) << _SHIFT
            self._chroms[key] = _Chrom(
                table,
                table["pos"].to_numpy(),
                person_of | track_table["start"].to_numpy(),
                track_table["end"].to_numpy(),
            )
        return self._chroms[key]

    def warm(self, chrom: str) -> None:
        """Keep a whole chromosome in memory for many look-ups."""
        self._load(chrom, 0, 1 << 31)

    def callable_at(self, found: _Chrom, mask: npt.NDArray[np.bool_], point: int) -> Ints:
        """Which of the chosen people (their numbers) are callable at a 0-based position."""
        people = np.flatnonzero(mask)
        if found.start.size == 0:
            return people[:0].astype(np.int32)
        at = np.searchsorted(found.start, people << _SHIFT | point, "right") - 1
        same = (at >= 0) & (found.start[at] >> _SHIFT == people) & (point < found.end[at])
        return people[same].astype(np.int32)

    def edges(self, where: Span) -> Ints:
        """0-based positions inside a span at which somebody begins or ends to be callable."""
        found = self._load(*where)
        every = np.concatenate([found.start & ((1 << _SHIFT) - 1), found.end, where[1:]])
        return np.unique(every[(every >= where[1]) & (every <= where[2])]).astype(np.int32)

    def told_at(
        self,
        chosen: Sequence[npt.NDArray[np.bool_]],
        told: Sequence[Told],
        changed: Set[str],
        where: Span,
        points: Ints,
        may: npt.NDArray[np.bool_] | None = None,
    ) -> npt.NDArray[np.bool_]:
        """(sets, points): where each of the `chosen` sets may be counted, given what was `told`.

        The rule of `exposure` at each 0-based point of the span `where`, of the people callable
        there: as in `cells`, but for any sets of people. A set is decided on given those chosen
        before it; it is told only where it `may` be. People of `told` whom the state does not
        have any more, and those whose data `changed` since, weigh nothing.
        """
        chrom = where[0]
        found = self._load(*where)
        numbers = {name: n for n, name in enumerate(self.samples)}
        everyone = sorted({*self.samples}.union(*(one.people for one in told)))
        of = np.array([numbers.get(name, 0) for name in everyone])
        gone = np.array([name not in numbers for name in everyone])
        before = np.array([[name in one.people for name in everyone] for one in told], np.bool_)
        before = before.reshape(len(told), len(everyone))
        new = np.array([~gone & mask[of] for mask in chosen])
        sexes = {name: sex for one in told for name, sex in one.people.items()}
        other = np.array([name in changed for name in everyone])
        copies = {s: copies_at(points, chrom, s, self.par) for s in ("XX", "XY", "unknown")}
        answers: dict[tuple[bytes, ...], list[bool]] = {}
        out = np.zeros((len(chosen), points.size), np.bool_)
        for i, point in enumerate(points.tolist()):
            asked = np.ones(len(chosen), np.bool_) if may is None else may[:, i]
            if not asked.any():
                continue
            seen = np.zeros(len(self.samples), np.bool_)
            seen[self.callable_at(found, np.ones_like(seen), point)] = True
            each = np.array([copies[s][i] for s in self.sexes])
            left = np.array([copies[sexes.get(name, "unknown")][i] for name in everyone])
            have = np.where(gone, left, np.where(seen[of], each[of], 0))
            here = np.array([one.at(chrom, point) for one in told], np.bool_)
            key = (have.astype(np.int8).tobytes(), here.tobytes(), asked.tobytes())
            if key not in answers:
                answers[key] = _tellable(before[here], new[asked], have, gone | other, self.k)
            out[asked, i] = answers[key]
        return out

    def frequencies(
        self, mask: npt.NDArray[np.bool_], chrom: str, start: int, end: int, group: str = "chosen"
    ) -> pl.DataFrame:
        """FREQUENCY rows (one `group`) of alleles the chosen people carry in [start, end)."""
        found = self._load(chrom, start, end)
        low, high = np.searchsorted(found.pos, [start + 1, end + 1])
        rows = found.rows[int(low) : int(high)]
        rows = rows.filter(pl.Series(mask[rows["person"].to_numpy()], dtype=pl.Boolean))
        two, one = pl.col("ploidy") == 2, pl.col("ac") == 1
        sums = rows.group_by(ALLELE, maintain_order=True).agg(
            pl.col("ac").cast(pl.Int64).sum(),
            (two & one).sum().cast(pl.Int64).alias("het"),
            (two & ~one).sum().cast(pl.Int64).alias("hom"),
            (~two).sum().cast(pl.Int64).alias("hemi"),
        )
        points = sums["pos"].to_numpy() - 1
        numbers = {c: sums[c].to_numpy() for c in ("ac", "het", "hom", "hemi")}
        unique, inverse = np.unique(points, return_inverse=True)
        an, diploid = np.zeros(unique.size, np.int64), np.zeros(unique.size, np.int64)
        people = np.zeros(unique.size, np.int64)
        have = {s: copies_at(unique, chrom, s, self.par) for s in ("XX", "XY", "unknown")}
        for i, point in enumerate(unique.tolist()):
            sexes = self.sexes[self.callable_at(found, mask, point)]
            for sex, copies in have.items():
                n = int((sexes == sex).sum())
                an[i] += n * copies[i]
                diploid[i] += n * (copies[i] == 2)
                people[i] += n * (copies[i] > 0)
        numbers |= {"an": an[inverse], "diploid": diploid[inverse], "people": people[inverse]}
        alleles = sums.select(ALLELE)
        table = statistics_of(alleles, group, numbers).select(*FREQUENCY.schema)
        if is_identification_code(table, int(mask.sum())):
            raise InputError("--where", "not one person's identification code")
        return table
