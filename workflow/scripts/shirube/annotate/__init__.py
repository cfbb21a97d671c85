"""Naming and placing alleles: gene models, consequences, HGVS, the join with knowledge."""
