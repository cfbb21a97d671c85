"""Memory and work of counting a cohort do not grow with the people who are there already."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from cohort_run import Run

from shirube.cohort import sums

SCALE = Path(__file__).parents[2] / "benchmarks/scale_cohort.py"


def job(name: str, *arguments: object) -> dict[str, float]:
    """What a job of the benchmark took, in a process of its own."""
    command = [sys.executable, SCALE, "--job", name, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_three_times_the_people_do_not_take_the_memory(tmp_path: Path) -> None:
    """Beyond what the process holds without anybody (libraries, the reference)."""
    held = {}
    for people in (20, 60):
        folder = tmp_path / str(people)
        folder.mkdir()
        job("put", folder, 0, people, 1)
        held[people] = max(job(name, folder, people)["mib"] for name in ("choose", "sum", "count"))
    assert held[60] < 1.25 * held[20]


def test_one_person_more_is_that_persons_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0
    real = sums._rows

    def counted(*args: object) -> object:
        nonlocal read
        for rows in real(*args):
            read += rows.height
            yield rows

    monkeypatch.setattr(sums, "_rows", counted)
    monkeypatch.setattr("shirube.cohort.kinship.counts", lambda *_: iter(()))  # of 256 at most
    new = {}
    for people in (4, 12):
        folder = tmp_path / str(people)
        folder.mkdir()
        run = Run(folder, contigs={"chr1": 900})
        for number in range(people):
            run.add(number)
        run.go()
        run.add(100)
        read = 0
        run.go()
        new[people] = read
    (own,) = (pl.read_parquet(p).height for p in [_genotypes(run, "s100")])
    assert new == {4: own, 12: own}


def _genotypes(run: Run, sample: str) -> Path:
    from shirube.cohort.state import State

    state = State(run.members.parent / "state", {})
    return state.path(state.manifest.people[sample].genotypes)
