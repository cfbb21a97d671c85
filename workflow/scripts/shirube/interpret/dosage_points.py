"""Points of a germline deletion or duplication by what it holds and whether it is new.

The rules and points are those of ACMG and ClinGen (Riggs et al. 2020,
doi:10.1038/s41436-019-0686-8): sections 1 and 2 on genes, 3 on their number, 5 on inheritance.
An event that many people have (4O) counts as the configured frequencies of deletions and
duplications say. Regions known to be pathogenic or benign (2B, 2F, 2G) and cases of the literature
(the rest of section 4) are not in the configured knowledge, and how specific a phenotype is, which
inheritance asks (5B to 5E, 5G, 5H), is a person's to judge: each is listed as not assessed, with
why. A gene is haploinsufficient here if loss is established as its mechanism and one lost copy is
enough (dominant or X-linked).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from shirube.interpret.acmg import BENIGN, LIKELY, LIKELY_BENIGN, PATHOGENIC, UNCERTAIN
from shirube.interpret.genes import GeneFacts
from shirube.interpret.pvs1 import MODERATE, STRONG, SUPPORTING, VERY_STRONG
from shirube.interpret.rows import criterion
from shirube.interpret.rules import Rules, general
from shirube.reasons import Reason, because

SOURCE = "doi:10.1038/s41436-019-0686-8"
TRIPLOSENSITIVE = 3
_BY_STRENGTH = {VERY_STRONG: 0.90, STRONG: 0.45, MODERATE: 0.30, SUPPORTING: 0.15}
# Protein-coding genes inside -> points, for losses and gains.
_NUMBER = {"DEL": ((35, 0.90), (25, 0.45), (0, 0.0)), "DUP": ((50, 0.90), (35, 0.45), (0, 0.0))}
_NEW = {True: 0.15, False: 0.10}  # 4C: a phenotype that is consistent but not specific


@dataclass(frozen=True)
class Taken:
    """What an event takes from the coding sequence of one gene.

    `first` and `last`: whether the first and the last coding exon are touched; `exons`: coding
    exons touched; `strength`: of PVS1 if the gene is broken inside.
    """

    gene: str
    exons: int
    first: bool
    last: bool
    whole: bool
    strength: int
    facts: GeneFacts

    @property
    def haploinsufficient(self) -> bool:
        """Whether losing one copy is known to make disease."""
        return self.facts.loss == "established" and bool(self.facts.inheritance & {"AD", "XL"})


def cnv_class(points: float) -> str:
    """Class of a sum of points."""
    if points >= 0.99:
        return PATHOGENIC
    if points >= 0.90:
        return LIKELY
    if points > -0.90:
        return UNCERTAIN
    return LIKELY_BENIGN if points > -0.99 else BENIGN


@dataclass(frozen=True)
class Common:
    """The most frequent event of people that is the same as one; `frequency` None: none is."""

    frequency: float | None = None
    name: str | None = None

    def met(self, rules: Rules | None = None) -> bool:
        """Whether so many people have it that it says nothing of a rare disease."""
        return (rules or general())["CNV.common"].holds(self.frequency)


def span(svtype: str, pos1: int, pos2: int) -> tuple[int, int]:
    """Bases (0-based half-open) that a junction of a deletion or duplication takes or repeats."""
    return (pos1, pos2 - 1) if svtype == "DEL" else (pos1 - 1, pos2)


def common(
    svtype: str,
    chrom: str,
    start: int,
    end: int,
    known: pl.DataFrame | None,
    rules: Rules | None = None,
) -> Common | None:
    """Of POPULATION_EVENTS the most frequent of the same kind that shares enough of both events.

    start, end: 0-based half-open. None where no source is configured, or it has nothing of the
    chromosome: then nothing is known of it.
    """
    if known is None or (own := known.filter(pl.col("chrom") == chrom)).is_empty():
        return None
    shared = pl.min_horizontal("end", pl.lit(end)) - pl.max_horizontal("start", pl.lit(start))
    longer = pl.max_horizontal(pl.col("end") - pl.col("start"), pl.lit(end - start))
    least = (rules or general())["CNV.overlap"].threshold
    same = own.filter((pl.col("svtype") == svtype) & (shared / longer >= least)).sort(
        "frequency", descending=True
    )
    return Common(*same.select("frequency", "name").row(0)) if same.height else Common()


def scored(
    svtype: str,
    taken: Sequence[Taken],
    came: str,
    confirmed: bool,
    people: Common | None = None,
) -> tuple[float, list[dict[str, Any]]]:
    """Points of a DEL or DUP and its rules; `taken` is every gene whose coding bases it touches.

    `people`: how many people have it; None where nothing is known of that.
    """
    rules: list[tuple[str, float, Reason]] = []
    if not taken:
        rules.append(("1B", -0.60, because("cnv.no_gene")))
    own = [rule for gene in taken if (rule := _gene_rule(svtype, gene))]
    if own:
        rules.append(max(own, key=lambda rule: rule[1]))
    number = len(taken)
    points = next(value for least, value in _NUMBER[svtype] if number >= least)
    rules.append(("3", points, because("cnv.genes", count=number)))
    if came == "de_novo":
        rules.append(("5A", _NEW[confirmed], because("cnv.new")))
    elif came == "unknown":
        rules.append(("5F", 0.0, because("event.unknown")))
    if people is not None and people.met():
        told = {"name": people.name, "frequency": f"{people.frequency:.3g}"}
        rules.append(("4O", -1.0, because("cnv.common", **told)))
    found = [
        criterion(f"CNV {code}", True, 0, reason.and_(_points(value)), SOURCE)
        for code, value, reason in rules
    ]
    if people is None:
        found.append(criterion("CNV 4O", None, 0, because("cnv.no_frequencies"), SOURCE))
    elif not people.met():
        found.append(criterion("CNV 4O", False, 0, because("cnv.not_common"), SOURCE))
    found += [criterion(f"CNV {code}", None, 0, why, SOURCE) for code, why in _not_assessed()]
    return round(sum(value for _, value, _ in rules), 2), found


def _points(value: float) -> Reason:
    return because("cnv.points", points=f"{value:+.2f}")


def _not_assessed() -> list[tuple[str, Reason]]:
    """Rules that are never given here, each with why."""
    regions = because("cnv.no_regions")
    family, known = because("cnv.family_for_a_person"), because("cnv.for_a_person")
    return [
        *((code, regions) for code in ("2B", "2F", "2G")),
        ("4", known),
        *((code, family) for code in ("5B", "5C", "5D", "5E", "5G", "5H")),
    ]


def _gene_rule(svtype: str, gene: Taken) -> tuple[str, float, Reason] | None:
    """Rule of section 2 that one gene meets."""
    if svtype == "DUP":
        if gene.whole and gene.facts.triplosensitivity == TRIPLOSENSITIVE:
            return "2A", 1.0, because("cnv.triplosensitive", gene=gene.gene)
        inside = not (gene.first or gene.last)
        if inside and gene.haploinsufficient and gene.strength:
            return "2I", _BY_STRENGTH[gene.strength], because("cnv.inside", gene=gene.gene)
        return None
    if not gene.haploinsufficient:
        suggested = gene.facts.loss == "suggested"
        return ("2H", 0.15, because("cnv.constrained", gene=gene.gene)) if suggested else None
    if gene.whole:
        return "2A", 1.0, because("cnv.whole", gene=gene.gene, source=gene.facts.loss_source)
    if gene.first:
        return "2C", 0.90, because("cnv.start", gene=gene.gene)
    if gene.last:
        return "2D", 0.90 if gene.exons > 1 else 0.30, because("cnv.end", gene=gene.gene)
    return "2E", _BY_STRENGTH[gene.strength], because("cnv.inside", gene=gene.gene)
