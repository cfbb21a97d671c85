"""Files as files: there, readable, whole, indexed, and the index not older than the data."""

import os
import re
import time
from pathlib import Path

from shirube.check.problems import Outcome, shown
from shirube.check.schema import schema
from shirube.inputs import AHEAD
from shirube.reads.inspect import ends_whole

CLOCK = 1.0  # seconds: file systems and copies do not order times more finely than this


def safe(path: str) -> bool:
    """Whether a path is free of what a shell, a glob or a URL would take for something else."""
    return bool(re.search(schema("samples")["$defs"]["path"]["pattern"], path))


def check_path(file: object, where: str, path: str, outcome: Outcome) -> bool:
    """Whether `path`, written at `where` in `file`, is a safe name of a readable file."""
    if not safe(path):
        described = schema("samples")["$defs"]["path"]["description"]
        outcome.problem(file, where, f"{described}; found {shown(path)}")
        return False
    place = Path(path)
    try:
        if not place.exists():
            why = "a broken symbolic link" if place.is_symlink() else "it does not exist"
            outcome.problem(file, where, f"a file to read, found {shown(path)}: {why}")
        elif not place.is_file():
            outcome.problem(file, where, f"a file to read, found {shown(path)}: not a file")
        elif place.stat().st_size == 0:
            outcome.problem(file, where, f"a file with content, found {shown(path)}: it is empty")
        elif (ahead := place.stat().st_mtime - time.time()) > AHEAD:
            expected = f"a file not of the future, {shown(path)} is {ahead:.0f} s ahead of this "
            expected += "machine's clock; once the clocks agree: touch it"
            outcome.problem(file, where, expected)
        else:
            with place.open("rb"):
                return True
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        outcome.problem(file, where, f"a file to read, found {shown(path)}: {reason}")
    return False


def check_whole(path: str, outcome: Outcome) -> bool:
    """Whether a BGZF file, BAM or CRAM has the block that ends it."""
    whole = ends_whole(path)
    if not whole:
        expected = (
            "the block that ends a whole file: it is truncated; copy it again from where it came"
        )
        outcome.problem(path, "", expected)
    return whole


def check_age(data: str | Path, index: str | Path, remedy: str, outcome: Outcome) -> None:
    """The index was written after the data it describes."""
    if os.stat(index).st_mtime < os.stat(data).st_mtime - CLOCK:
        outcome.problem(
            index,
            "",
            f"an index no older than {data}; make it again: {remedy} (or, if only copying "
            f"changed the times: touch {index})",
        )
