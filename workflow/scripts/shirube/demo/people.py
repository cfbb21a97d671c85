"""The people of the demo: who they are, the alleles they carry, and the molecules to sequence.

Everybody is artificial. Population alleles are drawn haplotype by haplotype, so genotypes follow
Hardy-Weinberg proportions; children get one haplotype of each parent, unrecombined.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from shirube.demo.genome import CONTIGS, PAR_END, SEED, Genome
from shirube.demo.pharmacogenes import GENES, STARS, carried, changes
from shirube.demo.variants import (
    Segment,
    Variant,
    coding_deletion,
    codon_change,
    normalised,
    whole,
)

NORMAL_DEPTH, TUMOUR_DEPTH, MITOCHONDRIAL_DEPTH = 30.0, 60.0, 100.0
FREQUENCIES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7)
MARGIN = 700


@dataclass(frozen=True)
class PopulationAllele:
    """An allele and how often it occurs on a chromosome of the population."""

    variant: Variant
    frequency: float


@dataclass(frozen=True)
class Person:
    """A row of the patient sheet and the two haplotypes: [0] holds X and M, [1] X or Y.

    `heteroplasmy`: alleles of chrM that only a share of its copies carry.
    """

    name: str
    sex: str
    haplotypes: tuple[frozenset[Variant], frozenset[Variant]]
    sheet: dict[str, str] = field(default_factory=dict)
    heteroplasmy: tuple[tuple[Variant, float], ...] = ()

    @property
    def mitochondria(self) -> list[tuple[frozenset[Variant], float]]:
        """Kinds of mitochondrial DNA: alleles beyond the haplotype's, and their share."""
        mutated = sum(share for _, share in self.heteroplasmy)
        kinds = [(frozenset({variant}), share) for variant, share in self.heteroplasmy]
        return [(frozenset[Variant](), 1.0 - mutated), *kinds]


@dataclass(frozen=True)
class Molecule:
    """A chromosome to sequence: the alleles it carries, its segments, its depth."""

    variants: frozenset[Variant]
    segments: tuple[Segment, ...]
    depth: float


@dataclass(frozen=True)
class Sample:
    """A row of the sample sheet and what its reads are drawn from; `form` is bam, cram, (g)vcf."""

    name: str
    patient: str
    kind: str
    molecules: tuple[Molecule, ...]
    duplicates: float = 0.04
    form: str = "bam"


@dataclass(frozen=True)
class Planted:
    """A somatic allele and the fraction of tumour reads expected to carry it."""

    sample: str
    variant: Variant
    fraction: float
    name: str


@dataclass(frozen=True)
class Adjacency:
    """A somatic junction: last base kept (0-based) and side on both ends, as STRUCTURAL has it."""

    sample: str
    svtype: str
    first: tuple[str, int, str]
    second: tuple[str, int, str]
    fraction: float
    name: str


@dataclass(frozen=True)
class CopyNumber:
    """Copies of a stretch (0-based, half-open) in the tumour's cells."""

    sample: str
    contig: str
    start: int
    end: int
    total: int
    minor: int
    call: str


@dataclass(frozen=True)
class RepeatLength:
    """Copies of a disease repeat's unit in a person's two alleles."""

    patient: str
    locus: str
    short: int
    long: int


# Haplotypes that exclude each other: (frequency, alleles carried); the rest carry none of them.
Block = tuple[tuple[float, frozenset[Variant]], ...]


@dataclass
class Cohort:
    """Everything the files of the demo are written from."""

    genome: Genome
    alleles: list[PopulationAllele]
    blocks: list[Block]
    people: list[Person] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)
    adjacencies: list[Adjacency] = field(default_factory=list)
    copies: list[CopyNumber] = field(default_factory=list)
    lengths: list[RepeatLength] = field(default_factory=list)
    named: dict[str, Variant] = field(default_factory=dict)


