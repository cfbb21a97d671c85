"""The smallest share of molecules at which a junction would have been called.

A call needs `min_support` fragments that cross the junction. SHOWN of the fragments whose reads
lie over a breakend show it: the others end within a few bases of it, or their other part maps
nowhere. The limit is the share f at which `power` of the junctions have enough:

    P(Binomial(depth, SHOWN f) >= min_support) = power
"""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from shirube.calling.structural.calling import Limits

POWER, SHOWN = 0.95, 0.85


def junction_fraction(
    depth: ArrayLike, limits: Limits | None = None, power: float = POWER
) -> NDArray[np.float64]:
    """Smallest share of molecules seen with `power` at each depth (fragments); NaN where none."""
    n = np.asarray(depth, dtype=np.float64)
    k = float((limits or Limits()).min_support)
    with np.errstate(invalid="ignore"):
        found = scipy.special.betaincinv(k, np.maximum(n - k + 1, 1.0), power) / SHOWN
    return np.where((n >= k) & (found <= 1), found, np.nan)


def junction_probability(
    fraction: ArrayLike, depth: ArrayLike, limits: Limits | None = None
) -> NDArray[np.float64]:
    """Probability that a junction of a share of the molecules is called at `depth`."""
    f, n = np.broadcast_arrays(np.asarray(fraction, float), np.asarray(depth, float))
    k = float((limits or Limits()).min_support)
    enough = scipy.special.betainc(k, np.maximum(n - k + 1, 1.0), np.clip(SHOWN * f, 0, 1))
    return np.where(n >= k, enough, 0.0)
