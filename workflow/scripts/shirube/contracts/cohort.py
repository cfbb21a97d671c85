"""Tables of the private cohort store; none of them leaves it."""

import polars as pl

from shirube.contracts.table import ALLELE, ALLELE_COLUMNS, CHROM, Contract

GENOTYPES = Contract(
    "genotypes",
    1,
    "Alleles one person carries in genotypes that pass the genotype rule",
    {**ALLELE_COLUMNS, "ac": pl.Int8, "ploidy": pl.Int8},
    ALLELE,
    {
        "ac": "copies the person carries, 1 or 2",
        "ploidy": "copies of the position the person has: 1 (non-PAR X and Y of XY, M) or 2",
    },
)

CALLABLE = Contract(
    "callable",
    1,
    "Where one person's genotype passes the genotype rule, merged",
    {"chrom": CHROM, "start": pl.Int32, "end": pl.Int32},
    ("chrom", "start"),
    {"start": "first base", "end": "end"},
)

COUNTS = Contract(
    "counts",
    1,
    "Alleles of one stratum and chromosome with the people who carry them",
    {**ALLELE_COLUMNS, "ac": pl.Int32, "het": pl.Int32, "hom": pl.Int32, "hemi": pl.Int32},
    ALLELE,
    {
        "ac": "copies",
        "het": "people with one copy of two",
        "hom": "people with two copies",
        "hemi": "people with one copy of one",
    },
)

STRATUM_COUNTS = Contract(
    "stratum_counts",
    1,
    "Alleles of a joint file counted by disjoint stratum",
    {
        **ALLELE_COLUMNS,
        "stratum": pl.String,
        **dict.fromkeys(("ac", "an", "nhomalt", "nhemi", "diploid"), pl.Int32),
    },
    (*ALLELE, "stratum"),
    {
        "stratum": "disjoint stratum as the sheet names it",
        "ac": "copies in genotypes that pass the genotype rule",
        "an": "chromosomes with such a genotype",
        "nhomalt": "people homozygous for the allele",
        "nhemi": "people hemizygous for it",
        "diploid": "people with two copies of the position and such a genotype",
    },
)

STRUCTURAL_COUNTS = Contract(
    "structural_counts",
    1,
    "Structural alleles of a joint file counted by disjoint stratum",
    {
        "record": pl.Int32,
        "allele": pl.Int32,
        "stratum": pl.String,
        "chrom": CHROM,
        "pos": pl.Int32,
        "end": pl.Int32,
        "id": pl.String,
        "svtype": pl.String,
        "svlen": pl.Int32,
        "mate": pl.String,
        "ref": pl.String,
        "alt": pl.String,
        "filter": pl.String,
        **dict.fromkeys(("ac", "an", "nhomalt", "nhemi", "people"), pl.Int32),
        "cn": pl.List(pl.Int32),
    },
    ("record", "allele", "stratum"),
    {
        "record": "number of the record among the file's structural ones, from 0",
        "allele": "number of the ALT in its record, from 1",
        "stratum": "disjoint stratum as the sheet names it",
        "pos": "POS of the record, 1-based",
        "end": "INFO END, 1-based; null where the record has none",
        "id": "ID of the record",
        "svtype": "INFO SVTYPE",
        "svlen": "INFO SVLEN of the allele",
        "mate": "INFO MATEID of a breakend",
        "ref": "REF",
        "alt": "ALT: symbolic, a breakend, or bases",
        "filter": "FILTER",
        "ac": "copies in known genotypes",
        "an": "chromosomes with a known genotype",
        "nhomalt": "people homozygous for the allele",
        "nhemi": "people hemizygous for it",
        "people": "people with a known genotype",
        "cn": "people by called copy number (FORMAT CN), from 0; null where none is called",
    },
)

EVENTS = Contract(
    "events",
    2,
    "Structural alleles that one person's files say something of: carried, absent or unknown",
    {
        "svtype": pl.String,
        "chrom": CHROM,
        "pos": pl.Int32,
        "chrom2": CHROM,
        "pos2": pl.Int32,
        "length": pl.Int32,
        "alt": pl.String,
        "source": pl.String,
        "number": pl.Int64,
        "ac": pl.Int8,
        "cn": pl.Int8,
    },
    ("chrom", "pos", "chrom2", "pos2", "svtype", "alt", "length", "source", "number"),
    {
        "svtype": "DEL DUP INS INV BND CNV ...",
        "pos": "POS of the record, 1-based",
        "chrom2": "chromosome of the other end",
        "pos2": "the other end, 1-based; pos for an insertion",
        "length": "bases deleted, doubled, turned, inserted; null where unknown",
        "alt": "ALT: symbolic or a breakend; `<SVTYPE>` for one of bases",
        "source": "digest of a file of several columns; empty for a file of this person alone",
        "number": "number of the ALT among those of such a file, from 0; 0 elsewhere",
        "ac": "copies; null where the genotype is unknown",
        "cn": "called copy number (FORMAT CN)",
    },
)

LOCI = Contract(
    "loci",
    1,
    "Alleles of one person at loci that are typed as a whole: repeats, mitochondrial alleles",
    {
        "kind": pl.String,
        "chrom": CHROM,
        "start": pl.Int32,
        "locus": pl.String,
        "gene": pl.String,
        "allele": pl.String,
        "ac": pl.Int8,
        "ploidy": pl.Int8,
        "fraction": pl.Float64,
    },
    ("kind", "chrom", "start", "locus", "allele"),
    {
        "kind": "repeat or mitochondrial",
        "start": "first base of the locus",
        "locus": "STRchive id; `chrM:pos` (1-based) of a mitochondrial allele",
        "gene": "HGNC symbol; null where there is none",
        "allele": "copies of the motif (`>=n`: n or more); `ref>alt` of a mitochondrial allele",
        "ac": "copies the person carries; 1 of a mitochondrial allele",
        "ploidy": "copies of the locus the person has; 1 on chrM",
        "fraction": "fraction of chrM with the allele; null elsewhere",
    },
)
