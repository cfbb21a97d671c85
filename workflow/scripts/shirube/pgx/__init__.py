"""Pharmacogenomics: star alleles, phenotypes, recommendations."""
