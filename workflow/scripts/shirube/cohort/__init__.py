"""Cohort allele frequencies: ingest, additive state, release, query."""
