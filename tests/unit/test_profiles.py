"""Profiles of Snakemake: what one says must take effect, and name rules that exist."""

import re
from typing import Any

import pytest
import yaml
from running import REPOSITORY

SLURM = ("slurm", "slurm-small")


def profile(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((REPOSITORY / f"profiles/{name}/config.yaml").read_text()))


@pytest.mark.parametrize("name", SLURM)
def test_the_profile_read_with_every_run_overrules_nothing(name: str) -> None:
    """Snakemake lets profiles/default, which it finds by itself, win over --profile."""
    always, asked = profile("default"), profile(name)
    assert {key for key in always.keys() & asked.keys() if always[key] != asked[key]} == set()
    assert {"mem_mb", "runtime"} <= asked["default-resources"].keys()


@pytest.mark.parametrize("name", SLURM)
def test_groups_are_of_rules_that_exist(name: str) -> None:
    text = "".join(p.read_text() for p in sorted((REPOSITORY / "workflow/rules").glob("*.smk")))
    rules = set(re.findall(r"^\s*rule (\w+):", text, re.MULTILINE))
    pairs = [entry.split("=") for entry in profile(name)["groups"]]
    assert {rule for rule, _ in pairs} <= rules
    sizes = {entry.split("=")[0] for entry in profile(name)["group-components"]}
    assert {group for _, group in pairs} == sizes
