"""The people of the demo: who carries what, before any read is made."""

import json

import pytest

from shirube.demo import cases, pharmacogenes
from shirube.demo.genome import LABEL, PAR_END, build
from shirube.demo.make import sheets
from shirube.demo.truth import genotypes


def test_only_the_child_has_the_de_novo_allele() -> None:
    cohort = cases.make(build())
    people = {person.name: person for person in cohort.people}
    child, father, mother = (people[f"DEMO_0{n}"] for n in (3, 4, 5))
    de_novo = cohort.named["PTPN11 p.Asn308Asp"]
    parents = set().union(*father.haplotypes, *mother.haplotypes)
    assert set().union(*child.haplotypes) - parents == {de_novo}
    benign = cohort.named["PTPN11 p.Ala150="]
    assert benign in mother.haplotypes[0]
    assert benign in child.haplotypes[0]
    assert benign not in child.haplotypes[1]


def test_male_x_is_haploid_outside_the_shared_end() -> None:
    cohort = cases.make(build())
    male = next(person for person in cohort.people if person.name == "DEMO_06")
    for variant, dosage, ploidy in genotypes(male):
        if variant.contig in ("chrX", "chrY") and variant.pos >= PAR_END:
            assert (dosage, ploidy) == (1, 1)
        elif variant.contig == "chrX":
            assert ploidy == 2
    carried = {variant for variant, _, _ in genotypes(male)}
    assert {cohort.named["OTC p.Arg40His"], cohort.named["SHOX p.Arg195Ter"]} <= carried


def test_faults_change_what_they_say() -> None:
    genome = build()
    plain = {sample.name: sample for sample in cases.make(genome).samples}
    for fault, changed in (
        ("swap", {"DEMO_01_T", "DEMO_02_T"}),
        ("contamination", {"DEMO_07_N"}),
        ("unrelated-parent", {"DEMO_04_N"}),
        ("wrong-sex", set()),
    ):
        cohort = cases.make(genome, fault)
        broken = {sample.name: sample for sample in cohort.samples}
        assert set(broken) == set(plain)
        assert {name for name in plain if plain[name] != broken[name]} == changed
        assert len(cohort.people) == 23
        sheet = sheets(cohort)[0].splitlines()
        assert any(line.startswith("DEMO_08\tXX") for line in sheet) == (fault == "wrong-sex")
    assert set(cases.FAULTS) == {
        *("swap", "contamination", "unrelated-parent", "wrong-sex", "half-sibling")
    }
    added = cases.make(genome, "half-sibling")
    assert {sample.name for sample in added.samples} - set(plain) == {"DEMO_24_N"}
    people = {person.name: person for person in added.people}
    of_mother, of_father = (
        people["DEMO_24"].haplotypes[0],
        set().union(*people["DEMO_04"].haplotypes),
    )
    assert of_mother <= set().union(*people["DEMO_05"].haplotypes)
    assert not people["DEMO_24"].haplotypes[1] <= of_father
    swapped = {sample.name: sample for sample in cases.make(genome, "swap").samples}
    assert swapped["DEMO_01_T"].molecules == plain["DEMO_02_T"].molecules
    mixed = {s.name: s for s in cases.make(genome, "contamination").samples}["DEMO_07_N"].molecules
    strange = {m.segments[0][0]: 0.0 for m in mixed}
    for molecule in mixed:
        if molecule.variants in {m.variants for m in plain["DEMO_08_N"].molecules}:
            strange[molecule.segments[0][0]] += molecule.depth
    assert strange["chr7"] == pytest.approx(3.0)


def test_one_person_has_an_expansion_and_nobody_an_allele_beside_it() -> None:
    cohort = cases.make(build())
    (locus,), (length,) = cohort.genome.expandable, cohort.lengths
    assert (length.patient, length.locus, length.short) == ("DEMO_23", locus.name, locus.copies)
    near = {
        (person.name, variant)
        for person in cohort.people
        for variant in person.haplotypes[0] | person.haplotypes[1]
        if variant.contig == locus.contig and locus.start - 200 < variant.pos < locus.end + 200
    }
    ((name, expanded),) = near
    assert name == "DEMO_23"
    assert len(expanded.alt) - len(expanded.ref) == 3 * (length.long - locus.copies)
    person = next(person for person in cohort.people if person.name == name)
    assert expanded not in {variant for variant, _, _ in genotypes(person)}


