"""Records of any caller's file in one form, one row a record: RECORDS; and an ALT: `by_allele`.

A record that breaks the format keeps its row, with `fault` saying what is wrong: nothing is lost
on the way in, and nothing is guessed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shirube.errors import InputError
from shirube.intake import counts
from shirube.intake.dialects import Dialect, dialect_of
from shirube.intake.fields import info, integer, named_by, number, numbers, with_format, with_info
from shirube.intake.header import Header
from shirube.intake.text import Lines, chunks, header_of, opened, read_header

UNSEEN = ("<*>", "<NON_REF>", "<X>", "X")
MOST_QUALITY = 32767
_GENOTYPE = r"^[/|]?(\.|\d+)([/|](\.|\d+))*$"
_REF = "^[ACGTNRYSWKMBDHV]+$"
_SMALL = "^[ACGTN]+$"
# Symbolic and spanning alleles, breakends with a mate and single ones.
_NO_SEQUENCE = (
    r"^(<[^<>\s]+>|\*|\.|X|[^\[\]<>*,\s]*[\[\]][^\[\]]+[\[\]][^\[\]<>*,\s]*"
    r"|\.[ACGTNacgtn]+|[ACGTNacgtn]+\.)$"
)
_SHOWN = {"POS": "pos_text", "REF": "ref", "ALT": "alt_text", "GT": "GT"}
_FIELDS = (
    *("GT", "GQ", "GQX", "RGQ", "PL", "FT", "PS", "PGT", "PID", "SP", "LEN"),
    *counts.FORMAT,
)
_INFO = ("END", *counts.INFO)

# genotype: alleles by number, null for `.`; null where the record has none. reads: of the
# reference and each ALT. quality of the genotype. phase_set: its name, whatever its type. filter:
# PASS, names joined by `;`, or null for `.`; ft the same of the sample. end: last base of a block.
RECORDS: dict[str, pl.DataType | type[pl.DataType]] = {
    "line": pl.Int64,
    "contig": pl.String,
    "pos": pl.Int32,
    "id": pl.String,
    "ref": pl.String,
    "alts": pl.List(pl.String),
    "qual": pl.Float64,
    "filter": pl.String,
    "ft": pl.String,
    "info": pl.String,
    "genotype": pl.List(pl.Int32),
    "phased": pl.Boolean,
    "quality": pl.Int32,
    "depth": pl.Int32,
    "reads": pl.List(pl.Int32),
    "likelihoods": pl.List(pl.Int32),
    "phase_set": pl.String,
    "phased_text": pl.String,
    "strand_phred": pl.Float64,
    "allele_filter": pl.String,
    "normal_reads": pl.List(pl.Int32),
    "normal_depth": pl.Int32,
    "block": pl.Boolean,
    "end": pl.Int32,
    "fault": pl.String,
}


@dataclass(frozen=True)
class Source:
    """One sample column of one file: its header, its dialect, the column's number (None: none)."""

    path: str
    header: Header
    dialect: Dialect
    column: int | None

    @classmethod
    def of(cls, path: str | Path, sample: str | None) -> "Source":
        """The column named `sample`; None for a file without samples, or of a single one."""
        header = header_of(path)
        if sample is None and len(header.samples) > 1:
            known = ", ".join(header.samples)
            raise InputError(path, f"one sample column, or sample_in_file to name it among {known}")
        if sample is not None and sample not in header.samples:
            known = ", ".join(header.samples) or "none"
            raise InputError(path, f"a sample column {sample}; found {known}")
        column = header.samples.index(sample) if sample is not None else None
        if sample is None and header.samples:
            column = 0
        return cls(str(path), header, dialect_of(header), column)

    @classmethod
    def sites(cls, path: str | Path) -> "Source":
        """The records of a file whatever its samples: no column is looked at."""
        header = header_of(path)
        return cls(str(path), header, dialect_of(header), None)

    def records(self, size: int | None = None) -> Iterator[pl.DataFrame]:
        """RECORDS in the file's order, in stretches; damaged lines among them."""
        sizes = {} if size is None else {"size": size}
        with opened(self.path) as stream:
            read_header(stream, self.path)
            for lines in chunks(stream, self.header, self.path, self.column, **sizes):
                yield understood(lines, self.header, self.dialect)


def understood(lines: Lines, header: Header, dialect: Dialect) -> pl.DataFrame:
    """RECORDS of a stretch of text."""
    rows = _columns(lines.records, header, dialect)
    rows = rows.with_columns(fault=_fault(rows)).select(
        pl.col(name).cast(dtype) for name, dtype in RECORDS.items()
    )
    if lines.damaged.is_empty():
        return rows
    return pl.concat([rows, _damaged(lines.damaged, header)]).sort("line")


