"""The artificial genome: random sequence with genes whose hotspot codons exist.

Nothing here is copied from a genome. Symbols, strands, the order of genes on a chromosome and the
codons at well-known hotspots are those readers expect (EGFR codon 858 is CTG, in exon 21); every
other base, every length and every coordinate is made up. Positions are 0-based; sequences are
arrays of ASCII codes (uint8), one a contig.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

LABEL = "ARTIFICIAL demonstration data, not for clinical use"
SEED = 20_260_101
Bases = NDArray[np.uint8]
_ACGT = np.frombuffer(b"ACGT", np.uint8)
_COMPLEMENT = np.arange(256, dtype=np.uint8)
_COMPLEMENT[np.frombuffer(b"ACGT", np.uint8)] = np.frombuffer(b"TGCA", np.uint8)
_STOPS = ("TAA", "TAG", "TGA")
_SENSE = [a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT" if a + b + c not in _STOPS]

SPACER, UTR, TAIL = 3_400, 180, 2_600
PAR_END = 12_000
CONTIGS = ("chr2", "chr7", "chr10", "chr12", "chr13", "chr17", "chrX", "chrY", "chrM")
MITOCHONDRION = 3_000


@dataclass(frozen=True)
class GeneSpec:
    """What a gene must have: `codons` counts amino acids, `exons` includes a non-coding first one.

    `hotspots`: codon number -> codon; `anchors`: codon number -> exon it must lie in;
    `phases`: exon number -> coding bases (modulo 3) that end with it.
    """

    symbol: str
    contig: str
    strand: str
    codons: int
    exons: int
    hotspots: Mapping[int, str] = field(default_factory=dict)
    anchors: Mapping[int, int] = field(default_factory=dict)
    phases: Mapping[int, int] = field(default_factory=dict)
    leader: bool = False


SPECS = (
    GeneSpec("ALK", "chr2", "-", 580, 29, {400: "GGA"}, {400: 20}, {19: 1}),
    GeneSpec("EML4", "chr2", "+", 460, 23, {}, {}, {13: 1}),
    GeneSpec("UGT1A1", "chr2", "+", 533, 5, {71: "GGA", 229: "CCG"}, {71: 1}),
    GeneSpec(
        "EGFR",
        "chr7",
        "+",
        1210,
        28,
        {719: "GGC", 746: "GAA", 747: "TTA", 748: "AGA", 749: "GAA", 750: "GCA", 751: "ACA"}
        | {790: "ACG", 797: "TGC", 858: "CTG", 861: "CTG"},
        {719: 18, 749: 19, 790: 20, 858: 21},
    ),
    GeneSpec("BRAF", "chr7", "-", 766, 18, {600: "GTG"}, {600: 15}),
    GeneSpec("PTEN", "chr10", "+", 403, 9, {130: "CGA", 233: "CGA"}, {130: 5, 233: 7}),
    GeneSpec("CYP2C19", "chr10", "+", 490, 9, {212: "TGG", 227: "CCG"}, {219: 4}),
    GeneSpec(
        "KRAS",
        "chr12",
        "-",
        188,
        5,
        {12: "GGT", 13: "GGC", 61: "CAA"},
        {12: 2, 61: 3},
        leader=True,
    ),
    GeneSpec(
        "PTPN11",
        "chr12",
        "+",
        593,
        15,
        {61: "GAC", 63: "TAT", 72: "GCC", 150: "GCA", 308: "AAT", 504: "ATG"},
        {63: 3, 308: 8, 504: 13},
    ),
    GeneSpec(
        "GJB2", "chr13", "-", 226, 2, {37: "GTT", 79: "CTG", 80: "TGC", 143: "CGG"}, leader=True
    ),
    GeneSpec("BRCA2", "chr13", "+", 700, 12, {300: "CGA", 500: "ACT"}),
    GeneSpec(
        "NUDT15", "chr13", "+", 164, 3, {17: "GGA", 18: "GTC", 19: "GTG", 139: "CGT"}, {139: 3}
    ),
    GeneSpec("RB1", "chr13", "+", 500, 14, {320: "CGA"}),
    GeneSpec(
        "TP53",
        "chr17",
        "-",
        393,
        11,
        {72: "CGC", 175: "CGC", 248: "CGG", 273: "CGT", 282: "CGG"},
        {72: 4, 175: 5, 248: 7, 273: 8},
        leader=True,
    ),
    GeneSpec("ERBB2", "chr17", "+", 400, 14, {310: "TCC"}),
    GeneSpec("BRCA1", "chr17", "-", 420, 12, {63: "TTA", 250: "AAA", 300: "CAG"}, {63: 4}),
    GeneSpec("SHOX", "chrX", "+", 292, 5, {195: "CGA"}),
    GeneSpec("DMD", "chrX", "-", 300, 8, {145: "CGA"}),
    GeneSpec("OTC", "chrX", "+", 354, 10, {40: "CGT", 141: "CGA"}),
    GeneSpec("SRY", "chrY", "-", 204, 1),
)


@dataclass(frozen=True)
class Gene:
    """One transcript as placed: exons ascending in the genome, `coding` in transcript order."""

    symbol: str
    number: int
    contig: str
    strand: str
    exon_starts: tuple[int, ...]
    exon_ends: tuple[int, ...]
    coding: tuple[int, ...]

    @property
    def start(self) -> int:
        """First base of the transcript."""
        return self.exon_starts[0]

    @property
    def end(self) -> int:
        """End of the transcript."""
        return self.exon_ends[-1]

    @property
    def cds(self) -> tuple[int, int]:
        """Lowest coding base and end of the highest, the stop codon included."""
        return min(self.coding), max(self.coding) + 1

    def exon(self, number: int) -> tuple[int, int]:
        """(start, end) of exon `number`, 1-based in transcript order."""
        index = number - 1 if self.strand == "+" else len(self.exon_starts) - number
        return self.exon_starts[index], self.exon_ends[index]

    def intron(self, number: int) -> tuple[int, int]:
        """(start, end) of the intron after exon `number` in transcript order."""
        one, other = self.exon(number), self.exon(number + 1)
        return (one[1], other[0]) if self.strand == "+" else (other[1], one[0])

    def exon_of(self, position: int) -> int:
        """Exon number of a base of the genome; ValueError if it lies in none."""
        for number in range(1, len(self.exon_starts) + 1):
            start, end = self.exon(number)
            if start <= position < end:
                return number
        raise ValueError(f"{self.symbol}: {position} lies in no exon")

    def frames(self) -> list[int]:
        """Coding bases (modulo 3) before each exon, ascending in the genome; -1 if non-coding."""
        order = np.array(self.coding)
        out = []
        for start, end in zip(self.exon_starts, self.exon_ends, strict=True):
            inside = np.flatnonzero((order >= start) & (order < end))
            out.append(int(inside[0]) % 3 if len(inside) else -1)
        return out


@dataclass(frozen=True)
class ExpansionLocus:
    """A repeat whose expansion causes disease: where it begins, and the copies of the reference."""

    name: str
    gene: str
    contig: str
    start: int
    unit: str
    copies: int

    @property
    def end(self) -> int:
        """End of the reference's copies."""
        return self.start + self.copies * len(self.unit)


