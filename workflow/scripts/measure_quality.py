"""Rule measure_quality."""

from typing import TYPE_CHECKING, Any

from shirube.alleles import canonical
from shirube.contracts import CALLS, COVERAGE, GENE_MODELS, QUALITY, SOMATIC, read, write
from shirube.logs import job_log
from shirube.quality.coverage import coverage_table
from shirube.quality.fingerprint import counted, homozygous_sites
from shirube.quality.gates import judged
from shirube.quality.reads_summary import reads_summary
from shirube.quality.sample import measures
from shirube.regions import read_bed, read_contigs, run_regions

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    sample: str,
    kind: str,
    sex: str,
    reads: str | None,
    calls: str | None,
    somatic: str | None,
    callable_bed: str,
    gene_models: str | None,
    reference: str,
    bed: str | None,
    counting: dict[str, int],
    aliases: dict[str, str] | None,
    gates: dict[str, dict[str, Any]],
    coverage: str,
    quality: str,
) -> None:
    """Write COVERAGE and QUALITY of one sample.

    `calls` are its own CALLS if it is a normal, those of its normal if it is a tumour; `somatic`
    the SOMATIC table of a tumour that has a normal.
    """
    contigs = read_contigs(f"{reference}.fai")
    regions = run_regions(contigs, bed, aliases)
    models = read(GENE_MODELS, gene_models) if gene_models else GENE_MODELS.empty()
    judged_bed, min_mapq = read_bed(callable_bed), counting["min_mapq"]
    covered = coverage_table(
        models, list(contigs), aliases, regions, judged_bed, reads, reference, min_mapq
    )
    write(covered, COVERAGE, coverage)
    summary = reads_summary(reads, reference, regions if bed else None) if reads else None
    table = read(CALLS, calls) if calls else None
    counts = None
    if kind == "tumour" and reads and table is not None:
        names = {chrom: name for name in contigs if (chrom := canonical(name, aliases))}
        counts = counted(reads, reference, homozygous_sites(table), names, **counting)
    own = table if kind == "normal" else None
    pair = read(SOMATIC, somatic) if somatic else None
    found = measures(kind, sex, covered, summary, own, counts, pair)
    write(judged(sample, found, gates), QUALITY, quality)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            snakemake.wildcards.sample,
            snakemake.params.kind,
            snakemake.params.sex,
            snakemake.input.get("reads") or None,
            snakemake.input.get("calls") or None,
            snakemake.input.get("somatic") or None,
            snakemake.input.callable,
            snakemake.input.get("gene_models") or None,
            snakemake.input.fasta,
            snakemake.input.get("regions") or None,
            snakemake.params.counting,
            snakemake.params.aliases,
            snakemake.params.gates,
            snakemake.output.coverage,
            snakemake.output.quality,
        )
