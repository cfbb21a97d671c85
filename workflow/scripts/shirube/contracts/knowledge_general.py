"""Tables that name things: genes, diseases, regions, repeats; and scores of single alleles."""

import polars as pl

from shirube.contracts.table import ALLELE, CHROM, Contract

GENE_NAMES = Contract(
    "gene_names",
    1,
    "Every name a gene goes by, one row a name",
    {
        "name": pl.String,
        "symbol": pl.String,
        "kind": pl.String,
        "hgnc_id": pl.String,
        "entrez_id": pl.String,
        "ensembl_id": pl.String,
    },
    ("name", "symbol"),
    {
        "name": "symbol, previous symbol or alias",
        "symbol": "approved symbol it stands for",
        "kind": "symbol, previous or alias: in this order a name is to be understood",
        "hgnc_id": "HGNC id",
        "entrez_id": "NCBI gene id",
        "ensembl_id": "Ensembl gene id",
    },
)

DISEASE_XREFS = Contract(
    "disease_xrefs",
    1,
    "Mondo diseases and what they are called elsewhere",
    {
        "mondo": pl.String,
        "label": pl.String,
        "predicate": pl.String,
        "other": pl.String,
        "other_label": pl.String,
    },
    ("mondo", "other", "predicate"),
    {
        "mondo": "Mondo id",
        "label": "Mondo's name",
        "predicate": "skos:exactMatch, oboInOwl:hasDbXref, ...",
        "other": "id elsewhere (OMIM:..., NANDO:..., Orphanet:...)",
        "other_label": "name there",
    },
)

REPEAT_LOCI = Contract(
    "repeat_loci",
    1,
    "Tandem repeats whose expansion causes disease",
    {
        "locus": pl.String,
        "gene": pl.String,
        "disease": pl.String,
        "inheritance": pl.String,
        "chrom": CHROM,
        "start": pl.Int32,
        "end": pl.Int32,
        "reference_motif": pl.String,
        "pathogenic_motif": pl.String,
        "benign_max": pl.Int32,
        "pathogenic_min": pl.Int32,
        "mondo": pl.String,
    },
    ("chrom", "start", "locus"),
    {
        "locus": "STRchive id",
        "gene": "HGNC symbol",
        "disease": "disease",
        "inheritance": "AD, AR, XR, ... joined by |",
        "start": "first base of the repeat",
        "end": "its end",
        "reference_motif": "motifs in the reference, on its strand, joined by |",
        "pathogenic_motif": "motifs that cause disease, joined by |",
        "benign_max": "most copies seen in healthy people",
        "pathogenic_min": "fewest copies that cause disease",
        "mondo": "Mondo ids joined by |",
    },
)

PREDICTOR = Contract(
    "predictor",
    1,
    "Scores of a predictor, one row an allele and gene",
    {
        "chrom": CHROM,
        "pos": pl.Int32,
        "ref": pl.String,
        "alt": pl.String,
        "gene": pl.String,
        "score": pl.Float32,
        "label": pl.String,
    },
    (*ALLELE, "gene"),
    {
        "gene": "gene or transcript the score is for; empty where the source names none",
        "score": "score, 0 to 1, higher is more damaging",
        "label": "publisher's class, or which splice site changes (SpliceAI)",
    },
)
