"""The smallest loss of both copies, and the fewest copies of an amplification, that are named.

Both follow from the rules that name a segment (`calling._call`) and the noise of its mean: a
segment of k bins has the standard deviation noise / sqrt(k). The depth ratio of C copies at the
least purity the fit allows must lie so far beyond the borders of the rule that 95% of such segments
do. `None`: no segment up to LONGEST, no number of copies up to MOST_COPIES, would be named.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from shirube.calling.copy_number.calling import AMPLIFIED, FLOOR, MIN_BINS

ONE_SIDED, LONGEST, MOST_COPIES = 1.645, 5_000_000, 20
LOST = 0.5  # copies below which a segment is a loss of both


def log2_ratio(copies: float, purity: float, ploidy: float, normal: int = 2) -> float:
    """log2 of tumour to normal depth of a segment of `copies`, median of the genome 0."""
    depth = (purity * copies + (1 - purity) * normal) / normal
    scale = 2 / (purity * ploidy + 2 * (1 - purity))
    return max(float(np.log2(max(depth * scale, 2.0**FLOOR))), FLOOR)


def least_loss(state: Mapping[str, Any], normal: int = 2) -> int | None:
    """Bases of the smallest homozygous deletion that 95% of the time is named.

    `state`: see copy_number.state; purity_low, ploidy, noise, bin and change must be known. A
    deletion that begins inside a bin fills one bin less than its size.
    """
    purity, ploidy, noise = state["purity_low"], state["ploidy"], state["noise"]
    gone = log2_ratio(0, purity, ploidy, normal)
    border = log2_ratio(LOST, purity, ploidy, normal)
    for bins in range(MIN_BINS, max(MIN_BINS, LONGEST // max(int(state["bin"]), 1)) + 1):
        error = noise / np.sqrt(bins)
        far = abs(gone) - ONE_SIDED * error > max(0.1, 3 * error, state["change"] * error)
        if far and border - gone > ONE_SIDED * error:
            return int((bins + 1) * state["bin"])
    return None


def least_amplification(state: Mapping[str, Any], normal: int = 2) -> int | None:
    """Fewest copies that 95% of the time are named an amplification, in a segment of MIN_BINS."""
    purity, ploidy = state["purity_low"], state["ploidy"]
    error = state["noise"] / np.sqrt(MIN_BINS)
    usual = normal * max(ploidy, 2.0) / 2
    named = log2_ratio(max(AMPLIFIED, 2 * usual), purity, ploidy, normal)
    border = max(named, 0.1, 3 * error, state["change"] * error)
    for copies in range(int(AMPLIFIED), MOST_COPIES + 1):
        if log2_ratio(copies, purity, ploidy, normal) - ONE_SIDED * error >= border:
            return copies
    return None
