"""The pip lock and the conda environment name the same versions."""

import re
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]


def locked(name: str) -> str:
    """Version the lock pins for Python 3.11, which the conda environment uses."""
    lock = (REPOSITORY / "requirements/test.lock").read_text()
    found = re.findall(rf"^{re.escape(name)}==([^ ;\\]+)(?: ; ([^\\]+))?", lock, re.MULTILINE)
    versions = [version for version, marker in found if ">= '3.12'" not in marker]
    assert len(versions) == 1, (name, found)
    return versions[0]


def conda_versions() -> dict[str, str]:
    """Package -> version of environment.yml, its pip section included."""
    found = {}
    for entry in yaml.safe_load((REPOSITORY / "environment.yml").read_text())["dependencies"]:
        for word in entry["pip"] if isinstance(entry, dict) else [entry]:
            name, version = re.split("==?", word, maxsplit=1)
            found[name.lower()] = version
    return found


def direct_requirements() -> list[str]:
    words = []
    for file in ("run.in", "test.in"):
        for line in (REPOSITORY / "requirements" / file).read_text().splitlines():
            if line and not line.startswith(("#", "-")):
                words.append(re.split("[=<> ]", line)[0])
    return words


@pytest.mark.parametrize("name", direct_requirements())
def test_same_version(name: str) -> None:
    assert conda_versions().get(name) == locked(name)


def test_embedded_tools_have_the_conda_version() -> None:
    import pysam.version

    assert conda_versions()["bcftools"] == pysam.version.__bcftools_version__
    assert conda_versions()["samtools"] == pysam.version.__samtools_version__
