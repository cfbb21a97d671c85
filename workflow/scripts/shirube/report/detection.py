"""The smallest allele fraction that reads of a given depth would have shown."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

READS = 4  # reads with the allele that a call needs at least
POWER = 0.95


def detectable_fraction(
    depth: ArrayLike, reads: int = READS, power: float = POWER
) -> NDArray[np.float64]:
    """Smallest fraction at which `depth` reads hold >= `reads` alternative ones with `power`.

    Binomial: P(X >= k | n, f) = I_f(k, n - k + 1), solved for f. NaN where depth < reads: no
    fraction, not even 1, would have been called.
    """
    n = np.asarray(depth, dtype=np.float64)
    possible = np.maximum(n, reads)
    limit = betaincinv(reads, possible - reads + 1, power)
    return np.where(n >= reads, limit, np.nan)
