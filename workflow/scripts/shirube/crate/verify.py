"""Whether results, reference, knowledge and inputs are still what the crate says they are."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from shirube.crate.inventory import CRATE, SEAL, checksums, files_below, sha256
from shirube.errors import InputError

PAGES = "index.sha256"
STATE = ("cohort", "state")  # outlives runs, so it is no result of one; `state_of` says where


def _listed(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else [] if value is None else [value]


def _entities(directory: Path) -> list[dict[str, Any]]:
    path = directory / CRATE
    try:
        return list(json.loads(path.read_text("utf-8"))["@graph"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(path, f"an RO-Crate ({error})") from error


def _seal_problems(directory: Path) -> Iterator[str]:
    seal = directory / SEAL
    found = sha256(directory / CRATE)
    if not seal.is_file():
        yield f"{seal}: gone; it seals {CRATE}"
    elif seal.read_text(errors="replace") != f"{found}  {CRATE}\n":
        yield f"{directory / CRATE}: SHA-256 {found} is not the one in {SEAL}: altered"


def _expected(directory: Path, reads: bool) -> Iterator[tuple[str, str, str]]:
    """(path, SHA-256, what it is) of every file the crate names."""
    entities = _entities(directory)
    start = next(
        (str(e.get("value")) for e in entities if e.get("@id") == "#setting-directory"), "."
    )
    for entity in entities:
        digest = entity.get("sha256")
        if not isinstance(digest, str):
            continue
        role = entity.get("additionalType")
        if role is None:
            # Identifiers are URI references: a space is written %20.
            yield str(directory / unquote(str(entity.get("@id")))), digest, "result"
        elif role != "workflow" and (reads or role != "sample"):
            for path in _listed(entity.get("alternateName")):
                yield os.path.normpath(directory / start / str(path)), digest, str(role)


def configured(directory: Path, key: str, default: Path) -> Path:
    """Path that the run of a results directory was configured with; `default` if with none."""
    values = {}
    if (directory / CRATE).is_file():
        values = {str(e.get("@id")): str(e.get("value")) for e in _entities(directory)}
    value = json.loads(values.get(f"#setting-{key}", "null"))
    start = values.get("#setting-directory", "..")
    return Path(os.path.normpath(directory / start / value)) if value else default


def state_of(directory: Path) -> Path:
    """Directory of the cohort's state of the run that made a results directory."""
    return configured(directory, "cohort.state", directory.joinpath(*STATE))


def register_of(directory: Path) -> Path:
    """Directory of the register of releases of the run that made a results directory."""
    return configured(directory, "cohort.register", directory.parent / "state" / "releases")


def crate_above(path: Path) -> Path | None:
    """The results directory, with its crate, that a directory lies in; None if in none."""
    inside = path.resolve()
    return next((d for d in (inside, *inside.parents[:4]) if (d / CRATE).is_file()), None)


def altered_below(directory: Path, part: Path) -> list[str]:
    """What of `part` of a results directory differs from the crate, one line each."""
    inside = os.path.join(os.path.realpath(part), "")
    problems = list(_seal_problems(directory))
    expected = {
        os.path.realpath(path): digest
        for path, digest, what in _expected(directory, reads=False)
        if what == "result" and os.path.realpath(path).startswith(inside)
    }
    there = files_below(inside)
    found = checksums(there)
    problems += [f"{path}: not a result of this run" for path in there if path not in expected]
    for path, digest in expected.items():
        if path not in found:
            problems.append(f"{path}: result is gone")
        elif found[path] != digest:
            problems.append(f"{path}: result altered: SHA-256 {found[path]}, was {digest}")
    return problems


def _pages(directory: Path) -> tuple[list[str], list[str]]:
    """(names, problems) of the pages over all people, which `shirube run` writes after the crate.

    Their checksums stand beside them, in the format of sha256sum.
    """
    listed = directory / PAGES
    if not listed.is_file():
        return [], []
    names, problems = [PAGES], []
    for line in listed.read_text(errors="replace").splitlines():
        digest, _, name = line.partition("  ")
        page = directory / os.path.basename(name)
        names.append(page.name)
        if not page.is_file():
            problems.append(f"{page}: page is gone")
        elif sha256(page) != digest:
            problems.append(f"{page}: page altered, or its line in {PAGES}")
    return names, problems


def crate_problems(directory: Path, reads: bool = True, threads: int = 2) -> list[str]:
    """What differs from the crate in a results directory, one line each; [] if nothing does.

    Found: a file altered, gone, or not made by the run. `reads`: whether the samples' files, which
    may be large, are read too.
    """
    problems = list(_seal_problems(directory))
    expected = list(_expected(directory, reads))
    if not expected:
        problems.append(f"{directory / CRATE}: names no file")
    there = [path for path, _, _ in expected if os.path.isfile(path)]
    found = checksums(there, threads)
    for path, digest, what in expected:
        if path not in found:
            problems.append(f"{path}: {what} is gone")
        elif found[path] != digest:
            problems.append(f"{path}: {what} altered: SHA-256 {found[path]}, was {digest}")
    pages, of_pages = _pages(directory)
    problems += of_pages
    own = {os.path.normpath(directory / name) for name in (CRATE, SEAL, *pages)}
    known = {os.path.normpath(path) for path, _, _ in expected} | own
    state = os.path.join(os.path.normpath(directory), *STATE, "")
    for path in files_below(directory):
        if os.path.normpath(path) not in known and not path.startswith(state):
            problems.append(f"{path}: not a result of this run")
    return problems
