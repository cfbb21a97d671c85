"""Who is in the demo and what was planted in them (docs/demo.md tells it person by person)."""

import numpy as np

from shirube.demo.genome import Genome
from shirube.demo.people import (
    COMMON,
    NORMAL_DEPTH,
    TUMOUR_DEPTH,
    Adjacency,
    Cohort,
    Molecule,
    Person,
    Planted,
    PopulationAllele,
    Sample,
    drawn,
    free_positions,
    generator,
    inherited,
    molecules,
    notable,
    population_alleles,
    random_allele,
    segments_of,
)
from shirube.demo.variants import Variant, whole

CONSENT = {"consent_cohort": "yes", "consent_secondary": "yes"}


def unrelated(
    cohort: Cohort,
    name: str,
    sex: str,
    sheet: dict[str, str],
    carries: tuple[str, ...] = (),
    lacks: tuple[str, ...] = (),
    second: tuple[str, ...] = (),
) -> Person:
    """A person drawn from the population who carries the named alleles on haplotype 0 (or 1)."""
    rng = generator(name)
    without = {cohort.named[n] for n in lacks}
    first = drawn(cohort.alleles, rng) - without | {cohort.named[n] for n in carries}
    other = drawn(cohort.alleles, rng, sex == "XY") - without | {cohort.named[n] for n in second}
    person = Person(name, sex, (frozenset(first), frozenset(other)), CONSENT | sheet)
    cohort.people.append(person)
    return person


def sequence_normal(cohort: Cohort, person: Person, duplicates: float = 0.04) -> None:
    """Add the sample of a person's healthy tissue."""
    made = molecules(cohort.genome, person, NORMAL_DEPTH)
    name = f"{person.name}_N"
    cohort.samples.append(Sample(name, person.name, "normal", tuple(made), duplicates))


def passengers(cohort: Cohort, name: str, count: int, free: dict[str, np.ndarray]) -> list[Variant]:
    """Somatic alleles without meaning on the autosomes, every fourth an indel."""
    rng = generator(name + " passengers")
    out: list[Variant] = []
    contigs = ("chr2", "chr7", "chr12", "chr13")
    while len(out) < count:
        contig = contigs[int(rng.integers(len(contigs)))]
        places = np.flatnonzero(free[contig])
        pos = int(places[rng.integers(len(places))])
        variant = random_allele(cohort.genome, contig, pos, rng, indel=len(out) % 4 == 3)
        if variant is not None and free[contig][variant.pos - 12 : variant.pos + 12].all():
            free[contig][variant.pos - 20 : variant.pos + 30] = False
            out.append(variant)
    return out


def lung_cancer(cohort: Cohort, free: dict[str, np.ndarray]) -> None:
    """DEMO_01: EGFR p.Leu858Arg and an EML4::ALK inversion, 60% tumour cells, one subclone."""
    sheet = {"programme": "cancer", "diagnosis": "LUAD", "affected": "yes"}
    person = unrelated(cohort, "DEMO_01", "XX", sheet)
    sequence_normal(cohort, person)
    genome, tumour = cohort.genome, "DEMO_01_T"
    extra = passengers(cohort, person.name, 12, free)
    trunk, branch = extra[:8], extra[8:]
    on_first = {cohort.named["EGFR p.Leu858Arg"], cohort.named["TP53 p.Arg273His"], *trunk[::2]}
    on_second = set(trunk[1::2])
    alk, eml4 = genome.genes["ALK"].intron(19), genome.genes["EML4"].intron(13)
    low, high = sum(alk) // 2, sum(eml4) // 2
    length = len(genome.sequences["chr2"])
    inverted = (("chr2", 0, low, 1), ("chr2", low, high, -1), ("chr2", high, length, 1))
    first, second = segments_of(genome, person.sex)
    made = molecules(genome, person, TUMOUR_DEPTH * 0.4)
    for share, more in ((0.4, frozenset()), (0.2, frozenset(branch))):
        depth = TUMOUR_DEPTH * share / 2
        haplotype = person.haplotypes[0] | on_first | more
        made += [Molecule(haplotype, segments, depth) for segments in first]
        haplotype = person.haplotypes[1] | on_second
        for segments in second:
            chosen = inverted if segments[0][0] == "chr2" else segments
            made.append(Molecule(haplotype, chosen, depth))
        made.append(Molecule(haplotype, (whole(genome, "chrM"),), 2 * depth))
    cohort.samples.append(Sample(tumour, person.name, "tumour", tuple(made)))
    names = {variant: name for name, variant in cohort.named.items()}
    for variant in sorted(on_first | on_second):
        cohort.planted.append(Planted(tumour, variant, 0.3, names.get(variant, "passenger")))
    cohort.planted += [Planted(tumour, v, 0.1, "subclonal passenger") for v in sorted(branch)]
    ends = (("chr2", low - 1, "+"), ("chr2", high - 1, "+"))
    cohort.adjacencies.append(Adjacency(tumour, "INV", *ends, 0.3, "EML4::ALK (E13;A20)"))
    ends = (("chr2", low, "-"), ("chr2", high, "-"))
    cohort.adjacencies.append(Adjacency(tumour, "INV", *ends, 0.3, "ALK::EML4 (reciprocal)"))


