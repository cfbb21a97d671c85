"""Allele frequencies of the cohort and who is counted in them."""

import polars as pl

from shirube.contracts.table import ALLELE, ALLELE_COLUMNS, Contract

FREQUENCY = Contract(
    "frequency",
    2,
    "Allele frequencies of the cohort, one row an allele and group of people",
    {
        **ALLELE_COLUMNS,
        "chrom": pl.String,  # text: every Parquet reader opens the folder as one table
        "stratum": pl.String,
        "ac": pl.Int32,
        "an": pl.Int32,
        "af": pl.Float64,
        "nhomalt": pl.Int32,
        "nhemi": pl.Int32,
        "faf95": pl.Float64,
        "hwe_p": pl.Float64,
    },
    (*ALLELE, "stratum"),
    {
        "stratum": "`all`, or the stratum as column=value pairs joined by ,",
        "ac": "copies of the allele in genotypes that pass the genotype rule",
        "an": "chromosomes callable at the position",
        "af": "ac / an; null where an = 0",
        "nhomalt": "people homozygous for the allele",
        "nhemi": "people hemizygous for it (one copy, haploid genotype)",
        "faf95": "filtering allele frequency: lower 95% Poisson bound of af",
        "hwe_p": "exact Hardy-Weinberg p among diploid genotypes; null where undefined",
    },
)

CALLABILITY = Contract(
    "callability",
    1,
    "How many people of the cohort could have been seen at every position, released or not",
    {
        "chrom": pl.String,
        "start": pl.Int32,
        "end": pl.Int32,
        "stratum": pl.String,
        "people": pl.Int32,
        "an": pl.Int32,
    },
    ("chrom", "start", "stratum"),
    {
        "start": "first base of a stretch whose values are the same throughout",
        "end": "its end",
        "stratum": "as in the table of frequencies",
        "people": "people callable there; where fewer than a release needs are, there is no row",
        "an": "their copies of the position",
    },
)

MEMBERS = Contract(
    "members",
    2,
    "Samples of the run and whether the cohort counts them; private",
    {
        "sample": pl.String,
        "patient": pl.String,
        "stratum": pl.String,
        "counted": pl.Boolean,
        "reason": pl.String,
        "released": pl.Boolean,
    },
    ("sample",),
    {
        "sample": "sample of the sheet",
        "patient": "the person",
        "stratum": "sex and the configured columns as column=value pairs joined by ,",
        "counted": "whether the cohort's state counts the sample now",
        "reason": "why it does not; null where it does",
        "released": "whether the release published beside counts it: releases come in batches",
    },
)