def notable(genome: Genome) -> dict[str, Variant]:
    """The alleles with a story, by the name readers know."""
    gene = genome.genes

    def change(symbol: str, codon: int, to: str) -> Variant:
        return codon_change(genome, gene[symbol], codon, to)

    def deletion(symbol: str, first: int, last: int) -> Variant:
        return coding_deletion(genome, gene[symbol], first, last)

    return {
        "EGFR p.Leu858Arg": change("EGFR", 858, "CGG"),
        "EGFR p.Thr790Met": change("EGFR", 790, "ATG"),
        "EGFR p.Glu746_Ala750del": deletion("EGFR", 2236, 2250),
        "BRAF p.Val600Glu": change("BRAF", 600, "GAG"),
        "TP53 p.Arg273His": change("TP53", 273, "CAT"),
        "TP53 p.Arg175His": change("TP53", 175, "CAC"),
        "TP53 p.Arg72Pro": change("TP53", 72, "CCC"),
        "BRCA1 p.Leu63Ter": change("BRCA1", 63, "TAA"),
        "BRCA2 p.Arg300Ter": change("BRCA2", 300, "TGA"),
        "PTPN11 p.Asn308Asp": change("PTPN11", 308, "GAT"),
        "PTPN11 p.Ala150=": change("PTPN11", 150, "GCG"),
        "OTC p.Arg40His": change("OTC", 40, "CAT"),
        "SHOX p.Arg195Ter": change("SHOX", 195, "TGA"),
        "GJB2 p.Val37Ile": change("GJB2", 37, "ATT"),
        "GJB2 c.235del": deletion("GJB2", 235, 235),
        **{f"{symbol} {name}": variant for (symbol, name), variant in changes(genome).items()},
    }


COMMON = {"TP53 p.Arg72Pro": 0.4, "PTPN11 p.Ala150=": 0.15}


def free_positions(genome: Genome, named: Iterable[Variant]) -> dict[str, np.ndarray]:
    """Per contig, which positions may hold an allele without meaning: no exon, repeat or end."""
    free = {}
    for contig, sequence in genome.sequences.items():
        mask = sequence != ord("N")
        mask[:MARGIN] = mask[-MARGIN:] = False
        free[contig] = mask
    free["chrX"][PAR_END - MARGIN : PAR_END + MARGIN] = False
    free["chrY"][: PAR_END + MARGIN] = False
    for gene in genome.genes.values():
        for start, end in zip(gene.exon_starts, gene.exon_ends, strict=True):
            free[gene.contig][max(0, start - 25) : end + 25] = False
    for contig, start, end, _ in genome.repeats:
        free[contig][start - 40 : end + 40] = False
    for variant in named:
        free[variant.contig][variant.pos - 40 : variant.pos + 40] = False
    return free


