"""The document as one HTML file that asks the network for nothing and runs no script."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

PACKAGE_DATA = ("report.css", "report.html.j2")
_HERE = Path(__file__).parent


def style_hash(css: str) -> str:
    """CSP source expression that allows this style sheet and no other."""
    digest = hashlib.sha256(css.encode()).digest()
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
    css = (_HERE / "report.css").read_text(encoding="utf-8")
    template = environment.get_template("report.html.j2")
    return template.render(
        **document, css=css, style_hash=style_hash(css), anchors=anchors(document)
    )
