"""
How well each sample was measured, and the gates it has to pass.

Input   reads, calls, callable intervals, gene models
Output  <results>/coverage/{sample}.parquet    contract COVERAGE
        <results>/quality/{sample}.parquet     contract QUALITY
        <results>/comparison.parquet           contract COMPARISON, of all samples
        <results>/multiqc/                     the same for MultiQC (and its page, if configured)
"""


rule measure_quality:
    """Depth of every transcript's coding bases; reads, calls and identity beside their gates."""
    input:
        reads=reads_if_any,
        calls=persons_calls,
        somatic=pairs_calls,
        callable="<results>/callable/{sample}.bed.gz",
        gene_models=models_if_any,
        fasta=REFERENCE,
        fai=FAI,
        regions=config.get("regions") or [],
    output:
        coverage="<results>/coverage/{sample}.parquet",
        quality="<results>/quality/{sample}.parquet",
    log:
        "<logs>/measure_quality/{sample}.log",
    benchmark:
        "<benchmarks>/measure_quality/{sample}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1000, 0.4, "fasta"),
        runtime=minutes(20, 3, "reads"),
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
