"""What is measured of each sample: coverage and quality."""

import polars as pl

from shirube.contracts.table import CHROM, Contract

COVERAGE = Contract(
    "coverage",
    1,
    "Depth of one sample over coding exons inside the regions of the run, one row a transcript",
    {
        "gene": pl.String,
        "transcript": pl.String,
        "chrom": CHROM,
        "bases": pl.Int32,
        "mean_depth": pl.Float64,
        "min_depth": pl.Int32,
        "callable": pl.Float64,
        "requested": pl.Float64,
    },
    ("gene", "transcript"),
    {
        "gene": "HGNC symbol",
        "transcript": "transcript whose coding exons are measured",
        "bases": "coding bases of the transcript",
        "mean_depth": "mean depth of those inside the regions (primary, non-duplicate reads, "
        "MAPQ >= calling.min_mapq, mates counted once); null without reads",
        "min_depth": "lowest depth of those inside the regions; null without reads",
        "callable": "fraction of them in the callable intervals of the sample; null: not told",
        "requested": "fraction of them inside the regions of the run",
    },
)

READS = Contract(
    "reads",
    1,
    "What the reads of one sample are like, one row; none where it came without reads",
    {
        "reads": pl.Int64,
        "mapped": pl.Int64,
        "duplicates": pl.Int64,
        "bases": pl.Int64,
        "mismatches": pl.Int64,
        "insert_size": pl.Int32,
        "region_bases": pl.Int64,
        "region_depth": pl.Float64,
        "autosome_depth": pl.Float64,
        "x_depth": pl.Float64,
        "y_depth": pl.Float64,
    },
    ("reads",),
    {
        "reads": "primary alignments and reads without one, of the regions if the run has any",
        "mapped": "mapped ones",
        "duplicates": "those marked as duplicates",
        "bases": "bases of mapped ones that are aligned or inserted",
        "mismatches": "mismatching, inserted and deleted bases of mapped ones (tag NM)",
        "insert_size": "median distance of the outer ends of mates; null without mapped pairs",
        "region_bases": "bases of the regions of the run, or of all chromosomes",
        "region_depth": "mean depth of those",
        "autosome_depth": "mean depth of the coding bases of autosomes inside the regions; null "
        "below 300 bases",
        "x_depth": "the same of X, without the pseudo-autosomal regions",
        "y_depth": "the same of Y",
    },
)

QUALITY = Contract(
    "quality",
    2,
    "What was measured of one sample, with the gate it had to pass, one row a metric",
    {
        "metric": pl.String,
        "sample": pl.String,
        "value": pl.Float64,
        "sites": pl.Int64,
        "low": pl.Float64,
        "high": pl.Float64,
        "action": pl.String,
        "verdict": pl.String,
        "reason": pl.String,
        "said": pl.String,
    },
    ("metric",),
    {
        "metric": "mean_depth, callable, duplicates, contamination, ... (shirube.quality.gates)",
        "sample": "sample of the sheet",
        "value": "what was measured; null where it could not be",
        "sites": "bases, reads or sites it was measured at; null where that has no meaning",
        "low": "lowest value that passes; null if there is none",
        "high": "highest value that passes; null if there is none",
        "action": "what a failure does: none (measured only), warn, watermark or block",
        "verdict": "pass, fail or unknown (not measured)",
        "reason": "what the value is and what it means",
        "said": "JSON: message ids and values of the reason, for any language",
    },
)

COMPARISON = Contract(
    "comparison",
    1,
    "Quality of every sample beside the run's others of its kind, one row a sample and metric",
    {
        "sample": pl.String,
        "metric": pl.String,
        "kind": pl.String,
        "value": pl.Float64,
        "verdict": pl.String,
        "peers": pl.Int32,
        "median": pl.Float64,
        "spread": pl.Float64,
        "score": pl.Float64,
    },
    ("sample", "metric"),
    {
        "sample": "sample of the sheet",
        "metric": "as in QUALITY",
        "kind": "normal or tumour: only samples of one kind are compared",
        "value": "what was measured; null where it could not be",
        "verdict": "verdict of the metric's own gate: pass, fail or unknown",
        "peers": "samples of the kind, this one among them, in which the metric was measured",
        "median": "median of the peers; null where there are too few to compare with",
        "spread": "1.4826 times the median distance from it, not below what is never remarkable",
        "score": "(value - median) / spread; null where value or median is",
    },
)

TARGET_KINDS = ("coding", "codon", "exon", "fusion")


TARGETS = Contract(
    "targets",
    2,
    "What the report looks for and what one sample's reads show there, one row a target",
    {
        "gene": pl.String,
        "kind": pl.Enum(TARGET_KINDS),
        "number": pl.Int32,
        "label": pl.String,
        "transcript": pl.String,
        "chrom": CHROM,
        "starts": pl.List(pl.Int32),
        "ends": pl.List(pl.Int32),
        "bases": pl.Int32,
        "requested": pl.Float64,
        "callable": pl.Float64,
        "mean_depth": pl.Float64,
        "low_depth": pl.Int32,
        "min_depth": pl.Int32,
        "gene_start": pl.Int32,
        "gene_end": pl.Int32,
        "gene_requested": pl.Float64,
        "gene_callable": pl.Float64,
    },
    ("gene", "kind", "number"),
    {
        "gene": "HGNC symbol",
        "kind": "coding (the whole coding sequence), codon, exon, or fusion (breakpoint introns)",
        "number": "codon or exon; null for coding and fusion",
        "label": "names of the changes asked for in a codon; introns of a fusion, joined by ,",
        "transcript": "transcript that numbers codons, exons and introns; null without a model",
        "chrom": "chromosome; null without a gene model",
        "starts": "starts of the intervals",
        "ends": "their ends",
        "bases": "bases in them",
        "requested": "fraction of them inside the regions of the run",
        "callable": "fraction of them callable in the sample",
        "mean_depth": "mean reads over them (primary, non-duplicate, MAPQ 20 or more, mates once)",
        "low_depth": "reads that 95% of the bases reach; null without reads",
        "min_depth": "lowest depth over them; null without reads",
        "gene_start": "start of the whole transcript, introns too; null without a gene model",
        "gene_end": "its end",
        "gene_requested": "fraction of the whole transcript inside the regions of the run",
        "gene_callable": "fraction of it callable in the sample",
    },
)
