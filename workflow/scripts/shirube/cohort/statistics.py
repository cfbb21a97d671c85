"""Statistics of an allele's counts: filtering allele frequency and Hardy-Weinberg p."""

import numpy as np
import numpy.typing as npt
import scipy

from shirube.cohort.kernels import native

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


def faf95(ac: Whole, an: Whole) -> Floats:
    """Filtering allele frequency: the highest true frequency that `ac` copies rule out at 95%.

    The frequency at which a Poisson count of ac or more has probability 0.05. As in gnomAD
    (Whiffin et al. 2017, doi:10.1038/gim.2017.26), 0 where ac < 2: one copy rules nothing out.
    NaN where an = 0.
    """
    values, inverse = np.unique(ac, return_inverse=True)
    lower = scipy.special.gammaincinv(np.maximum(values, 1), 0.05)
    bound = np.where(values > 1, lower, 0.0)[inverse]
    return np.where(an > 0, bound / np.maximum(an, 1), np.nan)


def hwe_p(hom_ref: Whole, het: Whole, hom_alt: Whole) -> Floats:
    """Exact Hardy-Weinberg p of diploid genotype counts (Wigginton et al. 2005, AJHG 76:887).

    The sum of the probabilities, given the allele counts, of all heterozygote counts no more
    likely than the one seen. NaN where nobody has two copies or one allele is absent. ValueError
    for a count below zero.
    """
    out = np.empty(het.size)
    counts = (np.ascontiguousarray(n, np.int64) for n in (hom_ref, het, hom_alt))
    if (done := native.call("hwe", *counts, out)) < het.size:
        raise ValueError(f"row {done + 1}: genotype counts of zero or more people expected")
    return out
