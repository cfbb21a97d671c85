"""The sections on what was not found and what could not be assessed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shirube.report.negatives import ASSESSABLE, REASONS
from shirube.report.page.blocks import Block, cell, note, table
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.class_blocks import class_table
from shirube.report.page.molecule_blocks import unphased
from shirube.report.page.text import number, percent

PRINTED = {True: 60, False: 25}  # rows of a table: own disease, others; the rest is in the JSON
GROUPS = {"coding": ("coding",), "site": ("codon", "exon"), "fusion": ("fusion",)}


def asked_for(model: Mapping[str, Any]) -> bool:
    """Whether a list of targets was looked for: each ends in one of the two sections."""
    return bool(model["not_found"] or model["not_assessable"])


def target_name(row: Mapping[str, Any], say: Catalogue) -> str:
    """What a target is, without its gene."""
    if row["kind"] == "fusion" and not row["label"]:
        return say.message("target.fusion.span")
    return say.message(f"target.{row['kind']}", number=row["number"], label=row["label"])


def _limit(row: Mapping[str, Any], key: str, say: Catalogue) -> object:
    if row[key] is None and row["sample_kind"] == "tumour":
        return cell(say.message("detectable.never"), tone="warning")
    return percent(row[key])


def _row(row: Mapping[str, Any], say: Catalogue) -> tuple[object, ...]:
    name = target_name(row, say)
    if row["kind"] == "codon" and row["label"]:
        name += f" ({row['label']})"
    return (
        cell(row["gene"], tone="gene"),
        name,
        row["best_level"],
        number(row["mean_depth"], 1),
        number(row["low_depth"]),
        number(row["min_depth"]),
        percent(row["callable"]),
        _limit(row, "detectable_vaf", say),
        _limit(row, "detectable_vaf_worst", say),
    )


def not_found(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """Targets of which a negative statement can be made, and how far it reaches."""
    m, rows = say.message, model["not_found"]
    if not rows:
        return [note(m("negative.none" if asked_for(model) else "negative.unlisted"), "warning")]
    out = [note(m("negative.note", percent=percent(ASSESSABLE, 0)))]
    false = model["methods"]["parameters"].get("somatic/expected_false_calls")
    if false is not None:
        out.append(note(m("negative.false", count=false)))
    heads = ("gene", "target", "best.level", "mean.depth", "low.depth", "min.depth", "callable")
    columns = [m(c) for c in (*heads, "detectable", "detectable.worst")]
    for own in (True, False):
        for group, kinds in GROUPS.items():
            part = [r for r in rows if r["own_disease"] is own and r["kind"] in kinds]
            if not part:
                continue
            caption = m(f"negative.{group}.{'own' if own else 'other'}")
            body = [_row(r, say) for r in part[: PRINTED[own]]]
            out.append(table(caption, columns, body, numeric=range(3, 9)))
            if len(part) > PRINTED[own]:
                out.append(note(m("more", count=len(part) - PRINTED[own])))
            if len({one["class"] for r in part for one in r["classes"]}) > 1:
                out += class_table(part, say)  # one class alone is what the columns above say
    return out


def _names(part: Sequence[Mapping[str, Any]], found: Collection[str], say: Catalogue) -> str:
    """Targets by gene; of a gene with a finding (`found`) the rest of it is meant."""
    genes: dict[str, list[str]] = {}
    for row in part:
        name = "" if row["kind"] in ("coding", "fusion") else target_name(row, say)
        if row["kind"] == "coding" and row["gene"] in found:
            name = say.message("unknown.beside")
        if row["callable"]:
            name = f"{name} ({percent(row['callable'], 0)})".strip()
        genes.setdefault(row["gene"], []).append(name)
    join = say.message("list.join")
    return join.join(
        f"{gene} {'/'.join(n for n in names if n)}".strip() for gene, names in genes.items()
    )


def reads_of(row: Mapping[str, Any], say: Catalogue) -> str:
    """Reads with the allele of all, in the tumour and (where there is one) in the normal."""
    reads = row["reads"]
    own = f"{number(reads['alternative'])} / {number(reads['depth'])}"
    if reads["normal_depth"] is None:
        return own
    beside = f"{number(reads['normal_alternative'])} / {number(reads['normal_depth'])}"
    return say.message("withheld.reads", tumour=own, normal=beside)


def reasons_of(row: Mapping[str, Any], say: Catalogue) -> str:
    """The filters an allele fails, in words."""
    return say.message("list.join").join(say.term("rule", name) for name in row["filters"])


def withheld(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """What was seen at a hotspot, or would have tier I or II, and a filter removed."""
    m, rows = say.message, model["withheld"]
    if not rows:
        return []
    body = [
        (
            cell(r["name"] or r["id"], tone="gene"),
            r["amp_tier"] or "–",
            number(r["hotspot"]) if r["hotspot"] is not None else "–",
            reads_of(r, say),
            percent(r["reads"]["vaf"]),
            reasons_of(r, say),
        )
        for r in rows
    ]
    heads = ("withheld.allele", "withheld.tier", "withheld.hotspot", "reads", "vaf")
    columns = [*(m(c) for c in heads), m("withheld.why")]
    return [
        note(m("withheld.note"), "warning"),
        table(m("withheld"), columns, body, numeric=(2, 4)),
    ]


def withheld_names(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """The same in one line, for the first page."""
    if not model["withheld"]:
        return []
    named = [
        say.message("withheld.one", name=r["name"] or r["id"], why=reasons_of(r, say))
        for r in model["withheld"]
    ]
    return [
        note(say.message("withheld.brief", names=say.message("list.join").join(named)), "warning")
    ]


def not_assessable(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """Targets of which nothing can be said, by reason; every one is named."""
    m, rows = say.message, model["not_assessable"]
    open_ = unphased(model["unphased"], say)
    if not asked_for(model):
        return [*open_, *withheld(model, say), note(m("negative.unlisted"), "warning")]
    if not rows:
        return [*open_, *withheld(model, say), note(m("unknown.none"))]
    out = [*open_, *withheld(model, say), note(m("unknown.note"), "warning")]
    # A codon says nothing new where its whole gene cannot be assessed for the same reason.
    whole = {(r["gene"], r["reason"]) for r in rows if r["kind"] == "coding"}
    rows = [r for r in rows if r["kind"] == "coding" or (r["gene"], r["reason"]) not in whole]
    found = {f["gene"] for f in model["findings"] if f["gene"]}
    for group, kinds in GROUPS.items():
        body = []
        for reason in REASONS:
            part = [r for r in rows if r["reason"] == reason and r["kind"] in kinds]
            if part:
                named = cell(_names(part, found, say), tone="names")
                body.append((say.term("why", reason), number(len(part)), named))
        if body:
            columns = [m("reason"), m("count"), m("targets")]
            out.append(table(m(f"unknown.{group}"), columns, body, numeric=(1,)))
    return out
