"""The tables that stages exchange: their columns, key and sort order.

A stage never writes or reads Parquet except through `write` and `read`, so a table that breaks
its contract fails in the stage that made it. In every table:

    pos          1-based position of the first base of `ref` (VCF POS)
    start, end   0-based, half-open (BED)
    chrom        canonical name (chr1 ... chr22, chrX, chrY, chrM), sorted in that order,
                 whatever the reference calls it (`alleles.canonical`)
    null         unknown; never zero, never "no"
    allele key   (chrom, pos, ref, alt): one ALT, trimmed and left-aligned
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shirube.chromosomes import CHROMS
from shirube.errors import ContractError

CHROM = pl.Enum(CHROMS)
ALLELE = ("chrom", "pos", "ref", "alt")
_ALLELE: dict[str, pl.DataType | type[pl.DataType]] = {
    "chrom": CHROM,
    "pos": pl.Int32,
    "ref": pl.String,
    "alt": pl.String,
}


@dataclass(frozen=True)
class Contract:
    """Columns of one table and what they mean; rows are unique in `key` and sorted by it."""

    name: str
    version: int
    about: str
    schema: Mapping[str, pl.DataType | type[pl.DataType]]
    key: tuple[str, ...]
    columns: Mapping[str, str]

    def __post_init__(self) -> None:
        said = {*ALLELE, "start", "end", *self.columns}  # the first six in the module's docstring
        unknown = (set(self.schema) - said) | (set(self.columns) - set(self.schema))
        if unknown:
            raise ContractError(f"{self.name}: columns without type or meaning: {sorted(unknown)}")

    @property
    def polars(self) -> pl.Schema:
        """The schema as polars knows it."""
        return pl.Schema(self.schema)

    def empty(self) -> pl.DataFrame:
        """A table of no rows."""
        return pl.DataFrame(schema=self.polars)

    def table(self, frame: pl.DataFrame) -> pl.DataFrame:
        """`frame` with the contract's columns only, cast, in order, sorted; then checked."""
        missing = [name for name in self.schema if name not in frame.columns]
        if missing:
            raise ContractError(f"{self.name}: missing columns {missing}")
        return check(frame.select(list(self.schema)).cast(self.polars).sort(self.key), self)


FILTERS = {
    "PASS": "kept",
    "LowQual": "call quality below the threshold",
    "LowDepth": "too few reads",
    "LowGQ": "genotype quality below the threshold",
    "AlleleBalance": "reads of a heterozygote too unbalanced",
    "StrandBias": "alternative reads on one strand only",
    "PositionBias": "alternative reads only near read ends",
    "LowMapQ": "alternative reads map poorly",
    "LowBaseQ": "alternative bases of low quality",
    "Repeat": "length change within a repeat, explained by polymerase slippage",
    "OtherAllele": "the same reads fit another allele better",
    "LowLOD": "tumour evidence below the threshold",
    "Germline": "seen in the normal sample or common in the population",
    "PanelOfNormals": "recurrent in normal samples",
    "LowSupport": "too few read pairs and split reads",
    "Artefact": "pile of clipped reads without a partner",
    "Unplaced": "not in a canonical chromosome or outside the requested regions",
    "NoGenotype": "no alternative allele in the called genotype",
    "Caller": "filtered by the program that made the input VCF",
}

CALLS = Contract(
    "calls",
    1,
    "Calls of one sample, one row an ALT allele, of every engine and of VCF input",
    {
        **_ALLELE,
        "record": pl.UInt32,
        "filter": pl.String,
        "qual": pl.Float32,
        "dosage": pl.Int8,
        "ploidy": pl.Int8,
        "gq": pl.Int16,
        "dp": pl.Int32,
        "ad_ref": pl.Int32,
        "ad_alt": pl.Int32,
        "phase_set": pl.Int32,
        "haplotype": pl.Int8,
    },
    (*ALLELE, "record"),
    {
        "record": "index (0-based) of the record in the file as called, before splitting",
        "filter": "PASS or names of FILTERS joined by ;",
        "qual": "phred quality that the site varies",
        "dosage": "copies of this ALT in the genotype; null where not called",
        "ploidy": "alleles in the genotype: 1 haploid, 2 diploid; null where not called",
        "gq": "phred genotype quality",
        "dp": "reads counted at the site",
        "ad_ref": "reads with the reference allele",
        "ad_alt": "reads with this allele",
        "phase_set": "position naming the phase block; null where unphased",
        "haplotype": "0 or 1: which haplotype of the phase block carries the allele",
    },
)

