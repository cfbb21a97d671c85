"""Rule annotate_alleles."""

from typing import TYPE_CHECKING, Any

from shirube.annotate.annotation import Chromosome, alleles_of, write_annotation
from shirube.annotate.frequencies import Coverage
from shirube.annotate.listed import read_list
from shirube.contracts import metadata
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    calls: dict[str, str],
    somatic: dict[str, str],
    changes: dict[str, str],
    knowledge: dict[str, str],
    fasta: str,
    build: str,
    aliases: dict[str, str] | None,
    coverage: dict[str, dict[str, Any]],
    chrom: str,
    batch: int,
    engine: str,
    external: str | None,
    output: str,
) -> int:
    """Annotate the run's alleles of one chromosome, composed ones too; return the rows.

    `calls`: normal sample -> CALLS file; `somatic`, `changes`: patient -> SOMATIC, CHANGES file.
    """
    tables = (list(paths.values()) for paths in (calls, somatic, changes))
    alleles = alleles_of(*tables, chrom)
    stated = {source: Coverage(**one) for source, one in coverage.items()}
    chromosome = Chromosome.of(chrom, fasta, build, knowledge, aliases, engine, external, stated)
    about = {"engine": engine} | {
        f"knowledge.{name}": metadata(path)["release"] for name, path in knowledge.items()
    }
    return write_annotation(alleles, chromosome, output, about, batch)


if __name__ == "__main__":
    with job_log(snakemake.log[0]) as log:
        listed = read_list(snakemake.input.calls)
        rows = main(
            calls=listed.normal,
            somatic=listed.tumour,
            changes=listed.changes,
            knowledge=dict(zip(snakemake.params.tables, snakemake.input.knowledge, strict=True)),
            fasta=snakemake.input.fasta,
            build=snakemake.params.build,
            aliases=snakemake.params.aliases,
            coverage=snakemake.params.coverage,
            chrom=snakemake.wildcards.chrom,
            batch=snakemake.params.batch,
            engine=snakemake.params.engine,
            external=snakemake.input.get("external") or None,
            output=snakemake.output.table,
        )
        log.info("%d rows", rows)
