"""Which row of a table of programs a header was written by."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from shirube.intake.header import Header


class Recognised(Protocol):
    """A row that knows its program: a pattern of a header line, and fields only it defines."""

    @property
    def recognised(self) -> str:
        """Pattern of a line of the header; '' for none."""

    @property
    def signature(self) -> tuple[str, ...]:
        """INFO/NAME and FORMAT/NAME, each with :NUMBER if that tells it; () for none."""


R = TypeVar("R", bound=Recognised)


def read_table(path: Path) -> list[dict[str, str]]:
    """Rows of a tab-separated table with a header, as text; an absent cell is ''."""
    with open(path, encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE, restval="")
        return list(rows)


def defines(header: Header, name: str) -> bool:
    """Whether a header defines INFO/NAME or FORMAT/NAME (NAME:NUMBER: with that number)."""
    kind, _, rest = name.partition("/")
    field, _, number = rest.partition(":")
    found = (header.format if kind == "FORMAT" else header.info).get(field)
    return found is not None and (not number or found.number == number)


def written_by(rows: Sequence[R], header: Header) -> R:
    """The row a header fits: by one of its lines, else by its fields, else the last."""
    for row in rows:
        if row.recognised and any(re.search(row.recognised, line) for line in header.lines):
            return row
    for row in rows:
        if row.signature and all(defines(header, name) for name in row.signature):
            return row
    return rows[-1]
