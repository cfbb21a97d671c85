"""How much of a sample is another person: reads of the other allele at homozygous sites.

At a site where the sample is homozygous for the ALT, a contaminating person contributes REF reads:
all of its reads if it is homozygous for the REF, half if heterozygous, none otherwise. The three
have prior weights 1/6, 1/3, 1/2: allele frequencies of a neutral population have density 1/p,
those of sites where one person is homozygous for the ALT therefore 2p, and Hardy-Weinberg
proportions averaged over that give these weights. Neighbouring sites are inherited together, so
over a short stretch the weights may be quite others: they are fitted, the prior counting as
PRIOR_SITES sites. A small part of the sites may be artefacts.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

WEIGHTS = np.array([1 / 6, 1 / 3, 1 / 2])  # contaminant REF/REF, REF/ALT, ALT/ALT
SHARE = np.array([1.0, 0.5, 0.0])
ERROR, ARTEFACT = 0.002, 0.02
PRIOR_SITES, ROUNDS = 20, 25
GRID = np.concatenate([np.arange(0, 0.1, 0.001), np.arange(0.1, 1.005, 0.01)])
MIN_SITES, MIN_DEPTH = 20, 10


@dataclass(frozen=True)
class Contamination:
    """Most likely fraction of another person's reads, its 95% interval, and the sites used."""

    fraction: float
    low: float
    high: float
    sites: int


def contamination(other: NDArray[np.int64], depth: NDArray[np.int64]) -> Contamination | None:
    """Estimate from reads of the `other` allele among `depth` at homozygous sites.

    Sites of less than MIN_DEPTH reads are left out; None where fewer than MIN_SITES remain.
    Most likely value of a grid; the interval holds what is within 1.92 of the best (chi2).
    """
    enough = depth >= MIN_DEPTH
    k, n = other[enough].astype(np.float64), depth[enough].astype(np.float64)
    if len(k) < MIN_SITES:
        return None
    gammaln = scipy.special.gammaln
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    p = GRID[:, None] * SHARE[None, :] * (1 - 2 * ERROR) + ERROR  # (grid, genotype)
    logs = (
        choose[None, :, None]
        + k[None, :, None] * np.log(p)[:, None, :]
        + (n - k)[None, :, None] * np.log1p(-p)[:, None, :]
    )  # (grid, site, genotype)
    best, low, high = fitted(logs, n, GRID, WEIGHTS, PRIOR_SITES)
    return Contamination(best, low, high, int(enough.sum()))


def fitted(
    logs: NDArray[np.float64],
    depth: NDArray[np.float64],
    grid: NDArray[np.float64],
    prior: NDArray[np.float64],
    sites: float,
) -> tuple[float, float, float]:
    """Most likely value of `grid` and its 95% interval.

    `logs` (grid, site, kind) are log likelihoods of what was seen at a site if it is of a kind;
    the weights of the kinds are fitted too, `prior` counting as so many `sites`. An artefact shows
    any number of reads among `depth`, all numbers alike.
    """
    artefact = np.log(ARTEFACT) - np.log(depth + 1)
    weights = np.tile(prior, (len(grid), 1))
    for _ in range(ROUNDS):  # expectation, maximisation
        joint = logs + np.log(weights)[:, None, :] + np.log1p(-ARTEFACT)
        total = np.logaddexp(scipy.special.logsumexp(joint, axis=2), artefact[None, :])
        share = np.exp(joint - total[:, :, None]).sum(axis=1) + sites * prior
        weights = share / share.sum(axis=1, keepdims=True)
    likelihood = total.sum(axis=1) + (sites * prior * np.log(weights)).sum(axis=1)
    best = int(np.argmax(likelihood))
    inside = grid[likelihood >= likelihood[best] - 1.92]
    return float(grid[best]), float(inside.min()), float(inside.max())