def test_related_and_repeated_people() -> None:
    cohort = cases.make(build())
    people = {person.name: person for person in cohort.people}
    assert people["DEMO_21"].haplotypes == people["DEMO_09"].haplotypes
    of_mother = set().union(*people["DEMO_11"].haplotypes)
    assert people["DEMO_22"].haplotypes[0] <= of_mother
    assert not people["DEMO_22"].sheet.get("mother")
    otc = cohort.named["OTC p.Arg40His"]
    assert otc in people["DEMO_15"].haplotypes[0]
    assert otc in people["DEMO_06"].haplotypes[0]
    secondary = cohort.named["BRCA2 p.Arg300Ter"]
    told = {
        n: p.sheet["consent_secondary"]
        for n, p in people.items()
        if secondary in p.haplotypes[0] | p.haplotypes[1]
    }
    assert told == {"DEMO_13": "yes", "DEMO_14": "no"}


def test_awkward_sites_are_carried() -> None:
    """Three alleles at one place, an allele inside a deletion on the other chromosome, a pair."""
    cohort = cases.make(build())
    seen = {"three": 0, "inside": 0, "pair": 0}
    for person in cohort.people:
        one, other = person.haplotypes
        for block in cohort.blocks[3:]:
            first, second = block[0][1], block[1][1]
            if len(first) == 2:
                seen["pair"] += first <= one or first <= other
            elif (first <= one and second <= other) or (first <= other and second <= one):
                (allele,) = first
                seen["three" if len(allele.ref) == 1 else "inside"] += 1
            assert not (first <= one and second <= one) or len(first) == 2
    assert min(seen.values()) >= 3, seen


@pytest.mark.parametrize("gene", pharmacogenes.GENES)
def test_star_alleles_are_what_the_definitions_say(gene: str) -> None:
    """Read the definition as a caller would, and compare with everybody's genotypes."""
    genome = build()
    model = json.loads(pharmacogenes.definition(genome, gene, LABEL))
    places = [(v["chromosome"], v["position"], v["ref"], v["alts"][0]) for v in model["variants"]]
    reference = next(a for a in model["namedAlleles"] if a["reference"])["alleles"]
    named = {
        a["name"]: [x or r for x, r in zip(a["alleles"], reference, strict=True)]
        for a in model["namedAlleles"]
    }
    for chrom, pos, ref, _ in places:
        assert genome.text(chrom, pos - 1, pos - 1 + len(ref)) == ref
    people = cases.make(genome).people
    assert len(people) == 23
    for person in people:
        carried = {
            (v.contig, v.pos + 1, v.ref, v.alt): dosage for v, dosage, _ in genotypes(person)
        }
        pair = [named[pharmacogenes.star_of(genome, gene, h)] for h in person.haplotypes]
        found = [sum(x[i] == place[3] for x in pair) for i, place in enumerate(places)]
        assert found == [carried.get(place, 0) for place in places], person.name


@pytest.mark.parametrize("gene", pharmacogenes.GENES)
def test_every_diplotype_has_a_phenotype(gene: str) -> None:
    model = json.loads(pharmacogenes.phenotype(gene, LABEL))
    names = [star.name for star in pharmacogenes.STARS if star.gene == gene]
    assert list(model["haplotypes"]) == names
    assert len(model["diplotypes"]) == len(names) * (len(names) + 1) // 2
    of = {row["diplotype"]: row["phenotype"] for row in model["diplotypes"]}
    assert of["*1/*1"] == "Normal Metabolizer"
    assert all(sum(row["diplotypekey"].values()) == 2 for row in model["diplotypes"])
    expected = {
        "UGT1A1": {"*6/*28": "Poor Metabolizer", "*1/*6": "Intermediate Metabolizer"},
        "CYP2C19": {"*2/*3": "Poor Metabolizer", "*1/*17": "Rapid Metabolizer"}
        | {"*17/*17": "Ultrarapid Metabolizer", "*2/*17": "Intermediate Metabolizer"},
        "NUDT15": {"*2/*3": "Poor Metabolizer", "*1/*5": "Indeterminate"},
    }[gene]
    assert expected.items() <= of.items()


def test_guidelines_answer_phenotypes_that_exist() -> None:
    for entry in json.loads(pharmacogenes.guidelines(LABEL)).values():
        for item in entry["recommendations"]:
            ((gene, phenotype),) = item["lookupKey"].items()
            known = json.loads(pharmacogenes.phenotype(gene, LABEL))["diplotypes"]
            assert phenotype in {row["phenotype"] for row in known}
            assert "ARTIFICIAL" in item["text"]["html"]