def _columns(table: pl.DataFrame, header: Header, dialect: Dialect) -> pl.DataFrame:
    alone = len(header.samples) <= 1
    there = named_by(table["format"].unique().drop_nulls())
    rows = with_info(with_format(table, _FIELDS), [*_INFO, *dialect.of_info])
    upper = pl.element().str.to_uppercase()
    plain = upper.str.contains(_SMALL)
    alts = pl.col("alt").str.split(",").list.eval(
        pl.when(plain).then(upper).otherwise(pl.element())
    )  # fmt: skip
    stated = dialect.site_filter.startswith("INFO/")
    site_filter = pl.col(dialect.site_filter if stated else "filter")
    rows = rows.with_columns(
        alt_text=pl.col("alt"),
        pos_text=pl.col("pos"),
        pos=integer(pl.when(pl.col("pos").str.contains(r"^\d+$")).then("pos")),
        ref=pl.col("ref").str.to_uppercase(),
        alts=pl.when(pl.col("alt").is_in([".", ""])).then(pl.lit([], pl.List(pl.String)))
        .otherwise(alts),
        qual=number(pl.col("qual")),
        filter=_filters(site_filter),
        ft=_filters(pl.col("FT")),
        well_formed=pl.col("GT").str.contains(_GENOTYPE),
        genotype=pl.when(pl.col("GT").str.contains(_GENOTYPE)).then(
            pl.col("GT").str.replace(r"^[/|]", "").str.replace_all("|", "/", literal=True)
            .str.split("/").list.eval(pl.element().cast(pl.Int32, strict=False))
        ),
        phased=pl.col("GT").str.contains("|", literal=True)
        & ~pl.col("GT").str.contains("/", literal=True),
        likelihoods=numbers(pl.col("PL")).list.eval(
            pl.element().round().cast(pl.Int32, strict=False)
        ),
        strand_phred=number(pl.col("SP")),
        allele_filter=pl.col(dialect.allele_filter)
        if dialect.allele_filter
        else pl.lit(None, pl.String),
        too_many=pl.col("values").str.count_matches(":") > pl.col("format").str.count_matches(":"),
    )  # fmt: skip
    rows = rows.with_columns(
        reads=counts.reads(dialect.reads, there),
        normal_reads=counts.beside(dialect.normal)[0],
        normal_depth=counts.beside(dialect.normal)[1],
        block=pl.col("alts").list.set_difference([*UNSEEN, "."]).list.len() == 0,
    )
    rows = _local(rows)
    stated_end = pl.coalesce(integer(info("END")), pl.col("pos") - 1 + integer(pl.col("LEN")))
    return rows.with_columns(
        end=pl.when("block").then(
            pl.coalesce(stated_end, pl.col("pos") - 1 + pl.col("ref").str.len_bytes())
        ),
        depth=pl.coalesce(
            pl.when("block").then(_least_depth(alone)), counts.depth(dialect.depth, alone)
        ),
        quality=pl.when("block")
        .then(_quality(dialect.reference_quality))
        .otherwise(_quality(dialect.quality)),
        phase_set=pl.coalesce("PS", "PID"),
        phased_text="PGT",
    )


def _filters(text: pl.Expr) -> pl.Expr:
    """PASS, names joined by `;`, or null where the filter is `.`."""
    names = (
        text.str.replace_all(",", ";", literal=True)
        .str.split(";")
        .list.eval(pl.element().filter(~pl.element().is_in(["PASS", ""])))
    )
    unjudged = text.is_in([".", "", "./."])
    return pl.when(~unjudged).then(
        pl.when(names.list.len() > 0).then(names.list.join(";")).otherwise(pl.lit("PASS"))
    )


def _least_depth(alone: bool) -> pl.Expr:
    """Lowest depth in a block."""
    stated = [integer(pl.col("MIN_DP"))]
    stated += [integer(info("MIN_DP")), integer(info("MinDP"))] if alone else []
    return pl.coalesce(stated)


def _quality(names: Sequence[str]) -> pl.Expr:
    """Quality of the genotype by the first of `names`; from PL: the second lowest's distance."""
    lowest = pl.col("likelihoods").list.sort()
    distance = lowest.list.get(1, null_on_oob=True) - lowest.list.first()
    called = pl.col("likelihoods").list.get(_place(), null_on_oob=True)
    by_pl = pl.when(called == lowest.list.first()).then(distance).otherwise(0).clip(0, 99)
    known = pl.col("likelihoods").list.len() > 1
    ways = [
        pl.when(known).then(by_pl) if name == "PL" else integer(pl.col(name), MOST_QUALITY)
        for name in names
    ]
    return pl.coalesce(*ways, pl.lit(None, pl.Int32)).cast(pl.Int32)


def _place() -> pl.Expr:
    """Index of the called genotype among the likelihoods of one or two copies."""
    low, high = pl.col("genotype").list.min(), pl.col("genotype").list.max()
    return pl.when(pl.col("genotype").list.len() == 1).then(high).otherwise(
        high * (high + 1) // 2 + low
    )  # fmt: skip