def population_alleles(
    genome: Genome, free: dict[str, np.ndarray], rng: np.random.Generator
) -> list[PopulationAllele]:
    """Neutral alleles about every 450 bases; taken positions are removed from `free`."""
    out = []
    for contig in CONTIGS:
        places = np.flatnonzero(free[contig])
        for _ in range(len(genome.sequences[contig]) // 450):
            pos = int(places[rng.integers(len(places))])
            if not free[contig][pos - 12 : pos + 12].all():
                continue
            variant = random_allele(genome, contig, pos, rng, indel=rng.random() < 0.15)
            if variant is None:
                continue
            free[contig][variant.pos - 20 : variant.pos + 30] = False
            frequency = FREQUENCIES[int(rng.integers(len(FREQUENCIES)))]
            out.append(PopulationAllele(variant, frequency))
    return sorted(out, key=lambda allele: (CONTIGS.index(allele.variant.contig), allele.variant))


def star_blocks(genome: Genome) -> list[Block]:
    """Star alleles of each pharmacogene, as blocks."""
    return [
        tuple((star.frequency, carried(genome, star)) for star in STARS if star.gene == gene)
        for gene in GENES
    ]


def awkward_blocks(genome: Genome, free: dict[str, np.ndarray]) -> list[Block]:
    """Sites that go wrong elsewhere: three alleles, a deletion over a SNV, neighbours in phase.

    Two of each; taken positions are removed from `free`.
    """
    out: list[Block] = []
    for index, contig in enumerate(("chr7", "chr12")):
        for kind in range(3):
            at = _room(free[contig], 2_000 + 1_500 * kind)
            text = genome.text(contig, at, at + 6)
            others = ["ACGT".replace(base, "") for base in text]
            first = Variant(contig, at, text[0], others[0][index])
            if kind == 0:
                second = Variant(contig, at, text[0], others[0][2])
                out.append(((0.3, frozenset({first})), (0.25, frozenset({second}))))
            elif kind == 1:
                deletion = normalised(genome, contig, at, text, text[0])
                inside = Variant(contig, at + 3, text[3], others[3][index])
                out.append(((0.3, frozenset({deletion})), (0.3, frozenset({inside}))))
            else:
                beside = Variant(contig, at + 1 + index, text[1 + index], others[1 + index][0])
                out.append(((0.35, frozenset({first, beside})), (0.1, frozenset({first}))))
    return out


def _room(free: np.ndarray, start: int) -> int:
    """The first position from `start` with 60 free bases around it; takes them."""
    at = next(p for p in range(start, len(free) - 40) if free[p - 30 : p + 30].all())
    free[at - 30 : at + 30] = False
    return at


def random_allele(
    genome: Genome, contig: str, pos: int, rng: np.random.Generator, indel: bool
) -> Variant | None:
    """A substitution, or an insertion or deletion of 1 to 8 bases; None next to a short repeat."""
    ref = genome.text(contig, pos, pos + 1)
    if not indel:
        return Variant(contig, pos, ref, "ACGT".replace(ref, "")[int(rng.integers(3))])
    size = int(rng.integers(1, 9))
    if rng.random() < 0.5:
        variant = normalised(genome, contig, pos, genome.text(contig, pos, pos + size + 1), ref)
    else:
        added = "".join("ACGT"[i] for i in rng.integers(0, 4, size))
        variant = normalised(genome, contig, pos, ref, ref + added)
    return variant if pos - variant.pos <= 3 else None


def drawn(cohort: Cohort, rng: np.random.Generator, paternal_y: bool = False) -> frozenset[Variant]:
    """One haplotype of the population; with `paternal_y` it holds Y and X's shared end, no M."""
    lucky = rng.random(len(cohort.alleles))
    out = {
        allele.variant
        for allele, u in zip(cohort.alleles, lucky, strict=True)
        if u < allele.frequency and _carried(allele.variant, paternal_y)
    }
    for block, u in zip(cohort.blocks, rng.random(len(cohort.blocks)), strict=True):
        reached = np.cumsum([frequency for frequency, _ in block])
        chosen = int(np.searchsorted(reached, u, "right"))
        if chosen < len(block):
            out |= block[chosen][1]
    return frozenset(out)


def with_star(
    genome: Genome, haplotype: frozenset[Variant], gene: str, name: str
) -> frozenset[Variant]:
    """`haplotype` with another star allele of one gene."""
    defining = {variant for (symbol, _), variant in changes(genome).items() if symbol == gene}
    star = next(star for star in STARS if (star.gene, star.name) == (gene, name))
    return haplotype - defining | carried(genome, star)


def _carried(variant: Variant, paternal_y: bool) -> bool:
    if variant.contig == "chrX":
        return not paternal_y or variant.pos < PAR_END
    return variant.contig != "chrY" if not paternal_y else variant.contig != "chrM"


def inherited(
    parent: Person, rng: np.random.Generator, son: bool | None = None
) -> frozenset[Variant]:
    """A haplotype that a parent passes on; `son` says whether a father's child is one."""
    choice = rng.integers(0, 2, len(CONTIGS))
    out: set[Variant] = set()
    for contig, which in zip(CONTIGS, choice.tolist(), strict=True):
        if contig == "chrM":
            which = 0
            if son is not None:
                continue
        elif contig in ("chrX", "chrY") and son is not None:
            which = int(son)
        out |= {v for v in parent.haplotypes[which] if v.contig == contig}
    return frozenset(out)


def segments_of(genome: Genome, sex: str) -> tuple[list[tuple[Segment, ...]], ...]:
    """Molecules of the two haplotypes as segments: autosomes, then X (and M), then X or Y.

    The shared end of Y is a molecule of its own, whose reads an aligner places on X: no read
    crosses from one to the other, which a masked reference would show as a translocation.
    """
    autosomes = [c for c in CONTIGS if c not in ("chrX", "chrY", "chrM")]
    first: list[tuple[Segment, ...]] = [(whole(genome, c),) for c in (*autosomes, "chrX")]
    second: list[tuple[Segment, ...]] = [(whole(genome, c),) for c in autosomes]
    if sex == "XX":
        second.append((whole(genome, "chrX"),))
    else:
        length = len(genome.sequences["chrY"])
        second += [(("chrX", 0, PAR_END, 1),), (("chrY", PAR_END, length, 1),)]
    return first, second


def molecules(genome: Genome, person: Person, depth: float) -> list[Molecule]:
    """What the cells of a person without somatic change are sequenced from."""
    out = []
    for haplotype, kinds in zip(person.haplotypes, segments_of(genome, person.sex), strict=True):
        out += [Molecule(haplotype, segments, depth / 2) for segments in kinds]
    return [*out, *mitochondrial(genome, person, depth / NORMAL_DEPTH)]


def mitochondrial(genome: Genome, person: Person, times: float) -> list[Molecule]:
    """ChrM of a person, to `times` MITOCHONDRIAL_DEPTH."""
    segments = (whole(genome, "chrM"),)
    depth = MITOCHONDRIAL_DEPTH * times
    return [
        Molecule(person.haplotypes[0] | added, segments, depth * share)
        for added, share in person.mitochondria
    ]


def generator(name: str, seed: int = SEED) -> np.random.Generator:
    """Random numbers that depend on a name alone, so that people can be added without a shift."""
    return np.random.default_rng([seed, *name.encode()])
