"""The programs a run calls: found, or one line that says how to install them."""

from pathlib import Path
from typing import Any

from shirube.check.files import check_path
from shirube.check.problems import Outcome
from shirube.check.settings import value_at
from shirube.tools import located

# Engine -> executables it runs. An engine without executables is part of the package.
EXECUTABLES: dict[str, tuple[str, ...]] = {
    "embedded": (),
    "bcftools": ("bcftools", "samtools"),
    "bcftools_csq": ("bcftools",),
    "gatk": ("gatk",),
    "deepvariant": ("run_deepvariant",),
    "freebayes": ("freebayes",),
    "delly": ("delly",),
    "manta": ("configManta.py",),
    "cnvkit": ("cnvkit.py",),
    "expansionhunter": ("ExpansionHunter",),
    "snpeff": (),  # annotates beforehand: annotation.external is its output
    "vep": (),
}
_BIOCONDA = {
    "gatk": "gatk4",
    "configManta.py": "manta",
    "cnvkit.py": "cnvkit",
    "ExpansionHunter": "expansionhunter",
}
_TARGETS = {"gatk": "install-gatk", "cnvkit.py": "install-cnvkit"}
_ALWAYS = ("bcftools", "samtools")


# Programs whose rule names a container -> what can run it.
CONTAINERS = {"run_deepvariant": ("apptainer", "singularity")}
EXTERNAL = ("snpeff", "vep")


def remedy(executable: str) -> str:
    """How to install an executable."""
    if executable in _ALWAYS:
        return "make setup (pip) or conda env create -f environment.yml"
    if executable in CONTAINERS:
        return (
            "install apptainer (conda install -c conda-forge apptainer) and run with "
            "--software-deployment-method apptainer, which fetches the container"
        )
    if executable in _TARGETS:
        return f"make {_TARGETS[executable]}, or {_conda(executable)}"
    return _conda(executable)


def _conda(executable: str) -> str:
    return f"conda install -c conda-forge -c bioconda {_BIOCONDA.get(executable, executable)}"


def installed(executable: str) -> bool:
    """Whether a program is there, or what runs its container."""
    return any(located(program) for program in (executable, *CONTAINERS.get(executable, ())))


def check_engines(config: Path, settings: dict[str, Any], outcome: Outcome) -> None:
    """Every configured engine's executables are installed, or its output is there."""
    for executable in _ALWAYS:
        if located(executable) is None:
            outcome.problem(config, "", f"{executable} installed; {remedy(executable)}")
    for stage, engine in (value_at(settings, dict, "engines") or {}).items():
        for executable in EXECUTABLES.get(str(engine), ()):
            if executable not in _ALWAYS and not installed(executable):
                where = f"key engines.{stage}"
                expected = f"{executable} installed for {engine}; {remedy(executable)}"
                outcome.problem(config, where, expected)
    if value_at(settings, bool, "report", "multiqc") and located("multiqc") is None:
        expected = "multiqc installed; make install-multiqc, or conda install -c bioconda multiqc"
        outcome.problem(config, "key report.multiqc", expected)
    external = value_at(settings, str, "annotation", "external")
    engine = value_at(settings, str, "engines", "consequence")
    if external is not None:
        check_path(config, "key annotation.external", external, outcome)
    elif engine in EXTERNAL:
        expected = f"a VCF that {engine} annotated, which engines.consequence {engine} reads"
        outcome.problem(config, "key annotation.external", expected)
