"""Population frequencies of alleles, over all imported sources."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from shirube.annotate.matching import looked_up
from shirube.contracts import metadata, scan
from shirube.contracts.annotation import UNTRUSTED
from shirube.contracts.knowledge import ENOUGH, POPULATION

_FACTS = ["af", "population", "an", "japanese_af", "japanese_an", "passed"]
AT_ONCE = 2  # sources read and matched at a time; bounds memory, results do not depend on it


def with_frequencies(alleles: pl.DataFrame, chrom: str, sources: Mapping[str, str]) -> pl.DataFrame:
    """`alleles` (pos, ref, alt in the one form, sorted) with frequencies, of how many, whose.

    `population_af` is the highest frequency of any population of any source that trusts the site,
    of those that called ENOUGH chromosomes before others; only if none does, of those that do not,
    and the source then says so. `population_an` is how many were called, null if that is not
    known. `japanese_af` comes from
    the Japanese source that called most chromosomes there, the first configured among equals; of
    sources that trust the site before those that do not, marked alike.
    """
    if not sources or not alleles.height:
        return alleles.with_columns(
            pl.lit(None, kind).alias(f"{whose}_{name}")
            for whose in ("population", "japanese")
            for name, kind in (("af", pl.Float64), ("an", pl.Int32), ("source", pl.String))
        )
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda path: _facts(path, chrom, alleles), sources.values()))
    columns = {
        f"{name}_{number}": column
        for number, facts in enumerate(found)
        for name, column in facts.to_dict().items()
    }
    labels = [metadata(path)["label"] for path in sources.values()]
    japanese = [metadata(path)["japanese"] for path in sources.values()]
    facts = pl.DataFrame(columns)
    count = len(labels)
    kinds = {}
    for word, passed in (("trusted", True), ("doubted", False)):
        kinds[word] = [_if_passed(k, passed, f"af_{k}") for k in range(count)]
        kinds[f"{word}_japanese"] = [_chromosomes(k, passed) for k in range(count)]
    kinds["large"] = [
        pl.when(pl.col(f"an_{k}") >= ENOUGH).then(one) for k, one in enumerate(kinds["trusted"])
    ]
    values = facts.select(
        *(pl.max_horizontal(*made).alias(kind) for kind, made in kinds.items()),
        *(one.alias(f"{kind}_{k}") for kind, made in kinds.items() for k, one in enumerate(made)),
    )
    # Which source speaks is a number first: text is made once, not once a source.
    spoken = values.select(
        pl.coalesce("large", "trusted", "doubted").alias("population_af"),
        *(_first(kind, count).alias(kind) for kind in kinds),
    ).hstack(facts)
    by = pl.coalesce("large", "trusted", "doubted")
    nation = pl.coalesce("trusted_japanese", "doubted_japanese")
    own = pl.Series([f"{label} " for label in labels])
    theirs = pl.Series([f"{a} {b}" for a, b in zip(labels, japanese, strict=True)])
    chosen = spoken.select(
        "population_af",
        _of("an", by, count).alias("population_an"),
        pl.concat_str(pl.lit(own).gather(by), _of("population", by, count), _mark("trusted")).alias(
            "population_source"
        ),
        _of("japanese_af", nation, count).alias("japanese_af"),
        _of("japanese_an", nation, count).alias("japanese_an"),
        pl.concat_str(pl.lit(theirs).gather(nation), _mark("trusted_japanese")).alias(
            "japanese_source"
        ),
    )
    return alleles.hstack(chosen)


def _first(kind: str, count: int) -> pl.Expr:
    """Number of the first source that has the highest value of `kind`; null where none has any."""
    return pl.coalesce(
        pl.when(pl.col(f"{kind}_{k}") == pl.col(kind)).then(pl.lit(k, pl.UInt32))
        for k in range(count)
    )


def _mark(trusted: str) -> pl.Expr:
    """Text behind a source: nothing if it trusts the site."""
    doubt = pl.lit(f" ({UNTRUSTED})")
    return pl.when(pl.col(trusted).is_null()).then(doubt).otherwise(pl.lit(""))


def _of(column: str, number: pl.Expr, count: int) -> pl.Expr:
    """`column` of the source `number` names, row by row."""
    return pl.coalesce(pl.when(number == k).then(pl.col(f"{column}_{k}")) for k in range(count))


def _if_passed(number: int, passed: bool, column: str) -> pl.Expr:
    return pl.when(pl.col(f"passed_{number}").eq(passed)).then(pl.col(column))


def _chromosomes(number: int, passed: bool) -> pl.Expr:
    """Chromosomes a source called, where it has a Japanese frequency; 0 if it does not say."""
    has = pl.col(f"japanese_af_{number}").is_not_null() & pl.col(f"passed_{number}").eq(passed)
    return pl.when(has).then(pl.col(f"japanese_an_{number}").fill_null(0))


def _facts(path: str | Path, chrom: str, alleles: pl.DataFrame) -> pl.DataFrame:
    """What a source knows of each of `alleles` (sorted), in their order."""
    low, high = alleles["pos"][0], alleles["pos"][-1]
    known = (
        scan(POPULATION, path)
        .filter(pl.col("chrom") == chrom, pl.col("pos").is_between(low, high))
        .select("pos", "ref", "alt", *_FACTS)
        .collect()
    )
    return looked_up(alleles, known, _FACTS)
