"""Samples that arrive as calls: a VCF with its callable intervals, and a gVCF with blocks.

Depths, qualities and likelihoods are made up; genotypes are the person's.
"""

import numpy as np

from shirube.demo.genome import LABEL, Genome
from shirube.demo.knowledge import SOURCE
from shirube.demo.people import Person, generator
from shirube.demo.truth import genotypes
from shirube.demo.variants import Variant

DEPTH = 30
HOLES = {"chr7": ((9_000, 14_000),), "chr17": ((8_000, 8_400),)}


def _header(genome: Genome, sample: str, gvcf: bool) -> list[str]:
    lines = ["##fileformat=VCFv4.2", f"##source={SOURCE}", f"##comment={LABEL}"]
    lines += [f"##contig=<ID={name},length={len(b)}>" for name, b in genome.sequences.items()]
    lines += ['##FILTER=<ID=PASS,Description="All filters passed">']
    formats = [
        ("GT", "1", "String", "Genotype"),
        ("AD", "R", "Integer", "Reads per allele"),
        ("DP", "1", "Integer", "Reads"),
        ("GQ", "1", "Integer", "Phred genotype quality"),
        ("PL", "G", "Integer", "Phred genotype likelihoods"),
    ]
    if gvcf:
        lines += ['##ALT=<ID=NON_REF,Description="Any allele not listed">']
        lines += ['##INFO=<ID=END,Number=1,Type=Integer,Description="Last position of the block">']
        formats.append(("MIN_DP", "1", "Integer", "Lowest depth in the block"))
    lines += [
        f'##FORMAT=<ID={key},Number={number},Type={kind},Description="{text}">'
        for key, number, kind, text in formats
    ]
    return [*lines, f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{sample}"]


Site = list[tuple[Variant, int, int]]


def _place(variant: Variant) -> tuple[str, int]:
    return variant.contig, variant.pos


def _sites(person: Person) -> list[tuple[Site, bool]]:
    """Genotypes by position, and whether a deletion on the other chromosome covers the site."""
    sites: list[tuple[Site, bool]] = []
    contig, reached = "", 0
    for row in genotypes(person):
        variant = row[0]
        if variant.contig != contig:
            contig, reached = variant.contig, 0
        if sites and _place(sites[-1][0][0][0]) == _place(variant):
            sites[-1][0].append(row)
        else:
            sites.append(([row], variant.pos < reached))
        reached = max(reached, variant.pos + len(variant.ref))
    return sites


def _row(site: Site, spanned: bool, rng: np.random.Generator, gvcf: bool) -> str:
    """One line; `*` stands for a deletion on the other chromosome. Likelihoods are schematic."""
    variant, dosage, ploidy = site[0]
    depth = DEPTH + int(rng.integers(-6, 7))
    half = depth // 2 + int(rng.integers(-3, 4))
    alts = [row[0].alt for row in site] + ["*"] * spanned
    if ploidy == 1:
        genotype, counts = "1", [0, depth]
    elif dosage == 2:
        genotype, counts = "1/1", [0, depth]
    elif len(alts) == 2:
        genotype, counts = "1/2", [0, half, depth - half]
    else:
        genotype, counts = "0/1", [depth - half, half]
    if gvcf:
        alts, counts = [*alts, "<NON_REF>"], [*counts, 0]
    likelihoods = _likelihoods(genotype, len(alts) + 1, depth)
    quality = min(99, sorted(likelihoods)[1])
    texts = [",".join(map(str, values)) for values in (counts, likelihoods)]
    cell = f"{genotype}:{texts[0]}:{depth}:{quality}:{texts[1]}"
    place = f"{variant.contig}\t{variant.pos + 1}\t.\t{variant.ref}\t{','.join(alts)}"
    kept = "." if gvcf else "PASS"
    return f"{place}\t{likelihoods[0]}.0\t{kept}\t.\tGT:AD:DP:GQ:PL\t{cell}"


def _likelihoods(genotype: str, alleles: int, depth: int) -> list[int]:
    """PL in the order of the specification: 0 for `genotype`, more the fewer alleles it shares."""
    if "/" not in genotype:
        return [0 if str(allele) == genotype else 30 * depth for allele in range(alleles)]
    own = [int(allele) for allele in genotype.split("/")]
    out = []
    for second in range(alleles):
        for first in range(second + 1):
            rest = list(own)
            for allele in (first, second):
                if allele in rest:
                    rest.remove(allele)
            scale = 3 if own[0] == own[1] else 12
            out.append((0, scale, 30)[len(rest)] * depth)
    return out


def vcf(genome: Genome, person: Person, sample: str) -> str:
    """Calls of a person as a VCF; alleles in HOLES are not called."""
    rng = generator(f"{sample} calls")
    rows = [
        _row(site, spanned, rng, gvcf=False)
        for site, spanned in _sites(person)
        if not any(a <= site[0][0].pos < b for a, b in HOLES.get(site[0][0].contig, ()))
    ]
    return "\n".join([*_header(genome, sample, gvcf=False), *rows]) + "\n"


def callable_bed(genome: Genome) -> str:
    """Intervals that the VCF's reads covered: all but HOLES, chrY (an XX person) and chrM."""
    lines = []
    for contig, bases in genome.sequences.items():
        if contig in ("chrY", "chrM"):
            continue
        at = 0
        for start, end in (*HOLES.get(contig, ()), (len(bases), len(bases))):
            lines.append(f"{contig}\t{at}\t{start}")
            at = end
    return "\n".join(lines) + "\n"


def gvcf(genome: Genome, person: Person, sample: str) -> str:
    """Calls of a person with reference blocks between them, as GATK writes them."""
    rng = generator(f"{sample} calls")
    rows = _header(genome, sample, gvcf=True)
    sites = _sites(person)
    for contig, bases in genome.sequences.items():
        if contig == "chrY":
            continue
        reference = "0:30:99:30:0,900" if contig == "chrM" else "0/0:30:81:30:0,81,900"
        at = 0
        for site, spanned in sites:
            variant = site[0][0]
            if variant.contig == contig:
                rows += _block(genome, contig, at, variant.pos, reference)
                rows.append(_row(site, spanned, rng, gvcf=True))
                at = max(at, variant.pos + len(variant.ref))
        rows += _block(genome, contig, at, len(bases), reference)
    return "\n".join(rows) + "\n"


def _block(genome: Genome, contig: str, start: int, end: int, cell: str) -> list[str]:
    if start >= end:
        return []
    base = genome.text(contig, start, start + 1)
    fields = [contig, start + 1, ".", base, "<NON_REF>", ".", ".", f"END={end}"]
    return ["\t".join(map(str, [*fields, "GT:DP:GQ:MIN_DP:PL", cell]))]
