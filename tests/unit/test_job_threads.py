"""A job's polars has the threads the job asked for, whatever the machine has."""

import os
import re
import subprocess
import sys

import pytest
from running import REPOSITORY

RESOURCES = (REPOSITORY / "workflow/rules/resources.smk").read_text()
ASKED = "import polars; print(polars.thread_pool_size())"


@pytest.mark.parametrize(
    ("threads", "own", "expected"), [(1, None, 1), (3, None, 3), (3, "2", 2)], ids=str
)
def test_polars_has_the_threads_of_the_job(threads: int, own: str | None, expected: int) -> None:
    """The prefix of resources.smk as Snakemake puts it before every job, one with its own wish."""
    found = re.search(r"^shell\.prefix\(.*?^\)$", RESOURCES, re.MULTILINE | re.DOTALL)
    assert found
    code = f"""
from snakemake.shell import shell
{found[0]}
print(shell({f"{sys.executable} -c '{ASKED}'"!r}, read=True, threads={threads}).strip())
"""
    environment = {k: v for k, v in os.environ.items() if k != "POLARS_MAX_THREADS"}
    environment |= {"POLARS_MAX_THREADS": own} if own else {}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(expected)
