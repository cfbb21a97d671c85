"""At which sites a release may show which groups: the rule of `exposure`, asked at every site.

What counts at a site are the people callable there, by group, and by ploidy (people with two
copies and people with one are counted in columns of their own: nhomalt, nhemi, hwe_p). So the
matrix of a site has a row for each group of each release and each ploidy, and a column for the
people of each `Column`; a cell is shown if the rows it adds tell of no 1 to k-1 people, given the
cells shown at that site by the releases before and by larger groups of this one. That is a
function of the counts at the site alone: sites with the same counts (above k all are alike) have
the same answer, which is worked out once.

What was shown earlier is worked out in the same way, from the callability that the register
keeps of every release: an allele that no table named was published too, as carried by nobody.
"""

import logging
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from shirube.cohort.exposure import disclosed, rank
from shirube.cohort.frequency import copies_at, groups, sex_of
from shirube.cohort.kernels.array_types import Ints
from shirube.cohort.ploidies import Par
from shirube.cohort.register import CHANGED, Known, Register, leaf_of
from shirube.cohort.state import State
from shirube.cohort.track import Track

LOG = logging.getLogger("shirube")
SEXES = ("XX", "XY", "unknown")
MOST = 50_000  # different counts worked out for a chromosome; further sites are not shown
Longs = npt.NDArray[np.int64]
Shown = dict[str, npt.NDArray[np.bool_]]
Tracks = Callable[[int, str, str], Track]  # step (0: now), stratum and chromosome -> callability


@dataclass(frozen=True)
class Step:
    """One release: its groups in the order they are decided on, and the k it was made with."""

    groups: tuple[str, ...]
    columns: tuple[str, ...]
    k: int


@dataclass(frozen=True)
class Column:
    """People who are in exactly the same groups of all releases.

    `leaves`: step -> leaf they were in. Their number callable at a site is the sum of `plus`
    less the sum of `minus` (step, stratum), where step 0 is the state of now. From step `since` on
    it is taken to be `less` smaller: that many of them have other data in later releases. `free`:
    their data changed, they count for nobody (the column is there wherever they have a copy).
    """

    sex: str
    leaves: Mapping[int, str]
    plus: tuple[tuple[int, str], ...]
    minus: tuple[tuple[int, str], ...] = ()
    less: int = 0
    since: int = 0
    free: bool = False


class Limit(Protocol):
    """What else stands against showing cells: questions that were answered."""

    def edges(self, chrom: str) -> Ints:
        """0-based points at which what it says may change."""

    def limit(self, chrom: str, points: Ints, shown: Shown) -> None:
        """Take out of `shown` what may not be shown."""


class Unasked:
    """No question was ever answered."""

    def edges(self, chrom: str) -> Ints:
        """Nowhere."""
        del chrom
        return np.zeros(0, np.int32)

    def limit(self, chrom: str, points: Ints, shown: Shown) -> None:
        """Nothing."""


