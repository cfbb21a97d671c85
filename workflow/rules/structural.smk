"""
Structural variants and the junctions behind fusions.

Input   reads of a patient's tumour and normal; where there is no tumour, of the normal alone; or
        the VCF files of structural variants and germline copy numbers that the sheet names
Output  <results>/sv/{patient}.parquet    contract STRUCTURAL, one row a junction
        <results>/sv/{patient}.vcf.gz     the same as pairs of breakends (VCF 4.4)
"""


rule call_structural:
    """Junctions by the configured engine, from split reads and discordant pairs, and those given."""
    input:
        primary=structural_reads,
        normal=structural_normal,
        given=lambda wildcards: [one["path"] for one in given_events(wildcards)],
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
        elements=resource_file("mobile_elements", "structural_resources"),
    output:
        calls="<results>/sv/{patient}.parquet",
        vcf="<results>/sv/{patient}.vcf.gz",
        index="<results>/sv/{patient}.vcf.gz.tbi",
    log:
        "<logs>/call_structural/{patient}.log",
    benchmark:
        "<benchmarks>/call_structural/{patient}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=structural_memory,
        runtime=minutes(20, 6, ("primary", "normal")),
    params:
        names=structural_names,
        given=given_events,
        sex=lambda wildcards: PATIENT[wildcards.patient]["sex"],
        par=PSEUDO_AUTOSOMAL,
        germline=lambda w: searched_sample(w.patient) in samples_of(w.patient, "normal"),
        limits=config["structural"],
        engine=config["engines"]["structural"],
        aliases=ALIASES,
        code=code_of("call_structural.py"),
    script:
        "../scripts/call_structural.py"
