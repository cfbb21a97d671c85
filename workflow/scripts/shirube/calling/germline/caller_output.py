"""What a caller wrote, as rows of one form: called genotypes, and how sure the rest is reference.

Genotype quality, of blocks and calls alike, is the second lowest PL less the lowest (0 if the
called genotype is not the likeliest), at most 99: the definition GATK uses.
"""

import re
from collections.abc import Sequence

import polars as pl

from shirube.calling.germline import gvcf


def per_allele_fields(lines: Sequence[str]) -> list[str]:
    """INFO fields of a header that hold one value an ALT, allele or genotype."""
    found = (re.match(r"##INFO=<ID=([^,]+),Number=([ARG]),", line) for line in lines)
    return [match[1] for match in found if match]


def _numbers(name: str) -> pl.Expr:
    return pl.col(name).str.split(",").cast(pl.List(pl.Int32), strict=False)


def genotype_quality(likelihoods: pl.Expr, genotype: pl.Expr) -> pl.Expr:
    """GQ from a list of PL and the index of the called genotype in it; null without PL."""
    ordered = likelihoods.list.sort()
    best, second = ordered.list.first(), ordered.list.get(1, null_on_oob=True)
    called = likelihoods.list.get(genotype, null_on_oob=True)
    return pl.when(called == best).then((second - best).clip(0, gvcf.MAX_GQ)).otherwise(0)


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


def _likelihoods(copies: int) -> pl.Expr:
    """PL of a record; from GL, or of a base without genotype from its depth and qualities.

    freebayes gives uncalled bases no likelihoods but DP and the summed qualities of other bases
    (QA): a heterozygote would cost a factor of two a read, a reference genotype QA.
    """
    scaled = pl.col("GL").str.split(",").cast(pl.List(pl.Float64), strict=False)
    from_gl = (scaled * -10).list.eval(pl.element().round()).cast(pl.List(pl.Int32))
    other = pl.col("QA").cast(pl.Float64, strict=False).fill_null(0)
    half = pl.col("QR").cast(pl.Float64, strict=False)
    if copies == 2:
        half = pl.min_horizontal(half, pl.col("DP").cast(pl.Float64, strict=False) * 3.0103)
    bare = pl.concat_list(pl.lit(0.0), (half - other).round()).cast(pl.List(pl.Int32))
    return pl.coalesce(_numbers("PL"), from_gl, pl.when(pl.col("QR").is_not_null()).then(bare))


def haploid(table: pl.DataFrame) -> pl.DataFrame:
    """`table` (GT text, PL list, alt) with genotypes of two equal alleles as one allele's.

    For callers that know two copies only. The allele is the likeliest of those that fill both; a
    genotype without likelihoods keeps its allele if both are one, and is not called otherwise.
    """
    words = pl.col("GT").str.replace("|", "/", literal=True).str.split("/")
    diploid = words.list.len() == 2
    alleles = pl.int_ranges(pl.col("alt").str.split(",").list.len() + 1)
    places = alleles.list.eval(pl.element() * (pl.element() + 3) // 2)
    single = pl.col("PL").list.gather(places, null_on_oob=True)
    single = (single - single.list.min()).cast(pl.List(pl.Int32))
    known = pl.col("PL").is_not_null() & ~pl.col("GT").str.contains(".", literal=True)
    agreed = pl.when(words.list.n_unique() == 1).then(words.list.first()).otherwise(pl.lit("."))
    return table.with_columns(
        GT=pl.when(diploid & known)
        .then(single.list.arg_min().cast(pl.String))
        .when(diploid)
        .then(agreed)
        .otherwise("GT"),
        PL=pl.when(diploid & known).then(single).otherwise("PL"),
    )


def records(
    table: pl.DataFrame, copies: int = 2, per_allele: Sequence[str] = ("AC",)
) -> pl.DataFrame:
    """Caller's records of one contig (columns of `read_text`) as gvcf.RECORDS, sorted by position.

    Not called: one row a position or block, GQ the lowest of the records there; rows that begin
    where a called record begins are left out, so that blocks and calls never share a first base.
    A base an engine lists without a genotype (freebayes) has `copies` of the reference.
    INFO fields in `per_allele` are dropped: they count ALTs that may be gone.
    """
    names = ["GT", "PL", "DP", "MIN_DP", "AD", "SP", "PS", "GL", "QA", "QR"]
    fields = gvcf.with_fields(table, names)
    absent = pl.lit("0/0" if copies == 2 else "0")
    unseen = pl.col("alt").is_in(gvcf.UNSEEN)
    fields = fields.with_columns(
        GT=pl.when(pl.col("GT").is_null() & unseen).then(absent).otherwise("GT")
    )
    fields = fields.with_columns(PL=_likelihoods(copies))
    if copies == 1:
        fields = haploid(fields)
    low, high, single = _alleles()
    end = pl.col("info").str.extract(r"(?:^|;)END=(\d+)").cast(pl.Int32)
    indel = pl.col("info").str.starts_with("INDEL")
    last = pl.col("pos") - 1 + pl.col("ref").str.len_bytes().cast(pl.Int32)
    fields = fields.with_row_index("index").with_columns(
        low=low,
        high=high,
        haploid=single,
        start=pl.col("pos") - 1,
        end=end.fill_null(last),
        AD=_numbers("AD"),
        DP=pl.col("DP").cast(pl.Int32, strict=False),
        MIN_DP=pl.col("MIN_DP").cast(pl.Int32, strict=False),
        indel=indel,
    )
    called = fields.filter(pl.col("high") > 0)
    blocks = _reference_rows(fields.filter(pl.col("high").fill_null(0) == 0), called)
    calls = _called_rows(called, per_allele)
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
            dp=pl.coalesce("MIN_DP", "DP"),
            ref=pl.col("ref").str.slice(0, 1),
        )
        .group_by("start", maintain_order=True)
        .agg(pl.col("contig", "end", "gt", "dp", "ref").first(), pl.col("gq").min())
        .join(called.select("start"), on="start", how="anti", maintain_order="left")
    )
    return single.with_columns(
        pl.lit(False).alias("called"),
        *(pl.lit(None, pl.String).alias(name) for name in ("alt", "qual", "info", "extra")),
    ).select(pl.col(name).cast(dtype) for name, dtype in gvcf.RECORDS.items())