# Before KRAS on chr12, as ATN1 is, where nobody has another allele; the gene has no model here.
ATN1 = ExpansionLocus("DRPLA_ATN1", "ATN1", "chr12", 1_370, "CAG", 15)


@dataclass(frozen=True)
class Genome:
    """Sequences by contig, genes by symbol, repeats as (contig, start, end, unit)."""

    sequences: dict[str, Bases]
    genes: dict[str, Gene]
    repeats: tuple[tuple[str, int, int, str], ...]
    expandable: tuple[ExpansionLocus, ...] = ()

    def text(self, contig: str, start: int, end: int) -> str:
        """Bases of [start, end) as text."""
        return bytes(self.sequences[contig][start:end]).decode()


def complement(bases: Bases) -> Bases:
    """Complement, not reversed."""
    return _COMPLEMENT[bases]


def reversed_complement(text: str) -> str:
    """Reverse complement of a short text."""
    return bytes(complement(np.frombuffer(text.encode(), np.uint8))[::-1]).decode()


def _random(rng: np.random.Generator, length: int) -> str:
    return bytes(_ACGT[rng.integers(0, 4, length)]).decode()


def _coding(spec: GeneSpec, rng: np.random.Generator) -> str:
    codons = [_SENSE[i] for i in rng.integers(0, len(_SENSE), spec.codons)]
    codons[0] = "ATG"
    for number, codon in spec.hotspots.items():
        codons[number - 1] = codon
    return "".join(codons) + "TAA"


