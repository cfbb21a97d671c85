"""Allele frequencies of the people who consent.

Reads the gVCF (or the VCF and its callable intervals) and the quality gates of every normal
sample, and the sheets; makes <results>/cohort/read/{batch}.json (who was read),
<results>/cohort/chosen.json (who is counted), <results>/cohort/sums/{chrom}.json and
<results>/cohort/frequency, callable, structural, sites.vcf.gz, release.json and
members.parquet. The additive state lies in <results>/cohort/state (or `cohort.state`); it is no
output, since it outlives runs.
"""

# Written by `shirube withdraw` and `shirube release --withdraw`: what either changes is due.
WITHDRAWN = [
    str(path) for path in [Path(config["cohort"]["register"]) / "withdrawn.json"] if path.is_file()
]
SINGLETONS = config["cohort"]["release"]["singletons"]
REGISTERED = ["<results>/cohort/registered"] if SINGLETONS == "registered" else []


rule read_people:
    """The people of a batch, each kept in the state as soon as it is read."""
    input:
        fasta=REFERENCE,
        fai=FAI,
        gvcf=read_of("gvcf", "<results>/germline/{sample}.g.vcf.gz"),
        vcf=read_of("vcf", "<results>/germline/{sample}.vcf.gz"),
        callable=read_of("vcf", "<results>/callable/{sample}.bed.gz"),
        events=lambda wildcards: [
            path for s in BATCHES[wildcards.batch] for path, _ in events_of(s)
        ],
        calls=loci_of("calls"),
        repeats=loci_of("repeats"),
    output:
        read="<results>/cohort/read/{batch}.json",
    log:
        "<logs>/read_people/{batch}.log",
    benchmark:
        "<benchmarks>/read_people/{batch}.tsv"
    retries: 1
    conda:
        "../../environment.yml"
    resources:
        mem_mb=largest_of("read_people", ("gvcf", "vcf")),
        runtime=minutes(20, 2, ("gvcf", "vcf")),
    params:
        code=code_of("read_people.py"),
        people=lambda wildcards: {
            sample: (
                SAMPLE[sample]["patient"],
                PATIENT[SAMPLE[sample]["patient"]]["sex"] or "unknown",
            )
            for sample in BATCHES[wildcards.batch]
        },
        columns=lambda wildcards: {
            s: [named for _, named in events_of(s)] for s in BATCHES[wildcards.batch]
        },
        cohort={name: config["cohort"][name] for name in ("adj", "state", "register", "structural")},
        reference=config["reference"],
    script:
        "../scripts/read_people.py"


rule choose_people:
    """Who is counted: gates, kinship, and what the register of releases says."""
    input:
        patients=given(config["patients"]),
        samples=given(config["samples"]),
        fasta=REFERENCE,
        fai=FAI,
        quality=collect("<results>/quality/{sample}.parquet", sample=COUNTED),
        read=collect("<results>/cohort/read/{batch}.json", batch=list(BATCHES)),
        withdrawn=WITHDRAWN,
    output:
        chosen="<results>/cohort/chosen.json",
    log:
        "<logs>/choose_people.log",
    benchmark:
        "<benchmarks>/choose_people.tsv"
    retries: 1
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling_of("choose_people", units=len(COUNTED)),
        runtime=lambda wildcards, attempt: attempt * int(30 + 0.02 * len(COUNTED)),
    params:
        code=code_of("choose_people.py"),
        cohort=config["cohort"],
        reference=config["reference"],
    script:
        "../scripts/choose_people.py"


rule sum_chromosome:
    """Sums of one chromosome over those who are counted, laid ready in the state."""
    input:
        fasta=REFERENCE,
        fai=FAI,
        chosen="<results>/cohort/chosen.json",
    output:
        sums="<results>/cohort/sums/{chrom}.json",
    log:
        "<logs>/sum_chromosome/{chrom}.log",
    benchmark:
        "<benchmarks>/sum_chromosome/{chrom}.tsv"
    retries: 1
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling_of("sum_chromosome"),
        runtime=lambda wildcards, attempt: attempt * int(20 + 0.05 * len(COUNTED)),
    params:
        code=code_of("sum_chromosome.py"),
        cohort={name: config["cohort"][name] for name in ("adj", "state")},
        reference=config["reference"],
    script:
        "../scripts/sum_chromosome.py"


