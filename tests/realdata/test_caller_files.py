"""Files that other callers make of real reads: read as written, and as the reads say."""

import json
import os
from dataclasses import replace
from pathlib import Path

import polars as pl
import pysam
import pytest
from cases import CASES, reads
from cases import run as run_case

from shirube.calling.germline.calls import split_calls
from shirube.calling.germline.gvcf_import import import_gvcf
from shirube.genome.intervals import Interval
from shirube.genome.regions import read_contigs
from shirube.tools import located, run

REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REALDATA.is_dir(), reason=f"no real data at {REALDATA}"),
]
KNOWLEDGE = Path(os.environ.get("KNOWLEDGE", "../shared/knowledge"))
REFERENCE = "ref-grch38-chr17/chr17.tp53_brca1.fa.gz"
FOLDER = REALDATA / "na12878-chr20"
READS = str(FOLDER / "NA12878_S1.chr20.10_10p1mb.bam")
PLACE, PART = "chr20:10000001-10006000", Interval("chr20", 10_000_000, 10_006_000)


@pytest.fixture(scope="module")
def fasta(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The reference as indexed plain FASTA, with the dictionary GATK asks for."""
    folder = tmp_path_factory.mktemp("reference")
    packed = FOLDER / "ucsc.hg19.chr20.unittest.fasta.gz"
    plain = folder / "ref.fa"
    run("samtools", "faidx", "-o", plain, packed, "chr20")
    run("samtools", "faidx", plain)
    run("samtools", "dict", "-o", folder / "ref.dict", plain)
    return str(plain)


def made(caller: str, fasta: str, folder: Path) -> Path:
    """The caller's file of the part."""
    vcf = folder / f"{caller}.vcf.gz"
    if caller.startswith("gatk"):
        vcf = folder / "gatk.g.vcf.gz" if caller == "gatk_gvcf" else vcf
        mode = ["-ERC", "GVCF"] if caller == "gatk_gvcf" else []
        run("gatk", "HaplotypeCaller", "-R", fasta, "-I", READS, "-L", PLACE, "-O", vcf, *mode)
        return vcf
    plain = folder / "calls.vcf"
    if caller == "freebayes":
        plain.write_bytes(run("freebayes", "-f", fasta, "-r", PLACE, READS))
    else:
        block = ["-g", "5"] if caller == "bcftools_gvcf" else []
        piled = folder / "piled.bcf"
        asked = ["-a", "AD,DP,SP", "-f", fasta, "-r", PLACE, "-Ob", "-o", piled]
        run("bcftools", "mpileup", *asked, *block, READS)
        shown = block or ["-v"]
        run("bcftools", "call", "-m", *shown, "-a", "GQ", "-o", plain, piled)
    vcf = folder / "calls.g.vcf.gz" if caller == "bcftools_gvcf" else vcf
    pysam.tabix_compress(str(plain), str(vcf), force=True)
    run("bcftools", "index", "-t", vcf)
    return vcf


def as_written(path: Path) -> dict[tuple[int, str, str], tuple[object, ...]]:
    """Allele -> (DP, AD of REF, AD of ALT, copies) by another reader than ours."""
    found = {}
    for record in pysam.VariantFile(str(path)):
        sample = record.samples[0]
        for number, alt in enumerate(record.alts or (), 1):
            if set(alt) <= set("ACGT"):
                ref, pos = record.ref, record.pos
                while min(len(ref), len(alt)) > 1 and ref[-1] == alt[-1]:
                    ref, alt = ref[:-1], alt[:-1]
                while min(len(ref), len(alt)) > 1 and ref[0] == alt[0]:
                    ref, alt, pos = ref[1:], alt[1:], pos + 1
                copies = sum(allele == number for allele in sample["GT"])
                counts = sample["AD"]
                found[pos, ref, alt] = (sample["DP"], counts[0], counts[number], copies)
    return found


def shown_by_reads(pos: int, base: str) -> int:
    """Fragments that show `base` at a position (1-based), whatever their quality."""
    with pysam.AlignmentFile(READS) as reads:
        shown = {}
        for column in reads.pileup("chr20", pos - 1, pos, truncate=True, min_base_quality=0):
            for read in column.pileups:
                if read.query_position is not None:
                    name = read.alignment.query_name
                    shown[name] = read.alignment.query_sequence[read.query_position]
    return list(shown.values()).count(base)


@pytest.mark.slow
@pytest.mark.parametrize("caller", ["gatk", "gatk_gvcf", "freebayes", "bcftools", "bcftools_gvcf"])
def test_alleles_and_reads_are_those_of_the_file_and_near_the_reads(
    caller: str, fasta: str, tmp_path: Path
) -> None:
    if located(caller.split("_")[0]) is None:
        pytest.skip(f"{caller} is not installed")
    path = made(caller, fasta, tmp_path)
    contigs = read_contigs(f"{fasta}.fai")
    source = path
    if path.name.endswith(".g.vcf.gz"):
        source = tmp_path / "imported.g.vcf.gz"
        import_gvcf(path, "NA12878", contigs, None, "NA12878", source, fasta)
    table = split_calls(
        source, "NA12878", fasta, contigs, [PART], None, "NA12878", tmp_path / "s.vcf.gz"
    )
    written = as_written(path)
    seen = {
        (row["pos"], row["ref"], row["alt"]): (
            *(row[name] for name in ("dp", "ad_ref", "ad_alt", "dosage")),
        )
        for row in table.to_dicts()
    }
    assert len(seen) > 10
    assert seen == written
    single = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)
    passed = table.filter(single & (pl.col("filter") == "PASS"))
    far = [
        (pos, alt, count)
        for pos, alt, count in passed.select("pos", "alt", "ad_alt").rows()
        if abs(count - shown_by_reads(pos, alt)) > max(3, 0.25 * count)
    ]
    # Callers that align the reads again count a few places otherwise than the alignment does.
    assert len(far) <= max(1, passed.height // 8), far


HCC = REALDATA / "hcc1395-chr17/aligned_here"
PAIR = {"tumour": "HCC1395.tumour.grch38.bam", "normal": "HCC1395BL.normal.grch38.bam"}
NAMES = {"tumour": "H_NJ-HCC1395-HCC1395", "normal": "H_NJ-HCC1395-HCC1395_BL"}
TP53 = 7_675_088  # C>T, p.Arg175His: somatic, the other allele lost


def reads_that_show(path: Path, pos: int) -> dict[str, int]:
    """Reads that show each base at a position of chr17, duplicates and bases below 10 apart."""
    shown: dict[str, int] = {}
    with pysam.AlignmentFile(str(path)) as reads:
        for column in reads.pileup(
            "chr17", pos - 1, pos, truncate=True, min_base_quality=10,
            min_mapping_quality=20, ignore_overlaps=False,
        ):  # fmt: skip
            for read in column.pileups:
                if read.query_position is not None:
                    base = read.alignment.query_sequence[read.query_position]
                    shown[base] = shown.get(base, 0) + 1
    return shown


def of_a_pair(folder: Path) -> dict[str, str]:
    """Mutect2's filtered calls of the pair around TP53, and HaplotypeCaller's of the normal."""
    plain = folder / "ref.fa"
    run("samtools", "faidx", "-o", plain, REALDATA / REFERENCE, "chr17")
    run("samtools", "faidx", plain)
    run("samtools", "dict", "-o", folder / "ref.dict", plain)
    asked = ("-R", plain, "-L", "chr17:7673000-7677000")
    both = [word for name in PAIR.values() for word in ("-I", HCC / name)]
    raw, tumour, normal = (folder / f"{name}.vcf.gz" for name in ("raw", "tumour", "normal"))
    run("gatk", "Mutect2", *asked, *both, "-normal", NAMES["normal"], "-O", raw)
    run("gatk", "FilterMutectCalls", "-R", plain, "-V", raw, "-O", tumour)
    run("gatk", "HaplotypeCaller", *asked, "-I", HCC / PAIR["normal"], "-O", normal)
    return {"tumour": str(tumour), "normal": str(normal)}


@pytest.mark.slow
def test_mutect2_of_a_pair_goes_from_file_to_report(tmp_path: Path) -> None:
    """What the report says of TP53 are the reads that Mutect2 counted, and that are there."""
    if located("gatk") is None:
        pytest.skip("gatk is not installed")
    made = of_a_pair(tmp_path)
    (case,) = (case for case in CASES if case.name == "hcc1395")
    samples = [reads(f"HCC1395_{kind}", "HCC1395", kind, made[kind], NAMES[kind]) for kind in PAIR]
    folder = tmp_path / "run"
    data = (REALDATA.resolve(), KNOWLEDGE.resolve(), folder)
    assert run_case(replace(case, samples=samples), "embedded", *data, 2)
    model = json.loads((folder / "results/reports/HCC1395/report.json").read_text())
    (found,) = (f for f in model["findings"] if f["hgvs_p"] == "p.Arg175His")
    own, beside = (reads_that_show(HCC / PAIR[kind], TP53) for kind in ("tumour", "normal"))
    assert (set(own), set(beside)) == ({"T"}, {"C"})
    told = found["reads"]
    assert (found["origin"], told["vaf"]) == ("somatic", 1.0)
    assert told["alternative"] == told["depth"]
    assert told["normal_alternative"] == 0
    (record,) = (r for r in pysam.VariantFile(made["tumour"]) if r.pos == TP53)
    for kind, deep in (("tumour", told["depth"]), ("normal", told["normal_depth"])):
        assert deep == sum(record.samples[NAMES[kind]]["AD"])
    # Mutect2 trims its reads to the active region: some that show the base are not counted.
    assert 0.8 * own["T"] <= told["depth"] <= own["T"]
    assert 0.8 * beside["C"] <= told["normal_depth"] <= beside["C"]
