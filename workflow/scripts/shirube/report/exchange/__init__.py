"""The report for machines: FHIR, phenopacket."""
