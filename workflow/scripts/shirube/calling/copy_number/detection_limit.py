"""The smallest loss of both copies, and the fewest copies of an amplification, that are named.

Both follow from the rules that name a segment (`calling._call`) and the noise of its mean: a
segment of k bins has the standard deviation noise / sqrt(k). The depth ratio of C copies at the
least purity the fit allows must lie so far beyond the borders of the rule that 95% of such segments
do. `None`: no segment up to LONGEST, no number of copies up to MOST_COPIES, would be named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from shirube.calling.copy_number import focal
from shirube.calling.copy_number.calling import AMPLIFIED, FLOOR, MIN_BINS, NOISE_ALLOWED
from shirube.calling.copy_number.state import FINE, NOISE

ONE_SIDED, LONGEST, MOST_COPIES = 1.645, 5_000_000, 20
LOST = 0.5  # copies below which a segment is a loss of both


def log2_ratio(copies: float, purity: float, ploidy: float, normal: int = 2) -> float:
    """log2 of tumour to normal depth of a segment of `copies`, median of the genome 0."""
    depth = (purity * copies + (1 - purity) * normal) / normal
    scale = 2 / (purity * ploidy + 2 * (1 - purity))
    return max(float(np.log2(max(depth * scale, 2.0**FLOOR))), FLOOR)


@dataclass(frozen=True)
class Bins:
    """Bins that a segment is made of: noise of one, its bases, what a cut costs, how many at least.

    noise, bases, change: noise, bin and change of state.about_noise.
    """

    noise: float
    bases: float
    change: float
    least: int


def bins_of_state(state: Mapping[str, Any]) -> Bins | None:
    """The finest bins that depth was compared in; None where that is not known."""
    for names, least in ((FINE, focal.LEAST), (NOISE, MIN_BINS)):
        noise, bases, change = (state[name] for name in names)
        if None not in (noise, bases, change):
            return Bins(noise, bases, change, least)
    return None


def least_loss(purity: float, ploidy: float, bins: Bins, normal: int = 2) -> int | None:
    """Bases of the smallest homozygous deletion that 95% of the time is named.

    A deletion that begins inside a bin fills one bin less than its size.
    """
    gone = log2_ratio(0, purity, ploidy, normal)
    border = log2_ratio(LOST, purity, ploidy, normal)
    usual = log2_ratio(normal, purity, ploidy, normal)
    for count in range(bins.least, max(bins.least, int(LONGEST // max(bins.bases, 1))) + 1):
        error = bins.noise / np.sqrt(count)
        far = min(abs(gone), usual - gone) - ONE_SIDED * error
        # Named where the mean is below half a copy, and a copy is beyond what noise allows.
        one = log2_ratio(1, purity, ploidy, normal) - NOISE_ALLOWED * error
        if far > max(0.1, max(3, bins.change) * error) and (
            min(border, one) - gone > ONE_SIDED * error
        ):
            return int((count + 1) * bins.bases)
    return None


def least_amplification(purity: float, ploidy: float, bins: Bins, normal: int = 2) -> int | None:
    """Fewest copies that 95% of the time are named an amplification, in the fewest bins."""
    error = bins.noise / np.sqrt(bins.least)
    usual = normal * max(ploidy, 2.0) / 2
    named = log2_ratio(max(AMPLIFIED, 2 * usual), purity, ploidy, normal)
    border = max(named, 0.1, max(3, bins.change) * error)
    for copies in range(int(AMPLIFIED), MOST_COPIES + 1):
        if log2_ratio(copies, purity, ploidy, normal) - ONE_SIDED * error >= border:
            return copies
    return None
