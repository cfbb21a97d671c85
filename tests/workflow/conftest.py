"""A finished run of the workflow on the demo, shared by all tests that look at one."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest
from running import command, run_workflow


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
