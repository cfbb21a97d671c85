"""Phase of two alleles of one person, from everything that speaks of it.

Alleles are rows with chrom, pos, ref, alt, `origin` (germline or somatic), `phase_set` and
`haplotype`; germline ones also `dosage`, `ploidy` and, where known, `mother_dosage` and
`father_dosage`; somatic ones `vaf_low` and `vaf_high`. Two witnesses that contradict each other
leave the phase unknown: each allele is then judged alone, and the page says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from shirube.genome.edits import edit_of
from shirube.reads.phase import Fragments, ReadPhase

Allele: TypeAlias = Mapping[str, Any]
# `clones`: never on one molecule, and of different shares of the cells.
Phase: TypeAlias = Literal["cis", "trans", "clones", "unknown"]
# One in ERROR fragments shows another phase than its molecule's (errors, chimeras, misplaced
# reads); reads settle it where the posterior, both phases equally likely before, is CERTAIN.
ERROR, CERTAIN, LEAST = 0.05, 0.999, 3
LEAST_DEPTH = 8  # reads without the allele that make it unlikely that a parent has one copy
ROLES = ("mother", "father")
THIRDS = 8  # alleles nearby that are tried as a bridge
_SOMATIC = "somatic"


@dataclass(frozen=True)
class Told:
    """Phase, its witnesses joined by + (`what:phase` each where they disagree), the fragments.

    `through` is the third allele that bridges two which no fragment spans.
    """

    phase: Phase
    basis: str | None = None
    fragments: Fragments | None = None
    through: str | None = None


def settled(cis: int, trans: int) -> bool | None:
    """Whether fragments that show cis and trans prove trans; None where they settle nothing."""
    odds = (ERROR / (1 - ERROR)) ** abs(trans - cis)
    if max(cis, trans) < LEAST or 1 / (1 + odds) < CERTAIN:
        return None
    return trans > cis


def shown(one: Allele, other: Allele, found: Fragments) -> tuple[int, int]:
    """How many fragments show cis and trans.

    Of two germline heterozygotes every fragment speaks. A somatic allele is on some of the cells'
    molecules only, so those without it are silent: with another somatic allele the rarer one says
    whether it ever comes alone, with a germline allele the somatic one does.
    """
    if one["origin"] != _SOMATIC and other["origin"] != _SOMATIC:
        return found.both + found.neither, found.first + found.second
    if one["origin"] == other["origin"]:
        return found.both, min(found.first, found.second)
    return found.both, found.first if one["origin"] == _SOMATIC else found.second


def phase_of(
    one: Allele, other: Allele, reads: ReadPhase | None = None, thirds: Sequence[Allele] = ()
) -> Told:
    """Phase of two alleles of one chromosome; `thirds` are heterozygotes around them.

    `reads` are the tumour's if one allele is somatic, else the normal's.
    """
    if apart(one, other):
        return Told(_of_molecules(one, other), "same_site")
    if any(homozygous(allele) for allele in (one, other)):
        return Told("cis", "homozygous")
    said: dict[str, bool | None] = {"caller": caller_trans(one, other)}
    found = reads.fragments(one, other) if reads is not None else None
    said["reads"] = settled(*shown(one, other, found)) if found is not None else None
    said["parents"] = parents_trans(one, other)
    through = None
    if reads is not None and not any(verdict is not None for verdict in said.values()):
        said["third"], through = _bridged(one, other, reads, thirds)
    if not any(verdict is not None for verdict in said.values()):  # weaker than any other
        said["one_parent"] = one_parent_trans(one, other)
    heard = {name: verdict for name, verdict in said.items() if verdict is not None}
    if len(set(heard.values())) == 1:
        in_trans = next(iter(heard.values()))
        return Told(
            _of_molecules(one, other) if in_trans else "cis", "+".join(heard), found, through
        )
    against = "+".join(f"{name}:{'trans' if it else 'cis'}" for name, it in heard.items())
    return Told("unknown", against or None, found)


def homozygous(allele: Allele) -> bool:
    """Whether every copy of the person's germline carries it (hemizygous ones too)."""
    return allele["origin"] != _SOMATIC and allele["dosage"] == allele["ploidy"] is not None


