"""Rule annotate_alleles."""

from typing import TYPE_CHECKING

from shirube.annotate.annotation import Chromosome, alleles_of, write_annotation
from shirube.contracts import metadata
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    calls: list[str],
    somatic: list[str],
    knowledge: dict[str, str],
    fasta: str,
    build: str,
    aliases: dict[str, str] | None,
    chrom: str,
    batch: int,
    engine: str,
    external: str | None,
    output: str,
) -> int:
    """Annotate the run's alleles of one chromosome; return the rows written."""
    alleles = alleles_of(calls, somatic, chrom)
    chromosome = Chromosome.of(chrom, fasta, build, knowledge, aliases, engine, external)
    about = {"engine": engine} | {
        f"knowledge.{name}": metadata(path)["release"] for name, path in knowledge.items()
    }
    return write_annotation(alleles, chromosome, output, about, batch)


if __name__ == "__main__":
    with job_log(snakemake.log[0]) as log:
        rows = main(
            list(snakemake.input.calls),
            list(snakemake.input.somatic),
            dict(zip(snakemake.params.tables, snakemake.input.knowledge, strict=True)),
            snakemake.input.fasta,
            snakemake.params.build,
            snakemake.params.aliases,
            snakemake.wildcards.chrom,
            snakemake.params.batch,
            snakemake.params.engine,
            snakemake.input.get("external") or None,
            snakemake.output.table,
        )
        log.info("%d rows", rows)
