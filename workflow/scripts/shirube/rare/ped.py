"""PED files of families, as people write them."""

import re

from shirube.errors import InputError
from shirube.rare.stated import FamilyFile, Row, text_of

_SEX = {"1": "XY", "male": "XY", "m": "XY", "xy": "XY", "2": "XX", "female": "XX", "f": "XX"}
_SEX |= {"xx": "XX"}
_STATE = {"1": "no", "unaffected": "no", "2": "yes", "affected": "yes"}
_UNKNOWN = {"", ".", "unknown", "other", "na", "n/a", "none", "missing", "unk"}
_NUMBER = re.compile(r"-?\d+(\.\d+)?\Z")
_ABSENT = {"", "0", "."}
_FATHER = re.compile(r"father|paternal|\bdad|^pat", re.IGNORECASE)
_MOTHER = re.compile(r"mother|maternal|\bmum|\bmom|^mat", re.IGNORECASE)


def read_ped(path: str) -> FamilyFile:
    """People of a PED file: family, person, father, mother, sex (1 male), state (2 affected).

    Columns are split at tabs where a line has five of them, else at white space. A first line
    whose sex and state are words of a heading is a heading, and one that sets the mother before
    the father is refused. Sex and state by number or word; other numbers (a quantitative trait,
    PLINK's "other") are unknown, other words are refused.
    """
    rows: list[Row] = []
    first = True
    seen: dict[tuple[str | None, str], int] = {}
    for number, line in enumerate(text_of(path).splitlines(), 1):
        comment = line.startswith("#")
        fields, where = _fields(line.lstrip("#") if comment else line), f"line {number}"
        if not any(fields):
            continue
        heading = comment or (first and len(fields) >= 6 and _is_heading(fields))
        if heading:
            _refuse_swapped(fields, path, where)
            first = first and comment
            continue
        first = False
        if len(fields) < 6:
            raise InputError(path, "six columns: family person father mother sex state", where)
        family, name, father, mother = (None if f in _ABSENT else f for f in fields[:4])
        if name is None:
            raise InputError(path, "a person's name in column 2", where)
        if (family, name) in seen:
            raise InputError(path, f"each person once, found {name} of line {seen[family, name]}",
                             where)  # fmt: skip
        seen[family, name] = number
        rows.append(
            {
                "patient": name,
                "sex": _word(_SEX, fields[4], "sex: 1, 2, male, female or unknown", path, where),
                "family": family,
                "father": father,
                "mother": mother,
                "affected": _word(
                    _STATE, fields[5], "state: 1, 2, unaffected, affected or unknown", path, where
                ),
            }
        )
    if not rows:
        raise InputError(path, "at least one person")
    return FamilyFile(path, "PED", rows)


def _fields(line: str) -> list[str]:
    tabbed = [field.strip() for field in line.split("\t")]
    return tabbed if len(tabbed) >= 6 else line.split()


def _is_heading(fields: list[str]) -> bool:
    """Whether neither sex nor state is a value: words such as Sex and Phenotype."""
    sex, state = fields[4].lower(), fields[5].lower()
    values = ((sex, _SEX), (state, _STATE))
    return not any(v in words or v in _UNKNOWN or _NUMBER.match(v) for v, words in values)


def _refuse_swapped(fields: list[str], path: str, where: str) -> None:
    if len(fields) >= 6 and (_MOTHER.search(fields[2]) or _FATHER.search(fields[3])):
        expected = f"father in column 3 and mother in 4, found {fields[2]} and {fields[3]}"
        raise InputError(path, expected, where)


def _word(words: dict[str, str], field: str, expected: str, path: str, where: str) -> str:
    value = field.lower()
    if value in words:
        return words[value]
    if value in _UNKNOWN or _NUMBER.match(value):
        return "unknown"
    raise InputError(path, f"{expected}, found {field!r}", where)
