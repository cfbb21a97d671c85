"""From aligned reads to per-patient reports and cohort allele frequencies."""
