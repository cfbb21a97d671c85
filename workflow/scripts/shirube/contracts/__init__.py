"""The tables that stages exchange: their columns, key and sort order (`contracts.table`)."""

from shirube.contracts.annotation import ANNOTATION
from shirube.contracts.calls import (
    CALLS,
    COPY_NUMBER,
    ERROR_RATES,
    FILTERS,
    LOH,
    MARKERS,
    SOMATIC,
    STRUCTURAL,
)
from shirube.contracts.depth import DEPTH, DEPTH_BINS, GENE_DEPTH
from shirube.contracts.findings import CRITERION, EVIDENCE, FATES, FINDINGS, LEDGER, WITHHELD
from shirube.contracts.knowledge import CLINICAL_EVIDENCE, GENE_MODELS, MATCHES
from shirube.contracts.population import (
    CALLABILITY,
    FREQUENCY,
    LOCUS_FREQUENCY,
    MEMBERS,
    STRUCTURAL_FREQUENCY,
)
from shirube.contracts.samples import COMPARISON, COVERAGE, QUALITY, READS
from shirube.contracts.table import (
    ALLELE,
    CHROM,
    Contract,
    check,
    metadata,
    read,
    scan,
    write,
    writing,
)

__all__ = [
    "ALLELE",
    "ANNOTATION",
    "CALLABILITY",
    "CALLS",
    "CHROM",
    "CLINICAL_EVIDENCE",
    "COMPARISON",
    "COPY_NUMBER",
    "COVERAGE",
    "CRITERION",
    "DEPTH",
    "DEPTH_BINS",
    "ERROR_RATES",
    "EVIDENCE",
    "FATES",
    "FILTERS",
    "FINDINGS",
    "FREQUENCY",
    "GENE_DEPTH",
    "GENE_MODELS",
    "LEDGER",
    "LOCUS_FREQUENCY",
    "LOH",
    "MARKERS",
    "MATCHES",
    "MEMBERS",
    "QUALITY",
    "READS",
    "SOMATIC",
    "STRUCTURAL",
    "STRUCTURAL_FREQUENCY",
    "WITHHELD",
    "Contract",
    "check",
    "metadata",
    "read",
    "scan",
    "write",
    "writing",
]
