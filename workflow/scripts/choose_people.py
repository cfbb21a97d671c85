"""Decide who is counted: gates, kinship, and what the register of releases says."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shirube.cohort.batches import sources_of
from shirube.cohort.run import choose
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    patients: Path,
    samples: Path,
    fasta: Path,
    chosen: Path,
    cohort: Mapping[str, Any],
    reference: Mapping[str, Any],
    quality: Sequence[Path],
    read: Sequence[Path],
) -> None:
    """Write who is counted of those who were read."""
    verdicts = {path.stem: path for path in quality}
    choose(patients, samples, fasta, chosen, cohort, reference, verdicts, sources_of(read))


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            patients=Path(snakemake.input.patients),
            samples=Path(snakemake.input.samples),
            fasta=Path(snakemake.input.fasta),
            chosen=Path(snakemake.output.chosen),
            cohort=snakemake.params.cohort,
            reference=snakemake.params.reference,
            quality=[Path(path) for path in snakemake.input.quality],
            read=[Path(path) for path in snakemake.input.read],
        )