def _called_rows(called: pl.DataFrame, per_allele: Sequence[str]) -> pl.DataFrame:
    columns = ["index", "alt", "low", "high", "haploid", "AD", "PL"]
    trimmed = trim_alts(called.select(columns))
    # 1|0: the haplotype named first carries the ALT. Without `|` the order says nothing.
    phased = pl.col("GT").str.contains("|", literal=True)
    swapped = phased & (pl.col("GT").str.extract(r"^(\d+)\|").cast(pl.Int32) > pl.col("low"))
    rows = (
        called.with_columns(phased=phased, swapped=swapped.fill_null(False))
        .drop("alt", "low", "high", "haploid", "AD", "PL")
        .join(trimmed, on="index", how="left", maintain_order="left")
    )
    place = pl.col("high") * (pl.col("high") + 1) // 2 + pl.col("low")
    genotype = pl.when("haploid").then(pl.col("high")).otherwise(place)
    first = pl.when("swapped").then("high").otherwise("low")
    second = pl.when("swapped").then("low").otherwise("high")
    slash = pl.when("phased").then(pl.lit("|")).otherwise(pl.lit("/"))

    def text(name: str) -> pl.Expr:
        return pl.col(name).cast(pl.List(pl.String)).list.join(",").fill_null(".")

    other = (pl.col(name).fill_null(".") for name in ("SP", "PS"))
    # A caller that filters by itself (DeepVariant) is believed: see the rule LowQual.
    judged = (
        pl.when(pl.col("filter") == ".")
        .then(pl.lit(""))
        .otherwise(";CALLER_FILTER=" + pl.col("filter").str.replace_all(";", ",", literal=True))
    )
    extra = [text("AD"), text("PL"), *other]
    return rows.with_columns(
        called=pl.lit(True),
        end=pl.col("start") + pl.col("ref").str.len_bytes(),
        gq=genotype_quality(pl.col("PL"), genotype),
        gt=pl.when("haploid")
        .then(pl.col("high").cast(pl.String))
        .otherwise(pl.concat_str(first, slash, second)),
        dp=pl.col("DP"),
        info=(pl.col("info").replace(".", "") + judged)
        .str.replace_all(rf"(^|;)({'|'.join(['AN', *per_allele])})=[^;]*", "")
        .str.strip_chars(";")
        .replace("", "."),
        extra=pl.concat_str(extra, separator=":"),
    ).select(pl.col(name).cast(dtype) for name, dtype in gvcf.RECORDS.items())
