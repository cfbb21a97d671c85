"""Who is in the demo (docs/demo.md tells it person by person), and what can be made to go wrong."""

from dataclasses import replace

from shirube.demo import families, tumours
from shirube.demo.genome import Genome
from shirube.demo.people import (
    COMMON,
    NORMAL_DEPTH,
    Cohort,
    PopulationAllele,
    Sample,
    awkward_blocks,
    free_positions,
    generator,
    molecules,
    notable,
    population_alleles,
    star_blocks,
)

FAULTS = {
    "swap": "the tumours of DEMO_01 and DEMO_02 are exchanged",
    "contamination": "a tenth of the reads of DEMO_07_N come from DEMO_08",
    "wrong-sex": "the sheet calls DEMO_08 XX",
    "half-sibling": "DEMO_24 is added, a declared sister of DEMO_03 who has another father",
    "unrelated-parent": "the reads of DEMO_04, the father of DEMO_03, are another man's",
}


def make(genome: Genome, fault: str | None = None) -> Cohort:
    """Everybody, and what their samples are drawn from."""
    named = notable(genome)
    free = free_positions(genome, named.values())
    for symbol, number in (("ALK", 19), ("EML4", 13)):
        start, end = genome.genes[symbol].intron(number)
        free["chr2"][start:end] = False
    blocks = [*star_blocks(genome), *awkward_blocks(genome, free)]
    alleles = population_alleles(genome, free, generator("population"))
    alleles += [PopulationAllele(named[name], f) for name, f in COMMON.items()]
    cohort = Cohort(genome, alleles, blocks, named=named)
    tumours.lung_cancer(cohort, free)
    tumours.hereditary(cohort, free)
    families.trio(cohort)
    families.x_linked(cohort)
    families.controls(cohort)
    tumours.unstable(cohort, free)
    families.hearing_loss(cohort)
    tumours.tumour_only(cohort, free)
    families.from_elsewhere(cohort)
    families.twice_and_related(cohort)
    families.ataxia(cohort)
    if fault == "half-sibling":
        families.half_sibling(cohort)
    elif fault:
        break_samples(cohort, fault)
    cohort.people.sort(key=lambda person: person.name)
    cohort.samples.sort(key=lambda sample: sample.name)
    return cohort


def break_samples(cohort: Cohort, fault: str) -> None:
    """Make one of FAULTS true of `cohort`; the truth tables keep telling what was intended."""
    samples = {sample.name: sample for sample in cohort.samples}

    def put(changed: Sample) -> None:
        samples[changed.name] = changed

    if fault == "swap":
        one, other = samples["DEMO_01_T"], samples["DEMO_02_T"]
        put(replace(one, molecules=other.molecules))
        put(replace(other, molecules=one.molecules))
    elif fault == "contamination":
        one, other = samples["DEMO_07_N"], samples["DEMO_08_N"]
        mixed = [replace(m, depth=0.9 * m.depth) for m in one.molecules]
        mixed += [replace(m, depth=0.1 * m.depth) for m in other.molecules]
        put(replace(one, molecules=tuple(mixed)))
    elif fault == "wrong-sex":
        cohort.people = [
            replace(person, sheet={**person.sheet, "sex": "XX"})
            if person.name == "DEMO_08"
            else person
            for person in cohort.people
        ]
    elif fault == "unrelated-parent":
        stranger = families.unrelated(cohort, "DEMO_04 stranger", "XY", {})
        cohort.people.pop()
        made = tuple(molecules(cohort.genome, stranger, NORMAL_DEPTH))
        put(replace(samples["DEMO_04_N"], molecules=made))
    else:
        raise ValueError(f"unknown fault {fault!r}")
    cohort.samples = list(samples.values())
