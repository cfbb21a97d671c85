"""What is true of the genome itself: chromosomes, ploidy, regions, alleles, sequence."""
