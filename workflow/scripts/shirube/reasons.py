"""Why a criterion applies, as message ids and values that any language can be made from.

reasons.yaml maps id -> {ja, en}. A Reason is its English text and carries what it was made of.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self

import yaml

PACKAGE_DATA = ("reasons.yaml",)
_FILE = Path(__file__).with_name("reasons.yaml")
BETWEEN = {"en": "; ", "ja": "。"}
Part = tuple[str, Mapping[str, str]]


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """reasons.yaml."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def plain(_: str, value: str) -> str:
    """A value as it is."""
    return value


def text(parts: tuple[Part, ...], language: str, term: Callable[[str, str], str] = plain) -> str:
    """The sentences of `parts` in a language; `term` names a value, given its placeholder."""
    return BETWEEN[language].join(
        sentences()[key][language].format(**{k: term(k, v) for k, v in values.items()})
        for key, values in parts
    )


class Reason(str):
    """English text of one or more sentences of reasons.yaml, with their ids and values."""

    parts: tuple[Part, ...]

    def __new__(cls, *parts: Part) -> Self:
        """The text of `parts`; KeyError for an id or a value that is not there."""
        made = super().__new__(cls, text(parts, "en"))
        made.parts = parts
        return made

    def and_(self, *others: "Reason") -> "Reason":
        """The reason with others after it."""
        return Reason(*self.parts, *(part for other in others for part in other.parts))

    def json(self) -> str:
        """Ids and values, for the FINDINGS table."""
        return json.dumps([[key, dict(values)] for key, values in self.parts], ensure_ascii=False)


def because(key: str, **values: object) -> Reason:
    """One sentence of reasons.yaml with its values."""
    return Reason((key, {name: str(value) for name, value in values.items()}))


def stored(reason: str) -> str | None:
    """What a table keeps of a reason beside its English text; None for one that is only text."""
    return reason.json() if isinstance(reason, Reason) else None


def message_parts(row: Mapping[str, Any]) -> list[list[Any]]:
    """The column `said` of a row as lists, for report.json."""
    return [list(part) for part in parts_of(row["said"])]


def parts_of(kept: str | None) -> tuple[Part, ...]:
    """What `stored` gave a table."""
    return tuple((key, values) for key, values in json.loads(kept)) if kept else ()
