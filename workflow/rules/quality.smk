"""
Where each sample could be judged, how well it was measured, and the gates it has to pass.

Input   reads, calls, gene models
Output  <results>/callable/{sample}.bed.gz     callable intervals
        <results>/coverage/{sample}.parquet    contract COVERAGE
        <results>/reads/{sample}.parquet       contract READS
        <results>/depth/{sample}.parquet       contract DEPTH
        <results>/quality/{sample}.parquet     contract QUALITY
        <results>/comparison.parquet           contract COMPARISON, of all samples
        <results>/multiqc/                     the same for MultiQC (and its page, if configured)
"""


rule measure_coverage:
    """Callable intervals, depth of every transcript's coding bases, counts: one pass over reads."""
    input:
        unpack(callable_source),
        reads=reads_if_any,
        gene_models=optional_gene_models,
        bins=bins_if_read,
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
    output:
        callable=ensure("<results>/callable/{sample}.bed.gz", non_empty=True),
        coverage="<results>/coverage/{sample}.parquet",
        reads="<results>/reads/{sample}.parquet",
        depth="<results>/depth/{sample}.parquet",
    log:
        "<logs>/measure_coverage/{sample}.log",
    benchmark:
        "<benchmarks>/measure_coverage/{sample}.tsv"
    conda:
        "../../environment.yml"
    threads: PASS_THREADS
    resources:
        mem_mb=doubling_of("measure_coverage", "fasta", threads=PASS_THREADS),
        runtime=minutes(20, 3, ("reads", "gvcf")),
    params:
        rule={name: config["cohort"]["adj"][name] for name in GENOTYPE_RULE},
        depth=config["calling"]["callable_depth"],
        min_mapq=config["calling"]["min_mapq"],
        aliases=ALIASES,
        par=PSEUDO_AUTOSOMAL,
        code=code_of("measure_coverage.py"),
    script:
        "../scripts/measure_coverage.py"


rule measure_quality:
    """Coverage, reads, calls and identity of a sample beside their gates."""
    input:
        reads=reads_if_any,
        summary="<results>/reads/{sample}.parquet",
        coverage="<results>/coverage/{sample}.parquet",
        callable="<results>/callable/{sample}.bed.gz",
        calls=normal_calls_of,
        somatic=pairs_calls,
        fasta=REFERENCE,
        fai=FAI,
        regions=REGIONS_FILE,
    output:
        "<results>/quality/{sample}.parquet",
    log:
        "<logs>/measure_quality/{sample}.log",
    benchmark:
        "<benchmarks>/measure_quality/{sample}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling_of("measure_quality", "calls"),
        runtime=minutes(20),
    params:
        kind=sample_value("kind"),
        sex=sex_of,
        counting={name: config["calling"][name] for name in ("min_mapq", "min_baseq")},
        aliases=ALIASES,
        gates=config["quality"],
        code=code_of("measure_quality.py"),
    script:
        "../scripts/measure_quality.py"


rule compare_quality:
    """Each sample beside the run's others of its kind."""
    input:
        quality=collect("<results>/quality/{sample}.parquet", sample=SAMPLES),
    output:
        comparison="<results>/comparison.parquet",
        multiqc=directory("<results>/multiqc/shirube"),
    log:
        "<logs>/compare_quality.log",
    benchmark:
        "<benchmarks>/compare_quality.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(500),
    params:
        kinds={name: row["kind"] for name, row in SAMPLE.items()},
        code=code_of("compare_quality.py"),
    script:
        "../scripts/compare_quality.py"


rule run_multiqc:
    """MultiQC's page of the run, where the configuration asks for it."""
    input:
        rules.compare_quality.output.multiqc,
    output:
        ensure("<results>/multiqc/multiqc_report.html", non_empty=True),
    log:
        "<logs>/run_multiqc.log",
    benchmark:
        "<benchmarks>/run_multiqc.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(2000),
    shell:
        "multiqc --quiet --no-ansi --no-version-check --force --no-data-dir"
        " --title Shirube --filename {output:q} {input:q} > {log:q} 2>&1"
