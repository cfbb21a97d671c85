"""What stages ask of the sheets: samples, their files and their people. Defines no rule."""

from shirube.sheet import form_of, names_pattern, rows_by

# Looked up many times a job.
PATIENT = rows_by(patients, "patient", config["patients"])
SAMPLE = rows_by(samples, "sample", config["samples"])
OWNED = dict(samples.group_by("patient", maintain_order=True).agg("sample").iter_rows())
# A parent who was not sequenced is on the sheet to say who is whose sibling.
PATIENTS, SAMPLES = [name for name in PATIENT if name in OWNED], list(SAMPLE)
# A file the user names is where the sheet says, whatever prefix a `module:` gives to results.
given = local
FAI = given(f"{REFERENCE}.fai")
REGIONS_FILE = given(config["regions"]) if config.get("regions") else []


def sample_value(column):
    """Input function: `column` of the sample sheet for {sample}."""
    return lambda wildcards: SAMPLE[wildcards.sample][column]


def sample_file(wildcards):
    """Input function: the file of {sample}."""
    return given(SAMPLE[wildcards.sample]["path"])


def samples_of(patient, kind=None):
    """Names of a patient's samples, in the sheet's order; of one `kind` if given."""
    return [name for name in OWNED.get(patient, []) if kind in (None, SAMPLE[name]["kind"])]


def only_sample(patient, kind):
    """Name of a patient's sample of `kind`; None if there is none."""
    return next(iter(samples_of(patient, kind)), None)


def samples_as(form, kind="normal"):
    """Names of the samples of `kind` that come as `form`, as a wildcard constraint."""
    return names_pattern(
        name for name, row in SAMPLE.items() if row["kind"] == kind and form_of(row["path"]) == form
    )


def sex_of(wildcards):
    """Sex of the person {sample} is of."""
    patient = sample_value("patient")(wildcards)
    return PATIENT[patient]["sex"]


def name_in_file(wildcards):
    """Name of {sample} inside its file."""
    return sample_value("sample_in_file")(wildcards) or wildcards.sample


def alignments_of(sample):
    """Aligned reads of a sample as a list, empty where the sheet gives none."""
    path = SAMPLE[sample]["path"]
    return [given(path)] if form_of(path) == "reads" else []


def reads_of(kind):
    """Input function: the reads of a patient's sample of `kind`; [] where there are none."""

    def found(wildcards):
        name = only_sample(wildcards.patient, kind)
        return alignments_of(name)[0] if name and alignments_of(name) else []

    return found


def gvcf_of(sample):
    """gVCF of a sample."""
    return f"<results>/germline/{sample}.g.vcf.gz"


def calls_of(sample):
    """CALLS of a sample."""
    return f"<results>/germline/{sample}.parquet"


def configured(source):
    """A table of knowledge if the configuration makes it possible, else []."""
    return f"<results>/knowledge/{source}.parquet" if source in KNOWLEDGE else []


def family_of(patient):
    """Names of everyone in the sheet who is tied to a patient by parents and children, sorted."""
    found, left = set(), [patient]
    while left:
        name = left.pop()
        if name in found or name not in PATIENT:
            continue
        found.add(name)
        left += [parent for role in ("father", "mother") if (parent := PATIENT[name][role])]
        left += OFFSPRING.get(name, [])
    return sorted(found)


OFFSPRING = {}
for _name, _row in PATIENT.items():
    for _role in ("father", "mother"):
        if _row[_role]:
            OFFSPRING.setdefault(_row[_role], []).append(_name)
