"""Ranking of candidates: the variant's own evidence and the fit of gene and phenotype.

variant   effect x rarity x fit of inheritance x knowledge of the gene, each 0 to 1
total     variant x (BASE + (1 - BASE) x phenotype); without a phenotype the variant alone
phenotype how near the gene comes to the gene that fits best of all (interpret.phenotype.Match)

The fit of inheritance is lowered where the gene's known diseases are inherited in another way.
BASE is what is left for a gene that the phenotype does not point to, as HPO's knowledge is
incomplete: more where both parents tell alleles apart (WITH_PARENTS), and more for a gene of which
HPO says nothing (UNANNOTATED) than for one whose diseases do not fit; that such a gene is in no
list of disease genes is not held against it a second time. The weights of alleles were set on
simulated families; BASE, these factors and interpret.phenotype.TEMPER within the plateau that
benchmarks/lib/published.py shows.
"""

from collections.abc import Collection, Mapping
from typing import Any

from shirube.interpret.acmg import BENIGN, LIKELY, LIKELY_BENIGN, PATHOGENIC
from shirube.interpret.consequence import IN_FRAME, MISSENSE, NULL, RNA, SPLICE_REGION, any_of
from shirube.interpret.phenotype import Match
from shirube.interpret.rows import frequencies, highest_frequency, seen_more_often

_CLASS = {PATHOGENIC: 1.0, LIKELY: 0.95, LIKELY_BENIGN: 0.05, BENIGN: 0.01}
_EFFECT = ((NULL, 0.9), (MISSENSE, 0.6), (IN_FRAME, 0.55), (SPLICE_REGION, 0.3))
_RARITY = ((0.0001, 1.0), (0.001, 0.8), (0.01, 0.4))
UNKNOWN_RARITY = 0.9
MITOCHONDRIAL_RNA = 0.5
UNKNOWN_GENE = 0.3
OTHER_MODE = 0.3
BASE, WITH_PARENTS, UNANNOTATED = 0.001, 5.0, 3.0
MODES = {
    "dominant": {"AD", "XL"},
    "recessive": {"AR"},
    "X-linked": {"XL"},
    "Y-linked": {"YL"},
    "mitochondrial": {"MT"},
}


def effect_of(row: Mapping[str, Any], classification: str) -> float:
    """Weight of the class where it says something, else of the consequence."""
    if classification in _CLASS:
        return _CLASS[classification]
    if str(row["chrom"]) == "chrM" and any_of(RNA, row["consequence"]):
        return MITOCHONDRIAL_RNA
    fits = (weight for terms, weight in _EFFECT if any_of(terms, row["consequence"]))
    return max(fits, default=0.1)


def rarity_of(row: Mapping[str, Any], new: bool = False) -> float:
    """Weight of the highest frequency; UNKNOWN_RARITY where no source covers the allele.

    `new`: the allele is a new mutation of this person. It is no allele of the population that
    a source has yet to count, so where no source covers it, it is as rare as an allele can be.
    """
    found = highest_frequency(row)
    if found is None:
        return 1.0 if new and not frequencies(row) else UNKNOWN_RARITY
    if seen_more_often(row, found.af):  # by few or by nobody knows how many: not known to be rare
        return min(UNKNOWN_RARITY, _weight(found.af))
    return _weight(found.af)


def _weight(af: float) -> float:
    return next((weight for limit, weight in _RARITY if af <= limit), 0.1)


def mode_weight(mode: str, weight: float, known: Collection[str]) -> float:
    """Fit of inheritance, lowered where the gene is only known for another mode."""
    wanted = MODES.get(mode.split(",")[0], set())
    if not known or not wanted.isdisjoint(known):
        return weight
    return weight * OTHER_MODE


def variant_score(
    row: Mapping[str, Any],
    classification: str,
    inheritance: float,
    gene: float = 1.0,
    new: bool = False,
) -> tuple[float, float, float]:
    """(effect, rarity, product with the fit of inheritance and the knowledge of the gene)."""
    effect, rarity = effect_of(row, classification), rarity_of(row, new)
    return effect, rarity, effect * rarity * inheritance * gene


def total_score(variant: float, match: Match | None, phenotyped: bool, trio: bool) -> float:
    """Variant and phenotype together; `trio`: both parents were tested.

    match is None for a gene of which HPO says nothing.
    """
    if not phenotyped:
        return variant
    rest = BASE * (WITH_PARENTS if trio else 1.0)
    if match is None:
        return variant * rest * UNANNOTATED
    return variant * (rest + (1 - rest) * match.weight)
