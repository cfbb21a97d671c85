"""Reasons in the reader's language."""

from collections.abc import Callable, Mapping
from typing import Any

from shirube.reasons import text
from shirube.report.page.blocks import Block, cell
from shirube.report.page.catalogue import Catalogue


def _stated(say: Catalogue, value: str) -> str:
    """A classification in a source's words."""
    words = value.replace("_", " ")
    known = say.knows("oncogenicity", words)
    return say.term("oncogenicity", words) if known else say.term("class", words)


# Placeholder of a sentence -> how its value is called in the reader's language.
_TERMS: dict[str, Callable[[Catalogue, str], str]] = {
    "consequence": lambda say, value: say.terms("so", value),
    "stated": _stated,
    "role": lambda say, value: say.term("gene.role", value),
    "declared": lambda say, value: say.term("relative", value),
    "parent": lambda say, value: say.term("relative", value),
    "relation": lambda say, value: say.term("relation", value),
    "look": lambda say, value: say.term("look", value),
    "names": lambda say, value: say.cited(value),
    "source": lambda say, value: say.cited(value),
    "metric": lambda say, value: say.term("gate", value),
}


def reason(row: Mapping[str, Any], say: Catalogue, column: str = "reason") -> Block:
    """A row's reason from its message ids (`said`); without any, English as it was written."""
    if not row["said"]:
        return cell(row[column] or "–", lang="en")
    return cell(reason_text(row, say))


def reason_text(row: Mapping[str, Any], say: Catalogue) -> str:
    """The reason of a row that has message ids."""

    def term(name: str, value: str) -> str:
        return _TERMS[name](say, value) if name in _TERMS else value

    parts = tuple((key, values) for key, values in row["said"])
    return text(parts, say.language, term)
