"""Pictures of a tumour as a whole: its substitutions in their context, its rearrangements."""

from collections.abc import Mapping, Sequence
from typing import Any

from shirube.genome.chromosomes import CHROMS
from shirube.report.figures.finding import Figure, figure
from shirube.report.figures.svg import BLUE, GREEN, INK, LINE, ORANGE, RED, SKY, SOFT, Drawing

SUBSTITUTIONS = {"C>A": SKY, "C>G": INK, "C>T": RED, "T>A": SOFT, "T>C": GREEN, "T>G": ORANGE}
FEWEST = 20  # substitutions below which their spectrum is noise


def spectrum(counts: Mapping[str, int]) -> Figure | None:
    """Substitutions by their neighbours (A[C>A]A -> count), 16 contexts of each of six kinds."""
    total = sum(counts.values())
    if total < FEWEST:
        return None
    left, top, height, bar = 46.0, 26.0, 130.0, 8.0
    d = Drawing(left + 96 * bar + 10, top + height + 46)
    most = max(counts.values())
    for part in (0, most / 2, most):
        y = top + height * (1 - part / most)
        d.line(left, y, left + 96 * bar, y)
        d.text(left - 5, y + 4, f"{part:g}", 9, SOFT, "end")
    for n, (kind, colour) in enumerate(SUBSTITUTIONS.items()):
        x = left + 16 * bar * n
        d.rect(x + 1, top - 8, 16 * bar - 2, 5, colour)
        d.text(x + 8 * bar, top - 12, kind, 11, INK, "middle")
        for m, (before, after) in enumerate((a, b) for a in "ACGT" for b in "ACGT"):
            size = height * counts.get(f"{before}[{kind}]{after}", 0) / most
            d.rect(x + bar * m + 1, top + height - size, bar - 2, size, colour)
        for m, before in enumerate("ACGT"):
            d.text(x + bar * (4 * m + 2), top + height + 12, before, 9, SOFT, "middle")
    d.word(left, top + height + 28, "figure.word.before", 9, SOFT)
    d.word(left, top + height + 41, "figure.word.after", 9, SOFT)
    leading = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:3]
    named = ", ".join(f"{name} {count}" for name, count in leading)
    return figure("spectrum", d, {"count": total, "leading": named})


def rearrangements(items: Sequence[Mapping[str, Any]], lengths: Mapping[str, int]) -> Figure | None:
    """Reported adjacencies as arcs over the chromosomes; `lengths` by canonical name."""
    ends = []
    for item in items:
        detail = item["detail"]
        pair = ("breakpoint5", "breakpoint3")
        pair = pair if detail.get(pair[0]) else ("breakpoint1", "breakpoint2")
        named = [str(detail.get(key) or "").rsplit(":", 1) for key in pair]
        if all(len(p) == 2 and p[0] in lengths and p[1].isdigit() for p in named):
            ends.append((item, [(p[0], int(p[1])) for p in named]))
    if not ends:
        return None
    present = [c for c in CHROMS if c in lengths and c != "chrM"]
    total = sum(lengths[c] for c in present)
    left, width, base = 20.0, 900.0, 70.0 + 13.0 * min(6, len(ends))
    offsets, at = {}, 0
    for chrom in present:
        offsets[chrom] = at
        at += lengths[chrom]
    d = Drawing(left + width + 20, base + 46)
    for n, chrom in enumerate(present):
        x = left + width * offsets[chrom] / total
        size = width * lengths[chrom] / total
        d.rect(x, base, size, 12, "#dfe5ea" if n % 2 else LINE, "#8b98a5")
        d.text(x + size / 2, base + 26, chrom[3:], 9, SOFT, "middle")
    drawn: list[float] = []
    for item, places in ends:
        a, b = sorted(left + width * (offsets[c] + p) / total for c, p in places)
        far = (b - a) / width
        peak = base - 26 - (base - 50) * min(1.0, far * 1.6)
        colour = RED if item["kind"] == "fusion" else BLUE
        b = max(b, a + 6.0)
        d.path(f"M{a:.1f} {base:.1f} Q{(a + b) / 2:.1f} {2 * peak - base:.1f} {b:.1f} {base:.1f}",
               colour, 1.8)  # fmt: skip
        y = peak - 4
        while any(abs(y - other) < 13 for other in drawn):
            y -= 13
        drawn.append(y)
        place = min(max((a + b) / 2, 90.0), width - 60)
        d.text(place, max(10.0, y), item["gene"] or item["name"], 10, INK, "middle")
    return figure("rearrangements", d, {"count": len(ends)})
