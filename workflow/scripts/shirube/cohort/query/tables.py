"""An answer as one table: the cohort's numbers by stratum, and every source's beside them."""

from collections.abc import Sequence

import polars as pl

from shirube.cohort.query import sites
from shirube.cohort.query.places import Place
from shirube.cohort.query.released import ALL, Release
from shirube.cohort.query.released_names import ReleasedNames
from shirube.cohort.query.sources import Source, frequencies
from shirube.contracts import ALLELE, CHROM, FREQUENCY

NAMES = ("rsid", "gene", "hgvs_c", "hgvs_p")


def released(release: Release, places: Sequence[Place]) -> pl.DataFrame:
    """FREQUENCY rows of a release at places."""
    rows = [row for place in places for rows in release.alleles(place) for row in rows]
    table = pl.DataFrame(rows, schema=FREQUENCY.polars, orient="row")
    return FREQUENCY.table(table.unique(FREQUENCY.key))


def beside(
    table: pl.DataFrame, release: Release | None, places: Sequence[Place], known: Sequence[Source]
) -> pl.DataFrame:
    """`table` (FREQUENCY rows) with `{source}_af` and `{source}_japanese_af` of every source.

    An allele that only a source has gets a row of stratum `all` without copies; `an` says how many
    could have been seen, where the release tells it.
    """
    said = frequencies(known, places).with_columns(pl.col("chrom").cast(pl.String))
    alone = said.select(ALLELE).unique().join(table.select(ALLELE), on=ALLELE, how="anti")
    if alone.height:
        seen = [release.seen(chrom, pos) if release else None for chrom, pos, *_ in alone.rows()]
        an = [one.strata[ALL][1] if one and one.enough else None for one in seen]
        alone = alone.with_columns(stratum=pl.lit(ALL), an=pl.Series(an, dtype=pl.Int32))
        table = pl.concat([table, alone], how="diagonal")
    for source in known:
        columns = {"af": f"{source.name}_af", "japanese_af": f"{source.name}_japanese_af"}
        rows = said.filter(pl.col("source") == source.name)
        if rows.is_empty():
            continue
        has = [old for old in columns if rows[old].is_not_null().any()]
        own = rows.select(*ALLELE, *(pl.col(old).alias(columns[old]) for old in has))
        table = table.join(own, on=ALLELE, how="left", maintain_order="left")
    order = pl.col("chrom").cast(CHROM)
    return table.sort(order, "pos", "ref", "alt", "stratum", maintain_order=True)


def named(table: pl.DataFrame, names: ReleasedNames) -> pl.DataFrame:
    """`table` with rsID, gene and HGVS names on MANE where there is one; null where unknown."""
    parts = []
    for (chrom,), rows in table.group_by("chrom", maintain_order=True):
        low, high = rows["pos"].min(), rows["pos"].max()
        known = names.of_alleles(str(chrom), int(low) - 1, int(high)).with_columns(  # type: ignore[arg-type]
            pl.col("chrom").cast(pl.String)
        )
        best = known.sort(pl.col("mane").is_null(), "transcript").unique(ALLELE, keep="first")
        own = best.select(*ALLELE, *NAMES)
        parts.append(rows.join(own, on=ALLELE, how="left", maintain_order="left"))
    if not parts:
        return table.with_columns(pl.lit(None, pl.String).alias(name) for name in NAMES)
    return pl.concat(parts)


def aligned(table: pl.DataFrame) -> str:
    """A table as text for a person: columns aligned, numbers to the right, `-` for unknown."""
    columns = []
    for name, kind in table.schema.items():
        numeric = kind.is_numeric()
        cells = [_cell(value) for value in table[name].to_list()]
        width = max(map(len, [name, *cells]))
        side = str.rjust if numeric else str.ljust
        columns.append([side(cell, width) for cell in [name, *cells]])
    return "".join("  ".join(line).rstrip() + "\n" for line in zip(*columns, strict=True))


def _cell(value: object) -> str:
    if value is None:
        return "-"
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def vcf(table: pl.DataFrame, release: Release) -> str:
    """`beside`'s table as a sites VCF: the release's INFO keys, and one a column of sources."""
    columns = [name for name in table.columns if name.endswith("_af") and name != "af"]
    groups = [group for group in release.groups if group in set(table["stratum"])]
    lines = [sites.header(release.contigs, groups, release.about).rstrip("\n")]
    heading = lines.pop().split("\n")
    said = [
        f'##INFO=<ID={name},Number=A,Type=Float,Description="allele frequency, imported source">'
        for name in columns
    ]
    lines = [*heading[:-1], *said, heading[-1]]
    keys = {
        (group, column): f"{info}{sites.suffix(group)}"
        for group in groups
        for column, (info, *_) in sites.FIELDS.items()
    }
    for (chrom, pos, ref, alt), rows in table.group_by(ALLELE, maintain_order=True):
        info = [
            f"{keys[row['stratum'], column]}={_number(row[column])}"
            for row in rows.iter_rows(named=True)
            for column in sites.FIELDS
            if row[column] is not None
        ]
        first = rows.row(0, named=True)
        info += [f"{name}={_number(first[name])}" for name in columns if first[name] is not None]
        own = release.contig(str(chrom))
        lines.append("\t".join([own, str(pos), ".", ref, alt, ".", "PASS", ";".join(info) or "."]))
    return "\n".join(lines) + "\n"


def _number(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
