"""Rule gather_germline."""

from typing import TYPE_CHECKING

from shirube.calling.germline.calling import gather, tile_paths
from shirube.genome.alleles import canonical
from shirube.genome.regions import read_contigs
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    jobs: list[str],
    mitochondria: list[str],
    fai: str,
    sample: str,
    gvcf: str,
    aliases: dict[str, str] | None,
) -> None:
    """Join the tiles of `jobs`, in the run's order, and chrM after them into one indexed gVCF."""
    contigs = {
        name: length for name, length in read_contigs(fai).items() if canonical(name, aliases)
    }
    tiles = [tile for job in jobs for tile in tile_paths(job)]
    gather([*tiles, *mitochondria], contigs, sample, gvcf)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            jobs=snakemake.input.tiles,
            mitochondria=snakemake.input.mitochondria,
            fai=snakemake.input.fai,
            sample=snakemake.wildcards.sample,
            gvcf=snakemake.output.gvcf,
            aliases=snakemake.params.aliases,
        )
