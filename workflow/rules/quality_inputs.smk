"""Input functions and names of quality.smk. Defines no rule."""


def optional_gene_models(_wildcards):
    """The imported gene models, where the config names some."""
    return configured("gene_models")


def reads_if_any(wildcards):
    """The reads of {sample}; [] where it comes as VCF or gVCF."""
    return alignments_of(wildcards.sample)


def bins_if_read(wildcards):
    """Bins of depth for a sample with reads; cutting a whole genome into them takes minutes."""
    return "<results>/depth_bins.parquet" if alignments_of(wildcards.sample) else []


def callable_source(wildcards):
    """What says where {sample} could be judged besides its reads: gvcf or bed, as a named input."""
    row = SAMPLE[wildcards.sample]
    form = form_of(row["path"])
    if row["kind"] == "normal" and form != "vcf":
        return {"gvcf": f"<results>/germline/{wildcards.sample}.g.vcf.gz"}
    return {"bed": given(row["callable"])} if form != "reads" and row["callable"] else {}


def normal_calls_of(wildcards):
    """Germline calls of the person {sample} is of: the normal's; [] where there is no normal."""
    normals = samples_of(sample_value("patient")(wildcards), "normal")
    return f"<results>/germline/{normals[0]}.parquet" if normals else []


def pairs_calls(wildcards):
    """Somatic candidates of a tumour that has a normal; [] for other samples."""
    patient = sample_value("patient")(wildcards)
    paired = sample_value("kind")(wildcards) == "tumour" and samples_of(patient, "normal")
    return f"<results>/somatic/{patient}.parquet" if paired else []
