"""The smallest somatic allele fraction a site could have shown: what `not found` means there.

A call needs k fragments with the allele: the least number that satisfies the caller's thresholds
at the site's depth and base quality (`needed_fragments`). The limit is the fraction f at which a
tumour of that depth shows k or more with probability `power`:

    P(Binomial(depth, f) >= k) x kept = power,    P(X >= k) = I_f(k, depth - k + 1)

`kept` is the share of true alleles that the bias and base-quality filters let pass. Errors alone
must make k seldom enough too (`somatic.errors`): USUAL_P stands for what is measured in a sample,
1e-8 to 1e-7 at usual depths and rates. Where the
normal is too shallow to rule out a germline allele no fraction is detectable (NaN).
"""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from shirube.calling.somatic.model import Thresholds

POWER, KEPT, QUALITY, USUAL_P = 0.95, 0.985, 35.0, 5e-8
_HALF = float(np.log10(2.0))


def needed_fragments(
    depth: ArrayLike, quality: float = QUALITY, limits: Thresholds | None = None
) -> NDArray[np.int64]:
    """Fragments with the allele that a call needs at each depth; depth + 1 where none suffice."""
    limits = limits or Thresholds()
    n = np.asarray(depth, dtype=np.int64)
    error = max(10 ** (-quality / 10), 1e-4)
    needed = np.maximum(limits.min_alt_reads, np.ceil(limits.min_vaf * n).astype(np.int64))
    while True:
        k = np.minimum(needed, np.maximum(n, 1))
        f = k / np.maximum(n, 1)
        gain = np.log10((f * (1 - error) + (1 - f) * error / 3) / (error / 3))
        loss = np.log10(np.maximum((1 - f) * (1 - error) + f * error / 3, 1e-300) / (1 - error))
        likely = scipy.special.gammainc(k, n * error / 3) > USUAL_P
        short = ((k * gain + (n - k) * loss < limits.min_lod) | likely) & (needed <= n)
        if not short.any():
            return needed
        needed = np.where(short, needed + 1, needed)


def detectable_fraction(
    depth: ArrayLike,
    normal_depth: ArrayLike | None = None,
    quality: float = QUALITY,
    power: float = POWER,
    limits: Thresholds | None = None,
) -> NDArray[np.float64]:
    """Smallest allele fraction detected with `power` at each depth; NaN where none is.

    `depth` counts fragments of the tumour (MAPQ and base quality as the caller asks),
    `normal_depth` those of the normal; None for a tumour without a normal.
    """
    limits = limits or Thresholds()
    n = np.asarray(depth, dtype=np.float64)
    k = needed_fragments(n, quality, limits).astype(np.float64)
    possible = n >= k
    if normal_depth is not None:
        beside = np.asarray(normal_depth, dtype=np.float64)
        possible = possible & (beside * _HALF >= limits.min_normal_lod)
    with np.errstate(invalid="ignore"):
        found = scipy.special.betaincinv(k, np.maximum(n - k + 1, 1.0), power / KEPT)
    return np.where(possible, found, np.nan)


def detection_probability(
    fraction: ArrayLike,
    depth: ArrayLike,
    quality: float = QUALITY,
    limits: Thresholds | None = None,
) -> NDArray[np.float64]:
    """Probability that an allele at `fraction` is called at `depth` (a deep normal assumed)."""
    f, n = np.broadcast_arrays(
        np.asarray(fraction, dtype=np.float64), np.asarray(depth, dtype=np.float64)
    )
    k = needed_fragments(n, quality, limits).astype(np.float64)
    enough = scipy.special.betainc(k, np.maximum(n - k + 1, 1.0), np.clip(f, 0, 1))
    return np.where(n >= k, KEPT * enough, 0.0)


def detectable_cell_fraction(
    fraction: ArrayLike, purity: float, total_copies: float = 2.0, carried: float = 1.0
) -> NDArray[np.float64]:
    """Share of tumour cells that must carry an allele for it to reach `fraction` of the reads.

    `carried` of `total_copies` copies have it in those cells; the rest of the sample has two
    copies. Above 1: not detectable in a tumour of this purity, even if every cell had it (NaN).
    """
    f = np.asarray(fraction, dtype=np.float64)
    share = f * (purity * total_copies + 2 * (1 - purity)) / (purity * carried)
    return np.where(share <= 1, share, np.nan)
