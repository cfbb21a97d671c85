"""Depth and allele balance to copy number, purity and ploidy."""
