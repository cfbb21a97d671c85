"""The smallest share of molecules at which a junction would have been called.

A call needs `min_support` fragments that show the junction, `min_splits` of them by a read across
it. Of fragments of I bases with reads of L, those hold it that reach UNSEEN bases beyond it on
either side; at depth d (mates that overlap counted once) they are

    n = d (I - 2 UNSEEN) / min(I, 2 L)

of which q = min(1, 2 (L - 2 UNSEEN) / (I - 2 UNSEEN)) have a read across it. The limit is the
share f at which `power` of the junctions have enough:

    P(N >= min_support, S >= min_splits) = power     N ~ Binomial(n, f), S ~ Binomial(N, q)

A change too short to part a pair has its reads alone, as has a sample whose fragments were not
measured: n = d, and SHOWN of them show it.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
import scipy
from numpy.typing import ArrayLike, NDArray

from shirube.calling.structural.calling import Limits

POWER, SHOWN, UNSEEN = 0.95, 0.85, 10
STEPS = 40  # halvings of [0, 1]


@dataclass(frozen=True)
class Library:
    """Bases of a read and of a fragment, the usual ones of a sample."""

    read: float
    fragment: float

    @property
    def holding(self) -> float:
        """Fragments that hold a junction, a fragment of depth."""
        return (self.fragment - 2 * UNSEEN) / min(self.fragment, 2 * self.read)

    @property
    def across(self) -> float:
        """Share of them with a read across it."""
        return min(1.0, 2 * (self.read - 2 * UNSEEN) / (self.fragment - 2 * UNSEEN))


def library_of(reads: pl.DataFrame) -> Library | None:
    """Of READS; None where the sample has no pairs, or fragments too short to say anything."""
    for row in reads.rows(named=True):
        fragment = row["insert_size"]
        if row["mapped"] and fragment is not None:
            read = min(row["bases"] / row["mapped"], fragment)
            if read > 2 * UNSEEN:
                return Library(read, fragment)
    return None


def junction_probability(
    fraction: ArrayLike,
    depth: ArrayLike,
    limits: Limits | None = None,
    library: Library | None = None,
) -> NDArray[np.float64]:
    """Probability that a junction of a share of the molecules is called at `depth`.

    `library`: None of a change that parts no pair.
    """
    asked = limits or Limits()
    f, d = np.broadcast_arrays(np.asarray(fraction, float), np.asarray(depth, float))
    if library is None:
        return _at_least(max(asked.min_support, asked.min_splits), d, np.clip(SHOWN * f, 0, 1))
    n, f, q = d * library.holding, np.clip(f, 0, 1), library.across
    enough = _at_least(asked.min_support, n, f)
    rest = f * (1 - q) / np.maximum(1 - f * q, 1e-12)
    for few in range(asked.min_splits):  # enough fragments, too few of them by a read
        enough = enough - _exactly(few, n, f * q) * _at_least(
            asked.min_support - few, np.maximum(n - few, 0), rest
        )
    return np.clip(enough, 0.0, 1.0)


def _at_least(
    count: int, number: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """P(Binomial >= count), of numbers that need not be whole."""
    if count <= 0:
        return np.ones_like(share)
    found = scipy.special.betainc(count, np.maximum(number - count + 1, 1.0), share)
    return np.where(number >= count, found, 0.0)


def _exactly(
    count: int, number: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    return _at_least(count, number, share) - _at_least(count + 1, number, share)


@cache
def junction_fraction(
    depth: float,
    limits: Limits | None = None,
    power: float = POWER,
    library: Library | None = None,
) -> float:
    """Smallest share of molecules seen with `power` at a depth (fragments); NaN where none."""
    low, high = 0.0, 1.0
    if junction_probability(high, depth, limits, library) < power:
        return float("nan")
    for _ in range(STEPS):
        middle = (low + high) / 2
        seen = junction_probability(middle, depth, limits, library) >= power
        low, high = (low, middle) if seen else (middle, high)
    return high
