"""Tables of the private cohort store; none of them leaves it."""

import polars as pl

from shirube.contracts import ALLELE, CHROM, Contract

_ALLELE: dict[str, pl.DataType | type[pl.DataType]] = {
    "chrom": CHROM,
    "pos": pl.Int32,
    "ref": pl.String,
    "alt": pl.String,
}

GENOTYPES = Contract(
    "genotypes",
    1,
    "Alleles one person carries in genotypes that pass the genotype rule",
    {**_ALLELE, "ac": pl.Int8, "ploidy": pl.Int8},
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
    {**_ALLELE, "ac": pl.Int32, "het": pl.Int32, "hom": pl.Int32, "hemi": pl.Int32},
    ALLELE,
    {
        "ac": "copies",
        "het": "people with one copy of two",
        "hom": "people with two copies",
        "hemi": "people with one copy of one",
    },
)
