"""Input functions and names of interpretation.smk. Defines no rule."""

fetch("shirube.interpret.person")

from shirube.interpret.person import person

CURATED = (
    "acmg_criteria",
    "ba1_exceptions",
    "cancer_genes",
    "chip_genes",
    "civic_levels",
    "critical_regions",
    "driver_events",
    "enhancer_loci",
    "escat_tiers",
    "hereditary_cancer_genes",
    "japan_evidence_levels",
    "oncogenicity_criteria",
    "rearranged_genes",
    "secondary_findings",
)
CRITERIA = {"specifications": "clingen"} | config.get("criteria", {})
SPECIFICATIONS = [path] if (path := CRITERIA["specifications"]) else []
if SPECIFICATIONS == ["clingen"]:
    SPECIFICATIONS = resource_tables("clingen_specifications")
# A hospital's own list of drugs approved in Japan stands in place of ours.
OWN_APPROVALS = CRITERIA.get("approvals")
APPROVALS = OWN_APPROVALS or resource_tables("japan_approvals")[0]
MISSENSE_PREDICTOR = CRITERIA.get("missense_predictor") or next(
    (name for name in ("revel", "alphamissense", "cadd") if name in KNOWLEDGE), None
)
PATIENT_TABLES = {
    "calls": ("normal", "<results>/germline/{name}.parquet"),
    "somatic": ("tumour", "<results>/somatic/{patient}.parquet"),
    "loh": ("both", "<results>/loh/{patient}.parquet"),
    "structural": ("events", "<results>/sv/{patient}.parquet"),
    "copy_number": ("copies", "<results>/cnv/{patient}.parquet"),
    "markers": ("tumour", "<results>/markers/{patient}.parquet"),
    "repeats": ("rare_reads", "<results>/repeats/{name}.parquet"),
    "gene_copies": ("rare_reads", "<results>/gene_copies/{name}.parquet"),
}


def is_rare(patient):
    """Whether a person is affected by a rare disease: only then loci of such are measured."""
    row = PATIENT[patient]
    tumour = only_sample(patient, "tumour")
    return person(row, None, tumour).programme == "rare" and row["affected"] != "no"


def patient_table(table):
    """Input function: one of PATIENT_TABLES where the patient has the samples for it, else []."""
    needs, path = PATIENT_TABLES[table]

    def found(wildcards):
        names = {kind: only_sample(wildcards.patient, kind) for kind in ("normal", "tumour")}
        reads = [name for name in names.values() if name and alignments_of(name)]
        has = {
            "normal": names["normal"],
            "tumour": names["tumour"],
            "both": len(reads) == 2,
            "events": has_structural(wildcards.patient),
            "copies": len(reads) == 2
            or bool(given_copies(wildcards.patient) or lone_tumour(wildcards.patient)),
            "rare_reads": names["normal"] in reads and is_rare(wildcards.patient),
        }[needs]
        return path.format(name=names["normal"], patient=wildcards.patient) if has else []

    return found


def phasing_reads(wildcards):
    """Input function: reads of the normal sample of a rare-disease patient, as the sheet has them."""
    name = only_sample(wildcards.patient, "normal")
    return alignments_of(name) if name and is_rare(wildcards.patient) else []


def phasing_name(patient):
    """Name of a patient's normal sample inside its file."""
    name = only_sample(patient, "normal")
    return SAMPLE[name]["sample_in_file"] or name if name else None


def parent_events(role):
    """Input function: structural events of a parent whose reads or events were given, else []."""

    def found(wildcards):
        name = parent_sample(wildcards.patient, role)
        parent = PATIENT[wildcards.patient][role]
        if not name or not has_structural(parent):
            return []
        return f"<results>/sv/{parent}.parquet"

    return found


CHILDREN = dict(
    ((father, mother), names)
    for father, mother, names in patients.group_by("father", "mother", maintain_order=True)
    .agg("patient")
    .iter_rows()
)


def pedigree_members(patient):
    """Sequenced parents and full siblings of a patient: role, patient and normal sample of each."""
    row = PATIENT[patient]
    found = [(role, row[role]) for role in ("father", "mother") if row[role] in PATIENT]
    if row["father"] and row["mother"]:
        couple = CHILDREN[row["father"], row["mother"]]
        found += [("sibling", name) for name in couple if name != patient]
    return [
        {"role": role, "patient": name, "sample": only_sample(name, "normal")}
        for role, name in found
        if only_sample(name, "normal")
    ]


def pedigree_files(file_of):
    """Input function: a file of the normal sample of every member of `pedigree_members`."""
    return lambda wildcards: [
        file_of(member["sample"])
        for member in pedigree_members(wildcards.patient)
        if file_of(member["sample"])
    ]


def family_checks(path):
    """Input function: a product of check_pedigree, for rare-disease patients with a normal."""

    def found(wildcards):
        rare = PATIENT[wildcards.patient]["programme"] == "rare"
        needed = only_sample(wildcards.patient, "normal") and (rare or sequenced_parents(wildcards))
        return path.format(patient=wildcards.patient) if needed else []

    return found


def kin_of(patient):
    """Sequenced relatives of a rare-disease patient who are not the parents, sorted."""
    own = {patient, PATIENT[patient]["father"], PATIENT[patient]["mother"]}
    if not is_rare(patient):
        return []
    return [name for name in family_of(patient) if name not in own and only_sample(name, "normal")]


def kin_files(file_of):
    """Input function: a file of the normal sample of each of `kin_of`, [] where it has none."""
    return lambda wildcards: [
        file for name in kin_of(wildcards.patient) if (file := file_of(only_sample(name, "normal")))
    ]
