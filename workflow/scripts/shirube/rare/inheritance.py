"""Where an allele came from, and which mode of inheritance it fits in this family."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shirube.rare.denovo import Reads, mosaic, posterior
from shirube.rare.family import Family

CERTAIN = 0.9
HOMOPLASMIC, SEEN = 0.9, 3


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

    A boy's X outside PAR and everyone's M come from the mother alone; of M a few reads of hers
    say so.
    """
    if str(row["chrom"]) == "chrM":  # shares of copies differ by tissue: never called de novo
        of_mother = reads_of(row, "mother")
        return Origin("maternal" if of_mother and of_mother.ad_alt >= SEEN else "unknown")
    mother, father = row.get("mother_dosage"), row.get("father_dosage")
    from_father = not (row.get("ploidy") == 1 and row["chrom"] == "chrX")
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
        return _mitochondrial(row, family)
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


def _share(row: Mapping[str, Any], role: str | None) -> float | None:
    """Fraction of the copies of mitochondrial DNA that carry the allele, by reads."""
    reads = reads_of(row, role)
    return reads.ad_alt / reads.dp if reads and reads.dp else None


def _mitochondrial(row: Mapping[str, Any], family: Family) -> Fit:
    """By how much of the child's and the mother's copies carry it.

    Nearly all copies of an unaffected mother speak against it (not always: Leber's optic
    neuropathy), fewer than the child's speak for it.
    """
    own, hers, mother = _share(row, None), _share(row, "mother"), family.mother
    if mother is not None and mother.affected is False and own is not None and hers is not None:
        shares = f"{own:.0%} of the copies, {hers:.0%} of the unaffected mother's"
        if hers >= HOMOPLASMIC:
            return Fit("mitochondrial", 0.2, shares)
        if hers < own:
            return Fit("mitochondrial", 0.95, shares)
    return Fit("mitochondrial", 0.8, "mitochondrial DNA, transmitted by the mother")


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
