"""Quality gates: a metric, the bounds the config asks for, and what a failure does.

Actions: `warn` says so in the report, `watermark` marks every page, `block` withholds the
findings, `none` only measures. A metric that could not be measured is unknown, never passed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from shirube.contracts import QUALITY
from shirube.reasons import stored


@dataclass(frozen=True)
class Measure:
    """One metric of a sample: value, number of bases, reads or sites behind it, and its meaning.

    `gate` names the config's gate where it is not the metric's own name.
    """

    metric: str
    value: float | None
    sites: int | None
    reason: str
    gate: str = ""


def gate_rows(
    sample: str, measures: list[Measure], gates: Mapping[str, Mapping[str, Any]]
) -> pl.DataFrame:
    """QUALITY of one sample; `gates` is the config's `quality`: name -> min, max, action."""
    rows = []
    for measure in measures:
        gate = gates.get(measure.gate or measure.metric, {})
        low, high = gate.get("min"), gate.get("max")
        if measure.value is None:
            verdict = "unknown"
        else:
            good = (low is None or measure.value >= low) and (high is None or measure.value <= high)
            verdict = "pass" if good else "fail"
        rows.append(
            {
                **{"metric": measure.metric, "sample": sample, "value": measure.value},
                **{"sites": measure.sites, "low": low, "high": high},
                **{"action": gate.get("action", "none"), "verdict": verdict},
                **{"reason": measure.reason, "said": stored(measure.reason)},
            }
        )
    return QUALITY.table(pl.DataFrame(rows, schema=QUALITY.polars))
