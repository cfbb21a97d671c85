"""A small cohort through a random history, released by the package's own decisions.

Genotypes and callability are arrays; who may be told what is decided by the same functions that a
run uses (`plan`, `Register`, `cells`, `hidden_alleles`). What comes out is only what is published.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from shirube.cohort import groups as decisions
from shirube.cohort.cells import cells
from shirube.cohort.frequency import ALL, groups, leaf
from shirube.cohort.register import Known, Register, groups_now
from shirube.cohort.state import Entry, Manifest
from shirube.cohort.suppression import hidden_alleles

PAR = {"chrX": ((0, 300),), "chrY": ((0, 300),)}
SITES = [("chr1", 100), ("chr1", 200), ("chr1", 300), ("chrX", 100), ("chrX", 900), ("chrY", 900)]
COPIES = {
    sex: np.array([2, 2, 2, 2, 2 if sex == "XX" else 1, 0 if sex == "XX" else 1])
    for sex in ("XX", "XY")
}
FOOTPRINTS = np.array(
    [[1, 1, 1, 1, 1, 1], [1, 0, 0, 1, 0, 0], [0, 1, 0, 0, 1, 1], [1, 1, 0, 1, 1, 0]], bool
)


@dataclass
class Person:
    """Truth about somebody: `geno` copies of the ALT, `seen` where they are callable."""

    number: int
    patient: str
    sex: str
    programme: str
    geno: np.ndarray
    seen: np.ndarray
    file: int = 0
    counted: bool = True
    before: tuple[str, int] = ("", 0)  # name and file of the last time
    patients: list[str] = field(default_factory=list)  # names, the last is the one of now
    every: list[np.ndarray] = field(default_factory=list)  # genotypes of each file

    def copies(self) -> np.ndarray:
        """Copies they have of each site."""
        return COPIES[self.sex]


@dataclass(frozen=True)
class Cell:
    """One published cell of a site: numbers, and (which anybody may guess) whose they are."""

    release: int
    site: int
    group: str
    people: tuple[tuple[int, int, int], ...]  # person, copies, file
    ac: int
    nhomalt: int
    nhemi: int


@dataclass(frozen=True)
class Whole:
    """An allele whose groups are hidden: its total, and the sizes of the groups."""

    total: int
    sizes: tuple[int, ...]
    counts: tuple[int, ...]  # the truth
    least: int


@dataclass
class Switches:
    """Defences; each may be switched off."""

    sites: bool = True  # k people callable at the site
    ploidy: bool = True  # in each ploidy
    history: bool = True  # earlier releases
    content: bool = True  # people known by their content, not their name
    kinship: bool = True  # and by their genome, where both name and file are new
    changes: bool = True  # changed data may differ for one person only
    algebra: bool = True  # sums and differences, not the groups alone
    bounds: bool = True  # what is possible


class Memory(Register):
    """A register that lies nowhere."""

    def __init__(self) -> None:
        super().__init__(Path("/nonexistent/register"))

    def save(self) -> None:
        """Nothing to write."""


class Counts:
    """Callability of a stratum, as `Track` gives it."""

    def __init__(self, chrom: str, seen: np.ndarray) -> None:
        self._by_point = {p - 1: n for (c, p), n in zip(SITES, seen, strict=True) if c == chrom}

    def values(self, points: np.ndarray) -> np.ndarray:
        """People callable at 0-based points."""
        return np.array([self._by_point.get(int(p), 0) for p in points], np.int32)


@dataclass
class Cohort:
    """The people, the register, and what has been published."""

    rng: np.random.Generator
    k: int
    switches: Switches
    least: int = 0
    columns: tuple[str, ...] = ("sex",)
    rule: int = 0
    lost: bool = False  # the state was removed: genomes of those who left are gone
    people: list[Person] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    wholes: list[Whole] = field(default_factory=list)
    register: Memory = field(default_factory=Memory)
    tracks: list[dict[str, np.ndarray]] = field(default_factory=list)

    def join(self, sex: str, footprint: int) -> None:
        """One more person."""
        n = len(self.people)
        copies = COPIES[sex]
        geno = self.rng.binomial(copies, self.rng.choice([0.15, 0.5], len(SITES)))
        seen = FOOTPRINTS[footprint] & (copies > 0)
        programme = ("a", "b")[int(self.rng.integers(2))]
        who = Person(n, f"P{n}", sex, programme, geno, seen, n)
        who.patients.append(who.patient)
        who.every.append(geno)
        self.people.append(who)

    def other_file(self, one: Person) -> None:
        """Their file is replaced: one site differs."""
        one.file = len(self.people) * 1000 + int(self.rng.integers(1000))
        site = int(self.rng.integers(len(SITES)))
        one.geno = one.geno.copy()
        one.geno[site] = self.rng.binomial(one.copies()[site], 0.5)
        one.every.append(one.geno)

    def other_rule(self) -> None:
        """Another genotype rule: a call is lost or won here and there."""
        self.rule += 1
        for one in self.people:
            flip = self.rng.random(len(SITES)) < 0.1
            one.seen = (one.seen ^ flip) & (one.copies() > 0)

    def _entry(self, one: Person) -> Entry:
        def digest(*parts: object) -> str:
            return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]

        rule = self.rule if self.switches.changes else 0
        file = one.file if self.switches.changes else one.number
        seen = one.seen.tolist()
        if not self.switches.changes:
            seen, rule = [], 0
        records = digest(one.file) if self.switches.content else digest(one.patient)
        content = digest(file, rule, seen, "" if self.switches.content else one.patient)
        values: dict[str, str | None] = {"sex": one.sex, "programme": one.programme}
        own = leaf(one.sex, {c: values[c] for c in self.columns})
        return Entry(one.patient, one.patient, one.sex, own, "", content, content, "", records)

    def release(self) -> None:
        """Publish if the rules allow it."""
        for one in self.people:
            if self.lost and one.before[0] not in ("", one.patient):
                one.file = one.before[1]  # the one thing nobody could notice: see docs/cohort.md
        here = {f"{p.patient}": p for p in self.people if p.counted}
        entries = {name: self._entry(one) for name, one in here.items()}
        register = self.register if self.switches.history else Memory()
        same: dict[str, str] = {}
        if self.switches.kinship and not self.lost:
            keys = {n: e for e in register.people.values() for n in e["patients"]}
            for name, one in here.items():
                old = [before for before in one.patients[:-1] if before in keys]
                if old:
                    same[name] = old[-1]
        known = register.identified(entries, same)
        register.learn(entries, known)
        if not self.switches.changes:  # an old version is taken for the new one
            known = {name: Known(who.key, "") for name, who in known.items()}
        entries = {
            name: replace(entry, stratum=register.stratum(known[name], entry.stratum))
            for name, entry in entries.items()
        }
        state: Any = SimpleNamespace(manifest=Manifest({}, entries, tuple(sorted(entries)), {}))
        now = groups_now(state, self.columns, known)
        plan = decisions.plan(register.shown(), now, self.k)
        if not self.switches.algebra and len(now.get(ALL, ())) >= self.k:
            plan = decisions.Plan(tuple(g for g, who in now.items() if len(who) >= self.k))
        policy = {"min_people": self.k, "min_count": self.least}
        again = bool(register.entries) and register.entries[-1]["policy"] != policy
        if not plan.groups or (plan.held == decisions.UNCHANGED and not again):
            return
        order = sorted(plan.groups, key=lambda g: (g != ALL, -len(now[g]), g))
        strata: dict[str, np.ndarray] = {}
        for name, entry in entries.items():
            strata.setdefault(entry.stratum, np.zeros(len(SITES), int))
            strata[entry.stratum] = strata[entry.stratum] + here[name].seen
        tracks = [*(self.tracks if self.switches.history else []), strata]

        def track(step: int, stratum: str, chrom: str) -> Counts:
            where = tracks[step - 1] if step else strata
            return Counts(chrom, where.get(stratum, np.zeros(len(SITES), int)))

        decided = cells(state, register, known, self.columns, order, self.k, track)
        shown = {}
        for chrom in dict.fromkeys(c for c, _ in SITES):
            points = np.array([p - 1 for c, p in SITES if c == chrom], np.int32)
            for group, answer in decided.shown(chrom, points, PAR).items():
                shown.setdefault(group, []).extend(answer.tolist())
        members = groups(list(strata), self.columns)
        self._publish(order, members, here, entries, shown)
        if self.switches.history:
            self.tracks.append(strata)
        about = {"groups": order, "columns": list(self.columns), "policy": policy, "rule": ""}
        register.append(state, known, {**about, "release": len(register.entries) + 1, "files": {}})

    def _publish(
        self,
        order: list[str],
        members: dict[str, list[str]],
        here: dict[str, Person],
        entries: dict[str, Entry],
        shown: dict[str, list[bool]],
    ) -> None:
        release = 1 + max((cell.release for cell in self.cells), default=0)
        for site in range(len(SITES)):
            found: dict[str, Cell] = {}
            for group in order:
                inside = [
                    here[name]
                    for name, entry in entries.items()
                    if entry.stratum in members[group] and here[name].seen[site]
                ]
                classes = [sum(p.copies()[site] == n for p in inside) for n in (1, 2)]
                may = shown[group][site]
                if not self.switches.sites:
                    may = bool(inside)
                elif not self.switches.ploidy or not self.switches.algebra:
                    may = len(inside) >= self.k
                    if self.switches.ploidy:
                        may = all(n == 0 or n >= self.k for n in classes) and bool(inside)
                geno = [int(p.geno[site]) for p in inside]
                copies = [int(p.copies()[site]) for p in inside]
                cell = Cell(
                    *(release, site, group),
                    tuple((p.number, c, p.file) for p, c in zip(inside, copies, strict=True)),
                    sum(geno),
                    sum(g == 2 for g, c in zip(geno, copies, strict=True) if c == 2),
                    sum(g for g, c in zip(geno, copies, strict=True) if c == 1),
                )
                if may:
                    found[group] = cell
                elif group == ALL:
                    found = {}
            if self.least and ALL in found:
                found = self._small(found)
            self.cells += found.values()

    def _small(self, found: dict[str, Cell]) -> dict[str, Cell]:
        """What is left of an allele's cells where small counts are hidden."""
        whole = found[ALL]
        if whole.ac < self.least:
            return {}
        parts = [cell for group, cell in found.items() if group != ALL]
        counts = np.array([[cell.ac for cell in parts]]).reshape(1, -1)
        sizes = np.array([[sum(c for _, c, _ in cell.people) for cell in parts]]).reshape(1, -1)
        room = sum(c for _, c, _ in whole.people)
        hidden, told = hidden_alleles(
            *(np.array([whole.ac]), counts, np.array([room]), sizes, self.least)
        )
        if not hidden[0]:
            return found
        if told[0] and self.switches.bounds:
            return {}
        rest = whole.ac - int(counts.sum())
        self.wholes.append(
            Whole(
                whole.ac,
                (*sizes[0].tolist(), room - int(sizes.sum())),
                (*counts[0].tolist(), rest),
                self.least,
            )
        )
        return {ALL: whole}


