"""Rows of repeats and of calls on chrM, and files of them, for the tests of loci."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from shirube.cohort.loci import LocusFiles
from shirube.contracts import CALLS, Contract, write
from shirube.contracts.loci import REPEATS

Row = dict[str, Any]


def repeat(locus: str, chrom: str, start: int, lengths: Sequence[int | None]) -> Row:
    """A row of REPEATS: exact lengths; None is a lower bound of 50, where 40 is pathogenic."""
    row: Row = {name: None for name in REPEATS.schema}
    row |= {"locus": locus, "gene": f"G{locus}", "chrom": chrom, "start": start, "end": start + 30}
    row |= {"motif": "CAG", "ploidy": len(lengths), "pathogenic_min": 40, "range": "normal"}
    row |= {"disease": "", "inheritance": "AD", "reason": "", "said": "[]", "engine": "embedded"}
    ordered = sorted(lengths, key=lambda n: 99 if n is None else n)
    for name, length in zip(("long", "short"), reversed(ordered), strict=False):
        low = 50 if length is None else length
        row |= {name: low, f"{name}_low": low, f"{name}_high": length}
    return row


def mitochondrial(pos: int, ref: str, alt: str, fraction: float | None, why: str = "PASS") -> Row:
    """A row of CALLS on chrM."""
    row: Row = {name: None for name in CALLS.schema}
    row |= {"chrom": "chrM", "pos": pos, "ref": ref, "alt": alt, "record": pos, "filter": why}
    return row | {"dosage": 1, "ploidy": 1, "dp": 100, "heteroplasmy": fraction}


def table(contract: Contract, rows: list[Row]) -> pl.DataFrame:
    return contract.table(pl.DataFrame(rows, contract.polars, orient="row"))


def locus_files(folder: Path, name: str, calls: list[Row], repeats: list[Row]) -> LocusFiles:
    """Tables of one person's loci."""
    paths = folder / f"{name}.calls.parquet", folder / f"{name}.repeats.parquet"
    write(table(CALLS, calls), CALLS, paths[0])
    write(table(REPEATS, repeats), REPEATS, paths[1])
    return LocusFiles(*paths)
