"""What stands on the panel sheet, in one language: made from the report model alone.

The sheet leads with the findings to act on, in the report's order, then those with a tier I or II
or with evidence for a drug; every other finding is counted. Discussion points are proposed from
facts of the model, never concluded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from shirube.report.leading import TIERS, disputed
from shirube.report.page.blocks import Block
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.document import banners, identity, mark
from shirube.report.page.finding_blocks import (
    fraction,
    reads_text,
    second_hit,
    shown_title,
    tier_badges,
)
from shirube.report.page.lead_cards import in_trans, next_steps
from shirube.report.page.text import Json, displayed
from shirube.report.page.therapies import SUPPORTING, evidence_order, therapy_columns
from shirube.report.support import pubmed_ids

NAMED = 10  # findings named beside those that have a row
TRIALS = 4  # trials named of a row; the table holds them all
CITED = 6  # publications of a row; the table and report.json hold them all
Finding = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One finding: what was seen, what it rests on, what to discuss, how to confirm it."""

    item: Finding
    reason: str | None  # why it is acted on; None where it is not
    title: str
    seen: tuple[str, ...]
    badges: tuple[Block, ...]
    therapies: tuple[Block, ...]
    pubmed: tuple[str, ...]
    points: tuple[str, ...]
    test: str
    mates: tuple[Finding, ...]
    trials: tuple[str, ...]


def points(
    item: Finding, reason: str | None, say: Catalogue, items: Sequence[Finding] = ()
) -> list[str]:
    """What the panel may want to discuss of a finding, by the facts of the model (`items`: all)."""
    m, evidence = say.message, item["evidence"]
    out = [s for s in next_steps(item, reason or "", say, items) if s != m("step.confirm")]
    approved = [e for e in evidence if e["group"] == "approved_japan"]
    if approved and not any(e["same_disease"] for e in approved):
        out.append(m("panel.point.other_disease"))
    odds = [m("drug.combination").join(map(say.drug, sorted(one))) for one in disputed(item)]
    if odds:
        out.append(m("panel.point.conflict", names=m("list.join").join(odds)))
    if item["detail"].get("answers_differ"):
        out.append(m("panel.point.answers"))
    parents = (None, "unknown", "not_maternal", "not_paternal")
    if item["section"] == "rare" and item["inheritance"] in parents:
        out.append(m("panel.point.parents"))
    if item["detail"].get("carrier"):
        out.append(m("carrier.meaning"))
    return list(dict.fromkeys(out))


def confirmation(item: Finding, say: Catalogue) -> str:
    """The method that would confirm a finding, or that it was confirmed."""
    m = say.message
    if item["confirmation"] != "unconfirmed":
        return m(f"confirmation.{item['confirmation']}")
    found = item["confirm_by"]
    if found is None:
        return m("step.confirm")
    text = str(found[say.language])
    return text if found["verified"] else m("panel.test.unverified", test=text)


def row(
    item: Finding,
    reason: str | None,
    say: Catalogue,
    mates: Sequence[Finding] = (),
    open_: Sequence[Mapping[str, Any]] = (),
    items: Sequence[Finding] = (),
) -> Row:
    """The row of one of the `items`; `mates`: those on the gene's other copy; `open_`: trials."""
    m, reads = say.message, item["reads"]
    seen = [
        " ".join(str(item[key]) for key in ("hgvs_c", "hgvs_p") if item[key]),
        f"{m('vaf')} {text}" if (text := fraction(item)) else "",
        f"{m('reads')} {text}"
        if (text := reads_text(reads["alternative"], reads["depth"]))
        else "",
        f"{m('zygosity')} {say.term('zygosity', item['zygosity'])}" if item["zygosity"] else "",
        f"{m('inheritance')} {say.term('inheritance', item['inheritance'])}"
        if item["inheritance"]
        else "",
        f"{m('second_hit')} {hit['text']}" if (hit := second_hit(item, say)) else "",
        *(f"{m('phase')} {say.term('phase', 'trans')} {shown_title(mate, say)}" for mate in mates),
    ]
    return Row(
        item,
        reason,
        shown_title(item, say),
        tuple(text for text in seen if text),
        tuple(tier_badges(item, say)),
        tuple(c for c in therapy_columns(item, say) if c["tone"] != "empty"),
        tuple(pubmed_ids(sorted(item["evidence"], key=evidence_order))),
        (*points(item, reason, say, items), *_trials(open_, say)),
        confirmation(item, say),
        tuple(mates),
        tuple(one["trial"] for one in open_),
    )


