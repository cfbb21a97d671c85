"""People without a tumour: families, single patients, controls, and those a cohort leaves out."""

from dataclasses import replace

from shirube.demo.genome import ATN1
from shirube.demo.people import (
    NORMAL_DEPTH,
    Cohort,
    Person,
    RepeatLength,
    Sample,
    drawn,
    generator,
    inherited,
    molecules,
    with_star,
)
from shirube.demo.variants import Variant, expansion

CONSENT = {"consent_cohort": "yes", "consent_secondary": "yes"}
DUPLICATES = 0.04
EXPANDED = 62
Carries = tuple[tuple[str, ...], tuple[str, ...]]


def unrelated(
    cohort: Cohort,
    name: str,
    sex: str,
    sheet: dict[str, str],
    carries: Carries = ((), ()),
    lacks: tuple[str, ...] = (),
) -> Person:
    """A person drawn from the population who carries the named alleles on each haplotype.

    A name like `CYP2C19 *2` is a star allele and replaces the one drawn.
    """
    rng = generator(name)
    without = {cohort.named[n] for n in lacks}
    made: list[frozenset[Variant]] = []
    for index, names in enumerate(carries):
        haplotype = drawn(cohort, rng, sex == "XY" and index == 1) - without
        for wanted in names:
            gene, what = wanted.split(" ", 1)
            if what.startswith("*"):
                haplotype = with_star(cohort.genome, haplotype, gene, what)
            else:
                haplotype |= {cohort.named[wanted]}
        made.append(haplotype)
    person = Person(name, sex, (made[0], made[1]), CONSENT | sheet)
    cohort.people.append(person)
    return person


def sequence_normal(
    cohort: Cohort, person: Person, duplicates: float = DUPLICATES, form: str = "bam"
) -> None:
    """Add the sample of a person's healthy tissue."""
    made = molecules(cohort.genome, person, NORMAL_DEPTH)
    name = f"{person.name}_N"
    cohort.samples.append(Sample(name, person.name, "normal", tuple(made), duplicates, form))


def _with_contig_of(
    haplotype: frozenset[Variant], source: frozenset[Variant], contig: str
) -> frozenset[Variant]:
    kept = {v for v in haplotype if v.contig != contig}
    return frozenset(kept | {v for v in source if v.contig == contig})


def trio(cohort: Cohort) -> None:
    """DEMO_03 (child), DEMO_04 (father), DEMO_05 (mother): PTPN11 p.Asn308Asp is de novo."""
    benign = "PTPN11 p.Ala150="
    sheet = {"family": "FAM_01", "affected": "no", "programme": "rare"}
    father = unrelated(cohort, "DEMO_04", "XY", sheet, lacks=(benign,))
    mother = unrelated(cohort, "DEMO_05", "XX", sheet, ((benign,), ()), lacks=(benign,))
    rng = generator("DEMO_03")
    maternal = _with_contig_of(inherited(mother, rng), mother.haplotypes[0], "chr12")
    paternal = inherited(father, rng, son=True) | {cohort.named["PTPN11 p.Asn308Asp"]}
    sheet = {
        "family": "FAM_01",
        "father": father.name,
        "mother": mother.name,
        "affected": "yes",
        "programme": "rare",
        "diagnosis": "MONDO:0018997",
        "hpo": "HP:0001642;HP:0004322;HP:0000316",
    }
    child = Person("DEMO_03", "XY", (maternal, frozenset(paternal)), CONSENT | sheet)
    cohort.people.insert(len(cohort.people) - 2, child)
    for person in (child, father, mother):
        sequence_normal(cohort, person)


def half_sibling(cohort: Cohort) -> None:
    """DEMO_24, whom the sheet calls a full sister of DEMO_03, has another father."""
    people = {person.name: person for person in cohort.people}
    rng = generator("DEMO_24")
    father = unrelated(cohort, "DEMO_24 father", "XY", {})
    cohort.people.pop()
    halves = (inherited(people["DEMO_05"], rng), inherited(father, rng, son=False))
    sheet = CONSENT | {"family": "FAM_01", "father": "DEMO_04", "mother": "DEMO_05"}
    sheet |= {"affected": "no", "programme": "rare"}
    sister = Person("DEMO_24", "XX", halves, sheet)
    cohort.people.append(sister)
    sequence_normal(cohort, sister)


