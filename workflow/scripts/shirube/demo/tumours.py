"""People with a tumour: what the tumour's cells changed, clone by clone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from shirube.demo.families import sequence_normal, unrelated
from shirube.demo.genome import Genome
from shirube.demo.people import (
    NORMAL_DEPTH,
    TUMOUR_DEPTH,
    Adjacency,
    Cohort,
    CopyNumber,
    Molecule,
    Person,
    Planted,
    Sample,
    generator,
    mitochondrial,
    molecules,
    random_allele,
    segments_of,
)
from shirube.demo.variants import Segment, Variant, normalised, whole

Free = dict[str, np.ndarray]
Shapes = tuple[tuple[int, Sequence[Segment]], ...]


@dataclass
class Clone:
    """A share of the sampled cells and what they added to the germline, by haplotype.

    `contigs`: contig -> (haplotype it now comes from, segments) for both copies, where they differ.
    """

    share: float
    added: tuple[set[Variant], set[Variant]]
    contigs: Mapping[str, Shapes] = field(default_factory=dict)


def passengers(cohort: Cohort, name: str, count: int, free: Free) -> list[Variant]:
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


def sequence_tumour(cohort: Cohort, person: Person, clones: Iterable[Clone]) -> str:
    """Add the tumour sample: normal cells fill what the clones leave; return its name."""
    genome, clones = cohort.genome, list(clones)
    normal = 1.0 - sum(clone.share for clone in clones)
    made = molecules(genome, person, TUMOUR_DEPTH * normal)
    for clone in clones:
        depth = TUMOUR_DEPTH * clone.share / 2
        own = [person.haplotypes[i] | clone.added[i] for i in (0, 1)]
        for index, kinds in enumerate(segments_of(genome, person.sex)):
            for segments in kinds:
                unchanged: tuple[int, Sequence[Segment]] = (index, segments)
                shapes = clone.contigs.get(segments[0][0])
                source, shape = shapes[index] if shapes else unchanged
                made.append(Molecule(frozenset(own[source]), tuple(shape), depth))
        made += mitochondrial(genome, person, TUMOUR_DEPTH / NORMAL_DEPTH * clone.share)
    name = f"{person.name}_T"
    cohort.samples.append(Sample(name, person.name, "tumour", tuple(made)))
    return name


def plant(
    cohort: Cohort, sample: str, variants: Iterable[Variant], fraction: float, otherwise: str
) -> None:
    """Note somatic alleles in the truth; those without a name are called `otherwise`."""
    names = {variant: name for name, variant in cohort.named.items()}
    for variant in sorted(variants):
        cohort.planted.append(Planted(sample, variant, fraction, names.get(variant, otherwise)))


def lung_cancer(cohort: Cohort, free: Free) -> None:
    """DEMO_01: EGFR p.Leu858Arg and an EML4::ALK inversion, 60% tumour cells, one subclone."""
    sheet = {"programme": "cancer", "diagnosis": "LUAD", "affected": "yes"}
    person = unrelated(cohort, "DEMO_01", "XX", sheet)
    sequence_normal(cohort, person)
    extra = passengers(cohort, person.name, 12, free)
    trunk, branch = extra[:8], extra[8:]
    drivers = {cohort.named["EGFR p.Leu858Arg"], cohort.named["TP53 p.Arg273His"]}
    first, second = drivers | set(trunk[::2]), set(trunk[1::2])
    genome = cohort.genome
    alk, eml4 = genome.genes["ALK"].intron(19), genome.genes["EML4"].intron(13)
    low, high = sum(alk) // 2, sum(eml4) // 2
    length = len(genome.sequences["chr2"])
    inverted = (("chr2", 0, low, 1), ("chr2", low, high, -1), ("chr2", high, length, 1))
    shapes: dict[str, Shapes] = {"chr2": ((0, (whole(genome, "chr2"),)), (1, inverted))}
    clones = [
        Clone(0.4, (first, second), shapes),
        Clone(0.2, (first | set(branch), second), shapes),
    ]
    tumour = sequence_tumour(cohort, person, clones)
    plant(cohort, tumour, first | second, 0.3, "passenger")
    plant(cohort, tumour, branch, 0.1, "subclonal passenger")
    ends = (("chr2", low - 1, "+"), ("chr2", high - 1, "+"))
    cohort.adjacencies.append(Adjacency(tumour, "INV", *ends, 0.3, "EML4::ALK (E13;A20)"))
    ends = (("chr2", low, "-"), ("chr2", high, "-"))
    cohort.adjacencies.append(Adjacency(tumour, "INV", *ends, 0.3, "ALK::EML4 (reciprocal)"))


COPIES = 8


def hereditary(cohort: Cohort, free: Free) -> None:
    """DEMO_02: BRCA1 p.Leu63Ter in the germline; chr17 of the tumour is twice the mutated one.

    ERBB2 is amplified (a tandem repeat on one of the two) and both copies of PTEN are deleted.
    """
    sheet = {"programme": "cancer", "diagnosis": "IDC", "affected": "yes"}
    person = unrelated(cohort, "DEMO_02", "XX", sheet, (("BRCA1 p.Leu63Ter",), ()))
    sequence_normal(cohort, person)
    genome, purity = cohort.genome, 0.7
    extra = set(passengers(cohort, person.name, 6, free))
    hit = cohort.named["TP53 p.Arg175His"]
    erbb2, pten = genome.genes["ERBB2"], genome.genes["PTEN"]
    low, high = erbb2.start - 1_000, erbb2.end + 1_000
    end = len(genome.sequences["chr17"])
    tandem = [("chr17", 0, high, 1), *[("chr17", low, high, 1)] * COPIES, ("chr17", high, end, 1)]
    left, right = pten.start - 600, pten.end + 600
    gone = (("chr10", 0, left, 1), ("chr10", right, len(genome.sequences["chr10"]), 1))
    shapes: dict[str, Shapes] = {
        "chr17": ((0, tandem), (0, (whole(genome, "chr17"),))),
        "chr10": ((0, gone), (1, gone)),
    }
    tumour = sequence_tumour(cohort, person, [Clone(purity, (extra | {hit}, set()), shapes)])
    plant(cohort, tumour, extra, purity / 2, "passenger")
    plant(cohort, tumour, [hit], purity, "")
    ends = (("chr17", low, "-"), ("chr17", high - 1, "+"))
    fraction = round(purity * COPIES / (purity * (COPIES + 2) + 2 * (1 - purity)), 3)
    cohort.adjacencies.append(Adjacency(tumour, "DUP", *ends, fraction, "ERBB2 amplification"))
    ends = (("chr10", left - 1, "+"), ("chr10", right, "-"))
    cohort.adjacencies.append(Adjacency(tumour, "DEL", *ends, purity, "PTEN deletion"))
    for row in (
        ("chr10", left, right, 0, 0, "homozygous_deletion"),
        ("chr17", 0, low, 2, 0, "loh"),
        ("chr17", low, high, COPIES + 2, 0, "amplification"),
        ("chr17", high, end, 2, 0, "loh"),
    ):
        cohort.copies.append(CopyNumber(tumour, *row))


def shortened(genome: Genome, index: int, units: int) -> Variant:
    """A repeat of the genome that lost `units` of its unit."""
    contig, start, _, unit = genome.repeats[index]
    text = genome.text(contig, start - 1, start + units * len(unit))
    return normalised(genome, contig, start - 1, text, text[0])


def unstable(cohort: Cohort, free: Free) -> None:
    """DEMO_16: a bowel tumour whose repeats are unstable, with BRAF p.Val600Glu.

    Three repeats in four lost 1 to 3 units on one haplotype and another number on the other, and
    differ between two clones. The germline is UGT1A1 *6/*28.
    """
    sheet = {"programme": "cancer", "diagnosis": "COAD", "affected": "yes"}
    stars = (("UGT1A1 *6",), ("UGT1A1 *28",))
    person = unrelated(cohort, "DEMO_16", "XY", sheet, stars)
    sequence_normal(cohort, person)
    genome, rng = cohort.genome, generator("DEMO_16 repeats")
    extra = passengers(cohort, person.name, 30, free)
    shared = ({cohort.named["BRAF p.Val600Glu"], *extra[::2]}, set(extra[1::2]))
    lost: dict[Variant, float] = {}
    clones = []
    for share in (0.35, 0.25):
        added: tuple[set[Variant], set[Variant]] = (set(shared[0]), set(shared[1]))
        for index, (contig, *_) in enumerate(genome.repeats):
            units = rng.integers(1, 4, 2)
            if index % 4 == 3 or contig == "chrX":
                continue
            for copy in (0, 1):
                variant = shortened(genome, index, int(units[copy]))
                added[copy].add(variant)
                lost[variant] = round(lost.get(variant, 0.0) + share / 2, 3)
        clones.append(Clone(share, added))
    tumour = sequence_tumour(cohort, person, clones)
    plant(cohort, tumour, shared[0] | shared[1], 0.3, "passenger")
    for variant, fraction in sorted(lost.items()):
        plant(cohort, tumour, [variant], fraction, "repeat shortened")


def tumour_only(cohort: Cohort, free: Free) -> None:
    """DEMO_18: lung, no normal sample; EGFR exon 19 deletion, p.Thr790Met in a subclone."""
    sheet = {"programme": "cancer", "diagnosis": "LUAD", "affected": "yes"}
    person = unrelated(cohort, "DEMO_18", "XY", sheet)
    extra = set(passengers(cohort, person.name, 6, free))
    trunk = {cohort.named["EGFR p.Glu746_Ala750del"], *extra}
    resistant = cohort.named["EGFR p.Thr790Met"]
    clones = [Clone(0.4, (trunk, set())), Clone(0.3, (trunk | {resistant}, set()))]
    tumour = sequence_tumour(cohort, person, clones)
    plant(cohort, tumour, trunk, 0.35, "passenger")
    plant(cohort, tumour, [resistant], 0.15, "")
