"""Rule call_mutect."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from shirube.calling.somatic.mutect import Pair, filtered_calls, mutect_table
from shirube.contracts import SOMATIC, write
from shirube.genome.regions import read_contigs, run_regions
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(*, pair: Pair, bed: str | None, calls: str, aliases: dict[str, str] | None) -> None:
    """Run Mutect2 and its filters over the run's regions, keep its calls in the contract."""
    regions = run_regions(read_contigs(f"{pair.reference}.fai"), bed, aliases)
    with tempfile.TemporaryDirectory() as scratch:
        vcf = filtered_calls(pair, regions, aliases, Path(scratch))
        table = mutect_table(vcf, pair.normal is not None, pair.reference, regions, aliases)
    write(table, SOMATIC, calls)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            pair=Pair(
                snakemake.input.tumour,
                snakemake.input.get("normal") or None,
                snakemake.input.fasta,
                snakemake.input.get("common") or None,
                snakemake.input.get("panel") or None,
            ),
            bed=snakemake.input.get("regions") or None,
            calls=snakemake.output.calls,
            aliases=snakemake.params.aliases,
        )