def x_linked(cohort: Cohort) -> None:
    """DEMO_06, a boy with OTC p.Arg40His on X and SHOX p.Arg195Ter in the shared end of Y.

    DEMO_15, his mother, is a carrier of the first; the second came from his father's Y. One allele
    of chrM is in a fifth of her copies and in most of his.
    """
    base = cohort.genome.text("chrM", 1_500, 1_501)
    mutated = Variant("chrM", 1_500, base, "G" if base == "A" else "A")
    cohort.named["chrM heteroplasmy"] = mutated
    sheet = {"family": "FAM_02", "affected": "no", "programme": "rare"}
    carrier = unrelated(cohort, "DEMO_15", "XX", sheet, (("OTC p.Arg40His",), ()))
    mother = replace(carrier, heteroplasmy=((mutated, 0.2),))
    cohort.people[-1] = mother
    rng = generator("DEMO_06")
    maternal = _with_contig_of(inherited(mother, rng), mother.haplotypes[0], "chrX")
    paternal = drawn(cohort, rng, paternal_y=True) | {cohort.named["SHOX p.Arg195Ter"]}
    sheet = {
        "family": "FAM_02",
        "mother": mother.name,
        "programme": "rare",
        "affected": "yes",
        "diagnosis": "OMIM:311250",
        "hpo": "HP:0001987;HP:0001259",
    }
    haplotypes = (maternal, frozenset(paternal))
    child = Person("DEMO_06", "XY", haplotypes, CONSENT | sheet, ((mutated, 0.7),))
    cohort.people.append(child)
    for person in (child, mother):
        sequence_normal(cohort, person)


def hearing_loss(cohort: Cohort) -> None:
    """DEMO_17: GJB2 p.Val37Ile and c.235del in trans, 126 bases apart: one read holds both."""
    sheet = {
        "programme": "rare",
        "affected": "yes",
        "hpo": "HP:0000407",
        "diagnosis": "OMIM:220290",
    }
    carries = (("GJB2 p.Val37Ile",), ("GJB2 c.235del",))
    sequence_normal(cohort, unrelated(cohort, "DEMO_17", "XX", sheet, carries))


def ataxia(cohort: Cohort) -> None:
    """DEMO_23: one allele of ATN1 has 62 CAG, longer than a read; the other the usual 15."""
    sheet = {
        "programme": "rare",
        "affected": "yes",
        "hpo": "HP:0001251;HP:0002072",
        "diagnosis": "OMIM:125370",
    }
    expanded = expansion(cohort.genome, ATN1, EXPANDED)
    cohort.named[f"ATN1 ({ATN1.unit}){EXPANDED}"] = expanded
    person = unrelated(cohort, "DEMO_23", "XY", sheet)
    carrying = replace(person, haplotypes=(person.haplotypes[0] | {expanded}, person.haplotypes[1]))
    cohort.people[-1] = carrying
    cohort.lengths.append(RepeatLength(person.name, ATN1.name, ATN1.copies, EXPANDED))
    sequence_normal(cohort, carrying)


_CARRIES: dict[int, Carries] = {
    7: (("CYP2C19 *2",), ("CYP2C19 *3",)),
    8: (("NUDT15 *3", "CYP2C19 *17"), ("NUDT15 *1", "CYP2C19 *1")),
    9: (("NUDT15 *2",), ("NUDT15 *3",)),
    13: (("BRCA2 p.Arg300Ter",), ()),
    14: ((), ("BRCA2 p.Arg300Ter",)),
}


def controls(cohort: Cohort) -> None:
    """DEMO_07 ... DEMO_14: unaffected.

    DEMO_08 and DEMO_10 come as CRAM; reads of DEMO_12 have no duplicates. DEMO_13 and DEMO_14
    carry BRCA2 p.Arg300Ter; DEMO_13 asked to be told, DEMO_14 did not and stays out of the
    cohort's counts.
    """
    for number in range(7, 15):
        name = f"DEMO_{number:02d}"
        sheet = {"programme": "control", "affected": "no"}
        if number == 14:
            sheet |= {"consent_cohort": "no", "consent_secondary": "no"}
        sex = "XX" if number % 2 else "XY"
        person = unrelated(cohort, name, sex, sheet, _CARRIES.get(number, ((), ())))
        form = "cram" if number in (8, 10) else "bam"
        sequence_normal(cohort, person, 0.0 if number == 12 else DUPLICATES, form)


def twice_and_related(cohort: Cohort) -> None:
    """DEMO_21 is DEMO_09 sequenced again; DEMO_22 is a daughter of DEMO_11. No sheet says so."""
    people = {person.name: person for person in cohort.people}
    sheet = CONSENT | {"programme": "control", "affected": "no"}
    again = Person("DEMO_21", people["DEMO_09"].sex, people["DEMO_09"].haplotypes, sheet)
    rng = generator("DEMO_22")
    father = unrelated(cohort, "DEMO_22 father", "XY", {})
    cohort.people.pop()
    halves = (inherited(people["DEMO_11"], rng), inherited(father, rng, son=False))
    daughter = Person("DEMO_22", "XX", halves, sheet)
    for person in (again, daughter):
        cohort.people.append(person)
        sequence_normal(cohort, person)


def from_elsewhere(cohort: Cohort) -> None:
    """DEMO_19 comes as a VCF with the intervals that were callable, DEMO_20 as a gVCF."""
    for name, form in (("DEMO_19", "vcf"), ("DEMO_20", "gvcf")):
        person = unrelated(cohort, name, "XX", {"programme": "control", "affected": "no"})
        made = molecules(cohort.genome, person, NORMAL_DEPTH)
        cohort.samples.append(Sample(f"{name}_N", name, "normal", tuple(made), form=form))
