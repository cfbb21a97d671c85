"""Artificial genomes with a driver event in every gene, sequenced at any purity and depth.

Six contigs of artificial bases hold genes with the names, roles and exon counts that the tables of
resources/ ask for, one event of CLASSES each. Events lie on one parental chromosome of the tumour
(losses of both copies on both); chr13 is gained and one chr17 lost, so that depth and fractions
say the purity. Reads are those of the demo's sequencer: errors, split alignments, pairs.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from shirube.contracts import CLINICAL_EVIDENCE, GENE_MODELS
from shirube.demo.genome import CONTIGS, Genome, complement
from shirube.demo.sequencer import Sequencer
from shirube.demo.variants import Chromosome
from shirube.interpret.curated import read_curated
from shirube.tools import run

CLASSES = (
    *("substitution", "stop", "short_deletion", "short_insertion", "long_deletion", "splice_site"),
    *("named_deletion", "kinase_duplication", "exons_deleted", "exons_doubled", "inversion_break"),
    *("translocation_break", "one_copy_lost", "both_copies_lost", "exon_lost_twice"),
    *("amplification", "fusion", "fusion_nearby", "enhancer_hijack", "upstream"),
)
BALANCED = (
    *("inversion_break", "translocation_break", "fusion", "fusion_nearby"),
    *("enhancer_hijack", "upstream"),
)
USED, GAP, UTR, INTRON, SITE_EVERY = 6, 12_000, 60, (500, 1100), 900
GAINED, LOST_ONCE, COPIES, REPEATED = "chr13", "chr17", 14, 4
NORMAL_DEPTH = 30
CLOSING = 700  # bases of a circle read again where it closes
FIVE = ("EML4", "KIF5B", "CD74", "TPM3", "NCOA4", "SDC4", "EZR", "CCDC6", "SLC34A2", "STRN",
        "ETV6", "BCAN", "TFG", "LMNA", "KLC1", "HIP1")  # fmt: skip
THREE = ("ROS1", "NTRK1", "NTRK2", "NTRK3", "FGFR2", "FGFR3", "RAF1", "NRG1", "ABL1", "JAK2",
         "FLT3", "ESR1", "CSF1R")  # fmt: skip
HIJACKED = ("MYC", "BCL2", "CCND1", "BCL6", "CCND2", "CCND3", "MAF")
_ACGT = np.frombuffer(b"ACGT", np.uint8)
_ARGININE = {"CGA", "CGC", "CGG", "CGT", "AGA", "AGG"}
_STOPS = {"TAA", "TAG", "TGA"}
Piece = tuple[int, int, int]  # start, end, strand on its haplotype's contig; see Strand


@dataclass
class Gene:
    """A gene: exons ascending (0-based half-open), the coding part, and where it stands."""

    symbol: str
    contig: str
    forward: bool
    exons: list[tuple[int, int]]
    coding: tuple[int, int]

    @property
    def span(self) -> tuple[int, int]:
        """Start and end of the transcript."""
        return self.exons[0][0], self.exons[-1][1]

    def exon(self, number: int) -> tuple[int, int]:
        """An exon by its number along the gene."""
        return self.exons[number - 1 if self.forward else -number]

    def between(self, first: int, last: int) -> tuple[int, int]:
        """From the middle of the intron before exon `first` to that of the one after `last`."""
        numbers = sorted(self.exons.index(self.exon(n)) for n in (first, last))
        low, high = numbers
        return (
            (self.exons[low - 1][1] + self.exons[low][0]) // 2,
            (self.exons[high][1] + self.exons[high + 1][0]) // 2,
        )

    def row(self) -> dict[str, Any]:
        """Its row of GENE_MODELS."""
        start, end = self.span
        return {
            "transcript": f"ENST_{self.symbol}.1", "gene": self.symbol, "mane": "MANE Select",
            "gene_id": f"ENSG_{self.symbol}.1", "biotype": "protein_coding",
            "protein": f"ENSP_{self.symbol}.1", "chrom": self.contig,
            "strand": "+" if self.forward else "-", "start": start, "end": end,
            "cds_start": self.coding[0], "cds_end": self.coding[1],
            "exon_starts": [s for s, _ in self.exons], "exon_ends": [e for _, e in self.exons],
        }  # fmt: skip


@dataclass
class Event:
    """A planted driver.

    names: what its finding may be called (any of them begins the name); kinds: FINDINGS kinds it
    may have; classes: classes of change (report.event_classes) that must not be `not_found`;
    share: of the molecules over it, given purity and copies; size: bases lost, of a loss by depth.
    """

    kind: str
    gene: str
    names: tuple[str, ...]
    classes: tuple[str, ...]
    contig: str
    at: int
    both: bool = False
    size: int = 0
    target: str = "coding"

    @property
    def junctions(self) -> int:
        """A balanced event joins what its first junction leaves over in a second one."""
        return 2 if self.kind in BALANCED else 1

    def share(self, purity: float) -> float:
        """Share of the molecules at the event that show it."""
        total = {GAINED: 3, LOST_ONCE: 1}.get(self.contig, 2)
        own = total if self.both else 1
        return purity * own / (purity * total + 2 * (1 - purity))


@dataclass
class Haplotype:
    """Edits of one parental set of chromosomes: cuts, and what is joined instead."""

    cuts: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    dropped: list[tuple[str, int, int]] = field(default_factory=list)
    doubled: list[tuple[str, int, int]] = field(default_factory=list)
    turned: list[tuple[str, int, int]] = field(default_factory=list)
    joined: list[tuple[tuple[str, int, str], tuple[str, int, str]]] = field(default_factory=list)
    inserted: list[tuple[str, int, bytes]] = field(default_factory=list)
    changed: list[tuple[str, int, int]] = field(default_factory=list)


@dataclass
class Planted:
    """One artificial tumour: the reference, its genes and events, and the edited chromosomes."""

    genome: Genome
    genes: dict[str, Gene]
    events: list[Event]
    first: Haplotype
    second: Haplotype
    amplified: list[tuple[str, int, int]]
    loci: pl.DataFrame


class _Builder:
    """Lays genes and spaces out on the contigs, one after the other, spread evenly."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.parts: dict[str, list[np.ndarray]] = {c: [] for c in CONTIGS[:USED]}
        self.length = dict.fromkeys(CONTIGS[:USED], 0)
        self.genes: dict[str, Gene] = {}

    def space(self, contig: str, length: int) -> int:
        """Add random bases; where they begin."""
        at = self.length[contig]
        self.parts[contig].append(_ACGT[self.rng.integers(0, 4, length)])
        self.length[contig] += length
        return at

    def shortest(self, without: Sequence[str] = ()) -> str:
        """The contig with the fewest bases so far."""
        return min((c for c in self.length if c not in without), key=lambda c: self.length[c])

    def gene(self, symbol: str, exons: int, size: int, contig: str | None = None) -> Gene:
        """Add a gene of `exons` exons of `size` coding bases (the last makes whole codons)."""
        contig = contig or self.shortest()
        sizes = [size] * exons
        sizes[-1] += -sum(sizes) % 3
        codons: list[str] = []
        while len(codons) < sum(sizes) // 3 - 2:
            text = bytes(_ACGT[self.rng.integers(0, 4, 3)]).decode()
            codons += [text] if text not in _STOPS else []
        text = "ATG" + "".join(codons) + "TAA"
        pieces, at = [], 0
        for length in sizes:
            pieces.append(np.frombuffer(text[at : at + length].encode(), np.uint8))
            at += length
        leader = _ACGT[self.rng.integers(0, 4, UTR)]
        pieces[0] = np.concatenate([leader, pieces[0]])
        pieces[-1] = np.concatenate([pieces[-1], leader])
        forward = bool(self.rng.random() < 0.5)
        if not forward:
            pieces = [complement(p)[::-1] for p in reversed(pieces)]
        self.space(contig, GAP)
        spans = []
        for n, piece in enumerate(pieces):
            if n:
                # Splice sites, read along the gene.
                self.space(contig, int(self.rng.integers(*INTRON)))
                intron = self.parts[contig][-1]
                intron[:2] = np.frombuffer(b"GT" if forward else b"CT", np.uint8)
                intron[-2:] = np.frombuffer(b"AG" if forward else b"AC", np.uint8)
            start = self.length[contig]
            self.parts[contig].append(piece)
            self.length[contig] += len(piece)
            spans.append((start, start + len(piece)))
        gene = Gene(symbol, contig, forward, spans, (spans[0][0] + UTR, spans[-1][1] - UTR))
        self.genes[symbol] = gene
        return gene


