"""Withdrawal of consent: out of the state at once, and never back by mistake."""

from collections.abc import Sequence

from shirube.cohort.release import Register
from shirube.cohort.sealed import seal, unseal
from shirube.cohort.state import State
from shirube.errors import InputError


def withdrawn(state: State) -> set[str]:
    """Patients whose consent was withdrawn."""
    path = state.directory / "withdrawn.json"
    return set(unseal(path, "a list of who withdrew")) if path.is_file() else set()


def withdraw(state: State, patients: Sequence[str]) -> dict[str, list[int]]:
    """Remove patients from a state; for each, the releases that counted them.

    InputError, and nothing changed, if one of them is neither there nor withdrawn already.
    """
    with state.locked():
        known = {entry.patient for entry in state.manifest.people.values()}
        before = withdrawn(state)
        for patient in patients:
            if patient not in known | before:
                raise InputError(state.directory, "a patient of the cohort state", patient)
        gone = {s for s, e in state.manifest.people.items() if e.patient in set(patients)}
        register = Register(state)
        counted = {
            patient: [
                entry["release"]
                for entry in register.entries
                if {s for s in gone if state.manifest.people[s].patient == patient}
                & set(entry["people"].get("all", ()))
            ]
            for patient in patients
        }
        # First the list, then the data: a kill between them leaves people who are out for good.
        seal(state.directory / "withdrawn.json", sorted(before | set(patients)))
        people = {s: e for s, e in state.manifest.people.items() if s not in gone}
        state.update(people, [s for s in state.manifest.counted if s not in gone])
        if register.entries and gone:
            register.entries[-1]["withdrawn_since"] = sorted(
                {*register.entries[-1]["withdrawn_since"], *gone}
            )
            register.save()
    return counted
