"""
Knowledge sources as tables with version, licence and checksum.

Input   the publishers' files named in the configuration's `knowledge` section
Output  <results>/knowledge/{source}.parquet    contracts GENE_MODELS, CLINICAL_EVIDENCE, CLINVAR...
"""


rule import_knowledge:
    """Read one knowledge source as published, refuse it if altered, write it under its contract."""
    input:
        parts=part_files,
        fasta=REFERENCE,
        fai=FAI,
    output:
        table=ensure("<results>/knowledge/{source}.parquet", non_empty=True),
    log:
        "<logs>/import_knowledge/{source}.log",
    benchmark:
        "<benchmarks>/import_knowledge/{source}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=import_memory,
        runtime=minutes(30, 30, "parts"),
    params:
        resources=lambda wildcards, input: RESOURCE_TABLES,
        resources_content=content_of(*RESOURCE_TABLES),
        sources=knowledge_parts,
        build=config["reference"]["build"],
        aliases=ALIASES,
        code=code_of("import_knowledge.py"),
    script:
        "../scripts/import_knowledge.py"
