"""What PED files and phenopackets say of people, under names the sheet allows -> its rows.

A person is who one file says it is: names are unique within their own source only. A PED and a
phenopacket that name the same person speak of one (that is what a PED is given for); two files of
one kind are two people unless merging is asked for. Nothing is guessed: what a file does not say
stays empty, and files that contradict each other are refused with both statements.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl

from shirube.errors import InputError
from shirube.rare.phenopackets import combine
from shirube.rare.stated import FamilyFile, Row
from shirube.sheet import PATIENT_COLUMNS

LONGEST = 64
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{LONGEST - 1}}}\Z")
Who = tuple[int, str | None, str]  # place of the file, family within it, name as given


def safe_name(given: str) -> str:
    """A name the sheet allows: other characters become _, accents go; the same every time.

    A name none of whose letters are allowed becomes P_ and a digest of it.
    """
    if _NAME.match(given):
        return given
    plain = unicodedata.normalize("NFKD", given).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9-]+", "_", plain).strip("_-")[:LONGEST].rstrip("_-")
    return name or "P_" + hashlib.sha256(given.encode()).hexdigest()[:10]


def people(
    files: Sequence[FamilyFile], rename: bool = False, merge: bool = False
) -> tuple[list[Row], list[str]]:
    """Rows of the sheet, one a person, and what is to be told of them.

    rename: people who share a name are told apart by their packet or family; merge: phenopackets
    (or PED files) that share a name speak of one person. Without either they are refused.
    """
    notes = [f"{file.path}: {note}" for file in files for note in file.notes]
    stated = {
        (place, row.get("family"), str(row["patient"])): row
        for place, file in enumerate(files)
        for row in file.rows
    }
    groups = _groups(stated, files, merge)
    count = Counter(group[0][2] for group in groups)
    if not rename and any(n > 1 for n in count.values()):
        raise _two_of_one_name(files, stated, [g for g in groups if count[g[0][2]] > 1])
    wanted = [
        _apart(files, group[0], stated[group[0]]) if count[group[0][2]] > 1
        else safe_name(group[0][2])
        for group in groups
    ]  # fmt: skip
    named = _distinct(files, groups, wanted, rename)
    of = {who: name for group, name in zip(groups, named, strict=True) for who in group}
    rows: list[Row] = []
    for group, name in zip(groups, named, strict=True):
        row: Row = {"patient": name}
        for who in group:
            told = {k: v for k, v in stated[who].items() if k not in ("patient", "packet")}
            for role in ("father", "mother"):
                if parent := told.get(role):
                    told[role] = of.get((*who[:2], parent)) or safe_name(parent)
            if family := told.get("family"):
                told["family"] = safe_name(family)
            combine(row, told, files[who[0]].path, name)
        given = group[0][2]
        if name != given:
            row["label"] = " ".join(given.split())
            notes.append(f"{files[group[0][0]].path}: {given!r} is {name} in the sheet")
        if len(group) > 1:
            notes.append(f"{name}: one person of {', '.join(files[who[0]].path for who in group)}")
        rows.append(row)
    return rows, notes


def _groups(stated: Mapping[Who, Row], files: Sequence[FamilyFile], merge: bool) -> list[list[Who]]:
    """Who speaks of one person: by name, a PED with a phenopacket, and of one kind on demand."""
    by_name: dict[str, list[list[Who]]] = {}
    groups: list[list[Who]] = []
    for who in stated:
        place, _, name = who
        same = [
            group
            for group in by_name.setdefault(name, [])
            if all(other[0] != place for other in group)
            and (merge or all(files[other[0]].kind != files[place].kind for other in group))
        ]
        if len(same) > 1:
            named = ", ".join(dict.fromkeys(files[group[0][0]].path for group in same))
            raise InputError(
                files[place].path, f"one person {name}, found several in {named}", name
            )
        if same:
            same[0].append(who)
        else:
            groups.append([who])
            by_name[name].append(groups[-1])
    return groups


def _two_of_one_name(
    files: Sequence[FamilyFile], stated: Mapping[Who, Row], groups: Iterable[list[Who]]
) -> InputError:
    """The refusal that names each file and packet in which a name is found."""
    told: dict[str, list[str]] = {}
    for who, *_ in groups:
        packet, family = stated[who].get("packet"), who[1]
        mark = f" (packet {packet})" if packet else f" (family {family})" if family else ""
        told.setdefault(who[2], []).append(files[who[0]].path + mark)
    found = "; ".join(f"{name!r} in {', '.join(places)}" for name, places in told.items())
    return InputError(
        found,
        "each person once. Different people: --rename names them by their packets or families. "
        "One person: --merge joins what the files say",
    )


def _apart(files: Sequence[FamilyFile], who: Who, row: Row) -> str:
    """The safe name of one of several people who share a name: by packet, family or file."""
    place, family, name = who
    if family is not None:
        return safe_name(f"{family}_{name}")
    return safe_name(row.get("packet") or f"{Path(files[place].path).stem}_{name}")


def _distinct(
    files: Sequence[FamilyFile], groups: list[list[Who]], wanted: list[str], rename: bool
) -> list[str]:
    """`wanted`, numbered where two people would get the same name (refused without rename)."""
    taken: dict[str, int] = {}
    for at, (group, name) in enumerate(zip(groups, wanted, strict=True)):
        if group[0][2] == name:  # names the files gave stay theirs
            taken.setdefault(name, at)
    out = []
    for at, name in enumerate(wanted):
        number, chosen = 1, name
        while taken.setdefault(chosen, at) != at:
            if not rename:
                one, other = groups[taken[chosen]][0][2], groups[at][0][2]
                expected = f"names that differ in letters and digits, found {one!r} and {other!r}"
                raise InputError(files[groups[at][0][0]].path, f"{expected}; --rename numbers them")
            number += 1
            tail = f"_{number}"
            chosen = name[: LONGEST - len(tail)] + tail
        out.append(chosen)
    return out


def sheet(rows: Iterable[Row]) -> str:
    """The sheet of people (TSV): an affected person or one with terms is a rare-disease patient."""
    full = []
    for row in rows:
        rare = row.get("affected") == "yes" or bool(row.get("hpo"))
        affected = row.get("affected") or ("yes" if row.get("hpo") else "unknown")
        full.append(
            dict.fromkeys(PATIENT_COLUMNS)
            | row
            | {"affected": affected, "programme": "rare" if rare else "control"}
        )
    table = pl.DataFrame(full, schema=dict.fromkeys(PATIENT_COLUMNS, pl.String))
    return table.write_csv(separator="\t", null_value="")
