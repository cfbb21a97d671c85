"""
Which alleles of a person lie on one molecule, and what they are there.

Input   calls and somatic candidates of a patient, the reads they are of, calls of the parents
Output  <results>/phase/{patient}.parquet      contract PHASE, pairs of neighbours
        <results>/changes/{patient}.parquet    contract CHANGES, several alleles that act as one
"""


include: "phase_inputs.smk"


rule phase_alleles:
    """Phase of alleles that touch one codon, open frame or splice site, and their names together."""
    input:
        calls=persons_germline,
        somatic=persons_somatic,
        normal=reads_of("normal"),
        tumour=reads_of("tumour"),
        father_calls=parent_file("father", calls_of),
        father_known=parent_file("father", known_file),
        father_index=parent_file("father", index_of),
        mother_calls=parent_file("mother", calls_of),
        mother_known=parent_file("mother", known_file),
        mother_index=parent_file("mother", index_of),
        gene_models=optional_gene_models,
        fasta=REFERENCE,
        fai=FAI,
    output:
        phase="<results>/phase/{patient}.parquet",
        changes="<results>/changes/{patient}.parquet",
    log:
        "<logs>/phase_alleles/{patient}.log",
    benchmark:
        "<benchmarks>/phase_alleles/{patient}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling_of("phase_alleles", ("calls", "somatic")),
        runtime=minutes(20, 20, ("calls", "somatic")),
    params:
        names=names_in_files,
        build=config["reference"]["build"],
        aliases=ALIASES,
        code=code_of("phase_alleles.py"),
    script:
        "../scripts/phase_alleles.py"
