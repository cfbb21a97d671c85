"""Write environment.yml: the conda environment with the versions the pip lock pins."""

import re
from pathlib import Path

HERE = Path(__file__).parent
# On PyPI only, or under another name on conda-forge.
PIP_ONLY = {
    "axe-playwright-python",
    "connection-pool",
    "crypt4gh",
    "duckdb",
    "fhir-resources",
    "hpo3",
    "ga4gh-vrs",
    "matplotlib-fontja",
    "playwright",
    "rocrate",
    "snakemake-executor-plugin-slurm",
    "types-jsonschema",
    "types-pyyaml",
    "typst",
}
FIXED = ["python=3.11", "pip=25.3", "bcftools=1.24", "samtools=1.24"]


def requirements() -> list[str]:
    """Names of the direct requirements, in the order of the files."""
    lines = [
        line for file in ("run.in", "test.in") for line in (HERE / file).read_text().splitlines()
    ]
    return [re.split("[=<> ]", line)[0] for line in lines if line and not line.startswith("#")]


def locked(name: str) -> str:
    """Version that test.lock pins for Python 3.11."""
    found = re.findall(
        rf"^{re.escape(name)}==([^ ;\\]+)(?: ; ([^\\]+))?", (HERE / "test.lock").read_text(), re.M
    )
    (version,) = [version for version, marker in found if ">= '3.12'" not in marker]
    return version


def environment() -> str:
    """Text of environment.yml."""
    conda = [f"{name}={locked(name)}" for name in requirements() if name not in PIP_ONLY]
    pip = [f"{name}=={locked(name)}" for name in requirements() if name in PIP_ONLY]
    return "\n".join(
        [
            "# Written by `make lock`: the conda environment with the versions of the pip lock.",
            "name: shirube",
            "channels: [conda-forge, bioconda]",
            "dependencies:",
            *(f"  - {word}" for word in FIXED + conda),
            "  - pip:",
            *(f"      - {word}" for word in pip),
            "",
        ]
    )


if __name__ == "__main__":
    (HERE.parent / "environment.yml").write_text(environment())
