"""Bins in which the depth of every sample of a run is measured.

Each coding exon (with FLANK bases on either side; those that touch are one) is a bin by itself,
and what the regions hold between them is cut into bins of SIZE bases at most. So a lost exon is
never averaged with its introns, and a lost stretch without a junction shows in the introns too.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.genome.intervals import EMPTY, Arrays, Interval, arrays, common, difference, union

SIZE, FLANK, LEAST = 1000, 50, 100


def cut(
    exons: pl.DataFrame, regions: Sequence[Interval], chroms: Mapping[str, str]
) -> pl.DataFrame:
    """Bins of `regions` (merged): chrom, contig, start, end, exon; pieces below LEAST are left out.

    `exons` has contig, start, end of coding exons; `chroms` maps the reference's names of contigs
    to canonical chromosomes, and regions elsewhere have no bins.
    """
    asked = arrays((r.contig, r.start, r.end) for r in regions if r.contig in chroms)
    coding = {
        str(contig): union(
            own["start"].to_numpy().astype(np.int64) - FLANK,
            own["end"].to_numpy().astype(np.int64) + FLANK,
        )
        for (contig,), own in exons.group_by(["contig"], maintain_order=True)
    }
    parts = [pl.DataFrame(schema=_SCHEMA)]
    for contig, own in asked.items():
        inside = common(coding.get(contig, EMPTY), own)
        between = _pieces(difference(own, inside))
        for (start, end), exon in ((inside, True), (between, False)):
            parts.append(
                pl.DataFrame({"start": start, "end": end})
                .filter(pl.col("end") - pl.col("start") >= LEAST)
                .select(
                    pl.lit(chroms[contig]).alias("chrom"),
                    pl.lit(contig).alias("contig"),
                    pl.col("start", "end").cast(pl.Int32),
                    pl.lit(exon).alias("exon"),
                )
            )
    return pl.concat(parts)


_SCHEMA = {
    "chrom": pl.String,
    "contig": pl.String,
    "start": pl.Int32,
    "end": pl.Int32,
    "exon": pl.Boolean,
}


def _pieces(spans: Arrays) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """`spans` in equal parts of SIZE bases at most."""
    start, length = spans[0], spans[1] - spans[0]
    parts = -(-length // SIZE)
    row = np.repeat(np.arange(start.size), parts)
    number = np.arange(row.size) - np.repeat(np.cumsum(parts) - parts, parts)
    low = start[row] + length[row] * number // parts[row]
    return low, start[row] + length[row] * (number + 1) // parts[row]