SOMATIC = Contract(
    "somatic",
    1,
    "Somatic candidates of one patient, kept and filtered, one row an allele",
    {
        **_ALLELE,
        "filter": pl.String,
        "tumour_dp": pl.Int32,
        "tumour_ad": pl.Int32,
        "normal_dp": pl.Int32,
        "normal_ad": pl.Int32,
        "vaf": pl.Float64,
        "vaf_low": pl.Float64,
        "vaf_high": pl.Float64,
        "lod": pl.Float64,
        "normal_lod": pl.Float64,
        "strand_p": pl.Float64,
        "phase_set": pl.Int32,
    },
    ALLELE,
    {
        "filter": "PASS or names of FILTERS joined by ;",
        "tumour_dp": "tumour reads counted",
        "tumour_ad": "tumour reads with the allele",
        "normal_dp": "normal reads counted; null without a normal",
        "normal_ad": "normal reads with the allele; null without a normal",
        "vaf": "fraction of tumour reads with the allele",
        "vaf_low": "lower end of its 95% interval",
        "vaf_high": "upper end of its 95% interval",
        "lod": "log10 likelihood ratio: allele at the observed fraction against sequencing error",
        "normal_lod": "log10 likelihood ratio: normal without the allele against heterozygous",
        "strand_p": "Fisher p that ALT and REF reads have the same strand balance",
        "phase_set": "position naming the block of alleles seen on the same reads",
    },
)

STRUCTURAL = Contract(
    "structural",
    1,
    "Structural variants of one patient's tumour (or person), one row a novel adjacency",
    {
        "event": pl.String,
        "origin": pl.String,
        "svtype": pl.String,
        "chrom1": CHROM,
        "pos1": pl.Int32,
        "strand1": pl.String,
        "chrom2": CHROM,
        "pos2": pl.Int32,
        "strand2": pl.String,
        "filter": pl.String,
        "pairs": pl.Int32,
        "splits": pl.Int32,
        "depth": pl.Int32,
        "normal_pairs": pl.Int32,
        "normal_splits": pl.Int32,
        "normal_depth": pl.Int32,
        "homology": pl.Int16,
        "inserted": pl.String,
    },
    ("chrom1", "pos1", "chrom2", "pos2", "strand1", "strand2"),
    {
        "event": "name of the adjacency, unique in the patient",
        "origin": "somatic, germline or unknown (no normal)",
        "svtype": "DEL DUP INV INS BND, as VCF 4.4",
        "chrom1": "chromosome of the lower breakend",
        "pos1": "last base (1-based) kept on the lower side",
        "strand1": "+ if the kept sequence lies left of pos1, - if right",
        "chrom2": "chromosome of the upper breakend",
        "pos2": "position (1-based) of the upper breakend",
        "strand2": "+ if the kept sequence lies left of pos2, - if right",
        "filter": "PASS or names of FILTERS joined by ;",
        "pairs": "discordant pairs that support it",
        "splits": "split or clipped reads that support it",
        "depth": "reads over the better covered breakend",
        "normal_pairs": "the same in the normal sample; null without one",
        "normal_splits": "the same in the normal sample; null without one",
        "normal_depth": "the same in the normal sample; null without one",
        "homology": "bases shared by both sides at the junction",
        "inserted": "bases at the junction that belong to neither side",
    },
)

