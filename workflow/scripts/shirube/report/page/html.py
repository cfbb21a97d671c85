"""The document as one HTML file that asks the network for nothing.

It is whole without script; the one script it holds (report.js) is ours, and its policy allows
that script and no other.
"""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

PACKAGE_DATA = ("report.css", "report.html.j2", "report.js")
_HERE = Path(__file__).parent


def source_hash(text: str) -> str:
    """CSP source expression that allows this style sheet or script and no other."""
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()


def anchors(document: Mapping[str, Any]) -> dict[str, str]:
    """Finding id -> fragment of the page; ids of findings may hold any character."""
    ids = [b["id"] for s in document["sections"] for b in s["blocks"] if b["type"] == "finding"]
    return {identifier: f"finding-{n}" for n, identifier in enumerate(ids, 1)}


def html(document: Mapping[str, Any]) -> str:
    """The page of a document (report.document)."""
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    css, script = ((_HERE / n).read_text(encoding="utf-8") for n in ("report.css", "report.js"))
    template = environment.get_template("report.html.j2")
    return template.render(
        **document,
        css=css,
        script=script,
        style_hash=source_hash(css),
        script_hash=source_hash(script),
        anchors=anchors(document),
    )
