"""Tables of the private cohort store; none of them leaves it."""

import polars as pl

from shirube.contracts.table import ALLELE, ALLELE_COLUMNS, CHROM, Contract

GENOTYPES = Contract(
    "genotypes",
    1,
    "Alleles one person carries in genotypes that pass the genotype rule",
    {**ALLELE_COLUMNS, "ac": pl.Int8, "ploidy": pl.Int8},
    ALLELE,
    {
        "ac": "copies the person carries, 1 or 2",
        "ploidy": "copies of the position the person has: 1 (non-PAR X and Y of XY, M) or 2",
    },
)

CALLABLE = Contract(
    "callable",
    1,
    "Where one person's genotype passes the genotype rule, merged",
    {"chrom": CHROM, "start": pl.Int32, "end": pl.Int32},
    ("chrom", "start"),
    {"start": "first base", "end": "end"},
)

COUNTS = Contract(
    "counts",
    1,
    "Alleles of one stratum and chromosome with the people who carry them",
    {**ALLELE_COLUMNS, "ac": pl.Int32, "het": pl.Int32, "hom": pl.Int32, "hemi": pl.Int32},
    ALLELE,
    {
        "ac": "copies",
        "het": "people with one copy of two",
        "hom": "people with two copies",
        "hemi": "people with one copy of one",
    },
)

STRATUM_COUNTS = Contract(
    "stratum_counts",
    1,
    "Alleles of a joint file counted by disjoint stratum",
    {
        **ALLELE_COLUMNS,
        "stratum": pl.String,
        **dict.fromkeys(("ac", "an", "nhomalt", "nhemi", "diploid"), pl.Int32),
    },
    (*ALLELE, "stratum"),
    {
        "stratum": "disjoint stratum as the sheet names it",
        "ac": "copies in genotypes that pass the genotype rule",
        "an": "chromosomes with such a genotype",
        "nhomalt": "people homozygous for the allele",
        "nhemi": "people hemizygous for it",
        "diploid": "people with two copies of the position and such a genotype",
    },
)
