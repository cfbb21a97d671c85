"""From the tables of one patient to findings and the fate of every record."""
