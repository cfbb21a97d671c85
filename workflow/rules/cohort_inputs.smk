"""Who may be counted, and the files of a batch of them. Defines no rule."""

COUNTED = [
    row["sample"]
    for row in samples.join(patients, on="patient").iter_rows(named=True)
    if row["kind"] == "normal" and row["consent_cohort"] == "yes"
]
VCF_COUNTED = [sample for sample in COUNTED if form_of(SAMPLE[sample]["path"]) == "vcf"]
_VCF_COUNTED = set(VCF_COUNTED)
BATCHES = batches(COUNTED, config["cohort"]["batch"])


def read_of(form, path):
    """Input function: `path` of each sample of {batch} that comes as `form` (vcf, or gvcf)."""

    def found(wildcards):
        own = [s for s in BATCHES[wildcards.batch] if (s in _VCF_COUNTED) == (form == "vcf")]
        return collect(path, sample=own)

    return found
