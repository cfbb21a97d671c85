"""From reads to calls: germline, somatic, structural, copy number."""
