"""The document as a tagged PDF on A4, with its Japanese font inside."""

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst

from shirube.errors import ShirubeError

PACKAGE_DATA = ("report.typ",)
_TEMPLATE = Path(__file__).with_name("report.typ")


def fonts() -> Path:
    """Directory of the Japanese font (IPAexGothic) that the package matplotlib-fontja carries."""
    found = find_spec("matplotlib_fontja")
    if found is None or found.origin is None:
        raise ShirubeError("matplotlib-fontja: not installed; it carries the font of the PDF")
    return Path(found.origin).parent / "fonts"


def pdf(document: Mapping[str, Any]) -> bytes:
    """The pages of a document (report.document); the same bytes for the same document.

    They conform to PDF/UA-1: typst checks tags, language, title and text alternatives.
    """
    return typst.compile(
        _TEMPLATE,
        font_paths=[fonts()],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=0,
    )