LOH = Contract(
    "loh",
    1,
    "Heterozygous germline alleles of a patient, counted again in the tumour",
    {
        **_ALLELE,
        "normal_ad": pl.Int32,
        "normal_dp": pl.Int32,
        "tumour_ad": pl.Int32,
        "tumour_dp": pl.Int32,
        "tumour_vaf": pl.Float64,
        "tumour_vaf_low": pl.Float64,
        "tumour_vaf_high": pl.Float64,
        "p": pl.Float64,
        "state": pl.String,
    },
    ALLELE,
    {
        "normal_ad": "normal reads with the ALT",
        "normal_dp": "normal reads counted",
        "tumour_ad": "tumour reads with the ALT",
        "tumour_dp": "tumour reads counted",
        "tumour_vaf": "tumour_ad / tumour_dp; null where tumour_dp = 0",
        "tumour_vaf_low": "lower end of its 95% interval",
        "tumour_vaf_high": "upper end of its 95% interval",
        "p": "two-sided p that tumour and normal have the same allele fraction",
        "state": "ref_lost, alt_lost, retained, or unknown (too few reads to tell)",
    },
)

COPY_NUMBER = Contract(
    "copy_number",
    1,
    "Copy-number segments of one patient's tumour",
    {
        "chrom": CHROM,
        "start": pl.Int32,
        "end": pl.Int32,
        "log2": pl.Float64,
        "baf": pl.Float64,
        "bins": pl.Int32,
        "het_sites": pl.Int32,
        "total_cn": pl.Float64,
        "minor_cn": pl.Float64,
        "call": pl.String,
    },
    ("chrom", "start"),
    {
        "log2": "log2 ratio of tumour to normal depth, GC corrected, median 0",
        "baf": "mean distance of germline heterozygotes' tumour fraction from one half",
        "bins": "depth bins in the segment",
        "het_sites": "heterozygous sites in the segment",
        "total_cn": "copies in tumour cells; null where purity is unknown",
        "minor_cn": "copies of the rarer parental chromosome; null where unknown",
        "call": "amplification, gain, neutral, loh, loss, homozygous_deletion or unknown",
    },
)

MARKERS = Contract(
    "markers",
    1,
    "Genome-wide markers of one patient's tumour, one row a marker",
    {
        "marker": pl.String,
        "value": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "unit": pl.String,
        "call": pl.String,
        "basis": pl.String,
    },
    ("marker",),
    {
        "marker": "TMB, MSI, or SBS:<signature>",
        "value": "measured value; null where it could not be measured",
        "low": "lower end of its 95% interval",
        "high": "upper end of its 95% interval",
        "unit": "unit of the value",
        "call": "high, low, stable, present or unknown (the interval allows no other)",
        "basis": "what the value rests on, in words and counts",
    },
)

COVERAGE = Contract(
    "coverage",
    1,
    "Depth of one sample over coding exons inside the regions of the run, one row a transcript",
    {
        "gene": pl.String,
        "transcript": pl.String,
        "chrom": CHROM,
        "bases": pl.Int32,
        "mean_depth": pl.Float64,
        "min_depth": pl.Int32,
        "callable": pl.Float64,
        "requested": pl.Float64,
    },
    ("gene", "transcript"),
    {
        "gene": "HGNC symbol",
        "transcript": "transcript whose coding exons are measured",
        "bases": "coding bases of the transcript",
        "mean_depth": "mean depth of those inside the regions (primary, non-duplicate reads, "
        "MAPQ >= calling.min_mapq, mates counted once); null without reads",
        "min_depth": "lowest depth of those inside the regions; null without reads",
        "callable": "fraction of them in the callable intervals of the sample",
        "requested": "fraction of them inside the regions of the run",
    },
)

QUALITY = Contract(
    "quality",
    1,
    "What was measured of one sample, with the gate it had to pass, one row a metric",
    {
        "metric": pl.String,
        "sample": pl.String,
        "value": pl.Float64,
        "sites": pl.Int64,
        "low": pl.Float64,
        "high": pl.Float64,
        "action": pl.String,
        "verdict": pl.String,
        "reason": pl.String,
    },
    ("metric",),
    {
        "metric": "mean_depth, callable, duplicates, contamination, ... (shirube.quality.gates)",
        "sample": "sample of the sheet",
        "value": "what was measured; null where it could not be",
        "sites": "bases, reads or sites it was measured at; null where that has no meaning",
        "low": "lowest value that passes; null if there is none",
        "high": "highest value that passes; null if there is none",
        "action": "what a failure does: none (measured only), warn, watermark or block",
        "verdict": "pass, fail or unknown (not measured)",
        "reason": "what the value is and what it means",
    },
)

