"""Look up frequencies: an allele, rsID, gene, region or HGVS name.

Examples: chr17-7675088-C-T, rs28934578, TP53, chr17:7675000-7676000, TP53:p.Arg175His.
Shows the published frequencies of the cohort, by group, beside those of imported sources. With
--where the frequencies are computed anew for the people chosen, from the private state:
--where 'diagnosis == "LUAD" and sex == "XX"'. Exit status: 0 found, 1 refused or not found.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import polars as pl

from shirube.cohort.query.lookup import Sites
from shirube.cohort.query.places import Place, described, places
from shirube.cohort.query.sites import group_rows, suffix
from shirube.contracts import ALLELE, CHROM, FREQUENCY
from shirube.errors import InputError
from shirube.genome.chromosomes import canonical

_FORMATS = ("table", "tsv", "json", "parquet")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube query`."""
    parser.add_argument("what", help="allele, rsID, gene, region or HGVS name")
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--group", action="append", help="show these groups only (repeatable)")
    parser.add_argument("--where", help="compute for the people of the sheet who meet this")
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    parser.add_argument("--format", choices=_FORMATS, default="table")
    parser.add_argument("--out", type=Path, help="write here (needed for parquet)")


def published(found: list[Place], results: Path, groups: list[str] | None) -> pl.DataFrame:
    """FREQUENCY rows of a release at the places asked for."""
    sites = Sites(results / "cohort" / "sites.vcf.gz")
    names = {canonical(name): name for name in sites.windows}
    about = json.loads((results / "cohort" / "release.json").read_text())
    by_mark = {suffix(group): group for group in about["groups"].split(";") if group}
    rows: list[dict[str, Any]] = []
    for place in found:
        contig = names.get(place.chrom)
        for site in sites.sites(contig, place.start, place.end) if contig else ():
            if place.alleles is None or (site.pos, site.ref, site.alt) in place.alleles:
                rows += group_rows(place.chrom, site.pos, site.ref, site.alt, site.info, by_mark)
    table = pl.DataFrame(rows, schema=FREQUENCY.polars)
    if groups:
        table = table.filter(pl.col("stratum").is_in(groups))
    return FREQUENCY.table(table.unique(FREQUENCY.key))


def with_sources(table: pl.DataFrame, results: Path) -> pl.DataFrame:
    """`table` with a column for each imported source's frequency, and its Japanese one."""
    for file in sorted((results / "knowledge").glob("frequency_*.parquet")):
        name = file.stem.removeprefix("frequency_")
        columns = [
            pl.col("af").alias(f"{name}_af"),
            pl.col("japanese_af").alias(f"{name}_japanese_af"),
        ]
        # the range lets whole row groups of a large source be passed over
        inside = pl.col("chrom").is_in(table["chrom"].unique().to_list())
        inside &= pl.col("pos").is_between(table["pos"].min(), table["pos"].max())
        source = pl.scan_parquet(file).filter(inside)
        source = source.select(*(pl.col(c) for c in ALLELE), *columns)
        asked = table.select(ALLELE).unique().lazy()
        rows = source.join(asked, on=ALLELE, how="semi").collect()
        rows = rows.select(*ALLELE, *(c for c in rows.columns[4:] if rows[c].is_not_null().any()))
        table = table.join(rows, on=ALLELE, how="left", maintain_order="left")
    return table


def show(table: pl.DataFrame, form: str, out: Path | None) -> None:
    """Write `table` in a format to `out` or standard output."""
    if form == "parquet":
        if out is None:
            raise InputError("--format parquet", "--out FILE")
        table.write_parquet(out)
        return
    if form == "tsv":
        text = table.write_csv(separator="\t", quote_style="never")
    elif form == "json":
        text = table.write_json() + "\n"
    else:
        with pl.Config(
            tbl_rows=-1,
            tbl_cols=-1,
            tbl_hide_column_data_types=True,
            tbl_hide_dataframe_shape=True,
            tbl_formatting="NOTHING",
            tbl_width_chars=400,
            fmt_str_lengths=60,
            float_precision=6,
        ):
            text = f"{table}\n"
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text)


def main(args: argparse.Namespace) -> int:
    """Look up and show; 1 if nothing was found."""
    found = places(args.what, args.results)
    if args.where:
        # Counting takes as long to start as a look-up in a release takes altogether.
        private = importlib.import_module("shirube.cohort.query.chosen")
        table = private.people_frequencies(args.what, found, args.where, args.config, args.results)
    else:
        table = published(found, args.results, args.group)
    if table.is_empty():
        whom = "the people chosen" if args.where else "the release"
        print(
            f"shirube query: no allele of {whom} at {args.what}; whether anyone was callable there "
            "is not part of this table",
            file=sys.stderr,
        )
        return 1
    named = described(
        table.select(ALLELE).unique(maintain_order=True).with_columns(pl.col("chrom").cast(CHROM)),
        args.results,
    )
    table = table.with_columns(pl.col("chrom").cast(CHROM)).join(
        named, on=ALLELE, how="left", maintain_order="left"
    )
    show(with_sources(table, args.results), args.format, args.out)
    return 0