class Cells:
    """The decisions of one release: `columns` of people, `steps` of releases, the last is now.

    `track` gives the callability of a stratum at a step; `asked` stands for the questions of people
    that were answered.
    """

    def __init__(self, track: Tracks, columns: Sequence[Column], steps: Sequence[Step]) -> None:
        self._track, self.columns, self.steps = track, list(columns), list(steps)
        self.asked: Limit = Unasked()
        self._answers: dict[tuple[int, ...], tuple[bool, ...]] = {}

    @cached_property
    def _k(self) -> int:
        return max(step.k for step in self.steps)

    @cached_property
    def _members(self) -> list[list[npt.NDArray[np.bool_]]]:
        """For each step and group: which columns are in it."""
        out = []
        for number, step in enumerate(self.steps, 1):
            rows = []
            leaves = sorted({c.leaves[number] for c in self.columns if number in c.leaves})
            named = groups(leaves, step.columns)
            for group in step.groups:
                inside = set(named.get(group, ()))
                rows.append(np.array([c.leaves.get(number) in inside for c in self.columns]))
            out.append(rows)
        return out

    def earlier(self, chrom: str) -> list[Track]:
        """Callability of earlier releases that the decisions rest on."""
        places = {place for c in self.columns if not c.free for place in (*c.plus, *c.minus)}
        return [self._track(step, stratum, chrom) for step, stratum in sorted(places) if step]

    def shown(self, chrom: str, points: Ints, par: Par) -> Shown:
        """Group of this release -> whether its cell may be shown at each 0-based point."""
        copies = {sex: copies_at(points, chrom, sex, par) for sex in SEXES}
        answers = self._decided(self._keys(chrom, points, copies), points.size, chrom)
        self.asked.limit(chrom, points, answers)
        return answers

    def known(self, step: int, stratum: str, chrom: str) -> Track:
        """Callability of a stratum at a step (0: now)."""
        return self._track(step, stratum, chrom)

    def _keys(self, chrom: str, points: Ints, copies: Mapping[str, Ints]) -> list[Longs]:
        """Counts that a decision at each point rests on; `copies`: by SEXES, of each point."""
        tracks: dict[tuple[int, str], Longs] = {}

        def people(where: tuple[int, str]) -> Longs:
            if where not in tracks:
                tracks[where] = self._track(*where, chrom).values(points).astype(np.int64)
            return tracks[where]

        keys: list[Longs] = [copies[sex].astype(np.int64) for sex in SEXES]
        none = np.zeros(points.size, np.int64)
        for column in self.columns:
            n = none
            if not column.free:
                n = sum(map(people, column.plus), none) - sum(map(people, column.minus), none)
            keys.append(np.minimum(n, self._k))
            keys.append(np.clip(n - column.less, 0, self._k) if column.less else none)
        return keys

    def _decided(self, keys: Sequence[Longs], size: int, chrom: str) -> Shown:
        """Answers of sites by their counts, one array a kind of count."""
        names = self.steps[-1].groups
        first, inverse = _kinds(keys, size, self._k + 1)
        answers = np.zeros((first.size, len(names)), np.bool_)
        work = MOST
        for number, site in enumerate(first.tolist()):
            key = tuple(int(values[site]) for values in keys)
            if key not in self._answers and work:
                work -= 1
                self._answers[key] = self._answer(key)
            answers[number] = self._answers.get(key, (False,) * len(names))
        if not work:
            LOG.warning("%s: too many kinds of sites; the last are not shown", chrom)
        return {name: answers[inverse, i] for i, name in enumerate(names)}

    def _answer(self, key: Sequence[int]) -> tuple[bool, ...]:
        """Whether each group of this release may be shown at a site of these counts."""
        each = dict(zip(SEXES, key, strict=False))
        copies = np.array([each[c.sex] for c in self.columns])
        counts = np.array(key[len(SEXES) :]).reshape(-1, 2)
        free = np.array([c.free for c in self.columns])
        there = (copies > 0) & (free | (counts[:, 0] > 0))
        rows = np.zeros((0, len(self.columns)))
        answer: list[bool] = []
        for number, step in enumerate(self.steps, 1):
            if not self._told(number):
                continue
            weights = self._weights(number, counts)
            answer = []
            for member in self._members[number - 1]:
                parts = [there & member & (copies == n) for n in (1, 2)]
                told = [part for part in parts if part.any()]
                more = np.vstack([rows, *(part.astype(float) for part in told)])
                new = bool(told) and rank(more) > rank(rows)
                # A cell of few people is what it tells; no set needs to be tried.
                before = self._before(number, rows.shape[0])
                asked = new or before < rows.shape[0]
                few = asked and any(weights[part].sum() < step.k for part in told)
                safe = bool(told) and not few
                if safe and asked:
                    safe = not disclosed(more[:, there], before, weights[there].tolist(), step.k)
                answer.append(safe)
                if safe and new:
                    rows = more
        return tuple(answer)

    def _told(self, number: int) -> bool:
        """Whether the release of a step told of sites at all."""
        return 0 < number <= len(self.steps)

    def _weights(self, number: int, counts: Longs) -> Longs:
        """People of each column who count at a site as the release of a step sees them.

        `counts` (column, 2): their number, and the number less those whose data changed since.
        """
        late = np.array([bool(c.less) and number >= c.since for c in self.columns])
        return np.where(late, counts[:, 1], counts[:, 0])

    def _before(self, number: int, rows: int) -> int:
        """How many of the first rows a step need not answer for: all `rows` shown before it."""
        return rows


