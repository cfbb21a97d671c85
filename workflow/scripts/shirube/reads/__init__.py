"""Reading alignments: the only part of the package that imports pysam."""
