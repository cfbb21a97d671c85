"""How far a candidate's own evidence goes: effect, rarity and fit of inheritance, 0 to 1 each."""

from collections.abc import Mapping
from typing import Any

from shirube.interpret.consequence import IN_FRAME, MISSENSE, NULL, SPLICE_REGION, any_of
from shirube.rare.acmg import BENIGN, LIKELY, LIKELY_BENIGN, PATHOGENIC, highest_frequency

_CLASS = {PATHOGENIC: 1.0, LIKELY: 0.95, LIKELY_BENIGN: 0.05, BENIGN: 0.01}
_EFFECT = ((NULL, 0.9), (MISSENSE, 0.6), (IN_FRAME, 0.55), (SPLICE_REGION, 0.3))
_RARITY = ((0.0001, 1.0), (0.001, 0.8), (0.01, 0.4))
UNKNOWN_RARITY = 0.9


def effect_of(row: Mapping[str, Any], classification: str) -> float:
    """Weight of the class where it says something, else of the consequence."""
    if classification in _CLASS:
        return _CLASS[classification]
    fits = (weight for terms, weight in _EFFECT if any_of(terms, row["consequence"]))
    return max(fits, default=0.1)


def rarity_of(row: Mapping[str, Any]) -> float:
    """Weight of the highest frequency; UNKNOWN_RARITY where no source covers the allele."""
    found = highest_frequency(row)
    if found is None:
        return UNKNOWN_RARITY
    return next((weight for limit, weight in _RARITY if found[0] <= limit), 0.1)


def variant_score(
    row: Mapping[str, Any], classification: str, inheritance: float
) -> tuple[float, float, float]:
    """(effect, rarity, score); the score is the product with the fit of inheritance."""
    effect, rarity = effect_of(row, classification), rarity_of(row)
    return effect, rarity, effect * rarity * inheritance