def apart(one: Allele, other: Allele) -> bool:
    """Whether no molecule can hold both: they change the same bases."""
    first, second = sorted(
        (edit_of(a["pos"], a["ref"], a["alt"]) for a in (one, other)),
        key=lambda edit: (edit.start, edit.end),
    )
    if first.start == first.end == second.start == second.end:
        return True  # two insertions at one place
    return second.start < first.end


def caller_trans(one: Allele, other: Allele) -> bool | None:
    """What the caller's phase block says; somatic alleles without a side share their reads."""
    block = one.get("phase_set")
    if block is None or block != other.get("phase_set") or one["origin"] != other["origin"]:
        return None
    sides = one.get("haplotype"), other.get("haplotype")
    if None in sides:
        return False if one["origin"] == _SOMATIC else None
    return bool(sides[0] != sides[1])


def parents_trans(one: Allele, other: Allele) -> bool | None:
    """What the parents who carry them say, where both were looked at."""
    carriers = []
    for allele in (one, other):
        mother, father = allele.get("mother_dosage"), allele.get("father_dosage")
        if mother is None or father is None:
            return None
        carriers.append((mother > 0, father > 0))
    if any(sum(of) != 1 for of in carriers):
        return None
    return carriers[0] != carriers[1]


def lacks(row: Mapping[str, Any], role: str) -> bool:
    """Whether a parent is known to have no copy, by enough reads where their number is known."""
    depth = row.get(f"{role}_dp")
    return row.get(f"{role}_dosage") == 0 and (depth is None or depth >= LEAST_DEPTH)


def one_parent_trans(one: Allele, other: Allele) -> bool | None:
    """What the only tested parent says: trans if exactly one of the two is theirs.

    A new mutation on that parent's copy would be another explanation.
    """
    for role, untested in (ROLES, ROLES[::-1]):
        dosages = [allele.get(f"{role}_dosage") for allele in (one, other)]
        if None in dosages or any(a.get(f"{untested}_dosage") is not None for a in (one, other)):
            continue
        without = one if dosages[0] == 0 else other
        if (dosages[0] == 0) != (dosages[1] == 0) and lacks(without, role):
            return True
    return None


def _bridged(
    one: Allele, other: Allele, reads: ReadPhase, thirds: Sequence[Allele]
) -> tuple[bool | None, str | None]:
    """Phase by a third allele that fragments tie to both; of somatic alleles only trans.

    Two somatic alleles on the chromosome of one germline allele may still be of different cells.
    """
    somatic = _SOMATIC in (one["origin"], other["origin"])
    near = sorted(thirds, key=lambda t: abs(2 * t["pos"] - one["pos"] - other["pos"]))
    for third in near[:THIRDS]:
        if apart(one, third) or apart(other, third):
            continue
        sides = []
        for allele in (one, other):
            found = reads.fragments(allele, third)
            sides.append(settled(*shown(allele, third, found)) if found is not None else None)
        if None in sides:
            continue
        trans = sides[0] != sides[1]
        if trans or not somatic:
            return trans, f"{third['chrom']}:{third['pos']} {third['ref']}>{third['alt']}"
    return None, None


def _of_molecules(one: Allele, other: Allele) -> Phase:
    """`trans`, or `clones` where two somatic alleles are of different shares of the cells."""
    shares = [(a.get("vaf_low"), a.get("vaf_high")) for a in (one, other)]
    known = [(low, high) for low, high in shares if low is not None and high is not None]
    somatic = one["origin"] == other["origin"] == _SOMATIC
    if somatic and len(known) == 2 and max(known)[0] > min(known)[1]:
        return "clones"
    return "trans"
