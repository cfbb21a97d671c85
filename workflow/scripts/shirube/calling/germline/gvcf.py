"""The one form of a gVCF: called records as the caller wrote them, the rest as merged blocks.

A caller's text (from `engines`) is read in chunks, never whole. Records whose genotype holds an
ALT are kept; all others say how well a base is known to be reference and become blocks

    REF ALT=<*> END=.. GT:GQ:MIN_DP     e.g. 0/0:45:15, haploid 0:99:12, ./.:0:0

Records of chrM (`mitochondria`) have AF and AFCI besides.

A block ends where the class of its bases changes: depth band, genotype quality above or below
20, ploidy. GQ and MIN_DP of a block are the lowest in it. Which bases share a block follows from
the reads alone, never from where tiles end: see `merge_blocks`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO

import numpy as np
import polars as pl

from shirube.calling.germline.engines import DEPTH_BANDS
from shirube.errors import InputError
from shirube.genome.intervals import Interval

UNSEEN = ("<*>", "<NON_REF>")
MIN_GQ, MAX_GQ = 20, 99
CHUNK = 1 << 25
COLUMNS = ("contig", "pos", "id", "ref", "alt", "qual", "filter", "info", "format", "values")

# Lines every gVCF of ours carries; what the caller defines beyond them is added from its header.
HEADER = (
    "##fileformat=VCFv4.3",
    '##FILTER=<ID=PASS,Description="All filters passed">',
    '##ALT=<ID=*,Description="Any other allele: a block of reference">',
    '##INFO=<ID=END,Number=1,Type=Integer,Description="Last base of the block">',
    '##INFO=<ID=CALLER_FILTER,Number=.,Type=String,Description="FILTER of the file as called">',
    '##INFO=<ID=MQ,Number=1,Type=Float,Description="Mapping quality, root mean square">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality, lowest in a block">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Reads counted">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads with each allele">',
    '##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Phred likelihoods of genotypes">',
    '##FORMAT=<ID=SP,Number=1,Type=Integer,Description="Phred strand bias p">',
    '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">',
    '##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="Lowest depth in the block">',
)

# One row a record or block. `called` rows carry their VCF fields; blocks leave them null.
RECORDS = pl.Schema(
    {
        "contig": pl.String,
        "start": pl.Int32,
        "end": pl.Int32,
        "called": pl.Boolean,
        "gt": pl.String,
        "gq": pl.Int32,
        "dp": pl.Int32,
        "ref": pl.String,
        "alt": pl.String,
        "qual": pl.String,
        "info": pl.String,
        "extra": pl.String,
    }
)


def read_text(
    stream: IO[bytes], size: int = CHUNK, source: object = "VCF"
) -> Iterator[pl.DataFrame]:
    """Records of VCF text without its header, in chunks of about `size` bytes.

    Records at one position are never parted. Columns as in the file, pos Int32, others text.
    Raises InputError, naming `source`, for text that is no such table.
    """
    carry: pl.DataFrame | None = None
    while text := stream.read(size):
        table = _parse(text + stream.readline(), source)
        table = table if carry is None else pl.concat([carry, table])
        at_last = (pl.col("contig") == table["contig"][-1]) & (pl.col("pos") == table["pos"][-1])
        whole, carry = table.filter(~at_last), table.filter(at_last)
        if len(whole):
            yield whole
    if carry is not None:
        yield carry


def _parse(text: bytes, source: object) -> pl.DataFrame:
    try:
        return pl.read_csv(
            text,
            separator="\t",
            has_header=False,
            new_columns=list(COLUMNS),
            schema_overrides=[pl.String, pl.Int32, *([pl.String] * 8)],
            quote_char=None,
        )
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise InputError(source, f"VCF records of one sample ({reason})") from error


def read_header(stream: IO[bytes], source: object) -> list[str]:
    """Header lines of VCF text up to and without #CHROM; the stream then stands at its records."""
    lines: list[str] = []
    for number, raw in enumerate(stream, 1):
        try:
            line = raw.decode().rstrip("\n")
        except UnicodeDecodeError as error:
            raise InputError(source, "a header in UTF-8", f"line {number}") from error
        if line.startswith("#CHROM"):
            if line.count("\t") != 9:
                raise InputError(source, "a VCF of exactly one sample")
            return lines
        lines.append(line)
    raise InputError(source, "a VCF header with a #CHROM line")


