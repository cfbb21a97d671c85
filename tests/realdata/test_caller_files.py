"""Files that other callers make of real reads: read as written, and as the reads say."""

import os
from pathlib import Path

import polars as pl
import pysam
import pytest

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
