"""Rule import_knowledge."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shirube.knowledge.importers import Reference, import_source
from shirube.knowledge.sources import Source
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    name: str,
    sources: Mapping[str, Mapping[str, Any]],
    fasta: str,
    build: str,
    aliases: dict[str, str] | None,
    resources: list[str],
    output: str,
) -> int:
    """Import table `name` from its configured sources; return its rows."""
    parts = {key: Source(name=key, **value) for key, value in sources.items()}
    reference = Reference(fasta, build, aliases)
    return import_source(name, parts, reference, Path(resources[0]).parent, output)


if __name__ == "__main__":
    with job_log(snakemake.log[0]) as log:
        rows = main(
            name=snakemake.wildcards.source,
            sources=snakemake.params.sources,
            fasta=snakemake.input.fasta,
            build=snakemake.params.build,
            aliases=snakemake.params.aliases,
            resources=snakemake.params.resources,
            output=snakemake.output.table,
        )
        log.info("%d rows", rows)
