"""The likelihoods behind a somatic call.

Each fragment at a candidate has two likelihoods: of its sequence if the molecule carries the
allele (A) and if it carries the reference (R). For a base of phred quality q, e = 10^(-q/10):
A = 1 - e and R = e/3 where it shows the allele, the reverse where it shows the reference, and
neither speaks where it shows a third base. For an indel A and R come from the mismatches to the
two haplotypes, mixed by the rate at which polymerase slippage turns one into the other
(`slippage`). With f the fraction of tumour molecules that carry the allele:

    LOD        = sum over tumour fragments  log10 (f A + (1 - f) R) / (g A + (1 - g) R)
    normal LOD = sum over normal fragments  log10 R / (A/2 + R/2)

f is the observed fraction; g = min(f, contamination) is what foreign molecules alone could make.
The form is that of Cibulskis et al., Nat Biotechnol 2013 (doi 10.1038/nbt.2514).

A fragment of the normal that shows a third base speaks against the allele as one of the reference
does: whatever else the normal inherited, R is its likelihood if it lacks this allele. What the
normal's reads with the allele are, sequencing errors, tumour cells in the normal or something the
normal has of its own, is weighed from both samples (`shared_odds`).
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

MIN_ERROR = 1e-4  # no base is trusted beyond Q40: errors before sequencing are not in its quality


@dataclass(frozen=True)
class Thresholds:
    """What a candidate must show to pass; every value is a setting of `somatic` in the config."""

    min_lod: float = 6.3
    max_false: float = 30.0
    min_normal_lod: float = 2.2
    max_shared_lod: float = 0.0
    min_alt_reads: int = 3
    min_vaf: float = 0.01
    max_strand_p: float = 0.01
    min_edge: float = 5.0
    max_position_p: float = 0.01
    min_alt_mapq: float = 30.0
    min_alt_baseq: float = 20.0
    contamination: float = 0.0


def base_likelihoods(
    allele: NDArray[np.int8],
    quality: NDArray[np.float32],
    reference: int,
    alternative: int,
    wrong: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(A, R) of fragments that show base codes `allele` with phred `quality`.

    `wrong`: chance that each shows the alternative where its molecule has the reference, where it
    was measured (`somatic.errors`); a third of the quality's error otherwise.
    """
    error = np.maximum(10.0 ** (-quality.astype(np.float64) / 10), MIN_ERROR)
    other = error / 3
    alt = np.where(allele == alternative, 1 - error, other)
    ref = np.where(allele == reference, 1 - error, other)
    if wrong is not None:
        ref = np.where(allele == alternative, wrong, ref)
    return alt, ref


