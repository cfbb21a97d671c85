"""The JSON schema of report.json: workflow/schemas/report.schema.json."""

import json
from pathlib import Path
from typing import Any

from shirube.home import SCHEMAS

FILE = SCHEMAS / "report.schema.json"


def report_schema(file: Path = FILE) -> dict[str, Any]:
    """The schema as an object."""
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
