"""Pictures of the site as SVG: exons with alleles, people along a region, group against group.

Each is drawn from numbers that also stand in a table on the page. No colour alone carries a
meaning, and nothing is styled in line: classes belong to the style sheet, so the page's content
security policy holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

WIDTH, MARGIN, RIGHT = 960, 56, 12
Stretch = tuple[int, ...]  # start, end, people, copies


@dataclass(frozen=True)
class Mark:
    """One allele of a figure: 0-based position, frequency (None: withheld), class and name."""

    at: int
    af: float | None
    kind: str
    name: str
    anchor: str = ""


class Scale:
    """From positions of the genome to pixels; the gaps between pieces are drawn as short ones."""

    def __init__(self, pieces: Sequence[tuple[int, int]], reverse: bool = False) -> None:
        self.pieces = list(pieces)
        gap = 14.0 if len(self.pieces) > 1 else 0.0
        room = WIDTH - MARGIN - RIGHT - gap * (len(self.pieces) - 1)
        bases = max(1, sum(end - start for start, end in self.pieces))
        self.per_base, at, self._left = room / bases, float(MARGIN), []
        for start, end in self.pieces:
            self._left.append(at)
            at += (end - start) * self.per_base + gap
        self._reverse = reverse

    def x(self, position: int) -> float:
        """Pixels of a position; between pieces, the middle of the gap."""
        for (start, end), left in zip(self.pieces, self._left, strict=True):
            if position < start:
                return self._turned(max(left - 7, MARGIN))
            if position <= end:
                return self._turned(left + (position - start) * self.per_base)
        return self._turned(WIDTH - RIGHT)

    def _turned(self, x: float) -> float:
        return WIDTH - RIGHT + MARGIN - x if self._reverse else x

    def box(self, start: int, end: int) -> tuple[float, float]:
        """Left edge and width of a stretch, at least a pixel wide."""
        a, b = sorted((self.x(start), self.x(end)))
        return a, max(b - a, 1.0)


def _svg(height: float, body: Sequence[str], title: str, name: str) -> str:
    return (
        f'<svg class="figure {name}" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        f'aria-label="{escape(title, quote=True)}">' + "".join(body) + "</svg>"
    )


def _text(x: float, y: float, words: str, kind: str = "tick", anchor: str = "middle") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} class="{kind}">{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" class="{kind}"/>'
    )


def _height(af: float | None, top: float, bottom: float, floor_at: float) -> float:
    """Pixels of a frequency on a logarithmic axis from `floor_at` (bottom) to 1 (top)."""
    if not af:
        return bottom
    share = max(0.0, 1 - log10(max(af, floor_at)) / log10(floor_at))
    return bottom - share * (bottom - top)


def _axis(least: float, top: float, bottom: float) -> list[str]:
    out = []
    decade = 0
    while 10.0**decade >= least * 0.999:
        value = 10.0**decade
        y = _height(value, top, bottom, least)
        out.append(_line(MARGIN, y, WIDTH - RIGHT, y, "grid"))
        label = "1" if decade == 0 else f"{value:g}" if decade > -4 else f"1e{decade}"
        out.append(_text(MARGIN - 8, y + 4, label, anchor="end"))
        decade -= 1
    return out


def floor_of(marks: Sequence[Mark]) -> float:
    """The power of ten below the smallest frequency, between 1e-6 and 0.1."""
    seen = [mark.af for mark in marks if mark.af]
    return 10.0 ** max(-6, min(-1, floor(log10(min(seen))))) if seen else 0.1


def _people(
    scale: Scale, stretches: Sequence[Stretch], most: int, top: float, bottom: float
) -> list[str]:
    """Steps of how many people were callable, as one filled shape a piece of the scale."""
    out = []
    for start, end in scale.pieces:
        points = [(scale.x(start), bottom)]
        at = start
        for low, high, people, *_ in stretches:
            if high <= start or low >= end:
                continue
            low, high = max(low, start), min(high, end)
            if low > at:
                points += [(scale.x(at), bottom), (scale.x(low), bottom)]
            y = bottom - (bottom - top) * min(people / max(most, 1), 1.0)
            points += [(scale.x(low), y), (scale.x(high), y)]
            at = high
        points += [(scale.x(at), bottom), (scale.x(end), bottom)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        out.append(f'<polygon points="{path}" class="people"/>')
    return out


def gene(
    exons: Sequence[tuple[int, int]],
    coding: tuple[int, int] | None,
    forward: bool,
    marks: Sequence[Mark],
    stretches: Sequence[Stretch] | None,
    people: int,
    title: str,
    flank: int,
    label: str,
) -> str:
    """Exons with the alleles above them by frequency, and the share of people judged below."""
    pieces: list[tuple[int, int]] = []
    for start, end in exons:
        low, high = max(start - flank, 0), end + flank
        if pieces and low <= pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(high, pieces[-1][1]))
        else:
            pieces.append((low, high))
    scale = Scale(pieces, not forward)
    top, bottom = 16.0, 190.0
    least = floor_of(marks)
    body = _axis(least, top, bottom)
    for mark in sorted(marks, key=lambda m: m.kind != "other"):
        x, y = scale.x(mark.at), _height(mark.af, top, bottom, least)
        body.append(_line(x, y, x, bottom + 16, "stem"))
        body.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" class="mark {mark.kind}" '
            f'data-row="{escape(mark.anchor)}"><title>{escape(mark.name)}</title></circle>'
        )
    middle = bottom + 30
    body.append(_line(MARGIN, middle, WIDTH - RIGHT, middle, "intron"))
    for number, (start, end) in enumerate(exons, 1):
        left, width = scale.box(start, end)
        body.append(_rect(left, middle - 5, width, 10, "utr"))
        if coding:
            low, high = max(start, coding[0]), min(end, coding[1])
            if low < high:
                a, b = scale.box(low, high)
                body.append(_rect(a, middle - 11, b, 22, "cds"))
        shown = number if forward else len(exons) + 1 - number
        if width > 16 or len(exons) < 12:
            body.append(_text(left + width / 2, middle + 27, str(shown)))
    height = middle + 40
    if stretches is not None:
        body += _people(scale, stretches, people, height + 12, height + 52)
        body.append(_text(MARGIN - 8, height + 17, "100%", anchor="end"))
        body.append(_text(MARGIN - 8, height + 55, "0", anchor="end"))
        body.append(_text(MARGIN, height + 70, label, anchor="start"))
        height += 78
    return _svg(height, body, title, "gene")


def region(
    start: int,
    end: int,
    genes: Sequence[tuple[str, int, int, str]],
    marks: Sequence[Mark],
    stretches: Sequence[Stretch] | None,
    people: int,
    title: str,
) -> str:
    """People along a region, its genes (name, start, end, strand) and its alleles."""
    scale = Scale([(start, end)])
    body: list[str] = []
    top = 16.0
    if stretches is not None:
        body += _people(scale, stretches, people, top, top + 70)
        body.append(_text(MARGIN - 8, top + 5, f"{people:,}", anchor="end"))
        body.append(_text(MARGIN - 8, top + 73, "0", anchor="end"))
        body.append(_line(MARGIN, top + 70, WIDTH - RIGHT, top + 70, "axis"))
        top += 92
    rows: list[float] = []
    for name, low, high, strand in genes:
        left, width = scale.box(max(low, start), min(high, end))
        reach = max(left + width, left + 9.0 * (len(name) + 3))
        row = next((n for n, used in enumerate(rows) if used < left), len(rows))
        rows[row : row + 1] = [reach + 6]
        y = top + 26 * row
        body.append(_rect(left, y + 14, width, 6, "cds"))
        arrow = "→" if strand == "+" else "←"
        body.append(_text(left, y + 9, f"{name} {arrow}", "gene-name", "start"))
    top += 26 * len(rows) + 10
    least = floor_of(marks)
    bottom = top + 110
    body += _axis(least, top + 6, bottom)
    for mark in marks:
        x, y = scale.x(mark.at), _height(mark.af, top + 6, bottom, least)
        body.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="mark {mark.kind}" '
            f'data-row="{escape(mark.anchor)}"><title>{escape(mark.name)}</title></circle>'
        )
    for n in range(5):
        at = start + (end - start) * n // 4
        anchor = "start" if n == 0 else "end" if n == 4 else "middle"
        body.append(_text(scale.x(at), bottom + 22, f"{at + (n < 4):,}", anchor=anchor))
    return _svg(bottom + 32, body, title, "region")


def scatter(
    points: Sequence[tuple[float, float, bool, str]], one: str, other: str, title: str
) -> str:
    """Frequencies of two populations against each other, logarithmic; 0 stands at the edge."""
    size, left, top = 460.0, 88.0, 14.0
    seen = [value for x, y, *_ in points for value in (x, y) if value > 0]
    least = 10.0 ** max(-6, min(-1, floor(log10(min(seen))))) if seen else 0.1

    def along(value: float) -> float:
        return 1 - log10(max(value, least)) / log10(least) if value > 0 else -0.02

    body, decade = [], 0
    while 10.0**decade >= least * 0.999:
        value = 10.0**decade
        label = "1" if decade == 0 else f"{value:g}" if decade > -4 else f"1e{decade}"
        x, y = left + along(value) * size, top + (1 - along(value)) * size
        body.append(_line(x, top, x, top + size, "grid"))
        body.append(_line(left, y, left + size, y, "grid"))
        body.append(_text(x, top + size + 20, label))
        body.append(_text(left - 14, y + 4, label, anchor="end"))
        decade -= 1
    body.append(_line(left, top + size, left + size, top, "diagonal"))
    for x, y, differs, name in sorted(points, key=lambda p: p[2]):
        body.append(
            f'<circle cx="{left + along(x) * size:.1f}" cy="{top + (1 - along(y)) * size:.1f}" '
            f'r="{5 if differs else 3.5}" class="point {"differs" if differs else "same"}">'
            f"<title>{escape(name)}</title></circle>"
        )
    body.append(_text(left + size / 2, top + size + 44, one, "axis-name"))
    middle = top + size / 2
    body.append(
        f'<text x="22" y="{middle:.0f}" transform="rotate(-90 22 {middle:.0f})" '
        f'text-anchor="middle" class="axis-name">{escape(other)}</text>'
    )
    return (
        f'<svg class="figure scatter" viewBox="0 0 {left + size + 14:.0f} {top + size + 54:.0f}" '
        f'role="img" aria-label="{escape(title, quote=True)}">' + "".join(body) + "</svg>"
    )


def histogram(bars: Sequence[tuple[str, int | None]], title: str, axis: str) -> str:
    """Copies of each allele as bars, in the order given; numbers that lie apart stand apart."""
    values = [count or 0 for _, count in bars]
    most, top, bottom = max(values, default=1) or 1, 14.0, 170.0
    numbers = [int(name) if name.isdigit() else None for name, _ in bars]
    known = [n for n in numbers if n is not None]
    low, slots = min(known, default=0), 0
    places = []
    for n in numbers:
        slots = n - low if n is not None and known else slots
        places.append(slots)
        slots += 1
    room = min((WIDTH - MARGIN - RIGHT) / max(slots, 1), 48.0)
    body = [_text(MARGIN - 8, top + 5, f"{most:,}", anchor="end")]
    body.append(_text(MARGIN - 8, bottom + 4, "0", anchor="end"))
    body.append(_line(MARGIN, bottom, WIDTH - RIGHT, bottom, "axis"))
    step = max(1, round(34 / room)) if bars else 1
    last = -step
    for (name, count), at, value in zip(bars, places, values, strict=True):
        x, height = MARGIN + at * room, (bottom - top) * value / most
        shape = f'x="{x + room * 0.1:.1f}" y="{bottom - height:.1f}" width="{room * 0.8:.1f}"'
        label = escape(f"{name}: {'' if count is None else format(count, ',')}")
        body.append(
            f'<rect {shape} height="{height:.1f}" class="cds"><title>{label}</title></rect>'
        )
        if at - last >= step or not name.isdigit():
            body.append(_text(x + room / 2, bottom + 18, name))
            last = at
    body.append(_text(MARGIN, bottom + 40, axis, "axis-name", "start"))
    return _svg(bottom + 50, body, title, "histogram")


def bar(af: float | None, low: float, high: float, most: float) -> str:
    """A frequency as a bar with its interval, on a scale to `most`. Said in the row's cells."""
    if af is None:
        return ""

    def x(value: float) -> float:
        return 100 * min(value / most, 1.0) if most else 0.0

    return (
        '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect x="0" y="2" width="100" height="8" class="track"/>'
        f'<rect x="0" y="2" width="{x(af):.2f}" height="8" class="value"/>'
        f'<rect x="{x(low):.2f}" y="5.2" width="{max(x(high) - x(low), 0.4):.2f}" height="1.6" '
        'class="interval"/></svg>'
    )