ANNOTATION = Contract(
    "annotation",
    2,
    "Every allele of the run on every transcript it touches; intergenic alleles have one row",
    {
        **_ALLELE,
        "transcript": pl.String,
        "gene": pl.String,
        "gene_id": pl.String,
        "mane": pl.String,
        "consequence": pl.String,
        "impact": pl.String,
        "exon": pl.String,
        "hgvs_g": pl.String,
        "hgvs_c": pl.String,
        "hgvs_p": pl.String,
        "protein_pos": pl.Int32,
        "clinvar_id": pl.String,
        "clinvar_significance": pl.String,
        "clinvar_review": pl.String,
        "clinvar_stars": pl.Int8,
        "clinvar_conditions": pl.String,
        "clinvar_oncogenicity": pl.String,
        "rsid": pl.String,
        "population_af": pl.Float64,
        "population_source": pl.String,
        "japanese_af": pl.Float64,
        "japanese_source": pl.String,
        "revel": pl.Float64,
        "alphamissense": pl.Float64,
        "spliceai": pl.Float64,
    },
    (*ALLELE, "transcript"),
    {
        "transcript": "transcript with version; empty string where the allele touches none",
        "gene": "HGNC symbol",
        "gene_id": "Ensembl gene id",
        "mane": "MANE Select, MANE Plus Clinical or null",
        "consequence": "SO terms joined by &, most severe first",
        "impact": "HIGH, MODERATE, LOW or MODIFIER",
        "exon": "exon number / number of exons (or intron, as i3/12)",
        "hgvs_g": "HGVS genomic name",
        "hgvs_c": "HGVS coding or non-coding name without the transcript prefix",
        "hgvs_p": "HGVS protein name in three-letter code; null outside the protein",
        "protein_pos": "first residue changed (1-based)",
        "clinvar_id": "ClinVar variation id",
        "clinvar_significance": "ClinVar aggregate germline classification",
        "clinvar_review": "ClinVar review status",
        "clinvar_stars": "its stars, 0 to 4",
        "clinvar_conditions": "ClinVar condition names joined by |",
        "clinvar_oncogenicity": "ClinVar aggregate oncogenicity classification",
        "rsid": "dbSNP id",
        "population_af": "highest allele frequency of any imported population; null if none covers",
        "population_source": "source and population of population_af",
        "japanese_af": "allele frequency in the best imported Japanese source",
        "japanese_source": "that source",
        "revel": "REVEL score of the allele; null if not imported or not scored",
        "alphamissense": "AlphaMissense pathogenicity of the allele",
        "spliceai": "highest SpliceAI delta score of the allele",
    },
)

FREQUENCY = Contract(
    "frequency",
    1,
    "Allele frequencies of the cohort, one row an allele and group of people",
    {
        **_ALLELE,
        "group": pl.String,
        "ac": pl.Int32,
        "an": pl.Int32,
        "af": pl.Float64,
        "nhomalt": pl.Int32,
        "nhemi": pl.Int32,
        "faf95": pl.Float64,
        "hwe_p": pl.Float64,
    },
    (*ALLELE, "group"),
    {
        "group": "`all`, or the stratum as column=value pairs joined by ,",
        "ac": "copies of the allele in genotypes that pass the genotype rule",
        "an": "chromosomes callable at the position",
        "af": "ac / an; null where an = 0",
        "nhomalt": "people homozygous for the allele",
        "nhemi": "people hemizygous for it (one copy, haploid genotype)",
        "faf95": "filtering allele frequency: lower 95% Poisson bound of af",
        "hwe_p": "exact Hardy-Weinberg p among diploid genotypes; null where undefined",
    },
)

