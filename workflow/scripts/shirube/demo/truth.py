"""What was planted, as tables: germline genotypes, somatic alleles, junctions, named alleles.

`pos` is 1-based; start, end are 0-based half-open; breakends are as in the STRUCTURAL contract.
"""

from collections.abc import Sequence

from shirube.demo.genome import CONTIGS, PAR_END
from shirube.demo.people import Cohort, Person
from shirube.demo.pharmacogenes import GENES, star_of
from shirube.demo.variants import Variant

LONGEST = 50  # bases a small allele inserts or deletes at most; a repeat's length is told apart
LABEL = "# ARTIFICIAL demonstration data: what `shirube demo` planted"


def genotypes(person: Person) -> list[tuple[Variant, int, int]]:
    """(allele, dosage, ploidy) of a person's small alleles, in the order of the reference."""
    out = []
    for variant in set(person.haplotypes[0]) | set(person.haplotypes[1]):
        if abs(len(variant.alt) - len(variant.ref)) > LONGEST:
            continue
        haploid = variant.contig == "chrM" or (
            person.sex == "XY" and variant.contig in ("chrX", "chrY") and variant.pos >= PAR_END
        )
        carried = [variant in haplotype for haplotype in person.haplotypes]
        dosage = 1 if haploid else sum(carried)
        if variant.contig == "chrM" and not carried[0]:
            continue
        if variant.contig == "chrY" and person.sex == "XX":
            continue
        out.append((variant, dosage, 1 if haploid else 2))
    return sorted(out, key=lambda row: (CONTIGS.index(row[0].contig), row[0]))


def _table(columns: str, rows: Sequence[tuple[object, ...]]) -> str:
    lines = [LABEL, columns.replace(" ", "\t")]
    return "\n".join([*lines, *("\t".join(map(str, row)) for row in rows)]) + "\n"


def _allele(variant: Variant) -> tuple[object, ...]:
    return variant.contig, variant.pos + 1, variant.ref, variant.alt


def tables(cohort: Cohort) -> dict[str, str]:
    """Name -> TSV of each truth table."""
    germline = [
        (person.name, *_allele(variant), dosage, ploidy)
        for person in cohort.people
        for variant, dosage, ploidy in genotypes(person)
    ]
    somatic = [
        (item.sample, *_allele(item.variant), item.fraction, item.name)
        for item in sorted(
            cohort.planted,
            key=lambda p: (p.sample, CONTIGS.index(p.variant.contig), p.variant),
        )
    ]
    structural: list[tuple[object, ...]] = []
    for junction in cohort.adjacencies:
        (c1, p1, s1), (c2, p2, s2) = junction.first, junction.second
        place = (c1, p1 + 1, s1, c2, p2 + 1, s2)
        structural.append(
            (junction.sample, junction.svtype, *place, junction.fraction, junction.name)
        )
    copies = [(c.sample, c.contig, c.start, c.end, c.total, c.minor, c.call) for c in cohort.copies]
    mixed = [
        (person.name, *_allele(variant), share)
        for person in cohort.people
        for variant, share in person.heteroplasmy
    ]
    stars = [
        (person.name, gene, *sorted(star_of(cohort.genome, gene, h) for h in person.haplotypes))
        for person in cohort.people
        for gene in GENES
    ]
    lengths = [(r.patient, r.locus, r.short, r.long) for r in cohort.lengths]
    named = [(name, *_allele(variant)) for name, variant in cohort.named.items()]
    return {
        "germline": _table("patient chrom pos ref alt dosage ploidy", germline),
        "somatic": _table("sample chrom pos ref alt fraction name", somatic),
        "structural": _table(
            "sample svtype chrom1 pos1 strand1 chrom2 pos2 strand2 fraction name", structural
        ),
        "copy_number": _table("sample chrom start end total_cn minor_cn call", copies),
        "pharmacogenes": _table("patient gene allele1 allele2", stars),
        "heteroplasmy": _table("patient chrom pos ref alt fraction", mixed),
        "repeats": _table("patient locus short long", lengths),
        "named": _table("name chrom pos ref alt", named),
    }
