"""Rule call_germline."""

from typing import TYPE_CHECKING

from shirube.calling.engines import Settings
from shirube.calling.germline import (
    intervals_by_copies,
    par_of,
    sample_choice,
    tile_records,
    write_tile,
)
from shirube.logs import job_log
from shirube.regions import Interval, read_contigs, run_regions

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    reads: str,
    reference: str,
    bed: str | None,
    tiles: list[str],
    out: str,
    sex: str,
    name: str,
    build: str,
    par: dict[str, list[list[int]]] | None,
    aliases: dict[str, str] | None,
    engine: str,
    settings: Settings,
) -> None:
    """Call the parts of the run's regions that lie in `tiles` (each contig_start_end)."""
    contigs = read_contigs(f"{reference}.fai")
    regions = run_regions(contigs, bed, aliases)
    where = [Interval.from_name(tile) for tile in tiles]
    pieces = intervals_by_copies(where, regions, sex, par_of(build, par), contigs, aliases)
    sample = sample_choice(reads, name)
    lines, table = tile_records(engine, reads, reference, pieces, sample, settings)
    write_tile(out, lines, table, contigs)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            snakemake.input.reads,
            snakemake.input.fasta,
            snakemake.input.get("regions") or None,
            snakemake.params.tiles,
            snakemake.output.calls,
            snakemake.params.sex,
            snakemake.params.name,
            snakemake.params.build,
            snakemake.params.par,
            snakemake.params.aliases,
            snakemake.params.engine,
            Settings(**snakemake.params.settings),
        )