def normal_base_likelihoods(
    allele: NDArray[np.int8],
    quality: NDArray[np.float32],
    alternative: int,
    wrong: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(A, R) of the normal's fragments, where R is that of any other allele of its own."""
    shown = np.where(allele == alternative, alternative, -1)
    return base_likelihoods(shown, quality, -1, alternative, wrong)


def indel_likelihoods(
    for_ref: NDArray[np.float32], for_alt: NDArray[np.float32], slip: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(A, R) of fragments from the phred mismatches to either haplotype, at most Q60 apart."""
    best = np.minimum(for_ref, for_alt)
    ref = 10.0 ** (-np.minimum(for_ref - best, 60.0).astype(np.float64) / 10)
    alt = 10.0 ** (-np.minimum(for_alt - best, 60.0).astype(np.float64) / 10)
    return (1 - slip) * alt + slip * ref, (1 - slip) * ref + slip * alt


def slippage(unit: int, tract: int, change: int) -> float:
    """Rate at which reads show a length change that the molecule does not have.

    `unit` and `tract` are the bases of the repeated unit and of its whole run in the reference,
    `change` the bases gained or lost. Grows e-fold every two bases of a homopolymer and slower
    with longer units, as seen in PCR-amplified Illumina reads; 3e-5 where nothing repeats.
    """
    copies = tract / unit
    if copies < 2:
        return 3e-5
    rate = 3e-5 * np.exp(0.5 * (tract - 2) if unit == 1 else 0.9 * (copies - 2))
    return float(min(rate, 0.2) * 0.2 ** (abs(change) / unit - 1))


def lod(
    alt: NDArray[np.float64], ref: NDArray[np.float64], fraction: float, null: float = 0.0
) -> float:
    """log10 likelihood ratio of the allele at `fraction` against at `null`."""
    with_allele = fraction * alt + (1 - fraction) * ref
    return float(np.log10(with_allele / (null * alt + (1 - null) * ref)).sum())


def normal_lod(alt: NDArray[np.float64], ref: NDArray[np.float64]) -> float:
    """log10 likelihood ratio of a normal without the allele against a heterozygous one."""
    return float(np.log10(ref / (0.5 * alt + 0.5 * ref)).sum())


# Whose reads with the allele in the normal are. An artefact that both samples share, or a mosaic,
# has a small fraction more often than a large one (Beta(1, 10)), a somatic allele has any; before
# the reads are seen, and once the tumour's other filters have passed, one allele in ten is shared.
# Of normals one in twenty holds tumour cells enough to be seen, of whatever share up to a quarter.
SHARED_SHAPE, SHARED_PRIOR = (1.0, 10.0), 0.1
TUMOUR_IN_NORMAL, TUMOUR_IN_NORMAL_PRIOR = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25), 0.05
_GRID = (np.arange(200) + 0.5) / 200


def shared_odds(
    alt: NDArray[np.float64], ref: NDArray[np.float64], count: int, depth: int
) -> float:
    """log10 odds that the normal has the allele of itself, `count` of `depth` in the tumour.

    Against each other stand: the normal has the allele at the tumour's fraction (an artefact both
    share, a mosaic); its reads (likelihoods `alt`, `ref`) are errors of sequencing; they are of
    tumour cells. The tumour's fraction is integrated over, given its own reads.
    """
    with_alt = count * np.log(_GRID) + (depth - count) * np.log1p(-_GRID)
    shape = scipy.special.betaln(*SHARED_SHAPE)
    as_artefact = with_alt + (SHARED_SHAPE[1] - 1) * np.log1p(-_GRID) - shape
    ratio = alt / ref - 1

    def beside(fraction: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log likelihood of the normal with the allele at each fraction, against without."""
        return np.log1p(fraction[:, None] * ratio[None, :]).sum(axis=1)

    shared = scipy.special.logsumexp(as_artefact + beside(_GRID)) + np.log(SHARED_PRIOR)
    somatic = scipy.special.logsumexp(with_alt) + np.log1p(-TUMOUR_IN_NORMAL_PRIOR)
    mixed = [
        scipy.special.logsumexp(with_alt + beside(share * _GRID)) for share in TUMOUR_IN_NORMAL
    ]
    cells = scipy.special.logsumexp(mixed) + np.log(TUMOUR_IN_NORMAL_PRIOR / len(mixed))
    return float((shared - np.logaddexp(somatic, cells)) / np.log(10))


def fisher_p(a: int, b: int, c: int, d: int) -> float:
    """Fisher's exact two-sided p of the table [[a, b], [c, d]].

    Sum of the hypergeometric probabilities that are not above that of the table.
    """
    row, column, total = a + b, a + c, a + b + c + d
    if not row or not column or row == total or column == total:
        return 1.0
    cells = np.arange(max(0, row + column - total), min(row, column) + 1)
    factorials = (
        scipy.special.gammaln(cells + 1)
        + scipy.special.gammaln(row - cells + 1)
        + scipy.special.gammaln(column - cells + 1)
        + scipy.special.gammaln(total - row - column + cells + 1)
    )
    log = factorials.min() - factorials
    weight = np.exp(log)
    chosen = log <= log[a - cells[0]] + 1e-7
    return float(min(1.0, weight[chosen].sum() / weight.sum()))


def fraction_interval(
    count: NDArray[np.int64], total: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95% Jeffreys interval of count/total; (0, 1) where total is 0.

    The ends are 0 and 1 where count is 0 or total (Brown, Cai & DasGupta, Stat Sci 2001).
    """
    a, b = count + 0.5, total - count + 0.5
    low = np.where(count > 0, scipy.special.betaincinv(a, b, 0.025), 0.0)
    high = np.where(count < total, scipy.special.betaincinv(a, b, 0.975), 1.0)
    return low, high
