"""VCF and BCF files as tables: the only part of the package that imports cyvcf2.

The header is read by cyvcf2; the rows are turned into columns by `bcftools query` and polars, so
no Python runs per record.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from cyvcf2 import VCF

from shirube.errors import InputError
from shirube.tools import piped, run


@dataclass(frozen=True)
class Header:
    """What a VCF says of itself."""

    samples: tuple[str, ...]
    contigs: dict[str, int | None]
    info: frozenset[str]
    format: frozenset[str]
    alts: frozenset[str] = frozenset()  # symbolic alleles that it describes


def header(path: str | Path) -> Header:
    """Samples, contigs (with lengths where stated) and the INFO and FORMAT ids of a VCF."""
    try:
        reader = VCF(str(path))
        lines = [line.info() for line in reader.header_iter()]
        names, text = list(reader.seqnames), reader.raw_header
    except Exception as error:
        raise InputError(path, f"a VCF or BCF with a header ({error})") from error
    # cyvcf2 gives lengths only if every contig has one, and not in `info()`.
    stated = re.findall(r"^##contig=<(?=.*\bID=([^,>]+))(?=.*\blength=(\d+))", text, re.MULTILINE)
    lengths = {name: int(length) for name, length in stated}
    return Header(
        samples=tuple(reader.samples),
        contigs={name: lengths.get(name) for name in names},
        info=frozenset(x["ID"] for x in lines if x.get("HeaderType") == "INFO"),
        format=frozenset(x["ID"] for x in lines if x.get("HeaderType") == "FORMAT"),
        alts=frozenset(re.findall(r"^##ALT=<(?:.*,)?ID=([^,>]+)", text, re.MULTILINE)),
    )


def header_lines(path: str | Path, *options: str) -> list[str]:
    """Header lines of a VCF or BCF as `bcftools view -h` writes them, #CHROM the last."""
    text = run("bcftools", "view", "--no-version", "-h", *options, path)
    try:
        return text.decode().splitlines()
    except UnicodeDecodeError as error:
        raise InputError(path, "a VCF header in UTF-8", f"byte {error.start + 1}") from error


def read_columns(
    path: str | Path,
    info: Mapping[str, pl.DataType | type[pl.DataType]] | None = None,
    fmt: Mapping[str, pl.DataType | type[pl.DataType]] | None = None,
    options: Sequence[str] = (),
) -> pl.DataFrame:
    """Columns of a VCF: contig, pos, id, ref, alt, qual, filter, then INFO and FORMAT fields.

    One row a record, ALT alleles comma-joined as in the file (split first if one row an allele is
    wanted); FORMAT fields are those of the first sample (choose with `options`, e.g.
    ("-s", "NAME", "-r", region)). A field the header does not define is null throughout.
    `.` is null.
    """
    known = header(path)
    info, fmt = dict(info or {}), dict(fmt or {})
    asked_info = [name for name in info if name in known.info]
    asked_fmt = [name for name in fmt if name in known.format or name == "GT"]
    if asked_fmt and not known.samples:
        raise InputError(path, "at least one sample column")
    fields = ["%CHROM", "%POS", "%ID", "%REF", "%ALT", "%QUAL", "%FILTER"]
    fields += [f"%INFO/{name}" for name in asked_info]
    line = "\\t".join(fields) + "".join(f"[\\t%{name}]" for name in asked_fmt) + "\\n"
    first = () if "-s" in options or not asked_fmt else ("-s", known.samples[0])
    names = ["contig", "pos", "id", "ref", "alt", "qual", "filter", *asked_info, *asked_fmt]
    with piped(["bcftools", "query", "-f", line, *first, *options, path]) as stream:
        text = stream.read()
    if text:
        try:
            table = pl.read_csv(
                text,
                separator="\t",
                has_header=False,
                new_columns=names,
                infer_schema=False,
                null_values=".",
                quote_char=None,
            )
        except pl.exceptions.PolarsError as error:
            reason = " ".join(str(error).split())
            raise InputError(path, f"records of text in UTF-8 ({reason})") from error
    else:
        table = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    types = {"pos": pl.Int32, "qual": pl.Float32, **info, **fmt}
    table = table.with_columns(
        pl.lit(None, pl.String).alias(name) for name in [*info, *fmt] if name not in names
    )
    flags = [name for name, dtype in info.items() if dtype == pl.Boolean]
    try:
        return table.with_columns(
            *(pl.col(c).cast(t) for c, t in types.items() if c not in flags),
            *(pl.col(c).eq("1").fill_null(False) for c in flags),
        )
    except pl.exceptions.PolarsError as error:
        reason = str(error).split("\n", 1)[0]
        raise InputError(path, f"numbers where the header promises them ({reason})") from error
