"""Structural variants and copy numbers of any caller's VCF as rows: one an ALT, EVENTS.

Which fields count reads and copies depends on the caller: `events.tsv`, one row a program. What
the records say is left as it is written; what it means on the genome is for `calling` to say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from shirube.errors import InputError
from shirube.intake.fields import counts, info, integer, number, numbers, with_format, with_info
from shirube.intake.header import Header
from shirube.intake.pairs import tumour_column
from shirube.intake.recognition import defines, read_table, written_by
from shirube.intake.text import Lines, chunks, header_of, opened, read_header

PACKAGE_DATA = ("events.tsv",)
_FILE = Path(__file__).with_name("events.tsv")
_INFO = (
    *("SVTYPE", "END", "SVLEN", "CT", "CHR2", "CHR2_POS", "POS2", "MATEID", "PARID"),
    *("SVINSSEQ", "LEFT_SVINSSEQ", "RIGHT_SVINSSEQ", "INSLEN"),
    *("CIPOS", "CIEND", "CIPOS95", "CIEND95"),
)
_FLAGS = ("IMPRECISE", "INV3", "INV5", "SOMATIC")
_GENOTYPE = r"^[/|]?(\.|\d+)([/|](\.|\d+))*$"
_REF = "^[ACGTNRYSWKMBDHVacgtnryswkmbdhv.]+$"

# alt: one ALT; number: which (1 for the first). called, dosage: alleles of the genotype that are
# known, and those that are this ALT. ci: widest reach of the confidence interval, either side.
EVENTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "record": pl.UInt32,
    "line": pl.Int64,
    "contig": pl.String,
    "pos": pl.Int32,
    "id": pl.String,
    "ref": pl.String,
    "alt": pl.String,
    "alts": pl.String,
    "number": pl.Int32,
    "filter": pl.String,
    "ft": pl.String,
    **dict.fromkeys(("svtype", "ct", "chr2", "mate", "inserted"), pl.String),
    **dict.fromkeys(("end", "pos2", "length", "ci_pos", "ci_end"), pl.Int32),
    **dict.fromkeys(("imprecise", "inv3", "inv5", "somatic"), pl.Boolean),
    **dict.fromkeys(("called", "dosage"), pl.Int8),
    **dict.fromkeys(("pairs", "splits", "depth", "bins"), pl.Int32),
    **dict.fromkeys(("copies", "minor", "log2", "baf"), pl.Float64),
    "fault": pl.String,
}


@dataclass(frozen=True)
class Program:
    """One row of events.tsv; `holds` is junctions, copies or any."""

    dialect: str
    caller: str
    versions: str
    holds: str
    recognised: str
    signature: tuple[str, ...]
    pairs: str
    splits: str
    depth: str
    copies: str
    minor: str
    ratio: str
    bins: str
    baf: str
    ends: str
    source: str
    verified: str

    @property
    def counting(self) -> tuple[str, ...]:
        """Fields the row reads, as FORMAT names or INFO/NAME."""
        text = ",".join((self.pairs, self.splits, self.depth, self.copies, self.minor, self.baf))
        text = f"{text},{self.ratio.removeprefix('log2:')},{self.bins}"
        names = (name.split(":")[0] for name in re.split("[,+]", text))
        return tuple(dict.fromkeys(filter(None, names)))


@cache
def programs() -> tuple[Program, ...]:
    """events.tsv, in the order in which rows are tried; the last takes every file."""
    return tuple(_program(row) for row in read_table(_FILE))


def _program(row: Mapping[str, str]) -> Program:
    cells: dict[str, Any] = {field.name: row[field.name] for field in fields(Program)}
    cells["signature"] = tuple(filter(None, row["signature"].split(",")))
    return Program(**cells)


def program_named(dialect: str) -> Program:
    """The row of events.tsv of a program that is known to have written a file."""
    return next(program for program in programs() if program.dialect == dialect)


def program_of(header: Header) -> Program:
    """The program that wrote a file: by a line of the header, else by the fields it defines."""
    return written_by(programs(), header)


def lacking(header: Header, program: Program, column: str) -> list[str]:
    """What a file of the sheet's `column` (structural, copy_number) must define and does not."""
    found = []
    if column == "copy_number":
        named = [*program.copies.split(","), program.ratio.removeprefix("log2:")]
        named = [name for name in named if name]
        if not any(defines(header, n if "/" in n else f"FORMAT/{n}") for n in named):
            known = " or ".join(n if "/" in n else f"FORMAT/{n}" for n in named)
            found.append(f"{known}, the copies of a segment")
    if not header.info.keys() & {"SVTYPE"} and not any("##ALT=<" in x for x in header.lines):
        found.append("INFO/SVTYPE or ##ALT lines: nothing says what its events are")
    return found


