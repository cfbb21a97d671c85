"""The two sheets: bytes, columns and cells, each complaint with its row and column.

Rows are counted as an editor or a spreadsheet shows them: the header is row 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shirube.check.problems import Outcome, shown
from shirube.check.schema import complaints, nearest, schema

EMPTY = ("", ".")


@dataclass(frozen=True)
class Row:
    """One row of a sheet: its number in the file and its cells (None where unknown)."""

    number: int
    cells: dict[str, str | None]

    def __getitem__(self, column: str) -> str:
        """The cell as text; empty where unknown."""
        return self.cells.get(column) or ""

    def where(self, column: str = "") -> str:
        """The place as it is said in a message."""
        return f"row {self.number}, column {column}" if column else f"row {self.number}"


def _text(path: Path, outcome: Outcome) -> str | None:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        outcome.problem(path, "", "a file to read")
        return None
    except OSError as error:
        outcome.problem(path, "", f"a file to read ({error.strerror})")
        return None
    if raw.startswith(b"\xef\xbb\xbf"):
        remedy = f"sed -i '1s/^\\xEF\\xBB\\xBF//' {path}"
        outcome.problem(path, "row 1", f"UTF-8 without a byte order mark; {remedy}")
        raw = raw[3:]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        number = raw[: error.start].count(b"\n") + 1
        outcome.problem(path, f"row {number}", "text in UTF-8 (save the sheet as UTF-8)")
        return None
    ends = text.count("\r")
    if ends:
        number = text[: text.index("\r")].count("\n") + 1
        expected = f"Unix line ends (\\n), found {ends} of another kind; sed -i 's/\\r$//' {path}"
        outcome.problem(path, f"row {number}", expected)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def _header(path: Path, line: str, name: str, outcome: Outcome) -> list[str]:
    """The sheet's columns; empty if they are parted by something else than tabs."""
    known = list(schema(name)["properties"])
    columns = line.split("\t")
    other = next((c for c in ",;" if c in line), None) if len(columns) == 1 else None
    if other:
        expected = f"columns parted by tabs, found {shown(other)} (save the sheet as tab-separated)"
        outcome.problem(path, "row 1", expected)
        return []
    for number, column in enumerate(columns, 1):
        where = f"row 1, column {number}"
        if column in columns[: number - 1]:
            outcome.problem(path, where, f"each column once, found {shown(column)} again")
        elif column != column.strip() or not column:
            outcome.problem(path, where, f"a column name, found {shown(column)}")
        elif column not in known and not (name == "patients" and column.startswith("stratum_")):
            hint = nearest(column, known) or f"; known: {', '.join(known)}"
            outcome.problem(path, where, f"a known column, found {shown(column)}{hint}")
    for column in schema(name)["required"]:
        if column not in columns:
            outcome.problem(path, "row 1", f"a column {column}")
    return columns


def _rows(path: Path, lines: list[str], columns: list[str], outcome: Outcome) -> Iterator[Row]:
    for number, text in enumerate(lines, 2):
        where = f"row {number}"
        if not text.strip():
            outcome.problem(path, where, "no empty row")
            continue
        cells = text.split("\t")
        if len(cells) != len(columns):
            expected = f"{len(columns)} tab-separated cells as in the header, found {len(cells)}"
            outcome.problem(path, where, expected)
            continue
        for column, cell in zip(columns, cells, strict=True):
            if cell != cell.strip():
                expected = f"no space at either end, found {shown(cell)}"
                outcome.problem(path, f"{where}, column {column}", expected)
            if '"' in cell:
                outcome.problem(path, f"{where}, column {column}", "no quotation marks")
        found = {c: x.strip().strip('"') for c, x in zip(columns, cells, strict=True)}
        yield Row(number, {c: None if x in EMPTY else x for c, x in found.items()})


def check_sheet(path: Path, name: str, outcome: Outcome) -> list[Row]:
    """The rows of sheet `name` (patients or samples), as far as they can be read."""
    text = _text(path, outcome)
    if text is None:
        return []
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    if not lines:
        outcome.problem(path, "", "a header and at least one row, found an empty file")
        return []
    columns = _header(path, lines[0], name, outcome)
    if not columns:
        return []
    rows = list(_rows(path, lines[1:], columns, outcome))
    if len(lines) == 1:
        outcome.problem(path, "", "at least one row below the header")
    known = schema(name)["properties"]
    for row in rows:
        cells = {c: x for c, x in row.cells.items() if c in known or c.startswith("stratum_")}
        for column, expected in complaints({**dict.fromkeys(known), **cells}, name):
            if column in cells or column not in schema(name)["required"]:
                outcome.problem(path, row.where(column), expected)
    key = columns[0] if columns[0] in ("patient", "sample") else name.rstrip("s")
    seen: dict[str, int] = {}
    for row in rows:
        if row[key] in seen:
            expected = f"each {key} once, found {shown(row[key])} in row {seen[row[key]]} too"
            outcome.problem(path, row.where(key), expected)
        elif row[key]:
            seen[row[key]] = row.number
    return rows
