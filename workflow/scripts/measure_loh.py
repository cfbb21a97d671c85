"""Rule measure_loh."""

from typing import TYPE_CHECKING

import polars as pl

from shirube.calling.somatic.loh import count_alleles, loss_of_heterozygosity
from shirube.contracts import ALLELE, CALLS, LOH, read, write
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    germline: str,
    tumour: str,
    reference: str,
    loh: str,
    counting: dict[str, int],
    aliases: dict[str, str] | None,
    threads: int = 1,
) -> None:
    """Count the normal's heterozygous passing alleles in the tumour's reads."""
    normal = (
        read(CALLS, germline)
        .filter(filter="PASS", dosage=1, ploidy=2)
        .unique(ALLELE, keep="first", maintain_order=True)
        .select(*ALLELE, ad=pl.col("ad_alt"), dp=pl.col("dp"))
    )
    again = count_alleles(
        tumour, reference, normal.select(ALLELE), **counting, aliases=aliases, threads=threads
    )
    write(loss_of_heterozygosity(normal, again), LOH, loh)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            germline=snakemake.input.germline,
            tumour=snakemake.input.tumour,
            reference=snakemake.input.fasta,
            loh=snakemake.output.loh,
            counting=snakemake.params.counting,
            aliases=snakemake.params.aliases,
            threads=snakemake.threads,
        )
