"""The table of dialects: every caller is told by its header, and its words are known ones."""

import pytest

from shirube.intake import counts
from shirube.intake.dialects import dialect_of, table
from shirube.intake.header import parsed

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS"
FIELDS = '##FORMAT=<ID={},Number={},Type=Integer,Description="x">'


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('##GATKCommandLine=<ID=HaplotypeCaller,CommandLine="HaplotypeCaller">', "gatk"),
        ('##GATKCommandLine=<ID=GenotypeGVCFs,CommandLine="x">', "gatk"),
        ("##GATKCommandLine.HaplotypeCaller=<ID=HaplotypeCaller,Version=3.7>", "gatk"),
        ("##filtering_status=These calls have been filtered by FilterMutectCalls to", "mutect2"),
        ("##filtering_status=Warning: unfiltered Mutect 2 calls.  Please run", "mutect2_raw"),
        ("##DeepVariant_version=1.6.1", "deepvariant"),
        ("##DeepSomatic_version=1.7.0", "deepsomatic"),
        ('##FILTER=<ID=GERMLINE,Description="Non somatic variants">', "deepsomatic"),
        ('##DRAGENCommandLine=<ID=dragen,CommandLine="--tumor-bam-input t.bam">', "dragen_somatic"),
        ('##DRAGENCommandLine=<ID=dragen,CommandLine="--vc-emit-ref-confidence GVCF">', "dragen"),
        ("##content=strelka somatic snv calls", "strelka_snvs"),
        ("##content=strelka somatic indel calls", "strelka_indels"),
        ("##content=strelka germline small-variant calls", "strelka"),
        ("##SentieonCommandLine.TNscope=<ID=TNscope,Version=x>", "sentieon_somatic"),
        ("##SentieonCommandLine.Haplotyper=<ID=Haplotyper,Version=x>", "sentieon"),
        ("##GLnexusVersion=v1.4.1", "glnexus"),
        ("##source=octopus v0.7.4", "octopus"),
        ("##source=ClairS", "clairs"),
        ("##source=Clair3", "clair3"),
        (
            '##INFO=<ID=P,Number=0,Type=Flag,Description="Whether called from pileup calling">',
            "clair3",
        ),
        ('##source="tvc 5.12-27 (d1a5b4f) - Torrent Variant Caller"', "torrent"),
        ("##source=freeBayes v1.3.6", "freebayes"),
        ("##source=VarDict_v1.8.2", "vardict"),
        ("##source=VarScan2", "varscan"),
        ("##source=lofreq call -f ref.fa in.bam", "lofreq"),
        ("##source=Platypus_Version_0.8.1", "platypus"),
        ("##bcftools_callCommand=call -m", "bcftools"),
        ("##source=SomethingElse", "specification"),
    ],
)
def test_a_caller_is_told_by_its_header(line: str, name: str) -> None:
    assert dialect_of(parsed(["##fileformat=VCFv4.2", line, COLUMNS], "x.vcf")).dialect == name


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (["RD:1", "AD:1"], "varscan"),
        (["RD:2", "AD:R"], "specification"),
        (["RO:1", "AO:A"], "freebayes"),
        (["RO:1", "AO:A", "FRO:1", "FAO:A"], "torrent"),
        (["TAR:2", "TIR:2"], "strelka_indels"),
        (["SUBDP:1", "AU:2", "CU:2", "GU:2", "TU:2"], "strelka_snvs"),
        (["GQX:1", "DPI:1"], "strelka"),
        (["NR:.", "NV:."], "platypus"),
        (["ADT:R", "DPT:1"], "mc3"),
    ],
)
def test_without_its_line_it_is_told_by_its_fields(fields: list[str], name: str) -> None:
    lines = [FIELDS.format(*field.split(":")) for field in fields]
    assert dialect_of(parsed(["##fileformat=VCFv4.2", *lines, COLUMNS], "x.vcf")).dialect == name


def test_every_row_uses_words_that_are_known() -> None:
    for row in table():
        assert set(row.reads) <= set(counts.ways()), row.dialect
        assert row.holds in ("germline", "somatic", "joint", "any")
        assert row.dot in ("PASS", "not judged")
        assert row.source
        assert row.verified in ("yes", "no")
    assert len({row.dialect for row in table()}) == len(table())
