"""Rule call_copy_number."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from shirube.calling.copy_number.calling import as_table, bins_of, fitted, log_ratios, segmented
from shirube.calling.copy_number.cnvkit import cnvkit_segments
from shirube.calling.copy_number.state import about_doubling, about_noise
from shirube.contracts import COPY_NUMBER, LOH, SOMATIC, read, write
from shirube.genome.alleles import canonical
from shirube.genome.intervals import Interval
from shirube.genome.regions import read_contigs, run_regions
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
) -> None:
    """Segment the tumour's depth against the normal's, fit purity and ploidy, name the copies."""
    regions = run_regions(read_contigs(f"{reference}.fai"), bed, aliases)
    left_out = {"chrM"} | ({"chrX", "chrY"} if sex not in ("XX", "XY") else set())
    left_out |= {"chrY"} if sex == "XX" else set()
    regions = [r for r in regions if canonical(r.contig, aliases) not in left_out]
    bins = bins_of(regions)
    copies = {"chrX": 1, "chrY": 1} if sex == "XY" else {}
    sites = read(LOH, loh).with_columns(pl.col("chrom").cast(pl.String))
    if engine == "cnvkit":
        with tempfile.TemporaryDirectory(dir=Path(copy_number).parent) as scratch:
            own = (tumour, normal, reference, bins, sites, copies, min_mapq, aliases)
            segments = cnvkit_segments(*own, Path(scratch))
    else:
        ratios = bin_ratios(tumour, normal, reference, bins, min_mapq, aliases)
        segments = segmented(ratios, sites, copies)
    passed = read(SOMATIC, somatic).filter(
        (pl.col("filter") == "PASS") & (pl.col("ref").str.len_bytes() == 1)
    )
    fit = fitted(segments, passed["vaf"].drop_nulls().to_list())
    table = as_table(segments, fit)
    about = fit.about | about_doubling(table, fit.source) | about_noise(segments)
    write(table, COPY_NUMBER, copy_number, about)


def bin_ratios(
    tumour: str,
    normal: str,
    reference: str,
    bins: Sequence[Interval],
    min_mapq: int,
    aliases: dict[str, str] | None,
) -> pl.DataFrame:
    """chrom, start, end and log2 of tumour to normal depth of `bins`, GC-corrected."""
    chroms = [str(canonical(interval.contig, aliases)) for interval in bins]
    autosomal = np.array([chrom not in ("chrX", "chrY") for chrom in chroms])
    ratios = log_ratios(
        mean_depths(tumour, reference, bins, min_mapq),
        mean_depths(normal, reference, bins, min_mapq),
        gc_fractions(reference, bins),
        autosomal,
    )
    columns = {
        "chrom": chroms,
        "start": [interval.start for interval in bins],
        "end": [interval.end for interval in bins],
        "log2": ratios,
    }
    return pl.DataFrame(columns).with_columns(pl.col("log2").fill_nan(None))


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
        )
