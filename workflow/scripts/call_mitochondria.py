"""Rule call_mitochondria."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from shirube.calling.germline.calling import sample_choice, write_tile
from shirube.calling.germline.engines import Settings, reads_of_sample
from shirube.calling.germline.mitochondria import HEADER, records
from shirube.genome.alleles import canonical
from shirube.genome.regions import read_contigs, run_regions
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    reads: str,
    reference: str,
    bed: str | None,
    out: str,
    name: str,
    aliases: dict[str, str] | None,
    settings: Settings,
) -> None:
    """Call what the run's regions hold of chrM."""
    contigs = read_contigs(f"{reference}.fai")
    regions = [
        region
        for region in run_regions(contigs, bed, aliases)
        if canonical(region.contig, aliases) == "chrM"
    ]
    with tempfile.TemporaryDirectory() as scratch:
        chosen = sample_choice(reads, name)
        own = reads_of_sample(reads, reference, regions, chosen, Path(scratch)) if chosen else reads
        write_tile(out, list(HEADER), records(own, reference, regions, settings), contigs)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            reads=snakemake.input.reads,
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            out=snakemake.output.calls,
            name=snakemake.params.name,
            aliases=snakemake.params.aliases,
            settings=Settings(**snakemake.params.settings),
        )
