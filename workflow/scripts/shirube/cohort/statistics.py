"""Statistics of an allele's counts: filtering allele frequency and Hardy-Weinberg p."""

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv, gammaln

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


def faf95(ac: Whole, an: Whole) -> Floats:
    """Filtering allele frequency: the highest true frequency that `ac` copies rule out at 95%.

    The frequency at which a Poisson count of ac or more has probability 0.05. As in gnomAD
    (Whiffin et al. 2017, doi:10.1038/gim.2017.26), 0 where ac < 2: one copy rules nothing out.
    NaN where an = 0.
    """
    values, inverse = np.unique(ac, return_inverse=True)
    bound = np.where(values > 1, gammaincinv(np.maximum(values, 1), 0.05), 0.0)[inverse]
    return np.where(an > 0, bound / np.maximum(an, 1), np.nan)


def hwe_p(hom_ref: Whole, het: Whole, hom_alt: Whole) -> Floats:
    """Exact Hardy-Weinberg p of diploid genotype counts (Wigginton et al. 2005, AJHG 76:887).

    The sum of the probabilities, given the allele counts, of all heterozygote counts no more
    likely than the one seen. NaN where nobody has two copies or one allele is absent.
    """
    counts = np.stack((hom_ref, het, hom_alt), axis=1)
    unique, inverse = np.unique(counts, axis=0, return_inverse=True)
    return np.array([_hwe(*map(int, row)) for row in unique])[inverse.ravel()]


def _hwe(hom_ref: int, het: int, hom_alt: int) -> float:
    people = hom_ref + het + hom_alt
    rare = 2 * min(hom_ref, hom_alt) + het
    if rare == 0:
        return float("nan")
    hets = np.arange(rare % 2, rare + 1, 2)
    rare_homs = (rare - hets) // 2
    common_homs = people - hets - rare_homs
    log_p = (
        hets * np.log(2.0) - gammaln(hets + 1) - gammaln(rare_homs + 1) - gammaln(common_homs + 1)
    )
    p = np.exp(log_p - log_p.max())
    p /= p.sum()
    seen = p[hets == het][0]
    return float(min(1.0, p[p <= seen * (1 + 1e-9)].sum()))
