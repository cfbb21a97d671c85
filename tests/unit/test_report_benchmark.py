"""The benchmark of a report gives the rules' scripts all that they take."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["tables", "settings"])
def test_every_key_the_script_reads_is_given(name: str) -> None:
    script = (REPOSITORY / "workflow/scripts/build_report.py").read_text()
    read = set(re.findall(rf'{name}\["([a-z_]+)"\]', script))
    given = (REPOSITORY / "benchmarks/report.py").read_text()
    block = given[given.index(f"    {name}: dict[str, Any] = {{") :]
    keys = set(re.findall(r'"([a-z_]+)"', block[: block.index("\n    }\n")]))
    assert read
    assert read - keys <= {"sex"}  # set by the script itself
