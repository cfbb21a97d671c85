"""
Consequences, names and knowledge of every allele of the run.

Input   <results>/germline/{sample}.parquet     contract CALLS, of normal samples
        <results>/somatic/{patient}.parquet     contract SOMATIC
        <results>/changes/{patient}.parquet     contract CHANGES
        <results>/knowledge/{source}.parquet
Output  <results>/annotation/{chrom}.parquet    contract ANNOTATION
"""

ANNOTATION_TABLES = [
    name
    for name in KNOWLEDGE
    if name in {"gene_models", "clinvar", "revel", "alphamissense", "cadd", "spliceai"}
    or name.startswith("frequency_")
]
# Where a source of frequencies looked, by its table.
COVERAGE = {
    f"frequency_{name}": {
        "everywhere": source.get("absent_is_rare", False),
        "covered": source.get("covered"),
        "chromosomes": source.get("chromosomes"),
    }
    for name, source in config["knowledge"].get("frequencies", {}).items()
    if source.get("absent_is_rare") or source.get("covered")
}
COVERED = [given(stated["covered"]) for stated in COVERAGE.values() if stated["covered"]]
NORMALS = samples.filter(pl.col("kind") == "normal")["sample"].to_list()
WITH_TUMOUR = samples.filter(pl.col("kind") == "tumour")["patient"].to_list()
# Share of a human genome the run looks at.
SPAN = sum(region.end - region.start for region in REGIONS) / 3.1e9


rule list_calls:
    """List the tables of every sample: jobs of a large cohort name one file, not ten thousand.

    Snakemake searches the inputs of a file's producer each time somebody asks for the file.
    """
    input:
        normal=collect("<results>/germline/{sample}.parquet", sample=NORMALS),
        tumour=collect("<results>/somatic/{patient}.parquet", patient=WITH_TUMOUR),
        changes=collect("<results>/changes/{patient}.parquet", patient=PATIENTS),
    output:
        temp("<results>/annotation/calls.tsv"),
    log:
        "<logs>/list_calls.log",
    localrule: True
    conda:
        "../../environment.yml"
    params:
        normal=NORMALS,
        tumour=WITH_TUMOUR,
        patients=PATIENTS,
        code=code_of("list_calls.py"),
    script:
        "../scripts/list_calls.py"


rule annotate_alleles:
    """Annotate the union of all samples' alleles on one chromosome."""
    input:
        calls="<results>/annotation/calls.tsv",
        knowledge=collect("<results>/knowledge/{source}.parquet", source=ANNOTATION_TABLES),
        covered=COVERED,
        external=given(config["annotation"]["external"]) if config["annotation"]["external"] else [],
        fasta=REFERENCE,
        fai=FAI,
    output:
        table=ensure("<results>/annotation/{chrom}.parquet", non_empty=True),
    log:
        "<logs>/annotate_alleles/{chrom}.log",
    benchmark:
        "<benchmarks>/annotate_alleles/{chrom}.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    resources:
        mem_mb=doubling_of("annotate_alleles", units=SPAN * len(NORMALS) ** 0.5),
        runtime=lambda wildcards, attempt: attempt * int(60 + 1.2 * SPAN * len(NORMALS)),
    params:
        tables=ANNOTATION_TABLES,
        build=config["reference"]["build"],
        batch=config["annotation"]["batch"],
        engine=config["engines"]["consequence"],
        aliases=ALIASES,
        coverage=COVERAGE,
        code=code_of("annotate_alleles.py"),
    script:
        "../scripts/annotate_alleles.py"
