"""People and their samples: pedigree, sex, and which samples a person may have."""

from collections import defaultdict
from pathlib import Path

from shirube.check.problems import Outcome, shown
from shirube.check.schema import nearest
from shirube.check.sheets import Row

_SEX = {"father": ("XY", "male"), "mother": ("XX", "female")}


def _check_parents(sheet: Path, rows: list[Row], outcome: Outcome) -> None:
    people = {row["patient"]: row for row in rows}
    for row in rows:
        for role, (sex, word) in _SEX.items():
            name = row[role]
            if not name:
                continue
            parent, where = people.get(name), row.where(role)
            if name == row["patient"]:
                outcome.problem(sheet, where, f"another person than {shown(name)} itself")
            elif parent is None:
                hint = nearest(name, people)
                expected = f"a patient of this sheet, found {shown(name)}{hint}"
                outcome.problem(sheet, where, expected)
            else:
                if parent["sex"] != sex:
                    expected = f"a {word} ({sex}) {role}; {name} is {parent['sex'] or 'unknown'}"
                    outcome.problem(sheet, where, expected)
                if parent["family"] != row["family"]:
                    families = f"{parent['family'] or 'none'}, not {row['family'] or 'none'}"
                    outcome.problem(
                        sheet, where, f"a {role} of the same family; {name} is of family {families}"
                    )
        if row["father"] and row["father"] == row["mother"]:
            outcome.problem(sheet, row.where("mother"), "another person than the father")


def _check_cycles(sheet: Path, rows: list[Row], outcome: Outcome) -> None:
    """A person who is their own ancestor: each ring is said once, at its first person."""
    parents = {row["patient"]: [row["father"], row["mother"]] for row in rows}
    number = {row["patient"]: row for row in rows}
    done: set[str] = set()
    for start in parents:
        path: list[str] = []
        stack = [(start, iter(parents[start]))] if start not in done else []
        while stack:
            name, ancestors = stack[-1]
            if len(path) < len(stack):
                path.append(name)
            ancestor = next(ancestors, None)
            if ancestor is None:
                stack.pop()
                done.add(path.pop())
            elif ancestor in path:
                if ancestor != name:  # their own parent is said by _check_parents
                    ring = " -> ".join([*path[path.index(ancestor) :], ancestor])
                    outcome.problem(
                        sheet, number[ancestor].where(), f"no one to be their own ancestor: {ring}"
                    )
            elif ancestor in parents and ancestor not in done:
                stack.append((ancestor, iter(parents[ancestor])))


def _check_swapped(sheet: Path, samples: list[Row], outcome: Outcome) -> None:
    """A file whose own name is that of another sample, whose file has another name in turn."""
    by_name = {row["sample"]: row for row in samples}
    for row in samples:
        stated = row["sample_in_file"]
        other = by_name.get(stated)
        if other is None or other is row or (other["sample_in_file"] or stated) == stated:
            continue
        expected = (
            f"the data of {shown(row['sample'])}, found a file that calls itself {shown(stated)}, "
            f"which is the sample of row {other.number}: swapped files?"
        )
        outcome.problem(sheet, row.where("sample_in_file"), expected)


def check_people(
    sheet: Path, patients: list[Row], samples_sheet: Path, samples: list[Row], outcome: Outcome
) -> None:
    """Pedigree, and the samples of each person: one normal and one tumour at most."""
    _check_parents(sheet, patients, outcome)
    _check_cycles(sheet, patients, outcome)
    _check_swapped(samples_sheet, samples, outcome)
    people = {row["patient"]: row for row in patients}
    owned: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in samples:
        if row["patient"] and row["patient"] not in people:
            hint = nearest(row["patient"], people)
            expected = f"a patient of {sheet}, found {shown(row['patient'])}{hint}"
            outcome.problem(samples_sheet, row.where("patient"), expected)
        owned[row["patient"]][row["kind"]].append(row)
    parents = {row[role] for row in people.values() for role in ("father", "mother")}
    for name, row in people.items():
        if name and not owned[name] and samples and name in parents:
            outcome.note(f"{name}: no sample; known as a parent only, without a report")
        elif name and not owned[name] and samples:
            expected = f"at least one sample of {shown(name)} in {samples_sheet}"
            outcome.problem(sheet, row.where("patient"), expected)
        for kind in ("normal", "tumour"):
            for extra in owned[name][kind][1:]:
                first = owned[name][kind][0]["sample"]
                expected = f"one {kind} a patient; {name} has {shown(first)} already"
                outcome.problem(samples_sheet, extra.where("kind"), expected)
        if owned[name]["tumour"] and not owned[name]["normal"]:
            outcome.note(
                f"{name}: tumour without normal: tumour-only calling, inherited and acquired "
                "variants cannot be told apart with certainty"
            )


def check_sex(sheet: Path, patients: list[Row], chroms: set[str], outcome: Outcome) -> None:
    """Everyone's sex is known where the run looks at a sex chromosome."""
    asked = sorted(chroms & {"chrX", "chrY"})
    if asked:
        for row in patients:
            if row["sex"] == "unknown":
                expected = f"XX or XY: {' and '.join(asked)} is in the run, found unknown"
                outcome.problem(sheet, row.where("sex"), expected)
