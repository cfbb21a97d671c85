"""Read a batch of the people who consent into the cohort's state, each kept as it is read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shirube.cohort.batches import Reading, files_by_sample, read_batch
from shirube.cohort.events import EventFile
from shirube.cohort.loci import LocusFiles
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    fasta: Path,
    gvcf: Sequence[Path],
    vcf: Sequence[Path],
    callable_beds: Sequence[Path],
    people: Mapping[str, tuple[str, str]],
    cohort: Mapping[str, Any],
    reference: Mapping[str, Any],
    out: Path,
    events: Sequence[Path],
    columns: Mapping[str, Sequence[str | None]],
    calls: Sequence[Path],
    repeats: Sequence[Path],
) -> None:
    """Read whom the state does not have; `people`: sample -> patient and sex.

    `events`: files that tell of structural variants, of one sample after another; `columns`:
    sample -> the person's column in each of theirs. `calls`, `repeats`: CALLS and REPEATS, named by
    sample.
    """
    how = Reading.of(fasta, cohort, reference)
    files = iter(events)
    told = {
        sample: [EventFile(next(files), name) for name in own] for sample, own in columns.items()
    }
    if next(files, None) is not None:
        raise ValueError("a file of structural variants that is nobody's")
    by_sample = [{path.stem: path for path in paths} for paths in (calls, repeats)]
    loci = {s: LocusFiles(*(named.get(s) for named in by_sample)) for s in people}
    read_batch(files_by_sample(gvcf, vcf, callable_beds), people, cohort, how, out, told, loci)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            fasta=Path(snakemake.input.fasta),
            gvcf=[Path(path) for path in snakemake.input.gvcf],
            vcf=[Path(path) for path in snakemake.input.vcf],
            callable_beds=[Path(path) for path in snakemake.input.callable],
            people=snakemake.params.people,
            cohort=snakemake.params.cohort,
            reference=snakemake.params.reference,
            out=Path(snakemake.output.read),
            events=[Path(path) for path in snakemake.input.events],
            columns=snakemake.params.columns,
            calls=[Path(path) for path in snakemake.input.calls],
            repeats=[Path(path) for path in snakemake.input.repeats],
        )
