"""Input functions and names of germline.smk. Defines no rule."""

CALLER_SETTINGS = {
    name: config["calling"][name] for name in ("min_mapq", "min_baseq", "max_depth", "min_fraction")
}

# chrM is called by a job of its own, where the run looks at it.
MITOCHONDRIA = ["<results>/germline/mitochondria/{sample}.bcf"] if "chrM" in RUN_CHROMS else []

GENOTYPE_RULE = ("min_gq", "min_dp", "min_dp_haploid", "min_ab")


def samples_as(form, kind="normal"):
    """Names of the samples of `kind` that come as `form`, as a wildcard constraint."""
    return names_pattern(
        name for name, row in SAMPLE.items() if row["kind"] == kind and form_of(row["path"]) == form
    )


def deepvariant_calls(wildcards):
    """The gVCF of {sample} that DeepVariant makes; [] where it is not the engine."""
    chosen = config["engines"]["germline"] == "deepvariant"
    return f"<results>/germline/deepvariant/{wildcards.sample}.g.vcf.gz" if chosen else []


def sex_of(wildcards):
    """Sex of the person {sample} is of."""
    patient = sample_value("patient")(wildcards)
    return PATIENT[patient]["sex"]


def name_in_file(wildcards):
    """Name of {sample} inside its file."""
    return sample_value("sample_in_file")(wildcards) or wildcards.sample


def called_file(wildcards):
    """Where the calls of {sample} are: the file of the sheet, or the gVCF made of its reads."""
    path = sample_value("path")(wildcards)
    return f"<results>/germline/{wildcards.sample}.g.vcf.gz" if form_of(path) == "reads" else path


def kept_gvcf(path):
    """A gVCF or its index as `retention.gvcf` asks: kept, or removed when nothing needs it."""
    return path if config["retention"]["gvcf"] == "keep" else temp(path)
