"""Families as PED and GA4GH phenopacket v2 (one person or a family) -> rows of the sheet of people.

Nothing is guessed: what a file does not say stays empty, a name the sheet would refuse is refused
here, and two files that contradict each other are refused with both statements.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from shirube.errors import InputError
from shirube.sheet import PATIENT_COLUMNS

Row = dict[str, str | None]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
_TERM = re.compile(r"HP:\d{7}\Z")
_ONSET = re.compile(r"(HP:\d{7}|P(?=\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?)\Z")
_DISEASE = re.compile(r"((MONDO|NANDO|OMIM):\d+)\Z")
_PED_SEX = {"1": "XY", "2": "XX"}
_PED_STATE = {"1": "no", "2": "yes"}
_SEX = {"MALE": "XY", "FEMALE": "XX"}
_KARYOTYPE = {"XY": "XY", "XX": "XX"}
_STATE = {"AFFECTED": "yes", "UNAFFECTED": "no"}


def _person(name: str, path: str | Path, where: str) -> str:
    if not _NAME.match(name):
        raise InputError(path, f"letters, digits, - and _ in a name, found {name!r}", where)
    return name


def _parent(name: object, path: str | Path, where: str) -> str | None:
    return None if name in (None, "", "0", ".") else _person(str(name), path, where)


def read_ped(path: str | Path) -> list[Row]:
    """Rows of a PED file: family, person, father, mother, sex (1 male), state (2 affected)."""
    lines = _text(path).splitlines()
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields, where = line.split(), f"line {number}"
        if len(fields) < 6:
            raise InputError(path, "six columns: family person father mother sex state", where)
        family, name, father, mother, sex, state = fields[:6]
        rows.append(
            {
                "patient": _person(name, path, where),
                "sex": _PED_SEX.get(sex, "unknown"),
                "family": _person(family, path, where),
                "father": _parent(father, path, where),
                "mother": _parent(mother, path, where),
                "affected": _PED_STATE.get(state, "unknown"),
            }
        )
    if not rows:
        raise InputError(path, "at least one person")
    return rows


def read_phenopacket(path: str | Path) -> list[Row]:
    """Rows of a phenopacket v2: a Phenopacket gives one person, a Family everyone in it."""
    try:
        packet = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise InputError(path, f"a phenopacket as JSON ({error})") from error
    packet = _object(packet, path, "phenopacket")
    if "proband" in packet:
        return _family(packet, path)
    return [_phenopacket(packet, path)]


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(path, f"a file to read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise InputError(path, "UTF-8 text", f"byte {error.start}") from error


def _object(value: object, path: str | Path, where: str) -> Mapping[str, Any]:
    """`value` as a JSON object; absent (null) is empty."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError(path, "a JSON object", where)
    return value


def _objects(parent: Mapping[str, Any], key: str, path: str | Path) -> list[Mapping[str, Any]]:
    """The list of objects under `key`; absent (null) is empty."""
    value = parent.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError(path, "a list", key)
    return [_object(one, path, f"{key}[{at}]") for at, one in enumerate(value)]


def _id(value: object, path: str | Path, where: str) -> str | None:
    """`id` of an ontology class."""
    found = _object(value, path, where).get("id")
    return None if found is None else str(found)


def _word(words: Mapping[str, str], value: object) -> str | None:
    return words.get(value) if isinstance(value, str) else None


