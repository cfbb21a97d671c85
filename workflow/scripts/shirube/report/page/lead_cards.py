"""The cards of the first page: one a finding to act on, or one for two alleles of a gene in trans.

A card says what was seen, what it means for therapy or for the diagnosis, and what to do next.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shirube.report.leading import disputed, resisted
from shirube.report.page.blocks import Block, as_cell, cell, note
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.finding_blocks import (
    copies,
    fraction,
    reads_text,
    second_hit,
    shown_title,
    tier_badges,
    title,
)
from shirube.report.page.rare_blocks import disease_of, matched_symptoms
from shirube.report.page.reason import reason_text
from shirube.report.page.therapies import therapy_columns

Finding = Mapping[str, Any]


def next_steps(
    item: Finding, reason: str, say: Catalogue, items: Sequence[Finding] = ()
) -> list[str]:
    """What the rules of this report ask for because of one finding, among the patient's `items`."""
    m, out = say.message, []
    if item["confirmation"] == "unconfirmed":
        out.append(m("step.confirm"))
    if reason == "germline" or item["origin"] == "germline":
        out.append(m("step.counsel"))
    if item["panel"] is not None:
        out.append(m(f"step.panel.{item['panel']['verdict']}"))
    elif reason in ("therapy", "diagnosis"):
        out.append(m("step.panel.needed"))
    for drugs, other in resisted(item, items):
        named = m("drug.combination").join(map(say.drug, sorted(drugs)))
        out.append(m("step.resisted", drug=named, finding=shown_title(other, say)))
    if item["origin"] == "unknown":
        out.append(m("step.origin"))
    if item["kind"] == "biomarker" and item["gene"] == "MSI":
        out.append(m("step.lynch"))
    return out


def _seen(item: Finding, say: Catalogue) -> list[tuple[str, object]]:
    """What was seen of one allele: reads, copies, the other allele, where it came from."""
    m, reads, mendelian = say.message, item["reads"], item["section"] in ("rare", "secondary")
    inherited = mendelian and item["inheritance"]
    return [
        (m("zygosity"), item["zygosity"] and say.term("zygosity", item["zygosity"])),
        (m("inheritance"), say.term("inheritance", item["inheritance"]) if inherited else None),
        (m("vaf"), fraction(item)),
        (m("reads"), reads_text(reads["alternative"], reads["depth"])),
        (m("copies"), copies(item, say)),
        (m("second_hit"), second_hit(item, say) if item["origin"] == "germline" else None),
    ]


def _meaning(item: Finding, say: Catalogue) -> list[tuple[str, object]]:
    """What a gene's findings mean for a rare disease, and drugs that evidence is at odds over."""
    m, detail = say.message, item["detail"]
    out: list[tuple[str, object]] = []
    if item["section"] in ("rare", "secondary"):
        mode = detail.get("mode")
        out += [
            (m("rare.mode"), say.term("mode", str(mode)) if mode else None),
            (m("rare.disease"), disease_of(item, say)),
            (m("rare.phenotype"), matched_symptoms(item, say)),
        ]
        out.append((m("rare.check"), _against(detail, say)))
    odds = [m("drug.combination").join(map(say.drug, sorted(one))) for one in disputed(item)]
    if odds:
        out.append((m("disputed"), m("list.join").join(odds)))
    return out


# Reasons of the mode that a reader of page one must not miss: genotypes a parent contradicts.
CONTRADICTED = tuple(
    f"inheritance.{name}" for name in ("missing_parent", "neither_parent", "impossible")
)


def _against(detail: Mapping[str, Any], say: Catalogue) -> Block | None:
    """What contradicts the genotype as it was read: a parent without a copy, an impossible one."""
    said = detail.get("mode_said")
    parts = [part for part in (said if isinstance(said, list) else ()) if part[0] in CONTRADICTED]
    return cell(reason_text({"said": parts}, say), tone="warning") if parts else None


def _facts(group: Sequence[Finding], say: Catalogue) -> list[tuple[str, Block]]:
    """Labelled values of a card; of several alleles each under its own name."""
    first = group[0]
    if len(group) == 1:
        told: list[tuple[str, object]] = [*_seen(first, say), *_meaning(first, say)]
    else:
        between = say.message("list.join")
        told = [
            (
                shown_title(item, say),
                between.join(f"{k} {as_cell(v)['text']}" for k, v in _seen(item, say) if v),
            )
            for item in group
        ]
        told += [(say.message("phase"), say.term("phase", "trans")), *_meaning(first, say)]
    return [(label, as_cell(value)) for label, value in told if value]


def action(
    group: Sequence[Finding],
    reason: str,
    say: Catalogue,
    listed: Collection[str] = (),
    items: Sequence[Finding] = (),
) -> Block:
    """The card of one finding to act on, or of the two alleles of a gene in trans.

    `listed`: genes and markers the list of approvals in Japan covers; `items`: all findings.
    """
    first = group[0]
    return {
        "type": "summary",
        "id": first["id"],
        "title": say.message("trans.join").join(shown_title(item, say) for item in group),
        "reason": say.term("reason", reason),
        "tone": "danger" if reason == "resistance" else "strong",
        "badges": tier_badges(first, say),
        "facts": _facts(group, say),
        "columns": therapy_columns(first, say, listed),
        "steps_label": say.message("step"),
        "steps": next_steps(first, reason, say, items),
    }


def in_trans(item: Finding, items: Sequence[Finding]) -> list[Finding]:
    """The other findings of the report that lie on the gene's other copy."""
    partners = item["detail"].get("partners")
    named = {
        p.get("name")
        for p in (partners if isinstance(partners, list) else ())
        if isinstance(p, Mapping) and p.get("trans") is True
    }
    return [
        other
        for other in items
        if other is not item
        and other["gene"] == item["gene"]
        and other["section"] == item["section"]
        and title(other) in named
    ]


def actions(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """What can be acted on today, one card each; never silent about what was not seen."""
    by_id = {item["id"]: item for item in model["findings"]}
    cards: list[Block] = []
    told: set[str] = set()
    approvals = model["approvals"]
    listed = approvals["genes"] if approvals else ()
    for one in model["summary"]:
        item = by_id[one["finding"]]
        if item["id"] in told:
            continue
        others = in_trans(item, model["findings"])
        # Of three alleles no pair is the two copies: each stands by itself.
        group = [item, *others] if len(others) == 1 and others[0]["id"] not in told else [item]
        told |= {allele["id"] for allele in group}
        cards.append(action(group, one["reason"], say, listed, model["findings"]))
    if not cards:
        cards.append(note(say.message("summary.none"), "warning"))
    of_tumour = any(sample["kind"] == "tumour" for sample in model["samples"])
    return [*cards, *([covered(approvals, say)] if approvals and of_tumour else [])]


def covered(approvals: Mapping[str, Any], say: Catalogue) -> Block:
    """For which genes and markers approvals in Japan were looked up, in which list."""
    m = say.message
    values = {key: approvals[key] for key in ("rows", "unverified", "date")}
    names = m("list.join").join(approvals["genes"])
    key = "approval.covered.own" if approvals["own"] else "approval.covered"
    return note(m(key, names=names, **values))
