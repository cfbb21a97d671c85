"""Imported sources of allele frequencies, side by side: what each says of an allele."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shirube.cohort.query.places import Place
from shirube.contracts import ALLELE, metadata, scan
from shirube.contracts.knowledge import POPULATION

_PREFIX = "frequency_"
SAID = ("af", "population", "an", "japanese_af", "japanese_an", "nhomalt", "passed")


@dataclass(frozen=True)
class Source:
    """One imported source; `japanese` is the name of its Japanese population, '' if it has none."""

    name: str
    path: Path
    release: str
    licence: str
    japanese: str
    covers: tuple[str, ...]


def sources(knowledge: Path) -> list[Source]:
    """The frequency sources a run imported, by name."""
    out = []
    for path in sorted(knowledge.glob(f"{_PREFIX}*.parquet")):
        said = metadata(path)
        covers = tuple(part for part in said.get("covers", "").split(", ") if part)
        release, licence, japanese = (said.get(k, "") for k in ("release", "licence", "japanese"))
        name = path.stem.removeprefix(_PREFIX)
        out.append(Source(name, path, release, licence, japanese, covers))
    return out


def frequencies(known: Sequence[Source], places: Sequence[Place]) -> pl.DataFrame:
    """What each source says of the alleles at places: `source`, the allele, then SAID.

    Sources without such an allele have no row.
    """
    parts = [POPULATION.empty().select(pl.lit("").alias("source"), *ALLELE, *SAID)]
    for source in known:
        # the range lets whole row groups of a large source be passed over
        for chrom, start, end, wanted in _ranges(places):
            inside = (pl.col("chrom") == chrom) & pl.col("pos").is_between(start + 1, end)
            rows = scan(POPULATION, source.path).filter(inside).select(*ALLELE, *SAID).collect()
            if wanted is not None:
                rows = rows.join(wanted, on=wanted.columns, how="semi")
            parts.append(rows.select(pl.lit(source.name).alias("source"), *ALLELE, *SAID))
    return pl.concat(parts).unique(["source", *ALLELE], maintain_order=True)


def _ranges(
    places: Sequence[Place],
) -> list[tuple[str, int, int, pl.DataFrame | None]]:
    """Places as ranges; alleles of one chromosome are asked for together."""
    out: list[tuple[str, int, int, pl.DataFrame | None]] = []
    types = {name: POPULATION.polars[name] for name in ALLELE[1:]}
    for chrom in dict.fromkeys(place.chrom for place in places):
        own = [place for place in places if place.chrom == chrom]
        named = [place for place in own if place.alleles is not None]
        if named:
            rows = sorted({one for place in named for one in place.alleles or ()})
            wanted = pl.DataFrame(rows, schema=types, orient="row")
            ends = min(p.start for p in named), max(p.end for p in named)
            out.append((chrom, *ends, wanted))
        out += [(chrom, place.start, place.end, None) for place in own if place.alleles is None]
    return out
