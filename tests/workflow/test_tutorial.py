"""Every step of the tutorial is run as it stands, in order; both languages show the same steps."""

import re
import shlex
import shutil
from pathlib import Path

import polars as pl
import pytest
from running import REPOSITORY, command

pytestmark = pytest.mark.workflow
PAGE = REPOSITORY / "docs/tutorial.md"


def steps(page: Path) -> list[str]:
    """The commands of a page, in order."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def test_both_languages_show_the_same_steps() -> None:
    assert steps(PAGE) == steps(REPOSITORY / "docs/ja/tutorial.md")


@pytest.mark.slow
def test_every_step_works(finished: Path, tmp_path: Path) -> None:
    """On a copy of the demo's finished run, which the first two commands stand for."""
    first, second, *others = steps(PAGE)
    assert (first, second) == ("shirube demo --out demo", "cd demo")
    demo = tmp_path / "demo"
    shutil.copytree(finished, demo, symlinks=True)
    said = {}
    for line in others:
        done = command(*shlex.split(line), cwd=demo)
        assert done.returncode == 0, line + done.stdout + done.stderr
        said[line] = said.get(line, "") + done.stdout + done.stderr
    assert "no problem found" in said["shirube check"]
    assert "TP53" in said["shirube query TP53"]
    assert "DEMO_11" in said["shirube audit"]
    members = pl.read_parquet(demo / "results/cohort/members.parquet")
    withdrawn = members.row(by_predicate=pl.col("patient") == "DEMO_11", named=True)
    assert not withdrawn["counted"]
    assert "withdrawn" in withdrawn["reason"]
