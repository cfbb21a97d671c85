"""The alleles a change is made of, its neighbours, and what alleles of unknown phase would be.

A member is named by its coding change and its place, never by a protein: alone it makes none.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shirube.report.page.blocks import Block, cell, note, table
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.text import shortened


def _place(allele: str) -> str:
    """`chr1:5 A>T` with long alleles shortened."""
    where, _, change = allele.partition(" ")
    ref, _, alt = change.partition(">")
    return f"{where} {shortened(ref)}>{shortened(alt)}"


def members(change: Mapping[str, Any], say: Catalogue) -> str:
    """The alleles of a change with their coding names."""
    m = say.message
    told = []
    for one in change["members"]:
        name = m("change.member", name=one["hgvs_c"] or "–", allele=_place(one["allele"]))
        if one["origin"] == "germline" and any(
            o["origin"] != "germline" for o in change["members"]
        ):
            name = m("change.germline", allele=name)
        elif one["alone"] and change["certain"]:
            name = m("change.alone", allele=name)
        told.append(name)
    return m("list.join").join(told)


def _witnesses(basis: str | None, say: Catalogue) -> str:
    return say.terms("phase.by", basis, "+")


def molecule_facts(item: Mapping[str, Any], say: Catalogue) -> list[tuple[str, object]]:
    """What a finding is made of on its molecule, and what lies beside it."""
    m, found = say.message, item["detail"]
    out: list[tuple[str, object]] = []
    if change := found.get("change"):
        out.append((m("change.members"), members(change, say)))
        text = _witnesses(change["basis"], say)
        if change["fragments"]:
            counts = m("change.fragments", both=change["both"], fragments=change["fragments"])
            text = m("sentence.join").join((text, counts))
        out.append((m("change.phase"), text))
    for one in found.get("together") or ():
        others = m("list.join").join(_place(allele) for allele in one["with"])
        name = one["hgvs_p"] or one["hgvs_c"] or "–"
        what = say.terms("so", one["consequence"])
        text = m("change.together.value", others=others, name=name, consequence=what)
        out.append((m("change.together"), cell(text, tone="warning")))
    if apart := found.get("apart"):
        told = [
            m("change.apart.value", allele=_place(one["with"]), basis=_witnesses(one["basis"], say),
              origin=say.term("origin", one["origin"]), phase=say.term("phase", one["phase"]))
            for one in apart
        ]  # fmt: skip
        out.append((m("change.apart"), m("list.join").join(told)))
    return out


def unphased(rows: Sequence[Mapping[str, Any]], say: Catalogue) -> list[Block]:
    """What alleles of unknown phase would be if they lay on one molecule, where it would matter."""
    if not rows:
        return []
    m = say.message
    body = []
    for row in rows:
        name = " ".join(filter(None, (row["hgvs_c"], row["hgvs_p"])))
        verdict = (
            say.term("class", row["classification"]) if row["classification"]
            else say.term("oncogenicity", row["oncogenicity"])
        )  # fmt: skip
        if row["amp_tier"]:
            verdict = m("list.join").join((f"{m('tier.amp')} {row['amp_tier']}", verdict))
        what = say.terms("so", row["consequence"])
        made_of = members(row["change"], say)
        body.append((cell(row["gene"], tone="gene"), made_of, name, what, verdict))
    heads = ("gene", "change.members", "unphased.name", "consequence", "unphased.class")
    return [
        note(m("unphased.note"), "warning"),
        table(m("unphased"), [m(head) for head in heads], body),
    ]