def _format_field(name: str) -> pl.Expr:
    """One FORMAT field of the sample as text, null where absent; rows share a FORMAT."""
    return pl.col("values").str.split(":").list.get(pl.col(f"at_{name}"), null_on_oob=True)


def with_fields(table: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """`table` with FORMAT fields `names` as text columns; null where the record has none."""
    layouts = table["format"].unique().to_list()
    places = pl.DataFrame(
        [
            {
                "format": layout,
                **{f"at_{name}": words.index(name) if name in words else None for name in names},
            }
            for layout in layouts
            for words in [layout.split(":")]
        ],
        schema={"format": pl.String, **{f"at_{name}": pl.Int64 for name in names}},
    )
    joined = table.join(places, on="format", how="left", maintain_order="left")
    return joined.with_columns(_format_field(name).alias(name) for name in names).drop(
        f"at_{name}" for name in names
    )


def clip(
    table: pl.DataFrame, intervals: Sequence[Interval], first_bases: Mapping[int, str]
) -> pl.DataFrame:
    """Rows of RECORDS inside `intervals` (one contig, disjoint, sorted).

    Called rows are kept where their first base lies inside; blocks are cut at the ends.
    `first_bases` maps the start of every interval to the reference's base there: the REF of a
    block that is cut.
    """
    if not intervals:
        return table.clear()
    starts = np.array([interval.start for interval in intervals])
    ends = np.array([interval.end for interval in intervals])
    begin = table["start"].to_numpy()
    last = np.where(table["called"].to_numpy(), begin + 1, table["end"].to_numpy())
    first = np.searchsorted(ends, begin, side="right")
    after = np.searchsorted(starts, last, side="left")
    times = np.maximum(after - first, 0)
    row = np.repeat(np.arange(len(table)), times)
    within = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    which = first[row] + within
    cut = table[row].with_columns(
        pl.Series("low", starts[which]).cast(pl.Int32),
        pl.Series("high", ends[which]).cast(pl.Int32),
    )
    moved = ~pl.col("called") & (pl.col("low") > pl.col("start"))
    new = pl.col("low").replace_strict(first_bases, default=None, return_dtype=pl.String)
    return cut.with_columns(
        start=pl.when("called").then("start").otherwise(pl.max_horizontal("start", "low")),
        end=pl.when("called").then("end").otherwise(pl.min_horizontal("end", "high")),
        ref=pl.when(moved).then(new).otherwise("ref"),
    ).drop("low", "high")


def merge_blocks(chunks: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """RECORDS in order, with touching blocks of one class joined, across chunks too.

    The class of a block (depth band, quality band, genotype) is the same whether it is seen
    whole or in pieces: a run of bases without a single differing read lies in one depth band,
    and there quality grows with depth alone; every other base is a row of its own.
    """
    pending: pl.DataFrame | None = None
    for chunk in chunks:
        table = chunk if pending is None else pl.concat([pending, chunk])
        if table.is_empty():
            continue
        joined = _joined(table)
        if joined["called"][-1]:
            pending = None
            yield joined
        else:
            pending = joined[-1:]
            yield joined[:-1]
    if pending is not None:
        yield pending


def _joined(table: pl.DataFrame) -> pl.DataFrame:
    follows = pl.col("start").shift(-1)
    same = pl.col("contig") == pl.col("contig").shift(-1)
    table = table.with_columns(
        end=pl.when(~pl.col("called") & same & (follows < pl.col("end")))
        .then(follows)
        .otherwise("end")
    ).filter(pl.col("called") | (pl.col("start") < pl.col("end")))
    depth = pl.col("dp").fill_null(0)
    band = pl.sum_horizontal((depth >= edge).cast(pl.Int8) for edge in DEPTH_BANDS[1:])
    state = pl.struct("contig", "gt", band.alias("band"), (pl.col("gq") >= MIN_GQ).alias("sure"))
    new = (
        pl.col("called")
        | pl.col("called").shift()
        | (state != state.shift())
        | (pl.col("start") != pl.col("end").shift())
    ).fill_null(True)
    return (
        table.with_columns(run=new.cum_sum())
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("contig", "start").first(),
            pl.col("end").last(),
            pl.col("called", "gt").first(),
            pl.col("gq", "dp").min(),
            pl.col("ref", "alt", "qual", "info", "extra").first(),
        )
        .select(RECORDS.names())
    )


def text(table: pl.DataFrame) -> bytes:
    """RECORDS as VCF lines."""
    one = pl.lit(".")
    end = pl.concat_str(pl.lit("END="), "end")
    block = pl.concat_str(
        pl.lit("GT:GQ:MIN_DP\t"), "gt", pl.lit(":"), "gq", pl.lit(":"), pl.col("dp").fill_null(0)
    )
    mixed = pl.col("extra").str.count_matches(":") > 3
    fraction = pl.when(mixed).then(pl.lit(":AF:AFCI\t")).otherwise(pl.lit("\t"))
    call = pl.concat_str(
        pl.lit("GT:GQ:DP:AD:PL:SP:PS"), fraction, "gt", pl.lit(":"), "gq", pl.lit(":"), "dp",
        pl.lit(":"), "extra",
    )  # fmt: skip
    lines = table.select(
        "contig",
        pl.col("start") + 1,
        one.alias("id"),
        "ref",
        pl.when("called").then("alt").otherwise(pl.lit("<*>")).alias("alt"),
        pl.when("called").then("qual").otherwise(one).alias("qual"),
        one.alias("filter"),
        pl.when("called").then("info").otherwise(end).alias("info"),
        pl.when("called").then(call).otherwise(block).alias("values"),
    )
    return lines.write_csv(separator="\t", include_header=False, quote_style="never").encode()


def own_records(table: pl.DataFrame) -> pl.DataFrame:
    """RECORDS from text that `text` wrote: the inverse of it."""
    block = pl.col("alt") == "<*>"
    values = pl.col("values").str.splitn(":", 4)
    return table.select(
        "contig",
        start=pl.col("pos") - 1,
        end=pl.when(block)
        .then(pl.col("info").str.extract(r"^END=(\d+)").cast(pl.Int32))
        .otherwise(pl.col("pos") - 1 + pl.col("ref").str.len_bytes()),
        called=~block,
        gt=values.struct.field("field_0"),
        gq=values.struct.field("field_1"),
        dp=values.struct.field("field_2"),
        ref="ref",
        alt=pl.when(~block).then("alt"),
        qual=pl.when(~block).then("qual"),
        info=pl.when(~block).then("info"),
        extra=pl.when(~block).then(values.struct.field("field_3")),
    ).cast(RECORDS)


def definitions(lines: Sequence[str]) -> list[str]:
    """The INFO, FORMAT, FILTER and ALT lines of a header: what may be carried into another."""
    kinds = ("##INFO=", "##FORMAT=", "##FILTER=", "##ALT=")
    return [line for line in lines if line.startswith(kinds)]


def header(lines: Sequence[str], contigs: dict[str, int], sample: str) -> bytes:
    """A VCF header: our lines, `lines` that define something else, contigs, one `sample`."""
    seen = {line.split(",")[0] for line in HEADER}
    more = []
    for line in lines:
        key = line.split(",")[0]
        if key not in seen:
            seen.add(key)
            more.append(line)
    names = [f"##contig=<ID={name},length={length}>" for name, length in contigs.items()]
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + sample
    return ("\n".join([*HEADER, *more, *names, columns]) + "\n").encode()
