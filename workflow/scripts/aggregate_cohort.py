"""Count the alleles of everyone who consents and publish what may be published."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shirube.cohort.batches import files_by_sample, sources_of
from shirube.cohort.run import aggregate
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    patients: Path,
    samples: Path,
    fasta: Path,
    gvcf: Sequence[Path],
    vcf: Sequence[Path],
    callable_beds: Sequence[Path],
    members: Path,
    cohort: Mapping[str, Any],
    reference: Mapping[str, Any],
    chroms: Sequence[str],
    quality: Sequence[Path],
    read: Sequence[Path],
) -> None:
    """Bring the cohort's state up to the sheets and publish beside `members`."""
    files = files_by_sample(gvcf, vcf, callable_beds)
    verdicts = {path.stem: path for path in quality}
    aggregate(
        *(patients, samples, fasta, files, members, cohort, reference, chroms),
        *(verdicts, sources_of(read)),
    )


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            patients=Path(snakemake.input.patients),
            samples=Path(snakemake.input.samples),
            fasta=Path(snakemake.input.fasta),
            gvcf=[Path(path) for path in snakemake.input.gvcf],
            vcf=[Path(path) for path in snakemake.input.vcf],
            callable_beds=[Path(path) for path in snakemake.input.callable],
            members=Path(snakemake.output.members),
            cohort=snakemake.params.cohort,
            reference=snakemake.params.reference,
            chroms=snakemake.params.chroms,
            quality=[Path(path) for path in snakemake.input.quality],
            read=[Path(path) for path in snakemake.input.read],
        )
