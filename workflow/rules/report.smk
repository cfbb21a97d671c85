"""
One report per patient: the model, then its renderings.

Input   <results>/findings/{patient}.parquet       contract FINDINGS
        <results>/ledger/{patient}.parquet         contract LEDGER
        <results>/withheld/{patient}.parquet       contract WITHHELD
        <results>/coverage/{sample}.parquet        contract COVERAGE, of the patient's samples
        <results>/quality/{sample}.parquet         contract QUALITY, of the same
        <results>/reads/{sample}.parquet           contract READS, of the same
        <results>/callable/{sample}.bed.gz         of the patient's samples
        <results>/cohort/members.parquet           contract MEMBERS: one genome, two people
        reads of the samples                       depth of what is looked for
        report/sign_off of the config              confirmations and signatures
        report/trials of the config                trials that recruit
        <results>/pedigree/{patient}.parquet       contract PEDIGREE
        <results>/homozygosity/{patient}.parquet   contract HOMOZYGOSITY
        <results>/repeats, gene_copies/{sample}.parquet    contracts REPEATS, GENE_COPIES
        <results>/markers/{patient}.parquet        contract MARKERS, of a tumour
        <results>/loh, cnv/{patient}.parquet       what is drawn
        <results>/sv, cnv/{patient}.parquet        which classes of change were looked for
        <results>/knowledge/{source}.parquet       metadata; evidence
Output  <results>/targets/{sample}.parquet         contract TARGETS
        <results>/reports/{patient}/report.json    schema workflow/schemas/report.schema.json
        <results>/reports/{patient}/report.{language}.html, .pdf
        <results>/reports/{patient}/panel.{language}.pdf, .csv
        <results>/reports/{patient}/report.fhir.json, report.phenopacket.json
"""


rule measure_targets:
    """Depth and callability of everything the report looks for, in one sample."""
    input:
        reads=lambda w: alignments_of(w.sample),
        callable="<results>/callable/{sample}.bed.gz",
        fasta=REFERENCE,
        fai=FAI,
        evidence=configured("clinical_evidence"),
        gene_models=configured("gene_models"),
    output:
        table="<results>/targets/{sample}.parquet",
    log:
        "<logs>/measure_targets/{sample}.log",
    benchmark:
        "<benchmarks>/measure_targets/{sample}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1500),
    params:
        regions=[(r.contig, r.start, r.end) for r in REGIONS],
        aliases=ALIASES,
        introns=FUSION_INTRONS,
        code=code_of("measure_targets.py"),
    script:
        "../scripts/measure_targets.py"


rule build_report:
    """Join everything known of one patient into the report model."""
    input:
        findings="<results>/findings/{patient}.parquet",
        ledger="<results>/ledger/{patient}.parquet",
        withheld="<results>/withheld/{patient}.parquet",
        coverage=lambda w: collect("<results>/coverage/{s}.parquet", s=samples_of(w.patient)),
        quality=lambda w: collect("<results>/quality/{s}.parquet", s=samples_of(w.patient)),
        comparison="<results>/comparison.parquet",
        members="<results>/cohort/members.parquet",
        targets=lambda w: targets_of(w.patient),
        callable=lambda w: collect("<results>/callable/{s}.bed.gz", s=samples_of(w.patient)),
        calls=lambda w: collect("<results>/germline/{s}.parquet", s=samples_of(w.patient, "normal")),
        knowledge=collect("<results>/knowledge/{source}.parquet", source=KNOWLEDGE),
        reads=lambda w: [p for s in samples_of(w.patient) for p in alignments_of(s)],
        fasta=REFERENCE,
        fai=FAI,
        cnv=patient_table("copy_number"),
        loh=patient_table("loh"),
        structural=patient_table("structural"),
        gene_depth=gene_depth_of,
        depth=lambda w: depths_of(both_with_reads(w.patient)),
        summaries=lambda w: collect("<results>/reads/{s}.parquet", s=samples_of(w.patient)),
        somatic=patient_table("somatic"),
        pedigree=pedigree_of,
        markers=markers_of,
        homozygosity=homozygosity_of,
        repeats=patient_table("repeats"),
        gene_copies=patient_table("gene_copies"),
        sign_off=sign_off_of,
        trials=[given(path) for path in TRIAL_FILES],
        outside=[given(path) for path in [config["pharmacogenomics"].get("outside_calls")] if path],
    output:
        json=ensure("<results>/reports/{patient}/report.json", non_empty=True),
    log:
        "<logs>/build_report/{patient}.log",
    benchmark:
        "<benchmarks>/build_report/{patient}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1000),
    params:
        patient=lambda w: PATIENT[w.patient],
        samples=lambda w: [SAMPLE[s] for s in samples_of(w.patient)],
        build=config["reference"]["build"],
        aliases=ALIASES,
        date=config["report"].get("date"),
        engines=config["engines"],
        parameters={k: v for k, v in config["calling"].items() if k not in ("tile", "job")},
        adj=config["cohort"]["adj"],
        tests=PHARMACOGENETIC_TESTS,
        bases=EVIDENCE_BASES,
        confirmations=CONFIRMATION_TESTS,
        limits=config["somatic"],
        structural=config["structural"],
        gates=config["quality"],
        identity=lambda w: IDENTITY.get(w.patient),
        trials=TRIALS,
        trial_words=TRIAL_WORDS,
        household=lambda w: family_of(w.patient),
        approvals=lambda w, input: APPROVALS,
        approvals_content=content_of(APPROVALS),
        approvals_own=bool(OWN_APPROVALS),
        schema=content_of(_schema),
        code=code_of("build_report.py"),
    script:
        "../scripts/build_report.py"


rule render_report:
    """The report as pages, PDF, panel sheet, FHIR Genomics Reporting bundle and phenopacket."""
    input:
        json=rules.build_report.output.json,
    output:
        html=collect(
            "<results>/reports/{{patient}}/report.{language}.html",
            language=config["report"]["languages"],
        ),
        pdf=collect(
            "<results>/reports/{{patient}}/report.{language}.pdf",
            language=config["report"]["languages"],
        ),
        panel_pdf=collect(
            "<results>/reports/{{patient}}/panel.{language}.pdf",
            language=config["report"]["languages"],
        ),
        panel_csv=collect(
            "<results>/reports/{{patient}}/panel.{language}.csv",
            language=config["report"]["languages"],
        ),
        fhir="<results>/reports/{patient}/report.fhir.json",
        phenopacket="<results>/reports/{patient}/report.phenopacket.json",
    log:
        "<logs>/render_report/{patient}.log",
    benchmark:
        "<benchmarks>/render_report/{patient}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(700),
    params:
        languages=config["report"]["languages"],
        schema=content_of(_schema),
        code=code_of("render_report.py"),
    script:
        "../scripts/render_report.py"
