"""Tables the knowledge importers write, beside GENE_MODELS and CLINICAL_EVIDENCE.

Every file carries metadata `source`, `release`, `licence`, `sha256` (of the publisher's file as
read), `rows` and `covers`, so that the report can say what a source holds and what it does not.
"""

import polars as pl

from shirube.contracts.table import ALLELE, ALLELE_COLUMNS, Contract

CLINVAR = Contract(
    "clinvar",
    1,
    "ClinVar's aggregate classifications, one row an allele",
    {
        **ALLELE_COLUMNS,
        "clinvar_id": pl.String,
        "gene": pl.String,
        "significance": pl.String,
        "conflict": pl.String,
        "review": pl.String,
        "stars": pl.Int8,
        "conditions": pl.String,
        "oncogenicity": pl.String,
        "oncogenicity_review": pl.String,
        "somatic_impact": pl.String,
        "consequences": pl.String,
        "hgvs_g": pl.String,
        "rsid": pl.String,
    },
    ALLELE,
    {
        "clinvar_id": "ClinVar variation id",
        "gene": "symbols of the genes ClinVar names, joined by |",
        "significance": "aggregate germline classification, in ClinVar's words",
        "conflict": "classifications behind a conflict and how many submitters gave each",
        "review": "review status of the germline classification",
        "stars": "stars of that review status, 0 to 4; null without a classification",
        "conditions": "condition names joined by |",
        "oncogenicity": "aggregate oncogenicity classification",
        "oncogenicity_review": "its review status",
        "somatic_impact": "aggregate somatic clinical impact",
        "consequences": "molecular consequences ClinVar states on any transcript, joined by &",
        "hgvs_g": "genomic name ClinVar gives",
        "rsid": "dbSNP id",
    },
)

ONCOTREE = Contract(
    "oncotree",
    1,
    "Tumour types of OncoTree and the path from each to the root",
    {
        "code": pl.String,
        "name": pl.String,
        "main_type": pl.String,
        "tissue": pl.String,
        "ancestors": pl.List(pl.String),
    },
    ("code",),
    {
        "code": "OncoTree code",
        "name": "name of the tumour type",
        "main_type": "OncoTree's main type",
        "tissue": "organ or tissue",
        "ancestors": "codes above it, nearest first; always ends with TISSUE, the root",
    },
)

# Chromosomes from which on a frequency is evidence: ClinGen asks for a population of at least
# 2,000 observed alleles (Ghosh et al. 2018, doi:10.1002/humu.23642).
ENOUGH = 2000

POPULATION = Contract(
    "population",
    2,
    "Allele frequencies of one source's populations, one row an allele",
    {
        **ALLELE_COLUMNS,
        "af": pl.Float64,
        "population": pl.String,
        "an": pl.Int32,
        "japanese_af": pl.Float64,
        "japanese_an": pl.Int32,
        "nhomalt": pl.Int32,
        "passed": pl.Boolean,
    },
    ALLELE,
    {
        "af": "highest frequency among the source's populations of 2,000 chromosomes or more, "
        "among all where none has as many; null where none was observed",
        "population": "population of that frequency",
        "an": "chromosomes called in that population; null where the source does not say",
        "japanese_af": "frequency in its Japanese population; null if it has none",
        "japanese_an": "chromosomes called in it",
        "nhomalt": "people homozygous for the allele",
        "passed": "whether the source itself trusts the site",
    },
)
