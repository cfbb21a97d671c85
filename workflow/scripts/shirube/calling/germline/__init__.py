"""Germline small variants: engines, gVCF, genotypes, callable intervals, chrM."""
