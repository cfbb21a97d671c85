"""Loci read one by one: short tandem repeats, SMN1 and SMN2."""
