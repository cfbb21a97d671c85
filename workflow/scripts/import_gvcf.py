"""Rule import_gvcf."""

from typing import TYPE_CHECKING

from shirube.calling.germline.gvcf_import import import_gvcf
from shirube.genome.regions import read_contigs
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    source: str,
    name: str,
    reference: str,
    aliases: dict[str, str] | None,
    sample: str,
    gvcf: str,
) -> None:
    """Write the column `name` of `source` as `gvcf` in our form, named `sample`."""
    contigs = read_contigs(f"{reference}.fai")
    import_gvcf(source, name, contigs, aliases, sample, gvcf, reference)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            source=snakemake.input.gvcf,
            name=snakemake.params.name,
            reference=snakemake.input.fasta,
            aliases=snakemake.params.aliases,
            sample=snakemake.wildcards.sample,
            gvcf=snakemake.output.gvcf,
        )
