"""Compiled loops of the cohort: text of gVCF and VCF, alignment of alleles, statistics."""
