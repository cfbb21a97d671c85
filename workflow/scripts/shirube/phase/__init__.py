"""Which alleles of a person lie on one molecule, and what says so."""
