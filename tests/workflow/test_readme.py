"""Every command of the README is a command that works."""

import re
import shlex
from pathlib import Path

import pytest
from running import REPOSITORY, command

pytestmark = pytest.mark.workflow
README = (REPOSITORY / "README.md").read_text()
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line and not line.startswith("#")
]


def test_there_are_commands() -> None:
    assert {"make demo", "make test", "shirube check"} <= set(COMMANDS)


@pytest.mark.parametrize("line", COMMANDS)
def test_command(line: str, finished: Path) -> None:
    words = shlex.split(line)
    if words[0] == "make":  # the targets themselves are what runs this test
        done = command("make", "--dry-run", *words[1:], cwd=REPOSITORY)
    elif "--profile" in words:  # a cluster is asked for nothing: the plan is enough
        profile = words.index("--profile") + 1
        words[profile] = str(REPOSITORY / words[profile])
        done = command(*words, "--dry-run", cwd=finished)
    else:
        done = command(*words, cwd=finished)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_it_links_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (REPOSITORY / target).exists(), target


def test_every_result_it_names_is_made(finished: Path) -> None:
    table = README.split("## What a run makes")[1].split("\n## ")[0]
    for line in table.splitlines():
        if not line.startswith("| `"):
            continue
        first, *others = re.findall(r"`([^`]+)`", line.split("|")[1])
        stem = re.sub(r"\.(g\.vcf\.gz|vcf\.gz|parquet|json|ja\.html)$", "", first)
        for name in [first, *others]:
            whole = name if "/" in name or name == first else stem.rsplit("/", 1)[0] + "/" + name
            whole = stem + name if name.startswith(".") else whole
            pattern = re.sub(r"\{[a-z]+\}", "*", whole)
            assert list((finished / "results").glob(pattern)), pattern
