"""Rows as text of a VCF: a header of our own, and lines."""

from collections.abc import Mapping, Sequence

import polars as pl

VERSION = "##fileformat=VCFv4.3"
_COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"


def header(lines: Sequence[str], contigs: Mapping[str, int], sample: str) -> bytes:
    """The header of a VCF of one `sample`: `lines`, then the contigs."""
    names = [f"##contig=<ID={name},length={length}>" for name, length in contigs.items()]
    passed = '##FILTER=<ID=PASS,Description="All filters passed">'
    return ("\n".join([VERSION, passed, *lines, *names, _COLUMNS + sample]) + "\n").encode()


def value(name: str) -> pl.Expr:
    """A column as a VCF writes it: `.` where unknown."""
    return pl.col(name).cast(pl.String).fill_null(".")


def text(lines: pl.DataFrame) -> bytes:
    """Rows of VCF columns as lines."""
    return lines.write_csv(separator="\t", include_header=False, quote_style="never").encode()
