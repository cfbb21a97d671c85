"""A run killed at any moment goes on to the same results."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from checksums import checksums

pytestmark = [pytest.mark.faults, pytest.mark.slow]
SHIRUBE = Path(sys.executable).parent / "shirube"
KILLS = 5


def run(directory: Path, kill_after: float | None = None) -> int | None:
    """Run the workflow; kill -9 its process after some seconds. Exit status, None if killed."""
    words = [SHIRUBE, "run", "--directory", directory, "--cores", "2", "--quiet", "all"]
    with subprocess.Popen(words, start_new_session=True, stderr=subprocess.PIPE) as process:
        try:
            process.communicate(timeout=kill_after)
        except subprocess.TimeoutExpired:
            # Only snakemake and its wrapper die; the jobs they started are left behind.
            for pid in [process.pid, *children(process.pid)]:
                os.kill(pid, signal.SIGKILL)
            return None
    return process.returncode


def children(pid: int) -> list[int]:
    """Direct children of a process."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in path.read_text().split()]


def test_killed_runs_end_like_an_undisturbed_one(tmp_path: Path) -> None:
    for name in ("calm", "killed"):
        subprocess.run([SHIRUBE, "demo", "--out", tmp_path / name], check=True)
    started = time.monotonic()
    assert run(tmp_path / "calm") == 0
    whole = time.monotonic() - started
    chance = random.Random(20261123)
    kills = 0
    for _ in range(KILLS):
        kills += run(tmp_path / "killed", whole * chance.uniform(0.04, 0.18)) is None
    assert run(tmp_path / "killed") == 0
    calm, killed = (checksums(tmp_path / name / "results") for name in ("calm", "killed"))
    print(f"killed {kills} times; {len(calm)} files compared")
    assert kills == KILLS
    assert killed == calm