MEMBERS = Contract(
    "members",
    1,
    "Samples of the run and whether the cohort counts them; private",
    {
        "sample": pl.String,
        "patient": pl.String,
        "stratum": pl.String,
        "counted": pl.Boolean,
        "reason": pl.String,
    },
    ("sample",),
    {
        "sample": "sample of the sheet",
        "patient": "the person",
        "stratum": "sex and the configured columns as column=value pairs joined by ,",
        "counted": "whether the sample is in AC and AN",
        "reason": "why it is not; null where it is",
    },
)

FATES = ("reported", "tiered", "filtered")
LEDGER = Contract(
    "ledger",
    1,
    "The fate of every input record of a patient: exactly one row each",
    {
        "stage": pl.String,
        "sample": pl.String,
        "record": pl.UInt32,
        **_ALLELE,
        "fate": pl.Enum(FATES),
        "rule": pl.String,
        "value": pl.String,
        "threshold": pl.String,
    },
    ("stage", "sample", *ALLELE, "record"),
    {
        "stage": "germline, somatic or structural",
        "sample": "sample whose file holds the record",
        "record": "index of the record in the file as called",
        "fate": "reported: in the report; tiered: classified, below reporting; filtered: removed",
        "rule": "rule that decided",
        "value": "what the rule saw",
        "threshold": "what it asked for",
    },
)

EVIDENCE = pl.Struct(
    {
        "source": pl.String,
        "version": pl.String,
        "id": pl.String,
        "url": pl.String,
        "level": pl.String,
        "direction": pl.String,
        "significance": pl.String,
        "therapies": pl.String,
        "disease": pl.String,
        "same_disease": pl.Boolean,
        "statement": pl.String,
    }
)
CRITERION = pl.Struct(
    {
        "code": pl.String,
        "met": pl.Boolean,
        "points": pl.Int8,
        "reason": pl.String,
        "source": pl.String,
    }
)
FINDINGS = Contract(
    "findings",
    1,
    "What the interpretation of one patient found, before it becomes a report",
    {
        "finding": pl.String,
        "rank": pl.Int32,
        "section": pl.String,
        "origin": pl.String,
        "kind": pl.String,
        **_ALLELE,
        "gene": pl.String,
        "transcript": pl.String,
        "consequence": pl.String,
        "hgvs_g": pl.String,
        "hgvs_c": pl.String,
        "hgvs_p": pl.String,
        "name": pl.String,
        "zygosity": pl.String,
        "dp": pl.Int32,
        "ad_alt": pl.Int32,
        "vaf": pl.Float64,
        "vaf_low": pl.Float64,
        "vaf_high": pl.Float64,
        "normal_dp": pl.Int32,
        "normal_ad": pl.Int32,
        "classification": pl.String,
        "amp_tier": pl.String,
        "japan_level": pl.String,
        "oncogenicity": pl.String,
        "criteria": pl.List(CRITERION),
        "evidence": pl.List(EVIDENCE),
        "second_hit": pl.String,
        "inheritance": pl.String,
        "clinvar_id": pl.String,
        "clinvar_significance": pl.String,
        "clinvar_stars": pl.Int8,
        "cohort_ac": pl.Int32,
        "cohort_an": pl.Int32,
        "cohort_af": pl.Float64,
        "population_af": pl.Float64,
        "population_source": pl.String,
        "japanese_af": pl.Float64,
        "japanese_source": pl.String,
        "detail": pl.String,
    },
    ("finding",),
    {
        "finding": "id, stable for the same event: kind and coordinates",
        "rank": "order in its section, 1 first",
        "section": "somatic, germline, rare, fusion, copy_number or secondary",
        "origin": "somatic, germline or unknown",
        "kind": "snv, mnv, insertion, deletion, delins, fusion, structural, copy_number",
        "gene": "HGNC symbol (5'::3' of a fusion)",
        "transcript": "transcript of the names",
        "consequence": "SO terms joined by &",
        "hgvs_g": "HGVS genomic name",
        "hgvs_c": "HGVS coding name",
        "hgvs_p": "HGVS protein name",
        "name": "how a reader calls it: EGFR p.Leu858Arg, EML4::ALK, ERBB2 amplification",
        "zygosity": "heterozygous, homozygous, hemizygous or null",
        "dp": "reads counted in the sample the finding is of",
        "ad_alt": "of these, reads with the allele (pairs and splits of a fusion)",
        "vaf": "ad_alt / dp",
        "vaf_low": "lower end of its 95% interval",
        "vaf_high": "upper end of its 95% interval",
        "normal_dp": "reads counted in the normal; null without one",
        "normal_ad": "of these, reads with the allele",
        "classification": "ACMG/AMP class of a germline finding",
        "amp_tier": "AMP/ASCO/CAP tier of a somatic finding: I-A ... IV",
        "japan_level": "Japanese evidence level A-F or R; null where none applies",
        "oncogenicity": "ClinGen/CGC/VICC class",
        "criteria": "criteria applied and not applied, each with its reason",
        "evidence": "knowledge-base rows behind it",
        "second_hit": "what happened to the other allele, with read counts; null if unknown",
        "inheritance": "de_novo, maternal, paternal, biparental, unknown",
        "clinvar_id": "ClinVar variation id",
        "clinvar_significance": "ClinVar classification",
        "clinvar_stars": "its stars",
        "cohort_ac": "copies in this cohort",
        "cohort_an": "chromosomes callable in this cohort",
        "cohort_af": "frequency in this cohort",
        "population_af": "highest population frequency",
        "population_source": "its source",
        "japanese_af": "Japanese frequency",
        "japanese_source": "its source",
        "detail": "JSON object of what is particular to the kind (breakpoints, frame, parents)",
    },
)

