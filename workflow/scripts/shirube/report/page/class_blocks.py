"""Which kinds of change were looked for in targets where nothing was found, and their limits."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shirube.report.event_classes import OF_KIND, OF_NORMAL, REASONS
from shirube.report.page.blocks import Block, cell, note, table
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.text import number, percent

ORDER = tuple(dict.fromkeys((*OF_KIND["coding"], *OF_NORMAL["coding"])))
SHOWN = ("not_found", "present", *REASONS)
Row = Mapping[str, Any]


def _size(bases: int, say: Catalogue) -> str:
    unit = "looked.kilobases" if bases >= 1000 else "looked.bases"
    return say.message(unit, size=number(bases / 1000 if bases >= 1000 else bases))


def _span(values: Sequence[float]) -> str:
    low, high = percent(min(values)), percent(max(values))
    return low if low == high else f"{low}–{high}"


def _limit(found: Sequence[Row], say: Catalogue) -> str:
    """From which share, size and copies on a class was seen; over targets, best and worst."""
    m, parts = say.message, []
    if shares := [one["vaf"] for one in found if one["vaf"] is not None]:
        parts.append(m("looked.vaf", vaf=_span(shares)))
    if short := [one for one in found if one["vaf_short"] is not None]:
        size = _size(max(one["short"] for one in short), say)
        parts.append(
            m("looked.vaf_short", vaf=_span([one["vaf_short"] for one in short]), size=size)
        )
    if sizes := [one["bases"] for one in found if one["bases"] is not None]:
        parts.append(m("looked.size", size=_size(max(sizes), say)))
    if copies := [one["copies"] for one in found if one["copies"] is not None]:
        parts.append(m("looked.copies", copies=number(max(copies))))
    if purities := [one["purity"] for one in found if one["purity"] is not None]:
        parts.append(m("looked.purity", purity=percent(min(purities), 0)))
    return m("list.join").join(parts) or "–"


def _groups(rows: Sequence[Row]) -> Iterator[tuple[str, str, list[tuple[Row, Row]]]]:
    """(class, state or reason, [(target, what is said of it)]), classes in order."""
    for name in ORDER:
        own = [(r, one) for r in rows for one in r["classes"] if one["class"] == name]
        for shown in SHOWN:
            part = [(r, one) for r, one in own if shown == (one["reason"] or one["state"])]
            if part:
                yield name, shown, part


def _genes(part: Sequence[tuple[Row, Row]], say: Catalogue) -> str:
    return say.message("list.join").join(dict.fromkeys(row["gene"] for row, _ in part))


def class_table(rows: Sequence[Row], say: Catalogue) -> list[Block]:
    """Every class asked of `rows` (not_found of the model), with the genes each line holds for."""
    m, body = say.message, []
    for name, shown, part in _groups(rows):
        tone = {"not_found": None, "present": "strong"}.get(shown, "warning")
        limit = _limit([one for _, one in part], say) if shown == "not_found" else "–"
        body.append(
            (
                m(f"looked.{name}"),
                cell(say.term("looked_state", shown), tone=tone),
                limit,
                number(len(part)),
                cell(_genes(part, say), tone="names"),
            )
        )
    if not body:
        return []
    heads = ("looked.class", "looked.state", "looked.limit", "count", "gene")
    caption = m("looked.caption")
    return [table(caption, [m(h) for h in heads], body, numeric=(3,))]


def class_brief(rows: Sequence[Row], say: Catalogue) -> list[Block]:
    """One line for the first page: classes of which nothing can be said for the own disease."""
    m = say.message
    said = [
        m(
            "looked.one",
            name=m(f"looked.{name}"),
            why=say.term("looked_state", shown),
            count=number(len({row["gene"] for row, _ in part})),
        )
        for name, shown, part in _groups(rows)
        if shown in REASONS
    ]
    if not said:
        return []
    return [note(m("looked.brief", classes=m("sentence.join").join(said)), "warning")]
