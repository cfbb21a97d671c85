"""Rare disease: inheritance, phenotype match, ranking."""
