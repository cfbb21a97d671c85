"""Population frequencies of alleles, over all imported sources."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from shirube.annotate.matching import looked_up
from shirube.contracts import metadata, scan
from shirube.contracts.annotation import UNTRUSTED
from shirube.contracts.knowledge import ENOUGH, POPULATION
from shirube.genome.alleles import canonical_names
from shirube.genome.intervals import merged
from shirube.genome.regions import read_bed

_FACTS = ["af", "population", "an", "japanese_af", "japanese_an", "passed"]
AT_ONCE = 2  # sources read and matched at a time; bounds memory, results do not depend on it

ABSENT = "absent, site covered"


@dataclass(frozen=True)
class Coverage:
    """Where a source looked, so that an allele it does not list is absent from its people.

    everywhere: on all of each chromosome it has records of; else where the BED file `covered` says.
    chromosomes: how many it called there; None: the median of its records of the chromosome.
    """

    everywhere: bool = False
    covered: str | None = None
    chromosomes: int | None = None


NOTHING_STATED = Coverage()


def with_frequencies(
    alleles: pl.DataFrame,
    chrom: str,
    sources: Mapping[str, str],
    coverage: Mapping[str, Coverage] | None = None,
    aliases: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """`alleles` (pos, ref, alt in the one form, sorted) with frequencies, of how many, whose.

    `population_af` is the highest frequency of any population of any source that trusts the site,
    of those that called ENOUGH chromosomes before others; only if none does, of those that do not,
    and the source then says so. `population_an` is how many were called, null if that is not
    known. `japanese_af` comes from
    the Japanese source that called most chromosomes there, the first configured among equals; of
    sources that trust the site before those that do not, marked alike. An allele that a source does
    not list is of frequency 0 where its `coverage` (by source) says that it looked; elsewhere it is
    unknown.
    """
    stated = coverage or {}
    if not sources or not alleles.height:
        return alleles.with_columns(
            pl.lit(None, kind).alias(f"{whose}_{name}")
            for whose in ("population", "japanese")
            for name, kind in (("af", pl.Float64), ("an", pl.Int32), ("source", pl.String))
        )
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(
            pool.map(
                lambda one: _with_absent(
                    _facts(one[1], chrom, alleles),
                    alleles["pos"],
                    chrom,
                    one[1],
                    stated.get(one[0], NOTHING_STATED),
                    aliases,
                ),
                sources.items(),
            )
        )
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


def _with_absent(
    facts: pl.DataFrame,
    pos: pl.Series,
    chrom: str,
    path: str | Path,
    coverage: Coverage,
    aliases: Mapping[str, str] | None,
) -> pl.DataFrame:
    """`facts` with frequency 0 where the source looked and has no record of the allele."""
    if not (coverage.everywhere or coverage.covered):
        return facts
    records, usual = _usual_size(path, chrom)
    if coverage.covered:
        inside = _covered(coverage.covered, chrom, pos, aliases)
    else:
        inside = pl.Series([records > 0] * len(pos), dtype=pl.Boolean)
    count = coverage.chromosomes or usual
    absent = pl.lit(inside) & pl.col("passed").is_null() & pl.col("af").is_null()
    given = {"af": 0.0, "population": ABSENT, "an": count, "passed": True}
    if metadata(path).get("japanese"):
        given |= {"japanese_af": 0.0, "japanese_an": count}
    return facts.with_columns(
        pl.when(absent).then(pl.lit(value, facts.schema[name])).otherwise(name).alias(name)
        for name, value in given.items()
    )


def _usual_size(path: str | Path, chrom: str) -> tuple[int, int | None]:
    """Records of one chromosome, and the median number of chromosomes they were called in."""
    rows = scan(POPULATION, path).filter(pl.col("chrom") == chrom)
    count, middle = rows.select(pl.len(), pl.col("an").median()).collect().row(0)
    return count, None if middle is None else int(middle)


def _covered(bed: str, chrom: str, pos: pl.Series, aliases: Mapping[str, str] | None) -> pl.Series:
    """Whether each position (1-based) lies in an interval of a BED file."""
    names = canonical_names(dict(aliases or {}))
    spans = [
        (one.start, one.end) for one in merged(read_bed(bed)) if names.get(one.contig) == chrom
    ]
    table = np.array(spans, dtype=np.int64).reshape(-1, 2)
    at = pos.to_numpy().astype(np.int64) - 1
    left = np.searchsorted(table[:, 0], at, side="right") - 1
    inside = (left >= 0) & (at < table[np.maximum(left, 0), 1]) if len(table) else at < 0
    return pl.Series(inside)
