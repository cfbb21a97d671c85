"""Whether the reads are of the sex the sheet says: by depth of X and Y, and by heterozygotes on X.

Both look outside the pseudo-autosomal regions. Depth: XX has as many copies of X as of an
autosome, XY half as many; the bound lies between, at three quarters. Y is lost from the blood of
many old men, so that its absence says nothing; its presence in XX does. Heterozygotes: about 0.6
of the variants of two X, none of one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from shirube.genome.ploidy import HAS_Y, SEXES, TWO_X
from shirube.quality.gates import Measure
from shirube.reasons import because

MIN_DEPTH = 5
FEW_X, MIN_X = 8, 20
XY_MAX, XX_MIN = 0.15, 0.35


def by_depth(reads: Mapping[str, Any] | None, declared: str) -> Measure:
    """1 if the depths of a row of READS are those of the declared sex, 0 if not; or unknown."""
    row = reads or {}
    x, y, autosomes = (row.get(f"{name}_depth") for name in ("x", "y", "autosome"))
    if declared not in SEXES or x is None or autosomes is None or autosomes < MIN_DEPTH:
        return Measure("sex_depth", None, None, because("quality.sex_unknown"))
    ratio = x / autosomes
    other = None if y is None else y / autosomes
    agrees = (ratio > TWO_X) == (declared == "XX")
    if declared == "XX" and other is not None and other > HAS_Y:
        agrees = False
    shown = {"ratio": f"{ratio:.2f}", "sex": declared}
    reason = because("quality.sex", **shown)
    if other is not None:
        reason = because("quality.sex_y", **shown, y=f"{other:.2f}")
    return Measure("sex_depth", float(agrees), None, reason)


@dataclass(frozen=True)
class OnX:
    """Variant sites on X and how many show both alleles; sex: XX, XY, unclear, not assessable."""

    sites: int
    both: int

    @property
    def share(self) -> float | None:
        """Share of the sites with both alleles; None without sites."""
        return self.both / self.sites if self.sites else None

    @property
    def sex(self) -> str:
        """What that says. Between FEW_X and MIN_X sites only the clear cases are named."""
        if self.sites < FEW_X:
            return "not assessable"
        if self.both >= XX_MIN * self.sites and self.both >= 4:
            return "XX"
        most = XY_MAX * self.sites if self.sites >= MIN_X else 0
        return "XY" if self.both <= most else "unclear"


def on_x(calls: pl.LazyFrame, par: Sequence[tuple[int, int]]) -> OnX:
    """SNVs of CALLS on X outside `par` (0-based half-open) by their reads, however called."""
    outside = ~pl.any_horizontal(
        pl.lit(False), *(pl.col("pos").is_between(s + 1, e) for s, e in par)
    )
    sites = (
        calls.filter(
            (pl.col("chrom") == "chrX")
            & outside
            & (pl.col("dp") >= 10)
            & (pl.col("ad_alt") >= 3)
            & (pl.col("ref").str.len_bytes() == 1)
            & (pl.col("alt").str.len_bytes() == 1)
        )
        .select(share=pl.col("ad_alt") / (pl.col("ad_alt") + pl.col("ad_ref")))
        .collect()
    )
    return OnX(sites.height, int(sites["share"].is_between(0.2, 0.8).sum()))
