"""Input functions and names of report.smk. Defines no rule."""

fetch("shirube.report.identity")

from shirube.report.identity import read_identity

_schema = workflow.source_path("../schemas/report.schema.json")


def _facts(name):
    """A table of resources/, every value as text."""
    path = workflow.source_path(f"../../resources/{name}.tsv")
    return pl.read_csv(path, separator="\t", infer_schema=False)


_introns = _facts("fusion_introns")
FUSION_INTRONS = {
    gene: [int(n) for n in numbers.split(",")]
    for gene, numbers in _introns.select("gene", "introns").iter_rows()
}


PHARMACOGENETIC_TESTS = _facts("pharmacogenetic_tests").rows(named=True)
# What the hospital says of people and specimens: a parameter of each report, so that a changed
# entry makes that one anew.
_identity = config["report"].get("identity")
IDENTITY = read_identity(_identity, {p: set(samples_of(p)) for p in PATIENT}) if _identity else {}
TRIALS = config["report"]["trials"]
TRIAL_FILES = [export["path"] for export in TRIALS["exports"]]
TRIAL_WORDS = [_facts(name).rows(named=True) for name in ("trial_words", "doid_oncotree")]
EVIDENCE_BASES = _facts("evidence_basis").rows(named=True)
CONFIRMATION_TESTS = _facts("confirmation_tests").rows(named=True)


def markers_of(wildcards):
    """Markers of a patient with a tumour, else []."""
    has = samples_of(wildcards.patient, "tumour")
    return f"<results>/markers/{wildcards.patient}.parquet" if has else []


def pedigree_of(wildcards):
    """Checks of a person's identity, where there is a normal sample to check."""
    checked = samples_of(wildcards.patient, "normal")
    return f"<results>/pedigree/{wildcards.patient}.parquet" if checked else []


def homozygosity_of(wildcards):
    """Runs of homozygosity of a person with a normal sample, else []."""
    checked = samples_of(wildcards.patient, "normal")
    return f"<results>/homozygosity/{wildcards.patient}.parquet" if checked else []


def sign_off_of(wildcards):
    """What people decided about a patient's report, if anything."""
    register = config["report"].get("sign_off")
    path = Path(register or "") / f"{wildcards.patient}.json"
    return given(str(path)) if register and path.exists() else []


def targets_of(patient):
    """Tables of what is looked for: in cancer, where there is evidence to look by."""
    cancer = PATIENT[patient]["programme"] == "cancer"
    return collect("<results>/targets/{s}.parquet", s=samples_of(patient) if cancer else [])


def both_with_reads(patient):
    """The tumour and the normal sample of a patient who has reads of both, else nothing."""
    names = [only_sample(patient, kind) for kind in ("tumour", "normal")]
    return names if all(name and alignments_of(name) for name in names) else []


def gene_depth_of(wildcards):
    """GENE_DEPTH of a patient whose structural variants are known, else []."""
    known = has_structural(wildcards.patient)
    return f"<results>/gene_depth/{wildcards.patient}.parquet" if known else []


PHARMACOGENOMICS = config["pharmacogenomics"].get("path")
if PHARMACOGENOMICS and not files_of(PHARMACOGENOMICS):
    raise WorkflowError(f"pharmacogenomics/path: {PHARMACOGENOMICS}: no PharmCAT data in it")
