"""
Interpretation: what a patient's records mean, and the fate of every one of them.

Input   calls, somatic candidates, loss of heterozygosity and structural events of a patient;
        annotation, cohort frequency, clinical evidence and gene models; calls of the parents
Output  <results>/pedigree/{patient}.parquet    contract PEDIGREE
        <results>/homozygosity/{patient}.parquet    contract HOMOZYGOSITY
        <results>/repeats/{sample}.parquet      contract REPEATS
        <results>/gene_copies/{sample}.parquet  contract GENE_COPIES
        <results>/findings/{patient}.parquet    contract FINDINGS
        <results>/ledger/{patient}.parquet      contract LEDGER, records in == fates out
        <results>/withheld/{patient}.parquet    contract WITHHELD, filtered hotspots
        <results>/asked/{patient}.json          what was asked, for `shirube reinterpret`
"""


rule check_pedigree:
    """Compare a person's reads with the sex and the relatives the sheet declares."""
    input:
        calls=lambda w: calls_of(only_sample(w.patient, "normal")),
        known=lambda w: known_file(only_sample(w.patient, "normal")),
        index=lambda w: index_of(only_sample(w.patient, "normal")),
        relative_calls=pedigree_files(calls_of),
        relative_known=pedigree_files(known_file),
        relative_index=pedigree_files(index_of),
    output:
        pedigree="<results>/pedigree/{patient}.parquet",
        homozygosity="<results>/homozygosity/{patient}.parquet",
    log:
        "<logs>/check_pedigree/{patient}.log",
    benchmark:
        "<benchmarks>/check_pedigree/{patient}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1500),
        runtime=minutes(30, 20, ("known", "relative_known")),
    params:
        row=lambda wildcards: PATIENT[wildcards.patient],
        sample=lambda wildcards: only_sample(wildcards.patient, "normal"),
        relatives=lambda wildcards: [
            {key: member[key] for key in ("role", "patient")}
            for member in pedigree_members(wildcards.patient)
        ],
        par=PSEUDO_AUTOSOMAL.get("chrX", []),
        aliases=ALIASES,
        code=code_of("check_pedigree.py"),
    script:
        "../scripts/check_pedigree.py"


rule measure_loci:
    """Lengths of disease repeats and copies of SMN1, where a rare disease is looked for."""
    input:
        reads=lambda w: alignments_of(w.sample),
        fasta=REFERENCE,
        fai=FAI,
        repeat_loci=configured("repeat_loci"),
        gene_models=configured("gene_models"),
    output:
        repeats="<results>/repeats/{sample}.parquet",
        gene_copies="<results>/gene_copies/{sample}.parquet",
    log:
        "<logs>/measure_loci/{sample}.log",
    benchmark:
        "<benchmarks>/measure_loci/{sample}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1500),
    params:
        sex=lambda w: PATIENT[SAMPLE[w.sample]["patient"]]["sex"],
        regions=[(r.contig, r.start, r.end) for r in REGIONS],
        engine=config["engines"].get("repeats", "embedded"),
        aliases=ALIASES,
        code=code_of("measure_loci.py"),
    script:
        "../scripts/measure_loci.py"


rule interpret_patient:
    """Judge every record of a patient: filtered, tiered or reported, with rule and reason."""
    input:
        calls=patient_table("calls"),
        somatic=patient_table("somatic"),
        loh=patient_table("loh"),
        structural=patient_table("structural"),
        copy_number=patient_table("copy_number"),
        markers=patient_table("markers"),
        repeats=patient_table("repeats"),
        gene_copies=patient_table("gene_copies"),
        father_calls=parent_file("father", calls_of),
        father_known=parent_file("father", known_file),
        father_index=parent_file("father", index_of),
        father_events=parent_events("father"),
        mother_calls=parent_file("mother", calls_of),
        mother_known=parent_file("mother", known_file),
        mother_index=parent_file("mother", index_of),
        mother_events=parent_events("mother"),
        kin_calls=kin_files(calls_of),
        kin_known=kin_files(known_file),
        kin_index=kin_files(index_of),
        pedigree=family_checks("<results>/pedigree/{patient}.parquet"),
        homozygosity=family_checks("<results>/homozygosity/{patient}.parquet"),
        reads=phasing_reads,
        annotation=collect("<results>/annotation/{chrom}.parquet", chrom=RUN_CHROMS),
        phased="<results>/phase/{patient}.parquet",
        changes="<results>/changes/{patient}.parquet",
        frequency="<results>/cohort/frequency",
        knowledge=[table for name in INTERPRETED for table in [configured(name)] if table],
        fasta=REFERENCE,
        fai=FAI,
    output:
        findings="<results>/findings/{patient}.parquet",
        ledger="<results>/ledger/{patient}.parquet",
        withheld="<results>/withheld/{patient}.parquet",
        asked="<results>/asked/{patient}.json",
    log:
        "<logs>/interpret_patient/{patient}.log",
    benchmark:
        "<benchmarks>/interpret_patient/{patient}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling_of("interpret_patient", ("calls", "somatic", "annotation")),
        runtime=minutes(20, 60, ("calls", "somatic", "annotation")),
    params:
        row=lambda wildcards: PATIENT[wildcards.patient],
        names=lambda wildcards: {
            kind: only_sample(wildcards.patient, kind) for kind in ("normal", "tumour")
        },
        parents=sequenced_parents,
        name_in_file=lambda w: phasing_name(w.patient),
        kin=lambda wildcards: kin_of(wildcards.patient),
        people=lambda wildcards: [PATIENT[name] for name in family_of(wildcards.patient)],
        par=PSEUDO_AUTOSOMAL,
        specifications=lambda wildcards, input: SPECIFICATIONS,
        specifications_content=content_of(*SPECIFICATIONS),
        predictor=MISSENSE_PREDICTOR,
        files=[*PATIENT_TABLES, "frequency", "phased", "changes"],
        chroms=RUN_CHROMS,
        aliases=ALIASES,
        curated=lambda wildcards, input: [*resource_tables(*CURATED), APPROVALS],
        curated_content=content_of(*resource_tables(*CURATED), APPROVALS),
        code=code_of("interpret_patient.py"),
    script:
        "../scripts/interpret_patient.py"
