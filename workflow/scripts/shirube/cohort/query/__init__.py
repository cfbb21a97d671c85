"""Questions to a cohort: an allele, a region, a sub-cohort."""
