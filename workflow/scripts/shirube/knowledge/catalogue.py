"""Where knowledge comes from: the catalogue of publishers' files, and the files of a folder.

resources/knowledge_catalogue.tsv has one row per source and build: address, licence, and who may
have it. `access` is `open` (fetched), `terms` (fetched once the terms are accepted by name), `ask`
(no address; taken from a folder) or `apply` (the licence forbids fetching; the row says where to
apply). A folder (a mirror, a disk carried into a closed network) is read by file names.
"""

import csv
import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from shirube.errors import InputError
from shirube.home import RESOURCES

CATALOGUE = RESOURCES / "knowledge_catalogue.tsv"
MANIFEST = "BUNDLE.tsv"
ACCESS = ("open", "terms", "ask", "apply")
# Dates and releases as publishers write them into names and headers.
_DATE = re.compile(r"(?<!\d)(20\d\d-\d\d(?:-\d\d)?|20[0-3]\d[01]\d[0-3]\d)(?!\d)")
_RELEASE = re.compile(r"(?<![a-z])v(\d+(?:\.\d+)*)(?![a-z\d])", re.IGNORECASE)
_STATED = re.compile(r"data-version|filedate|release|version|created|date", re.IGNORECASE)
_HEADER_LINES = 60
_TEXT = (
    *("bundle", "key", "build", "url", "checksum_url", "sha256"),
    *("release", "licence", "access", "apply", "purpose"),
)


@dataclass(frozen=True)
class Source:
    """One row of the catalogue; empty text where the publisher states nothing."""

    bundle: str
    key: str
    build: str
    url: str
    checksum_url: str
    sha256: str
    release: str
    licence: str
    access: str
    apply: str
    patterns: tuple[str, ...]
    options: dict[str, str]
    verified: bool
    purpose: str


def fits(pattern: str, name: str) -> bool:
    """Whether a path relative to a folder is a file that `pattern` means.

    A pattern with a slash is the end of the path; one without is matched by the file's name.
    """
    if "/" in pattern:
        return f"/{name}".endswith(f"/{pattern}")
    return fnmatchcase(name.rsplit("/", 1)[-1], pattern)


def _options(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split(";") if part)


def read_catalogue(path: str | Path = CATALOGUE) -> list[Source]:
    """Rows of the catalogue; InputError naming the row of another shape."""
    sources = []
    with open(path, encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream, delimiter="\t"), 2):
            if None in row.values() or row["access"] not in ACCESS:
                raise InputError(
                    path, f"access {', '.join(ACCESS)} and every column", f"row {number}"
                )
            sources.append(
                Source(
                    patterns=tuple(p for p in row["patterns"].split("|") if p),
                    options=_options(row["options"]),
                    verified=row["verified"] == "yes",
                    **{name: row[name] for name in _TEXT},
                )
            )
    return sources


def of_build(sources: Sequence[Source], bundle: str, build: str) -> list[Source]:
    """Rows of one bundle that fit a genome build; InputError naming the bundles there are."""
    bundles = sorted({s.bundle for s in sources})
    if bundle not in bundles:
        raise InputError("--bundle", f"one of {', '.join(bundles)}, found {bundle}")
    return [s for s in sources if s.bundle == bundle and s.build in (build, "any")]


def manifest(folder: Path) -> dict[str, Mapping[str, str]]:
    """Path -> row of a folder's BUNDLE.tsv (path, sha256, what else it states); or nothing."""
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    with open(path, encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, delimiter="\t")
        if not {"path", "sha256"} <= set(reader.fieldnames or ()):
            raise InputError(path, "columns path and sha256")
        return {row["path"]: row for row in reader}


def files(folder: Path) -> Iterator[str]:
    """Relative paths of the files below a folder, sorted; hidden ones and indices left out."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        if path.is_file() and not hidden and path.suffix not in (".tbi", ".csi", ".fai", ".gzi"):
            yield name


def _first_lines(path: Path) -> list[str]:
    opened = gzip.open if path.name.endswith(("gz", ".bgz")) else open
    lines = []
    try:
        with opened(path, "rt", encoding="utf-8", errors="replace") as stream:
            for _, line in zip(range(_HEADER_LINES), stream, strict=False):
                lines.append(line)
    except (OSError, EOFError):
        return []
    return lines


def release_of(path: Path) -> str | None:
    """The release a publisher's file states of itself: in its name, or in a line of its head."""
    for pattern in (_DATE, _RELEASE):
        match = pattern.search(path.name)
        if match:
            return match[0]
    for line in _first_lines(path):
        date = _DATE.search(line)
        if date and (line.startswith(("#", "data-version")) and _STATED.search(line)):
            return date[0]
    return None


@dataclass(frozen=True)
class Match:
    """Files of a folder that belong to one source, and names it could also have been."""

    source: Source
    names: tuple[str, ...]


def _rank(source: Source, name: str, key: str | None) -> int | None:
    """How well a file fits a source: its place among the patterns; None if it does not.

    A manifest that names the key decides alone.
    """
    if key:
        return 0 if key == source.key else None
    return next((i for i, p in enumerate(source.patterns) if fits(p, name)), None)


def matched(
    sources: Sequence[Source], folder: Path, rows: Mapping[str, Mapping[str, str]]
) -> tuple[list[Match], list[str]]:
    """Sources found in a folder, by the order of the catalogue; and the files nobody asked for.

    `rows` is the folder's manifest. A source published by chromosome takes all its files; of the
    others, the file that sorts last (the newest date in its name) is taken. A file belongs to the
    sources that it fits best: gnomAD's structural variants are no file of its small ones.
    """
    names = [name for name in files(folder) if name != MANIFEST]
    best: dict[str, int] = {}
    for source in sources:
        for name in names:
            rank = _rank(source, name, rows.get(name, {}).get("key"))
            if rank is not None:
                best[name] = min(rank, best.get(name, rank))
    found: list[Match] = []
    used: set[str] = set()
    for source in sources:
        ranks = {n: _rank(source, n, rows.get(n, {}).get("key")) for n in names}
        fitting = {name: rank for name, rank in ranks.items() if rank == best.get(name)
                   and rank is not None}  # fmt: skip
        if not fitting:
            continue
        hits = sorted(name for name, rank in fitting.items() if rank == min(fitting.values()))
        used.update(fitting)
        many = source.key.startswith("frequencies.")
        found.append(Match(source, tuple(hits if many else hits[-1:])))
    return found, [name for name in names if name not in used]
