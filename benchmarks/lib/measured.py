"""What every benchmark writes: a list of {name, value, unit, peer, ratio}; and how to measure."""

import json
import resource
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from shirube.tools import piped

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


def user_seconds(work: Callable[[], object]) -> float:
    """User CPU time of one call and of the programs it ran."""

    def spent() -> float:
        who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        return sum(resource.getrusage(one).ru_utime for one in who)

    start = spent()
    work()
    return spent() - start


def drained(*command: object) -> None:
    """Run a program and read all it prints."""
    with piped(command) as stream:
        while stream.read(1 << 24):
            pass
