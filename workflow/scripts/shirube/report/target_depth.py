"""Depth of reads over a few intervals, by `samtools`."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.genome.alleles import canonical
from shirube.genome.intervals import Interval, merged
from shirube.genome.regions import read_contigs
from shirube.tools import piped

_FILTER = ["-s", "-Q", "20", "-G", "0x800"]  # mates once, MAPQ, no supplementary alignments


def reference_names(fai: str | Path, aliases: dict[str, str] | None) -> dict[str, str]:
    """Canonical chromosome -> its name in the reference."""
    names = {canonical(contig, aliases): contig for contig in read_contigs(fai)}
    return {chrom: contig for chrom, contig in names.items() if chrom}


def target_intervals(wanted: pl.DataFrame, names: Mapping[str, str]) -> list[Interval]:
    """Union of the intervals of targets (TARGETS), with the reference's contig names."""
    rows = wanted.filter(pl.col("chrom").is_not_null()).select(
        pl.col("chrom").cast(pl.String), "starts", "ends"
    )
    return merged(
        Interval(names[chrom], start, end)
        for chrom, starts, ends in rows.iter_rows()
        if chrom in names
        for start, end in zip(starts, ends, strict=True)
    )


def depth_of(
    reads: str | Path, intervals: list[Interval], fasta: str | Path, names: Mapping[str, str]
) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Canonical chromosome -> (0-based positions ascending, reads) with depth above 0."""
    if not intervals:
        return {}
    with TemporaryDirectory() as directory:
        bed = Path(directory) / "targets.bed"
        bed.write_text("".join(f"{i.contig}\t{i.start}\t{i.end}\n" for i in intervals))
        with piped(
            ["samtools", "view", "-u", "-M", "-L", bed, "-T", fasta, reads],
            ["samtools", "depth", *_FILTER, "-b", bed, "-"],
        ) as stream:
            text = stream.read()
    if not text:
        return {}
    table = pl.read_csv(
        text, separator="\t", has_header=False, new_columns=["contig", "pos", "reads"],
        schema_overrides={"contig": pl.String, "pos": pl.Int64, "reads": pl.Int64},
    )  # fmt: skip
    back = {contig: chrom for chrom, contig in names.items()}
    parts = table.partition_by("contig", as_dict=True)
    return {
        back[str(contig)]: (part["pos"].to_numpy() - 1, part["reads"].to_numpy())
        for (contig,), part in parts.items()
    }
