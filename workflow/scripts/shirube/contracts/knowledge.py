"""Tables the knowledge importers write: genes, alleles, evidence, tumour types.

Every file carries metadata `source`, `release`, `licence`, `sha256` (of the publisher's file as
read), `rows` and `covers`, so that the report can say what a source holds and what it does not.
"""

import polars as pl

from shirube.contracts.table import ALLELE, ALLELE_COLUMNS, CHROM, Contract

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

GENE_MODELS = Contract(
    "gene_models",
    1,
    "Transcripts of protein-coding and other genes, one row a transcript",
    {
        "transcript": pl.String,
        "refseq": pl.String,
        "gene": pl.String,
        "gene_id": pl.String,
        "protein": pl.String,
        "mane": pl.String,
        "biotype": pl.String,
        "chrom": CHROM,
        "strand": pl.String,
        "start": pl.Int32,
        "end": pl.Int32,
        "cds_start": pl.Int32,
        "cds_end": pl.Int32,
        "exon_starts": pl.List(pl.Int32),
        "exon_ends": pl.List(pl.Int32),
    },
    ("chrom", "start", "end", "transcript"),
    {
        "transcript": "Ensembl transcript with version (or the publisher's id)",
        "refseq": "RefSeq transcript with version; null where none is paired",
        "gene": "HGNC symbol",
        "gene_id": "Ensembl gene id with version",
        "protein": "Ensembl or RefSeq protein id",
        "mane": "MANE Select, MANE Plus Clinical or null",
        "biotype": "protein_coding or as the publisher says",
        "strand": "+ or -",
        "start": "first base of the transcript",
        "end": "end of the transcript",
        "cds_start": "lowest coding base, stop codon included; null if non-coding",
        "cds_end": "end of the highest coding base; null if non-coding",
        "exon_starts": "starts of the exons, ascending in the genome",
        "exon_ends": "their ends",
    },
)


MATCHES = ("exact", "codon", "exon", "fusion", "amplification", "deletion", "class", "gene",
           "biomarker", "none")  # fmt: skip


CLINICAL_EVIDENCE = Contract(
    "clinical_evidence",
    3,
    "Evidence items of clinical knowledge bases (CIViC), one row an item and molecular alteration",
    {
        "source": pl.String,
        "version": pl.String,
        "id": pl.String,
        "gene": pl.String,
        "variant": pl.String,
        "profile": pl.String,
        "match": pl.Enum(MATCHES),
        "alteration": pl.String,
        "hgvs_p": pl.String,
        "codon": pl.Int32,
        "exon": pl.Int32,
        "partner": pl.String,
        "hgvs_c": pl.String,
        "disease": pl.String,
        "doid": pl.String,
        "oncotree": pl.String,
        "therapies": pl.String,
        "interaction": pl.String,
        "evidence_type": pl.String,
        "direction": pl.String,
        "level": pl.String,
        "significance": pl.String,
        "variant_origin": pl.String,
        "rating": pl.Int8,
        "citation": pl.String,
        "url": pl.String,
        "statement": pl.String,
    },
    ("source", "id", "gene", "variant"),
    {
        "source": "knowledge base",
        "version": "its release",
        "id": "evidence item",
        "gene": "HGNC symbol (the 3' partner of a fusion for kinase fusions is in `partner`); the "
        "marker (MSI, TMB) for match = biomarker",
        "variant": "alteration in the publisher's words",
        "profile": "molecular profile in the publisher's words; holds AND for combinations",
        "match": "how a finding is matched; none = needs a person (combinations, expression)",
        "alteration": "kind asked for: any, missense, synonymous, truncating, frameshift, "
        "deletion, insertion, delins, exon_skipping, loss_of_function, promoter, "
        "internal_tandem_duplication, amplification, fusion; the state of a marker (high, low); "
        "null if not known",
        "hgvs_p": "three-letter protein change, for match = exact; p.Ala149fs: any shift there",
        "codon": "residue for match = codon or exact",
        "exon": "exon for match = exon",
        "partner": "other gene of a fusion; null = any partner",
        "hgvs_c": "coding change where the publisher gives one",
        "disease": "disease in the publisher's words",
        "doid": "Disease Ontology id",
        "oncotree": "OncoTree code the disease maps to; TISSUE any tumour, SOLID any solid tumour",
        "therapies": "drugs joined by ,",
        "interaction": "combination, sequential or substitutes",
        "evidence_type": "Predictive, Prognostic, Diagnostic, Predisposing, Oncogenic, Functional",
        "direction": "Supports or Does Not Support",
        "level": "publisher's level (CIViC A-E)",
        "significance": "publisher's significance (Sensitivity/Response, Resistance, ...)",
        "variant_origin": "Somatic, Germline, ... in the publisher's words",
        "rating": "publisher's stars",
        "citation": "PubMed id or other reference",
        "url": "page of the item",
        "statement": "publisher's statement",
    },
)
