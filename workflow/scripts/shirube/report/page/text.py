"""Words that come from data, made safe to look at.

Escaping for HTML or typst is the renderer's work; what is done here is what no escaping does:
characters that reorder or hide the text around them are spelled out, and a very long value is
cut (the whole value stays in report.json).
"""

import re
import unicodedata
from collections.abc import Callable
from typing import TypeAlias
from xml.sax.saxutils import escape

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
_WORD = re.compile("⟦([A-Za-z0-9_.]+)⟧")  # a message's id in a picture (figures.svg)
LONGEST = 300  # characters shown of one value
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}


def visible(text: str) -> str:
    """`text` with control, bidirectional and other invisible characters written as <U+202E>."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"<U+{ord(c):04X}>" if unicodedata.category(c) in _HIDDEN else c
        for c in re.sub(r"[\t\r\n]+", " ", text)
    )


def shown(text: str, longest: int = LONGEST) -> str:
    """`text` as a reader gets to see it: visible characters only, at most `longest` of them."""
    if len(text) <= longest:
        return visible(text)
    return f"{visible(text[:longest])}… [{len(text):,}]"


def displayed(value: Json) -> Json:
    """`value` (JSON) with every string in it, keys included, passed through `shown`."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, list):
        return [displayed(item) for item in value]
    if isinstance(value, dict):
        return {shown(key): displayed(item) for key, item in value.items()}
    return value


def number(value: float | int | None, digits: int = 0) -> str:
    """A number for people: thousands separated, `digits` decimals; an en dash if unknown."""
    return "–" if value is None else f"{value:,.{digits}f}"


def percent(value: float | None, digits: int = 1) -> str:
    """A fraction as a percentage with its sign; an en dash if unknown."""
    return "–" if value is None else f"{100 * value:.{digits}f}%"


def frequency(value: float | None) -> str:
    """An allele frequency: 0, or three significant digits; an en dash if unknown."""
    if value is None:
        return "–"
    return "0" if value == 0 else f"{value:.3g}"


def shortened(bases: str | None) -> str:
    """Bases as read at a glance: of long ones the first, and how many there are."""
    if bases is None:
        return "–"
    return bases if len(bases) <= 12 else f"{bases[:8]}… ({len(bases)})"


def worded(svg: str, message: Callable[[str], str]) -> str:
    """A picture with its words (ids of messages) in the reader's language."""
    return _WORD.sub(lambda found: escape(message(found[1])), svg)
