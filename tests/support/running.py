"""Commands and runs of the workflow, for tests."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

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
