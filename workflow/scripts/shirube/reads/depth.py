"""Depth of reads by position, counted by `samtools depth`.

Counted: primary alignments that are not duplicates, QC failures or supplementary, of mapping
quality at least `min_mapq`; overlapping mates count once; deleted and skipped (N) bases do not.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from shirube.regions import Interval
from shirube.tools import piped

CHUNK = 1 << 24
_COLUMNS = {"contig": pl.String, "pos": pl.Int32, "depth": pl.Int32}


def depths(
    reads: str | Path,
    reference: str | Path,
    intervals: Sequence[Interval],
    min_mapq: int,
    every: bool = False,
) -> Iterator[pl.DataFrame]:
    """Chunks of (contig, pos 1-based, depth) over disjoint `intervals`, in the file's order.

    Positions without a read are left out unless `every`.
    """
    if not intervals:
        return
    with tempfile.TemporaryDirectory() as scratch:
        bed = Path(scratch) / "regions.bed"
        bed.write_text("".join(f"{i.contig}\t{i.start}\t{i.end}\n" for i in intervals))
        command = ["samtools", "depth", "-s", "-Q", min_mapq, "-G", "SUPPLEMENTARY"]
        command += ["--reference", reference, "-b", bed, *(["-a"] if every else []), reads]
        with piped(command) as stream:
            while text := stream.read(CHUNK):
                yield pl.read_csv(
                    text + stream.readline(),
                    separator="\t",
                    has_header=False,
                    new_columns=list(_COLUMNS),
                    schema_overrides=list(_COLUMNS.values()),
                )
