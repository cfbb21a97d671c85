"""
Germline calls of each normal sample, and where each sample could be judged.

Input   reads, gVCF or VCF of the sample sheet
Output  <results>/germline/{sample}.g.vcf.gz     gVCF (samples that come as reads or gVCF)
        <results>/germline/{sample}.vcf.gz       split, left-aligned, filters named
        <results>/germline/{sample}.parquet      contract CALLS, kept and filtered alleles
        <results>/callable/{sample}.bed.gz       callable intervals, tumours too
"""

SUFFIXES = {"reads": (".bam", ".cram"), "gvcf": (".g.vcf.gz",), "vcf": (".vcf.gz", ".bcf")}

GENOTYPE_RULE = ("min_gq", "min_dp", "min_dp_haploid", "min_ab")


def form_of(path):
    """What a file of the sheet holds, by its name: reads, gvcf or vcf."""
    return next(form for form, suffixes in SUFFIXES.items() if path.endswith(suffixes))


def samples_as(form, kind="normal"):
    """Names of the samples of `kind` that come as `form`, as a wildcard constraint."""
    rows = samples.filter(pl.col("kind") == kind).select("sample", "path").iter_rows()
    return "|".join(name for name, path in rows if form_of(path) == form) or "(?!)"


def sex_of(wildcards):
    """Sex of the person {sample} is of."""
    patient = sample_value("patient")(wildcards)
    return row_of(patients, "patient", patient)["sex"]


def name_in_file(wildcards):
    """Name of {sample} inside its file."""
    return sample_value("sample_in_file")(wildcards) or wildcards.sample


def called_file(wildcards):
    """Where the calls of {sample} are: its gVCF, or the VCF of the sheet."""
    path = sample_value("path")(wildcards)
    return path if form_of(path) == "vcf" else f"<results>/germline/{wildcards.sample}.g.vcf.gz"


def callable_source(wildcards):
    """What makes {sample} callable: gvcf, reads (tumours) or bed, as a named input."""
    row = row_of(samples, "sample", wildcards.sample)
    form = form_of(row["path"])
    if form == "reads" and row["kind"] == "tumour":
        return {"reads": row["path"]}
    if form == "vcf" or row["kind"] == "tumour":
        return {"bed": row["callable"]} if row["callable"] else {}
    return {"gvcf": f"<results>/germline/{wildcards.sample}.g.vcf.gz"}


rule call_germline:
    """Call some tiles of one sample from its reads."""
    input:
        reads=sample_value("path"),
        fasta=REFERENCE,
        fai=REFERENCE + ".fai",
        regions=config.get("regions") or [],
    output:
        calls=temp("<results>/germline/tiles/{sample}/{tile}.bcf"),
    log:
        "<logs>/call_germline/{sample}/{tile}.log",
    benchmark:
        "<benchmarks>/call_germline/{sample}/{tile}.tsv"
    wildcard_constraints:
        sample=samples_as("reads"),
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1500),
    params:
        tiles=lambda wildcards: TILES[wildcards.tile],
        sex=sex_of,
        name=name_in_file,
        build=config["reference"]["build"],
        par=config["reference"].get("par"),
        aliases=ALIASES,
        engine=config["engines"]["germline"],
        settings={name: config["calling"][name] for name in ("min_mapq", "min_baseq", "max_depth")},
        code=code_of("call_germline.py"),
    script:
        "../scripts/call_germline.py"


rule gather_germline:
    """Join the tiles of a sample into one gVCF."""
    input:
        tiles=collect("<results>/germline/tiles/{{sample}}/{tile}.bcf", tile=TILES),
        fai=REFERENCE + ".fai",
    output:
        gvcf="<results>/germline/{sample}.g.vcf.gz",
        index="<results>/germline/{sample}.g.vcf.gz.tbi",
    log:
        "<logs>/gather_germline/{sample}.log",
    wildcard_constraints:
        sample=samples_as("reads"),
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1000),
    params:
        aliases=ALIASES,
        code=code_of("gather_germline.py"),
    script:
        "../scripts/gather_germline.py"


rule import_gvcf:
    """Check a gVCF of the sheet and name its sample as the sheet does."""
    input:
        gvcf=sample_value("path"),
        fai=REFERENCE + ".fai",
    output:
        gvcf="<results>/germline/{sample}.g.vcf.gz",
        index="<results>/germline/{sample}.g.vcf.gz.tbi",
    log:
        "<logs>/import_gvcf/{sample}.log",
    wildcard_constraints:
        sample=samples_as("gvcf"),
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(500),
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
        fai=REFERENCE + ".fai",
        regions=config.get("regions") or [],
    output:
        vcf="<results>/germline/{sample}.vcf.gz",
        index="<results>/germline/{sample}.vcf.gz.tbi",
        calls="<results>/germline/{sample}.parquet",
    log:
        "<logs>/split_germline/{sample}.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1500),
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


rule mark_callable:
    """Find the intervals in which a sample could be judged."""
    input:
        unpack(callable_source),
        fasta=REFERENCE,
        fai=REFERENCE + ".fai",
        regions=config.get("regions") or [],
    output:
        bed=ensure("<results>/callable/{sample}.bed.gz", non_empty=True),
    log:
        "<logs>/mark_callable/{sample}.log",
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1500),
    params:
        rule={name: config["cohort"]["adj"][name] for name in GENOTYPE_RULE},
        depth=config["calling"]["callable_depth"],
        min_mapq=config["calling"]["min_mapq"],
        aliases=ALIASES,
        code=code_of("mark_callable.py"),
    script:
        "../scripts/mark_callable.py"
