"""Rule call_somatic."""

from typing import TYPE_CHECKING

from shirube.calling.somatic.calling import Reads, call_somatic, within
from shirube.calling.somatic.errors import from_table
from shirube.calling.somatic.model import Thresholds
from shirube.contracts import ERROR_RATES, SOMATIC, metadata, read, write
from shirube.genome.regions import read_contigs, run_regions
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    tumour: str,
    normal: str | None,
    reference: str,
    bed: str | None,
    tiles: list[str],
    calls: str,
    counting: dict[str, int],
    limits: Thresholds,
    aliases: dict[str, str] | None,
    rates: str,
) -> None:
    """Call the parts of the run's regions that lie in `tiles` (each contig_start_end)."""
    regions = run_regions(read_contigs(f"{reference}.fai"), bed, aliases)
    reads = Reads(tumour, normal, reference, **counting)
    wanted = [interval for tile in tiles for interval in within(regions, tile)]
    errors = from_table(read(ERROR_RATES, rates), metadata(rates))
    write(call_somatic(reads, wanted, limits, aliases, errors), SOMATIC, calls)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            tumour=snakemake.input.tumour,
            normal=snakemake.input.get("normal") or None,
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            tiles=snakemake.params.tiles,
            calls=snakemake.output.calls,
            counting=snakemake.params.counting,
            limits=Thresholds(**snakemake.params.thresholds),
            aliases=snakemake.params.aliases,
            rates=snakemake.input.rates,
        )
