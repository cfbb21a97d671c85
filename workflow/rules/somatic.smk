"""
Somatic SNVs and indels of each tumour, and loss of heterozygosity.

Input   reads of a patient's tumour and normal, or a somatic VCF; calls of the normal
Output  <results>/somatic/{patient}.parquet    contract SOMATIC, kept and filtered candidates
        <results>/somatic/{patient}.vcf.gz     the same; columns tumour and normal
        <results>/loh/{patient}.parquet        contract LOH (patients with reads of both)
        <results>/cnv/{patient}.parquet        contract COPY_NUMBER (the same patients, those
                                               whose tumour's copy numbers come as VCF, and tumours
                                               without a normal beside the run's normals)
        <results>/markers/{patient}.parquet    contract MARKERS (patients with a tumour)
"""


include: "somatic_inputs.smk"


rule measure_errors:
    """Measure how often bases of a tumour's reads are wrong, over places spread through the run."""
    input:
        tumour=reads_of("tumour"),
        normal=reads_of("normal"),
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
    output:
        rates="<results>/somatic/errors/{patient}.parquet",
    log:
        "<logs>/measure_errors/{patient}.log",
    benchmark:
        "<benchmarks>/measure_errors/{patient}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(2000),
    params:
        counting=COUNTING,
        thresholds=config["somatic"],
        aliases=ALIASES,
        code=code_of("measure_errors.py"),
    script:
        "../scripts/measure_errors.py"


rule call_somatic:
    """Judge the alleles a tumour's reads show in some tiles, with the normal's reads beside them."""
    input:
        tumour=reads_of("tumour"),
        normal=reads_of("normal"),
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
        rates="<results>/somatic/errors/{patient}.parquet",
    output:
        calls=temp("<results>/somatic/tiles/{patient}/{tile}.parquet"),
    log:
        "<logs>/call_somatic/{patient}/{tile}.log",
    benchmark:
        "<benchmarks>/call_somatic/{patient}/{tile}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(2000),
        runtime=minutes(20, 30, ("tumour", "normal"), share=len(SOMATIC_JOBS)),
    params:
        tiles=lambda wildcards: [t for part in SOMATIC_JOBS[wildcards.tile] for t in part],
        counting=COUNTING,
        thresholds=config["somatic"],
        aliases=ALIASES,
        code=code_of("call_somatic.py"),
    script:
        "../scripts/call_somatic.py"


rule call_mutect:
    """Mutect2 with its orientation model, contamination and filters, where it is the engine."""
    input:
        tumour=reads_of("tumour"),
        normal=reads_of("normal"),
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
        common=resource_file("common_variants"),
        panel=resource_file("panel_of_normals"),
    output:
        calls=temp("<results>/somatic/mutect2/{patient}.parquet"),
    log:
        "<logs>/call_mutect/{patient}.log",
    benchmark:
        "<benchmarks>/call_mutect/{patient}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(4000),
        runtime=minutes(60, 30, ("tumour", "normal")),
    params:
        aliases=ALIASES,
        code=code_of("call_mutect.py"),
    script:
        "../scripts/call_mutect.py"


rule import_somatic:
    """Read the somatic calls of a tumour that comes as VCF."""
    input:
        vcf=lambda wildcards: given(SAMPLE[only_sample(wildcards.patient, "tumour")]["path"]),
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
    output:
        calls=temp("<results>/somatic/imported/{patient}.parquet"),
    log:
        "<logs>/import_somatic/{patient}.log",
    benchmark:
        "<benchmarks>/import_somatic/{patient}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1000),
    params:
        name=lambda wildcards: SAMPLE[only_sample(wildcards.patient, "tumour")]["sample_in_file"],
        sample=lambda wildcards: only_sample(wildcards.patient, "tumour"),
        normals=normal_names,
        aliases=ALIASES,
        code=code_of("import_somatic.py"),
    script:
        "../scripts/import_somatic.py"


rule gather_somatic:
    """Join a patient's tiles, name the blocks of alleles on the same reads, write the VCF."""
    input:
        tiles=somatic_parts,
        rates=error_rates,
        panel=resource_file("panel_of_normals"),
        fasta=REFERENCE,
        fai=FAI,
    output:
        calls="<results>/somatic/{patient}.parquet",
        vcf="<results>/somatic/{patient}.vcf.gz",
        index="<results>/somatic/{patient}.vcf.gz.tbi",
    log:
        "<logs>/gather_somatic/{patient}.log",
    benchmark:
        "<benchmarks>/gather_somatic/{patient}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1000),
    params:
        names=pair_names,
        aliases=ALIASES,
        code=code_of("gather_somatic.py"),
    script:
        "../scripts/gather_somatic.py"


rule measure_loh:
    """Count the normal's heterozygous alleles again in the tumour."""
    input:
        germline=normal_calls,
        tumour=reads_of("tumour"),
        fasta=REFERENCE,
        fai=FAI,
    output:
        loh="<results>/loh/{patient}.parquet",
    log:
        "<logs>/measure_loh/{patient}.log",
    benchmark:
        "<benchmarks>/measure_loh/{patient}.tsv"
    conda:
        "../../environment.yml"
    threads: PASS_THREADS
    resources:
        mem_mb=doubling_of("measure_loh", "germline", threads=PASS_THREADS),
        runtime=minutes(20, 3, "tumour"),
    params:
        counting=COUNTING,
        aliases=ALIASES,
        code=code_of("measure_loh.py"),
    script:
        "../scripts/measure_loh.py"