def _family(packet: Mapping[str, Any], path: str | Path) -> list[Row]:
    family = _person(str(packet.get("id") or ""), path, "id")
    rows = [_phenopacket(_object(packet["proband"], path, "proband"), path)]
    related = packet.get("consanguinousParents")  # spelled so in the schema of phenopackets
    if related is not None and not isinstance(related, bool):
        raise InputError(path, "true or false", "consanguinousParents")
    rows[0]["consanguinity"] = {True: "yes", False: "no", None: None}[related]
    rows += [_phenopacket(one, path) for one in _objects(packet, "relatives", path)]
    people: list[Row] = []
    pedigree = _object(packet.get("pedigree"), path, "pedigree")
    for at, one in enumerate(_objects(pedigree, "persons", path)):
        where = f"pedigree.persons[{at}]"
        people.append(
            {
                "patient": _person(str(one.get("individualId") or ""), path, where),
                "sex": _word(_SEX, one.get("sex")) or "unknown",
                "father": _parent(one.get("paternalId"), path, where),
                "mother": _parent(one.get("maternalId"), path, where),
                "affected": _word(_STATE, one.get("affectedStatus")) or "unknown",
            }
        )
    return [row | {"family": family} for row in joined([rows, people], path)]


def _phenopacket(packet: Mapping[str, Any], path: str | Path) -> Row:
    subject = _object(packet.get("subject"), path, "subject")
    name = _person(str(subject.get("id") or ""), path, "subject.id")
    sex = _word(_KARYOTYPE, subject.get("karyotypicSex")) or _word(_SEX, subject.get("sex"))
    terms = []
    for at, feature in enumerate(_objects(packet, "phenotypicFeatures", path)):
        where = f"phenotypicFeatures[{at}].type"
        term = _id(feature.get("type"), path, where)
        if not term or not _TERM.match(term):
            expected = f"an HPO term such as HP:0001250, found {term!r}"
            raise InputError(path, expected, f"{where}.id")
        terms.append(("!" if feature.get("excluded") is True else "") + term)
    found = [
        _id(one.get("term"), path, "diseases.term")
        for one in _objects(packet, "diseases", path)
        if one.get("excluded") is not True
    ]
    for one in _objects(packet, "interpretations", path):
        diagnosis = _object(one.get("diagnosis"), path, "interpretations.diagnosis")
        found.append(_id(diagnosis.get("disease"), path, "interpretations.diagnosis.disease"))
    return {
        "patient": name,
        "sex": sex or "unknown",
        "diagnosis": next((one for one in found if one and _DISEASE.match(one)), None),
        "hpo": ";".join(dict.fromkeys(terms)) or None,
        "onset": _onset(packet, path),
    }


def _onset(packet: Mapping[str, Any], path: str | Path) -> str | None:
    """Onset of the first disease that states one, else of the features if they state one alike."""
    stated: dict[str, list[str]] = {"diseases": [], "phenotypicFeatures": []}
    for key, found in stated.items():
        for at, one in enumerate(_objects(packet, key, path)):
            where = f"{key}[{at}].onset"
            onset = _object(one.get("onset"), path, where)
            age = _object(onset.get("age"), path, f"{where}.age").get("iso8601duration")
            term = _id(onset.get("ontologyClass"), path, f"{where}.ontologyClass")
            value = age if age is not None else term
            if value is None or one.get("excluded") is True:
                continue
            if not isinstance(value, str) or not _ONSET.match(value):
                expected = f"an age such as P3Y6M or a term such as HP:0003593, found {value!r}"
                raise InputError(path, expected, where)
            found.append(value)
    features = set(stated["phenotypicFeatures"])
    alike = next(iter(features)) if len(features) == 1 else None
    return next(iter(stated["diseases"]), alike)


def joined(parts: Iterable[list[Row]], path: str | Path) -> list[Row]:
    """One row a person from several files; unknown gives way, a contradiction is refused."""
    people: dict[str, Row] = {}
    for row in (row for part in parts for row in part):
        known = people.setdefault(str(row["patient"]), {})
        for column, value in row.items():
            old = known.get(column)
            if old in (None, "unknown"):
                known[column] = value if value is not None else old
            elif value not in (None, "unknown", old):
                where = f"{row['patient']}, {column}"
                raise InputError(path, f"{old} as stated elsewhere, found {value}", where)
    return list(people.values())


def sheet(rows: list[Row]) -> str:
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
