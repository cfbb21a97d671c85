"""What the gene, the family and the world's knowledge add to an allele, for its criteria."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from shirube.interpret.pvs1 import Loss, Transcript
from shirube.interpret.rules import Rules, general
from shirube.interpret.stretch import Stretch

Consistency = Literal["specific", "consistent", "heterogeneous", "inconsistent"]
Harm = Literal["P", "LP", "VUS"]


@dataclass(frozen=True)
class Partner:
    """Another allele of the gene in the same person: its class, and whether it lies in trans.

    trans is None where the phase is not known.
    """

    name: str
    harm: Harm = "P"
    trans: bool | None = True


@dataclass(frozen=True)
class SpliceNeighbour:
    """A (likely) pathogenic change of the same splice motif (Walker 2023, table 2).

    at_site: it changes the dinucleotide beside the exon; same_nucleotide: the very base of the
    allele; same_event: whether both are predicted to do the same to splicing, and the allele no
    less strongly; None where that is not known.
    """

    name: str
    harm: Harm
    at_site: bool = False
    same_nucleotide: bool = False
    same_event: bool | None = None


@dataclass(frozen=True)
class Segregation:
    """Informative meioses through which allele and disease went together in a family.

    affected_without: affected relatives who lack the allele.
    """

    meioses: float = 0.0
    affected_without: int = 0


@dataclass(frozen=True)
class Context:
    """What the gene and the family add to the allele; None is not known.

    inheritance: modes of the gene's diseases joined by / (AD, AR, XL, MT); mechanism: loss, gain,
    other; mechanism_source: who says so; loss: what else decides PVS1; de_novo: posterior
    probability, None without both parents; confirmed: parentage checked; de_novo_elsewhere,
    trans_elsewhere: points of other patients for PS2 or PM6, and PM3; trans, cis_pathogenic:
    names of pathogenic alleles on the other, on the same haplotype; partners: other alleles by
    class and phase, where trans does not say it; fragments: how many show each phase, where reads
    tell it; affected: whether the person has the disease; penetrance: full or reduced;
    same_residue, same_protein: pathogenic changes known at the residue, and of the same protein
    change by other bases; splice_known: pathogenic changes of the same splice motif;
    stretch: changes near the residue; phenotype: how the person's phenotype fits the gene, else by
    phenotype_p (chance of a fit as good) and phenotype_score; shared_genes: genes that have the
    most specific of the terms that match; missense_share: share of the gene's classified missense
    variants that are pathogenic;
    truncating_share: share of its pathogenic variants that truncate; repeat: the allele lies in a
    repeat without known function; scores: predictors by name (revel, alphamissense, cadd, ...);
    predictor: the one that is asked, else the first in force that has a score;
    healthy_homozygotes: unaffected adults with two copies; rules: the criteria in force.
    """

    inheritance: str | None = None
    mechanism: str | None = None
    transcript: Transcript | None = None
    de_novo: float | None = None
    confirmed: bool = False
    trans: tuple[str, ...] = ()
    cis_pathogenic: tuple[str, ...] = ()
    fragments: Mapping[str, int] | None = None
    same_protein: tuple[str, ...] | None = None
    same_residue: tuple[str, ...] | None = None
    stretch: Stretch | None = None
    phenotype_p: float | None = None
    phenotype_score: float | None = None
    mechanism_source: str | None = None
    missense_share: float | None = None
    truncating_share: float | None = None
    repeat: bool | None = None
    revel: float | None = None
    spliceai: float | None = None
    healthy_homozygotes: int | None = None
    loss: Loss = field(default_factory=Loss)
    partners: tuple[Partner, ...] = ()
    affected: bool = True
    penetrance: Literal["full", "reduced"] | None = None
    splice_known: tuple[SpliceNeighbour, ...] | None = None
    segregation: Segregation | None = None
    de_novo_elsewhere: float = 0.0
    trans_elsewhere: float = 0.0
    phenotype: Consistency | None = None
    shared_genes: int | None = None
    alphamissense: float | None = None
    cadd: float | None = None
    scores: Mapping[str, float | None] = field(default_factory=dict)
    predictor: str | None = None
    rules: Rules = field(default_factory=general)

    @property
    def modes(self) -> frozenset[str]:
        """Modes of inheritance of the gene's diseases; empty where none is known."""
        return frozenset((self.inheritance or "").split("/")) - {""}

    @property
    def predictors(self) -> dict[str, float]:
        """Scores of missense predictors that are known, in the order they are asked."""
        own = {"revel": self.revel, "alphamissense": self.alphamissense, "cadd": self.cadd}
        known = {**own, **self.scores}
        return {name: value for name, value in known.items() if value is not None}

    @property
    def consistency(self) -> Consistency | None:
        """How the phenotype fits the gene (ClinGen SVI, PS2/PM6); None where not known."""
        if self.phenotype is not None:
            return self.phenotype
        if self.phenotype_p is None:
            return None
        by = self.rules
        specific = by["phenotype.specific_p"].holds(self.phenotype_p) and by[
            "phenotype.specific_score"
        ].holds(self.phenotype_score or 0.0)
        if specific:
            return "specific"
        if not by["phenotype.consistent_p"].holds(self.phenotype_p):
            return "inconsistent"
        many = by["phenotype.heterogeneous"].holds(self.shared_genes)
        return "heterogeneous" if many else "consistent"