def _pools(resources: Path, rng: np.random.Generator) -> tuple[Iterator[str], Iterator[str]]:
    """Tumour suppressors and oncogenes that no class asks for by name, in random order."""
    table = read_curated(resources / "cancer_genes.tsv")
    named = {*FIVE, *THREE, *HIJACKED, "TERT",
             *read_curated(resources / "driver_events.tsv")["gene"]}  # fmt: skip
    out = []
    for role in ("tumour_suppressor", "oncogene"):
        names = sorted(set(table.filter(pl.col("role") == role)["gene"]) - named)
        rng.shuffle(names)
        out.append(iter(names))
    return out[0], out[1]


def planted(resources: Path, each: int, seed: int) -> Planted:
    """A tumour with `each` events of every class (fewer where a class knows fewer genes)."""
    rng = np.random.default_rng(seed)
    build, events = _Builder(rng), []
    first, second = Haplotype(), Haplotype()
    amplified: list[tuple[str, int, int]] = []
    suppressors, oncogenes = _pools(resources, rng)
    known = read_curated(resources / "driver_events.tsv")
    locus = build.space("chr2", 40_000)
    loci = pl.DataFrame(
        {"locus": ["IGH"], "build": ["GRCh38"], "chrom": ["chr2"], "start": [str(locus)],
         "end": [str(locus + 40_000)]}
    )  # fmt: skip
    asked: list[tuple[str, int]] = [(kind, n) for n in range(each) for kind in CLASSES]
    used: dict[str, Iterator[Any]] = {
        "named_deletion": iter(known.filter(pl.col("event") == "deletion").rows(named=True)),
        "kinase_duplication": iter(
            known.filter(
                (pl.col("event") == "duplication") & ~pl.col("gene").is_in(["EGFR", "MET"])
            ).rows(named=True)
        ),
        "fusion": iter(zip(FIVE, THREE, strict=False)),
        "enhancer_hijack": iter(HIJACKED),
        "upstream": iter(["TERT"]),
    }
    used["fusion_nearby"] = used["fusion"]
    for kind, n in asked:
        if kind in used:
            given = next(used[kind], None)
            if given is None or (kind == "named_deletion" and given["gene"] in build.genes):
                continue
        elif kind in ("substitution", "long_deletion", "amplification"):
            given = next(oncogenes)
        else:
            given = next(suppressors)
        events.append(_plant(kind, n, given, build, first, second, amplified, locus))
    for contig in build.length:
        build.space(contig, GAP)
    sequences = {c: np.concatenate(p) for c, p in build.parts.items()}
    genome = Genome(sequences, {}, ())
    return Planted(genome, build.genes, events, first, second, amplified, loci)


