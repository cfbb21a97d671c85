"""A finished run of the workflow on the demo, shared by all tests that look at one."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


def command(*words: str | Path, cwd: Path, check: bool = False) -> subprocess.CompletedProcess[str]:
    """Run one command of this environment and return it finished."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done


def run_workflow(
    directory: Path, options: Sequence[str] = (), check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run the workflow in `directory` with two cores."""
    snakefile = REPOSITORY / "Snakefile"
    words = ["snakemake", "--snakefile", snakefile, "--directory", directory, "--cores", "2"]
    return command(*words, *options, cwd=directory, check=check)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Working directory of one complete run on the demo; made once for all test processes."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    directory, done = shared / "finished", shared / "finished.done"
    with open(shared / "finished.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(directory, ignore_errors=True)
            command("shirube", "demo", "--out", directory, cwd=shared, check=True)
            run_workflow(directory)
            done.touch()
    return directory
