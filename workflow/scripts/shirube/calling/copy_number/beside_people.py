"""Copies of a tumour without a normal, by its depth beside the normals of other people.

The doses of the small bins (`depth_reference`) are averaged over stretches as long as the bins of a
tumour with a normal, and cut where they change by the same exact search. Without the patient's own
alleles nothing tells purity from copies, so purity stays unknown: named is what no purity explains
otherwise (`calling`), and a change may be inherited.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.calling.copy_number.calling import FLOOR, Fit, Segment, as_table, cut
from shirube.calling.copy_number.depth_reference import Beside, Sample, beside
from shirube.calling.copy_number.segments import noise
from shirube.calling.copy_number.state import about_doubling, about_noise
from shirube.genome.ploidy import copies_at

SHORTEST, LONGEST, PARTS = 200, 20_000, 500
UNKNOWN = Fit(None, 0.0, 1.0, 2.0, "none")
Par = Mapping[str, Sequence[Sequence[int]]]
Depth = tuple[str, NDArray[np.float32], str]  # name, depth of each bin, sex
_NO_SITES = {"chrom": pl.String, "pos": pl.Int32, "tumour_ad": pl.Int32, "tumour_dp": pl.Int32}


def beside_others(
    bins: pl.DataFrame, own: Depth, others: Sequence[Depth], par: Par
) -> tuple[Sample, Beside]:
    """A sample of DEPTH_BINS `bins` and what it is beside other people."""
    chrom = bins["chrom"].cast(pl.String)
    # One copy of a haploid mitochondrial genome has no meaning here.
    nuclear = chrom.ne("chrM").to_numpy()
    middle = bins.select("chrom", pos=(pl.col("start") + pl.col("end")) // 2 + 1)
    expected = {
        sex: np.where(nuclear, middle.select(copies_at(sex, par).fill_null(-1)).to_series(), -1)
        for sex in {own[2], *(sex for _, _, sex in others)}
    }

    def sample(name: str, depth: NDArray[np.float32], sex: str) -> Sample:
        return Sample(name, depth, expected[sex].astype(np.int8))

    one = sample(*own)
    length = (bins["end"] - bins["start"]).to_numpy().astype(np.int64)
    autosomal = (~chrom.is_in(["chrX", "chrY", "chrM"])).to_numpy()
    offered = [sample(*other) for other in others]
    return one, beside(one, offered, bins["gc"].to_numpy(), length, autosomal)


def stretches(bins: pl.DataFrame, own: Sample, found: Beside) -> pl.DataFrame:
    """chrom, start, end, log2 and expected copies of stretches of bins that can be judged."""
    length = (bins["end"] - bins["start"]).cast(pl.Int64)
    size = int(np.clip(int(length.sum()) // PARTS, SHORTEST, LONGEST))
    ratio = found.dose / np.maximum(own.copies, 1)
    known = bins.select(
        pl.col("chrom").cast(pl.String), "start", "end",
        bases=length, ratio=pl.Series(ratio, dtype=pl.Float64).fill_nan(None),
        copies=pl.Series(own.copies),
    ).drop_nulls("ratio")  # fmt: skip
    part = (pl.col("start") // size).alias("part")
    return (
        known.group_by("chrom", part, "copies", maintain_order=True)
        .agg(
            pl.col("start").min(), pl.col("end").max(),
            log2=(pl.col("ratio") * pl.col("bases")).sum() / pl.col("bases").sum(),
        )
        .with_columns(pl.max_horizontal(pl.col("log2"), 2.0**FLOOR).log(2))
    )  # fmt: skip


def copies_beside(
    bins: pl.DataFrame, own: Depth, others: Sequence[Depth], par: Par
) -> tuple[pl.DataFrame, dict[str, str]]:
    """COPY_NUMBER of a tumour and its metadata; no rows where too few people are beside it."""
    table = stretches(bins, *beside_others(bins, own, others, par))
    sites, segments = pl.DataFrame(schema=_NO_SITES), list[Segment]()
    spread = noise(table["log2"].to_numpy())
    # X has two copies at both of its ends in XY: neither reaches over what lies between.
    run = pl.struct("chrom", "copies").rle_id().alias("run")
    for (_, chrom, copies), part in table.group_by(run, "chrom", "copies", maintain_order=True):
        segments += cut(str(chrom), part, sites, spread, int(copies))
    made = as_table(segments, UNKNOWN)
    return made, UNKNOWN.about | about_doubling(made, UNKNOWN.source) | about_noise(segments)
