"""Input functions of phase.smk, and of what later stages ask of a patient. Defines no rule."""


def parent_sample(patient, role):
    """Name of the normal sample of a patient's father or mother; None if not sequenced."""
    parent = PATIENT[patient][role]
    return only_sample(parent, "normal") if parent in PATIENT else None


def known_file(sample):
    """What says where a sample is reference: its gVCF, or callable intervals where it has none."""
    form = form_of(SAMPLE[sample]["path"])
    return f"<results>/callable/{sample}.bed.gz" if form == "vcf" else gvcf_of(sample)


def index_of(sample):
    """Index of what `known_file` gives, if it has one."""
    known = known_file(sample)
    return f"{known}.tbi" if known.endswith(".g.vcf.gz") else []


def parent_file(role, file_of):
    """Input function: a file of a parent's normal sample, [] where there is none."""

    def found(wildcards):
        name = parent_sample(wildcards.patient, role)
        return file_of(name) if name else []

    return found


def sequenced_parents(wildcards):
    """For each parent that was sequenced: name and whether affected."""
    row = PATIENT[wildcards.patient]
    return {
        role: {
            "patient": row[role],
            "affected": PATIENT[row[role]]["affected"],
        }
        for role in ("father", "mother")
        if parent_sample(wildcards.patient, role)
    }


def persons_somatic(wildcards):
    """Somatic candidates of a patient with a tumour, else []."""
    has = samples_of(wildcards.patient, "tumour")
    return f"<results>/somatic/{wildcards.patient}.parquet" if has else []


def persons_germline(wildcards):
    """Calls of a patient's normal sample, else []."""
    name = only_sample(wildcards.patient, "normal")
    return calls_of(name) if name else []


def names_in_files(wildcards):
    """Name of a patient's normal and tumour inside its file, by kind."""
    names = {kind: only_sample(wildcards.patient, kind) for kind in ("normal", "tumour")}
    return {
        kind: SAMPLE[name]["sample_in_file"] or name if name else None
        for kind, name in names.items()
    }
