"""Withdrawal of consent: out of the state at once, and never back by mistake.

A withdrawal is of a person, not of a row of the sheet: whoever the genotypes show to be the same
person leaves too, and stays out until somebody decides (`another`). What of a person may tell
them again later is kept as digests, not as genotypes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from shirube.cohort.register import Register, Withdrawn, alone, content_of
from shirube.cohort.relatives import forget, related
from shirube.cohort.state import Entry, State
from shirube.cohort.suppression import IDENTIFYING
from shirube.contracts import scan
from shirube.contracts.cohort import GENOTYPES
from shirube.errors import InputError


@dataclass
class Left:
    """One patient who left: the releases that counted them, and patients who are the same."""

    releases: list[int] = field(default_factory=list)
    same: list[str] = field(default_factory=list)


def withdraw(
    state: State, register: Path, patients: Sequence[str], kinship: Mapping[str, Any]
) -> dict[str, Left]:
    """Remove patients, and whoever is the same person, from a state; what there was of each.

    `kinship`: `spacing` and `min_sites` of `cohort.relatives`. InputError, and nothing changed,
    if one of the patients is neither there nor withdrawn already nor in a release.
    """
    with state.locked(), alone(register):
        waiting = state.all_waiting()
        people = {**waiting, **state.manifest.people}
        gone = Withdrawn(register)
        releases = Register(register)
        named = {name for one in releases.people.values() for name in one["patients"]}
        known = {entry.patient for entry in people.values()} | named | set(gone.patients)
        for patient in patients:
            if patient not in known:
                raise InputError(state.directory, "a patient of the cohort state", patient)
        same = _same(state, people, set(patients) - set(gone.patients), gone.others, kinship)
        out = {}
        for patient in [*patients, *(p for p in same if p not in patients)]:
            samples = [s for s, e in people.items() if e.patient == patient]
            telling = [people[s] for s in samples if _tells(state, people[s])]
            if patient in patients or patient not in gone.patients:
                gone.patients[patient] = {
                    "because": "" if patient in patients else same[patient],
                    "contents": [content_of(entry) for entry in telling],
                    "records": [entry.records for entry in telling],
                }
            keys = {k for k, one in releases.people.items() if patient in one["patients"]}
            out[patient] = Left(
                [
                    entry["release"]
                    for entry in releases.entries
                    if any(keys & one["people"].keys() for one in entry["strata"].values())
                ],
                sorted(p for p, of in same.items() if of == patient),
            )
            if releases.entries and keys:
                since = releases.entries[-1]["withdrawn_since"]
                releases.entries[-1]["withdrawn_since"] = sorted({*since, *keys})
        # First the list, then the data: a kill between them leaves people who are out for good.
        gone.save()
        leaving = {s for s, e in people.items() if e.patient in gone.patients}
        kept = {s: e for s, e in state.manifest.people.items() if s not in leaving}
        state.taken(leaving & waiting.keys())
        forget(state, {sample: people[sample] for sample in leaving})
        state.update(kept, [s for s in state.manifest.counted if s not in leaving])
        state.sweep()
        if releases.entries:
            releases.save()
    return out


def _same(
    state: State,
    people: Mapping[str, Entry],
    patients: set[str],
    others: Iterable[str],
    kinship: Mapping[str, Any],
) -> dict[str, str]:
    """Patients of `people` who are the same person as one of `patients` -> that one."""
    contents: dict[str, str] = {}
    for entry in people.values():
        if entry.patient in patients and _tells(state, entry):
            contents[content_of(entry)] = entry.patient
    out = {
        e.patient: contents[content_of(e)]
        for e in people.values()
        if e.patient not in patients and content_of(e) in contents
    }
    if any(entry.patient in patients for entry in people.values()):
        every = dict(sorted(people.items()))
        for pair in related(state, every, kinship):
            one, two = (people[s].patient for s in (pair.one, pair.two))
            if pair.relation == "duplicate" and (one in patients) != (two in patients):
                own, other = (one, two) if one in patients else (two, one)
                out.setdefault(other, own)
    return {patient: of for patient, of in out.items() if patient not in set(others)}


def _tells(state: State, entry: Entry) -> bool:
    """Whether a person has so many alleles that the same ones are the same person's."""
    alleles = scan(GENOTYPES, state.object(entry.genotypes)).select(pl.len()).collect()
    return int(alleles.item()) >= IDENTIFYING


def another(register: Path, patient: str) -> None:
    """Note that a patient is not the person who withdrew; InputError if none is thought to be."""
    with alone(register):
        gone = Withdrawn(register)
        own = gone.patients.get(patient)
        if own is None or not own["because"]:
            expected = "a patient who is out as the same person as another"
            raise InputError(gone.path, expected, patient)
        del gone.patients[patient]
        gone.others = sorted({*gone.others, patient})
        gone.save()


@dataclass(frozen=True)
class Held:
    """Something that still holds a person: a path or a description, and what may become of it."""

    what: str
    fate: str
    path: Path | None = None


def holders(
    directory: Path, results: Path, patient: str, samples: Iterable[str], on_sheet: bool
) -> list[Held]:
    """What of a run directory still holds a patient, and whether it may be deleted.

    Files are told by a part of their name. While the sheet names the patient they are of their
    care; signed reports and the audit log are kept by law and by design.
    """
    names = {patient, *samples}
    mine = re.compile(rf"(^|[/.,=])({'|'.join(map(re.escape, sorted(names)))})([/.,_]|$)")
    roots = [results, directory / "logs", directory / "benchmarks"]
    fate = (
        "kept: the sheet still names them; take them off it, then --purge" if on_sheet else "may go"
    )
    out = []
    for root in roots:
        for path in sorted(root.rglob("*")) if root.is_dir() else ():
            inside = str(path.relative_to(root))
            if path.is_file() and mine.search(inside) and not inside.startswith("cohort/state"):
                out.append(Held(str(path), fate, path))
    return out


def purge(found: Iterable[Held], register: Path, patient: str) -> list[str]:
    """Delete what may go, and the name from the register; paths that were deleted."""
    deleted = []
    for one in found:
        if one.path and one.fate == "may go":
            one.path.unlink(missing_ok=True)
            deleted.append(str(one.path))
    with alone(register):
        releases = Register(register)
        for person in releases.people.values():
            if patient in person["patients"]:
                person["patients"].remove(patient)
        if releases.entries:
            releases.save()
    return deleted
