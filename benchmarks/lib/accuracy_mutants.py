"""Mutation test of rules that stand twice: each mutant of mutants.tsv dies by the test it names.

    python benchmarks/lib/accuracy_mutants.py

A mutant replaces one text of one file by another in a copy of the repository. The named tests pass
in the copy as it is, and the mutant's fails after the change; a mutant whose test still passes
survives.
"""

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory

from accuracy_rows import Row

from shirube.errors import InputError

REPOSITORY = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("mutants.tsv")
COPIED = ("benchmarks", "config", "resources", "tests", "workflow")
BESIDE = ("Snakefile", "pyproject.toml")
FAILED = 1  # exit status of pytest: tests ran and some failed; anything else is no answer


@dataclass(frozen=True)
class Mutant:
    """One change of the code that a test must notice; `old` stands once in `file`."""

    mutant: str
    file: str
    old: str
    new: str
    test: str

    def text(self) -> str:
        """The file with the change; InputError unless `old` stands in it exactly once."""
        original = (REPOSITORY / self.file).read_text()
        if original.count(self.old) != 1:
            raise InputError(TABLE, f"a text that stands once in {self.file}", self.old)
        return original.replace(self.old, self.new)


def mutants() -> list[Mutant]:
    """The table; a tab inside a text stands there as backslash and t."""
    with TABLE.open(newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Mutant(**{k: v.replace("\\t", "\t") for k, v in row.items()}) for row in rows]


def _done(root: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)


def outcomes() -> Iterator[tuple[Mutant, bool]]:
    """Every mutant, and whether its test died of it."""
    table = mutants()
    with TemporaryDirectory() as scratch:
        root = Path(scratch)
        for name in COPIED:
            out = ignore_patterns("__pycache__", "out")
            copytree(REPOSITORY / name, root / name, ignore=out)
        for name in BESIDE:
            (root / name).write_bytes((REPOSITORY / name).read_bytes())
        done = _done(root, sorted({one.test for one in table}))
        if done.returncode:
            raise RuntimeError(f"tests of {TABLE.name} fail without a mutant:\n{done.stdout}")
        for one in table:
            changed = root / one.file
            original = changed.read_text()
            changed.write_text(one.text())
            yield one, _done(root, [one.test]).returncode == FAILED
            changed.write_text(original)


def mutations(_: Path) -> list[Row]:
    """tp: mutants a test dies of; fn: those that survive, named in the note."""
    found = list(outcomes())
    alive = [one.mutant for one, killed in found if not killed]
    counts = len(found) - len(alive), 0, len(alive)
    return [Row("rules-twice", "embedded", "mutants", *counts, None, "; ".join(alive))]


TRUTH_SETS = [mutations]


def main() -> int:
    """Print each mutant and what becomes of it; 1 if one survives."""
    survived = 0
    for one, killed in outcomes():
        survived += not killed
        print(f"{'killed by' if killed else 'SURVIVES'} {one.test}: {one.mutant}", flush=True)
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())