@dataclass(frozen=True)
class EventFile:
    """One sample column of a file of structural variants or copy numbers."""

    path: str
    header: Header
    program: Program
    column: str | None

    @classmethod
    def of(cls, path: str | Path, named: str | None, sample: str, tumour: bool) -> "EventFile":
        """The column of a sample: as `sample_in_file` or the sample's own name has it.

        A tumour's may also be what the header or the column's name says, or the only one. The file
        of a person must name them: InputError else.
        """
        header = header_of(path)
        own = [name for name in (named, sample) if name in header.samples]
        if own:
            column: str | None = own[0]
        elif tumour:
            column = tumour_column(header, path, None, sample)
        else:
            known = ", ".join(header.samples[:5]) or "none"
            said = " or ".join(name for name in (named, sample) if name)
            raise InputError(path, f"a sample column {said}; found {known}")
        return cls(str(path), header, program_of(header), column)

    def beside(self, column: str | None) -> "EventFile":
        """Another column of the file."""
        return EventFile(self.path, self.header, self.program, column)

    def events(self) -> Iterator[pl.DataFrame]:
        """EVENTS in the file's order, in stretches; damaged lines among them."""
        at = self.header.samples.index(self.column) if self.column else None
        first = 0
        with opened(self.path) as stream:
            read_header(stream, self.path)
            for lines in chunks(stream, self.header, self.path, at):
                rows = _numbered(understood(lines, self.program, self.header.columns), first)
                first += rows["record"].n_unique()
                yield rows


def _numbered(rows: pl.DataFrame, first: int) -> pl.DataFrame:
    new = (pl.col("line") != pl.col("line").shift()).fill_null(True)
    return rows.with_columns(record=(new.cum_sum() - 1 + first).cast(pl.UInt32))


def understood(lines: Lines, program: Program, columns: int) -> pl.DataFrame:
    """EVENTS of a stretch of text, `record` not yet numbered."""
    named = program.counting
    wanted = [name for name in named if "/" not in name]
    rows = with_format(lines.records, ("GT", "FT", *wanted))
    rows = with_info(rows, [*_INFO, *(n.removeprefix("INFO/") for n in named if "/" in n)])
    flag = {name.lower(): pl.col("info").str.contains(f"(?:^|;){name}(?:;|=|$)") for name in _FLAGS}
    rows = rows.with_columns(
        **flag,
        alleles=pl.when(pl.col("GT").str.contains(_GENOTYPE)).then(
            pl.col("GT").str.extract_all(r"\d+").list.eval(pl.element().cast(pl.Int32))
        ),
        alts=pl.col("alt"),
        number=pl.int_ranges(1, pl.col("alt").str.count_matches(",") + 2),
        alt=pl.col("alt").str.split(","),
        pairs=_amount(program.pairs),
        splits=_amount(program.splits),
        depth=_amount(program.depth),
        bins=_amount(program.bins),
        copies=_first(program.copies),
        minor=_first(program.minor),
        log2=_ratio(program.ratio),
        baf=(_first(program.baf) - 0.5).abs(),
    ).explode("alt", "number")  # fmt: skip
    halves = [info("LEFT_SVINSSEQ"), info("RIGHT_SVINSSEQ")]
    lengths, added = counts_of_length(info("SVLEN")), integer(info("INSLEN"))
    longest = rows.select(pl.col("alleles").list.len().max()).item() or 0
    same = [
        pl.col("alleles").list.get(place, null_on_oob=True) == pl.col("number")
        for place in range(longest)
    ]
    own = pl.sum_horizontal([pl.lit(0), *(one.fill_null(False) for one in same)])
    rows = rows.with_columns(
        pos=integer(pl.when(pl.col("pos").str.contains(r"^\d+$")).then("pos")),
        filter=_filters(pl.col("filter")),
        ft=_filters(pl.col("FT")),
        svtype=info("SVTYPE").str.to_uppercase(),
        ct=info("CT"),
        chr2=info("CHR2"),
        mate=pl.coalesce(info("MATEID"), info("PARID")),
        inserted=pl.coalesce(
            info("SVINSSEQ"),
            pl.when(halves[0].is_not_null() | halves[1].is_not_null()).then(
                pl.concat_str(halves[0].fill_null(""), pl.lit("N"), halves[1].fill_null(""))
            ),
            pl.when(added > 0).then(pl.lit("N")),
        ).str.to_uppercase(),
        end=integer(info("END")),
        pos2=pl.coalesce(integer(info("CHR2_POS")), integer(info("POS2"))),
        length=pl.coalesce(
            lengths.list.get(pl.col("number") - 1, null_on_oob=True),
            lengths.list.first(),
            pl.when(info("SVTYPE") == "INS").then(added),
        ),
        ci_pos=_reach("CIPOS"),
        ci_end=_reach("CIEND"),
        called=pl.col("alleles").list.len().cast(pl.Int8),
        dosage=own.cast(pl.Int8),
    ).with_columns(fault=_fault())  # fmt: skip
    told = rows.select(
        pl.col(name).cast(dtype) if name in rows.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in EVENTS.items()
    )
    if lines.damaged.is_empty():
        return told
    cells = pl.col("text").str.split("\t")
    broken = {
        "line": pl.col("line"),
        "contig": cells.list.get(0, null_on_oob=True),
        "pos": integer(cells.list.get(1, null_on_oob=True)),
        "id": cells.list.get(2, null_on_oob=True),
        "fault": pl.concat_str("columns", pl.lit(f" columns, not {columns}")),
    }
    damaged = lines.damaged.select(
        broken.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in EVENTS.items()
    )
    return pl.concat([told, damaged]).sort("line", maintain_order=True)


