"""
How well each sample was measured, and the gates it has to pass.

Input   reads, calls, callable intervals, gene models
Output  <results>/coverage/{sample}.parquet    contract COVERAGE
        <results>/quality/{sample}.parquet     contract QUALITY
"""


rule measure_quality:
    """Depth of every transcript's coding bases; reads, calls and identity beside their gates."""
    input:
        reads=reads_if_any,
        calls=persons_calls,
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
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1000),
    params:
        kind=sample_value("kind"),
        sex=sex_of,
        counting={name: config["calling"][name] for name in ("min_mapq", "min_baseq")},
        aliases=ALIASES,
        gates=config["quality"],
        code=code_of("measure_quality.py"),
    script:
        "../scripts/measure_quality.py"
