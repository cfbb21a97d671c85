"""
Interpretation: what a patient's records mean, and the fate of every one of them.

Input   calls, somatic candidates, loss of heterozygosity and structural events of a patient;
        annotation, cohort frequency, clinical evidence and gene models; calls of the parents
Output  <results>/findings/{patient}.parquet    contract FINDINGS
        <results>/ledger/{patient}.parquet      contract LEDGER, records in == fates out
"""

FACTS = (
    "cancer_genes",
    "civic_levels",
    "hereditary_cancer_genes",
    "japan_approvals",
    "japan_evidence_levels",
    "secondary_findings",
)
PATIENT_TABLES = {
    "calls": ("normal", "<results>/germline/{name}.parquet"),
    "somatic": ("tumour", "<results>/somatic/{patient}.parquet"),
    "loh": ("both", "<results>/loh/{patient}.parquet"),
    "structural": ("reads", "<results>/sv/{patient}.parquet"),
}


def only_sample(patient, kind):
    """Name of a patient's sample of `kind`; None if there is none."""
    return next(iter(samples_of(patient, kind)), None)


def patient_table(table):
    """Input function: one of PATIENT_TABLES where the patient has the samples for it, else []."""
    needs, path = PATIENT_TABLES[table]

    def found(wildcards):
        names = {kind: only_sample(wildcards.patient, kind) for kind in ("normal", "tumour")}
        reads = [
            name
            for name in names.values()
            if name and row_of(samples, "sample", name)["path"].endswith((".bam", ".cram"))
        ]
        has = {
            "normal": names["normal"],
            "tumour": names["tumour"],
            "both": len(reads) == 2,
            "reads": bool(reads),
        }[needs]
        return path.format(name=names["normal"], patient=wildcards.patient) if has else []

    return found


def parent_sample(patient, role):
    """Name of the normal sample of a patient's father or mother; None if not sequenced."""
    parent = row_of(patients, "patient", patient)[role]
    return only_sample(parent, "normal") if parent in PATIENTS else None


def parent_file(role, path):
    """Input function: a file of a parent's normal sample, [] where there is none."""

    def found(wildcards):
        name = parent_sample(wildcards.patient, role)
        return path.format(sample=name) if name else []

    return found


def sequenced_parents(wildcards):
    """For each parent that was sequenced: name and whether affected."""
    row = row_of(patients, "patient", wildcards.patient)
    return {
        role: {
            "patient": row[role],
            "affected": row_of(patients, "patient", row[role])["affected"],
        }
        for role in ("father", "mother")
        if parent_sample(wildcards.patient, role)
    }


def configured(source):
    """A table of knowledge if the configuration makes it possible, else []."""
    return f"<results>/knowledge/{source}.parquet" if source in KNOWLEDGE else []


rule interpret_patient:
    """Judge every record of a patient: filtered, tiered or reported, with rule and reason."""
    input:
        calls=patient_table("calls"),
        somatic=patient_table("somatic"),
        loh=patient_table("loh"),
        structural=patient_table("structural"),
        father_calls=parent_file("father", "<results>/germline/{sample}.parquet"),
        father_gvcf=parent_file("father", "<results>/germline/{sample}.g.vcf.gz"),
        father_index=parent_file("father", "<results>/germline/{sample}.g.vcf.gz.tbi"),
        mother_calls=parent_file("mother", "<results>/germline/{sample}.parquet"),
        mother_gvcf=parent_file("mother", "<results>/germline/{sample}.g.vcf.gz"),
        mother_index=parent_file("mother", "<results>/germline/{sample}.g.vcf.gz.tbi"),
        annotation=collect("<results>/annotation/{chrom}.parquet", chrom=RUN_CHROMS),
        frequency="<results>/cohort/frequency",
        evidence=configured("clinical_evidence"),
        gene_models=configured("gene_models"),
        oncotree=configured("oncotree"),
        hotspots=configured("hotspots"),
        phenotype_terms=configured("phenotype_terms"),
        phenotype_genes=configured("phenotype_genes"),
        gene_diseases=configured("gene_diseases"),
        gene_dosage=configured("gene_dosage"),
        gene_constraint=configured("gene_constraint"),
        nando_genes=configured("nando_genes"),
        facts=[workflow.source_path(f"../../resources/{name}.tsv") for name in FACTS],
    output:
        findings="<results>/findings/{patient}.parquet",
        ledger="<results>/ledger/{patient}.parquet",
    log:
        "<logs>/interpret_patient/{patient}.log",
    benchmark:
        "<benchmarks>/interpret_patient/{patient}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(3000),
    params:
        row=lambda wildcards: row_of(patients, "patient", wildcards.patient),
        names=lambda wildcards: {
            kind: only_sample(wildcards.patient, kind) for kind in ("normal", "tumour")
        },
        parents=sequenced_parents,
        files=["calls", "somatic", "loh", "structural", "frequency"],
        chroms=RUN_CHROMS,
        aliases=ALIASES,
        code=code_of("interpret_patient.py"),
    script:
        "../scripts/interpret_patient.py"