GENE_MODELS = Contract(
    "gene_models",
    1,
    "Transcripts of protein-coding and other genes, one row a transcript",
    {
        "transcript": pl.String,
        "refseq": pl.String,
        "gene": pl.String,
        "gene_id": pl.String,
        "protein": pl.String,
        "mane": pl.String,
        "biotype": pl.String,
        "chrom": CHROM,
        "strand": pl.String,
        "start": pl.Int32,
        "end": pl.Int32,
        "cds_start": pl.Int32,
        "cds_end": pl.Int32,
        "exon_starts": pl.List(pl.Int32),
        "exon_ends": pl.List(pl.Int32),
    },
    ("chrom", "start", "end", "transcript"),
    {
        "transcript": "Ensembl transcript with version (or the publisher's id)",
        "refseq": "RefSeq transcript with version; null where none is paired",
        "gene": "HGNC symbol",
        "gene_id": "Ensembl gene id with version",
        "protein": "Ensembl or RefSeq protein id",
        "mane": "MANE Select, MANE Plus Clinical or null",
        "biotype": "protein_coding or as the publisher says",
        "strand": "+ or -",
        "start": "first base of the transcript",
        "end": "end of the transcript",
        "cds_start": "lowest coding base, stop codon included; null if non-coding",
        "cds_end": "end of the highest coding base; null if non-coding",
        "exon_starts": "starts of the exons, ascending in the genome",
        "exon_ends": "their ends",
    },
)

