"""Pictures of small variants, each with the values its text alternative states.

Words in a picture are names and numbers, or messages by their id (`page.text.worded`), so that
one picture serves every language; a figure of the model is {id, kind, finding, svg, values}.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shirube.reads.window import WindowRead
from shirube.report.figures.svg import BASES, BLUE, INK, SOFT, Drawing

Figure = dict[str, Any]
ROWS = 16  # reads drawn a sample; the depth above them is of all, and so is the count
CELL, ROW, TRACK = 11.0, 8.0, 26.0


def figure(
    kind: str, drawing: Drawing, values: Mapping[str, Any], finding: str | None = None
) -> Figure:
    """A figure of the model."""
    name = kind if finding is None else f"{kind}:{finding}"
    return {
        "id": name,
        "kind": kind,
        "finding": finding,
        "svg": drawing.svg(),
        "values": {key: str(value) for key, value in values.items()},
    }


def carries(read: WindowRead, column: int, ref: str, alt: str) -> bool | None:
    """Whether a read shows the allele whose first reference base is at `column`; None: not seen."""
    at = column - read.start
    if not 0 <= at < len(read.bases):
        return None
    if len(ref) == len(alt):
        seen = read.bases[at : at + len(ref)]
        return None if len(seen) < len(ref) else seen == alt
    if len(alt) > len(ref):
        return read.inserted.get(column + 1, "") == alt[1:]
    gone = read.bases[at + 1 : at + len(ref)]
    if len(gone) < len(ref) - 1:
        return None
    beyond = read.bases[at + len(ref) : at + len(ref) + 1]
    return set(gone) == {"-"} and beyond != "-"


def shown_reads(reads: Sequence[WindowRead], column: int, ref: str, alt: str) -> list[WindowRead]:
    """At most ROWS reads over the allele, those with it first; both kinds in their share."""
    over = [(carries(r, column, ref, alt), r) for r in reads]
    with_it = [r for seen, r in over if seen]
    without = [r for seen, r in over if seen is False]
    total = len(with_it) + len(without)
    if total > ROWS:
        share = max(1, round(ROWS * len(with_it) / total)) if with_it else 0
        with_it, without = with_it[:share], without[: ROWS - share]
    return with_it + without


def read_counts(reads: Sequence[WindowRead], column: int, ref: str, alt: str) -> str:
    """Fragments with the allele of all fragments that show it or not; bases of low quality out.

    The two reads of a pair count once: as the allele only if neither speaks against it.
    """
    seen: dict[str, bool] = {}
    for number, read in enumerate(reads):
        found = carries(read, column, ref, alt)
        if found is None or (column - read.start) in read.low:
            continue
        name = read.fragment or str(number)
        seen[name] = found and seen.get(name, True)
    return f"{sum(seen.values())} / {len(seen)}"


def pile_up(
    finding: Mapping[str, Any],
    window_start: int,
    reference: str,
    samples: Sequence[tuple[str, Sequence[WindowRead]]],
) -> Figure:
    """Reads of each sample over a small variant.

    `reference`: bases of the window, which starts at `window_start` (0-based); `samples`: label
    and reads, the sample of the finding first.
    """
    allele = finding["allele"]
    column = allele["pos"] - 1 - window_start
    parts = [
        (label, reads, shown_reads(reads, column, allele["ref"], allele["alt"]))
        for label, reads in samples
    ]
    width = CELL * len(reference) + 20
    height = 34 + sum(30 + TRACK + ROW * max(1, len(kept)) for _, _, kept in parts)
    d = Drawing(width, height)
    left = 10.0
    d.rect(left + CELL * column, 14, CELL * len(allele["ref"]), height - 18, "#fff3d6")
    for n, base in enumerate(reference):
        d.text(left + CELL * (n + 0.5), 26, base, 9, BASES.get(base, SOFT), "middle")
    d.text(left + CELL * column, 11, f"{allele['chrom']}:{allele['pos']:,}", 9, SOFT)
    y, values = 40.0, {}
    for label, reads, kept in parts:
        counts = read_counts(reads, column, allele["ref"], allele["alt"])
        values[label] = counts
        d.text(left, y + 2, f"{label}  {counts}", 10, INK)
        _depth(d, reads, len(reference), left, y + 7)
        y += 11 + TRACK
        for read in kept:
            _read(d, read, reference, left, y)
            y += ROW
        y += 12 if kept else 12 + ROW
    summary = ", ".join(f"{label} {counts}" for label, counts in values.items())
    return figure("pile_up", d, {"name": finding["name"], "reads": summary}, finding["id"])


def _depth(d: Drawing, reads: Sequence[WindowRead], columns: int, left: float, top: float) -> None:
    """Depth of all reads over the window as a track, its highest value written beside it."""
    depth = [0] * columns
    for read in reads:
        for column in range(max(0, read.start), min(columns, read.start + len(read.bases))):
            depth[column] += read.bases[column - read.start] != "-"
    most = max(depth, default=0)
    d.line(left, top + TRACK, left + CELL * columns, top + TRACK, SOFT, 0.6)
    for column, count in enumerate(depth):
        if count:
            size = (TRACK - 2) * count / most
            d.rect(left + CELL * column, top + TRACK - size, CELL, size, "#b7c3cd")
    d.text(left + CELL * columns, top + 8, f"{most}×", 8, SOFT, "end")


def _read(d: Drawing, read: WindowRead, reference: str, left: float, y: float) -> None:
    x = left + CELL * read.start
    colour = "#d7dde3" if read.reverse else "#c4d6e4"
    d.rect(x, y, CELL * len(read.bases), ROW - 2, colour)
    for n, base in enumerate(read.bases):
        column = read.start + n
        if base == "-":
            d.rect(x + CELL * n, y, CELL, ROW - 2, "#ffffff")
            d.line(x + CELL * n, y + 3.5, x + CELL * (n + 1), y + 3.5, INK, 1.4)
        elif base in BASES and base != reference[column]:
            shade = "#8b98a5" if n in read.low else BASES[base]
            d.rect(x + CELL * n, y, CELL, ROW - 2, shade)
            d.text(x + CELL * (n + 0.5), y + 6, base, 7, "#ffffff", "middle")
    for column, bases in read.inserted.items():
        at = left + CELL * column
        d.line(at, y - 1, at, y + ROW - 1, "#6a1b9a", 2.2)
        d.text(at + 2, y + 6, f"+{bases}", 6, "#6a1b9a")


def fractions(findings: Sequence[Mapping[str, Any]]) -> Figure | None:
    """Allele fraction of every small variant of the tumour with its 95% interval."""
    rows = [
        f
        for f in findings
        if f["origin"] == "somatic" and f["reads"]["vaf"] is not None and f["kind"] != "fusion"
    ][:40]
    if not rows:
        return None
    left, scale, step = 210.0, 430.0, 20.0
    d = Drawing(left + scale + 90, 40 + step * len(rows))
    bottom = 18 + step * len(rows)
    for tick in range(0, 101, 25):
        x = left + scale * tick / 100
        d.line(x, 8, x, bottom)
        d.text(x, bottom + 14, f"{tick}%", 9, SOFT, "middle")
    for n, f in enumerate(rows):
        y, reads = 20 + step * n, f["reads"]
        d.text(left - 8, y + 4, f["name"], 10, INK, "end")
        low, high = reads["vaf_low"], reads["vaf_high"]
        if low is not None and high is not None:
            d.line(left + scale * low, y, left + scale * high, y, BLUE, 2)
        d.circle(left + scale * reads["vaf"], y, 4, BLUE)
        d.text(left + scale + 8, y + 4, f"{reads['alternative']}/{reads['depth']}", 9, SOFT)
    return figure("fractions", d, {"count": len(rows)})
