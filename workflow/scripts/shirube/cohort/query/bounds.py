"""Intervals and tests of proportions, one number at a time."""

from math import exp, lgamma, sqrt

Z95 = 1.959963984540054  # standard normal quantile of 0.975


def wilson(copies: int, chromosomes: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a frequency (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    The whole of [0, 1] where nothing was counted.
    """
    if chromosomes <= 0:
        return 0.0, 1.0
    p, n = copies / chromosomes, chromosomes
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if copies == 0 else max(0.0, middle - half)
    return low, 1.0 if copies == chromosomes else min(1.0, middle + half)


def difference(a: int, an: int, b: int, bn: int) -> tuple[float, float]:
    """95% interval of a/an - b/bn, Newcombe's hybrid score (1998, method 10).

    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I
    """
    (low_a, high_a), (low_b, high_b) = wilson(a, an), wilson(b, bn)
    p, q = (a / an if an else 0.5), (b / bn if bn else 0.5)
    low = sqrt((p - low_a) ** 2 + (high_b - q) ** 2)
    high = sqrt((high_a - p) ** 2 + (q - low_b) ** 2)
    return p - q - low, p - q + high


def fisher(a: int, an: int, b: int, bn: int) -> float:
    """Two-sided p of Fisher's exact test that two frequencies are the same.

    The sum of the probabilities of all tables no more likely than the one seen.
    """
    copies, total = a + b, an + bn
    low, high = max(0, copies - bn), min(copies, an)

    def chosen(n: int, k: int) -> float:
        return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)

    whole = chosen(total, copies)
    seen = chosen(an, a) + chosen(bn, b) - whole
    logs = [chosen(an, k) + chosen(bn, copies - k) - whole for k in range(low, high + 1)]
    return min(1.0, sum(exp(one) for one in logs if one <= seen + 1e-7))
