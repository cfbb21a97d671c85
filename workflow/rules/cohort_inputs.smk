"""Who may be counted, the files of a batch of them, what is added up. Defines no rule."""

from shirube.sheet import batches

COUNTED = [
    row["sample"]
    for row in samples.join(patients, on="patient").iter_rows(named=True)
    if row["kind"] == "normal" and row["consent_cohort"] == "yes"
]
VCF_COUNTED = [sample for sample in COUNTED if form_of(SAMPLE[sample]["path"]) == "vcf"]
_VCF_COUNTED = set(VCF_COUNTED)
BATCHES = batches(COUNTED, config["cohort"]["batch"])
# Of few people a job a chromosome would take longer to start than aggregate_cohort to add up.
_split = len(COUNTED) >= config["cohort"]["split_from"]
_known = {canonical(contig, ALIASES) for contig in CONTIGS} if _split else set()
SUMMED = [chrom for chrom in CHROMS if chrom in _known]


def read_of(form, path):
    """Input function: `path` of each sample of {batch} that comes as `form` (vcf, or gvcf)."""

    def found(wildcards):
        own = [s for s in BATCHES[wildcards.batch] if (s in _VCF_COUNTED) == (form == "vcf")]
        return collect(path, sample=own)

    return found


def loci_of(table):
    """Input function: calls, or lengths of repeats, of the people of {batch} whose loci count.

    Repeats are counted of those whose were measured for their own report, or of everyone who has
    reads (`cohort.loci.everyone`).
    """

    def found(wildcards):
        if not config["cohort"]["loci"]["counted"]:
            return []
        own = BATCHES[wildcards.batch]
        if table == "calls":
            return collect("<results>/germline/{sample}.parquet", sample=own)
        own = [s for s in own if alignments_of(s)]
        if not config["cohort"]["loci"]["everyone"]:
            own = [s for s in own if is_rare(SAMPLE[s]["patient"])]
        return collect("<results>/repeats/{sample}.parquet", sample=own)

    return found


def events_of(sample):
    """Files that tell of a counted person's structural variants, with their column in each.

    Those the sheet names; else its VCF, which may hold them; else what was found in their own
    reads. Where a tumour's reads were searched, the person's own were not.
    """
    row = SAMPLE[sample]
    if not config["cohort"]["structural"]["counted"]:
        return []
    named = [row[column] for column in ("structural", "copy_number") if row[column]]
    if not named and form_of(row["path"]) == "vcf":
        named = [row["path"]]
    if named:
        return [(given(path), row["sample_in_file"]) for path in named]
    searched = searched_sample(row["patient"]) == sample
    return [(f"<results>/sv/{row['patient']}.parquet", None)] if searched else []
