"""Rule measure_errors."""

from typing import TYPE_CHECKING

from shirube.calling.somatic.errors import about, measured
from shirube.calling.somatic.model import Thresholds
from shirube.contracts import ERROR_RATES, write
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
    rates: str,
    counting: dict[str, int],
    limits: Thresholds,
    aliases: dict[str, str] | None,
) -> None:
    """Measure how often bases of the tumour's reads are wrong, over the run's regions."""
    regions = run_regions(read_contigs(f"{reference}.fai"), bed, aliases)
    asked = (counting["min_mapq"], counting["min_baseq"], limits.max_false, limits.min_lod)
    errors, table = measured(tumour, reference, regions, *asked, normal)
    bases = sum(region.end - region.start for region in regions)
    write(table, ERROR_RATES, rates, {**about(errors), "bases": str(bases)})


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            tumour=snakemake.input.tumour,
            normal=snakemake.input.get("normal") or None,
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            rates=snakemake.output.rates,
            counting=snakemake.params.counting,
            limits=Thresholds(**snakemake.params.thresholds),
            aliases=snakemake.params.aliases,
        )