MATCHES = ("exact", "codon", "exon", "fusion", "amplification", "deletion", "class", "gene", "none")
CLINICAL_EVIDENCE = Contract(
    "clinical_evidence",
    2,
    "Evidence items of clinical knowledge bases (CIViC), one row an item and molecular alteration",
    {
        "source": pl.String,
        "version": pl.String,
        "id": pl.String,
        "gene": pl.String,
        "variant": pl.String,
        "profile": pl.String,
        "match": pl.Enum(MATCHES),
        "alteration": pl.String,
        "hgvs_p": pl.String,
        "codon": pl.Int32,
        "exon": pl.Int32,
        "partner": pl.String,
        "hgvs_c": pl.String,
        "disease": pl.String,
        "doid": pl.String,
        "oncotree": pl.String,
        "therapies": pl.String,
        "interaction": pl.String,
        "evidence_type": pl.String,
        "direction": pl.String,
        "level": pl.String,
        "significance": pl.String,
        "variant_origin": pl.String,
        "rating": pl.Int8,
        "citation": pl.String,
        "url": pl.String,
        "statement": pl.String,
    },
    ("source", "id", "gene", "variant"),
    {
        "source": "knowledge base",
        "version": "its release",
        "id": "evidence item",
        "gene": "HGNC symbol (the 3' partner of a fusion for kinase fusions is in `partner`)",
        "variant": "alteration in the publisher's words",
        "profile": "molecular profile in the publisher's words; holds AND for combinations",
        "match": "how a finding is matched; none = needs a person (combinations, expression)",
        "alteration": "kind asked for: any, missense, synonymous, truncating, frameshift, "
        "deletion, insertion, delins, exon_skipping, loss_of_function, promoter, "
        "internal_tandem_duplication, amplification, fusion; null if not known",
        "hgvs_p": "three-letter protein change, for match = exact; p.Ala149fs: any shift there",
        "codon": "residue for match = codon or exact",
        "exon": "exon for match = exon",
        "partner": "other gene of a fusion; null = any partner",
        "hgvs_c": "coding change where the publisher gives one",
        "disease": "disease in the publisher's words",
        "doid": "Disease Ontology id",
        "oncotree": "OncoTree code the disease maps to; TISSUE any tumour, SOLID any solid tumour",
        "therapies": "drugs joined by ,",
        "interaction": "combination, sequential or substitutes",
        "evidence_type": "Predictive, Prognostic, Diagnostic, Predisposing, Oncogenic, Functional",
        "direction": "Supports or Does Not Support",
        "level": "publisher's level (CIViC A-E)",
        "significance": "publisher's significance (Sensitivity/Response, Resistance, ...)",
        "variant_origin": "Somatic, Germline, ... in the publisher's words",
        "rating": "publisher's stars",
        "citation": "PubMed id or other reference",
        "url": "page of the item",
        "statement": "publisher's statement",
    },
)

CONTRACTS = [value for value in list(vars().values()) if isinstance(value, Contract)]


def check(table: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Return `table` unchanged, or raise ContractError."""
    if table.schema != contract.polars:
        found, wanted = dict(table.schema), dict(contract.polars)
        differ = [c for c in {**found, **wanted} if found.get(c) != wanted.get(c)]
        raise ContractError(f"{contract.name}: columns missing, misplaced or mistyped: {differ}")
    keys = table.select(contract.key)
    if keys.is_duplicated().any():
        first = keys.filter(keys.is_duplicated()).row(0)
        raise ContractError(f"{contract.name}: duplicate {contract.key}: {first}")
    if not keys.equals(keys.sort(contract.key)):
        raise ContractError(f"{contract.name}: rows not sorted by {contract.key}")
    return table


def write(
    table: pl.DataFrame,
    contract: Contract,
    path: str | Path,
    about: Mapping[str, str] | None = None,
) -> None:
    """Check `table` and write it as Parquet; `about` joins name and version as metadata."""
    metadata = {**(about or {}), "contract": contract.name, "version": str(contract.version)}
    check(table, contract).write_parquet(
        path, compression="zstd", row_group_size=131_072, metadata=dict(sorted(metadata.items()))
    )


def metadata(path: str | Path) -> dict[str, str]:
    """Metadata `write` stored in the file."""
    return {k: v for k, v in pl.read_parquet_metadata(path).items() if k != "ARROW:schema"}


def read(contract: Contract, path: str | Path) -> pl.DataFrame:
    """Read a table written by `write`; raise ContractError if it is another table or version."""
    try:
        table = scan(contract, path).collect()
    except pl.exceptions.PolarsError as error:
        reason = " ".join(str(error).split())
        raise ContractError(f"{path}: a damaged Parquet file ({reason})") from error
    return check(table, contract)


def scan(contract: Contract, path: str | Path) -> pl.LazyFrame:
    """Lazy `read`: name and version are checked now, rows are the writer's promise."""
    try:
        found = metadata(path)
    except Exception as error:
        raise ContractError(f"{path}: not a readable Parquet file ({error})") from error
    if (found.get("contract"), found.get("version")) != (contract.name, str(contract.version)):
        raise ContractError(
            f"{path}: holds {found.get('contract')} version {found.get('version')}, "
            f"expected {contract.name} version {contract.version}"
        )
    return pl.scan_parquet(path)
