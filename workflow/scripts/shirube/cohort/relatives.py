"""Who is related to whom among the people of a state, kept from run to run.

What is kept are the sites that are compared, everybody's alleles at them (two bits a site) and the
related pairs. A person more is read at these sites once and compared with those who are there; the
others are neither read nor compared again, until the panel that the sites are chosen by changes:
one of a hundred thousand people does so once in 390 times (`kinship.PANEL`). What is kept is a
function of who is in the state.
"""

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.cohort.kinship import Dosages, Pair, common_snvs, dosages, pairs, panel_of
from shirube.cohort.register import content_of
from shirube.cohort.state import Entry, State
from shirube.contracts import ALLELE
from shirube.contracts.cohort import COUNTS


def related(
    state: State, people: Mapping[str, Entry], kinship: Mapping[str, Any], keep: bool = False
) -> list[Pair]:
    """Related pairs of people (sample -> entry) whose objects a state holds.

    `kinship`: `spacing` and `min_sites` of `cohort.relatives`. `keep`: the state has these people,
    or will; it must be locked.
    """
    people = {sample: entry for sample, entry in people.items() if not entry.unmet}
    settings = {name: int(kinship[name]) for name in ("spacing", "min_sites")}
    panel = [entry.genotypes for entry in panel_of(people.values())]
    before = state.kinship()
    if before.get("settings") != settings or before["panel"] != panel:
        before = {}
    sites = before.get("sites")
    if sites is None:
        sites = _sites(state, people, settings)
    there: dict[str, str] = before.get("people", {})
    own = {sample: content_of(entry) for sample, entry in sorted(people.items())}
    same = {sample for sample, content in own.items() if there.get(sample) == content}
    new = [sample for sample in own if sample not in same] if sites else []
    order = [*new, *(sample for sample in own if sample in same)]
    found = [Pair(**pair) for pair in before.get("pairs", ())]
    found = [pair for pair in found if {pair.one, pair.two} <= same]
    objects = before.get("objects", [])
    if sites and (new or there.keys() != own.keys()):
        table = pl.DataFrame(sites, COUNTS.empty().select(ALLELE).schema, orient="row")
        fresh = dosages(state, [people[sample] for sample in new], table).packed
        rows = _rows(state, before, fresh.shape[1])
        at = {sample: row for row, sample in enumerate(there)}
        packed = np.concatenate([fresh, rows[[at[sample] for sample in order[len(new) :]]]])
        both = Dosages.kept(packed, len(sites))
        found += pairs(order, both, settings["min_sites"], len(new))
        found.sort(key=lambda pair: (pair.one, pair.two))
        if keep:
            place = {sample: row for row, sample in enumerate(order)}
            ordered = packed[[place[sample] for sample in own]]
            objects = [state.store("dosages.npy", partial(_write, rows=ordered))]
    if keep:
        state.keep_kinship(
            {
                "settings": settings,
                "panel": panel,
                "sites": sites,
                "people": own if sites else {},
                "pairs": [asdict(pair) for pair in found],
                "objects": objects,
            }
        )
    return found


def forget(state: State, left: Mapping[str, Entry]) -> None:
    """Keep nothing of people who left; nothing at all if the sites were chosen by one of them."""
    before = state.kinship()
    own: dict[str, str] = before.get("people", {})
    if {entry.genotypes for entry in left.values()} & set(before.get("panel", ())):
        state.keep_kinship({})
    elif own.keys() & left.keys():
        stay = {sample: content for sample, content in own.items() if sample not in left}
        rows = _rows(state, before, 0)[[n for n, sample in enumerate(own) if sample in stay]]
        kept = [pair for pair in before["pairs"] if {pair["one"], pair["two"]} <= stay.keys()]
        objects = [state.store("dosages.npy", partial(_write, rows=rows))]
        state.keep_kinship({**before, "people": stay, "pairs": kept, "objects": objects})


def _sites(
    state: State, people: Mapping[str, Entry], settings: Mapping[str, int]
) -> list[list[Any]]:
    """Alleles that are compared, as [chrom, pos, ref, alt]; [] if too few to tell anybody."""
    if len(people) < 2:
        return []
    found = common_snvs(state, panel_of(people.values()), settings["spacing"])
    return [] if found.height < settings["min_sites"] / 8 else [list(row) for row in found.rows()]


def _rows(state: State, kept: Mapping[str, Any], width: int) -> npt.NDArray[np.uint8]:
    """Packed dosages of the people who were kept; none of `width` bytes without any."""
    if not kept.get("objects"):
        return np.zeros((0, width), np.uint8)
    return np.asarray(np.load(state.object(kept["objects"][0]), mmap_mode="r"))


def _write(path: Path, rows: npt.NDArray[np.uint8]) -> None:
    with open(path, "wb") as stream:
        np.save(stream, rows)
