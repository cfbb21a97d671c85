"""Count the alleles of everyone who consents and publish what may be published."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
) -> None:
    """Bring the cohort's state up to the sheets and publish beside `members`."""
    files = {path.name.removesuffix(".g.vcf.gz"): (path, None) for path in gvcf}
    beds = {path.name.removesuffix(".bed.gz"): path for path in callable_beds}
    for path in vcf:
        sample = path.name.removesuffix(".vcf.gz")
        files[sample] = (path, beds[sample])
    verdicts = {path.stem: path for path in quality}
    aggregate(patients, samples, fasta, files, members, cohort, reference, chroms, verdicts)


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
        )
