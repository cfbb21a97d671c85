"""What a release may show of structural variants."""

from collections.abc import Sequence

import polars as pl

from shirube.cohort.cells import Cells, tracks_of
from shirube.cohort.event_cells import Ends, EventCells
from shirube.cohort.event_clusters import Likeness
from shirube.cohort.event_counts import counted, frequencies
from shirube.cohort.ploidies import Par
from shirube.cohort.register import Register
from shirube.cohort.state import State
from shirube.cohort.suppression import lists_told, suppressed, withheld
from shirube.contracts import ALLELE, FREQUENCY, STRUCTURAL_FREQUENCY

ALL = "all"
FOLDER = "structural"


def publishable_events(
    state: State,
    register: Register,
    cells: Cells,
    par: Par,
    columns: Sequence[str],
    groups: Sequence[str],
    how: Likeness,
) -> pl.DataFrame | None:
    """STRUCTURAL_FREQUENCY of `groups` that a release may show; None where nobody was searched.

    `cells` are the decisions about small variants: the same people, releases and k.
    """
    counts = counted(state, par, how)
    if counts is None or counts.table.is_empty():
        return None
    rows = frequencies(counts, columns, list(state.manifest.strata))
    rows = rows.filter(pl.col("stratum").is_in(groups))
    decisions = _decisions(state, register, cells)
    shown = []
    for (chrom,), table in counts.table.with_row_index("row").group_by(
        "chrom", maintain_order=True
    ):
        at = table["row"].to_numpy()
        people = {name: one["people"][at] for name, one in counts.sums.items()}
        answers = decisions.variants_shown(Ends.of(table), people, par)
        alleles = table.select(
            pl.lit(str(chrom)).alias("chrom"), "pos", ref=pl.lit("N"), alt="name"
        )
        here = rows.filter(pl.col("chrom") == str(chrom))
        shown.append(withheld(here.sort(FREQUENCY.key), alleles, answers))
    told = pl.concat(shown).with_columns(
        pl.when(pl.col("an").is_not_null()).then(pl.col(c)).alias(c)
        for c in ("people", "copy_numbers")
    )
    sites = counts.table.select(
        pl.col("chrom", "chrom2").cast(pl.String),
        *("pos", "name", "svtype", "pos2", "length"),
        shape="alt",
    )
    joined = told.rename({"alt": "name"}).join(sites, on=["chrom", "pos", "name"], how="left")
    return STRUCTURAL_FREQUENCY.table(joined.rename({"shape": "alt"}))


def few_hidden(table: pl.DataFrame, min_count: int, singletons: str) -> pl.DataFrame:
    """STRUCTURAL_FREQUENCY without what `suppression` leaves out.

    Singletons are left out unless `open`; copy numbers are hidden where one of them is of fewer
    people.
    """
    least = max(min_count, 1 if singletons == "open" else 2)
    if least <= 1 or table.is_empty():
        return table
    names = table.with_columns(ref=pl.lit("N"), site="alt").with_columns(alt=pl.col("name"))
    kept = suppressed(names, table["stratum"].unique().to_list(), min_count)
    if singletons != "open":
        kept = kept.filter(pl.col("ac").max().over(ALLELE) != 1)
    gone = pl.col("ac").is_null()
    kept = kept.with_columns(
        pl.when(~gone).then(pl.col(c)).alias(c) for c in ("copy_numbers", "people")
    )
    kept = lists_told(kept, "copy_numbers", ALLELE, least)
    return STRUCTURAL_FREQUENCY.table(kept.with_columns(alt="site"))


def _decisions(state: State, register: Register, cells: Cells) -> EventCells:
    """The rule of `cells`, with who is examined for structural variants."""
    searched: dict[tuple[int, str], int] = {}
    for sample in state.manifest.counted:
        entry = state.manifest.people[sample]
        place = (0, entry.stratum)
        searched[place] = searched.get(place, 0) + bool(entry.events)
    published = []
    for number, about in enumerate(register.entries, 1):
        for stratum, one in about["strata"].items():
            searched[number, stratum] = one.get("searched", 0)
        if any(name.startswith(f"{FOLDER}/") for name in about["files"]):
            published.append(number)

    tracks = tracks_of(state, register, "examined", "examined")
    return EventCells(cells, tracks, searched, published)