def counts_of_length(text: pl.Expr) -> pl.Expr:
    """Lengths of either sign as positive whole numbers, one an ALT."""
    return numbers(text).list.eval(pl.element().abs().round().cast(pl.Int32, strict=False))


def _amount(text: str) -> pl.Expr:
    """The most of sums of counts (`DR+DV,RR+RV`; `PR:1` is the second of a list); null: unknown."""
    if not text:
        return pl.lit(None, pl.Int32)
    ways = []
    for way in text.split(","):
        terms = []
        for term in way.split("+"):
            name, _, at = term.partition(":")
            terms.append(counts(pl.col(name)).list.get(int(at or 0), null_on_oob=True))
        known = pl.any_horizontal([term.is_not_null() for term in terms])
        ways.append(pl.when(known).then(pl.sum_horizontal(terms)))
    return pl.max_horizontal(ways)


def _first(text: str) -> pl.Expr:
    """The first of some fields that is a number of at least zero."""
    if not text:
        return pl.lit(None, pl.Float64)
    values = [number(pl.col(name)) for name in text.split(",")]
    return pl.coalesce(pl.when(value >= 0).then(value) for value in values)


def _ratio(text: str) -> pl.Expr:
    """log2 of the depth ratio, stated as such (`log2:`) or as the ratio itself."""
    if not text:
        return pl.lit(None, pl.Float64)
    value = number(pl.col(text.removeprefix("log2:")))
    return value if text.startswith("log2:") else pl.when(value > 0).then(value.log(2))


def _reach(name: str) -> pl.Expr:
    """The wider side of a confidence interval, in bases; null where none is stated."""
    sides = [numbers(info(field)).list.eval(pl.element().abs()) for field in (name, f"{name}95")]
    return pl.coalesce(side.list.max() for side in sides).round().cast(pl.Int32, strict=False)


def _filters(text: pl.Expr) -> pl.Expr:
    """Names joined by `;` of the filters that failed; null where none did, or none was asked."""
    names = text.str.replace_all(",", ";", literal=True).str.split(";")
    failed = names.list.eval(pl.element().filter(~pl.element().is_in(["PASS", "", ".", "./."])))
    return pl.when(failed.list.len() > 0).then(failed.list.join(";"))


def _fault() -> pl.Expr:
    """The first thing about a record that breaks the format; null where nothing does."""
    said = {name: pl.concat_str(pl.lit(f"{name.upper()} "), name) for name in ("ref", "alts")}
    faults: Sequence[tuple[pl.Expr, pl.Expr]] = [
        (pl.col("contig") == "", pl.lit("no CHROM")),
        (pl.col("pos").is_null(), pl.lit("POS is no position")),
        (~pl.col("ref").str.contains(_REF), said["ref"]),
        (~pl.col("GT").str.contains(_GENOTYPE), pl.concat_str(pl.lit("GT "), "GT")),
        (
            pl.col("alleles").list.max() > pl.col("alts").str.count_matches(",") + 1,
            pl.concat_str(pl.lit("GT "), "GT", pl.lit(" of "), "alts"),
        ),
    ]
    return pl.coalesce(pl.when(wrong.fill_null(False)).then(text) for wrong, text in faults)