def _plant(
    kind: str, n: int, given: object, build: _Builder, one: Haplotype, two: Haplotype,
    amplified: list[tuple[str, int, int]], locus: int,
) -> Event:  # fmt: skip
    """Make the gene (or genes) of an event, write its edits, and say what it is."""
    rng, small = build.rng, ("small",)
    if isinstance(given, dict):
        a, b = int(given["first_exon"]), int(given["last_exon"])
        gene = build.gene(given["gene"], b + 3, 120)
        low, high = gene.between(a, b)
        (one.dropped if kind == "named_deletion" else one.doubled).append((gene.contig, low, high))
        return Event(kind, gene.symbol, (given["name_en"],), ("intragenic",), gene.contig, low)
    if isinstance(given, tuple):
        five = build.gene(given[0], 8, 120)
        near = five.contig if kind == "fusion_nearby" else build.shortest([five.contig])
        three = build.gene(given[1], 9, 120, near)
        ends = []
        for side, g in (("five", five), ("three", three)):
            low, high = (g.between(4, 4)[0], 0) if side == "three" else (g.between(5, 5)[0], 0)
            if side == "five" and not g.forward:
                low = g.between(4, 4)[0]
            if side == "three" and not g.forward:
                low = g.between(4, 4)[1]
            # What is kept lies on the 5' side of the one, on the 3' side of the other.
            left = g.forward == (side == "five")
            ends.append((g.contig, low, "+" if left else "-"))
        one.joined.append((ends[0], ends[1]))
        return Event(kind, three.symbol, (f"{five.symbol}::{three.symbol}",), ("rearrangement",),
                     ends[1][0], ends[1][1], target="fusion")  # fmt: skip
    symbol = str(given)
    if kind in ("enhancer_hijack", "upstream"):
        gene = build.gene(symbol, 5, 120, build.shortest(["chr2"]))
        start, end = gene.span
        # Upstream along the gene, outside of it: what is kept holds the gene.
        at, keep = (start - 4000, "-") if gene.forward else (end + 4000, "+")
        if kind == "upstream":
            far, names = build.shortest([gene.contig]), (f"{symbol} rearranged upstream",)
            to = (far, build.space(far, GAP) + GAP // 2, "+")
        else:
            to = ("chr2", locus + 2500 + 5000 * n, "+")
            names = (f"IGH::{symbol}",)
        one.joined.append(((gene.contig, at, keep), to))
        return Event(kind, symbol, names, (), gene.contig, at)
    size = 121 if kind not in ("long_deletion", "substitution") else 120
    gene = build.gene(symbol, 9, size)
    contig, (start, end) = gene.contig, gene.span
    exon = gene.exon(4)
    middle = (exon[0] + exon[1]) // 2 + int(rng.integers(-20, 20))
    if kind in ("substitution", "stop", "splice_site"):
        at = {"splice_site": exon[1] if gene.forward else exon[0] - 1}.get(kind, middle)
        one.changed.append((contig, at, {"substitution": 0, "stop": 1, "splice_site": 2}[kind]))
        return Event(kind, symbol, (symbol,), small, contig, at)
    if kind in ("short_deletion", "long_deletion"):
        length = int(rng.choice([1, 2, 4, 5, 8])) if kind == "short_deletion" else 30
        low = middle - length // 2
        one.dropped.append((contig, low, low + length))
        return Event(kind, symbol, (symbol,), small, contig, low)
    if kind == "short_insertion":
        bases = bytes(_ACGT[rng.integers(0, 4, int(rng.choice([1, 2, 4, 7])))])
        one.inserted.append((contig, middle, bases))
        return Event(kind, symbol, (symbol,), small, contig, middle)
    if kind in ("exons_deleted", "exons_doubled"):
        low, high = gene.between(4, 5)
        (one.dropped if kind == "exons_deleted" else one.doubled).append((contig, low, high))
        word = "deletion" if kind == "exons_deleted" else "duplication"
        return Event(kind, symbol, (f"{symbol} exons 4-5 {word}",), ("intragenic",), contig, low)
    if kind == "inversion_break":
        inside, beyond = gene.between(4, 4)[0], end + GAP // 2
        build.space(contig, GAP)
        one.turned.append((contig, inside, beyond))
        names = (f"{symbol} disruption",)
        return Event(kind, symbol, names, ("rearrangement", "intragenic"), contig, inside)
    if kind == "translocation_break":
        far = build.shortest([contig])
        place = build.space(far, GAP) + GAP // 2
        at = gene.between(4, 4)[0]
        one.joined.append(((contig, at, "+"), (far, place, "-")))
        names = (f"{symbol} disruption",)
        return Event(kind, symbol, names, ("rearrangement", "intragenic"), contig, at)
    if kind in ("one_copy_lost", "both_copies_lost"):
        build.space(contig, GAP)
        low, high = start - 3000, max(end + 3000, start + 17_000)
        one.dropped.append((contig, low, high))
        if kind == "one_copy_lost":
            # The other copy may be gone with its chromosome.
            word = "homozygous deletion" if contig == LOST_ONCE else "deletion"
            return Event(kind, symbol, (f"{symbol} {word}", f"{symbol} deletion"), (), contig, low)
        two.dropped.append((contig, low, high))
        names = (f"{symbol} homozygous deletion",)
        return Event(kind, symbol, names, ("homozygous_loss",), contig, low, True, high - low)
    if kind == "exon_lost_twice":
        low, high = gene.between(4, 5)
        one.dropped.append((contig, low, high))
        two.dropped.append((contig, low, high))
        two_names = (f"{symbol} exons 4-5 deletion", f"{symbol} homozygous deletion")
        return Event(kind, symbol, two_names, ("intragenic", "exon_loss"), contig, low, True,
                     high - low)  # fmt: skip
    build.space(contig, GAP)
    amplified.append((contig, start - 6000, end + 6000))
    return Event(kind, symbol, (f"{symbol} amplification",), ("amplification",), contig, start,
                 True)  # fmt: skip


class _Bases:
    """One parental chromosome: bases, and where each lies in the reference."""

    def __init__(self, index: int, bases: np.ndarray) -> None:
        self.bases = bases
        self.place = np.arange(len(bases), dtype=np.int32)
        self.index = index

    def piece(self, start: int, end: int, strand: int) -> tuple[np.ndarray, ...]:
        """bases, place, contig and strand of [start, end), turned if strand is -1."""
        bases, place = self.bases[start:end], self.place[start:end]
        if strand < 0:
            bases, place = complement(bases)[::-1], place[::-1]
        size = len(bases)
        return bases, place, np.full(size, self.index, np.int8), np.full(size, strand, np.int8)


def _joined(parts: Sequence[tuple[np.ndarray, ...]]) -> Chromosome:
    return Chromosome(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def chromosomes(sources: dict[str, _Bases], edits: Haplotype) -> dict[str, list[Chromosome]]:
    """Molecules of a parental set with its edits; by the contig the first piece lies on."""
    cuts = {contig: {0, len(own.bases)} for contig, own in sources.items()}
    for contig, low, high in [*edits.dropped, *edits.doubled, *edits.turned]:
        cuts[contig] |= {low, high}
    for contig, at, _ in [e for pair in edits.joined for e in pair]:
        cuts[contig].add(at)
    for contig, at, _ in edits.inserted:
        cuts[contig].add(at)
    # A node is a stretch of a chromosome; its ends are (node, left or right).
    nodes: list[tuple[str, int, int, bytes]] = []
    link: dict[tuple[int, str], tuple[int, str]] = {}
    left_of: dict[tuple[str, int], tuple[int, str]] = {}
    right_of: dict[tuple[str, int], tuple[int, str]] = {}

    def join(one: tuple[int, str], two: tuple[int, str]) -> None:
        link[one], link[two] = two, one

    for contig in sources:
        own = []
        for low, high in pairwise(sorted(cuts[contig])):
            own.append(len(nodes))
            nodes.append((contig, low, high, b""))
            left_of[contig, high], right_of[contig, low] = (own[-1], "R"), (own[-1], "L")
        for a, b in pairwise(own):
            join((a, "R"), (b, "L"))
    inside = {(c, low): n for n, (c, low, _, _) in enumerate(nodes)}
    for contig, low, high in edits.dropped:
        join(left_of[contig, low], right_of[contig, high])
    for contig, low, high in edits.doubled:
        again = len(nodes)
        nodes.append(nodes[inside[contig, low]])
        join(left_of[contig, high], (again, "L"))
        join((again, "R"), right_of[contig, high])
    for contig, low, high in edits.turned:
        n = inside[contig, low]
        join(left_of[contig, low], (n, "R"))
        join((n, "L"), right_of[contig, high])
    for one, two in edits.joined:
        kept = [left_of[c, p] if s == "+" else right_of[c, p] for c, p, s in (one, two)]
        rest = [right_of[c, p] if s == "+" else left_of[c, p] for c, p, s in (one, two)]
        join(*kept)
        join(*rest)
    for contig, at, bases in edits.inserted:
        n = len(nodes)
        nodes.append(("", 0, 0, bases))
        before, after = left_of[contig, at], right_of[contig, at]
        join(before, (n, "L"))
        join((n, "R"), after)
    gone = {inside[c, low] for c, low, _ in edits.dropped}
    return _walked(nodes, link, gone, sources)


def _walked(
    nodes: Sequence[tuple[str, int, int, bytes]],
    link: dict[tuple[int, str], tuple[int, str]],
    gone: set[int],
    sources: dict[str, _Bases],
) -> dict[str, list[Chromosome]]:
    """The molecules that the links of nodes make, from free ends first."""
    seen = set(gone)
    out: dict[str, list[Chromosome]] = defaultdict(list)
    free = [(n, e) for n in range(len(nodes)) for e in "LR" if n not in gone and (n, e) not in link]
    for begin in [*free, *((n, "L") for n in range(len(nodes)))]:
        at: tuple[int, str] | None = begin
        parts = []
        contig = nodes[begin[0]][0]
        while at is not None and at[0] not in seen:
            n, end = at
            seen.add(n)
            name, low, high, bases = nodes[n]
            strand = 1 if end == "L" else -1
            if name:
                parts.append(sources[name].piece(low, high, strand))
            else:
                raw = np.frombuffer(bases, np.uint8)
                size = len(raw)
                raw = raw if strand > 0 else complement(raw)[::-1]
                parts.append((raw, np.full(size, -1, np.int32), np.zeros(size, np.int8),
                              np.full(size, strand, np.int8)))  # fmt: skip
            at = link.get((n, "R" if end == "L" else "L"))
        if parts and begin not in free:  # a circle: read over the place where it is cut open
            parts.append(tuple(column[:CLOSING] for column in parts[0]))
        if parts:
            out[contig].append(_joined(parts))
    return out


def _set(plan: Planted, sites: bool, changed: bool) -> dict[str, _Bases]:
    """A parental set of chromosomes: with heterozygous sites, with the tumour's substitutions."""
    out = {}
    for index, contig in enumerate(CONTIGS[:USED]):
        bases = plan.genome.sequences[contig].copy()
        if sites:
            at = site_places(plan, contig)
            bases[at] = complement(bases[at])
        out[contig] = _Bases(index, bases)
    for contig, place, what in plan.first.changed if changed else ():
        _substitute(plan, out[contig].bases, contig, place, what)
    return out


def _substitute(plan: Planted, bases: np.ndarray, contig: str, at: int, what: int) -> None:
    """A missense (0) or stop (1) codon around a base, or another base at a splice site (2)."""
    if what == 2:
        bases[at] = complement(bases[at : at + 1])[0]
        return
    gene = next(
        g for g in plan.genes.values() if g.contig == contig and g.span[0] <= at < g.span[1]
    )
    coding = [
        p for s, e in gene.exons for p in range(max(s, gene.coding[0]), min(e, gene.coding[1]))
    ]
    order = coding if gene.forward else coding[::-1]
    number = order.index(at) // 3
    places = order[3 * number : 3 * number + 3]
    old = bytes(bases[places] if gene.forward else complement(bases[places])).decode()
    new = "TAA" if what else ("GAA" if old in _ARGININE else "CGT")
    raw = np.frombuffer(new.encode(), np.uint8)
    bases[places] = raw if gene.forward else complement(raw)


def site_places(plan: Planted, contig: str) -> np.ndarray:
    """0-based places of the heterozygous sites: never in an exon or a splice site."""
    at = np.arange(SITE_EVERY, len(plan.genome.sequences[contig]) - SITE_EVERY, SITE_EVERY)
    free = np.ones(len(plan.genome.sequences[contig]), bool)
    for gene in plan.genes.values():
        if gene.contig == contig:
            for start, end in gene.exons:
                free[start - 12 : end + 12] = False
    return at[free[at]]


def thinned(paths: Mapping[str, str], share: float, seed: int, out: Path) -> dict[str, str]:
    """The same tumour with `share` of its fragments, beside the same normal."""
    if share >= 1:
        return dict(paths)
    path = out / "tumour.bam"
    run("samtools", "view", "-b", "-s", f"{seed + share:.4f}", "-o", path, paths["tumour"])
    run("samtools", "index", path)
    return {**paths, "tumour": str(path)}


def written(plan: Planted, purity: float, depth: float, seed: int, out: Path) -> dict[str, str]:
    """Reference and reads below `out`: the tumour's at `depth`, the normal's at NORMAL_DEPTH."""
    fasta = out / "artificial.fa"
    fasta.write_text(
        "".join(f">{c}\n{bytes(b).decode()}\n" for c, b in plan.genome.sequences.items())
    )
    run("samtools", "faidx", fasta)
    empty = Haplotype()
    plain = [chromosomes(_set(plan, sites, False), empty) for sites in (False, True)]
    made = [
        chromosomes(_set(plan, False, True), plan.first),
        chromosomes(_set(plan, True, False), plan.second),
    ]
    paths = {"fasta": str(fasta)}
    for name, share in (("tumour", purity), ("normal", 0.0)):
        sample = Sequencer(plan.genome, name, [seed, int(share * 100), int(depth)])
        for parent in (0, 1):
            whole = depth if share else NORMAL_DEPTH
            for contig in CONTIGS[:USED]:
                for molecule in plain[parent][contig]:
                    sample.add(molecule, (1 - share) * whole / 2)
        if share:
            _tumour_cells(sample, plan, made, share * depth / 2)
        path = out / f"{name}.bam"
        path.write_bytes(sample.finish())
        run("samtools", "index", path)
        paths[name] = str(path)
    return paths


def _tumour_cells(
    sample: Sequencer, plan: Planted, made: Sequence[dict[str, list[Chromosome]]], depth: float
) -> None:
    """Both parental sets, the gained and the lost chromosome, and the amplified stretches."""
    for parent, molecules in enumerate(made):
        for contig, own in molecules.items():
            copies = 0 if parent and contig == LOST_ONCE else 1
            for molecule in own if copies else ():
                sample.add(molecule, depth)
    for molecule in made[1][GAINED]:
        sample.add(molecule, depth)
    first = _set(plan, False, True)
    for contig, low, high in plan.amplified:
        piece = first[contig].piece(low, high, 1)
        sample.add(_joined([piece] * REPEATED), depth * (COPIES - 2) / REPEATED)


def tables(plan: Planted) -> tuple[pl.DataFrame, pl.DataFrame]:
    """GENE_MODELS of the genes and CLINICAL_EVIDENCE that makes a target of each."""
    models = [gene.row() for gene in plan.genes.values()]
    fused = {e.gene for e in plan.events if e.target == "fusion"}
    same = {"source": "CIViC", "version": "1", "variant": "made", "direction": "Supports",
            "evidence_type": "Predictive", "level": "B", "significance": "Sensitivity/Response",
            "variant_origin": "Somatic", "oncotree": "LUAD"}  # fmt: skip
    items = [
        {**same, "id": f"M{n}", "gene": gene, "match": "fusion" if gene in fused else "codon",
         "codon": None if gene in fused else 2}
        for n, gene in enumerate(plan.genes)
    ]  # fmt: skip
    out = []
    for contract, rows in ((GENE_MODELS, models), (CLINICAL_EVIDENCE, items)):
        full = [{name: row.get(name) for name in contract.schema} for row in rows]
        out.append(contract.table(pl.DataFrame(full, schema=contract.polars)))
    return out[0], out[1]
