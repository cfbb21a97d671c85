"""Lengths of disease repeats from short reads, and the range they fall into.

A read that spans the repeat (at least ANCHOR bases of both flanks) measures an allele. A read with
one flank bounds an allele from below, and a read within the repeat whose mate is anchored beside
it shows an allele longer than itself; their number gives a size with a Poisson interval, up to the
length of a fragment, beyond which only a lower bound is known. Copies are of the motifs that cause
disease where these differ from the reference's.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from shirube.calling.loci.repeat_model import LocusModel, placed
from shirube.calling.loci.repeat_sizes import Size
from shirube.calling.structural.adjacency import complement
from shirube.contracts.loci import REPEATS
from shirube.reads.repeat_reads import LocusReads
from shirube.reasons import Reason, because, stored

ANCHOR, MIN_READS, MIN_DEPTH, MIN_LONG = 10, 2, 10.0, 3
MAX_MOTIF = 60
EXPECTED = 5  # spanning reads of a normal allele whose absence (p < 0.01) says there is none


@dataclass
class Evidence:
    """Reads of a locus by kind: bases of repeat in each."""

    spanning: list[int] = field(default_factory=list)
    flanking: list[int] = field(default_factory=list)
    in_repeat: list[int] = field(default_factory=list)


def rotations(motif: str) -> set[str]:
    """The motif begun at each of its bases."""
    return {motif[i:] + motif[:i] for i in range(len(motif))}


def motifs_of(locus: Mapping[str, Any]) -> tuple[list[str], list[int]]:
    """(motifs of a locus, each once however begun; indices of those whose copies count)."""
    causes = (locus["pathogenic_motif"] or locus["reference_motif"] or "").split("|")
    known = [*causes, *(locus["reference_motif"] or "").split("|")]
    out: list[str] = []
    for motif in known:
        if motif and not any(motif in rotations(other) for other in out):
            out.append(motif)
    # The reference's own rotation keeps the count in phase with its tract.
    reference = (locus["reference_motif"] or "").split("|")
    out = [next((r for r in reference if r in rotations(m)), m) for m in out]
    counted = [i for i, motif in enumerate(out) if any(motif in rotations(c) for c in causes)]
    return out, counted


def gathered(reads: LocusReads, model: LocusModel, counted: Sequence[int]) -> Evidence:
    """Reads of a locus by what they show; mates of one fragment that both span count once."""
    out, seen = Evidence(), set()
    for name, codes in reads.on:
        found = placed(codes, model)
        if found is None:
            continue
        bases = sum(found.motifs[i] for i in counted)
        left, right = found.left >= ANCHOR, found.right >= ANCHOR
        if left and right:
            if name not in seen:
                out.spanning.append(bases)
            seen.add(name)
        elif (left or right) and bases:
            out.flanking.append(bases)
        elif bases >= 0.9 * len(codes):
            out.in_repeat.append(bases)
    for codes in reads.mates:
        both = [placed(way, model) for way in (codes, complement(codes)[::-1].copy())]
        best = max((one for one in both if one), key=lambda one: one.score, default=None)
        if best is not None:
            bases = sum(best.motifs[i] for i in counted)
            if best.left >= ANCHOR or best.right >= ANCHOR:
                out.flanking.append(bases)
            elif bases >= 0.9 * len(codes):
                out.in_repeat.append(bases)
    return out


def _spanned(evidence: Evidence, unit: int, length: int, ploidy: int) -> list[Size]:
    """Alleles measured by spanning reads, at most `ploidy`, the best supported first.

    Support is weighed by the chance that a read spans an allele of that length; a neighbour one
    copy away needs a third of it, or it is slippage.
    """
    counts = Counter(round(bases / unit) for bases in evidence.spanning)
    weight = {c: n / max(length - c * unit - 2 * ANCHOR + 1, 5) for c, n in counts.items()}
    order = sorted(counts, key=lambda c: (-weight[c], c))
    out: list[Size] = []
    for copies in order:
        near = any(abs(copies - one.copies) == 1 for one in out)
        enough = 0.35 if near else 0.2
        best = weight[out[0].copies] if out else 0.0
        if counts[copies] < MIN_READS or weight[copies] < enough * best:
            continue
        beside = [c for c in (copies - 1, copies, copies + 1) if counts[c] > 0.4 * counts[copies]]
        out.append(Size(copies, min(beside), max(beside)))
    return out[:ploidy]


def _unspanned(
    evidence: Evidence, beyond: int, unit: int, reads: LocusReads, share: float
) -> Size | None:
    """The size of alleles no read spans; None without evidence.

    `beyond`: bases of the longest spanned allele; flanking reads must show more than that.
    `share`: part of the depth that is of these alleles.
    """
    longer = [bases for bases in evidence.flanking if bases > beyond + 1.5 * unit]
    within = [bases for bases in evidence.in_repeat if bases > beyond + 1.5 * unit]
    if len(longer) + len(within) < MIN_LONG:
        return None
    seen = max([*longer, *within])
    rate = reads.depth * share / reads.length  # reads that start at a base
    n = len(within)
    if n < MIN_LONG:
        most = max(reads.length, seen) / unit
        return Size(seen // unit, seen // unit, math.ceil(most))
    low, size, high = (
        reads.length + max(k, 0) / rate for k in (n - 1.96 * n**0.5, n, n + 1.96 * n**0.5 + 2)
    )
    least = max(seen, low)
    saturated = size >= max(reads.fragment, 2 * reads.length)
    return Size(
        round(max(size, least) / unit),
        int((reads.length if saturated else least) // unit),
        None if saturated else math.ceil(high / unit),
    )


def sizes(
    evidence: Evidence, reads: LocusReads, unit: int, ploidy: int, benign_max: int | None
) -> tuple[list[Size], Reason]:
    """(alleles by length, at most `ploidy`; what was seen). Fewer alleles: the others unknown."""
    found = _spanned(evidence, unit, reads.length, ploidy)
    beyond = max((one.copies for one in found), default=0) * unit
    seen = because(
        "repeat.seen",
        spanning=len(evidence.spanning),
        flanking=len(evidence.flanking),
        within=len(evidence.in_repeat),
    )
    missing = 0
    if not found and ploidy == 2:
        room = reads.length - (benign_max or 0) * unit - 2 * ANCHOR
        missing = 2 if reads.depth / 2 * room / reads.length >= EXPECTED else 0
    long = _unspanned(evidence, beyond, unit, reads, max(missing, 1) / ploidy)
    if long is None:
        if len(found) == 1 and ploidy == 2:
            found = found * 2
            seen = seen.and_(because("repeat.alike"))
        return sorted(found, key=lambda s: s.copies), seen
    if missing == 2:
        return [long, long], seen.and_(because("repeat.both_longer"))
    kept = found[: ploidy - 1]
    return [*kept, long], seen.and_(because("repeat.one_longer"))


def range_of(size: Size, benign_max: int | None, pathogenic_min: int | None) -> str:
    """normal, intermediate, pathogenic; uncertain if the interval crosses a border."""
    high = math.inf if size.high is None else size.high
    if pathogenic_min is None or (benign_max is not None and benign_max >= pathogenic_min):
        return "no_range"
    if size.low >= pathogenic_min:
        return "pathogenic"
    if benign_max is not None and high <= benign_max:
        return "normal"
    if high < pathogenic_min:
        return (
            "intermediate"
            if benign_max is not None and size.low > benign_max
            else ("normal" if benign_max is None else "uncertain")
        )
    return "uncertain"


def measured(
    locus: Mapping[str, Any], alleles: Sequence[Size], ploidy: int, about: Mapping[str, Any]
) -> dict[str, Any]:
    """A row of REPEATS from alleles, whichever engine found them.

    An allele nobody saw leaves the locus not assessable unless another is pathogenic.
    """
    ordered = sorted(alleles, key=lambda s: s.copies)
    limits = locus["benign_max"], locus["pathogenic_min"]
    found = [range_of(size, *limits) for size in ordered]
    severity = ("pathogenic", "uncertain", "intermediate", "no_range", "normal")
    worst = next((r for r in severity if r in found), "not_assessable")
    if len(ordered) < ploidy and worst not in ("pathogenic", "no_range"):
        worst = "not_assessable"
    row = {name: locus.get(name) for name in REPEATS.schema} | {
        "ploidy": ploidy,
        "range": worst,
        "pathogenic_alleles": found.count("pathogenic"),
        **about,
    }
    for name, size in (("long", ordered[-1:]), ("short", ordered[:-1][:1])):
        if size:
            row |= {name: size[0].copies, f"{name}_low": size[0].low, f"{name}_high": size[0].high}
    return row


def not_assessable(
    locus: Mapping[str, Any], ploidy: int, reason: Reason, **about: object
) -> dict[str, Any]:
    """A row of REPEATS without lengths."""
    return measured(locus, [], ploidy, {"reason": reason, **about})


def repeat_row(
    locus: Mapping[str, Any],
    reads: LocusReads,
    model: LocusModel,
    motifs: Sequence[str],
    counted: Sequence[int],
    ploidy: int,
) -> dict[str, Any]:
    """The row of one locus from its reads, by the embedded engine."""
    evidence = gathered(reads, model, counted)
    about: dict[str, Any] = {
        "motif": "|".join(motifs[i] for i in counted),
        "spanning": len(evidence.spanning),
        "flanking": len(evidence.flanking),
        "in_repeat": len(evidence.in_repeat),
        "depth": round(reads.depth, 2),
        "engine": "embedded",
    }
    enough = MIN_DEPTH * ploidy / 2
    if reads.depth < enough:
        reason = because("repeat.shallow", depth=f"{reads.depth:.1f}", needed=f"{enough:g}")
        return not_assessable(locus, ploidy, reason, **about)
    unit = len(motifs[counted[0]])
    found, reason = sizes(evidence, reads, unit, ploidy, locus["benign_max"])
    if not found:
        reason = reason.and_(because("repeat.few"))
    return measured(locus, found, ploidy, {**about, "reason": reason})


def repeats_table(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """REPEATS from its rows, whose reasons are of reasons.yaml."""
    explained = [{**row, "said": stored(row["reason"])} for row in rows]
    full = [{name: row.get(name) for name in REPEATS.schema} for row in explained]
    return REPEATS.table(pl.DataFrame(full, schema=REPEATS.polars, orient="row"))
