"""The panel sheet as one tagged page of A4."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst
from pypdf import PdfReader

from shirube.report.page.pdf import fonts
from shirube.report.panel.content import sheet

PACKAGE_DATA = ("panel.typ",)
_TEMPLATE = Path(__file__).with_name("panel.typ")
ROOM = 8  # rows tried first; fewer until they fit the page
LARGE, SMALL = 1.25, 1.0  # sizes of the letters: large where all rows fit so


def panel_pdf(model: Mapping[str, Any], digest: str, language: str) -> bytes:
    """The sheet of a report model as PDF: as many rows as one page holds, the rest by name."""
    whole = sheet(model, digest, language, ROOM)
    fits, data = _printed(whole, LARGE)
    rows = len(whole["rows"])
    while not fits and rows >= 0:
        fits, data = _printed(sheet(model, digest, language, rows), SMALL)
        rows -= 1
    return data


def _printed(made: Mapping[str, Any], scale: float) -> tuple[bool, bytes]:
    """Whether a sheet fits one page, and its PDF."""
    data: bytes = typst.compile(
        _TEMPLATE,
        font_paths=[fonts()],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"sheet": json.dumps({**made, "scale": scale}, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=0,
    )
    return len(PdfReader(io.BytesIO(data)).pages) == 1, data
