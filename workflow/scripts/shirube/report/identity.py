"""What a hospital says of a person and the specimens, for the head of the report.

A JSON file beside the sheets (configuration: report: identity:) maps patient -> fields of PERSON
and `samples`, which maps sample -> fields of SPECIMEN. Every field may be left out; nothing of it
is read by any analysis.
"""

import json
import re
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from shirube.errors import InputError

PERSON = ("age", "physician", "institute", "reported")
SPECIMEN = ("specimen", "site", "collected", "received", "tumour_content")
DATES = ("reported", "collected", "received")
SAMPLES = "samples"
LONGEST = 200  # characters of a text
OLDEST = 130  # years


def read_identity(path: str | Path, people: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """The file, checked; `people`: samples of each patient of the sheets.

    Raises InputError naming the field for a person or sample no sheet has, a field that is not
    known, or a value that is none of its kind.
    """
    try:
        given = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(path, "a file to read") from None
    except (UnicodeDecodeError, ValueError) as error:
        raise InputError(path, f"JSON ({str(error).splitlines()[0]})") from None
    if not isinstance(given, dict):
        raise InputError(path, "an object of patients")
    for patient, fields in given.items():
        if patient not in people:
            raise InputError(path, "a patient of the sheet", patient)
        _check(path, patient, fields, (*PERSON, SAMPLES))
        for sample, own in (fields.get(SAMPLES) or {}).items():
            if sample not in people[patient]:
                raise InputError(path, f"a sample of {patient}", f"{patient}.samples.{sample}")
            _check(path, f"{patient}.samples.{sample}", own, SPECIMEN)
    return given


def _check(path: str | Path, where: str, fields: object, known: Collection[str]) -> None:
    if not isinstance(fields, dict):
        raise InputError(path, "an object of fields", where)
    for name, value in fields.items():
        place = f"{where}.{name}"
        if name not in known:
            raise InputError(path, f"a field of {', '.join(known)}", place)
        if value is not None and (wrong := _wrong(name, value)):
            raise InputError(path, f"{wrong}, found {value!r:.80}", place)


def _wrong(name: str, value: object) -> str | None:
    """What a field should hold and does not; None if it does."""
    if name == SAMPLES:
        return None if isinstance(value, dict) else "an object of samples"
    if name == "age":
        years = (
            isinstance(value, int) and not isinstance(value, bool) and value in range(OLDEST + 1)
        )
        return None if years else f"whole years from 0 to {OLDEST}"
    if name == "tumour_content":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return None if number and 0 <= float(value) <= 1 else "a fraction from 0 to 1"  # type: ignore[arg-type]
    if name in DATES:
        return None if _is_date(value) else "a date YYYY-MM-DD"
    texts = isinstance(value, str) and value.strip() and len(value) <= LONGEST
    return None if texts else f"a text of at most {LONGEST} characters"


def _is_date(value: object) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def identity(given: Mapping[str, Any] | None, samples: Collection[str]) -> dict[str, Any] | None:
    """The part of one patient with every field (null where not given); None where none is."""
    if not given:
        return None
    own = given.get(SAMPLES) or {}
    return {
        **{name: given.get(name) for name in PERSON},
        SAMPLES: {
            sample: {name: (own.get(sample) or {}).get(name) for name in SPECIMEN}
            for sample in samples
        },
    }
