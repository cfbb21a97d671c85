"""Which structural alleles of different people are one variant.

Callers place one variant a few bases apart in different people. Alleles are taken from the one
with most carriers down; each joins the nearest variant of its type whose ends lie within a
distance and, on one chromosome, whose stretch overlaps its own reciprocally (insertions: whose
length is alike), or is a variant of its own. Alleles of one file that several of the people
counted share are never joined: who called everybody together told them apart. So the variants are
a function of who is counted, in whatever order they came.
"""

from collections import defaultdict
from dataclasses import dataclass

import polars as pl

from shirube.contracts.cohort import EVENTS

KEY = EVENTS.key
Shape = tuple[int, int, int | None, str]  # pos, pos2, length, svtype


@dataclass(frozen=True)
class Likeness:
    """How alike two alleles of one variant are: bases between their ends, share of overlap."""

    distance: int = 300
    overlap: float = 0.5


USUAL = Likeness()


def _alike(one: Shape, other: Shape, how: Likeness) -> int | None:
    """Bases between the ends of two alleles (pos, pos2, length), None if they are two variants."""
    (pos, end, length, kind), (pos_b, end_b, length_b, _) = one, other
    apart = max(abs(pos - pos_b), abs(end - end_b))
    if apart > how.distance:
        return None
    if kind == "INS":
        if length is not None and length_b is not None:
            short, long = sorted((length, length_b))
            if short < how.overlap * long:
                return None
    elif kind != "BND":
        common = min(end, end_b) - max(pos, pos_b)
        if common < how.overlap * max(end - pos, end_b - pos_b, 1):
            return None
    return int(apart)


def clusters(keys: pl.DataFrame, how: Likeness) -> pl.DataFrame:
    """Which variant each of `keys` (KEY, carriers, joint) is: its number `variant`, by place.

    `pos_`, `pos2_`, `length_` and `alt_` are the variant's. Breakends are joined where their
    orientation is the same.
    """
    ordered = keys.sort("carriers", *KEY, descending=[True, *[False] * len(KEY)], nulls_last=True)
    step = how.distance + 1
    near: dict[tuple[object, ...], list[int]] = defaultdict(list)
    shapes: list[Shape] = []
    sources: list[set[str]] = []
    joined: list[int] = []
    first: list[int] = []
    for row in ordered.iter_rows(named=True):
        way = "".join(c for c in row["alt"] if c in "[]N") if row["svtype"] == "BND" else ""
        group = (row["svtype"], row["chrom"], row["chrom2"], way)
        shape = (row["pos"], row["pos2"], row["length"], row["svtype"])
        at, best = row["pos"] // step, None
        for place in (at - 1, at, at + 1):
            for other in near.get((*group, place), ()):
                apart = _alike(shape, shapes[other], how)
                free = not row["joint"] or row["source"] not in sources[other]
                if apart is not None and free and (best is None or (apart, other) < best):
                    best = (apart, other)
        if best is None:
            best = (0, len(shapes))
            near[*group, at].append(len(shapes))
            shapes.append(shape)
            sources.append(set())
            first.append(len(joined))
        sources[best[1]].add(row["source"])
        joined.append(best[1])
    lead = ordered[first].with_columns(mark=pl.int_range(len(first), dtype=pl.Int64))
    lead = lead.sort(*KEY, nulls_last=True).with_columns(
        variant=pl.int_range(len(first), dtype=pl.Int64)
    )
    lead = lead.select(
        "mark", "variant", *(pl.col(c).alias(f"{c}_") for c in ("pos", "pos2", "length", "alt"))
    )
    return (
        ordered.with_columns(mark=pl.Series(joined, dtype=pl.Int64))
        .join(lead, on="mark", how="left")
        .drop("mark")
        .sort("variant", *KEY, nulls_last=True)
    )


def variants(joined: pl.DataFrame) -> pl.DataFrame:
    """One row a variant of `clusters`: place, type, and `name`."""
    rows = joined.group_by("variant", maintain_order=True).agg(
        pl.col("svtype", "chrom", "chrom2").first(),
        pl.col("pos_").first().alias("pos"),
        pl.col("pos2_").first().alias("pos2"),
        pl.col("length_").first().alias("length"),
        pl.col("alt_").first().alias("alt"),
    )
    far = pl.col("chrom") != pl.col("chrom2")
    end = pl.when(far).then(
        pl.concat_str("chrom2", pl.lit(":"), "pos2")
    ).when(pl.col("svtype") == "INS").then(
        pl.concat_str(pl.lit("+"), pl.col("length").cast(pl.String).fill_null("?"))
    ).otherwise(pl.col("pos2").cast(pl.String))  # fmt: skip
    base = pl.concat_str("svtype", pl.lit("-"), "chrom", pl.lit("-"), "pos", pl.lit("-"), end)
    named = rows.with_columns(base=base)
    same = pl.int_range(pl.len()).over("base")
    return named.with_columns(
        name=pl.when(same > 0).then(pl.concat_str("base", pl.lit("."), same + 1)).otherwise("base")
    ).drop("base")
