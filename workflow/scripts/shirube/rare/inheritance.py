"""Where an allele came from, and which mode of inheritance it fits in this family."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shirube.rare.denovo import Reads, mosaic, posterior
from shirube.rare.family import Family

CERTAIN = 0.9


@dataclass(frozen=True)
class Origin:
    """Origin of one allele: label of FINDINGS.inheritance, the posterior of de novo, mosaicism."""

    label: str
    de_novo: float | None = None
    mosaic_parent: str | None = None


@dataclass(frozen=True)
class Fit:
    """A mode of inheritance and how well the family fits it (0 to 1), with the reason."""

    mode: str
    weight: float
    reason: str


def reads_of(row: Mapping[str, Any], role: str | None) -> Reads | None:
    """Reads of the child (role None) or a parent; None where nothing is known there."""
    prefix = f"{role}_" if role else ""
    depth, alt = row.get(f"{prefix}dp"), row.get(f"{prefix}ad_alt")
    if depth is None or alt is None:
        return None
    chrom = str(row["chrom"])
    copies = row.get(f"{prefix}ploidy") or (1 if role == "father" and chrom == "chrX" else 2)
    return Reads(int(alt), max(int(depth), int(alt)), int(copies))


def origin(row: Mapping[str, Any], frequency: float | None) -> Origin:
    """Origin of a candidate that `family.with_parents` has joined.

    A boy's X outside PAR and everyone's M come from the mother alone.
    """
    mother, father = row.get("mother_dosage"), row.get("father_dosage")
    from_father = not (
        str(row["chrom"]) == "chrM" or (row.get("ploidy") == 1 and row["chrom"] == "chrX")
    )
    known = mother is not None and (father is not None or not from_father)
    if not known:
        return Origin("unknown")
    child, of_mother = reads_of(row, None), reads_of(row, "mother")
    of_father = reads_of(row, "father") if from_father else Reads(0, 0, 1)
    probability = None
    if child and of_mother and of_father:
        indel = len(row["ref"]) != len(row["alt"])
        probability = posterior(child, of_mother, of_father, frequency, indel, from_father)
    if probability is not None and probability >= CERTAIN:
        return Origin("de_novo", probability)
    some = next(
        (
            role
            for role, reads in (("mother", of_mother), ("father", of_father))
            if reads is not None and mosaic(reads)
        ),
        None,
    )
    paternal = from_father and (father or 0) > 0
    label = {
        (True, True): "biparental",
        (True, False): "maternal",
        (False, True): "paternal",
        (False, False): "unknown",
    }[((mother or 0) > 0, paternal)]
    return Origin(label, probability, some)


def fit(
    row: Mapping[str, Any], found: Origin, family: Family, partners: Sequence[Mapping[str, Any]]
) -> Fit:
    """The mode the allele fits best.

    `partners` are other candidates of the same gene with keys trans (True, False or None where
    the phase is unknown) and name.
    """
    zygosity, chrom = row["zygosity"], str(row["chrom"])
    if found.label == "de_novo":
        return Fit("dominant, de novo", 1.0, f"de novo, posterior {found.de_novo:.4f}")
    if chrom == "chrM":
        return Fit("mitochondrial", 0.8, "mitochondrial DNA, transmitted by the mother")
    if zygosity == "hemizygous" and chrom == "chrX":
        return Fit("X-linked", 0.95, "one copy of X carries it")
    if zygosity == "homozygous":
        healthy = [
            role
            for role in ("mother", "father")
            if (relative := getattr(family, role)) is not None
            and relative.affected is False
            and (row.get(f"{role}_dosage") or 0) >= 2
        ]
        if healthy:
            return Fit(
                "recessive, homozygous", 0.05, f"the unaffected {healthy[0]} is homozygous too"
            )
        missing = [
            role
            for role in ("mother", "father")
            if getattr(family, role) is not None and row.get(f"{role}_dosage") == 0
        ]
        if missing:
            reason = f"homozygous, but the {missing[0]} has no copy: deletion or uniparental disomy"
            return Fit("recessive, homozygous", 0.8, reason)
        return Fit("recessive, homozygous", 1.0, "both copies carry it")
    trans = [p["name"] for p in partners if p["trans"] is True]
    if trans:
        return Fit("recessive, compound heterozygous", 1.0, "in trans with " + ", ".join(trans))
    affected = [
        role
        for role in ("mother", "father")
        if (row.get(f"{role}_dosage") or 0) > 0
        and (relative := getattr(family, role)) is not None
        and relative.affected
    ]
    if affected:
        return Fit("dominant, inherited", 0.9, f"from the affected {affected[0]}")
    open_phase = [p["name"] for p in partners if p["trans"] is None]
    if open_phase:
        reason = "phase unknown with " + ", ".join(open_phase)
        return Fit("recessive, compound heterozygous", 0.6, reason)
    if found.label == "unknown":
        return Fit("dominant", 0.6, "heterozygous; inheritance unknown")
    return Fit(
        "dominant, reduced penetrance",
        0.1,
        f"heterozygous, {found.label}: the parent who carries it is not known to be affected",
    )


def in_trans(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool | None:
    """Whether two heterozygous alleles are on different haplotypes; None where unknown.

    By the reads (same phase block), else by the parents who carry them.
    """
    block = one.get("phase_set")
    if block is not None and block == other.get("phase_set"):
        return bool(one["haplotype"] != other["haplotype"])
    carriers = []
    for allele in (one, other):
        mother, father = allele.get("mother_dosage"), allele.get("father_dosage")
        if mother is None or father is None:
            return None
        carriers.append((mother > 0, father > 0))
    if carriers in ([(True, False), (False, True)], [(False, True), (True, False)]):
        return True
    return False if carriers[0] == carriers[1] and sum(carriers[0]) == 1 else None
