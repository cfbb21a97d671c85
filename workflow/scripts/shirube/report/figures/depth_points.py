"""Depth of a tumour beside its normal's in stretches of the genome, as points of a picture.

What the segments of the copy number rest on, drawn behind them: a segment that its points do not
bear out, or that is one point among many, is seen as such.
"""

import polars as pl

POINTS = 2000  # stretches a genome is cut into, at most about as many
LEAST_DEPTH = 5  # of the normal: below it a ratio says nothing
LOWEST = -3.0  # log2 drawn for a stretch without a read of the tumour


def depth_points(
    tumour: pl.LazyFrame, normal: pl.LazyFrame, segments: pl.DataFrame
) -> pl.DataFrame:
    """chrom, pos (middle, 0-based) and log2 of the stretches, by place.

    `tumour`, `normal`: DEPTH of the run's bins; `segments`: COPY_NUMBER. Whole samples differ in
    depth, so the points are moved together until their median lies on the segments'.
    """
    place = ["chrom", "start", "end"]
    bins = tumour.join(normal.rename({"depth": "beside"}), on=place)
    total = segments.group_by("chrom").agg(pl.col("end").max())["end"].sum()
    size = max(1, int(total) // POINTS)
    length = pl.col("end") - pl.col("start")
    points = (
        bins.with_columns(pl.col("chrom").cast(pl.String), part=pl.col("start") // size)
        .group_by("chrom", "part")
        .agg(
            pos=(pl.col("start").min() + pl.col("end").max()) // 2,
            depth=(pl.col("depth") * length).sum() / length.sum(),
            beside=(pl.col("beside") * length).sum() / length.sum(),
        )
        .filter(pl.col("beside") >= LEAST_DEPTH)
        .select("chrom", "pos", log2=(pl.col("depth") / pl.col("beside")).log(2))
        .collect()
        .sort("pos", "chrom")
    )
    measured = segments.drop_nulls("log2").select(
        pl.col("chrom").cast(pl.String), pos="start", last="end", level="log2"
    )
    inside = points.join_asof(measured.sort("pos"), on="pos", by="chrom", check_sortedness=False)
    apart = inside.filter((pl.col("pos") < pl.col("last")) & pl.col("log2").is_finite()).select(
        pl.col("level") - pl.col("log2")
    )
    shift = apart.to_series().median()
    if shift is None:
        return points.clear()
    moved = pl.when(pl.col("log2").is_finite()).then(pl.col("log2") + shift).otherwise(LOWEST)
    return points.with_columns(log2=moved).sort("chrom", "pos")
