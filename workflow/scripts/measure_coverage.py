"""Rule measure_coverage."""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.calling.germline.callable import genotyped, stated, write_callable
from shirube.contracts import COVERAGE, DEPTH, DEPTH_BINS, GENE_MODELS, READS, read, write
from shirube.genome.alleles import canonical
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.intervals import Interval, intersection, merged
from shirube.genome.regions import read_contigs, run_regions
from shirube.logs import job_log
from shirube.quality.coverage import Coding
from shirube.reads.bins import BinDepths
from shirube.reads.survey import Survey, deep

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    reads: str | None,
    gvcf: str | None,
    stated_bed: str | None,
    gene_models: str | None,
    bins: str | None,
    reference: str,
    bed: str | None,
    sample: str,
    out: dict[str, str],
    rule: GenotypeRule,
    depth: int,
    min_mapq: int,
    aliases: dict[str, str] | None,
    par: dict[str, list[tuple[int, int]]],
    threads: int = 1,
) -> None:
    """Write callable intervals, COVERAGE, READS and DEPTH of a sample in one pass over its `reads`.

    Callable by its gVCF, its reads (a tumour), or a BED it came with (`stated_bed`). A sample with
    none of the three (a VCF alone) is callable nowhere.
    """
    contigs = read_contigs(f"{reference}.fai")
    regions = run_regions(contigs, bed, aliases)
    models = read(GENE_MODELS, gene_models) if gene_models else GENE_MODELS.empty()
    coding = Coding(models, list(contigs), aliases)
    seen: list[Interval] = []
    summary, measured = READS.empty(), DEPTH.empty()
    if reads:
        named = {chrom: name for name in contigs if (chrom := canonical(name, aliases))}
        cut = read(DEPTH_BINS, bins) if bins else DEPTH_BINS.empty()
        places = cut.with_columns(contig=pl.col("chrom").cast(pl.String).replace_strict(named))
        binned = BinDepths(places)
        total, asked = 0, {region.contig for region in regions}
        survey = Survey(reads, reference, regions if bed else None, min_mapq)

        def take(window: Interval, depths: NDArray[np.int32]) -> tuple[int, list[Interval]]:
            coding.put(window, depths)
            binned.put(window, depths)
            bases = int(depths.sum()) if window.contig in asked else 0
            return bases, [] if gvcf else deep(window, depths, depth)

        for bases, own in survey.measured(take, threads):
            total += bases
            seen += own
        measured = DEPTH.table(places.with_columns(depth=pl.Series(binned.means())))
        bases = sum(region.end - region.start for region in regions)
        over = {"region_bases": bases, "region_depth": total / bases if bases else None}
        row = {**survey.summary, **over, **coding.copies(regions, par)}
        summary = READS.table(pl.DataFrame([row], schema=READS.polars))
    if gvcf:
        intervals = genotyped(gvcf, sample, rule, regions, aliases)
        criterion = str(rule)
    elif reads:
        intervals = intersection(merged(seen), merged(regions))
        criterion = f"depth >= {depth} of primary, non-duplicate reads, MAPQ >= {min_mapq}"
    elif stated_bed:
        intervals, criterion = stated(stated_bed, regions), "as stated with the VCF"
    else:
        intervals, criterion = [], "unknown: a VCF without a BED of what was looked at"
    write_callable(out["callable"], intervals, criterion)
    told = intervals if gvcf or reads or stated_bed else None
    write(coding.table(regions, told), COVERAGE, out["coverage"])
    write(summary, READS, out["reads"])
    write(measured, DEPTH, out["depth"])


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            reads=snakemake.input.get("reads") or None,
            gvcf=snakemake.input.get("gvcf") or None,
            stated_bed=snakemake.input.get("bed") or None,
            gene_models=snakemake.input.get("gene_models") or None,
            bins=snakemake.input.get("bins") or None,
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            sample=snakemake.wildcards.sample,
            out=dict(snakemake.output.items()),
            rule=GenotypeRule(**snakemake.params.rule),
            depth=snakemake.params.depth,
            min_mapq=snakemake.params.min_mapq,
            aliases=snakemake.params.aliases,
            par=snakemake.params.par,
            threads=snakemake.threads,
        )
