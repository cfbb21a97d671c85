"""
Germline calls of each normal sample.

Input   reads, gVCF or VCF of the sample sheet
Output  <results>/germline/{sample}.g.vcf.gz     gVCF (samples that come as reads or gVCF)
        <results>/germline/{sample}.vcf.gz       split, left-aligned, filters named
        <results>/germline/{sample}.parquet      contract CALLS, kept and filtered alleles
"""


rule call_deepvariant:
    """DeepVariant on one sample, in its container or from PATH, where it is the engine."""
    input:
        reads=sample_file,
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
    output:
        gvcf=temp("<results>/germline/deepvariant/{sample}.g.vcf.gz"),
        index=temp("<results>/germline/deepvariant/{sample}.g.vcf.gz.tbi"),
        vcf=temp("<results>/germline/deepvariant/{sample}.vcf.gz"),
    log:
        "<logs>/call_deepvariant/{sample}.log",
    benchmark:
        "<benchmarks>/call_deepvariant/{sample}.tsv"
    wildcard_constraints:
        sample=samples_as("reads"),
    container:
        "docker://google/deepvariant:1.8.0"
    threads: 8
    resources:
        mem_mb=doubling(32000),
        runtime=minutes(60, 10, "reads"),
    params:
        model=config["calling"]["deepvariant_model"],
        where=config.get("regions") or " ".join(dict.fromkeys(r.contig for r in REGIONS)),
    shell:
        "PATH=$PATH:/opt/deepvariant/bin run_deepvariant --model_type={params.model:q}"
        " --ref={input.fasta:q} --reads={input.reads:q} --regions={params.where:q}"
        " --sample_name={wildcards.sample:q} --num_shards={threads}"
        " --intermediate_results_dir={resources.tmpdir:q}/deepvariant_{wildcards.sample:q}"
        " --output_vcf={output.vcf:q} --output_gvcf={output.gvcf:q} >{log:q} 2>&1"


rule call_germline:
    """Call a part of the genome of one sample from its reads, tiles at once."""
    input:
        called=deepvariant_calls,
        reads=sample_file,
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
    output:
        calls=temp(directory("<results>/germline/tiles/{sample}/{tile}")),
    log:
        "<logs>/call_germline/{sample}/{tile}.log",
    benchmark:
        "<benchmarks>/call_germline/{sample}/{tile}.tsv"
    wildcard_constraints:
        sample=samples_as("reads"),
    conda:
        "../../environment.yml"
    threads: lambda wildcards: min(8, len(GERMLINE_JOBS[wildcards.tile]))
    resources:
        mem_mb=lambda wildcards, threads, attempt: (500 + 1000 * threads) * 2 ** (attempt - 1),
        runtime=minutes(20, 30, "reads", share=len(GERMLINE_JOBS)),
    params:
        parts=lambda wildcards: GERMLINE_JOBS[wildcards.tile],
        sex=sex_of,
        name=name_in_file,
        build=config["reference"]["build"],
        par=config["reference"].get("par"),
        aliases=ALIASES,
        engine=config["engines"]["germline"],
        settings=CALLER_SETTINGS,
        code=code_of("call_germline.py"),
    script:
        "../scripts/call_germline.py"


rule call_mitochondria:
    """Call chrM of one sample from its reads, whatever the engine: alleles with their fraction."""
    input:
        reads=sample_file,
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
    output:
        calls=temp("<results>/germline/mitochondria/{sample}.bcf"),
    log:
        "<logs>/call_mitochondria/{sample}.log",
    benchmark:
        "<benchmarks>/call_mitochondria/{sample}.tsv"
    wildcard_constraints:
        sample=samples_as("reads"),
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1500),
    params:
        name=name_in_file,
        aliases=ALIASES,
        settings=CALLER_SETTINGS,
        code=code_of("call_mitochondria.py"),
    script:
        "../scripts/call_mitochondria.py"


rule gather_germline:
    """Join the tiles of a sample, and its mitochondria, into one gVCF."""
    input:
        tiles=collect("<results>/germline/tiles/{{sample}}/{tile}", tile=GERMLINE_JOBS),
        mitochondria=MITOCHONDRIA,
        fai=FAI,
    output:
        gvcf=kept_gvcf("<results>/germline/{sample}.g.vcf.gz"),
        index=kept_gvcf("<results>/germline/{sample}.g.vcf.gz.tbi"),
    log:
        "<logs>/gather_germline/{sample}.log",
    benchmark:
        "<benchmarks>/gather_germline/{sample}.tsv"
    wildcard_constraints:
        sample=samples_as("reads"),
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1000),
        runtime=minutes(20, 60, "tiles"),
    params:
        aliases=ALIASES,
        code=code_of("gather_germline.py"),
    script:
        "../scripts/gather_germline.py"


rule import_gvcf:
    """Check a gVCF of the sheet and name its sample as the sheet does."""
    input:
        gvcf=sample_file,
        fasta=REFERENCE,
        fai=FAI,
    output:
        gvcf=kept_gvcf("<results>/germline/{sample}.g.vcf.gz"),
        index=kept_gvcf("<results>/germline/{sample}.g.vcf.gz.tbi"),
    log:
        "<logs>/import_gvcf/{sample}.log",
    benchmark:
        "<benchmarks>/import_gvcf/{sample}.tsv"
    wildcard_constraints:
        sample=samples_as("gvcf"),
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(2000),
        runtime=minutes(20, 60, "gvcf"),
    params:
        name=name_in_file,
        aliases=ALIASES,
        code=code_of("import_gvcf.py"),
    script:
        "../scripts/import_gvcf.py"


rule split_germline:
    """Split, left-align and filter the called alleles of a sample."""
    input:
        calls=called_file,
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
    output:
        vcf="<results>/germline/{sample}.vcf.gz",
        index="<results>/germline/{sample}.vcf.gz.tbi",
        calls="<results>/germline/{sample}.parquet",
    log:
        "<logs>/split_germline/{sample}.log",
    benchmark:
        "<benchmarks>/split_germline/{sample}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling_of("split_germline", "calls"),
        runtime=minutes(20, 60, "calls"),
    params:
        name=lambda wildcards, input: (
            name_in_file(wildcards)
            if input.calls == sample_value("path")(wildcards)
            else wildcards.sample
        ),
        aliases=ALIASES,
        code=code_of("split_germline.py"),
    script:
        "../scripts/split_germline.py"
