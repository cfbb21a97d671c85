"""Changes of a tumour followed through later samples, or samples of other places, as a picture."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from shirube.report.figures.svg import BLUE, INK, LINE, ORANGE, SOFT, Drawing

LOWEST = 5e-4  # fraction at the foot of the picture; limits below it are drawn there
NAMED = 24  # changes named beside the last sample
_COLOURS = {"shared": BLUE, "private": ORANGE}
_LEFT, _TOP, _HEIGHT, _STEP = 56.0, 34.0, 260.0, 120.0


def timeline(table: pl.DataFrame, samples: Sequence[str]) -> Drawing:
    """Allele fractions of each change (cancer.follow.followed) by sample, in their given order.

    A dot is a change that is present, with its 95% interval; a mark open downwards is the upper
    limit of one that is not seen. What could not be assessed has neither, and no line.
    """
    width = _STEP * len(samples)
    drawing = Drawing(_LEFT + width + 220, _TOP + _HEIGHT + 40)

    def height(fraction: float) -> float:
        share = np.log(max(fraction, LOWEST) / LOWEST) / np.log(1 / LOWEST)
        return float(_TOP + _HEIGHT * (1 - share))

    for tick in (0.001, 0.01, 0.1, 1.0):
        drawing.line(_LEFT, height(tick), _LEFT + width, height(tick))
        drawing.text(_LEFT - 6, height(tick) + 4, f"{tick:g}", 10, SOFT, "end")
    drawing.word(6, 12, "figure.word.fraction", 10, SOFT)
    middles = {name: _LEFT + _STEP * (n + 0.5) for n, name in enumerate(samples)}
    for name, across in middles.items():
        drawing.line(across, _TOP, across, _TOP + _HEIGHT, LINE, 0.6)
        drawing.text(across, _TOP + _HEIGHT + 20, name, 11, INK, "middle")
    last: list[tuple[float, str]] = []
    for number, (_, rows) in enumerate(table.group_by("finding", maintain_order=True)):
        by_sample = {row["sample"]: row for row in rows.rows(named=True)}
        first = rows.row(0, named=True)
        colour = _COLOURS.get(first["pattern"], SOFT)
        aside = 3.0 * (number % 7 - 3)  # intervals of several changes stand beside each other
        before: tuple[float, float] | None = None
        for name in samples:
            row = by_sample[name]
            if row["state"] == "not_assessable":
                before = None
                continue
            x, present = middles[name] + aside, row["state"] == "present"
            y = height(row["vaf"] if present else row["vaf_high"])
            if before is not None:
                drawing.line(*before, x, y, colour, 1.2 if present else 0.6)
            if present:
                drawing.line(x, height(row["vaf_high"]), x, height(row["vaf_low"]), colour, 1)
                drawing.circle(x, y, 3.5, colour)
            else:
                drawing.path(f"M{x - 4:.1f} {y:.1f} h8 M{x:.1f} {y:.1f} v7", colour, 1.4)
            before = (x, y)
        if before is not None:
            last.append((before[1], first["name"]))
    _names(drawing, sorted(last)[:NAMED], _LEFT + width + 4)
    for n, (pattern, colour) in enumerate((*_COLOURS.items(), ("unclear", SOFT))):
        drawing.circle(_LEFT + 130 + 150 * n, 8, 3.5, colour)
        drawing.word(_LEFT + 138 + 150 * n, 12, f"figure.word.{pattern}", 10, SOFT)
    return drawing


def _names(drawing: Drawing, names: Sequence[tuple[float, str]], left: float) -> None:
    """Names of changes at their last height, moved down where one would lie over another."""
    free = 0.0
    for y, name in names:
        free = max(free, y + 4)
        drawing.text(left, min(free, _TOP + _HEIGHT + 36), name, 10, INK)
        free += 11
