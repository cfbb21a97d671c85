"""Segments of constant depth ratio, and the allelic imbalance in each.

Change points minimise the squared distance from the segment means in units of the noise, plus a
penalty for each change (optimal partitioning, Jackson et al., IEEE Signal Process Lett 2005): the
exact optimum, found by dynamic programming, so the result does not depend on where a search
began. The noise is measured from differences of near bins, which changes hardly touch.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PENALTY, MIN_NOISE = 4.0, 0.05
IMBALANCE = np.linspace(0, 0.5, 101)


def noise(values: NDArray[np.float64], lag: int = 3) -> float:
    """Standard deviation of values about those `lag` further on, robust to changes.

    Next neighbours share fragments and differ less than the noise.
    """
    if len(values) <= lag:
        return MIN_NOISE
    steps = np.abs(values[lag:] - values[:-lag])
    return max(MIN_NOISE, 1.4826 * float(np.median(steps)) / np.sqrt(2))


def change_points(
    values: NDArray[np.float64], weights: NDArray[np.float64], spread: float, least: int,
    penalty: float | None = None,
) -> list[int]:  # fmt: skip
    """Starts of the segments of `values` (the first is 0), each of `least` values or more.

    `weights` are relative precisions; `spread` is the standard deviation at weight 1; `penalty` of
    a change, in units of squared spread, grows with the number of values where none is given.
    """
    count = len(values)
    if count < 2 * least:
        return [0]
    penalty = PENALTY * np.log(count) if penalty is None else penalty
    weight = np.concatenate([[0.0], np.cumsum(weights)])
    first = np.concatenate([[0.0], np.cumsum(weights * values)])
    second = np.concatenate([[0.0], np.cumsum(weights * values**2)])
    best = np.full(count + 1, np.inf)
    best[0], came = -penalty, np.zeros(count + 1, np.int64)
    for end in range(least, count + 1):
        starts = np.arange(0, end - least + 1)
        sums = first[end] - first[starts]
        cost = second[end] - second[starts] - sums**2 / (weight[end] - weight[starts])
        total = best[starts] + cost / spread**2 + penalty
        came[end] = int(total.argmin())
        best[end] = total[came[end]]
    out, at = [], count
    while at > 0:
        at = int(came[at])
        out.append(at)
    return out[::-1]


def imbalance(
    counts: NDArray[np.int64], depths: NDArray[np.int64]
) -> tuple[float | None, float, float]:
    """Distance b of heterozygotes' tumour fraction from one half, with its 95% interval.

    Which allele is the rarer is unknown at each site, so a site's likelihood is the mean of
    Binomial(0.5 + b) and Binomial(0.5 - b). Needs two sites; (None, 0, 0.5) otherwise.
    """
    if len(counts) < 2:
        return None, 0.0, 0.5
    a, d = counts[:, None].astype(float), depths[:, None].astype(float)
    high, low = np.clip(0.5 + IMBALANCE, None, 0.999), np.clip(0.5 - IMBALANCE, 0.001, None)
    one = a * np.log(high) + (d - a) * np.log(low)
    two = a * np.log(low) + (d - a) * np.log(high)
    likelihood = np.logaddexp(one, two).sum(axis=0)
    inside = IMBALANCE[likelihood >= likelihood.max() - 1.92]
    return float(IMBALANCE[likelihood.argmax()]), float(inside[0]), float(inside[-1])


def group_medians(
    values: NDArray[np.float64], covariate: NDArray[np.float64], least: int = 30
) -> NDArray[np.float64]:
    """What `values` owe to `covariate`: medians of groups of equal size, joined by lines.

    Less than three groups of `least` values: nothing can be said, all zero.
    """
    groups = min(20, len(values) // least)
    if groups < 3:
        return np.zeros(len(values))
    order = np.argsort(covariate, kind="stable")
    parts: Sequence[NDArray[np.int64]] = np.array_split(order, groups)
    centres = np.array([np.median(covariate[part]) for part in parts])
    heights = np.array([np.median(values[part]) for part in parts])
    keep = np.concatenate([[True], np.diff(centres) > 0])
    return np.interp(covariate, centres[keep], heights[keep])
