"""Sets of people that somebody asked about: each is published as a release is, of some places.

`shirube query --where` counts any people of the state. Added to releases or taken from them its
answers could tell of one person, so a question asked is kept beside the register, and both
questions and releases are decided on by what both told before, in the order in which they did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shirube.cohort.exposure import exposed
from shirube.cohort.frequency import sex_of
from shirube.cohort.query.places import Place
from shirube.cohort.register import Known, Register
from shirube.cohort.sealed import seal, unseal
from shirube.errors import InputError

Span = tuple[str, int, int]  # chromosome, 0-based half-open


@dataclass(frozen=True)
class Told:
    """People of whom sums were published -> sex: samples of the state, or keys of who is not in it.

    `spans`: where; None everywhere.
    """

    people: Mapping[str, str]
    spans: tuple[Span, ...] | None = None

    def at(self, chrom: str, point: int) -> bool:
        """Whether it told of a 0-based position."""
        if self.spans is None:
            return True
        return any(c == chrom and start <= point < end for c, start, end in self.spans)


class Questions:
    """The questions asked so far, oldest first, beside a register of releases."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._path: Path = register.directory / "questions.json"
        self._asked: list[dict[str, Any]] = []
        if self._path.is_file():
            self._asked = unseal(self._path, "the questions asked")

    def spans(self) -> list[Span]:
        """Everywhere that was asked about."""
        return sorted({tuple(span) for one in self._asked for span in one["spans"]})

    def ask(
        self,
        people: Mapping[str, str],
        sexes: Mapping[str, str],
        places: Sequence[Place],
        k: int,
    ) -> int:
        """Note that people are asked about at places; how many questions were asked before.

        `people`, `sexes`: key in the register -> version of their data, sex.

        The same question again is the old one. InputError if the people and what was told of
        others would together tell of fewer than `k`.
        """
        spans = [[place.chrom, place.start, place.end] for place in places]
        one: dict[str, Any] = {"people": dict(people), "sexes": dict(sexes), "spans": spans}
        one["after"] = len(self._register.entries)
        for number, old in enumerate(self._asked):
            if (old["people"], old["spans"]) == (one["people"], one["spans"]):
                return number
        groups = [group for release in self._register.shown() for group in release.values()]
        if exposed([*groups, *(old["people"] for old in self._asked)], [people], k):
            raise InputError(
                "--where",
                f"people who differ from those told of before by nobody or at least {k}",
            )
        self._asked.append(one)
        self._register.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        seal(self._path, self._asked)
        return len(self._asked) - 1

    def told(
        self, known: Mapping[str, Known], before: int | None = None
    ) -> tuple[list[Told], set[str]]:
        """What was told (by the first `before` questions), and samples of changed data since.

        `known`: who the people of the state are in the register.
        """
        asked = self._asked[:before]
        after = None if before is None else self._asked[before]["after"]
        every: list[tuple[Mapping[str, str], list[list[Any]] | None]] = []
        for number, release in enumerate(self._register.shown()[:after]):
            every += [(q["people"], q["spans"]) for q in asked if q["after"] == number]
            every += [(group, None) for group in release.values()]
        last = len(self._register.entries) if after is None else after
        sexes = {
            key: sex_of(stratum)
            for entry in self._register.entries
            for stratum, one in entry["strata"].items()
            for key in one["people"]
        }
        for one in asked:
            sexes |= one["sexes"]
        every += [(q["people"], q["spans"]) for q in asked if q["after"] >= last]
        names = {(who.key, who.version): name for name, who in known.items()}
        changed = {
            name
            for name, who in known.items()
            if any(people.get(who.key, who.version) != who.version for people, _ in every)
        }
        told = [
            Told(
                {names.get(person, person[0]): sexes[person[0]] for person in people.items()},
                None if spans is None else tuple((c, start, end) for c, start, end in spans),
            )
            for people, spans in every
        ]
        return told, changed
