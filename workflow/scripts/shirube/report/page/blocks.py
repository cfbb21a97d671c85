"""The pieces a document is made of; HTML and PDF render the same pieces.

Everything is a plain dict of strings, so that it can be handed to a template as it is. Text is
never markup: each renderer escapes it.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from shirube.report.page.catalogue import Catalogue, Words

Block = dict[str, Any]
_SAFE = ("https://", "http://")


def cell(
    text: object, href: str | None = None, lang: str | None = None, tone: str | None = None
) -> Block:
    """Text, where it links to, its language if not the document's, and a tone (see the CSS)."""
    safe = href if href and href.startswith(_SAFE) and not set(href) & set(" <>\"'\\") else None
    return {"text": str(text), "href": safe, "lang": lang, "tone": tone}


def words(found: Sequence[Words], say: Catalogue, tone: str | None = None) -> Block:
    """Words joined in one cell, each marked with its language where that is not the page's."""
    between = say.message("list.join")
    made = cell(between.join(w.text for w in found), tone=tone)
    if not all(w.own for w in found):
        parts = [{"text": w.text, "lang": None if w.own else "en"} for w in found]
        made["parts"], made["between"] = parts, between
    return made


def quoted(vocabulary: str, text: str | None, say: Catalogue) -> Block:
    """What a table says in English: in the page's language where a message has it, or as it is."""
    translated = say.phrase(vocabulary, text) if text else "–"
    return cell(text, lang="en") if translated is None else cell(translated)


def as_cell(value: object) -> Block:
    """`value` as a cell, if it is none yet."""
    return value if isinstance(value, dict) else cell("–" if value is None else value)


def note(text: str, level: str = "info") -> Block:
    """A paragraph that stands out: info, warning or danger."""
    return {"type": "note", "text": text, "level": level}


def heading(text: str) -> Block:
    """A heading within a section."""
    return {"type": "heading", "text": text}


def facts(items: Iterable[tuple[str, object]]) -> Block:
    """Labelled values."""
    return {"type": "facts", "items": [(label, as_cell(value)) for label, value in items]}


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    numeric: Collection[int] = (),
) -> Block:
    """A table; `numeric` columns are set flush right."""
    return {
        "type": "table",
        "caption": caption,
        "columns": [{"label": c, "numeric": i in numeric} for i, c in enumerate(columns)],
        "rows": [[as_cell(value) for value in row] for row in rows],
    }


def folded(title: str, blocks: Sequence[Block]) -> Block:
    """Blocks that a page shows when asked to; a print holds their title alone."""
    return {"type": "folded", "title": title, "blocks": list(blocks)}


def figure(svg: str, caption: str, description: str) -> Block:
    """A drawing made by this package (never by data) and what it shows in words."""
    return {"type": "figure", "svg": svg, "caption": caption, "description": description}
