"""Somatic small variants, loss of heterozygosity, markers of the tumour."""