def _coding_ends(spec: GeneSpec, length: int) -> list[int]:
    """Where each coding exon ends, in coding bases, so that the anchored codons lie mid-exon."""
    exons = spec.exons - spec.leader
    points = {0.0: 0.0, float(exons): float(length)}
    for codon, exon in spec.anchors.items():
        points[exon - spec.leader - 0.5] = 3.0 * codon - 1.5
    at = sorted(points)
    ends = np.interp(np.arange(1, exons + 1), at, [points[x] for x in at]).astype(int).tolist()
    ends[-1] = length
    for exon, phase in spec.phases.items():
        index = exon - spec.leader - 1
        ends[index] += (phase - ends[index]) % 3
    return ends


def _intron(rng: np.random.Generator) -> str:
    """GT ... AG with a donor and a pyrimidine tract before the acceptor."""
    tract = bytes(np.frombuffer(b"TTC", np.uint8)[rng.integers(0, 3, 14)]).decode()
    return "GTAAGT" + _random(rng, int(rng.integers(120, 220))) + tract + "CAG"


def _transcript(
    spec: GeneSpec, rng: np.random.Generator
) -> tuple[str, list[tuple[int, int]], list[int]]:
    """Gene sequence on its own strand, its exons and the offsets of its coding bases."""
    cds, text = _coding(spec, rng), ""
    exons: list[tuple[int, int]] = []
    coding: list[int] = []
    pieces = [""] if spec.leader else []
    at = 0
    for end in _coding_ends(spec, len(cds)):
        pieces.append(cds[at:end])
        at = end
    for number, piece in enumerate(pieces):
        start = len(text)
        if number == 0:
            text += _random(rng, UTR)
        coding += range(len(text), len(text) + len(piece))
        text += piece
        if number == len(pieces) - 1:
            text += _random(rng, UTR)
        exons.append((start, len(text)))
        if number < len(pieces) - 1:
            text += _intron(rng)
    return text, exons, coding


# Short tandem repeats between genes; lengths at which polymerases slip.
_REPEATS = ("A" * 11, "CA" * 12, "T" * 12, "GT" * 10, "AAT" * 7, "A" * 10, "T" * 13, "TC" * 9)
PROMOTER_TA = "C" + "TA" * 7 + "G"


def _placed(spec: GeneSpec, number: int, at: int, rng: np.random.Generator) -> tuple[Gene, str]:
    text, exons, coding = _transcript(spec, rng)
    if spec.strand == "-":
        last = len(text)
        text = reversed_complement(text)
        exons = [(last - end, last - start) for start, end in reversed(exons)]
        coding = [last - 1 - offset for offset in coding]
    gene = Gene(
        spec.symbol,
        number,
        spec.contig,
        spec.strand,
        tuple(at + start for start, _ in exons),
        tuple(at + end for _, end in exons),
        tuple(at + offset for offset in coding),
    )
    return gene, text


