"""Where the workflow's own files lie: the checkout, or where an installed wheel put them."""

import sys
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[3]
HOME = _CHECKOUT if (_CHECKOUT / "Snakefile").is_file() else Path(sys.prefix) / "share/shirube"
SCHEMAS = HOME / "workflow/schemas"
RESOURCES = HOME / "resources"