rule call_copy_number:
    """Segment the tumour's depth against the normal's; fit purity and ploidy; cut out small changes."""
    input:
        tumour=reads_of("tumour"),
        normal=reads_of("normal"),
        loh="<results>/loh/{patient}.parquet",
        somatic="<results>/somatic/{patient}.parquet",
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
        gene_models=configured("gene_models"),
        evidence=configured("clinical_evidence"),
    output:
        copy_number="<results>/cnv/{patient}.parquet",
    log:
        "<logs>/call_copy_number/{patient}.log",
    benchmark:
        "<benchmarks>/call_copy_number/{patient}.tsv"
    wildcard_constraints:
        patient=names_pattern(
            name for name in PATIENTS if not given_copies(name) and not lone_tumour(name)
        ),
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling_of("call_copy_number", "fasta"),
        runtime=minutes(20, 3, ("tumour", "normal")),
    params:
        min_mapq=config["calling"]["min_mapq"],
        sex=lambda wildcards: PATIENT[wildcards.patient]["sex"],
        aliases=ALIASES,
        engine=config["engines"]["copy_number"],
        cancer_genes=lambda wildcards, input: resource_tables("cancer_genes")[0],
        cancer_genes_content=content_of(*resource_tables("cancer_genes")),
        code=code_of("call_copy_number.py"),
    script:
        "../scripts/call_copy_number.py"


rule compare_copy_number:
    """Segment the depth of a tumour without a normal beside that of the run's normals."""
    input:
        bins="<results>/depth_bins.parquet",
        depth=lambda w: depths_of([lone_tumour(w.patient)]),
        others=lambda w: depths_of(compared_with(w.patient)),
    output:
        copy_number="<results>/cnv/{patient}.parquet",
    log:
        "<logs>/compare_copy_number/{patient}.log",
    benchmark:
        "<benchmarks>/compare_copy_number/{patient}.tsv"
    wildcard_constraints:
        patient=names_pattern(name for name in PATIENTS if lone_tumour(name)),
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1500, 1.5, "others"),
        runtime=minutes(20),
    params:
        sex=lambda wildcards: PATIENT[wildcards.patient]["sex"],
        sexes=lambda w: [PATIENT[SAMPLE[s]["patient"]]["sex"] for s in compared_with(w.patient)],
        par=PSEUDO_AUTOSOMAL,
        code=code_of("compare_copy_number.py"),
    script:
        "../scripts/compare_copy_number.py"


rule import_copy_number:
    """Read the copy-number segments of a tumour that come as VCF."""
    input:
        vcf=lambda wildcards: given(SAMPLE[given_copies(wildcards.patient)]["copy_number"]),
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
    output:
        copy_number="<results>/cnv/{patient}.parquet",
    log:
        "<logs>/import_copy_number/{patient}.log",
    benchmark:
        "<benchmarks>/import_copy_number/{patient}.tsv"
    wildcard_constraints:
        patient=names_pattern(name for name in PATIENTS if given_copies(name)),
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1000),
    params:
        named=lambda wildcards: SAMPLE[given_copies(wildcards.patient)]["sample_in_file"],
        sample=lambda wildcards: given_copies(wildcards.patient),
        sex=lambda wildcards: PATIENT[wildcards.patient]["sex"],
        par=PSEUDO_AUTOSOMAL,
        aliases=ALIASES,
        code=code_of("import_copy_number.py"),
    script:
        "../scripts/import_copy_number.py"


rule measure_markers:
    """Measure burden, microsatellite instability, scars, clusters and signatures of a tumour."""
    input:
        tumour=reads_of("tumour"),
        normal=reads_of("normal"),
        somatic="<results>/somatic/{patient}.parquet",
        changes="<results>/changes/{patient}.parquet",
        callable=callable_pair,
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
        matrix=resource_file("signatures"),
        doublets=resource_file("doublet_signatures"),
        indels=resource_file("indel_signatures"),
        rearrangements=resource_file("rearrangement_signatures"),
        segments=resource_file("copy_number_signatures"),
        copy_number=paired_copy_number,
        structural=paired_events,
        gene_models=configured("gene_models"),
    output:
        markers="<results>/markers/{patient}.parquet",
    log:
        "<logs>/measure_markers/{patient}.log",
    benchmark:
        "<benchmarks>/measure_markers/{patient}.tsv"
    conda:
        "../../environment.yml"
    threads: PASS_THREADS
    resources:
        mem_mb=doubling_of("measure_markers", "fasta", threads=PASS_THREADS),
        runtime=minutes(20, 3, ("tumour", "normal")),
    params:
        min_mapq=config["calling"]["min_mapq"],
        aliases=ALIASES,
        build=config["reference"]["build"],
        curated=lambda wildcards, input: resource_tables(*MARKER_TABLES),
        curated_content=content_of(*resource_tables(*MARKER_TABLES)),
        code=code_of("measure_markers.py"),
    script:
        "../scripts/measure_markers.py"
