"""Pharmacogenomic knowledge: positions, named alleles, phenotypes, recommendations."""

import polars as pl

from shirube.contracts.table import CHROM, Contract

STAR_POSITIONS = Contract(
    "star_positions",
    1,
    "Positions that define named alleles of pharmacogenes, one row a position",
    {
        "gene": pl.String,
        "number": pl.Int32,
        "chrom": CHROM,
        "pos": pl.Int32,
        "ref": pl.String,
        "alts": pl.List(pl.String),
        "rsid": pl.String,
        "name": pl.String,
        "version": pl.String,
    },
    ("gene", "number"),
    {
        "gene": "HGNC symbol",
        "number": "0, 1, ... as the definition lists them",
        "alts": "alternative bases that alleles name, in the definition's order",
        "rsid": "dbSNP id",
        "name": "HGVS name on the chromosome",
        "version": "version of the gene's definition",
    },
)


STAR_ALLELES = Contract(
    "star_alleles",
    1,
    "Named alleles of pharmacogenes, one row an allele",
    {
        "gene": pl.String,
        "number": pl.Int32,
        "allele": pl.String,
        "reference": pl.Boolean,
        "allowed": pl.List(pl.UInt64),
        "stated": pl.List(pl.Boolean),
    },
    ("gene", "number"),
    {
        "gene": "HGNC symbol",
        "number": "0, 1, ... as the definition lists them",
        "allele": "its name, such as *2",
        "reference": "whether it is the reference allele",
        "allowed": "by position, bit n set: the allele may have ref (n = 0) or alternative n",
        "stated": "by position: whether the definition says so itself",
    },
)


DIPLOTYPE_PHENOTYPES = Contract(
    "diplotype_phenotypes",
    1,
    "What a diplotype of a pharmacogene means",
    {
        "gene": pl.String,
        "alleles": pl.String,
        "phenotype": pl.String,
        "activity_score": pl.String,
        "lookup": pl.String,
        "source": pl.String,
    },
    ("gene", "alleles"),
    {
        "gene": "HGNC symbol",
        "alleles": "JSON: copies by allele",
        "phenotype": "phenotype in the source's words; null if it gives none",
        "activity_score": "activity score; null where the gene has none",
        "lookup": "what guidelines call it",
        "source": "pharmcat or pypgx",
    },
)


DRUG_RECOMMENDATIONS = Contract(
    "drug_recommendations",
    1,
    "Recommendations of CPIC and DPWG for drugs by phenotype",
    {
        "id": pl.String,
        "source": pl.String,
        "url": pl.String,
        "drugs": pl.String,
        "lookup": pl.String,
        "population": pl.String,
        "strength": pl.String,
        "text": pl.String,
    },
    ("id",),
    {
        "id": "the guideline's number of the recommendation",
        "source": "CPIC or DPWG",
        "url": "address of the guideline",
        "drugs": "drugs, joined by a comma",
        "lookup": "JSON: what each gene must be: phenotype, activity score or copies by allele",
        "population": "whom it is for; null for everybody",
        "strength": "strength in the guideline's words",
        "text": "the recommendation as published, with its marks (HTML)",
    },
)