rule aggregate_cohort:
    input:
        patients=given(config["patients"]),
        samples=given(config["samples"]),
        fasta=REFERENCE,
        fai=FAI,
        quality=collect("<results>/quality/{sample}.parquet", sample=COUNTED),
        chosen="<results>/cohort/chosen.json",
        sums=collect("<results>/cohort/sums/{chrom}.json", chrom=SUMMED),
        withdrawn=WITHDRAWN,
    output:
        registered=[directory(folder) for folder in REGISTERED],
        frequency=directory("<results>/cohort/frequency"),
        callable=directory("<results>/cohort/callable"),
        structural=directory("<results>/cohort/structural"),
        loci=directory("<results>/cohort/loci"),
        sites="<results>/cohort/sites.vcf.gz",
        index="<results>/cohort/sites.vcf.gz.tbi",
        members="<results>/cohort/members.parquet",
        release="<results>/cohort/release.json",
    log:
        "<logs>/aggregate_cohort.log",
    benchmark:
        "<benchmarks>/aggregate_cohort.tsv"
    retries: 1
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling_of("aggregate_cohort", units=len(COUNTED)),
        runtime=lambda wildcards, attempt: attempt * int(60 + 0.1 * len(COUNTED)),
    params:
        code=code_of("aggregate_cohort.py"),
        cohort=config["cohort"],
        reference=config["reference"],
        chroms=RUN_CHROMS,
    script:
        "../scripts/aggregate_cohort.py"


rule annotate_release:
    """Names and consequences of the alleles a release shows, for those who search it."""
    input:
        frequency="<results>/cohort/frequency",
        knowledge=collect("<results>/knowledge/{source}.parquet", source=ANNOTATION_TABLES),
        covered=COVERED,
        fasta=REFERENCE,
        fai=FAI,
    output:
        table=ensure("<results>/cohort/annotation/{chrom}.parquet", non_empty=True),
    log:
        "<logs>/annotate_release/{chrom}.log",
    benchmark:
        "<benchmarks>/annotate_release/{chrom}.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling_of("annotate_alleles", units=SPAN * len(COUNTED) ** 0.5),
        runtime=lambda wildcards, attempt: attempt * int(60 + 1.2 * SPAN * len(COUNTED)),
    params:
        tables=ANNOTATION_TABLES,
        build=config["reference"]["build"],
        batch=config["annotation"]["batch"],
        engine=config["engines"]["consequence"],
        aliases=ALIASES,
        coverage=COVERAGE,
        code=code_of("annotate_release.py"),
    script:
        "../scripts/annotate_release.py"


rule report_release:
    """The report on a release, for people: a page and a PDF in each language."""
    input:
        release="<results>/cohort/release.json",
        frequency="<results>/cohort/frequency",
        callable="<results>/cohort/callable",
        sites="<results>/cohort/sites.vcf.gz",
        index="<results>/cohort/sites.vcf.gz.tbi",
        annotation=collect("<results>/cohort/annotation/{chrom}.parquet", chrom=RUN_CHROMS),
        knowledge=collect("<results>/knowledge/{source}.parquet", source=ANNOTATION_TABLES),
    output:
        pages=collect(
            "<results>/cohort/report.{language}.html", language=config["report"]["languages"]
        ),
        documents=collect(
            "<results>/cohort/report.{language}.pdf", language=config["report"]["languages"]
        ),
    log:
        "<logs>/report_release.log",
    benchmark:
        "<benchmarks>/report_release.tsv"
    conda:
        "../../environment.yml"
    resources:
        mem_mb=doubling(1500),
        runtime=lambda wildcards, attempt: attempt * int(30 + 0.02 * SPAN * len(COUNTED)),
    params:
        languages=config["report"]["languages"],
        code=code_of("report_release.py"),
    script:
        "../scripts/report_release.py"
