"""The one form of a gVCF: called records as the caller wrote them, the rest as merged blocks.

A caller's text (from `engines`) is read in chunks, never whole. Records whose genotype holds an
ALT are kept; all others say how well a base is known to be reference and become blocks

    REF ALT=<*> END=.. GT:GQ:MIN_DP     e.g. 0/0:45:15, haploid 0:99:12, ./.:0:0

A block ends where the class of its bases changes: depth band, genotype quality above or below
20, ploidy. GQ and MIN_DP of a block are the lowest in it. Which bases share a block follows from
the reads alone, never from where tiles end: see `merge_blocks`.

Genotype quality, of blocks and calls alike, is the second lowest PL less the lowest (0 if the
called genotype is not the likeliest), at most 99: the definition GATK uses.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO

import numpy as np
import polars as pl

from shirube.calling.engines import DEPTH_BANDS
from shirube.errors import InputError
from shirube.regions import Interval

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
    '##INFO=<ID=MQ,Number=1,Type=Float,Description="Mapping quality, root mean square">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality, lowest in a block">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Reads counted">',
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


def read_text(stream: IO[bytes], size: int = CHUNK) -> Iterator[pl.DataFrame]:
    """Records of VCF text without its header, in chunks of about `size` bytes.

    Records at one position are never parted. Columns as in the file, pos Int32, others text.
    """
    carry: pl.DataFrame | None = None
    while text := stream.read(size):
        table = _parse(text + stream.readline())
        table = table if carry is None else pl.concat([carry, table])
        at_last = (pl.col("contig") == table["contig"][-1]) & (pl.col("pos") == table["pos"][-1])
        whole, carry = table.filter(~at_last), table.filter(at_last)
        if len(whole):
            yield whole
    if carry is not None:
        yield carry


def _parse(text: bytes) -> pl.DataFrame:
    return pl.read_csv(
        text,
        separator="\t",
        has_header=False,
        new_columns=list(COLUMNS),
        schema_overrides=[pl.String, pl.Int32, *([pl.String] * 8)],
        quote_char=None,
    )


def read_header(stream: IO[bytes], source: object) -> list[str]:
    """Header lines of VCF text up to and without #CHROM; the stream then stands at its records."""
    lines: list[str] = []
    for raw in stream:
        line = raw.decode().rstrip("\n")
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


def _numbers(name: str) -> pl.Expr:
    return pl.col(name).str.split(",").cast(pl.List(pl.Int32), strict=False)


def genotype_quality(likelihoods: pl.Expr, genotype: pl.Expr) -> pl.Expr:
    """GQ from a list of PL and the index of the called genotype in it; null without PL."""
    ordered = likelihoods.list.sort()
    best, second = ordered.list.first(), ordered.list.get(1, null_on_oob=True)
    called = likelihoods.list.get(genotype, null_on_oob=True)
    return pl.when(called == best).then((second - best).clip(0, MAX_GQ)).otherwise(0)


