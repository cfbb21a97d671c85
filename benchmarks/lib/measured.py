"""What every benchmark writes: a list of {name, value, unit, peer, ratio}."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def row(name: str, value: float, unit: str, peer: str = "", other: float | None = None) -> Row:
    """One result, printed as it is made; `other` is the peer's value in the same unit.

    `ratio` is the peer's value over ours: for costs, how many times dearer the peer is.
    """
    ratio = None if other is None or not value else round(other / value, 3)
    said = f" | {peer} {other:.4g} {unit}, ratio {ratio}" if other is not None else ""
    print(f"{name}: {value:.4g} {unit}{said}", flush=True)
    return {"name": name, "value": value, "unit": unit, "peer": peer or None, "ratio": ratio}


def save(rows: Sequence[Row], out: Path | None) -> None:
    """Write rows as JSON, if anywhere."""
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(list(rows), indent=1) + "\n")
