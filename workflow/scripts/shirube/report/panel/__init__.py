"""The panel sheet: what an expert panel needs of one patient, on one page and as a table."""
