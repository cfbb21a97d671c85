"""Rule import_gvcf."""

from typing import TYPE_CHECKING

from shirube.calling.germline.gvcf_import import import_gvcf
from shirube.genome.regions import read_contigs
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *, source: str, name: str, fai: str, aliases: dict[str, str] | None, sample: str, gvcf: str
) -> None:
    """Copy the column `name` of `source` to `gvcf`, named `sample`."""
    import_gvcf(source, name, read_contigs(fai), aliases, sample, gvcf)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            source=snakemake.input.gvcf,
            name=snakemake.params.name,
            fai=snakemake.input.fai,
            aliases=snakemake.params.aliases,
            sample=snakemake.wildcards.sample,
            gvcf=snakemake.output.gvcf,
        )
