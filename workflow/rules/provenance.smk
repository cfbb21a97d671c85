"""
Where every result comes from, so that it can be checked years later.

Input   everything `rule all` asks for, and every file the run read
Output  <results>/run/checksums/{sample}.sha256    SHA-256 of the sample's files
        <results>/ro-crate-metadata.json           Workflow Run RO-Crate
        <results>/ro-crate-metadata.json.sha256    its seal; `shirube verify` checks all of it
        provenance.audit of the configuration      audit log of runs (`shirube audit`), no result
"""

from hashlib import sha256

fetch("shirube.audit")
fetch("shirube.crate.inventory")

from shirube.audit import record_run
from shirube.crate.inventory import source_files
from shirube.sheet import FILE_COLUMNS

# What a finished run holds; `rule all` asks for it, and the crate is written after it.
RESULTS = [
    *collect("<results>/reports/{patient}/report.json", patient=PATIENTS),
    *collect(
        "<results>/reports/{patient}/report.{language}.html",
        patient=PATIENTS,
        language=config["report"]["languages"],
    ),
    *collect("<results>/ledger/{patient}.parquet", patient=PATIENTS),
    *collect("<results>/callable/{sample}.bed.gz", sample=SAMPLES),
    "<results>/cohort/frequency",
    "<results>/cohort/callable",
    *collect("<results>/cohort/annotation/{chrom}.parquet", chrom=RUN_CHROMS),
    "<results>/cohort/sites.vcf.gz",
    *collect(
        "<results>/cohort/report.{language}.{form}",
        language=config["report"]["languages"],
        form=["html", "pdf"],
    ),
    "<results>/comparison.parquet",
    *(["<results>/multiqc/multiqc_report.html"] if config["report"]["multiqc"] else []),
]


INPUTS = {
    "sheet": [config["patients"], config["samples"]],
    "reference": [
        f"{REFERENCE}{x}" for x in ("", ".fai", ".gzi") if Path(f"{REFERENCE}{x}").exists()
    ],
    "regions": [config["regions"]] if config.get("regions") else [],
    "knowledge": source_files(SOURCES),
}


rule checksum_sample:
    """SHA-256 of the files of a sample."""
    input:
        lambda wildcards: [
            given(file) for column in FILE_COLUMNS if (file := SAMPLE[wildcards.sample][column])
        ],
    output:
        "<results>/run/checksums/{sample}.sha256",
    log:
        "<logs>/checksum_sample/{sample}.log",
    benchmark:
        "<benchmarks>/checksum_sample/{sample}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(500),
        runtime=lambda wildcards, input, attempt: attempt * int(20 + input.size_mb / 300),
    shell:
        "sha256sum -- {input:q} > {output:q} 2> {log:q}"


# Every output of every rule but temporary ones: what else lies in <results> is not of this run.
OUTPUTS = [
    (str(output), bool(output.flags.get("directory")))
    for rule in workflow.rules
    for output in rule.output
    if not output.flags.get("temp")
]


rule write_provenance:
    """Write the RO-Crate of the run."""
    input:
        results=RESULTS,
        samples=collect("<results>/run/checksums/{sample}.sha256", sample=SAMPLES),
        read=[given(path) for paths in INPUTS.values() for path in paths],
    output:
        crate=ensure("<results>/ro-crate-metadata.json", non_empty=True),
        seal="<results>/ro-crate-metadata.json.sha256",
    log:
        "<logs>/write_provenance.log",
    benchmark:
        "<benchmarks>/write_provenance.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    resources:
        mem_mb=doubling(1000),
        runtime=lambda wildcards, attempt: attempt * int(60 + 2 * SPAN * len(PATIENTS)),
    params:
        roles=INPUTS,
        outputs=OUTPUTS,
        names={
            "patient": PATIENTS,
            "sample": SAMPLES,
            "chrom": RUN_CHROMS,
            "batch": list(BATCHES),
        },
        settings=config,
        workflow=sha256(Path(workflow.source_path("../../Snakefile")).read_bytes()).hexdigest(),
        code=code_of("write_provenance.py"),
    script:
        "../scripts/write_provenance.py"


onstart:
    # Snakemake's limit of jobs a second wakes the scheduler a second after each round, for every
    # round anew: wakings pile up with the jobs. What runs here waits for cores and nothing else.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None
    record_run("run started", config, rules.write_provenance.output.crate, sys.argv)


onsuccess:
    record_run("run finished", config, rules.write_provenance.output.crate, sys.argv)


onerror:
    record_run("run failed", config, rules.write_provenance.output.crate, sys.argv)