def _unit(repeat: str) -> str:
    return next(u for n in (1, 2, 3) if (u := repeat[:n]) * (len(repeat) // n) == repeat)


def _spacer(rng: np.random.Generator, repeats: tuple[str, ...]) -> tuple[str, list[int]]:
    """Random sequence of SPACER bases around `repeats`, and where each of them starts."""
    text, starts = "", []
    for number, repeat in enumerate(repeats, 1):
        stretch = SPACER * number // (len(repeats) + 1) - len(text) - 1
        text += _random(rng, stretch) + ("G" if repeat[-1] != "G" else "A")
        starts.append(len(text))
        text += repeat + ("C" if repeat[0] != "C" else "A")
    return text + _random(rng, SPACER - len(text)), starts


def _with_promoter(symbol: str, spacer: str) -> str:
    """The sequence before a gene with what its star alleles need there."""
    if symbol == "UGT1A1":
        at = SPACER - 60
        return spacer[:at] + PROMOTER_TA + spacer[at + len(PROMOTER_TA) :]
    if symbol == "CYP2C19":
        at = SPACER - (806 - UTR)
        return spacer[:at] + "C" + spacer[at + 1 :]
    return spacer


def build(seed: int = SEED) -> Genome:
    """The genome of a seed: the same bases every time."""
    sequences: dict[str, Bases] = {}
    genes: dict[str, Gene] = {}
    repeats: list[tuple[str, int, int, str]] = []
    for index, contig in enumerate(CONTIGS):
        rng = np.random.default_rng([seed, index])
        text = "N" * PAR_END if contig == "chrY" else ""
        if contig == "chrM":
            text = _random(rng, MITOCHONDRION)
        for order, spec in enumerate(s for s in SPECS if s.contig == contig):
            chosen: tuple[str, ...] = ()
            if contig != "chrY":
                chosen = tuple(_REPEATS[(len(repeats) + i) % len(_REPEATS)] for i in range(2))
            piece, starts = _spacer(rng, chosen)
            for start, repeat in zip(starts, chosen, strict=True):
                begin = len(text) + start
                repeats.append((contig, begin, begin + len(repeat), _unit(repeat)))
            text += _with_promoter(spec.symbol, piece)
            gene, body = _placed(spec, SPECS.index(spec) + 1, len(text), rng)
            genes[spec.symbol] = gene
            text += body
            if contig == "chrX" and order == 0:
                text += _random(rng, PAR_END + 600 - len(text))
        if contig != "chrM":
            text += _random(rng, TAIL)
        sequences[contig] = np.frombuffer(text.encode(), np.uint8).copy()
    tract = f"T{ATN1.unit * ATN1.copies}T".encode()
    sequences[ATN1.contig][ATN1.start - 1 : ATN1.end + 1] = np.frombuffer(tract, np.uint8)
    return Genome(sequences, genes, tuple(repeats), (ATN1,))


def par() -> dict[str, list[list[int]]]:
    """Pseudo-autosomal regions as the configuration states them; the copy on chrY is masked (N)."""
    return {"chrX": [[0, PAR_END]], "chrY": [[0, PAR_END]]}


def gene_model_rows(genome: Genome) -> list[str]:
    """Gene models as lines of MANE's bigGenePred BED (25 columns), sorted."""
    order = {contig: index for index, contig in enumerate(CONTIGS)}
    rows = []
    for gene in sorted(genome.genes.values(), key=lambda g: (order[g.contig], g.start)):
        sizes = [e - s for s, e in zip(gene.exon_starts, gene.exon_ends, strict=True)]
        starts = [s - gene.start for s in gene.exon_starts]
        n = f"{gene.number:06d}"
        fields: list[object] = [gene.contig, gene.start, gene.end, f"ENSTDEMO{n}.1", 0, gene.strand]
        fields += [*gene.cds, "8,81,156", len(sizes)]
        fields += ["".join(f"{x}," for x in values) for values in (sizes, starts)]
        fields += [f"ENSTDEMO{n}.1", "cmpl", "cmpl", "".join(f"{f}," for f in gene.frames())]
        fields += ["mRNA", f"ENSGDEMO{n}.1", gene.symbol, "protein_coding", f"ENSPDEMO{n}.1"]
        fields += [f"NM_DEMO{n}.1", f"GeneID:9900{gene.number:03d}", f"NP_DEMO{n}.1", "MANE Select"]
        rows.append("\t".join(map(str, fields)))
    return rows
