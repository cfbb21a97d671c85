"""Where an allele came from, and which mode of inheritance it fits in this family.

Judged from the copies the sex has at the place (`interpret.germline.of_person`), not from how a
genotype is written, and from whichever parent was tested: of a man's X the mother alone decides, of
Y the father. A parent who was not tested is named in the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shirube.interpret.germline import IMPOSSIBLE, SHARED
from shirube.phase.pairs import lacks
from shirube.rare.denovo import Reads, mosaic, posterior
from shirube.rare.family import Family
from shirube.reasons import Reason, because

CERTAIN = 0.9
HOMOPLASMIC, SEEN = 0.9, 3
ROLES = ("mother", "father")
FROM = {"mother": "maternal", "father": "paternal"}
NOT_FROM = {"mother": "not_maternal", "father": "not_paternal"}
NOWHERE = Reads(0, 0, 1)


@dataclass(frozen=True)
class Origin:
    """Origin of one allele: label of FINDINGS.inheritance, the posterior of de novo, mosaicism.

    de_novo is 0 where a new mutation cannot be what is seen, None where it is not known.
    """

    label: str
    de_novo: float | None = None
    mosaic_parent: str | None = None


@dataclass(frozen=True)
class Fit:
    """A mode of inheritance and how well the family fits it (0 to 1), with the reason."""

    mode: str
    weight: float
    reason: Reason


def reads_of(row: Mapping[str, Any], role: str | None) -> Reads | None:
    """Reads of the child (role None) or a parent; None where nothing is known there."""
    prefix = f"{role}_" if role else ""
    depth, alt = row.get(f"{prefix}dp"), row.get(f"{prefix}ad_alt")
    if depth is None or alt is None:
        return None
    chrom = str(row["chrom"])
    copies = row.get(f"{prefix}ploidy") or (1 if role == "father" and chrom == "chrX" else 2)
    return Reads(int(alt), max(int(depth), int(alt)), int(copies))


def givers(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Parents who give a copy at the place: of a single X and of M the mother, of Y the father."""
    chrom = str(row["chrom"])
    if chrom == "chrM" or (row.get("ploidy") == 1 and chrom == "chrX"):
        return ("mother",)
    if row.get("ploidy") == 1 and chrom == "chrY":
        return ("father",)
    return ROLES


def origin(row: Mapping[str, Any], frequency: float | None) -> Origin:
    """Origin of a candidate that `family.with_parents` has joined.

    Two copies of which a parent has none are no new mutation: one copy would need a second event,
    which a deletion or uniparental disomy explains alone.
    """
    if str(row["chrom"]) == "chrM":  # shares of copies differ by tissue: never called de novo
        of_mother = reads_of(row, "mother")
        return Origin("maternal" if of_mother and of_mother.ad_alt >= SEEN else "unknown")
    if row.get(IMPOSSIBLE):
        return Origin("unknown")
    asked = givers(row)
    carries = {
        role: dosage > 0 for role in asked if (dosage := row.get(f"{role}_dosage")) is not None
    }
    some = next((r for r in asked if (reads := reads_of(row, r)) and mosaic(reads)), None)
    if len(carries) < len(asked):
        return Origin(_of_one_parent(row, carries), None, some)
    from_both = len(asked) > 1 and all(carries.values())
    label = "biparental" if from_both else next((FROM[r] for r in asked if carries[r]), "unknown")
    if (row.get("ploidy") or 2) > 1 and (row.get("dosage") or 0) > 1:
        return Origin(label, 0.0, some)
    probability = _posterior(row, asked, frequency)
    if probability is not None and probability >= CERTAIN:
        return Origin("de_novo", probability)
    return Origin(label, probability, some)


def _of_one_parent(row: Mapping[str, Any], carries: Mapping[str, bool]) -> str:
    """What one tested parent says of an allele that either could have given."""
    for role, does in carries.items():
        if does:
            return FROM[role]
        if lacks(row, role) and row.get("dosage") == 1:
            return NOT_FROM[role]
    return "unknown"


def _posterior(
    row: Mapping[str, Any], asked: Sequence[str], frequency: float | None
) -> float | None:
    """Posterior of de novo from the reads of the child and of the parents who give a copy."""
    child, parents = reads_of(row, None), [reads_of(row, role) for role in asked]
    if child is None or any(reads is None for reads in parents):
        return None
    first, second = parents[0] or NOWHERE, parents[-1] or NOWHERE
    indel = len(row["ref"]) != len(row["alt"])
    if len(asked) == 1:
        return posterior(child, first, NOWHERE, frequency, indel, from_father=False)
    return posterior(child, first, second, frequency, indel)


