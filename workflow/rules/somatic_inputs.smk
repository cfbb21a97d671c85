"""Input functions of somatic.smk and structural.smk. Defines no rule."""

fetch("shirube.calling.copy_number.depth_reference")

from shirube.calling.copy_number.depth_reference import LEAST_PEOPLE
from shirube.genome.regions import jobs

# A tumour is read deeper and on one thread.
SOMATIC_JOBS = jobs(TILES, config["calling"]["job"] // 16)


def resource_file(name, section="somatic_resources"):
    """A file of a section of resources in the configuration; [] where it is not named."""
    path = config[section][name]
    return given(path) if path else []


MARKER_TABLES = ("hrd_criteria", "cluster_criteria", "centromeres", "viral_contigs")
COUNTING = {name: config["calling"][name] for name in ("min_mapq", "min_baseq")}


def somatic_parts(wildcards):
    """Tables a patient's somatic calls are gathered from: tiles of reads, or an imported VCF."""
    if reads_of("tumour")(wildcards) and config["engines"]["somatic"] == "gatk":
        return f"<results>/somatic/mutect2/{wildcards.patient}.parquet"
    if reads_of("tumour")(wildcards):
        return collect(
            "<results>/somatic/tiles/{patient}/{tile}.parquet",
            patient=wildcards.patient,
            tile=SOMATIC_JOBS,
        )
    return f"<results>/somatic/imported/{wildcards.patient}.parquet"


def normal_names(wildcards):
    """What a patient's normal may be called as a column of the tumour's VCF."""
    row = SAMPLE.get(only_sample(wildcards.patient, "normal"), {})
    return [name for name in (row.get("sample_in_file"), row.get("sample")) if name]


def error_rates(wildcards):
    """Error rates of a tumour whose reads the own caller judges; [] for any other."""
    own = reads_of("tumour")(wildcards) and config["engines"]["somatic"] == "embedded"
    return f"<results>/somatic/errors/{wildcards.patient}.parquet" if own else []


def pair_names(wildcards):
    """Names of a patient's tumour and, where its reads were looked at, of the normal."""
    tumour, normal = (samples_of(wildcards.patient, kind)[:1] for kind in ("tumour", "normal"))
    both = reads_of("tumour")(wildcards) and reads_of("normal")(wildcards)
    return [*tumour, *(normal if both else [])]


def normal_calls(wildcards):
    """Germline calls of a patient's normal."""
    return f"<results>/germline/{samples_of(wildcards.patient, 'normal')[0]}.parquet"


def callable_pair(wildcards):
    """Callable intervals of a patient's tumour and, if there is one, normal."""
    names = [samples_of(wildcards.patient, kind)[:1] for kind in ("tumour", "normal")]
    return collect("<results>/callable/{sample}.bed.gz", sample=[n for own in names for n in own])


def paired_copy_number(wildcards):
    """Copy-number segments measured here, of a tumour and a normal that both have reads, else []."""
    both = reads_of("tumour")(wildcards) and reads_of("normal")(wildcards)
    both = both and not given_copies(wildcards.patient)
    return f"<results>/cnv/{wildcards.patient}.parquet" if both else []


def paired_events(wildcards):
    """Junctions searched here, of a tumour and a normal that both have reads, else []."""
    both = reads_of("tumour")(wildcards) and reads_of("normal")(wildcards)
    both = both and not SAMPLE[only_sample(wildcards.patient, "tumour")]["structural"]
    return f"<results>/junctions/{wildcards.patient}.parquet" if both else []


def searched_sample(patient):
    """Sample whose reads are searched: the tumour, else the normal; None where events are given."""
    for kind in ("tumour", "normal"):
        name = only_sample(patient, kind)
        if name and alignments_of(name) and not SAMPLE[name]["structural"]:
            return name
    return None


def structural_reads(wildcards):
    """Reads that are searched for junctions; [] where there are none, or the events are given."""
    name = searched_sample(wildcards.patient)
    return alignments_of(name) if name else []


def structural_names(wildcards):
    """Columns of the VCF of junctions: the primary sample and, if it stands beside, the normal."""
    name = searched_sample(wildcards.patient)
    normal = structural_normal(wildcards) and samples_of(wildcards.patient, "normal")[:1]
    events = [one["sample"] for one in given_events(wildcards)]
    return [name, *(normal or [])] if name else events[:1]


def measured_normal(patient):
    """A patient's normal sample whose depth is measured: it has reads; None without one."""
    name = only_sample(patient, "normal")
    return name if name and alignments_of(name) else None


def depths_of(names):
    """Files of the DEPTH of samples."""
    return collect("<results>/depth/{sample}.parquet", sample=[name for name in names if name])


COMPARED = 40  # people whose depth is offered as a reference; the most alike of them are taken


def compared_with(patient):
    """Normal samples with reads of other families, the first of the sheet: at most COMPARED.

    A run that grows at its end so keeps the reference of those who were there.
    """
    own = set(family_of(patient))
    others = [measured_normal(name) for name in PATIENT if name not in own]
    return [name for name in others if name][:COMPARED]


def compared_normal(patient):
    """What a patient's own normal sample is compared with; [] where its depth is not measured."""
    return compared_with(patient) if measured_normal(patient) else []


def lone_tumour(patient):
    """The tumour sample with reads of a patient without a normal, if others are beside it."""
    name = only_sample(patient, "tumour")
    alone = name and alignments_of(name) and not only_sample(patient, "normal")
    beside = alone and not given_copies(patient) and len(compared_with(patient)) >= LEAST_PEOPLE
    return name if beside else None


def given_events(wildcards):
    """Files of events that the sheet names for a patient, with the sample each is of."""
    normals = normal_names(wildcards) if samples_of(wildcards.patient, "normal") else []
    found = []
    for kind, column in (
        ("tumour", "structural"),
        ("normal", "structural"),
        ("normal", "copy_number"),
    ):
        row = SAMPLE.get(only_sample(wildcards.patient, kind), {})
        if row.get(column):
            found.append(
                {
                    "path": given(row[column]),
                    "named": row["sample_in_file"],
                    "sample": row["sample"],
                    "tumour": kind == "tumour",
                    "depth": column == "copy_number",
                    "normals": normals,
                }
            )
    return found


def has_structural(patient):
    """Whether a patient's structural variants are known: from reads, or from files given."""
    names = samples_of(patient)
    named = ("structural", "copy_number")
    germline = [n for n in samples_of(patient, "normal") if any(SAMPLE[n][c] for c in named)]
    return bool(germline) or any(alignments_of(n) or SAMPLE[n]["structural"] for n in names)


def given_copies(patient):
    """The tumour sample of a patient whose copy numbers come as VCF; None where they do not."""
    name = only_sample(patient, "tumour")
    return name if name and SAMPLE[name]["copy_number"] else None


def structural_normal(wildcards):
    """Reads of the normal beside a tumour whose reads are searched; else []."""
    name = searched_sample(wildcards.patient)
    beside = name and SAMPLE[name]["kind"] == "tumour"
    return reads_of("normal")(wildcards) if beside else []


def structural_memory(wildcards, input, attempt):
    """Megabytes for the junctions of a job: they grow with the reads over a whole genome.

    One read in 20 to 80 is clipped or in a discordant pair, and takes about 120 bytes while it is
    sorted. A CRAM holds three times as many reads a byte as a BAM.
    """
    asked = MEMORY["call_structural"]
    size = sum(
        megabytes_of(input, name) * (3 if str(input.get(name)).endswith(".cram") else 1)
        for name in ("primary", "normal")
    )
    grown = 0 if config.get("regions") else asked.more * size
    return int((asked.base + grown) * 2 ** (attempt - 1))
