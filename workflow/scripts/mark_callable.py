"""Rule mark_callable."""

from typing import TYPE_CHECKING

from shirube.calling.callable import GenotypeRule, deep, genotyped, stated, write_callable
from shirube.logs import job_log
from shirube.reads.depth import depths
from shirube.regions import merged, read_contigs, run_regions

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    sources: dict[str, str],
    reference: str,
    bed: str | None,
    sample: str,
    out: str,
    rule: GenotypeRule,
    depth: int,
    min_mapq: int,
    aliases: dict[str, str] | None,
) -> None:
    """Write the callable intervals of a sample: by its gVCF, its reads, or a BED it came with.

    A sample with none of the three (a VCF alone) is callable nowhere.
    """
    regions = run_regions(read_contigs(f"{reference}.fai"), bed, aliases)
    if "gvcf" in sources:
        intervals = genotyped(sources["gvcf"], sample, rule, regions, aliases)
        write_callable(out, intervals, str(rule))
    elif "reads" in sources:
        counted = depths(sources["reads"], reference, merged(regions), min_mapq)
        said = f"depth >= {depth} of primary, non-duplicate reads, MAPQ >= {min_mapq}"
        write_callable(out, deep(counted, depth), said)
    elif "bed" in sources:
        write_callable(out, stated(sources["bed"], regions), "as stated with the VCF")
    else:
        write_callable(out, [], "unknown: a VCF without a BED of what was looked at")


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            {k: v for k, v in snakemake.input.items() if k in ("gvcf", "reads", "bed")},
            snakemake.input.fasta,
            snakemake.input.get("regions") or None,
            snakemake.wildcards.sample,
            snakemake.output.bed,
            GenotypeRule(**snakemake.params.rule),
            snakemake.params.depth,
            snakemake.params.min_mapq,
            snakemake.params.aliases,
        )
