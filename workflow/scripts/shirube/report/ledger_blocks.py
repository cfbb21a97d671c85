"""What became of every record: counts, what was judged, what was filtered and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from shirube.report.blocks import Block, cell, folded, note, table
from shirube.report.catalogue import Catalogue
from shirube.report.text import number, shortened

HEADS = ("stage", "location", "rule", "measured", "asked")


def ledger(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """How many records ended where, by which rule; those near the findings one by one."""
    m, found = say.message, model["ledger"]
    body = [
        (
            say.term("stage", r["stage"]),
            say.term("fate", r["fate"]),
            say.term("rule", r["rule"]),
            number(r["records"]),
        )
        for r in found["rows"]
    ]
    columns = [m(c) for c in ("stage", "fate", "rule", "records")]
    text = m("ledger.note", records=number(found["records"]))
    out = [note(text), table(m("section.ledger"), columns, body, numeric=(3,))]
    if found["again"]:
        out += [_records(m("ledger.again"), found["again"], say), note(m("ledger.again.note"))]
    if found["filtered"]:
        out.append(note(m("ledger.filtered.note")))
    for one in found["filtered"]:
        title = m("ledger.filtered", gene=one["gene"], records=number(one["records"]))
        rest = one["records"] - len(one["shown"])
        more = [note(m("more", count=number(rest)))] if rest else []
        out.append(folded(title, [_records(title, one["shown"], say), *more]))
    return out


def _records(caption: str, rows: Sequence[Mapping[str, Any]], say: Catalogue) -> Block:
    body = [
        (
            say.term("stage", r["stage"]),
            f"{r['chrom']}:{r['pos']} {shortened(r['ref'])}>{shortened(r['alt'])}",
            say.term("rule", r["rule"]),
            cell(r["value"] or "–", lang="en"),
            cell(r["threshold"] or "–", lang="en"),
        )
        for r in rows
    ]
    return table(caption, [say.message(c) for c in HEADS], body)
