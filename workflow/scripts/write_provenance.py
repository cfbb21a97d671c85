"""Rule write_provenance."""

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shirube.crate.document import InputFile, Run, crate_text, dotted
from shirube.crate.inventory import CRATE, checksums, files_below, made, read_checksums
from shirube.logs import job_log
from shirube.tools import run as run_tool

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

LIBRARIES = ("snakemake", "polars", "pyarrow", "numpy", "numba", "pysam", "cyvcf2")


def release() -> str:
    """Version of this package; unknown where it is used without being installed."""
    try:
        return version("shirube")
    except PackageNotFoundError:
        return "unknown"


def tool_versions() -> dict[str, str]:
    """Version of everything that computes."""
    found = {name: version(name) for name in LIBRARIES}
    for tool in ("bcftools", "samtools"):
        found[tool] = run_tool(tool, "--version").decode().split()[1]
    return {**found, "python": platform.python_version()}


def main(
    *,
    roles: Mapping[str, Sequence[str]],
    sample_checksums: Sequence[str],
    workflow: str,
    outputs: Sequence[tuple[str, bool]],
    names: Mapping[str, Sequence[str]],
    settings: Mapping[str, Any],
    threads: int,
    crate: str,
    seal: str,
) -> int:
    """Write the crate and its seal; return the number of results in it."""
    directory = Path(crate).parent
    own = {crate, seal}
    results = [f for f in made(files_below(directory), outputs, names) if f not in own]
    read = [(role, path) for role, paths in roles.items() for path in paths]
    found = checksums(sorted({*results, *(path for _, path in read)}), threads)
    inputs = [InputFile(path, found[path], role) for role, path in read]
    for file in sample_checksums:
        sample = Path(file).name.removesuffix(".sha256")
        inputs += [
            InputFile(path, digest, "sample", f"sample {sample}")
            for path, digest in read_checksums(file).items()
        ]
    run = Run(
        version=release(),
        workflow=InputFile("Snakefile", workflow, "workflow"),
        inputs=inputs,
        results={os.path.relpath(path, directory): found[path] for path in results},
        settings=dotted(settings),
        tools=tool_versions(),
        directory=os.path.relpath(".", directory),
        date=settings["report"].get("date"),
        operator=settings["provenance"].get("operator"),
    )
    Path(crate).write_text(crate_text(run), "utf-8")
    digest = checksums([crate])[crate]
    Path(seal).write_text(f"{digest}  {CRATE}\n")
    return len(results)


if __name__ == "__main__":
    with job_log(snakemake.log[0]) as log:
        number = main(
            roles=snakemake.params.roles,
            sample_checksums=snakemake.input.samples,
            workflow=snakemake.params.workflow,
            outputs=snakemake.params.outputs,
            names=snakemake.params.names,
            settings=snakemake.params.settings,
            threads=snakemake.threads,
            crate=snakemake.output.crate,
            seal=snakemake.output.seal,
        )
        log.info("%d results", number)
