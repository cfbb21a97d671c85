"""What one file says of people, under the names it gives them."""

from dataclasses import dataclass, field
from pathlib import Path

from shirube.errors import InputError

Row = dict[str, str | None]


@dataclass(frozen=True)
class FamilyFile:
    """People of one file as rows of the sheet, by the names of the file; `notes` are for the user.

    kind is PED or phenopacket. A phenopacket's row has its packet's id under `packet`.
    """

    path: str
    kind: str
    rows: list[Row]
    notes: list[str] = field(default_factory=list)


def text_of(path: str) -> str:
    """Content of a UTF-8 text file (a byte-order mark is dropped); InputError if it is none."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(path, f"a file to read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise InputError(path, "UTF-8 text", f"byte {error.start}") from error
