"""Rule call_copy_number."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.calling.copy_number.calling import as_table, bins_of, fitted, log_ratios, segmented
from shirube.calling.copy_number.cnvkit import cnvkit_segments
from shirube.calling.copy_number.focal import focal, tile_ratios, tiles_of
from shirube.calling.copy_number.state import about_doubling, about_noise
from shirube.contracts import (
    CLINICAL_EVIDENCE,
    COPY_NUMBER,
    GENE_MODELS,
    LOH,
    SOMATIC,
    read,
    write,
)
from shirube.genome.alleles import canonical
from shirube.genome.intervals import Interval
from shirube.genome.regions import read_contigs, run_regions
from shirube.interpret.curated import read_curated
from shirube.logs import job_log
from shirube.reads.bins import gc_fractions, mean_depths

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    tumour: str,
    normal: str,
    loh: str,
    somatic: str,
    reference: str,
    bed: str | None,
    copy_number: str,
    min_mapq: int,
    sex: str,
    aliases: dict[str, str] | None,
    engine: str = "embedded",
    gene_models: str | None = None,
    evidence: str | None = None,
    cancer_genes: str | None = None,
) -> None:
    """Segment the tumour's depth against the normal's, fit purity and ploidy, name the copies.

    Genes of `evidence` and `cancer_genes` that have `gene_models` are looked at in small bins.
    """
    contigs = read_contigs(f"{reference}.fai")
    regions = run_regions(contigs, bed, aliases)
    left_out = {"chrM"} | ({"chrX", "chrY"} if sex not in ("XX", "XY") else set())
    left_out |= {"chrY"} if sex == "XX" else set()
    regions = [r for r in regions if canonical(r.contig, aliases) not in left_out]
    bins = bins_of(regions)
    copies = {"chrX": 1, "chrY": 1} if sex == "XY" else {}
    sites = read(LOH, loh).with_columns(pl.col("chrom").cast(pl.String))
    tiles = tiles_of(cancer_places(gene_models, evidence, cancer_genes, contigs, aliases),
                     regions, bins)  # fmt: skip
    if engine == "cnvkit":
        with tempfile.TemporaryDirectory(dir=Path(copy_number).parent) as scratch:
            own = (tumour, normal, reference, bins, sites, copies, min_mapq, aliases)
            segments = cnvkit_segments(*own, Path(scratch))
        fine = [mean_depths(reads, reference, tiles, min_mapq)[0] for reads in (tumour, normal)]
    else:
        depths = [
            mean_depths(reads, reference, bins, min_mapq, tiles) for reads in (tumour, normal)
        ]
        fine = [small for _, small in depths]
        ratios = bin_ratios(depths[0][0], depths[1][0], reference, bins, aliases)
        segments = segmented(ratios, sites, copies)
    passed = read(SOMATIC, somatic).filter(
        (pl.col("filter") == "PASS") & (pl.col("ref").str.len_bytes() == 1)
    )
    fit = fitted(segments, passed["vaf"].drop_nulls().to_list())
    noise = about_noise(segments)
    if tiles:
        places = table_of(tiles, aliases)
        beyond = tile_ratios(places, *fine, gc_fractions(reference, tiles), segments)
        segments, finer = focal(beyond, segments, sites)
        noise |= finer
    table = as_table(segments, fit)
    about = fit.about | about_doubling(table, fit.source) | noise
    write(table, COPY_NUMBER, copy_number, about)


def cancer_places(
    gene_models: str | None,
    evidence: str | None,
    cancer_genes: str | None,
    contigs: Iterable[str],
    aliases: dict[str, str] | None,
) -> list[Interval]:
    """Where the genes of cancer lie, by the names of the reference."""
    if not gene_models:
        return []
    names: set[str] = set()
    if evidence:
        names |= set(read(CLINICAL_EVIDENCE, evidence)["gene"].drop_nulls())
    if cancer_genes:
        names |= set(read_curated(cancer_genes)["gene"].drop_nulls())
    own = {str(canonical(contig, aliases)): contig for contig in contigs}
    found = read(GENE_MODELS, gene_models).filter(pl.col("gene").is_in(sorted(names)))
    places = found.select(pl.col("chrom").cast(pl.String), "start", "end").unique()
    return sorted(Interval(own[c], s, e) for c, s, e in places.iter_rows() if c in own)


def table_of(intervals: Sequence[Interval], aliases: dict[str, str] | None) -> pl.DataFrame:
    """Chrom (canonical), start and end of intervals."""
    return pl.DataFrame(
        {
            "chrom": [str(canonical(interval.contig, aliases)) for interval in intervals],
            "start": [interval.start for interval in intervals],
            "end": [interval.end for interval in intervals],
        }
    )


def bin_ratios(
    tumour: NDArray[np.float64],
    normal: NDArray[np.float64],
    reference: str,
    bins: Sequence[Interval],
    aliases: dict[str, str] | None,
) -> pl.DataFrame:
    """chrom, start, end and log2 of tumour to normal depth of `bins`, GC-corrected."""
    table = table_of(bins, aliases)
    autosomal = ~table["chrom"].is_in(["chrX", "chrY"]).to_numpy()
    ratios = log_ratios(tumour, normal, gc_fractions(reference, bins), autosomal)
    return table.with_columns(log2=pl.Series(ratios)).with_columns(pl.col("log2").fill_nan(None))


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            tumour=snakemake.input.tumour,
            normal=snakemake.input.normal,
            loh=snakemake.input.loh,
            somatic=snakemake.input.somatic,
            reference=snakemake.input.fasta,
            bed=snakemake.input.get("regions") or None,
            copy_number=snakemake.output.copy_number,
            min_mapq=snakemake.params.min_mapq,
            sex=snakemake.params.sex,
            aliases=snakemake.params.aliases,
            engine=snakemake.params.engine,
            gene_models=snakemake.input.get("gene_models") or None,
            evidence=snakemake.input.get("evidence") or None,
            cancer_genes=snakemake.params.cancer_genes,
        )
