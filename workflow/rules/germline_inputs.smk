"""Input functions and names of germline.smk. Defines no rule."""

from shirube.genome.regions import jobs

GERMLINE_JOBS = jobs(TILES, config["calling"]["job"])
CALLER_SETTINGS = {
    name: config["calling"][name] for name in ("min_mapq", "min_baseq", "max_depth", "min_fraction")
}

# chrM is called by a job of its own, where the run looks at it.
MITOCHONDRIA = ["<results>/germline/mitochondria/{sample}.bcf"] if "chrM" in RUN_CHROMS else []

GENOTYPE_RULE = ("min_gq", "min_dp", "min_dp_haploid", "min_ab")


def deepvariant_calls(wildcards):
    """The gVCF of {sample} that DeepVariant makes; [] where it is not the engine."""
    chosen = config["engines"]["germline"] == "deepvariant"
    return f"<results>/germline/deepvariant/{wildcards.sample}.g.vcf.gz" if chosen else []


def called_file(wildcards):
    """Where the calls of {sample} are: the file of the sheet, or the gVCF made of its reads."""
    path = sample_value("path")(wildcards)
    return (
        f"<results>/germline/{wildcards.sample}.g.vcf.gz"
        if form_of(path) == "reads"
        else given(path)
    )


def kept_gvcf(path):
    """A gVCF or its index as `retention.gvcf` asks: kept, or removed when nothing needs it."""
    return path if config["retention"]["gvcf"] == "keep" else temp(path)
