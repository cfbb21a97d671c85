"""Add up one chromosome of the people who are counted, in the cohort's state."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shirube.cohort.run import add_up
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    chosen: Path,
    fasta: Path,
    sums: Path,
    chrom: str,
    cohort: Mapping[str, Any],
    reference: Mapping[str, Any],
) -> None:
    """Lay the chromosome's sums ready for `aggregate_cohort`."""
    add_up(chosen, fasta, sums, chrom, cohort, reference)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            chosen=Path(snakemake.input.chosen),
            fasta=Path(snakemake.input.fasta),
            sums=Path(snakemake.output.sums),
            chrom=snakemake.wildcards.chrom,
            cohort=snakemake.params.cohort,
            reference=snakemake.params.reference,
        )
