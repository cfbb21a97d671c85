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


def _row(variant: Variant, dosage: int, ploidy: int, rng: np.random.Generator, gvcf: bool) -> str:
    """One variant line; likelihoods follow the depth."""
    depth = DEPTH + int(rng.integers(-6, 7))
    alternative = depth if dosage == ploidy else depth // 2 + int(rng.integers(-3, 4))
    if ploidy == 1:
        genotype, likelihoods = "1", [900, 0]
    elif dosage == 2:
        genotype, likelihoods = "1/1", [900, 3 * depth, 0]
    else:
        genotype, likelihoods = "0/1", [400, 0, 400]
    quality = min(99, sorted(likelihoods)[1])
    counts = [depth - alternative, alternative]
    alt = variant.alt
    if gvcf:
        alt, counts = f"{alt},<NON_REF>", [*counts, 0]
        likelihoods += [900] * (1 if ploidy == 1 else 3)
    texts = [",".join(map(str, values)) for values in (counts, likelihoods)]
    cell = f"{genotype}:{texts[0]}:{depth}:{quality}:{texts[1]}"
    place = f"{variant.contig}\t{variant.pos + 1}\t.\t{variant.ref}\t{alt}"
    return (
        f"{place}\t{max(likelihoods) - 100}.0\t{'.' if gvcf else 'PASS'}\t.\tGT:AD:DP:GQ:PL\t{cell}"
    )


def vcf(genome: Genome, person: Person, sample: str) -> str:
    """Calls of a person as a VCF; alleles in HOLES are not called."""
    rng = generator(f"{sample} calls")
    rows = [
        _row(variant, dosage, ploidy, rng, gvcf=False)
        for variant, dosage, ploidy in genotypes(person)
        if not any(a <= variant.pos < b for a, b in HOLES.get(variant.contig, ()))
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
    called = genotypes(person)
    for contig, bases in genome.sequences.items():
        if contig == "chrY":
            continue
        reference = "0:30:99:30:0,900" if contig == "chrM" else "0/0:30:81:30:0,81,900"
        at = 0
        for variant, dosage, ploidy in [row for row in called if row[0].contig == contig]:
            rows += _block(genome, contig, at, variant.pos, reference)
            rows.append(_row(variant, dosage, ploidy, rng, gvcf=True))
            at = variant.pos + len(variant.ref)
        rows += _block(genome, contig, at, len(bases), reference)
    return "\n".join(rows) + "\n"


def _block(genome: Genome, contig: str, start: int, end: int, cell: str) -> list[str]:
    if start >= end:
        return []
    base = genome.text(contig, start, start + 1)
    fields = [contig, start + 1, ".", base, "<NON_REF>", ".", ".", f"END={end}"]
    return ["\t".join(map(str, [*fields, "GT:DP:GQ:MIN_DP:PL", cell]))]