def history(
    seed: int,
    switches: Switches,
    made: Callable[[np.random.Generator, int, Switches, int], Cohort] = Cohort,
) -> Cohort:
    """A cohort after a random history; `made` of a generator, k, `switches` and min_count."""
    rng = np.random.default_rng(seed)
    cohort = made(rng, int(rng.integers(3, 6)), switches, int(rng.choice([0, 0, 2, 3])))
    men = float(rng.choice([0.1, 0.3, 0.5]))
    panels = rng.choice([1, 1, 4])
    cohort.columns = (("sex",), ("sex", "programme"), ("programme",), ())[int(rng.integers(4))]

    def come(most: int) -> None:
        for _ in range(int(rng.integers(1, most + 1))):
            cohort.join("XY" if rng.random() < men else "XX", int(rng.integers(panels)))

    come(1)
    for _ in range(int(rng.integers(cohort.k, 14))):
        cohort.join("XY" if rng.random() < men else "XX", int(rng.integers(panels)))
    cohort.release()
    for _ in range(int(rng.integers(1, 4))):
        cohort.lost = bool(rng.random() < 0.3)
        for one in cohort.people:
            one.before = (one.patient, one.file)
        for event in rng.choice(7, int(rng.integers(1, 4)), p=[0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1]):
            there = [p for p in cohort.people if p.counted]
            if event == 0:
                come(cohort.k + 3)
            elif event == 1:  # people withdraw, or fail a gate
                for one in rng.choice(len(there), min(len(there), int(rng.integers(1, 4)))):
                    there[int(one)].counted = False
            elif event == 2:  # and some come back
                for one in cohort.people:
                    one.counted |= bool(rng.random() < 0.5)
            elif event == 3:  # names are given anew
                for one in cohort.people:
                    one.patient = f"P{one.number}.{len(one.patients)}"
                    one.patients.append(one.patient)
            elif event == 4 and there:
                cohort.other_file(there[int(rng.integers(len(there)))])
            elif event == 5:
                cohort.other_rule()
            else:
                cohort.columns = (("sex",), ("sex", "programme"), ())[int(rng.integers(3))]
                cohort.least = int(rng.choice([0, 2, 3]))
        cohort.release()
    return cohort
