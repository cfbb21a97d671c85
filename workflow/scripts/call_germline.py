"""Rule call_germline."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from shirube.calling.germline.calling import (
    intervals_by_copies,
    par_of,
    sample_choice,
    tile_path,
    tile_records,
    write_tile,
)
from shirube.calling.germline.engines import Settings
from shirube.genome.intervals import Interval
from shirube.genome.regions import read_contigs, run_regions
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    reads: str,
    reference: str,
    bed: str | None,
    parts: list[list[str]],
    out: str,
    threads: int,
    sex: str,
    name: str,
    build: str,
    par: dict[str, list[list[int]]] | None,
    aliases: dict[str, str] | None,
    engine: str,
    settings: Settings,
    called: str | None = None,
) -> None:
    """Call the run's regions in each part (tiles, each contig_start_end) into a BCF in `out`.

    As many parts as `threads` are called at once, by child processes. What was called is judged
    in threads of this process while the next parts are called.
    """
    contigs = read_contigs(f"{reference}.fai")
    regions = run_regions(contigs, bed, aliases)
    sample = sample_choice(reads, name)
    Path(out).mkdir()
    turn = BoundedSemaphore(threads)

    def call(number: int, tiles: list[str]) -> None:
        where = [Interval.from_name(tile) for tile in tiles]
        pieces = intervals_by_copies(where, regions, sex, par_of(build, par), contigs, aliases)
        found = tile_records(engine, reads, reference, pieces, sample, settings, called, turn)
        write_tile(tile_path(out, number), *found, contigs)

    with ThreadPoolExecutor(threads if threads == 1 else 2 * threads) as pool:
        list(pool.map(call, range(len(parts)), parts))


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            reads=snakemake.input.reads,
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            parts=snakemake.params.parts,
            out=snakemake.output.calls,
            threads=snakemake.threads,
            sex=snakemake.params.sex,
            name=snakemake.params.name,
            build=snakemake.params.build,
            par=snakemake.params.par,
            aliases=snakemake.params.aliases,
            engine=snakemake.params.engine,
            settings=Settings(**snakemake.params.settings),
            called=snakemake.input.get("called") or None,
        )
