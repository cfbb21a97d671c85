"""Rule measure_coverage."""

from typing import TYPE_CHECKING

from shirube.contracts import COVERAGE, GENE_MODELS, read, write
from shirube.logs import job_log
from shirube.quality.coverage import coverage_table
from shirube.regions import read_bed, read_contigs, run_regions

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    reads: str | None,
    callable_bed: str,
    gene_models: str | None,
    reference: str,
    bed: str | None,
    min_mapq: int,
    aliases: dict[str, str] | None,
    coverage: str,
) -> None:
    """Write the COVERAGE of one sample; no row where the run has no gene models."""
    contigs = read_contigs(f"{reference}.fai")
    models = read(GENE_MODELS, gene_models) if gene_models else GENE_MODELS.empty()
    regions = run_regions(contigs, bed, aliases)
    judged = read_bed(callable_bed)
    table = coverage_table(
        models, list(contigs), aliases, regions, judged, reads, reference, min_mapq
    )
    write(table, COVERAGE, coverage)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            snakemake.input.get("reads") or None,
            snakemake.input.callable,
            snakemake.input.get("gene_models") or None,
            snakemake.input.fasta,
            snakemake.input.get("regions") or None,
            snakemake.params.min_mapq,
            snakemake.params.aliases,
            snakemake.output.coverage,
        )
