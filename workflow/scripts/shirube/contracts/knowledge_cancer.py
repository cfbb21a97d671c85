"""Tables of cancer knowledge: hotspots, driver genes, reporting transcripts, predisposition."""

import polars as pl

from shirube.contracts.table import Contract

HOTSPOTS = Contract(
    "hotspots",
    1,
    "Residues changed in tumours more often than chance, one row a residue and change",
    {
        "gene": pl.String,
        "transcript": pl.String,
        "kind": pl.String,
        "residue": pl.Int32,
        "residue_end": pl.Int32,
        "reference": pl.String,
        "change": pl.String,
        "tumours": pl.Int32,
        "all": pl.Int32,
        "q_value": pl.Float64,
        "source": pl.String,
    },
    ("gene", "transcript", "kind", "residue", "residue_end", "change"),
    {
        "gene": "HGNC symbol",
        "transcript": "Ensembl transcript the residues are counted on",
        "kind": "single residue, in-frame indel, splice site or 3d (near others in the fold)",
        "residue": "first residue (1-based)",
        "residue_end": "last residue; the same for a single one",
        "reference": "residue of the reference in three-letter code; null for ranges",
        "change": "new residue in three-letter code (Ter: stop, splice: any splice change), "
        "or the change in the publisher's words for indels",
        "tumours": "tumours with this change",
        "all": "tumours with any change of the residue",
        "q_value": "publisher's q value; null for 3d",
        "source": "source and release",
    },
)

DRIVERS = Contract(
    "drivers",
    1,
    "Genes under selection in tumours, one row a gene and tumour type",
    {
        "gene": pl.String,
        "tumour": pl.String,
        "role": pl.String,
        "transcript": pl.String,
        "cohorts": pl.Int32,
        "samples": pl.Int32,
        "q_value": pl.Float64,
    },
    ("gene", "tumour"),
    {
        "gene": "HGNC symbol",
        "tumour": "publisher's code of the tumour type",
        "role": "activating, loss_of_function or ambiguous",
        "transcript": "transcript the publisher used",
        "cohorts": "cohorts in which the gene was found",
        "samples": "mutated samples in them",
        "q_value": "lowest q value among them",
    },
)

ISOFORMS = Contract(
    "isoforms",
    1,
    "Transcript a laboratory reports a gene on",
    {"gene": pl.String, "transcript": pl.String, "refseq": pl.String, "note": pl.String},
    ("gene", "transcript"),
    {
        "gene": "HGNC symbol",
        "transcript": "Ensembl transcript with version",
        "refseq": "RefSeq transcript with version",
        "note": "publisher's remark",
    },
)

PREDISPOSITION = Contract(
    "predisposition",
    1,
    "Genes of hereditary cancer",
    {
        "gene": pl.String,
        "inheritance": pl.String,
        "mechanism": pl.String,
        "tumour_suppressor": pl.Boolean,
        "oncogene": pl.Boolean,
        "phenotypes": pl.String,
        "panel": pl.String,
    },
    ("gene",),
    {
        "gene": "HGNC symbol",
        "inheritance": "AD, AR, ... in the publisher's words",
        "mechanism": "LoF or GoF",
        "tumour_suppressor": "whether the publisher counts it among tumour suppressors",
        "oncogene": "whether it counts it among oncogenes",
        "phenotypes": "tumours and syndromes",
        "panel": "panel and release",
    },
)

AUTHORITIES = ("fda", "guideline")


EVIDENCE_BASIS = Contract(
    "evidence_basis",
    1,
    "What evidence items rest on, one row an item, set of drugs and kind of authority",
    {
        "source": pl.String,
        "id": pl.String,
        "therapies": pl.String,
        "basis": pl.Enum(AUTHORITIES),
        "stated": pl.String,
        "verified": pl.Boolean,
    },
    ("source", "id", "therapies", "basis"),
    {
        "source": "knowledge base of the evidence item",
        "id": "its id there",
        "therapies": "drugs the statement is about: lower case, sorted, joined by comma",
        "basis": "fda: approved in the United States; guideline: named in a clinical guideline",
        "stated": "who states it: an assertion, a guideline and its version, a publication",
        "verified": "whether the statement was read at its source",
    },
)