def fit(
    row: Mapping[str, Any], found: Origin, family: Family, partners: Sequence[Mapping[str, Any]]
) -> Fit:
    """The mode the allele fits best.

    `partners` are other candidates of the same gene with keys trans (True, False or None where
    the phase is unknown) and name.
    """
    zygosity, chrom = row["zygosity"], str(row["chrom"])
    if row.get(IMPOSSIBLE):
        mode = "Y-linked" if chrom == "chrY" else "X-linked"
        return Fit(mode, 0.1, because("inheritance.impossible", chrom=chrom))
    if found.label == "de_novo":
        posterior_ = f"{found.de_novo:.4f}"
        return Fit("dominant, de novo", 1.0, because("inheritance.de_novo", posterior=posterior_))
    if chrom == "chrM":
        return _mitochondrial(row, family)
    if zygosity == "hemizygous" and chrom == "chrX":
        return Fit("X-linked", 0.95, _with_source(because("inheritance.one_x"), row, found, family))
    if zygosity == "hemizygous" and chrom == "chrY":
        return _on_y(row, found, family)
    if zygosity == "homozygous":
        return _homozygous(row, found, family)
    trans = [p["name"] for p in partners if p["trans"] is True]
    both = f"{_of_two_copies(row)}, compound heterozygous"
    if trans:
        reason = because("inheritance.trans", names=", ".join(trans))
        if any(p.get("basis") == "one_parent" for p in partners if p["trans"]):
            reason = reason.and_(because("inheritance.probably_trans"))
        reason = _with_source(reason, row, found, family)
        return Fit(both, 1.0, reason)
    affected = [
        role
        for role in ROLES
        if (row.get(f"{role}_dosage") or 0) > 0
        and (relative := getattr(family, role)) is not None
        and relative.affected
    ]
    if affected:
        return Fit("dominant, inherited", 0.9, because("inheritance.affected", parent=affected[0]))
    open_phase = [p["name"] for p in partners if p["trans"] is None]
    if open_phase:
        reason = because("inheritance.open_phase", names=", ".join(open_phase))
        reason = _with_source(reason, row, found, family)
        return Fit(both, 0.6, reason)
    if found.label in ("unknown", *NOT_FROM.values()):
        reason = _with_source(because("inheritance.heterozygous"), row, found, family)
        return Fit("dominant", 0.6, reason)
    reason = _with_source(because("inheritance.reduced"), row, found, family)
    return Fit("dominant, reduced penetrance", 0.1, reason)


def _with_source(reason: Reason, row: Mapping[str, Any], found: Origin, family: Family) -> Reason:
    """The reason with the parent the allele came from, and the one who was not tested."""
    by_label = {label: role for role, label in FROM.items()}
    against = {label: role for role, label in NOT_FROM.items()}
    untested = [r for r in givers(row) if row.get(f"{r}_dosage") is None]
    if found.label in by_label:
        reason = reason.and_(because("inheritance.from", parent=by_label[found.label]))
    elif found.label in against:
        reason = reason.and_(because("inheritance.not_from", parent=against[found.label]))
    elif found.label == "biparental":
        reason = reason.and_(because("inheritance.from_both"))
    else:
        return reason.and_(because("inheritance.unknown_source"))
    for role in untested:
        reason = reason.and_(because("inheritance.untested", parent=role))
    return reason


def _on_y(row: Mapping[str, Any], found: Origin, family: Family) -> Fit:
    """Of Y the father alone is asked; an unaffected one who carries it speaks against it."""
    reason = _with_source(because("inheritance.one_y"), row, found, family)
    father = family.father
    healthy = found.label == "paternal" and father is not None and father.affected is False
    return Fit("Y-linked", 0.3 if healthy else 0.95, reason)


def _of_two_copies(row: Mapping[str, Any]) -> str:
    """Two X of one person are X-linked, but where X and Y share their ends."""
    alone = str(row["chrom"]) == "chrX" and not row.get(SHARED)
    return "X-linked" if alone else "recessive"


def _homozygous(row: Mapping[str, Any], found: Origin, family: Family) -> Fit:
    linked = _of_two_copies(row)
    mode, alone = f"{linked}, homozygous", linked == "X-linked"
    healthy = [
        role
        for role in ROLES
        if (relative := getattr(family, role)) is not None
        and relative.affected is False
        and (row.get(f"{role}_dosage") or 0) >= (1 if alone and role == "father" else 2)
    ]
    if healthy and alone and healthy[0] == "father":
        return Fit(mode, 0.05, because("inheritance.healthy_hemizygote", parent=healthy[0]))
    if healthy:
        return Fit(mode, 0.05, because("inheritance.healthy_homozygote", parent=healthy[0]))
    missing = [r for r in ROLES if getattr(family, r) is not None and lacks(row, r)]
    if len(missing) == len(ROLES):
        return Fit(mode, 0.3, because("inheritance.neither_parent"))
    if missing:
        reason = because("inheritance.missing_parent", parent=missing[0])
        return Fit(mode, 0.8, _with_source(reason, row, found, family))
    return Fit(mode, 1.0, because("inheritance.both_copies"))


def two_copies_explained(row: Mapping[str, Any]) -> bool:
    """Whether two copies are seen that no parent contradicts: evidence of a homozygote."""
    return row["zygosity"] == "homozygous" and not any(lacks(row, role) for role in ROLES)


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
        shares = because("inheritance.heteroplasmy", own=f"{own:.0%}", mother=f"{hers:.0%}")
        if hers >= HOMOPLASMIC:
            return Fit("mitochondrial", 0.2, shares)
        if hers < own:
            return Fit("mitochondrial", 0.95, shares)
    return Fit("mitochondrial", 0.8, because("inheritance.mitochondrial"))
