"""Strata's counts of a joint file as one Parquet table (STRATUM_COUNTS).

Written with pyarrow and without polars, whose start-up would take as long as the counting; a
test holds the table to its contract.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from shirube.cohort.aligned import aligned, strings
from shirube.cohort.joint import Counts
from shirube.cohort.kernels.array_types import Ints
from shirube.cohort.reference import Reference
from shirube.genome.chromosomes import CHROMS

CONTRACT = {"contract": "stratum_counts", "version": "1"}
NUMBERS = ("ac", "an", "nhomalt", "nhemi", "diploid")


def table(
    path: str | Path, found: Sequence[Counts], strata: Sequence[str], reference: Reference | None
) -> pa.Table:
    """Long table of counts, alleles in their one form, sorted by it and by stratum.

    Of an allele in several records the first is counted (`repeated` tells how many were not).
    InputError where REF is not the reference's.
    """
    ordered = sorted(strata)
    pool = np.frombuffer("".join(ordered).encode(), np.uint8)
    names = strings(pool, np.array([len(name) for name in ordered], np.int32))
    tables = []
    for counts in sorted(found, key=lambda c: CHROMS.index(c.chrom)):
        alleles = aligned(
            path, counts.chrom, counts.rows, counts.ref, counts.alt, reference, counts.contig
        )
        order = _order(alleles.pos, alleles.ref, alleles.alt)
        rows = np.repeat(order, len(strata))
        places = [strata.index(name) for name in ordered]
        columns = {
            "chrom": _chrom(CHROMS.index(counts.chrom), rows.size),
            "pos": _numbers(alleles.pos[rows]),
            "ref": _taken(alleles.ref, rows),
            "alt": _taken(alleles.alt, rows),
            "stratum": _taken(names, np.tile(np.arange(len(ordered)), order.size)),
        }
        for name in NUMBERS:
            columns[name] = _numbers(getattr(counts, name)[order][:, places].ravel())
        tables.append(pa.table(columns))
    return pa.concat_tables(tables)


def _numbers(values: Ints) -> pa.Array:
    """An Arrow array on the same memory (pa.array would import pandas where it is installed)."""
    buffer = pa.py_buffer(np.ascontiguousarray(values, np.int32))
    return pa.Array.from_buffers(pa.int32(), values.size, [None, buffer])


def _taken(values: pa.LargeStringArray, rows: npt.NDArray[np.integer]) -> pa.LargeStringArray:
    """`values` at `rows` (`values.take` would import pyarrow.compute: a twentieth of the run)."""
    _, offsets, data = values.buffers()
    start = np.frombuffer(offsets, np.int64, len(values) + 1)
    length = np.diff(start)[rows]
    end = np.cumsum(length)
    at = np.repeat(start[rows] - (end - length), length) + np.arange(end[-1] if end.size else 0)
    return strings(np.frombuffer(data, np.uint8)[at], length)


def _chrom(code: int, size: int) -> pa.Array:
    """A column of one chromosome, coded as polars codes an Enum."""
    pool = np.frombuffer("".join(CHROMS).encode(), np.uint8)
    lengths = np.array([len(name) for name in CHROMS], np.int32)
    codes = pa.py_buffer(np.full(size, code, np.uint8))
    return pa.DictionaryArray.from_arrays(
        pa.Array.from_buffers(pa.uint8(), size, [None, codes]), strings(pool, lengths), ordered=True
    )


def _order(pos: Ints, ref: pa.Array, alt: pa.Array) -> npt.NDArray[np.integer]:
    """Row numbers in order of pos, ref, alt; of rows that agree in them the first alone."""
    order = np.argsort(pos, kind="stable")
    ordered = pos[order]
    tied = np.flatnonzero(ordered[1:] == ordered[:-1])
    repeated = np.zeros(order.size, bool)
    for run in np.split(tied, np.flatnonzero(np.diff(tied) > 1) + 1) if tied.size else ():
        low, high = run[0], run[-1] + 2
        keyed = sorted((ref[i].as_py(), alt[i].as_py(), i) for i in order[low:high].tolist())
        order[low:high] = [i for _, _, i in keyed]
        repeated[low + 1 : high] = [one[:2] == two[:2] for one, two in pairwise(keyed)]
    return order[~repeated]


def write(out: str | Path, found: pa.Table, about: dict[str, str]) -> None:
    """Write a table of `table` as Parquet."""
    metadata = dict(sorted({**about, **CONTRACT}.items()))
    values = "".join(f"{len(name)};{name}" for name in CHROMS)
    chrom = found.schema.field("chrom").with_metadata({"_PL_ENUM_VALUES2": values})
    schema = found.schema.set(0, chrom).with_metadata(metadata)
    whole = pa.Table.from_arrays(found.columns, schema=schema)
    pq.write_table(whole, out, compression="zstd", row_group_size=131_072, store_schema=True)
