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

STRUCTURAL_FREQUENCY = Contract(
    "structural_frequency",
    2,
    "Frequencies of structural variants in the cohort, one row a variant and group of people",
    {
        "chrom": pl.String,
        "pos": pl.Int32,
        "name": pl.String,
        "stratum": pl.String,
        "svtype": pl.String,
        "chrom2": pl.String,
        "pos2": pl.Int32,
        "length": pl.Int32,
        "alt": pl.String,
        "people": pl.Int32,
        "ac": pl.Int32,
        "an": pl.Int32,
        "af": pl.Float64,
        "nhomalt": pl.Int32,
        "nhemi": pl.Int32,
        "faf95": pl.Float64,
        "hwe_p": pl.Float64,
        "copy_numbers": pl.List(pl.Int32),
    },
    ("chrom", "pos", "name", "stratum"),
    {
        "pos": "POS of the variant, 1-based, as most of its carriers have it",
        "name": "type, places and length; unique in the release",
        "stratum": "as in the table of frequencies",
        "svtype": "DEL DUP INS INV BND CNV ...",
        "chrom2": "chromosome of the other end",
        "pos2": "the other end, 1-based; pos for an insertion",
        "length": "bases deleted, doubled, turned, inserted; null where unknown",
        "alt": "symbolic ALT or breakend",
        "people": "people with a genotype, or searched and callable at both ends",
        "ac": "copies in known genotypes",
        "an": "chromosomes of these people",
        "af": "ac / an; null where an = 0",
        "nhomalt": "people homozygous for the variant",
        "nhemi": "people hemizygous for it",
        "faf95": "filtering allele frequency: lower 95% Poisson bound of af",
        "hwe_p": "exact Hardy-Weinberg p among people with two copies",
        "copy_numbers": "people by called copy number, from 0; null where none is called",
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
