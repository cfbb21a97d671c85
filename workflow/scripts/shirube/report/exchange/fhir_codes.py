"""Codes of the Genomics Reporting guide (HL7 FHIR R4, v2.0.0) that reports use.

Sources: hl7.org/fhir/uv/genomics-reporting/STU2 and loinc.org.
"""

GUIDE = "http://hl7.org/fhir/uv/genomics-reporting"
TBD = f"{GUIDE}/CodeSystem/tbd-codes-cs"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
SEQUENCE_ONTOLOGY = "http://www.sequenceontology.org"
V2_0074 = "http://terminology.hl7.org/CodeSystem/v2-0074"
NAMES = {
    "51969-4": "Genetic analysis report",
    "69548-6": "Genetic variant assessment",
    "53041-0": "DNA region of interest panel",
    "48018-6": "Gene studied [ID]",
    "81290-9": "Genomic DNA change (gHGVS)",
    "48004-6": "DNA change (c.HGVS)",
    "48005-3": "Amino acid change (pHGVS)",
    "51958-7": "Transcript reference sequence [ID]",
    "62374-4": "Human reference sequence assembly version",
    "48000-4": "Chromosome [Identifier] in Blood or Tissue by Molecular genetics method",
    "92822-6": "Genomic coordinate system [Type]",
    "81252-9": "Discrete genetic variant",
    "84413-4": "Genotype display name",
    "84414-2": "Haplotype name",
    "81254-5": "Genomic allele start-end",
    "69547-8": "Genomic ref allele [ID]",
    "69551-0": "Genomic alt allele [ID]",
    "48002-0": "Genomic source class [Type]",
    "53034-5": "Allelic state",
    "81258-6": "Sample variant allelic frequency [NFr]",
    "82121-5": "Allelic read depth",
    "82155-3": "Genomic structural variant copy number",
    "51963-7": "Medication assessed [ID]",
    "93044-6": "Level of evidence",
    "81259-4": "Associated phenotype",
    "53037-8": "Genetic variation clinical significance [Imp]",
    "81695-9": "Microsatellite instability [Interpretation] in Cancer specimen Qualitative",
    "94076-7": "Mutations/Megabase [# Ratio] in Tumor",
    "81293-3": "Description of ranges of DNA sequences examined",
}
ORIGIN = {"germline": ("LA6683-2", "Germline"), "somatic": ("LA6684-0", "Somatic")}
ALLELIC_STATE = {
    "heterozygous": ("LA6706-1", "Heterozygous"),
    "homozygous": ("LA6705-3", "Homozygous"),
    "hemizygous": ("LA6707-9", "Hemizygous"),
    "heteroplasmic": ("LA6703-8", "Heteroplasmic"),
    "homoplasmic": ("LA6704-6", "Homoplasmic"),
}
ACMG = {
    "Pathogenic": "LA6668-3",
    "Likely pathogenic": "LA26332-9",
    "Uncertain significance": "LA26333-7",
    "Likely benign": "LA26334-5",
    "Benign": "LA6675-8",
}
SIGNIFICANCE = {
    "approved_japan": ("LA6677-4", "Responsive"),
    "sensitivity": ("LA6677-4", "Responsive"),
    "resistance": ("LA6676-6", "Resistant"),
    "other": (None, "Other"),
}
INTERPRETATION = (
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
    "NEG",
    "Negative",
)
NOT_PERFORMED = (
    "http://terminology.hl7.org/CodeSystem/data-absent-reason",
    "not-performed",
    "Not Performed",
)
COORDINATES = ("LA30102-0", "1-based character counting")
CLINVAR = "http://www.ncbi.nlm.nih.gov/clinvar"
NO_ANSWER = ("http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown", "Unknown")
