"""Tables of rare-disease knowledge: phenotype terms, genes of terms, diseases of genes."""

import polars as pl

from shirube.contracts.table import CHROM, Contract

PHENOTYPE_TERMS = Contract(
    "phenotype_terms",
    1,
    "Terms of the Human Phenotype Ontology and the paths above them",
    {
        "term": pl.String,
        "name": pl.String,
        "name_ja": pl.String,
        "parents": pl.List(pl.String),
        "ancestors": pl.List(pl.String),
        "alternatives": pl.List(pl.String),
    },
    ("term",),
    {
        "term": "HPO id",
        "name": "English label",
        "name_ja": "Japanese label; null where there is none",
        "parents": "terms one step above",
        "ancestors": "the term and every term above it, sorted",
        "alternatives": "retired ids that mean this term",
    },
)
PHENOTYPE_GENES = Contract(
    "phenotype_genes",
    2,
    "Genes of phenotype terms as published: some publications name the terms above too",
    {"gene": pl.String, "term": pl.String},
    ("gene", "term"),
    {"gene": "HGNC symbol", "term": "HPO id"},
)
PHENOTYPE_DISEASES = Contract(
    "phenotype_diseases",
    1,
    "Terms of each disease of HPO with how many of its patients have them, one row a term",
    {
        "disease": pl.String,
        "name": pl.String,
        "genes": pl.List(pl.String),
        "term": pl.String,
        "frequency": pl.Float64,
        "assessed": pl.Int32,
    },
    ("disease", "term"),
    {
        "disease": "OMIM:, ORPHA: or DECIPHER: id",
        "name": "name of the disease; null where the source has none",
        "genes": "HGNC symbols of its genes, sorted; empty where none is known",
        "term": "HPO id: a feature, a mode of inheritance, an onset",
        "frequency": "share of patients with it, 0 where it is known to be absent; null not stated",
        "assessed": "patients behind the frequency; null where a class or nothing is stated",
    },
)
GENE_DISEASES = Contract(
    "gene_diseases",
    1,
    "Diseases of genes, with inheritance and mechanism",
    {
        "gene": pl.String,
        "disease": pl.String,
        "omim": pl.String,
        "inheritance": pl.String,
        "mechanism": pl.String,
        "confidence": pl.String,
        "terms": pl.List(pl.String),
        "panel": pl.String,
    },
    ("gene", "disease", "inheritance", "mechanism", "panel"),
    {
        "gene": "HGNC symbol",
        "disease": "name of the disease",
        "omim": "OMIM id of the disease, as OMIM:number",
        "inheritance": "AD, AR, XL, MT, or other",
        "mechanism": "loss, gain, dominant_negative, other or unknown",
        "confidence": "how sure the publisher is",
        "terms": "HPO ids of the disease",
        "panel": "panel of the publisher",
    },
)
GENE_DOSAGE = Contract(
    "gene_dosage",
    1,
    "ClinGen dosage sensitivity of genes",
    {"gene": pl.String, "haploinsufficiency": pl.Int8, "triplosensitivity": pl.Int8},
    ("gene",),
    {
        "haploinsufficiency": "0 to 3, 30 recessive, 40 unlikely; null not evaluated",
        "triplosensitivity": "the same for a third copy",
        "gene": "HGNC symbol",
    },
)
GENE_CONSTRAINT = Contract(
    "gene_constraint",
    1,
    "How few loss-of-function variants a gene has in a population",
    {"gene": pl.String, "pli": pl.Float64, "loeuf": pl.Float64},
    ("gene",),
    {
        "gene": "HGNC symbol",
        "pli": "probability of intolerance to loss of one copy",
        "loeuf": "upper bound of observed / expected loss-of-function variants",
    },
)
POPULATION_EVENTS = Contract(
    "population_events",
    1,
    "Deletions and duplications that one person in a thousand or more has",
    {
        "chrom": CHROM,
        "start": pl.Int32,
        "end": pl.Int32,
        "svtype": pl.String,
        "frequency": pl.Float64,
        "name": pl.String,
    },
    ("chrom", "start", "end", "svtype", "name"),
    {
        "svtype": "DEL or DUP",
        "frequency": "of the allele (sites VCF), or share of the people of a study (DGV)",
        "name": "the source's name of the record",
    },
)
NANDO_GENES = Contract(
    "nando_genes",
    2,
    "Japanese intractable diseases of genes",
    {
        "gene": pl.String,
        "nando": pl.String,
        "omim": pl.String,
        "mondo": pl.String,
        "designated": pl.Boolean,
        "number": pl.String,
        "name_ja": pl.String,
        "name_en": pl.String,
    },
    ("gene", "nando", "omim"),
    {
        "gene": "HGNC symbol",
        "nando": "NANDO id",
        "omim": "OMIM id of the gene's disease, as OMIM:number",
        "mondo": "Mondo id",
        "designated": "whether it is a designated intractable disease (指定難病)",
        "number": "number of the notification",
        "name_ja": "Japanese name",
        "name_en": "English name; null where NANDO's names are not configured or have none",
    },
)
