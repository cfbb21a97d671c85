"""What became of every record: counts, what was judged, what was filtered and why."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shirube.report.page.blocks import Block, cell, folded, note, quoted, table
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.text import number, shortened

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


def _translated(text: str | None, say: Catalogue) -> Block:
    """A value or a bound of the ledger in the page's language, as far as the catalogue has it."""
    if text is None or say.phrase("bound", text):
        return quoted("bound", text, say)
    parts = [_term(part, say) for part in text.split(", ")]
    if None in parts:
        return cell(text, lang="en")
    return cell(("、" if say.language == "ja" else ", ").join(filter(None, parts)))


def _term(text: str, say: Catalogue) -> str | None:
    """A term of those that values of the ledger name; numbers and places as they are."""
    for vocabulary in ("class", "oncogenicity", "rule"):
        if say.knows(vocabulary, text):
            return say.term(vocabulary, text)
    if all(say.knows("so", part) for part in text.split("&")):
        return say.terms("so", text)
    return say.phrase("value", text) or (text if not re.search("[a-z]{3}", text) else None)


def _records(caption: str, rows: Sequence[Mapping[str, Any]], say: Catalogue) -> Block:
    body = [
        (
            say.term("stage", r["stage"]),
            f"{r['chrom']}:{r['pos']} {shortened(r['ref'])}>{shortened(r['alt'])}",
            say.term("rule", r["rule"]),
            _translated(r["value"], say),
            _translated(r["threshold"], say),
        )
        for r in rows
    ]
    return table(caption, [say.message(c) for c in HEADS], body)
