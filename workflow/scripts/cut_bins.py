"""Rule cut_bins."""

from typing import TYPE_CHECKING

import polars as pl

from shirube.calling.copy_number.depth_bins import cut
from shirube.contracts import DEPTH_BINS, GENE_MODELS, read, write
from shirube.genome.alleles import canonical
from shirube.genome.intervals import Interval, merged
from shirube.genome.regions import read_contigs, run_regions
from shirube.genome.transcripts import coding_exons, one_coding_transcript
from shirube.logs import job_log
from shirube.reads.bins import gc_fractions

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    gene_models: str | None,
    reference: str,
    bed: str | None,
    aliases: dict[str, str] | None,
    out: str,
) -> None:
    """Write DEPTH_BINS of the run's regions."""
    contigs = read_contigs(f"{reference}.fai")
    chroms = {name: chrom for name in contigs if (chrom := canonical(name, aliases))}
    models = read(GENE_MODELS, gene_models) if gene_models else GENE_MODELS.empty()
    exons = coding_exons(one_coding_transcript(models), {v: k for k, v in chroms.items()})
    bins = cut(exons, merged(run_regions(contigs, bed, aliases)), chroms)
    places = [Interval(*row) for row in bins.select("contig", "start", "end").iter_rows()]
    table = DEPTH_BINS.table(bins.with_columns(gc=pl.Series(gc_fractions(reference, places))))
    write(table, DEPTH_BINS, out)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            gene_models=snakemake.input.get("gene_models") or None,
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            aliases=snakemake.params.aliases,
            out=snakemake.output[0],
        )
