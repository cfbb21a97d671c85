"""Rule import_copy_number."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from shirube.calling.copy_number.given import given_segments
from shirube.calling.structural.given import Given, Ground
from shirube.contracts import COPY_NUMBER, write
from shirube.genome.ploidy import copies_of
from shirube.genome.regions import read_contigs, run_regions
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    path: str,
    named: str | None,
    sample: str,
    reference: str,
    bed: str | None,
    copy_number: str,
    sex: str,
    par: Mapping[str, Sequence[Sequence[int]]],
    aliases: dict[str, str] | None,
) -> None:
    """Read the copy-number segments of a tumour that come as VCF."""
    regions = run_regions(read_contigs(f"{reference}.fai"), bed, aliases) if bed else None
    ground = Ground.of(
        reference, regions, aliases, lambda chrom, pos: copies_of(chrom, pos, sex, par)
    )
    table, about = given_segments(Given(path, named, sample, tumour=True), ground)
    write(table, COPY_NUMBER, copy_number, about)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            path=snakemake.input.vcf,
            named=snakemake.params.named,
            sample=snakemake.params.sample,
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            copy_number=snakemake.output.copy_number,
            sex=snakemake.params.sex,
            par=snakemake.params.par,
            aliases=snakemake.params.aliases,
        )