def _alleles() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Lower and higher allele of the genotype, and whether it is haploid; null if not called."""
    words = pl.col("GT").str.replace("|", "/", literal=True).str.split("/")
    numbers = words.cast(pl.List(pl.Int32), strict=False)
    return numbers.list.min(), numbers.list.max(), words.list.len() == 1


def trim_alts(table: pl.DataFrame) -> pl.DataFrame:
    """Drop ALTs that the genotype of a called record does not hold, with their AD and PL.

    Columns in and out: index, alt (text), low, high, haploid, AD and PL (lists), GT (text).
    """
    long = (
        table.select("index", pl.col("alt").str.split(",").alias("allele"), "low", "high", "AD")
        .with_columns(pl.concat_list(pl.lit("REF"), "allele").alias("allele"))
        .explode("allele", "AD")
        .with_columns(pl.int_range(pl.len(), dtype=pl.Int32).over("index").alias("number"))
        .with_columns(
            keep=(pl.col("number") == 0)
            | (pl.col("number") == pl.col("low"))
            | (pl.col("number") == pl.col("high"))
        )
        .with_columns(new=(pl.col("keep").cum_sum().over("index") - 1).cast(pl.Int32))
    )
    kept = long.filter("keep")
    alleles = kept.group_by("index", maintain_order=True).agg(
        pl.col("allele").slice(1).str.join(","),
        pl.col("AD"),
        pl.col("new").filter(pl.col("number") == pl.col("low")).first().alias("new_low"),
        pl.col("new").filter(pl.col("number") == pl.col("high")).first().alias("new_high"),
    )
    # PL of alleles j <= k stands at k(k+1)/2 + j; haploid, at k.
    count = table.select("index", "haploid", pl.col("PL"), pl.col("PL").list.len().alias("n"))
    exploded = count.explode("PL").with_columns(
        pl.int_range(pl.len(), dtype=pl.Int32).over("index").alias("place")
    )
    higher = ((pl.col("place") * 8 + 1).sqrt() - 1).floor().cast(pl.Int32) // 2
    exploded = exploded.with_columns(
        k=pl.when("haploid").then(pl.col("place")).otherwise(higher)
    ).with_columns(
        j=pl.when("haploid")
        .then(pl.col("k"))
        .otherwise(pl.col("place") - pl.col("k") * (pl.col("k") + 1) // 2)
    )
    keys = kept.select("index", "number")
    likelihoods = (
        exploded.join(keys, left_on=["index", "k"], right_on=["index", "number"], how="semi")
        .join(keys, left_on=["index", "j"], right_on=["index", "number"], how="semi")
        .sort("index", "place")
        .group_by("index", maintain_order=True)
        .agg("PL")
    )
    return (
        table.drop("AD", "PL", "alt")
        .join(alleles.rename({"allele": "alt"}), on="index", how="left", maintain_order="left")
        .join(likelihoods, on="index", how="left", maintain_order="left")
        .with_columns(low=pl.col("new_low"), high=pl.col("new_high"))
        .drop("new_low", "new_high")
    )


def records(table: pl.DataFrame) -> pl.DataFrame:
    """Caller's records (columns of `read_text`) as RECORDS, sorted by position.

    Not called: one row a position or block, GQ the lowest of the records there; rows that begin
    where a called record begins are left out, so that blocks and calls never share a first base.
    """
    fields = with_fields(table, ["GT", "PL", "DP", "AD", "SP"])
    low, high, haploid = _alleles()
    end = pl.col("info").str.extract(r"(?:^|;)END=(\d+)").cast(pl.Int32)
    indel = pl.col("info").str.starts_with("INDEL")
    fields = fields.with_row_index("index").with_columns(
        low=low,
        high=high,
        haploid=haploid,
        start=pl.col("pos") - 1,
        end=end.fill_null(pl.col("pos")),
        PL=_numbers("PL"),
        AD=_numbers("AD"),
        DP=pl.col("DP").cast(pl.Int32, strict=False),
        indel=indel,
    )
    called = fields.filter(pl.col("high") > 0)
    blocks = _reference_rows(fields.filter(pl.col("high").fill_null(0) == 0), called)
    calls = _called_rows(called)
    return pl.concat([blocks, calls]).sort("start", pl.col("called").not_(), maintain_order=True)


def _reference_rows(rows: pl.DataFrame, called: pl.DataFrame) -> pl.DataFrame:
    quality = genotype_quality(pl.col("PL"), pl.lit(0))
    missing = pl.col("low").is_null()
    rows = rows.with_columns(
        gq=pl.when(missing | pl.col("PL").is_null()).then(0).otherwise(quality),
        gt=pl.when(missing & pl.col("haploid"))
        .then(pl.lit("."))
        .when(missing)
        .then(pl.lit("./."))
        .when("haploid")
        .then(pl.lit("0"))
        .otherwise(pl.lit("0/0")),
    )
    # A candidate indel called reference lowers how sure the base before it is of its reference;
    # where that base lies in a block, `_joined` cuts it off the block's end.
    single = (
        rows.sort("start", "indel", maintain_order=True)
        .with_columns(
            end=pl.when("indel").then(pl.col("start") + 1).otherwise("end"),
            dp=pl.col("DP"),
            ref=pl.col("ref").str.slice(0, 1),
        )
        .group_by("start", maintain_order=True)
        .agg(pl.col("contig", "end", "gt", "dp", "ref").first(), pl.col("gq").min())
        .join(called.select("start"), on="start", how="anti", maintain_order="left")
    )
    return single.with_columns(
        pl.lit(False).alias("called"),
        *(pl.lit(None, pl.String).alias(name) for name in ("alt", "qual", "info", "extra")),
    ).select(pl.col(name).cast(dtype) for name, dtype in RECORDS.items())


def _called_rows(called: pl.DataFrame) -> pl.DataFrame:
    columns = ["index", "alt", "low", "high", "haploid", "AD", "PL"]
    trimmed = trim_alts(called.select(columns))
    rows = called.drop("alt", "low", "high", "haploid", "AD", "PL").join(
        trimmed, on="index", how="left", maintain_order="left"
    )
    place = pl.col("high") * (pl.col("high") + 1) // 2 + pl.col("low")
    genotype = pl.when("haploid").then(pl.col("high")).otherwise(place)

    def text(name: str) -> pl.Expr:
        return pl.col(name).cast(pl.List(pl.String)).list.join(",")

    return rows.with_columns(
        called=pl.lit(True),
        end=pl.col("start") + pl.col("ref").str.len_bytes(),
        gq=genotype_quality(pl.col("PL"), genotype),
        gt=pl.when("haploid")
        .then(pl.col("high").cast(pl.String))
        .otherwise(pl.concat_str("low", pl.lit("/"), "high")),
        dp=pl.col("DP"),
        info=pl.col("info").str.replace_all(r"(?:^|;)A[CN]=[^;]*", ""),
        extra=pl.concat_str(text("AD"), pl.lit(":"), text("PL"), pl.lit(":"), pl.col("SP")),
    ).select(pl.col(name).cast(dtype) for name, dtype in RECORDS.items())


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
    call = pl.concat_str(
        pl.lit("GT:GQ:DP:AD:PL:SP\t"), "gt", pl.lit(":"), "gq", pl.lit(":"), "dp", pl.lit(":"),
        "extra",
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
