"""Pictures of genes and of the genome, each with the values its text alternative states."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from shirube.genome.chromosomes import CHROMS
from shirube.report.figures.finding import Figure, figure
from shirube.report.figures.svg import BLUE, HAZE, INK, LINE, ORANGE, RED, SKY, SOFT, WASH, Drawing
from shirube.report.targets import Model

UNSEEN = 20  # genes without reads named under the picture


def coverage(targets: pl.DataFrame, genes: Sequence[str]) -> Figure | None:
    """Depth of the coding bases of genes (TARGETS): mean, and the depth 95% of them reach.

    Genes without a read have no bar: they are named beneath.
    """
    table = targets.filter(
        pl.col("kind").cast(pl.String) == "coding", pl.col("gene").is_in(list(genes))
    )
    order = {gene: n for n, gene in enumerate(genes)}
    rows = sorted(table.iter_rows(named=True), key=lambda r: order[r["gene"]])[:50]
    unseen = [r["gene"] for r in rows if r["mean_depth"] == 0]
    rows = [r for r in rows if r["mean_depth"]]
    if not rows:
        return None
    top = max(max(r["mean_depth"] for r in rows), 1.0)
    left, scale, step = 90.0, 430.0, 15.0
    d = Drawing(left + scale + 150, 36 + step * len(rows))
    for n, r in enumerate(rows):
        y = 10 + step * n
        d.text(left - 6, y + 9, r["gene"], 10, INK, "end")
        d.rect(left, y, scale, step - 4, WASH)
        d.rect(left, y, scale * r["mean_depth"] / top, step - 4, SKY)
        d.rect(left, y + 3, scale * (r["low_depth"] or 0) / top, step - 10, BLUE)
        part = 100 * (r["callable"] or 0)
        d.text(left + scale + 6, y + 9, f"{r['mean_depth']:,.0f}×  {part:.0f}%", 9, SOFT)
    y = 26 + step * len(rows)
    for tick in (0.0, top / 2, top):
        d.text(left + scale * tick / top, y, f"{tick:,.0f}×", 9, SOFT, "middle")
    named = ", ".join(unseen[:UNSEEN]) + (" …" if len(unseen) > UNSEEN else "")
    values = {"count": len(rows), "unseen": len(unseen), "names": named or "–"}
    return figure("coverage", d, values)


def copy_number(
    segments: pl.DataFrame,
    loh: pl.DataFrame | None,
    items: Sequence[Mapping[str, Any]] = (),
    points: pl.DataFrame | None = None,
) -> Figure | None:
    """Copy-number segments (COPY_NUMBER) over the genome, allele fractions (LOH) below them.

    Genes of the findings on copy number (`items`) are named at their place. `points` of depth
    (depth_points) lie behind the segments; without reads of both samples there are none.
    """
    if segments.is_empty():
        return None
    ends = dict(
        segments.group_by(pl.col("chrom").cast(pl.String)).agg(pl.col("end").max()).iter_rows()
    )
    present = [c for c in CHROMS if c in ends]
    total = sum(ends.values())
    left, width, top, height, gap = 46.0, 900.0, 14.0, 150.0, 36.0
    offsets, at = {}, 0
    for chrom in present:
        offsets[chrom] = at
        at += ends[chrom]
    d = Drawing(left + width + 12, top + 2 * height + gap + 10)

    def x(chrom: str, pos: int) -> float:
        return left + width * (offsets[chrom] + pos) / total

    def y(log2: float) -> float:
        return top + height * (0.5 - max(-3.0, min(3.0, log2)) / 6)

    low = top + height + gap
    for tick in (-2, 0, 2):
        d.line(left, y(tick), left + width, y(tick))
        d.text(left - 6, y(tick) + 4, tick, 9, SOFT, "end")
    for part, label in ((0.0, "0"), (0.5, "0.5"), (1.0, "1")):
        d.line(left, low + height * (1 - part), left + width, low + height * (1 - part))
        d.text(left - 6, low + height * (1 - part) + 4, label, 9, SOFT, "end")
    d.word(6, top - 3, "figure.word.log2", 9, SOFT)
    d.word(6, low - 5, "figure.word.baf", 9, SOFT)
    for chrom in present:
        d.line(x(chrom, 0), top, x(chrom, 0), low + height, LINE, 0.6)
        d.text(x(chrom, ends[chrom] // 2), top + height + 16, chrom[3:], 9, SOFT, "middle")
    if points is not None:
        known = points.filter(pl.col("chrom").is_in(present))
        d.dots(((x(c, min(p, ends[c])), y(v)) for c, p, v in known.iter_rows()), 1.0, HAZE)
    shades = {"amplification": RED, "gain": ORANGE, "loss": BLUE, "homozygous_deletion": INK}
    calls: dict[str, int] = {}
    for row in segments.iter_rows(named=True):
        if row["log2"] is None:
            continue
        chrom = str(row["chrom"])
        calls[row["call"]] = calls.get(row["call"], 0) + 1
        colour = shades.get(row["call"], SOFT)
        first, last = x(chrom, row["start"]), x(chrom, row["end"])
        d.line(first, y(row["log2"]), max(last, first + 1.5), y(row["log2"]), colour, 4)
    _named_genes(d, items, x, y, set(present))
    if loh is not None and not loh.is_empty():
        sites = loh.filter(
            pl.col("tumour_vaf").is_not_null(), pl.col("chrom").cast(pl.String).is_in(present)
        )
        step = max(1, math.ceil(sites.height / 4000))
        kept = sites.gather_every(step).select(pl.col("chrom").cast(pl.String), "pos", "tumour_vaf")
        d.dots(
            ((x(c, min(p, ends[c])), low + height * (1 - v)) for c, p, v in kept.iter_rows()),
            1.1,
            BLUE,
        )
    summary = ", ".join(f"{name} {count}" for name, count in sorted(calls.items()))
    return figure("copy_number", d, {"segments": summary})


def _named_genes(
    d: Drawing,
    items: Sequence[Mapping[str, Any]],
    x: Callable[[str, int], float],
    y: Callable[[float], float],
    present: set[str],
) -> None:
    """Names of amplified and lost genes above or under their segment, none over another."""
    ends: dict[int, float] = {}
    placed = [
        (x(i["allele"]["chrom"], i["allele"]["pos"]), i)
        for i in items
        if i["kind"] == "copy_number" and i["allele"] and i["allele"]["chrom"] in present
    ]
    for at, item in sorted(placed, key=lambda one: (one[0], one[1]["gene"])):
        level = float(item["detail"].get("log2") or 0.0)
        row = next(n for n in range(len(placed) + 1) if ends.get(n, -1.0) < at)
        ends[row] = at + 8.0 * len(item["gene"])
        base = y(level) + (-8 - 10 * row if level > 0 else 16 + 10 * row)
        d.text(min(at, 900.0), max(10.0, base), item["gene"], 10, INK)


def fusion(finding: Mapping[str, Any], models: Mapping[str, Model]) -> Figure | None:
    """The exons of both partners, where they break, and what is joined.

    `models`: gene -> report.targets.Model. None where a partner or a breakpoint is unknown.
    """
    detail = finding["detail"]
    genes = [detail.get("gene5"), detail.get("gene3")]
    if not all(g in models for g in genes):
        genes = (finding["gene"] or "").split("::")
    places = [_place(detail.get(key)) for key in ("breakpoint5", "breakpoint3")]
    if len(genes) != 2 or not all(g in models for g in genes) or None in places:
        return None
    left, width = 90.0, 620.0
    d = Drawing(left + width + 30, 162)
    joined = []
    for n, (gene, place) in enumerate(zip(genes, places, strict=True)):
        assert place is not None
        at, kept = _gene(d, models[gene], gene, place, n == 0, left, width)
        joined.append((at, kept))
    (a, _), (b, _) = joined
    d.path(f"M{a:.1f} 62 C{a:.1f} 80 {b:.1f} 86 {b:.1f} 104", RED, 2)
    exons = [kept for _, kept in joined]
    frame = {True: "in frame", False: "out of frame"}.get(detail.get("in_frame"), "frame unknown")
    reads = finding["reads"]
    counts = f"{reads['alternative']} / {reads['depth']}"
    made = f"{genes[0]} 1–{exons[0]} :: {genes[1]} {exons[1]}–   {counts}"
    d.text(left, 150, made, 11, INK)
    values = {
        "name": finding["name"],
        "gene5": genes[0],
        "exon5": exons[0],
        "gene3": genes[1],
        "exon3": exons[1],
        "frame": frame,
    }
    return figure("fusion", d, values, finding["id"])


def _place(value: object) -> int | None:
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        digits = value.rsplit(":", 1)[-1].replace(",", "")
        return int(digits) if digits.isdigit() else None
    return None


def _gene(
    d: Drawing, model: Model, gene: str, place: int, first: bool, left: float, width: float
) -> tuple[float, int]:
    """Draw one partner 5' to 3'; return where it breaks and the last (first) exon kept."""
    y = 40.0 if first else 110.0
    exons = model.exons if model.forward else model.exons[::-1]
    lengths = [end - start for start, end in exons]
    # Exons to scale of the square root, introns of one width: a gene of 700 kb stays readable.
    shares = np.sqrt(np.array(lengths, float))
    gap = min(8.0, 0.4 * width / max(1, len(exons) - 1))
    unit = (width - gap * (len(exons) - 1)) / float(shares.sum())
    before = [(end <= place) if model.forward else (start >= place) for start, end in exons]
    count = sum(before)
    d.text(left - 8, y + 9, gene, 12, INK, "end")
    d.line(left, y + 6, left + width, y + 6, SOFT, 1)
    x, break_at = left, left
    for n, share in enumerate(shares):
        keep = (n < count) if first else (n >= count)
        size = max(1.5, unit * float(share))
        d.rect(x, y, size, 12, (BLUE if first else ORANGE) if keep else "#dfe5ea", "#8b98a5")
        if keep and (n in (0, len(exons) - 1, count - 1 if first else count)):
            d.text(x + size / 2, y - 4, n + 1, 8, SOFT, "middle")
        if n == count - 1:
            break_at = x + size + gap / 2
        x += size + gap
    d.line(break_at, y - 6, break_at, y + 18, RED, 1.6)
    return break_at, (count if first else count + 1)
