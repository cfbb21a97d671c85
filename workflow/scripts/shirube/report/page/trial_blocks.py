"""The section on clinical trials that recruit: what was matched, on which words, from where."""

from collections.abc import Mapping, Sequence
from typing import Any

from shirube.report.page.blocks import Block, cell, note, table
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.finding_blocks import shown_title
from shirube.report.page.text import number

SITES = 3  # places of a trial that are named
ONE_LANGUAGE = {"ja": 0x3040}  # from here on a character is Japanese


def foreign(text: str, say: Catalogue) -> str | None:
    """`en` for a text of a registry without a character of a Japanese page's language."""
    first = ONE_LANGUAGE.get(say.language)
    return "en" if first and all(ord(c) < first for c in text) else None


def _mixed(parts: Sequence[tuple[str, bool]], say: Catalogue) -> Block:
    """Text in one cell; those parts that quote a registry are marked with their language."""
    kept = [(text, quoted) for text, quoted in parts if text]
    between = say.message("sentence.join")
    made = cell(between.join(text for text, _ in kept) or "–")
    made["parts"] = [{"text": t, "lang": foreign(t, say) if q else None} for t, q in kept]
    return {**made, "between": between} if kept else cell("–")


def trials(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """The trials listed, why the others are not, and from which exports they are."""
    m, found = say.message, model["trials"]
    if model["quality"]["blocked"]:
        return [note(m("section.blocked"))]
    if found is None:
        return [note(m("trials.unasked"))]
    by_id = {item["id"]: item for item in model["findings"]}
    rows = [_row(one, by_id, say) for one in found["listed"]]
    heads = ("trial", "what", "finding", "words", "tumour", "age", "place", "updated")
    out: list[Block] = [note(m("trials.none"))]
    if rows:
        out = [table(m("trials.listed"), [m(f"trials.{head}") for head in heads], rows)]
    told = [
        m("trials.fate", why=say.term("trials.why", why), count=count)
        for why, count in found["fates"].items()
        if count and why != "listed"
    ]
    if told:
        names = m("list.join").join(told)
        out.append(note(m("trials.others", count=_others(found), names=names)))
    exports = m("list.join").join(
        m("trials.export", form=say.term("trials.form", e["form"]), **_named(e))
        for e in found["exports"]
    )
    return [*out, note(m("trials.sources", names=exports)), note(m("trials.note"), "warning")]


def _named(export: Mapping[str, Any]) -> dict[str, object]:
    return {key: export[key] for key in ("name", "exported", "trials", "recruiting")}


def _others(found: Mapping[str, Any]) -> int:
    return sum(count for why, count in found["fates"].items() if why != "listed")


def _row(one: Mapping[str, Any], by_id: Mapping[str, Any], say: Catalogue) -> tuple[object, ...]:
    m, between = say.message, say.message("list.join")
    matched = [
        m("trials.match", name=shown_title(by_id[match["finding"]], say),
          by=say.term("trials.by", match["by"]))
        for match in one["matches"]
    ]  # fmt: skip
    drugs, phase = between.join(one["interventions"]), one["phase"]
    excerpts = list(dict.fromkeys(match["text"] for match in one["matches"]))
    return (
        cell(one["trial"], one["url"], tone="whole"),
        _mixed([(one["title"], True), (phase or "", True), (drugs, True)], say),
        between.join(matched),
        _mixed([(m("quoted", text=text), True) for text in excerpts], say),
        _mixed([(say.term("trials.tumour", one["tumour"]), False), (one["disease"] or "", True)],
               say),
        _age(one, say),
        _place(one, say),
        cell(one["updated"] or m("unknown"), tone="whole"),
    )  # fmt: skip


def _age(one: Mapping[str, Any], say: Catalogue) -> str:
    low, high = one["ages"]
    if one["age"] == "any":
        return say.message("trials.age.any")
    key = "from" if high is None else "to" if low is None else "bounds"
    bounds = say.message(f"trials.age.{key}", low=number(low), high=number(high))
    return bounds if one["age"] == "within" else f"{bounds} {say.message('trials.age.unknown')}"


def _place(one: Mapping[str, Any], say: Catalogue) -> Block:
    m = say.message
    region = {True: "trials.region.yes", False: "trials.region.no"}.get(one["in_region"])
    names = [f"{s['facility']} ({s['region']})" if s["region"] else s["facility"]
             for s in one["sites"][:SITES]]  # fmt: skip
    more = len(one["sites"]) - len(names)
    parts = [(m(region) if region else "", False), *((name, True) for name in names)]
    parts.append((m("and.more", count=more) if more > 0 else "", False))
    abroad = [country for country in one["countries"] if country != "Japan"]
    if not one["sites"]:
        parts.append((m("trials.abroad") if abroad else m("unknown"), False))
        parts.append((say.message("list.join").join(abroad), True))
    return _mixed(parts, say)
