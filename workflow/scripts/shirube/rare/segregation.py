"""Whether allele and disease go together in a family (PP1, BS4), counted in meioses.

A rare allele came into the family by one founder. What is known of relatives then has a probability
by chance alone, given that the patient carries the allele: each meiosis that could have gone either
way halves it (Jarvik & Browning 2016, PMID 27236918). An affected relative counts who carries the
allele; an unaffected one who lacks it only where penetrance is full. Of a recessive disease full
siblings count who share both alleles, or are well without both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

from shirube.interpret.context import Segregation

MOST = 14  # people whose transmissions are enumerated: 2^14 sets of carriers at most
SHARED_BOTH, NOT_BOTH = 1 / 4, 3 / 4  # of full siblings of a patient with two alleles


@dataclass(frozen=True)
class Kin:
    """A relative: names of father and mother as the sheet has them, sex, whether affected."""

    patient: str
    father: str | None = None
    mother: str | None = None
    sex: str = "unknown"
    affected: bool | None = None


def transmitted(chrom: str, single: bool, parent: str, child: Kin) -> float:
    """Probability that a parent who carries the allele once gives it; parent: father or mother.

    `single`: the place is one at which a man has a single copy.
    """
    if chrom == "chrM":
        return float(parent == "mother")
    if not single or chrom not in ("chrX", "chrY"):
        return 0.5
    if chrom == "chrY":
        return float(parent == "father" and child.sex == "XY")
    if parent == "mother":
        return 0.5
    return float(child.sex == "XX")


def chance(
    people: Mapping[str, Kin],
    patient: str,
    observed: Mapping[str, bool],
    chrom: str = "chr1",
    single: bool = False,
) -> float | None:
    """P(who of `observed` carries the allele | the patient does), by transmission alone.

    None where the family is too large to enumerate or the patient cannot have inherited it.
    """
    parents: dict[str, tuple[str, str]] = {}
    founders: list[str] = []
    for name, one in people.items():
        if one.father or one.mother:
            parents[name] = (one.father or f"father of {name}", one.mother or f"mother of {name}")
        else:
            founders.append(name)
    named = {parent for pair in parents.values() for parent in pair}
    founders += sorted(named - set(parents) - set(founders))
    if len(parents) > MOST:
        return None
    order = _from_the_top(parents)
    joint = carries = 0.0
    for founder in founders:
        states: dict[frozenset[str], float] = {frozenset([founder]): 1.0}
        for child in order:
            states = _with_child(states, child, parents[child], people[child], chrom, single)
        for state, probability in states.items():
            if patient not in state:
                continue
            carries += probability
            if all((name in state) is does for name, does in observed.items()):
                joint += probability
    return joint / carries if carries else None


def _from_the_top(parents: Mapping[str, tuple[str, str]]) -> list[str]:
    """Children after their parents; a person who would be an own ancestor is left out."""
    done: list[str] = []
    left = dict(parents)
    while ready := sorted(n for n, pair in left.items() if not set(pair) & set(left)):
        done += ready
        for name in ready:
            del left[name]
    return done


def _with_child(
    states: Mapping[frozenset[str], float],
    child: str,
    pair: tuple[str, str],
    one: Kin,
    chrom: str,
    single: bool,
) -> dict[frozenset[str], float]:
    out: dict[frozenset[str], float] = {}
    for state, probability in states.items():
        without = 1.0
        for parent, name in zip(("father", "mother"), pair, strict=True):
            if name in state:
                without *= 1 - transmitted(chrom, single, parent, one)
        for carriers, share in ((state, without), (state | {child}, 1 - without)):
            if share:
                out[carriers] = out.get(carriers, 0.0) + probability * share
    return out


def dominant(
    people: Mapping[str, Kin],
    patient: str,
    dosage: Mapping[str, int],
    full: bool,
    chrom: str = "chr1",
    single: bool = False,
) -> Segregation | None:
    """Segregation of one allele; None where no relative's status and genotype are both known.

    `dosage`: copies of the relatives whose genotype is known; `full`: penetrance is full.
    """
    known = {n: d for n, d in dosage.items() if n in people and people[n].affected is not None}
    without = sum(bool(people[n].affected) and not copies for n, copies in known.items())
    telling = {
        name: copies > 0
        for name, copies in known.items()
        if (people[name].affected and copies) or (full and not people[name].affected and not copies)
    }
    if not known:
        return None
    found = chance(people, patient, telling, chrom, single)
    return None if not found else Segregation(max(0.0, -log2(found)), without)


def recessive(
    people: Mapping[str, Kin], patient: str, both: Mapping[str, bool]
) -> Segregation | None:
    """Segregation of two alleles in full siblings; `both` says who is known to have two or not."""
    own = people[patient]
    siblings = {
        name: has
        for name, has in both.items()
        if name != patient
        and name in people
        and people[name].affected is not None
        and own.father
        and own.mother
        and (people[name].father, people[name].mother) == (own.father, own.mother)
    }
    if not siblings:
        return None
    meioses, without = 0.0, 0
    for name, has in siblings.items():
        if people[name].affected:
            meioses += -log2(SHARED_BOTH) if has else 0.0
            without += not has
        elif not has:
            meioses += -log2(NOT_BOTH)
    return Segregation(meioses, without)


def of_candidate(
    row: Mapping[str, Any],
    people: Mapping[str, Kin],
    patient: str,
    columns: Mapping[str, str],
    partners: Sequence[Mapping[str, Any]],
    full: bool,
) -> Segregation | None:
    """Segregation of a candidate; `columns`: relative -> column with the copies they have.

    `partners` are the patient's alleles in trans with it: two alleles in trans, or two copies, are
    judged as a recessive disease.
    """
    dosage = {
        name: int(row[column]) for name, column in columns.items() if row.get(column) is not None
    }
    if row["zygosity"] == "homozygous":
        return recessive(people, patient, {name: copies >= 2 for name, copies in dosage.items()})
    if partners:
        other = partners[0]
        both = {
            name: bool(copies and other[columns[name]])
            for name, copies in dosage.items()
            if other.get(columns[name]) is not None
        }
        return recessive(people, patient, both)
    single = row["zygosity"] == "hemizygous"
    return dominant(people, patient, dosage, full, str(row["chrom"]), single)
