"""A release as a sites VCF with a tabix index, INFO named as gnomAD names it.

Keys without a suffix are of group `all`; `AC_XX` is of stratum sex=XX, `AC_rare_XX` of
programme=rare and sex=XX: the values, the sex last.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from shirube.cohort.sums import AT_ONCE, stretches
from shirube.contracts import ALLELE
from shirube.files import scratch
from shirube.tools import run

FIELDS = {
    "ac": ("AC", "A", "Integer", "copies of the allele"),
    "an": ("AN", "1", "Integer", "chromosomes callable at the position"),
    "af": ("AF", "A", "Float", "AC / AN"),
    "nhomalt": ("nhomalt", "A", "Integer", "people homozygous for the allele"),
    "nhemi": ("nhemi", "A", "Integer", "people hemizygous for the allele"),
    "faf95": ("faf95", "A", "Float", "filtering allele frequency, 95%"),
    "hwe_p": ("HWE", "A", "Float", "exact Hardy-Weinberg p"),
}


def suffix(group: str) -> str:
    """What a group adds to INFO keys: '' for all, else _ and its values, sex last."""
    if group == "all":
        return ""
    pairs = [part.split("=", 1) for part in group.split(",")]
    ordered = [v for k, v in pairs if k != "sex"] + [v for k, v in pairs if k == "sex"]
    return "".join(f"_{value}" for value in ordered)


def header(contigs: Mapping[str, int], groups: Sequence[str], about: Mapping[str, str]) -> str:
    """Header of the VCF; `about` becomes ##shirube lines."""
    lines = ["##fileformat=VCFv4.3", '##FILTER=<ID=PASS,Description="All filters passed">']
    lines += [f"##shirube_{key}={value}" for key, value in sorted(about.items())]
    lines += [f"##contig=<ID={name},length={length}>" for name, length in contigs.items()]
    for group in groups:
        people = "everyone counted" if group == "all" else group
        for name, number, kind, text in FIELDS.values():
            lines.append(
                f"##INFO=<ID={name}{suffix(group)},Number={number},Type={kind},"
                f'Description="{text}, {people}">'
            )
    return "\n".join([*lines, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]) + "\n"


def records(table: pl.DataFrame, groups: Sequence[str], names: Mapping[str, str]) -> pl.DataFrame:
    """FREQUENCY rows as VCF columns, one record an allele; null values are left out of INFO.

    `names`: canonical chromosome -> the reference's own name of it.
    """
    infos = []
    for group in groups:
        part = table.filter(pl.col("stratum") == group)
        pairs = [
            pl.format(f"{info}{suffix(group)}={{}}", _number(column))
            for column, (info, *_) in FIELDS.items()
        ]
        infos.append(
            part.select(
                *ALLELE, pl.concat_str(pairs, separator=";", ignore_nulls=True).alias(group)
            )
        )
    wide = infos[0]
    for other in infos[1:]:
        wide = wide.join(other, on=ALLELE, how="full", coalesce=True)
    return wide.sort(ALLELE).select(
        pl.col("chrom").cast(pl.String).replace(dict(names)),
        "pos",
        pl.lit(".").alias("id"),
        "ref",
        "alt",
        pl.lit(".").alias("qual"),
        pl.lit("PASS").alias("filter"),
        pl.concat_str(groups, separator=";", ignore_nulls=True).alias("info"),
    )


def _number(column: str) -> pl.Expr:
    if column in ("af", "faf95", "hwe_p"):
        return pl.col(column).round_sig_figs(6).cast(pl.String)
    return pl.col(column).cast(pl.String)


def group_rows(
    chrom: str,
    pos: int,
    ref: str,
    alt: str,
    info: Mapping[str, str],
    by_mark: Mapping[str, str],
) -> list[dict[str, Any]]:
    """FREQUENCY rows of one record, one a group; `by_mark`: what a group's keys end in -> group.

    A value that INFO does not have is None.
    """
    rows = []
    for mark, group in by_mark.items():
        row: dict[str, Any] = {"chrom": chrom, "pos": pos, "ref": ref, "alt": alt, "stratum": group}
        for column, (name, _, kind, _) in FIELDS.items():
            value = info.get(f"{name}{mark}")
            row[column] = value and (int(value) if kind == "Integer" else float(value))
        rows.append(row)
    return rows


def write(
    path: Path,
    tables: Sequence[Path],
    groups: Sequence[str],
    contigs: Mapping[str, int],
    names: Mapping[str, str],
    about: Mapping[str, str],
) -> None:
    """Write `path` (bgzipped) and `path`.tbi from FREQUENCY files in the contigs' order."""
    with scratch(path) as directory:
        plain, done = directory / "sites.vcf", directory / "sites.vcf.gz"
        with open(plain, "wb") as out:
            out.write(header(contigs, groups, about).encode())
            for table in tables:
                lazy = pl.scan_parquet(table, hive_partitioning=False, glob=False)
                for start, end in stretches([table], AT_ONCE):
                    inside = (pl.col("pos") > start) & (pl.col("pos") <= end)
                    rows = records(lazy.filter(inside).collect(), groups, names)
                    rows.write_csv(out, separator="\t", include_header=False, quote_style="never")
        run("bcftools", "view", "--no-version", "-Oz", "-o", done, plain)
        run("bcftools", "index", "-f", "-t", "-o", f"{path}.tbi", done)
        done.replace(path)
