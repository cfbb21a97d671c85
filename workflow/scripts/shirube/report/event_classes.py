"""Which kinds of change the reads of a target could have shown, and from which limit on.

A target that is `not found` was read for small variants (a fusion's introns: for junctions). Of
every other class the row says whether it was looked for there at all: not where no structural
variant was called, where purity is unknown, where introns lie outside the regions, or where the
depth shows no share of molecules. Such a class is `not_assessable`, with the reason; one that is
there without being reported is `present`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from shirube.calling.copy_number.calling import AMPLIFIED
from shirube.calling.copy_number.detection_limit import (
    LOST,
    bins_of_state,
    least_amplification,
    least_loss,
)
from shirube.calling.somatic.detection_limit import POWER, QUALITY, detectable_fraction
from shirube.calling.somatic.model import Thresholds
from shirube.calling.structural.calling import Limits
from shirube.calling.structural.detection_limit import Library, junction_fraction

ASSESSABLE = 0.9  # share of a gene that must be seen
OF_KIND = {
    "coding": (
        *("small", "intragenic", "rearrangement"),
        *("amplification", "homozygous_loss", "exon_loss"),
    ),
    "codon": ("small",),
    "exon": ("small", "intragenic", "exon_loss"),
    "fusion": ("rearrangement",),
}
# Of a person's normal sample one copy more or less is asked, beside other people of the run.
OF_NORMAL = {
    **OF_KIND,
    "coding": ("small", "intragenic", "rearrangement", "exon_copies"),
    "exon": ("small", "intragenic", "exon_copies"),
}
FIRST = {"coding": "small", "codon": "small", "exon": "small", "fusion": "rearrangement"}
STATES = ("not_found", "present", "not_assessable")
REASONS = (
    *("no_structural", "no_copy_number", "purity_unknown", "purity_low", "exons_not_measured"),
    *("depth_low", "gene_not_requested", "gene_not_callable", "gene_not_measured"),
    *("copies_uncertain", "filtered_junction"),
    *("few_people", "sex_unknown", "depth_noisy", "exons_not_seen"),
)
NORMAL_DEPTH = 8  # reads of the normal below which depth cannot be compared
WEAK = 3  # fragments of a junction too weak to be called that keep it from being absent
SURE, SURE_SMALL = 0.999, 0.98  # chance that the usual change of a gene would be seen
PURE = 1.0  # purity taken where it is not known: no share above half of it can be asked for
_LIMITS = ("vaf", "vaf_worst", "bases", "short", "vaf_short", "copies", "purity")


@dataclass(frozen=True)
class Looked:
    """What was looked for in a patient beside small variants.

    `kind`: of the judged sample, tumour or normal; `structural`: STRUCTURAL, None where none was
    called on its reads; `copies`: COPY_NUMBER and `tumour`: see copy_number.state, None where
    tumour and normal have not both reads. `depth`: GENE_DEPTH of a normal sample, None where its
    depth was not compared with other people. `library`: of the judged sample, None where its
    fragments were not measured.
    """

    kind: str
    small: Thresholds = field(default_factory=Thresholds)
    junctions: Limits = field(default_factory=Limits)
    structural: pl.DataFrame | None = None
    copies: pl.DataFrame | None = None
    tumour: Mapping[str, Any] | None = None
    depth: pl.DataFrame | None = None
    library: Library | None = None


def _said(name: str, state: str, reason: str | None = None, **limits: object) -> dict[str, Any]:
    return {"class": name, "state": state, "reason": reason, **dict.fromkeys(_LIMITS), **limits}


def _share(depth: int | None, limit: Callable[[int], Any]) -> float | None:
    """A detection limit as a number; None where the depth is unknown or shows nothing."""
    if depth is None or np.isnan(found := float(limit(depth))):
        return None
    return found


def _too_much(share: float | None, looked: Looked) -> str | None:
    """Why a limit (of SURE) allows no negative statement; None if it does.

    One copy of two, changed in every tumour cell, has half the purity as its share of molecules:
    depth that does not show so much says nothing of the usual change of a gene.
    """
    if share is None or share > PURE / 2:
        return "depth_low"
    purity = None if looked.tumour is None else looked.tumour["purity"]
    return "purity_low" if purity is not None and share > purity / 2 else None


def _small(row: Mapping[str, Any], looked: Looked) -> dict[str, Any]:
    """Substitutions and small indels; the fraction is stated of tumours only."""
    if looked.kind != "tumour":
        return _said("small", "not_found")

    def fraction(depth: str, power: float = POWER) -> float | None:
        beside = row[f"{depth}_normal"]
        return _share(row[depth], lambda n: detectable_fraction(n, beside, QUALITY, power, asked))

    asked = looked.small
    if (short := _too_much(fraction("low_depth", SURE_SMALL), looked)) is not None:
        return _said("small", "not_assessable", short)
    return _said("small", "not_found", vaf=fraction("low_depth"), vaf_worst=fraction("min_depth"))


def _hidden(row: Mapping[str, Any]) -> str | None:
    """Why junctions of the whole gene, introns too, could not be seen; None if they could."""
    if row["gene_requested"] is None or row["gene_callable"] is None:
        return "gene_not_measured"
    if row["gene_requested"] < ASSESSABLE:
        return "gene_not_requested"
    return "gene_not_callable" if row["gene_callable"] < ASSESSABLE else None


def _junctions_in(row: Mapping[str, Any], looked: Looked) -> pl.DataFrame:
    """STRUCTURAL rows of the judged sample with a breakend in the gene."""
    table = looked.structural if looked.structural is not None else pl.DataFrame()
    if table.is_empty() or row["gene_start"] is None:
        return table.clear()
    low, high = row["gene_start"], row["gene_end"]
    ends = [
        (pl.col(f"chrom{s}").cast(pl.String) == row["chrom"])
        & pl.col(f"pos{s}").is_between(low + 1, high)
        for s in "12"
    ]
    own = table.filter(ends[0] | ends[1])
    return own.filter(pl.col("origin") != "germline") if looked.kind == "tumour" else own


def _junction(name: str, row: Mapping[str, Any], looked: Looked) -> dict[str, Any]:
    """Changes that only a junction shows: inside the gene, or from it to another place."""
    if looked.structural is None:
        return _said(name, "not_assessable", "no_structural")
    if (hidden := None if row["kind"] == "fusion" else _hidden(row)) is not None:
        return _said(name, "not_assessable", hidden)
    there = _junctions_in(row, looked)
    if there.filter(pl.col("filter") == "PASS").height:
        return _said(name, "present")
    # Not counted is not few.
    counted = pl.sum_horizontal("pairs", "splits") >= WEAK
    if there.filter(counted | (pl.col("pairs").is_null() & pl.col("splits").is_null())).height:
        return _said(name, "not_assessable", "filtered_junction")

    def fraction(depth: str, library: Library | None, power: float = POWER) -> float | None:
        return _share(row[depth], lambda n: junction_fraction(n, looked.junctions, power, library))

    inside, own = name == "intragenic", looked.library
    usual, worst = fraction("low_depth", own), fraction("min_depth", own)
    sure = fraction("low_depth", None if inside else own, SURE)
    why = _too_much(sure, looked) if looked.kind == "tumour" or usual is None else None
    if why is not None:
        return _said(name, "not_assessable", why)
    if not inside:
        return _said(name, "not_found", vaf=usual, vaf_worst=worst)
    short, size = looked.junctions.max_insert, looked.junctions.min_size
    found = _said(name, "not_found", vaf=usual, vaf_worst=worst, bases=size)
    if own is not None:
        found |= {"short": short, "vaf_short": fraction("low_depth", None)}
    return found


def _copies(name: str, row: Mapping[str, Any], looked: Looked) -> dict[str, Any]:
    """Amplification or loss of both copies, by depth."""
    table, tumour = looked.copies, looked.tumour
    if table is None or tumour is None:
        return _said(name, "not_assessable", "no_copy_number")
    over = table.filter(
        (pl.col("chrom").cast(pl.String) == row["chrom"])
        & (pl.col("start") < row["gene_end"])
        & (pl.col("end") > row["gene_start"])
    ).rows(named=True)
    called = "amplification" if name == "amplification" else "homozygous_deletion"
    if any(segment["call"] == called for segment in over):
        return _said(name, "present")
    bins, purity, ploidy = bins_of_state(tumour), tumour["purity_low"], tumour["ploidy"]
    if bins is None or purity is None or ploidy is None:
        return _said(name, "not_assessable", "purity_unknown")
    seen = sum(min(s["end"], row["gene_end"]) - max(s["start"], row["gene_start"]) for s in over)
    deep = row["mean_depth_normal"] is not None and row["mean_depth_normal"] >= NORMAL_DEPTH
    if not deep or seen < ASSESSABLE * (row["gene_end"] - row["gene_start"]):
        return _said(name, "not_assessable", "gene_not_measured")
    totals = [segment["total_cn"] for segment in over]
    # A segment that may be the event and is too noisy to be named keeps it from being absent.
    if None in totals or any(
        total >= AMPLIFIED if name == "amplification" else total < LOST for total in totals
    ):
        return _said(name, "not_assessable", "copies_uncertain")
    fewest = least_amplification(purity, ploidy, bins) if name == "amplification" else None
    size = least_loss(purity, ploidy, bins) if name != "amplification" else None
    if fewest is None and size is None:
        return _said(name, "not_assessable", "purity_low")
    return _said(name, "not_found", purity=purity, copies=fewest, bases=size)


def _exons(row: Mapping[str, Any], looked: Looked) -> dict[str, Any]:
    """Loss of both copies of single exons by depth: seen in tiles, as long as they are small.

    An exon with what is lost beside it is longer than the limit or is not seen by depth: the row
    says which. Shorter losses show by their junction alone (class intragenic).
    """
    found = _copies("exon_loss", row, looked)
    if found["state"] == "not_found" and (looked.tumour or {}).get("fine_bin") is None:
        return _said("exon_loss", "not_assessable", "exons_not_measured")
    return found


_BY_DEPTH = {"noisy": "depth_noisy", "not_measured": "gene_not_measured"}


def _exon_copies(row: Mapping[str, Any], looked: Looked) -> dict[str, Any]:
    """One copy of exons lost or gained, by depth beside other people of the run."""
    table = looked.depth if looked.depth is not None else pl.DataFrame()
    own = [] if table.is_empty() else table.filter(gene=row["gene"]).rows(named=True)
    if not own:
        return _said("exon_copies", "not_assessable", "exons_not_measured")
    if (state := own[0]["state"]) != "assessable":
        return _said("exon_copies", "not_assessable", _BY_DEPTH.get(state, state))
    events = looked.structural if looked.structural is not None else pl.DataFrame()
    if not events.is_empty() and row["gene_start"] is not None:
        over = events.filter(
            pl.col("quality").is_not_null()
            & (pl.col("chrom1").cast(pl.String) == row["chrom"])
            & (pl.col("pos1") <= row["gene_end"])
            & (pl.col("pos2") > row["gene_start"])
        )
        if (over["filter"] == "PASS").any():
            return _said("exon_copies", "present")
        if over.height:
            return _said("exon_copies", "not_assessable", "copies_uncertain")
    if own[0]["seen"] < own[0]["exons"]:
        return _said("exon_copies", "not_assessable", "exons_not_seen")
    return _said("exon_copies", "not_found", bases=own[0]["bases"])


def exon_copies(table: pl.DataFrame | None) -> dict[str, Any] | None:
    """What the model says of GENE_DEPTH as a whole; None where depth was not measured."""
    if table is None or table.is_empty():
        return None
    whole = (pl.col("state") == "assessable") & (pl.col("seen") == pl.col("exons"))
    why = pl.col("state").replace({**_BY_DEPTH, "assessable": "exons_not_seen"})
    blind = table.filter(~whole).group_by(why).len().sort("state")
    return {
        "people": table["people"].max(),
        "genes": table.height,
        "seen": table.filter(whole).height,
        "bases": table.filter(whole)["bases"].max(),
        "blind": dict(blind.iter_rows()),
    }


def classes_of(row: Mapping[str, Any], looked: Looked) -> list[dict[str, Any]]:
    """The classes asked of a row of TARGETS (columns of the normal end in `_normal`).

    class; state (STATES); reason (REASONS) of what is not assessable; limits, null where they do
    not apply: vaf (smallest share of molecules at the depth 95% of the bases reach), vaf_worst
    (at the lowest), bases (smallest size), vaf_short (instead of vaf, of what is shorter than
    `short` bases and parts no pair), copies (fewest), purity (the least it holds for).
    """
    made: dict[str, Callable[[], dict[str, Any]]] = {
        "small": lambda: _small(row, looked),
        "intragenic": lambda: _junction("intragenic", row, looked),
        "rearrangement": lambda: _junction("rearrangement", row, looked),
        "amplification": lambda: _copies("amplification", row, looked),
        "homozygous_loss": lambda: _copies("homozygous_loss", row, looked),
        "exon_loss": lambda: _exons(row, looked),
        "exon_copies": lambda: _exon_copies(row, looked),
    }
    asked = OF_KIND if looked.kind == "tumour" else OF_NORMAL
    return [made[name]() for name in asked[row["kind"]]]
