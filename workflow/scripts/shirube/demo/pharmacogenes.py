"""Star alleles of the artificial genome, and their definitions in PharmCAT's file format.

Names, defining changes and functions are those of the real star alleles (PharmVar, CPIC);
coordinates and frequencies are artificial, and only a few alleles a gene exist here.
"""

import json
from dataclasses import dataclass
from itertools import combinations_with_replacement

from shirube.demo.genome import PROMOTER_TA, Genome
from shirube.demo.variants import (
    Variant,
    coding_duplication,
    codon_change,
    normalised,
)

NORMAL, DECREASED, NONE = "Normal function", "Decreased function", "No function"
INCREASED, UNCERTAIN = "Increased function", "Uncertain function"


@dataclass(frozen=True)
class Star:
    """A star allele: its function, its frequency in the demo and the changes that define it."""

    gene: str
    name: str
    function: str
    frequency: float
    changes: tuple[str, ...]


STARS = (
    Star("UGT1A1", "*1", NORMAL, 0.70, ()),
    Star("UGT1A1", "*6", DECREASED, 0.15, ("c.211G>A",)),
    Star("UGT1A1", "*27", DECREASED, 0.03, ("c.686C>A",)),
    Star("UGT1A1", "*28", DECREASED, 0.12, ("TA(8)",)),
    Star("CYP2C19", "*1", NORMAL, 0.52, ()),
    Star("CYP2C19", "*2", NONE, 0.30, ("c.681G>A",)),
    Star("CYP2C19", "*3", NONE, 0.10, ("c.636G>A",)),
    Star("CYP2C19", "*17", INCREASED, 0.08, ("c.-806C>T",)),
    Star("NUDT15", "*1", NORMAL, 0.80, ()),
    Star("NUDT15", "*2", NONE, 0.04, ("c.415C>T", "c.50_55dup")),
    Star("NUDT15", "*3", NONE, 0.12, ("c.415C>T",)),
    Star("NUDT15", "*5", UNCERTAIN, 0.04, ("c.52G>A",)),
)
GENES = ("UGT1A1", "CYP2C19", "NUDT15")


def changes(genome: Genome) -> dict[tuple[str, str], Variant]:
    """(gene, change) -> allele."""
    ugt, cyp, nudt = (genome.genes[gene] for gene in GENES)
    box = genome.text("chr2", 0, ugt.start).rindex(PROMOTER_TA)
    far = cyp.coding[0] - 806
    return {
        ("UGT1A1", "c.211G>A"): codon_change(genome, ugt, 71, "AGA"),
        ("UGT1A1", "c.686C>A"): codon_change(genome, ugt, 229, "CAG"),
        ("UGT1A1", "TA(8)"): normalised(genome, "chr2", box, "C", "CTA"),
        ("CYP2C19", "c.681G>A"): codon_change(genome, cyp, 227, "CCA"),
        ("CYP2C19", "c.636G>A"): codon_change(genome, cyp, 212, "TGA"),
        ("CYP2C19", "c.-806C>T"): Variant("chr10", far, "C", "T"),
        ("NUDT15", "c.415C>T"): codon_change(genome, nudt, 139, "TGT"),
        ("NUDT15", "c.50_55dup"): coding_duplication(genome, nudt, 50, 55),
        ("NUDT15", "c.52G>A"): codon_change(genome, nudt, 18, "ATC"),
    }


def carried(genome: Genome, star: Star) -> frozenset[Variant]:
    """Alleles on a chromosome with this star allele."""
    known = changes(genome)
    return frozenset(known[star.gene, change] for change in star.changes)


def star_of(genome: Genome, gene: str, haplotype: frozenset[Variant]) -> str:
    """Star allele of a chromosome; ValueError if its alleles match none exactly."""
    defining = {variant for (symbol, _), variant in changes(genome).items() if symbol == gene}
    for star in STARS:
        if star.gene == gene and carried(genome, star) == haplotype & defining:
            return star.name
    raise ValueError(f"{gene}: no star allele has {sorted(haplotype & defining)}")


