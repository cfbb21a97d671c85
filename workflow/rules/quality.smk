"""
How well each sample was measured.

Input   reads, callable intervals, gene models
Output  <results>/coverage/{sample}.parquet    contract COVERAGE
"""


def gene_models(_wildcards):
    """The imported gene models, where the config names some."""
    named = config["knowledge"].get("gene_models")
    return "<results>/knowledge/gene_models.parquet" if named else []


def reads_if_any(wildcards):
    """The reads of {sample}; [] where it comes as VCF or gVCF."""
    path = sample_value("path")(wildcards)
    return path if form_of(path) == "reads" else []


rule measure_coverage:
    """Depth and callability of every transcript's coding bases."""
    input:
        reads=reads_if_any,
        callable="<results>/callable/{sample}.bed.gz",
        gene_models=gene_models,
        fasta=REFERENCE,
        fai=REFERENCE + ".fai",
        regions=config.get("regions") or [],
    output:
        coverage="<results>/coverage/{sample}.parquet",
    log:
        "<logs>/measure_coverage/{sample}.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1000),
    params:
        min_mapq=config["calling"]["min_mapq"],
        aliases=ALIASES,
        code=code_of("measure_coverage.py"),
    script:
        "../scripts/measure_coverage.py"
