"""The kernel of the exact Hardy-Weinberg test."""

from numba import njit

from shirube.cohort.kernels.array_types import Floats, Longs

_TIE = 1.0 + 1e-9  # probabilities this near are the same count seen from two sides
_GONE = 1e-18  # of a sum: a term that can no longer change it


@njit(inline="always", error_model="numpy")
def _ratio(at: int, step: int, rare: int, common: int) -> float:
    """The chance of `at + step` heterozygotes in units of that of `at`; 0 beyond the ends."""
    if step > 0:
        return (rare - at) * (common - at) / ((at + 2.0) * (at + 1.0))
    return at * (at - 1.0) / ((rare - at + 2.0) * (common - at + 2.0))


def hwe(hom_ref: Longs, het: Longs, hom_alt: Longs, out: Floats) -> int:
    """Exact p of each row's diploid genotype counts (Wigginton et al. 2005, AJHG 76:887).

    Given the allele counts, the chance of a number of heterozygotes follows from the chance of
    two more or two fewer. From the likeliest number on, terms fall off to both sides, so that
    few of them are walked. NaN where only one allele was seen. Returns the number of rows done: it
    stops at a count below zero, of which the terms would never end.
    """
    for row in range(het.size):
        if min(hom_ref[row], het[row], hom_alt[row]) < 0:
            return row
        rare = 2 * min(hom_ref[row], hom_alt[row]) + het[row]
        common = 2 * max(hom_ref[row], hom_alt[row]) + het[row]
        out[row] = float("nan")
        if rare == 0:
            continue
        start = rare * common // (rare + common)
        if (start ^ rare) & 1:  # heterozygotes are odd or even as the copies are
            start += 1
        seen = 1.0  # chance of what was seen, in units of the likeliest
        step = 2 if het[row] > start else -2
        at = start
        while at != het[row]:
            seen *= _ratio(at, step, rare, common)
            at += step
        total, low = 0.0, 0.0
        for step in (-2, 2):
            at, term, tail = start, 1.0, 0.0
            while True:
                if step == -2 or at != start:
                    total += term
                    if term <= seen * _TIE:
                        tail += term
                term *= _ratio(at, step, rare, common)
                at += step
                small = term < total * _GONE and term <= seen
                if term == 0.0 or (small and term < tail * _GONE):
                    break
            low += tail
        out[row] = min(1.0, low / total)
    return het.size
