"""Rule call_germline."""

from typing import TYPE_CHECKING

import polars as pl

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
    settings: Settings,
) -> None:
    """Call the parts of the run's regions that lie in `tiles` (each contig_start_end)."""
    contigs = read_contigs(f"{reference}.fai")
    regions = run_regions(contigs, bed, aliases)
    sample = sample_choice(reads, name)
    lines: list[str] = []
    tables: list[pl.DataFrame] = []
    for tile in map(Interval.from_name, tiles):
        length = contigs[tile.contig]
        pieces = intervals_by_copies(tile, regions, sex, par_of(build, par), length, aliases)
        words, table = tile_records(reads, reference, pieces, length, sample, settings)
        lines += [word for word in words if word not in lines]
        tables.append(table)
    write_tile(out, lines, pl.concat(tables), contigs)


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
            Settings(**snakemake.params.settings),
        )
