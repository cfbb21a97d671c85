"""The list of everybody's alleles: one line a table, `kind`, name and path between tabs."""

from dataclasses import dataclass, field
from pathlib import Path

from shirube.errors import InputError
from shirube.files import whole

KINDS = ("normal", "tumour", "changes")


@dataclass(frozen=True)
class Listed:
    """CALLS files by normal sample, SOMATIC and CHANGES files by patient."""

    normal: dict[str, str] = field(default_factory=dict)
    tumour: dict[str, str] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)


def write_list(listed: Listed, path: str | Path) -> None:
    """Write the list, in the order given."""
    rows = [(kind, *row) for kind in KINDS for row in getattr(listed, kind).items()]
    with whole(path) as part:
        part.write_text("".join("\t".join(row) + "\n" for row in rows))


def read_list(path: str | Path) -> Listed:
    """Read a list; InputError for a line that is none of it."""
    listed = Listed()
    for number, line in enumerate(Path(path).read_text().splitlines(), 1):
        kind, *rest = line.split("\t")
        if kind not in KINDS or len(rest) != 2:
            raise InputError(path, f"{', '.join(KINDS)}: a name and a path", f"line {number}")
        getattr(listed, kind)[rest[0]] = rest[1]
    return listed