def cells(
    state: State,
    register: Register,
    known: Mapping[str, Known],
    columns: Sequence[str],
    shown: Sequence[str],
    k: int,
    track: Tracks | None = None,
) -> Cells:
    """The decisions of a release of what `state` counts: `shown` groups of `columns`.

    `track`: callability from elsewhere than the state and the register.
    """
    steps = [
        Step(tuple(e["groups"]), tuple(e["columns"]), int(e["policy"]["min_people"]))
        for e in register.entries
    ]
    steps.append(Step(tuple(shown), tuple(columns), k))
    now: dict[str, set[str]] = {}
    for sample in state.manifest.counted:
        now.setdefault(state.manifest.people[sample].stratum, set()).add(known[sample].key)
    at = [{s: set(one["people"]) for s, one in e["strata"].items()} for e in register.entries]

    return Cells(track or tracks_of(state, register), people_columns([*at, now]), steps)


def tracks_of(state: State, register: Register, own: str = "track", kind: str = "tracks") -> Tracks:
    """Tracks of one kind: `own` is its name in the state's manifest, `kind` in the register."""

    @cache
    def found(step: int, stratum: str, chrom: str) -> Track:
        if step:
            return Track(register.track(step, stratum, chrom, kind))
        name = state.manifest.strata.get(stratum, {}).get(chrom, {}).get(own)
        return Track(state.object(name) if name else None)

    return found


def _kinds(
    keys: Sequence[Longs], size: int, largest: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Sites of the same keys (0 to `largest`) as one: the first of each kind, and each one's."""
    code, bound = np.zeros(size, np.int64), 1
    for values in keys:
        if bound > 1 << 50:
            _, inverse = np.unique(code, return_inverse=True)
            code, bound = inverse.astype(np.int64), size + 1
        code = code * (largest + 1) + values
        bound *= largest + 1
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    return first, inverse.ravel()


def people_columns(at: Sequence[Mapping[str, Set[str]]]) -> list[Column]:
    """Columns of everyone of `at`: of each release, and last of now, stratum -> people."""
    last = len(at)
    strata: dict[str, dict[int, str]] = {}  # person -> step -> stratum
    for step, there in enumerate(at, 1):
        for stratum, people in there.items():
            for key in people:
                strata.setdefault(key, {})[step] = stratum
    return [
        _column(stratum, step, those, strata, last)
        for step, there in enumerate(at, 1)
        for stratum, people in sorted(there.items())
        if (those := people if step == last else people - at[step].get(stratum, set()))
    ]


def _column(
    stratum: str,
    step: int,
    people: Set[str],
    strata: Mapping[str, Mapping[int, str]],
    last: int,
) -> Column:
    """Those of a stratum who are in it no longer after `step`, or are in it now."""
    free = stratum.endswith(CHANGED)
    past = {n: name for n, name in strata[min(people)].items() if n <= step}
    if free:  # what was counted before the change stands in columns of its own
        past = {n: name for n, name in past.items() if name == stratum}
    leaves = {n: leaf_of(name) for n, name in past.items()}

    def where(number: int, name: str) -> tuple[int, str]:
        return (0 if number == last else number, name)

    plus = where(step, stratum)
    if free or step == last:
        return Column(sex_of(stratum), leaves, (plus,), free=free)
    # People who stay, and those who come back with the same data, have columns of their own.
    back: dict[tuple[int, str], set[str]] = {}
    for key in people:
        later = {n: name for n, name in strata[key].items() if n > step}
        if later:
            back.setdefault(min(later.items()), set()).add(key)
    minus = [where(n, name) for n, name in sorted(back) if not name.endswith(CHANGED)]
    if any(there.get(step + 1) == stratum for there in strata.values()):
        minus.append(where(step + 1, stratum))
    changed = {place: those for place, those in back.items() if place[1].endswith(CHANGED)}
    return Column(
        *(sex_of(stratum), leaves, (plus,), tuple(minus)),
        sum(map(len, changed.values())),
        min((n for n, _ in changed), default=0),
    )
