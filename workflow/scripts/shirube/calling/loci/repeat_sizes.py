"""Copies of one allele of a repeat with their interval, told alike at every stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Size:
    """Copies of one allele with an interval; high is None where only a lower bound is known."""

    copies: int
    low: int
    high: int | None

    @property
    def text(self) -> str:
        """`42`, `42 (40–44)`, or `≥40` where only a lower bound is known."""
        if self.high is None:
            return f"≥{self.low}"
        known = self.low == self.high
        return str(self.copies) if known else f"{self.copies} ({self.low}–{self.high})"


def sizes_of(row: Mapping[str, Any]) -> list[Size]:
    """The known alleles of a row of REPEATS, the shorter first."""
    return [
        Size(row[name], row[f"{name}_low"], row[f"{name}_high"])
        for name in ("short", "long")
        if row[name] is not None
    ]
