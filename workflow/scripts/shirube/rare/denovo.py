"""Probability that a child's allele is a new mutation, from the reads of child and parents.

The joint likelihood sums over the genotypes of mother, father and child: binomial reads given a
genotype, Hardy-Weinberg parents at the allele's frequency, Mendelian transmission with a
mutation rate. A parent without reads of the allele counts with its depth alone. The posterior is
the share of the sum in which the child carries an allele that neither parent transmitted.
Model after DeNovoGear (Ramu 2013, PMID 23975140), without its read-level errors.
"""

from dataclasses import dataclass
from math import lgamma

import numpy as np

ERROR = 0.005
RATE = 1.3e-8
RATE_INDEL = 1.5e-9
MIN_FREQUENCY = 1e-4
MOSAIC_READS = 2
MOSAIC_FRACTION = 0.25


@dataclass(frozen=True)
class Reads:
    """Reads of one person at the allele; `copies` of the chromosome there (0, 1 or 2)."""

    ad_alt: int
    dp: int
    copies: int = 2


def genotype_likelihoods(reads: Reads) -> np.ndarray:
    """P(reads | 0, 1, 2 copies of the allele); length copies + 1."""
    if reads.dp == 0:
        return np.ones(reads.copies + 1)
    share = np.array([0.0]) if not reads.copies else np.arange(reads.copies + 1) / reads.copies
    p = share * (1 - ERROR) + (1 - share) * ERROR
    n, k = reads.dp, reads.ad_alt
    choose = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return np.asarray(np.exp(choose + k * np.log(p) + (n - k) * np.log1p(-p)))


def population(frequency: float, copies: int) -> np.ndarray:
    """P(0, 1, 2 copies) of a parent at Hardy-Weinberg."""
    q = min(max(frequency, MIN_FREQUENCY), 1 - MIN_FREQUENCY)
    if copies == 0:
        return np.array([1.0])
    if copies == 1:
        return np.array([1 - q, q])
    return np.array([(1 - q) ** 2, 2 * q * (1 - q), q * q])


def posterior(
    child: Reads,
    mother: Reads,
    father: Reads,
    frequency: float | None,
    indel: bool = False,
    from_father: bool = True,
) -> float:
    """Posterior probability that the child's allele is de novo.

    `frequency` is the allele's highest population frequency (None: unknown, taken as rare).
    `from_father` is False where the father gives no copy (X outside PAR in a boy, M).
    """
    rate = RATE_INDEL if indel else RATE
    of_mother = genotype_likelihoods(mother) * population(frequency or 0.0, mother.copies)
    of_father = genotype_likelihoods(father) * population(frequency or 0.0, father.copies)
    of_child = genotype_likelihoods(child)
    new = inherited = 0.0
    for m, pm in enumerate(of_mother):
        gives_m = m / mother.copies if mother.copies else 0.0
        for f, pf in enumerate(of_father):
            gives_f = f / father.copies if father.copies and from_father else 0.0
            sides = [gives_m, gives_f] if from_father else [gives_m]
            if child.copies == 2 and len(sides) == 1:
                sides = [gives_m, 0.0]
            for copies, parts in _children(sides, rate):
                if copies >= len(of_child):
                    continue
                weight = pm * pf * of_child[copies]
                inherited += weight * parts[0]
                new += weight * parts[1]
    return new / (new + inherited) if new + inherited else 0.0


def _children(sides: list[float], rate: float) -> list[tuple[int, tuple[float, float]]]:
    """(copies in the child, (probability without, with a new mutation)) of the transmissions."""
    table: dict[int, list[float]] = {0: [1.0, 0.0]}
    for gives in sides:
        following: dict[int, list[float]] = {}
        for copies, (old, new) in table.items():
            absent = following.setdefault(copies, [0.0, 0.0])
            absent[0] += old * (1 - gives) * (1 - rate)
            absent[1] += new * (1 - gives) * (1 - rate)
            carried = following.setdefault(copies + 1, [0.0, 0.0])
            carried[0] += old * gives
            carried[1] += new * gives + (old + new) * (1 - gives) * rate
        table = following
    return [(copies, (old, new)) for copies, (old, new) in table.items()]


def mosaic(parent: Reads) -> bool:
    """Whether a parent has a few reads of the allele: too many for error, too few for a carrier."""
    return (
        parent.ad_alt >= MOSAIC_READS
        and parent.dp > 0
        and ERROR * 4 < parent.ad_alt / parent.dp < MOSAIC_FRACTION
    )