def definition(genome: Genome, gene: str, label: str) -> str:
    """Named-allele definitions of one gene (PharmCAT `<gene>_translation.json`)."""
    known = sorted((v, c) for (symbol, c), v in changes(genome).items() if symbol == gene)
    stars = [star for star in STARS if star.gene == gene]
    contig = genome.genes[gene].contig
    variants = [
        {
            "chromosome": contig,
            "position": variant.pos + 1,
            "cpicPosition": variant.pos + 1,
            "rsid": None,
            "chromosomeHgvsName": change,
            "cpicAlleles": [variant.ref, variant.alt],
            "cpicToVcfAlleleMap": {variant.ref: variant.ref, variant.alt: variant.alt},
            "ref": variant.ref,
            "alts": [variant.alt],
        }
        for variant, change in known
    ]
    named: list[dict[str, object]] = []
    for number, star in enumerate(stars):
        reference = not star.changes
        alleles = [
            v.alt if change in star.changes else (v.ref if reference else None)
            for v, change in known
        ]
        named.append(
            {
                "name": star.name,
                "id": f"DEMO{GENES.index(gene)}{number:03d}",
                "alleles": alleles,
                "cpicAlleles": alleles,
                "reference": reference,
                "structuralVariant": False,
                "corePositions": [v.pos + 1 for v, change in known if change in star.changes],
                "score": len(known) if reference else len(star.changes),
                "numCombinations": 0,
                "numPartials": 0,
            }
        )
    model = {
        "formatVersion": "2",
        "source": label,
        "version": "artificial demo",
        "modificationDate": None,
        "gene": gene,
        "orientation": None,
        "chromosome": contig,
        "genomeBuild": "artificial",
        "refSeqChromosomeId": contig,
        "variants": variants,
        "namedAlleles": named,
    }
    return json.dumps(model, indent=2) + "\n"


def phenotype_of(gene: str, one: str, other: str) -> str:
    """Phenotype of two functions, as CPIC assigns it to this gene."""
    pair = {one, other}
    if UNCERTAIN in pair:
        return "Indeterminate"
    low = [f for f in (one, other) if f in (NONE, DECREASED)]
    if len(low) == 2:
        return "Poor Metabolizer"
    if len(low) == 1:
        return "Intermediate Metabolizer"
    if INCREASED in pair:
        return "Rapid Metabolizer" if NORMAL in pair else "Ultrarapid Metabolizer"
    return "Normal Metabolizer"


def phenotype(gene: str, label: str) -> str:
    """Functions and diplotype phenotypes of one gene (PharmCAT `phenotype/<gene>.json`)."""
    stars = [star for star in STARS if star.gene == gene]
    diplotypes: list[dict[str, object]] = []
    for one, other in combinations_with_replacement(stars, 2):
        result = phenotype_of(gene, one.function, other.function)
        key = {one.name: 2} if one == other else {one.name: 1, other.name: 1}
        diplotypes.append(
            {
                "generesult": result,
                "diplotype": f"{one.name}/{other.name}",
                "description": label,
                "lookupkey": result,
                "diplotypekey": key,
                "activityScore": None,
                "phenotype": result,
            }
        )
    model = {
        "gene": gene,
        "haplotypes": {star.name: star.function for star in stars},
        "activityValues": {},
        "diplotypes": diplotypes,
    }
    return json.dumps(model, indent=2) + "\n"


_ADVICE = (
    ("UGT1A1", "irinotecan", "a lower starting dose is considered"),
    ("CYP2C19", "clopidogrel", "another antiplatelet drug is considered"),
    ("NUDT15", "mercaptopurine", "a lower starting dose is considered"),
)


def guidelines(label: str) -> str:
    """Recommendations in the layout of PharmCAT's guideline files; the wording is artificial."""
    out: dict[str, object] = {}
    for number, (gene, drug, advice) in enumerate(_ADVICE, 1):
        chemical = [{"id": f"DEMOCHEM{number}", "name": drug, "symbol": None}]
        out[f"DEMO_{drug}_and_{gene}.json"] = {
            "guideline": {
                "id": f"DEMOGUIDE{number}",
                "name": f"{label}: {drug} and {gene}",
                "source": "Demonstration",
                "version": 1,
                "url": f"https://example.org/demo/guideline/{number}",
                "relatedChemicals": chemical,
                "relatedGenes": [{"symbol": gene}],
            },
            "recommendations": [
                {
                    "id": f"DEMOREC{number}{index:02d}",
                    "name": f"{drug}, {phenotype}",
                    "lookupKey": {gene: phenotype},
                    "population": "general",
                    "classification": {"term": "Demonstration"},
                    "relatedChemicals": chemical,
                    "text": {"html": f"<p>[{label}] {phenotype}: {advice}.</p>"},
                }
                for index, phenotype in enumerate(("Poor Metabolizer", "Intermediate Metabolizer"))
            ],
        }
    return json.dumps(out, indent=2) + "\n"
