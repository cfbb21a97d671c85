"""Files and their SHA-256, and which files of a results directory a run makes."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from shirube.errors import InputError
from shirube.knowledge.names import PACKAGE, every_source, files_of

CRATE = "ro-crate-metadata.json"
SEAL = CRATE + ".sha256"
_WILDCARD = re.compile(r"\{(\w+)(?:,([^{}]*(?:\{[^{}]*\}[^{}]*)*))?\}")


def sha256(path: str | Path) -> str:
    """SHA-256 of a file, in hexadecimal; InputError if it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(path, f"a file to read ({error.strerror})") from error


def checksums(paths: Sequence[str], threads: int = 1) -> dict[str, str]:
    """SHA-256 of each path, read by `threads` at a time."""
    with ThreadPoolExecutor(max(1, threads)) as pool:
        return dict(zip(paths, pool.map(sha256, paths), strict=True))


def read_checksums(path: str | Path) -> dict[str, str]:
    """Path -> SHA-256 from a file that `sha256sum` wrote."""
    found = {}
    for number, line in enumerate(Path(path).read_text("utf-8").splitlines(), 1):
        digest, separator, name = line.partition("  ")
        if not separator or not re.fullmatch("[0-9a-f]{64}", digest):
            raise InputError(path, "a SHA-256, two spaces and a path", f"line {number}")
        found[name] = digest
    return found


def source_files(sources: Mapping[str, Any]) -> list[str]:
    """Files of every configured knowledge source, those in groups included."""
    return [
        str(file)
        for _, part in every_source(sources)
        if part.get("format") != PACKAGE  # its name and version stand among the software
        for file in files_of(str(part["path"]))
    ]


def pattern(output: str, names: Mapping[str, Sequence[str]], directory: bool = False) -> str:
    """Regular expression of the paths that a rule's `output` stands for.

    `names` lists the values a wildcard has in this run; others match their own constraint. With
    `directory`, everything below it.
    """
    parts, at, seen = [], 0, set()
    for match in _WILDCARD.finditer(output):
        parts.append(re.escape(output[at : match.start()]))
        name, constraint = match.group(1), match.group(2)
        if name in seen:
            parts.append(f"(?P={name})")
        else:
            listed = "|".join(re.escape(value) for value in names.get(name, ()))
            parts.append(f"(?P<{name}>{listed if name in names else constraint or '[^/]+'})")
            seen.add(name)
        at = match.end()
    return "".join(parts) + re.escape(output[at:]) + ("/.*" if directory else "")


def files_below(directory: str | Path) -> list[str]:
    """Every file below a directory, sorted; hidden ones (a scheduler's, an editor's) left out."""
    found = []
    for place, folders, files in os.walk(directory):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [os.path.join(place, name) for name in files if not name.startswith(".")]
    return sorted(found)


def made(
    files: Iterable[str], patterns: Iterable[tuple[str, bool]], names: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Those of `files` that one of the outputs (pattern, whether a directory) stands for."""
    expressions = [re.compile(pattern(text, names, folder)) for text, folder in patterns]
    for file in files:
        if any(expression.fullmatch(file) for expression in expressions):
            yield file
