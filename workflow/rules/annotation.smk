"""
Consequences, names and knowledge of every allele of the run.

Input   <results>/germline/{sample}.parquet     contract CALLS, of normal samples
        <results>/somatic/{patient}.parquet     contract SOMATIC
        <results>/knowledge/{source}.parquet
Output  <results>/annotation/{chrom}.parquet    contract ANNOTATION
        <results>/joint/{chrom}.parquet         contract JOINT
"""

ANNOTATION_TABLES = [
    name
    for name in KNOWLEDGE
    if name in {"gene_models", "clinvar", "revel", "alphamissense", "spliceai"}
    or name.startswith("frequency_")
]
NORMALS = samples.filter(pl.col("kind") == "normal")["sample"].to_list()
WITH_TUMOUR = samples.filter(pl.col("kind") == "tumour")["patient"].to_list()


rule annotate_alleles:
    """Annotate the union of all samples' alleles on one chromosome."""
    input:
        calls=collect("<results>/germline/{sample}.parquet", sample=NORMALS),
        somatic=collect("<results>/somatic/{patient}.parquet", patient=WITH_TUMOUR),
        knowledge=collect("<results>/knowledge/{source}.parquet", source=ANNOTATION_TABLES),
        external=config["annotation"]["external"] or [],
        fasta=REFERENCE,
        fai=FAI,
    output:
        table=ensure("<results>/annotation/{chrom}.parquet", non_empty=True),
        joint=ensure("<results>/joint/{chrom}.parquet", non_empty=True),
    log:
        "<logs>/annotate_alleles/{chrom}.log",
    benchmark:
        "<benchmarks>/annotate_alleles/{chrom}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(3000, 0.2, ("calls", "somatic")),
        runtime=minutes(60, 20, ("calls", "somatic")),
    params:
        tables=ANNOTATION_TABLES,
        normals=NORMALS,
        patients=WITH_TUMOUR,
        build=config["reference"]["build"],
        batch=config["annotation"]["batch"],
        engine=config["engines"]["consequence"],
        aliases=ALIASES,
        code=code_of("annotate_alleles.py"),
    script:
        "../scripts/annotate_alleles.py"
