"""Rule split_germline."""

from typing import TYPE_CHECKING

from shirube.calling.germline.calls import split_calls
from shirube.contracts import CALLS, write
from shirube.genome.alleles import canonical
from shirube.genome.regions import read_contigs, run_regions
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    source: str,
    name: str,
    reference: str,
    bed: str | None,
    aliases: dict[str, str] | None,
    sample: str,
    vcf: str,
    calls: str,
) -> None:
    """Write the alleles of column `name` of `source` as VCF and as CALLS."""
    contigs = {
        contig: length
        for contig, length in read_contigs(f"{reference}.fai").items()
        if canonical(contig, aliases)
    }
    regions = run_regions(contigs, bed, aliases)
    write(
        split_calls(source, name, reference, contigs, regions, aliases, sample, vcf), CALLS, calls
    )


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            source=snakemake.input.calls,
            name=snakemake.params.name,
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            aliases=snakemake.params.aliases,
            sample=snakemake.wildcards.sample,
            vcf=snakemake.output.vcf,
            calls=snakemake.output.calls,
        )
