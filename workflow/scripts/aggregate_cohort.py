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
    chosen: Path,
    members: Path,
    cohort: Mapping[str, Any],
    reference: Mapping[str, Any],
    chroms: Sequence[str],
    quality: Sequence[Path],
) -> None:
    """Bring the cohort's state up to the sheets and publish beside `members`."""
    verdicts = {path.stem: path for path in quality}
    aggregate(patients, samples, fasta, chosen, members, cohort, reference, chroms, verdicts)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            patients=Path(snakemake.input.patients),
            samples=Path(snakemake.input.samples),
            fasta=Path(snakemake.input.fasta),
            chosen=Path(snakemake.input.chosen),
            members=Path(snakemake.output.members),
            cohort=snakemake.params.cohort,
            reference=snakemake.params.reference,
            chroms=snakemake.params.chroms,
            quality=[Path(path) for path in snakemake.input.quality],
        )
