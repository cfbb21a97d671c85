"""What was measured about each sample, and whether it may be reported."""
