"""Rule annotate_release."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from shirube.annotate.annotation import Chromosome, write_annotation
from shirube.annotate.frequencies import Coverage
from shirube.contracts import ALLELE, CHROM, FREQUENCY, metadata, scan
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    frequency: Path,
    knowledge: dict[str, str],
    fasta: str,
    build: str,
    aliases: dict[str, str] | None,
    coverage: dict[str, dict[str, Any]],
    chrom: str,
    batch: int,
    engine: str,
    output: str,
) -> int:
    """Annotate the alleles a release shows of one chromosome; return the rows.

    A release may hold alleles of people of earlier runs, so the run's own annotation does not do.
    An engine that only reads a VCF made of the run's alleles is replaced by the embedded one.
    """
    path = frequency / f"{chrom}.parquet"
    released = scan(FREQUENCY, path) if path.is_file() else FREQUENCY.empty().lazy()
    alleles = released.select(ALLELE).unique().with_columns(pl.col("chrom").cast(CHROM)).collect()
    used = engine if engine == "bcftools_csq" else "embedded"
    stated = {source: Coverage(**one) for source, one in coverage.items()}
    chromosome = Chromosome.of(chrom, fasta, build, knowledge, aliases, used, coverage=stated)
    about = {"engine": used} | {
        f"knowledge.{name}": metadata(file)["release"] for name, file in knowledge.items()
    }
    return write_annotation(alleles.sort(ALLELE), chromosome, output, about, batch)


if __name__ == "__main__":
    with job_log(snakemake.log[0]) as log:
        rows = main(
            frequency=Path(snakemake.input.frequency),
            knowledge=dict(zip(snakemake.params.tables, snakemake.input.knowledge, strict=True)),
            fasta=snakemake.input.fasta,
            build=snakemake.params.build,
            aliases=snakemake.params.aliases,
            coverage=snakemake.params.coverage,
            chrom=snakemake.wildcards.chrom,
            batch=snakemake.params.batch,
            engine=snakemake.params.engine,
            output=snakemake.output.table,
        )
        log.info("%d rows", rows)