def _local(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with reads from LAD, which counts the alleles that LAA names (VCF 4.5) alone."""
    local = pl.col("reads").is_null() & pl.col("LAD").is_not_null()
    some = rows.select(
        "line", n=pl.col("alts").list.len(), laa=pl.col("LAA"), lad=pl.col("LAD"), local=local
    )
    some = some.filter("local")
    if some.is_empty():
        return rows
    index = pl.col("laa").fill_null("").str.split(",").list.eval(
        pl.element().cast(pl.Int32, strict=False).drop_nulls()
    )  # fmt: skip
    named = some.with_columns(
        number=pl.concat_list(pl.lit(0, pl.Int32), index), count=counts.counts(pl.col("lad"))
    ).filter(pl.col("number").list.len() == pl.col("count").list.len())
    stated = named.explode("number", "count").select("line", "number", "count")
    every = named.select("line", number=pl.int_ranges(0, pl.col("n") + 1, dtype=pl.Int32))
    found = (
        every.explode("number")
        .join(stated, on=["line", "number"], how="left", maintain_order="left")
        .group_by("line", maintain_order=True)
        .agg(local_reads=pl.col("count").fill_null(0))
    )
    joined = rows.join(found, on="line", how="left", maintain_order="left")
    return joined.with_columns(reads=pl.coalesce("reads", "local_reads")).drop("local_reads")


def _fault(rows: pl.DataFrame) -> pl.Expr:
    """The first thing about a record that breaks the format; null where nothing does."""
    small = pl.element().str.contains(_SMALL)
    odd = pl.col("alts").list.eval(~(small | pl.element().str.contains(_NO_SEQUENCE)))
    missing = pl.col("alts").list.contains(".") & (pl.col("alts").list.len() > 0)
    highest = pl.col("genotype").list.max()

    def shown(name: str, most: int = 20) -> pl.Expr:
        return pl.concat_str(pl.lit(name), pl.lit(" "), said[name].str.slice(0, most))

    said = {name: pl.col(column) for name, column in _SHOWN.items()}
    n = pl.col("alts").list.len()
    faults = [
        (pl.col("contig") == "", pl.lit("no CHROM")),
        (pl.col("pos").is_null(), shown("POS")),
        (~pl.col("ref").str.contains(_REF), shown("REF")),
        (odd.list.any() | missing, shown("ALT", 40)),
        (~pl.col("well_formed"), shown("GT")),
        (highest > n, pl.concat_str(pl.lit("GT "), "GT", pl.lit(" of "), n, pl.lit(" ALT"))),
        (pl.col("too_many"), pl.lit("more values than FORMAT names")),
        (pl.col("block") & (pl.col("end") < pl.col("pos")), pl.lit("END before POS")),
    ]  # fmt: skip
    found = [pl.when(wrong.fill_null(False)).then(said) for wrong, said in faults]
    return pl.coalesce(found)


def _damaged(lines: pl.DataFrame, header: Header) -> pl.DataFrame:
    """RECORDS of lines that are not `header.columns` columns wide."""
    cells = pl.col("text").str.split("\t")
    known = {
        "line": pl.col("line"),
        "contig": cells.list.get(0, null_on_oob=True),
        "pos": integer(cells.list.get(1, null_on_oob=True)),
        "fault": pl.concat_str("columns", pl.lit(f" columns, not {header.columns}")),
    }
    return lines.select(
        known.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in RECORDS.items()
    ).with_columns(block=pl.lit(False))


def places(rows: pl.DataFrame) -> range:
    """Places of the longest genotype."""
    longest = rows.select(pl.col("genotype").list.len().max()).item()
    return range(longest or 0)


def by_allele(rows: pl.DataFrame) -> pl.DataFrame:
    """RECORDS with one row an ALT that is an allele of its own (no unseen one); `*` stays.

    Adds alt, number (1 for the first), dosage (copies in the genotype; null without one), copies
    (alleles of the genotype; null where one is `.`), ad_ref, ad_alt, and own_filter: the filter of
    this ALT alone, null where the file has none.
    """
    split = (
        rows.with_columns(
            alt=pl.col("alts"), number=pl.int_ranges(1, pl.col("alts").list.len() + 1)
        )
        .explode("alt", "number")
        .filter(
            pl.col("fault").is_not_null() | ~pl.col("alt").is_in([*UNSEEN, "."]).fill_null(True)
        )
    )
    called = pl.col("genotype").list.drop_nulls().list.len()
    same = [
        pl.col("genotype").list.get(place, null_on_oob=True) == pl.col("number")
        for place in places(rows)
    ]
    copies = pl.sum_horizontal([pl.lit(0), *(one.fill_null(False) for one in same)])
    entry = pl.col("allele_filter").str.split("|").list.get(pl.col("number") - 1, null_on_oob=True)
    entry = entry.str.strip_chars().str.replace_all(",", ";", literal=True)
    kept = entry.is_in(["SITE", "PASS", ".", ""])
    return split.with_columns(
        dosage=pl.when(called > 0).then(copies).cast(pl.Int8),
        copies=pl.when(called == pl.col("genotype").list.len())
        .then(pl.col("genotype").list.len())
        .cast(pl.Int8),
        ad_ref=pl.col("reads").list.get(0, null_on_oob=True),
        ad_alt=pl.col("reads").list.get(pl.col("number"), null_on_oob=True),
        own_filter=pl.when(kept).then(pl.lit("PASS")).otherwise(entry),
    )
