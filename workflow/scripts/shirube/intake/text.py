"""The text of a variant file, line by line: header, whole records, and lines that are none.

VCF is read as it lies there (plain, gzip or bgzip, any line end), without a library that would
stop at what the header does not declare; BCF is turned into text by bcftools.
"""

import gzip
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.errors import InputError, ToolError
from shirube.intake.header import FIXED, Header, parsed
from shirube.tools import piped

CHUNK = 1 << 25
COLUMNS = ("contig", "pos", "id", "ref", "alt", "qual", "filter", "info", "format", "values")
_TAB, _NEWLINE = 9, 10
_UNREADABLE = (OSError, EOFError, zlib.error, ToolError)


@dataclass(frozen=True)
class Lines:
    """A stretch of a file.

    `records`: `line` (1-based, of the whole file) and COLUMNS as text; `damaged`: `line`, `text`
    (the line's beginning) and `columns` (found) of lines with another number of columns.
    """

    records: pl.DataFrame
    damaged: pl.DataFrame


def is_packed(path: str | Path) -> bool:
    """Whether a file is gzip or bgzip."""
    with open(path, "rb") as raw:
        return raw.read(2) == b"\x1f\x8b"


def is_bcf(path: str | Path) -> bool:
    """Whether a file is a BCF as it is kept, compressed."""
    if not is_packed(path):
        return False
    with gzip.open(path) as stream:
        return stream.read(3) == b"BCF"


@contextmanager
def opened(path: str | Path) -> Iterator[IO[bytes]]:
    """Text of a VCF or BCF; InputError where its bytes end early or are damaged."""
    try:
        packed = is_packed(path)
        if packed and is_bcf(path):
            with piped(["bcftools", "view", "--no-version", path]) as text:
                yield text
        elif packed:
            with gzip.open(path) as text:
                yield text  # type: ignore[misc]  # a GzipFile reads as IO[bytes] does
        else:
            with open(path, "rb") as text:
                yield text
    except InputError:
        raise
    except _UNREADABLE as error:
        reason = " ".join(str(error).split())
        raise InputError(path, f"a whole, undamaged VCF or BCF ({reason})") from error


def read_header(stream: IO[bytes], path: str | Path) -> Header:
    """The header; `stream` then stands at the first record."""
    lines = []
    for raw in stream:
        lines.append(raw.decode(errors="replace"))
        if not raw.startswith(b"##") and len(lines) > 1:
            break
        if len(lines) == 1 and not lines[0].lstrip("\ufeff").startswith("##fileformat="):
            break  # no VCF: said by `parsed`, without reading on
    return parsed(lines, path)


def header_of(path: str | Path) -> Header:
    """The header of a file."""
    try:
        if is_bcf(path):  # its header lies in it as text
            with gzip.open(path) as stream:
                _, size = struct.unpack("<5sI", stream.read(9))
                text = stream.read(size).rstrip(b"\0").decode(errors="replace")
            return parsed(text.splitlines(), path)
    except (*_UNREADABLE, struct.error):
        pass  # `opened` says what ails it
    with opened(path) as stream:
        return read_header(stream, path)


def chunks(
    stream: IO[bytes], header: Header, path: str | Path, column: int | None, size: int = CHUNK
) -> Iterator[Lines]:
    """Records in stretches of about `size` bytes; `values` are those of sample number `column`.

    Without samples, or with `column` None, format and values are null.
    """
    line = len(header.lines) + 1
    try:
        while text := stream.read(size):
            text += stream.readline()
            if not text.endswith(b"\n"):
                text += b"\n"
            found, count = taken_apart(text, header.columns, column, line)
            line += count
            yield found
    except _UNREADABLE as error:
        if isinstance(error, InputError):
            raise
        reason = " ".join(str(error).split())
        where = f"after line {line - 1}"
        raise InputError(path, f"a whole, undamaged VCF or BCF ({reason})", where) from error


def taken_apart(text: bytes, width: int, column: int | None, first: int = 1) -> tuple[Lines, int]:
    """The lines of `text`, of which `width` columns are expected; how many lines there were."""
    text = text.replace(b"\r\n", b"\n")
    codes = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(codes == _NEWLINE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    tabs = np.searchsorted(np.flatnonzero(codes == _TAB), np.concatenate(([0], ends)))
    found = np.diff(tabs) + 1
    empty = starts == ends
    good = (found == width) & ~empty
    damaged = _damaged(text, starts, ends, found, np.flatnonzero(~good & ~empty), first)
    numbers = np.flatnonzero(good) + first
    if not good.all():
        text = b"".join(text[a : b + 1] for a, b in zip(starts[good], ends[good], strict=True))
    return Lines(_table(text, numbers, width, column), damaged), ends.size


def _damaged(
    text: bytes,
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    found: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    first: int,
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "line": rows + first,
            "text": [
                text[starts[row] : min(ends[row], starts[row] + 200)].decode(errors="replace")
                for row in rows.tolist()
            ],
            "columns": found[rows],
        },
        schema={"line": pl.Int64, "text": pl.String, "columns": pl.Int64},
    )


def _table(
    text: bytes, numbers: npt.NDArray[np.int64], width: int, column: int | None
) -> pl.DataFrame:
    wanted = list(range(len(FIXED)))
    if column is not None:
        wanted += [len(FIXED), len(FIXED) + 1 + column]
    names = COLUMNS[: len(wanted)]
    if numbers.size:
        table = (
            pl.read_csv(
                text,
                separator="\t",
                has_header=False,
                columns=wanted,
                schema={f"column_{i + 1}": pl.String for i in range(width)},
                quote_char=None,
                encoding="utf8-lossy",
            )
            .fill_null("")
            .rename(dict(zip((f"column_{i + 1}" for i in wanted), names, strict=True)))
        )
    else:
        table = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    absent = [pl.lit(None, pl.String).alias(name) for name in COLUMNS if name not in names]
    return table.select(pl.Series("line", numbers), *names, *absent)
