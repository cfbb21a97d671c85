"""A joint file whose caller has words of its own for reads, written again with AD, DP and GQ.

What counts genotypes of many people reads GT, GQ, DP, AD and FT as the specification reserves
them. freebayes without AD, VarScan, Torrent, Platypus and others say the same otherwise.
"""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from shirube.errors import InputError
from shirube.intake import counts
from shirube.intake.dialects import Dialect, dialect_of
from shirube.intake.fields import with_format
from shirube.intake.header import Header
from shirube.intake.records import understood
from shirube.intake.text import COLUMNS, opened, read_header, taken_apart
from shirube.intake.writing import text, value
from shirube.tools import written

STRETCH = 1 << 22
_KINDS = {"contig": (0, b"\t"), "FILTER": (6, b";"), "INFO": (7, b";"), "FORMAT": (8, b":")}
_OWN = {"GT": "1,Type=String", "GQ": "1,Type=Integer", "DP": "1,Type=Integer"}
_OWN |= {"AD": "R,Type=Integer", "FT": "1,Type=String"}


_RESERVED = {
    **{f"FORMAT/{name}": kind for name, kind in _OWN.items()},
    "FORMAT/CN": "1,Type=Integer",
    "INFO/SVTYPE": "1,Type=String",
    "INFO/END": "1,Type=Integer",
    "INFO/SVLEN": ".,Type=Integer",
}
_OTHER = ("##INFO", "##FORMAT", "##FILTER")
_DECLARED = re.compile(r"##(contig|FILTER|INFO|FORMAT)=<.*?\bID=([^,>]+)")
_FAILED = '##FILTER=<ID=Caller,Description="Filtered by the caller">'


def other_words(header: Header, dialect: Dialect) -> bool:
    """Whether the reads of each allele stand elsewhere than in AD, and can be told from there."""
    way = next(iter(counts.defined(dialect.reads, header.format.keys())), None)
    return bool(header.samples) and way not in (None, "AD")


def undeclared(path: str | Path, header: Header) -> list[str]:
    """Header lines for what the records of a VCF name and its header does not, which BCF needs.

    Raises InputError at a line of another number of columns.
    """
    known: dict[str, set[bytes]] = {kind: {b"."} for kind in _KINDS}
    known["FILTER"] |= {b"PASS", b"0"}
    for line in header.lines:
        if declared := _DECLARED.match(line):
            known[declared[1]].add(declared[2].encode())
    new: dict[tuple[str, bytes], None] = {}
    seen: dict[str, set[bytes]] = {kind: set() for kind in _KINDS}
    with opened(path) as stream:
        read_header(stream, path)
        for number, record in enumerate(stream, len(header.lines) + 1):
            found = record.count(b"\t") + 1
            if found != header.columns:
                if not record.strip():
                    continue
                raise InputError(path, f"{header.columns} columns, found {found}", f"line {number}")
            cells = record.split(b"\t", 9)
            for kind, (place, between) in _KINDS.items():
                if cells[place] in seen[kind]:
                    continue
                if kind != "INFO":  # of which few are alike
                    seen[kind].add(cells[place])
                for text in cells[place].rstrip().split(between):
                    name = text.split(b"=", 1)[0]
                    if name and name not in known[kind]:
                        known[kind].add(name)
                        new[kind, name] = None
    return [_declaration(kind, name.decode(errors="replace")) for kind, name in new]


def _declaration(kind: str, name: str) -> str:
    if kind == "contig":
        return f"##contig=<ID={name}>"
    number = f"Number={_RESERVED.get(f'{kind}/{name}', '.,Type=String')},"
    return f'##{kind}=<ID={name},{"" if kind == "FILTER" else number}Description="-">'


def write_declared(path: str | Path, out: str | Path, more: Sequence[str]) -> None:
    """Write `path` to the BCF `out` with `more` lines in its header."""
    with opened(path) as stream, written("bcftools", "view", "-Ob", "-o", out, "-") as target:
        header = read_header(stream, path)
        lines = [*header.lines[:-1], *more, header.lines[-1]]
        target.write(("\n".join(lines) + "\n").encode())
        shutil.copyfileobj(stream, target, STRETCH)


def write_usual(path: str | Path, out: str | Path) -> None:
    """Write `path` to the BCF `out`: its alleles and samples, FORMAT GT:GQ:DP:AD:FT, no INFO.

    Raises InputError at a line that is no record.
    """
    with opened(path) as stream, written("bcftools", "view", "-Ob", "-o", out, "-") as target:
        header = read_header(stream, path)
        dialect = dialect_of(header)
        kept = [line for line in header.lines[:-1] if not line.startswith(_OTHER)]
        own = [f'##FORMAT=<ID={name},Number={kind},Description="-">' for name, kind in _OWN.items()]
        target.write(("\n".join([*kept, _FAILED, *own, header.lines[-1]]) + "\n").encode())
        line = len(header.lines) + 1
        while stretch := stream.read(STRETCH):
            stretch += stream.readline()
            whole = stretch if stretch.endswith(b"\n") else stretch + b"\n"
            target.write(_usual(whole, header, dialect, path, line))
            line += whole.count(b"\n")


def write_unknown(path: str | Path, out: str | Path) -> None:
    """Write `path`, whose FORMAT has no GT, to the BCF `out` with every genotype unknown."""
    with opened(path) as stream, written("bcftools", "view", "-Ob", "-o", out, "-") as target:
        header = read_header(stream, path)
        kept = [line for line in header.lines[:-1] if not line.startswith(_OTHER)]
        own = f'##FORMAT=<ID=GT,Number={_OWN["GT"]},Description="-">'
        target.write(("\n".join([*kept, own, header.lines[-1]]) + "\n").encode())
        unknown = b"\t".join([b"GT", *[b"."] * len(header.samples)])
        for line in stream:
            if line.strip():
                site = line.rstrip(b"\r\n").split(b"\t", 5)[:5]
                target.write(b"\t".join([*site, b".\t.\t.", unknown]) + b"\n")


def _usual(stretch: bytes, header: Header, dialect: Dialect, path: str | Path, line: int) -> bytes:
    columns: list[pl.DataFrame] = []
    for at in range(len(header.samples)):
        lines, _ = taken_apart(stretch, header.columns, at, line)
        for number, found in lines.damaged.select("line", "columns").rows():
            raise InputError(path, f"{header.columns} columns, found {found}", f"line {number}")
        rows = understood(lines, header, dialect)
        if not columns:
            columns.append(_site(lines.records, rows))
        columns.append(_cells(lines.records, rows, f"sample{at}"))
    return text(pl.concat(columns, how="horizontal"))


def _site(records: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The columns before the samples': filters of any name are Caller, INFO is left out."""
    failed = pl.when(pl.col("filter") == "PASS").then("filter").otherwise(pl.lit("Caller"))
    judged = rows.select(pl.when(pl.col("filter").is_not_null()).then(failed).fill_null("."))
    site = records.with_columns(judged["filter"], info=pl.lit("."))
    return site.select(*COLUMNS[:8], pl.lit(":".join(_OWN)).alias("format"))


def _cells(records: pl.DataFrame, rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """One sample's column, as one text a record."""
    words = with_format(records, ("GT",)).select("GT")
    told = rows.select("quality", "depth", "reads", "ft").hstack(words)
    read = pl.col("reads").list.eval(pl.element().cast(pl.String).fill_null(".")).list.join(",")
    return told.select(
        pl.concat_str(
            value("GT"), value("quality"), value("depth"), read.fill_null("."), value("ft"),
            separator=":",
        ).alias(name)
    )  # fmt: skip
