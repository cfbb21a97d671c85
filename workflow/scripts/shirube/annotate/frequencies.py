"""Population frequencies of alleles, over all imported sources."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from shirube.annotate.matching import looked_up
from shirube.contracts import metadata, scan
from shirube.knowledge.tables import POPULATION

_FACTS = ["af", "population", "japanese_af", "an", "passed"]
UNTRUSTED = "site filtered by the source"


def with_frequencies(alleles: pl.DataFrame, chrom: str, sources: Mapping[str, str]) -> pl.DataFrame:
    """`alleles` (pos, ref, alt in the one form, sorted) with the four frequency columns.

    `population_af` is the highest frequency of any population of any source that trusts the site;
    only if none does, of those that do not, and the source then says so. `japanese_af` comes from
    the Japanese source that called most chromosomes there, the first configured among equals.
    """
    if not sources or not alleles.height:
        return alleles.with_columns(
            pl.lit(None, pl.Float64).alias("population_af"),
            pl.lit(None, pl.String).alias("population_source"),
            pl.lit(None, pl.Float64).alias("japanese_af"),
            pl.lit(None, pl.String).alias("japanese_source"),
        )
    columns: dict[str, pl.Series] = {}
    for number, path in enumerate(sources.values()):
        known = _rows(path, chrom, alleles)
        for name, column in looked_up(alleles, known, _FACTS).to_dict().items():
            columns[f"{name}_{number}"] = column
    labels = [metadata(path)["label"] for path in sources.values()]
    japanese = [metadata(path)["japanese"] for path in sources.values()]
    facts = pl.DataFrame(columns)
    trusted = [_if_passed(number, True) for number in range(len(labels))]
    doubted = [_if_passed(number, False) for number in range(len(labels))]
    best, second = pl.max_horizontal(*trusted), pl.max_horizontal(*doubted)
    numbers = [
        pl.when(pl.col(f"japanese_af_{k}").is_not_null()).then(pl.col(f"an_{k}").fill_null(0))
        for k in range(len(labels))
    ]
    most = pl.max_horizontal(*numbers)
    chosen = facts.select(
        pl.coalesce(best, second).alias("population_af"),
        pl.coalesce(
            *(pl.when(a == best).then(_source(k, labels[k])) for k, a in enumerate(trusted)),
            *(
                pl.when(a == second).then(_source(k, labels[k]) + f" ({UNTRUSTED})")
                for k, a in enumerate(doubted)
            ),
        ).alias("population_source"),
        pl.coalesce(
            pl.when(n == most).then(pl.col(f"japanese_af_{k}")) for k, n in enumerate(numbers)
        ).alias("japanese_af"),
        pl.coalesce(
            pl.when(n == most).then(pl.lit(f"{labels[k]} {japanese[k]}"))
            for k, n in enumerate(numbers)
        ).alias("japanese_source"),
    )
    return alleles.hstack(chosen)


def _if_passed(number: int, passed: bool) -> pl.Expr:
    return pl.when(pl.col(f"passed_{number}").eq(passed)).then(pl.col(f"af_{number}"))


def _source(number: int, label: str) -> pl.Expr:
    return pl.lit(f"{label} ") + pl.col(f"population_{number}")


def _rows(path: str | Path, chrom: str, alleles: pl.DataFrame) -> pl.DataFrame:
    """Rows of a source within the range of `alleles` (sorted)."""
    low, high = alleles["pos"][0], alleles["pos"][-1]
    return (
        scan(POPULATION, path)
        .filter(pl.col("chrom") == chrom, pl.col("pos").is_between(low, high))
        .select("pos", "ref", "alt", *_FACTS)
        .collect()
    )
