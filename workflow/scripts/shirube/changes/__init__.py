"""What a molecule carries: one allele, or several that act as one."""