def hereditary(cohort: Cohort, free: dict[str, np.ndarray]) -> None:
    """DEMO_02: BRCA1 p.Leu63Ter in the germline; chr17 of the tumour is twice the mutated one."""
    sheet = {"programme": "cancer", "diagnosis": "BRCA", "affected": "yes"}
    person = unrelated(cohort, "DEMO_02", "XX", sheet, ("BRCA1 p.Leu63Ter",))
    sequence_normal(cohort, person)
    genome, tumour, purity = cohort.genome, "DEMO_02_T", 0.7
    extra = passengers(cohort, person.name, 6, free)
    both = {cohort.named["TP53 p.Arg175His"]}
    made = molecules(genome, person, TUMOUR_DEPTH * (1 - purity))
    depth = TUMOUR_DEPTH * purity / 2
    for index, kinds in enumerate(segments_of(genome, person.sex)):
        for segments in kinds:
            lost = segments[0][0] == "chr17"
            haplotype = person.haplotypes[0 if lost else index] | both
            haplotype |= set(extra) if index == 0 else set()
            made.append(Molecule(frozenset(haplotype), segments, depth))
    made.append(Molecule(person.haplotypes[0], (whole(genome, "chrM"),), 2 * depth))
    cohort.samples.append(Sample(tumour, person.name, "tumour", tuple(made)))
    cohort.planted += [Planted(tumour, v, purity, "TP53 p.Arg175His") for v in both]
    cohort.planted += [Planted(tumour, v, purity / 2, "passenger") for v in sorted(extra)]


def trio(cohort: Cohort) -> None:
    """DEMO_03 (child), DEMO_04 (father), DEMO_05 (mother): PTPN11 p.Asn308Asp is de novo."""
    benign = "PTPN11 p.Ala150="
    father = unrelated(
        cohort, "DEMO_04", "XY", {"family": "FAM_01", "affected": "no", "programme": "rare"},
        lacks=(benign,),
    )  # fmt: skip
    mother = unrelated(
        cohort, "DEMO_05", "XX", {"family": "FAM_01", "affected": "no", "programme": "rare"},
        carries=(benign,), lacks=(benign,),
    )  # fmt: skip
    rng = generator("DEMO_03")
    maternal = inherited(mother, rng)
    chr12 = {v for v in mother.haplotypes[0] if v.contig == "chr12"}
    maternal = frozenset({v for v in maternal if v.contig != "chr12"} | chr12)
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


def x_linked_male(cohort: Cohort) -> None:
    """DEMO_06: hemizygous OTC p.Arg40His on X, heterozygous SHOX p.Arg195Ter in the shared end."""
    sheet = {"programme": "rare", "affected": "yes", "diagnosis": "OMIM:311250"}
    sheet["hpo"] = "HP:0001987;HP:0001259"
    person = unrelated(
        cohort, "DEMO_06", "XY", sheet, carries=("OTC p.Arg40His",), second=("SHOX p.Arg195Ter",)
    )
    sequence_normal(cohort, person)


def controls(cohort: Cohort) -> None:
    """DEMO_07 ... DEMO_14: unaffected; DEMO_12 has no duplicates, DEMO_14 stays out of counts."""
    for number in range(7, 15):
        name = f"DEMO_{number:02d}"
        sheet = {"programme": "control", "affected": "no"}
        if number == 14:
            sheet |= {"consent_cohort": "no", "consent_secondary": "no"}
        person = unrelated(cohort, name, "XX" if number % 2 else "XY", sheet)
        sequence_normal(cohort, person, 0.0 if number == 12 else 0.04)


def make(genome: Genome) -> Cohort:
    """Everybody, and what their samples are drawn from."""
    named = notable(genome)
    free = free_positions(genome, named.values())
    for symbol, number in (("ALK", 19), ("EML4", 13)):
        start, end = genome.genes[symbol].intron(number)
        free["chr2"][start:end] = False
    alleles = population_alleles(genome, free, generator("population"))
    alleles += [PopulationAllele(named[name], f, name) for name, f in COMMON.items()]
    cohort = Cohort(genome, alleles, named=named)
    lung_cancer(cohort, free)
    hereditary(cohort, free)
    trio(cohort)
    x_linked_male(cohort)
    controls(cohort)
    return cohort
