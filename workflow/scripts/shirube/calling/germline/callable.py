"""Where a person's genotype, or a tumour's reads, could be judged: merged intervals.

Normal samples: bases whose record or block passes the genotype rule (gnomAD's `adj`). Tumours:
bases with enough usable reads. A base that is not callable is never "negative".
"""

import gzip
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from shirube.calling.germline import gvcf
from shirube.files import whole
from shirube.genome.alleles import canonical_names
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.intervals import Interval, intersection, merged, subtraction
from shirube.genome.regions import read_bed
from shirube.tools import piped


def record_spans(
    table: pl.DataFrame, rule: GenotypeRule, aliases: dict[str, str] | None = None
) -> pl.DataFrame:
    """Spans of gVCF records (columns of `gvcf.read_text`): contig, start, end, called, passes.

    A record covers END, or the bases of its REF; `called` is true where its genotype holds an
    ALT. Depth is MIN_DP where a block states it. On chrM the balance of alleles is a result, not a
    fault, and the haploid depth is asked.
    """
    rows = gvcf.with_fields(table, ["GT", "GQ", "DP", "MIN_DP", "AD", "FT"])
    alleles = (
        pl.col("GT").str.replace_all("|", "/", literal=True).str.split("/")
        .cast(pl.List(pl.Int32), strict=False)
    )  # fmt: skip
    end = pl.col("info").str.extract(r"(?:^|;)END=(\d+)").cast(pl.Int32)
    rows = rows.with_columns(
        alleles=alleles,
        depth=pl.coalesce("MIN_DP", "DP").cast(pl.Int32, strict=False),
        ad=pl.col("AD").str.split(",").cast(pl.List(pl.Float64), strict=False),
        start=pl.col("pos") - 1,
        end=end.fill_null(pl.col("pos") - 1 + pl.col("ref").str.len_bytes().cast(pl.Int32)),
    )
    low, high = pl.col("alleles").list.min(), pl.col("alleles").list.max()
    mixed = pl.col("contig").is_in(
        [n for n, chrom in canonical_names(aliases).items() if chrom == "chrM"]
    )
    haploid = mixed | (pl.col("alleles").list.len() == 1)
    enough = pl.when(haploid).then(rule.min_dp_haploid).otherwise(rule.min_dp)
    balance = pl.col("ad").list.get(high, null_on_oob=True) / pl.col("depth")
    balanced = mixed | (low == high) | (balance >= rule.min_ab).fill_null(True)
    known = ~pl.col("alleles").list.eval(pl.element().is_null()).list.any()
    return rows.select(
        "contig",
        "start",
        "end",
        called=(high > 0).fill_null(False),
        passes=(
            known
            & pl.col("FT").is_in(["PASS", "."]).fill_null(True)
            & (pl.col("GQ").cast(pl.Float64, strict=False) >= rule.min_gq)
            & (pl.col("depth") >= enough)
            & balanced
        ).fill_null(False),
    )


def spans(table: pl.DataFrame) -> list[Interval]:
    """Sorted union of the rows (contig, start, end) of `table`."""
    ordered = table.sort("contig", "start", "end")
    reach = pl.col("end").cum_max().shift().over("contig")
    joined = (
        ordered.with_columns(run=((pl.col("start") > reach).fill_null(True)).cum_sum())
        .group_by("contig", "run", maintain_order=True)
        .agg(pl.col("start").min(), pl.col("end").max())
    )
    return [Interval(*row) for row in joined.select("contig", "start", "end").iter_rows()]


def genotyped(
    path: str | Path,
    column: str,
    rule: GenotypeRule,
    regions: Sequence[Interval],
    aliases: dict[str, str] | None = None,
) -> list[Interval]:
    """Callable intervals of one sample column of a gVCF, inside `regions`.

    The first base of a called record that fails is not callable, whatever else covers it.
    """
    good: list[Interval] = []
    bad: list[Interval] = []
    with piped(["bcftools", "view", "--no-version", "-H", "-s", column, path]) as stream:
        for chunk in gvcf.read_text(stream, source=path):
            rows = record_spans(chunk, rule, aliases)
            good += spans(rows.filter("passes"))
            failed = rows.filter(~pl.col("passes") & pl.col("called"))
            bad += spans(failed.with_columns(end=pl.col("start") + 1))
    return intersection(subtraction(merged(good), merged(bad)), merged(regions))


def stated(bed: str | Path | None, regions: Sequence[Interval]) -> list[Interval]:
    """Callable intervals a VCF came with, inside `regions`; none where it came without."""
    return intersection(merged(read_bed(bed)), merged(regions)) if bed else []


def write_callable(path: str | Path, intervals: Sequence[Interval], rule: str) -> None:
    """Write a gzipped BED that begins with the rule that made it; the same bytes every time."""
    lines = [f"# callable: {rule}", *(f"{i.contig}\t{i.start}\t{i.end}" for i in intervals)]
    text = "\n".join(lines) + "\n"
    with (
        whole(path) as part,
        open(part, "wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as out,
    ):
        out.write(text.encode())
