"""Runs that are disturbed, and what must hold of what they leave behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from checksums import checksums
from small_demo import SHIRUBE

# Made by jobs on the way and removed by the workflow itself, or private state with its own test.
PASSING = (
    "germline/tiles/",
    "germline/mitochondria/",
    "annotation/calls.tsv",
    "somatic/tiles/",
    "somatic/imported/",
    "cohort/state/",
)


@dataclass
class Done:
    """How a run ended: exit status (None if it was killed) and all it printed."""

    status: int | None
    text: str


def run(
    directory: Path, during: Callable[["Running"], None] | None = None, options: Sequence[str] = ()
) -> Done:
    """Run the workflow on two cores, or as `options` say; `during` may watch and disturb it."""
    words = [str(SHIRUBE), "run", "--directory", str(directory), "--cores", "2", "--quiet", "rules"]
    words += options
    log = directory.parent / "run.log"
    with (
        open(log, "wb") as stream,
        subprocess.Popen(words, stdout=stream, stderr=stream) as process,
    ):
        running = Running(directory, process)
        if during:
            during(running)
        status = process.wait()
    return Done(None if status < 0 else status, log.read_text(errors="replace"))


@dataclass
class Running:
    """A run at work in `directory`."""

    directory: Path
    process: subprocess.Popen[bytes]

    def finished(self) -> int:
        """Number of outputs of finished jobs, as Snakemake notes them."""
        found = (self.directory / ".snakemake/metadata").rglob("*")
        return sum(note.is_file() for note in found)

    def wait_for(self, outputs: int) -> int:
        """Wait until so many outputs are made; return how many are."""
        while (made := self.finished()) < outputs:
            assert self.process.poll() is None, f"the run ended with {made} of {outputs} outputs"
            time.sleep(0.02)
        return made

    def workers(self) -> list[int]:
        """Process ids of scripts at work below this run; not of the shells that wait for them."""
        found = []
        for pid in descendants(self.process.pid):
            try:
                _, *words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words and b"/.snakemake/scripts/" in words[0]:
                found.append(pid)
        return found

    def kill(self) -> None:
        """Kill -9 of snakemake and its wrapper; the jobs they started are left behind."""
        for pid in [self.process.pid, *children(self.process.pid)]:
            os.kill(pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    """Direct children of a process, of all its threads."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(word) for word in path.read_text().split()]
        except OSError:
            continue
    return found


def descendants(pid: int) -> list[int]:
    """Every process below a process."""
    own = children(pid)
    return own + [below for child in own for below in descendants(child)]


def half_written(directory: Path, expected: dict[str, str]) -> list[str]:
    """Results that are neither absent nor what an undisturbed run makes."""
    found = checksums(directory / "results") if (directory / "results").exists() else {}
    return [
        name
        for name, digest in found.items()
        if not name.startswith(PASSING) and expected.get(name) != digest
    ]
