"""Depth of reads in bins of the reference, and what it says of the copies of each gene."""

import polars as pl

from shirube.contracts.table import CHROM, Contract

DEPTH_BINS = Contract(
    "depth_bins",
    1,
    "Bins in which depth is measured: each coding exon one, the rest of the run's regions in bins "
    "of 1 kb at most",
    {"chrom": CHROM, "start": pl.Int32, "end": pl.Int32, "gc": pl.Float32, "exon": pl.Boolean},
    ("chrom", "start"),
    {
        "gc": "share of G and C among the known bases of the bin",
        "exon": "whether it is a coding exon with 50 bases on either side",
    },
)

DEPTH = Contract(
    "depth",
    1,
    "Depth of one sample in the bins of the run, one row a bin",
    {"chrom": CHROM, "start": pl.Int32, "end": pl.Int32, "depth": pl.Float32},
    ("chrom", "start"),
    {
        "depth": "mean depth of the bin's bases (primary, non-duplicate reads, MAPQ >= "
        "calling.min_mapq, mates counted once)",
    },
)

GENE_DEPTH = Contract(
    "gene_depth",
    1,
    "How well the depth of one person's reads shows lost and gained exons, one row a gene",
    {
        "gene": pl.String,
        "transcript": pl.String,
        "chrom": CHROM,
        "exons": pl.Int32,
        "seen": pl.Int32,
        "bases": pl.Int32,
        "state": pl.String,
        "people": pl.Int32,
        "noise": pl.Float64,
    },
    ("gene", "transcript"),
    {
        "gene": "HGNC symbol",
        "transcript": "MANE Select transcript whose coding exons are asked for",
        "exons": "coding exons of the transcript",
        "seen": "those of which one copy lost, with what lies beside within `bases`, is seen in "
        "95 of 100; null where nothing can be said",
        "bases": "smallest loss of one copy that is seen in 95 of 100 wherever it lies over an "
        "exon counted in `seen`; null where none is",
        "state": "assessable, few_people (too few others to compare with), noisy, sex_unknown or "
        "not_measured (outside the regions, or nothing maps there in anybody)",
        "people": "people of the run the depth was compared with",
        "noise": "standard deviation of the copies of a usable bin about two, median of the exons",
    },
)
