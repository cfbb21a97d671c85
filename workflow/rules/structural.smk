"""
Structural variants and the junctions behind fusions; copies by depth.

Input   reads of a patient's tumour and normal; where there is no tumour, of the normal alone; the
        depth of other people's normals; the VCF files of structural variants and germline copy
        numbers that the sheet names
Output  <results>/depth_bins.parquet           contract DEPTH_BINS
        <results>/junctions/{patient}.parquet    contract STRUCTURAL, of the reads alone
        <results>/sv/{patient}.parquet         contract STRUCTURAL, one row an event
        <results>/sv/{patient}.vcf.gz          the same as pairs of breakends (VCF 4.4)
        <results>/gene_depth/{patient}.parquet    contract GENE_DEPTH
"""


rule cut_bins:
    """Bins in which the depth of every sample is measured."""
    input:
        gene_models=configured("gene_models"),
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
    output:
        "<results>/depth_bins.parquet",
    log:
        "<logs>/cut_bins.log",
    benchmark:
        "<benchmarks>/cut_bins.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(3000),
        runtime=minutes(30),
    params:
        aliases=ALIASES,
        code=code_of("cut_bins.py"),
    script:
        "../scripts/cut_bins.py"


rule call_structural:
    """Junctions by the configured engine, from split reads and discordant pairs."""
    input:
        primary=structural_reads,
        normal=structural_normal,
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
        elements=resource_file("mobile_elements", "structural_resources"),
    output:
        "<results>/junctions/{patient}.parquet",
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
        germline=lambda w: searched_sample(w.patient) in samples_of(w.patient, "normal"),
        limits=config["structural"],
        engine=config["engines"]["structural"],
        aliases=ALIASES,
        code=code_of("call_structural.py"),
    script:
        "../scripts/call_structural.py"


rule gather_structural:
    """One row an event: junctions, copies lost or gained by depth, and files that were given."""
    input:
        junctions=lambda w: (
            "<results>/junctions/{patient}.parquet" if searched_sample(w.patient) else []
        ),
        given=lambda wildcards: [one["path"] for one in given_events(wildcards)],
        bins=lambda w: "<results>/depth_bins.parquet" if measured_normal(w.patient) else [],
        depth=lambda w: depths_of([measured_normal(w.patient)]),
        others=lambda w: depths_of(compared_normal(w.patient)),
        gene_models=configured("gene_models"),
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
    output:
        calls="<results>/sv/{patient}.parquet",
        vcf="<results>/sv/{patient}.vcf.gz",
        index="<results>/sv/{patient}.vcf.gz.tbi",
        genes="<results>/gene_depth/{patient}.parquet",
    log:
        "<logs>/gather_structural/{patient}.log",
    benchmark:
        "<benchmarks>/gather_structural/{patient}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1500, 1.5, "others"),
        runtime=minutes(20),
    params:
        names=structural_names,
        sample=lambda wildcards: measured_normal(wildcards.patient),
        given=given_events,
        sex=lambda wildcards: PATIENT[wildcards.patient]["sex"],
        sexes=lambda w: [PATIENT[SAMPLE[s]["patient"]]["sex"] for s in compared_normal(w.patient)],
        par=PSEUDO_AUTOSOMAL,
        aliases=ALIASES,
        code=code_of("gather_structural.py"),
    script:
        "../scripts/gather_structural.py"
