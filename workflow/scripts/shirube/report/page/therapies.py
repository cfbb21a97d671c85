"""Drugs a finding's evidence names, by what the evidence rests on; resistance always apart."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from shirube.report.leading import SUPPORTING, leading_resistance
from shirube.report.page.blocks import Block, as_cell
from shirube.report.page.catalogue import Catalogue

Finding = Mapping[str, Any]
# Table of a card -> the kinds of basis (report.basis) that stand in it.
BASES: Mapping[str, tuple[str, ...]] = {
    "japan": ("japan",),
    "fda": ("fda",),
    "guideline": ("guideline",),
    "established": ("established",),
    "trial": ("trial",),
    "weaker": ("case", "preclinical", "inferred"),
}
LEADING = ("japan", "fda", "guideline", "established", "trial")
PRINTED = 6


def evidence_order(item: Mapping[str, Any]) -> tuple[bool, str, str, str]:
    """Key that puts evidence for the patient's own disease and of the best level first."""
    return (not item["same_disease"], item["level"] or "~", item["source"] or "", item["id"] or "")


def of_basis(item: Finding, kind: str) -> list[Mapping[str, Any]]:
    """Evidence of sensitivity that rests on one kind of BASES, best first."""
    found = [
        e
        for e in item["evidence"]
        if e["group"] in SUPPORTING and set(e["basis"]) & set(BASES[kind])
    ]
    return sorted(found, key=evidence_order)


def of_group(item: Finding, group: str) -> list[Mapping[str, Any]]:
    """Evidence of a group (resistance, other), best first."""
    return sorted((e for e in item["evidence"] if e["group"] == group), key=evidence_order)


_APPROVED = re.compile(r"(\w+) in Japan(?: \[(.*?)\])? \((.*); (verified|not verified)\)")


class Approval(NamedTuple):
    """What a statement of our table of approvals says."""

    conditions: tuple[str, ...]
    source: str
    verified: bool


def approval(item: Mapping[str, Any]) -> Approval | None:
    """The parts of an approval's statement; None of another item, or of words not ours."""
    found = _APPROVED.fullmatch(item["statement"] or "")
    if item["source"] != "japan_approvals" or found is None:
        return None
    conditions = tuple(code for code in (found[2] or "").split(";") if code)
    return Approval(conditions, found[3], found[4] == "verified")


def conditions_of(item: Mapping[str, Any], say: Catalogue) -> str:
    """What an approval asks for beside the biomarker, and that its wording was not read."""
    told = approval(item)
    words = [say.term("approval.if", code) for code in told.conditions] if told else []
    if told and not told.verified:
        words.append(say.message("approval.unverified"))
    return say.message("list.join").join(words)


def drug_names(item: Mapping[str, Any], say: Catalogue) -> list[str]:
    """Therapies of an evidence item for the reader: alternatives apart, a combination as one.

    In our own tables a comma parts alternatives and a plus joins a combination; CIViC says in
    `interaction` what its comma means. Where it does not say, the drugs stand in one entry.
    """
    text, interaction = item["therapies"] or "", (item["interaction"] or "").casefold()
    alternatives = item["source"] == "japan_approvals" or interaction == "substitutes"
    sets = text.split(",") if alternatives else [text]
    join = {"combination": "drug.combination", "sequential": "drug.sequence"}
    between = say.message(join.get(interaction, "drug.unstated"))
    shown = []
    for one in sets:
        parts = [part.strip() for part in one.split(",") if part.strip()]
        if alternatives:  # elsewhere a plus is part of the words, as in <U+202E>
            plus = say.message("drug.combination")
            parts = [plus.join(map(say.drug, part.split("+"))) for part in parts]
        shown.append(between.join(map(say.drug, parts)))
    asked = conditions_of(item, say)
    suffix = say.message("approval.conditions", words=asked) if asked else ""
    return [f"{text}{suffix}" for text in shown if text]


def _names(items: Sequence[Mapping[str, Any]], say: Catalogue) -> list[str]:
    """Therapies of the items, each once."""
    found = [name for e in items for name in drug_names(e, say)]
    return list({name.casefold(): name for name in reversed(found)}.values())[::-1]


def _entry(items: Sequence[Mapping[str, Any]], say: Catalogue) -> str | None:
    """Drugs for the patient's own disease; only where there is none those for other diseases."""
    own = [e for e in items if e["same_disease"]]
    names = _names(own or items, say)
    if not names:
        return None
    text = say.message("drugs.join").join(names[:PRINTED])
    if len(names) > PRINTED:
        text += f" {say.message('and.more', count=len(names) - PRINTED)}"
    return text if own else say.message("drugs.other", names=text)


def leading_drugs(item: Finding, say: Catalogue) -> str | None:
    """The best kind of basis that names drugs, and the drugs; None where none does."""
    for kind in LEADING:
        if text := _entry(of_basis(item, kind), say):
            return f"{say.message(f'basis.{kind}')}: {text}"
    return None


def therapy_columns(item: Finding, say: Catalogue, listed: Collection[str] = ()) -> list[Block]:
    """Label, drugs and tone of each kind of basis that decides (see `report.leading`).

    That no approval in Japan is listed is said of the genes the list covers (`listed`), of no
    other. Trials of other tumour types stand here only where nothing is known of the patient's
    own.
    """
    if not item["evidence"]:
        return []
    m, out = say.message, []
    found = {kind: of_basis(item, kind) for kind in LEADING}
    own = any(e["same_disease"] for items in found.values() for e in items)
    for kind, items in found.items():
        if own and kind in ("established", "trial"):
            items = [e for e in items if e["same_disease"]]
        text = _entry(items, say)
        covered = set((item["gene"] or "").split("::")) & set(listed)
        if text is None and not (kind == "japan" and covered):
            continue
        shown = as_cell(text or m("basis.japan.none"))
        out.append({"label": m(f"basis.{kind}"), "tone": None if text else "empty", "value": shown})
    against = leading_resistance(item)
    if text := _entry(sorted(against, key=evidence_order), say):
        out.append({"label": m("basis.resistance"), "tone": "danger", "value": as_cell(text)})
    return out
