"""Rule import_somatic."""

from typing import TYPE_CHECKING

from shirube.calling.somatic.vcf_import import import_somatic
from shirube.contracts import SOMATIC, write
from shirube.genome.regions import read_contigs, run_regions
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    vcf: str,
    reference: str,
    bed: str | None,
    calls: str,
    name: str | None,
    sample: str,
    normals: list[str],
    aliases: dict[str, str] | None,
) -> None:
    """Read a tumour's VCF into the SOMATIC contract."""
    regions = run_regions(read_contigs(f"{reference}.fai"), bed, aliases)
    table = import_somatic(vcf, name, reference, regions, aliases, sample, normals)
    write(table, SOMATIC, calls)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            vcf=snakemake.input.vcf,
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            calls=snakemake.output.calls,
            name=snakemake.params.name,
            sample=snakemake.params.sample,
            normals=snakemake.params.normals,
            aliases=snakemake.params.aliases,
        )
