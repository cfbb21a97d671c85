"""Fields of a record as columns: FORMAT by its own layout, INFO by name, numbers as numbers.

A value that is no number, `.`, NaN or infinite is unknown: null, never zero.
"""

from collections.abc import Iterable, Sequence

import polars as pl

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def with_format(table: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """`table` with FORMAT fields `names` of `values` as text; null where absent or `.`."""
    layouts = table["format"].unique().drop_nulls().to_list()
    there = named_by(layouts)
    absent = [pl.lit(None, pl.String).alias(name) for name in names if name not in there]
    names = [name for name in names if name in there]
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
    parts = joined.with_columns(_parts=pl.col("values").str.split(":"))
    return (
        parts.with_columns(
            _known(pl.col("_parts").list.get(pl.col(f"at_{name}"), null_on_oob=True)).alias(name)
            for name in names
        )
        .drop("_parts", *(f"at_{name}" for name in names))
        .with_columns(absent)
    )


def named_by(layouts: Iterable[str]) -> set[str]:
    """Fields that FORMAT columns name."""
    return {name for layout in layouts for name in layout.split(":")}


def _known(text: pl.Expr) -> pl.Expr:
    return pl.when(~text.is_in(["", "."])).then(text)


def with_info(table: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """`table` with INFO fields as text columns INFO/name; null where absent or `.`."""
    text = table["info"]
    there = {name for name in names if text.str.contains(f"{name}=", literal=True).any()}
    nothing = pl.lit(None, pl.String)
    return table.with_columns(
        (
            _known(pl.col("info").str.extract(rf"(?:^|;){name}=([^;]*)"))
            if name in there
            else nothing
        ).alias(f"INFO/{name}")
        for name in names
    )


def info(name: str) -> pl.Expr:
    """A column of `with_info`."""
    return pl.col(f"INFO/{name}")


def number(text: pl.Expr) -> pl.Expr:
    """Text as a finite number (Float64)."""
    value = text.cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def integer(text: pl.Expr, most: int = 2**31 - 1) -> pl.Expr:
    """Text as a whole number from 0 to `most` (Int32): rounded, held at `most`; no negatives."""
    value = number(text)
    return pl.when(value >= 0).then(value.clip(0, most).round()).cast(pl.Int32)


def numbers(text: pl.Expr) -> pl.Expr:
    """Comma-separated numbers as a list (Float64); an entry that is none is null."""
    values = text.str.split(",").list.eval(pl.element().cast(pl.Float64, strict=False))
    return values.list.eval(pl.when(pl.element().is_finite()).then(pl.element()))


def counts(text: pl.Expr) -> pl.Expr:
    """Comma-separated counts as a list (Int32); an entry that is none, or negative, is null."""
    return numbers(text).list.eval(
        pl.when(pl.element() >= 0).then(pl.element().round()).cast(pl.Int32, strict=False)
    )