def _trials(found: Sequence[Mapping[str, Any]], say: Catalogue) -> list[str]:
    """The trials that name a finding as a point to discuss: the first of them by number."""
    if not found:
        return []
    names = say.message("list.join").join(one["trial"] for one in found[:TRIALS])
    if len(found) > TRIALS:
        names += f" {say.message('and.more', count=len(found) - TRIALS)}"
    exported = max(one["exported"] for one in found)
    return [say.message("panel.point.trials", names=names, exported=exported)]


def _on_sheet(item: Finding) -> bool:
    return item["amp_tier"] in TIERS[:4] or any(
        e["group"] in (*SUPPORTING, "resistance") for e in item["evidence"]
    )


def rows(model: Mapping[str, Any], say: Catalogue) -> list[Row]:
    """Rows of every finding: those to act on, those with a tier or evidence, the others."""
    items = model["findings"]
    by_id, mates = {i["id"]: i for i in items}, {i["id"]: in_trans(i, items) for i in items}
    reasons = {s["finding"]: s["reason"] for s in model["summary"]}
    rest = [key for key in by_id if key not in reasons]
    first = [key for lead in reasons for key in (lead, *(mate["id"] for mate in mates[lead]))]
    ordered = dict.fromkeys([*first, *sorted(rest, key=lambda key: not _on_sheet(by_id[key]))])
    listed = (model["trials"] or {"listed": []})["listed"]
    named = {
        key: [one for one in listed if any(match["finding"] == key for match in one["matches"])]
        for key in by_id
    }
    return [row(by_id[k], reasons.get(k), say, mates[k], named[k], items) for k in ordered]


def safe(model: Mapping[str, Any]) -> dict[str, Any]:
    """The model with every word of the data made safe to show; pictures are left out."""
    return cast(dict[str, Any], displayed(cast(Json, {**model, "figures": []})))


def sheet(
    model: Mapping[str, Any], digest: str, language: str, most: int | None = None
) -> dict[str, Any]:
    """The sheet as the template takes it; `most`: rows that have room, of those that belong."""
    say, shown = Catalogue(language), safe(model)
    m = say.message
    every = rows(shown, say)
    wanted = [r for r in every if r.reason or _on_sheet(r.item) or r.mates]
    kept = wanted[:most]
    named = [r.title for r in wanted[len(kept) :]]
    about, boxes, *_ = identity(shown, say)
    notes = [note["text"] for note in banners(shown, say)]
    if named:
        shorter = m("list.join").join(named[:NAMED])
        notes.append(m("panel.named", count=len(named), names=shorter))
    if others := len(every) - len(wanted):
        notes.append(m("panel.others", count=others))
    if not every and not shown["quality"]["blocked"]:
        notes.append(m("summary.none"))
    if hidden := [w["name"] or w["gene"] or w["id"] for w in shown["withheld"]]:
        names = m("list.join").join(hidden[:NAMED])
        notes.append(m("panel.withheld", count=len(hidden), names=names))
    heads = ("finding", "evidence", "points", "test")
    return {
        "language": language,
        "title": m("panel.title"),
        "patient": shown["patient"]["patient"],
        "mark": mark(shown, say),
        "digest": digest,
        "facts": about["items"],
        "tiles": boxes["items"],
        "notes": notes,
        "columns": ["", *(m(f"panel.{head}") for head in heads)],
        "rows": [_cells(r, say) for r in kept],
        "words": {key: m(f"panel.{key}") for key in ("conclusion", "note")} | {"page": m("page")},
    }


def _cells(r: Row, say: Catalogue) -> dict[str, Any]:
    m, cited = say.message, ", ".join(r.pubmed[:CITED])
    if len(r.pubmed) > CITED:
        cited += f" {m('and.more', count=len(r.pubmed) - CITED)}"
    return {
        "id": r.item["id"],
        "title": r.title,
        "reason": say.term("reason", r.reason) if r.reason else "",
        "tone": "danger" if r.reason == "resistance" else "strong" if r.reason else "soft",
        "seen": list(r.seen),
        "badges": [{"label": b["label"], "text": b["text"]} for b in r.badges],
        "therapies": [
            {"label": c["label"], "text": c["value"]["text"], "tone": c["tone"] or ""}
            for c in r.therapies
        ],
        "pubmed": f"PMID {cited}" if cited else "",
        "points": list(r.points),
        "test": r.test,
    }
