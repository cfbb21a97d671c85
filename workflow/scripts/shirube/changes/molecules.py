"""The alleles of a table of calls as a person's molecules carry them.

Interpretation asks this in place of the calls: what several records are together on one molecule is
one row with the columns of a call; a record all of whose copies are part of such a row is marked,
one that is also carried alone keeps a row for what is left of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from shirube.calling.somatic.model import fraction_interval
from shirube.contracts.phase import CHANGES

_KEY = ["pos", "ref", "alt"]
ADDED = {
    "change": pl.String,
    "members": CHANGES.schema["members"],
    "part_of": pl.String,
    "whole": pl.Boolean,
    "possible": pl.Boolean,
}

# Rows that a molecule is known to carry: no record that is only part of one, nothing uncertain.
CARRIED = ~pl.col("whole").fill_null(False) & ~pl.col("possible").fill_null(False)


def molecules(rows: pl.DataFrame, changes: pl.DataFrame, origin: str) -> pl.DataFrame:
    """`rows` of one chromosome (CALLS, or SOMATIC with `record`) with the changes of `origin`.

    Adds `change` (its id) and `members` to a change of several alleles, whose `record` is null,
    `possible` to one that is carried only if its members, of unknown phase, lie on one molecule;
    `part_of` (ids joined by ;) to its records, and `whole` where nothing of one is left over.
    Where the caller wrote the same change as one record too, that record is its row.
    """
    nothing = rows.with_columns(pl.lit(None, kind).alias(name) for name, kind in ADDED.items())
    of_origin = changes.filter(pl.col("origin") == origin)
    own = of_origin.filter("certain").rows(named=True)
    if of_origin.is_empty():
        return nothing
    called = rows.filter(_usable(rows))
    by_key = {tuple(row[k] for k in _KEY): row for row in called.rows(named=True)}
    links = [
        {k: m[k] for k in _KEY}
        | {"part_of": one["change"], "whole": not m["alone"]}
        | {"taken": one["copies"] or 0, "taken_ad": one["ad_alt"] or 0}
        for one in own
        for m in one["members"]
        if m["origin"] == origin
    ]
    schema = {k: rows.schema[k] for k in _KEY} | {
        "part_of": pl.String, "whole": pl.Boolean, "taken": pl.Int8, "taken_ad": pl.Int32,
    }  # fmt: skip
    linked = (
        pl.DataFrame(links, schema=schema)
        .group_by(_KEY)
        .agg(
            pl.col("part_of").sort().str.join(";"),
            pl.col("whole").all(),
            pl.col("taken").sum().cast(pl.Int8),
            pl.col("taken_ad").sum(),
        )
    )
    whole = pl.DataFrame(
        [(one["pos"], one["ref"], one["alt"], one["change"], one["members"]) for one in own],
        schema={k: rows.schema[k] for k in _KEY} | {n: ADDED[n] for n in ("change", "members")},
        orient="row",
    )
    marked = (
        rows.with_columns(_usable=_usable(rows), possible=pl.lit(None, pl.Boolean))
        .join(linked.with_columns(_usable=pl.lit(True)), on=[*_KEY, "_usable"], how="left",
              maintain_order="left")
        .join(whole.with_columns(_usable=pl.lit(True)), on=[*_KEY, "_usable"], how="left",
              maintain_order="left")
    )  # fmt: skip
    marked = (_left_germline if origin == "germline" else _left_somatic)(marked)
    made = [
        _row(one, by_key, origin)
        for one in of_origin.rows(named=True)
        if tuple(one[k] for k in _KEY) not in by_key
    ]
    table = pl.DataFrame(made, schema=nothing.schema)
    return pl.concat([marked.select(nothing.columns), table])


def carried(rows: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Alleles of somatic `rows` (any chromosomes) as molecules carry them: nothing twice."""
    parts = [
        molecules(own, changes.filter(pl.col("chrom") == chrom), "somatic")
        for (chrom,), own in rows.group_by("chrom", maintain_order=True)
    ]
    table = pl.concat(parts) if parts else molecules(rows, changes.clear(), "somatic")
    return table.filter(CARRIED)


def _usable(rows: pl.DataFrame) -> pl.Expr:
    passed = pl.col("filter") == "PASS"
    called = pl.col("dosage") > 0 if "dosage" in rows.columns else pl.lit(True)
    return (passed & called).fill_null(False)


def _left_germline(rows: pl.DataFrame) -> pl.DataFrame:
    """Copies of an allele that no change of several has taken."""
    left = pl.col("part_of").is_not_null() & ~pl.col("whole")
    return rows.with_columns(
        dosage=pl.when(left).then(pl.col("dosage") - pl.col("taken")).otherwise("dosage")
    )


def _left_somatic(rows: pl.DataFrame) -> pl.DataFrame:
    """Reads of an allele without those of the change it is part of."""
    left = pl.col("part_of").is_not_null() & ~pl.col("whole")
    rest = (pl.col("tumour_ad") - pl.col("taken_ad")).clip(0)
    rows = rows.with_columns(tumour_ad=pl.when(left).then(rest).otherwise("tumour_ad"), _left=left)
    return pl.concat([rows.filter(~pl.col("_left")), _with_vaf(rows.filter("_left"))])


def _with_vaf(rows: pl.DataFrame) -> pl.DataFrame:
    low, high = fraction_interval(
        rows["tumour_ad"].fill_null(0).to_numpy(), rows["tumour_dp"].fill_null(0).to_numpy()
    )
    known = pl.col("tumour_ad").is_not_null() & (pl.col("tumour_dp") > 0)
    return rows.with_columns(
        vaf=pl.when(known).then(pl.col("tumour_ad") / pl.col("tumour_dp")),
        vaf_low=pl.when(known).then(pl.Series(low, dtype=pl.Float64)),
        vaf_high=pl.when(known).then(pl.Series(high, dtype=pl.Float64)),
    )


def _row(
    one: Mapping[str, Any], by_key: Mapping[tuple[Any, ...], dict[str, Any]], origin: str
) -> dict[str, Any]:
    """A change of several alleles as a call: of each value the weakest of its members'."""
    parts = [by_key[tuple(m[k] for k in _KEY)] for m in one["members"] if m["origin"] == origin]
    reads = "ad_alt" if origin == "germline" else "tumour_ad"
    weakest = min(parts, key=lambda row: (row[reads] is None, row[reads] or 0))
    row = {
        **weakest,
        **{name: one[name] for name in (*_KEY, "change", "members")},
        "record": None,
        "part_of": None,
        "whole": None,
        "possible": not one["certain"],
    }
    for name in ("qual", "gq", "lod", "normal_lod", "normal_ad"):
        if name in row:
            row[name] = _least([part[name] for part in parts])
    if origin == "germline":
        return row | {"dosage": one["copies"] or 1, "dp": one["dp"], "ad_alt": one["ad_alt"]}
    counts = pl.DataFrame({"tumour_ad": [one["ad_alt"]], "tumour_dp": [one["dp"]]},
                          schema={"tumour_ad": pl.Int32, "tumour_dp": pl.Int32})  # fmt: skip
    return row | _with_vaf(counts).row(0, named=True)


def _least(values: Sequence[Any]) -> Any:  # noqa: ANN401 - of whichever type the column has
    return min((value for value in values if value is not None), default=None)
