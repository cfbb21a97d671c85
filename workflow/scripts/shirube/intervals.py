"""Sorted, disjoint intervals as arrays: (starts, ends), 0-based, half-open, one chromosome."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.errors import InputError
from shirube.genome.alleles import canonical_names

Spans: TypeAlias = list[tuple[int, int]]
Arrays: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]
EMPTY: Arrays = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def arrays(intervals: Iterable[tuple[str, int, int]]) -> dict[str, Arrays]:
    """Chromosome -> arrays of sorted, disjoint intervals."""
    lists: dict[str, tuple[list[int], list[int]]] = {}
    for chrom, start, end in intervals:
        starts, ends = lists.setdefault(chrom, ([], []))
        starts.append(start)
        ends.append(end)
    return {c: (np.array(s, np.int64), np.array(e, np.int64)) for c, (s, e) in lists.items()}


def bed_arrays(path: str | Path, aliases: dict[str, str] | None) -> dict[str, Arrays]:
    """Canonical chromosome -> arrays of a BED of merged, sorted intervals (plain or gzip).

    Contigs without a canonical name are left out.
    """
    schema = {"contig": pl.String, "start": pl.Int64, "end": pl.Int64}
    try:
        table = pl.read_csv(
            path, separator="\t", has_header=False, columns=[0, 1, 2], new_columns=list(schema),
            schema_overrides=list(schema.values()), comment_prefix="#",
        )  # fmt: skip
    except pl.exceptions.NoDataError:
        return {}
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise InputError(path, f"contig, start, end separated by tabs ({reason})") from error
    names = canonical_names(aliases)
    parts = table.partition_by("contig", as_dict=True, maintain_order=True)
    return {
        names[str(contig)]: (part["start"].to_numpy(), part["end"].to_numpy())
        for (contig,), part in parts.items()
        if contig in names
    }


def covered(spans: Sequence[tuple[int, int]], allowed: Arrays) -> int:
    """Bases of `spans` inside the sorted, disjoint intervals `allowed`."""
    starts, ends = allowed
    total = np.concatenate([[0], np.cumsum(ends - starts)])

    def before(at: int) -> int:
        index = int(np.searchsorted(starts, at, side="right"))
        return int(total[index]) - (max(0, int(ends[index - 1]) - at) if index else 0)

    return sum(before(end) - before(start) for start, end in spans)
