"""A wheel carries every file of the workflow, each at its place."""

import re
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SETUPTOOLS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["setuptools"]
SHARE = "share/shirube"
CARRIED = (
    "Snakefile",
    "environment.yml",
    "config/config.yaml",
    "workflow",
    "resources",
    "profiles",
)


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", *CARRIED], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a checkout of git: what belongs to the project is not known")
    return listed.stdout.split()


def test_everything_is_carried() -> None:
    patterns = [(Path(where), p) for where, ps in SETUPTOOLS["data-files"].items() for p in ps]
    data = SETUPTOOLS["package-data"]["shirube"]
    lost = []
    for name in tracked():
        if name.startswith("workflow/scripts/shirube/"):
            kept = name.endswith(".py") or any(fnmatch(name, p.replace("**/", "*")) for p in data)
        elif name.startswith("workflow/scripts/snakemake_logger_plugin_shirube/"):
            kept = name.endswith(".py")
        else:
            place = Path(SHARE, name).parent
            kept = any(where == place and fnmatch(name, p) for where, p in patterns)
        lost += [] if kept or name == "resources/README.md" else [name]
    assert lost == []


def test_a_container_copies_all_that_a_wheel_is_made_of() -> None:
    text = (REPOSITORY / "requirements/Containerfile").read_text()
    copied = {
        word
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.M)
        for word in line.split()[:-1]
    }
    needed = {name.split("/")[0] for name in tracked()}
    assert needed | {"pyproject.toml", "README.md", "requirements"} <= copied
