"""VCF, gVCF and BCF inputs and callable BEDs: one thing is broken; one line names it."""

import gzip
import os
from pathlib import Path

import pysam
import pytest
from check_inputs import BASES, CONTIGS, Run, valid_run, write_variants

from shirube.tools import run as run_tool


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Run:
    """A valid run in which P2 (row 4) is a gVCF."""
    run = valid_run(tmp_path)
    write_variants(tmp_path / "p2.g.vcf.gz", "P2_normal")
    run.samples[2]["path"] = "p2.g.vcf.gz"
    return run


def only(run: Run) -> str:
    lines = run.problems()
    assert len(lines) == 1, lines
    return lines[0]


def as_vcf(run: Run, **options: object) -> Path:
    """P2 as a VCF of variants only."""
    run.samples[2]["path"] = "p2.vcf.gz"
    return write_variants(run.folder / "p2.vcf.gz", "P2_normal", **options)  # type: ignore[arg-type]


def as_bcf(run: Run) -> Path:
    path = run.folder / "p2.bcf"
    source = as_vcf(run)
    run_tool("bcftools", "view", "--no-version", "-Ob", "-o", path, source)
    run_tool("bcftools", "index", path)
    run.samples[2]["path"] = path.name
    return path


def test_gvcf_passes(run: Run) -> None:
    assert run.problems() == []
    assert run.notes == []


def test_vcf_passes_and_is_announced(run: Run) -> None:
    as_vcf(run)
    assert run.problems() == []
    assert run.notes == [
        "P2_normal: a VCF of variants without column callable: what it does not list is unknown, "
        "never reference"
    ]


def test_bcf_passes(run: Run) -> None:
    as_bcf(run)
    assert run.problems() == []


def test_vcf_with_callable_passes(run: Run) -> None:
    as_vcf(run)
    (run.folder / "p2.bed").write_text("chr20\t0\t3000\n")
    run.samples[2]["callable"] = "p2.bed"
    assert run.problems() == []
    assert run.notes == []


@pytest.mark.parametrize("packed", ["gzip", "plain"])
def test_not_bgzipped(packed: str, run: Run) -> None:
    path = as_vcf(run)
    text = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(text) if packed == "gzip" else text)
    assert only(run).startswith(f"p2.vcf.gz: a bgzipped file, found {packed}; pack it again:")


def test_no_index(run: Run) -> None:
    as_vcf(run, index=False)
    assert only(run) == "p2.vcf.gz: an index beside it; make it: bcftools index -t p2.vcf.gz"


def test_index_older_than_data(run: Run) -> None:
    as_vcf(run)
    os.utime(run.folder / "p2.vcf.gz.tbi", (1, 1))
    assert only(run).startswith("p2.vcf.gz.tbi: an index no older than p2.vcf.gz; make it again:")


def test_truncated(run: Run) -> None:
    path = as_vcf(run)
    path.write_bytes(path.read_bytes()[:-28])
    os.utime(path, (1, 1))
    expected = "the block that ends a whole file: it is truncated; copy it again from where it came"
    assert only(run) == f"p2.vcf.gz: {expected}"


def test_not_a_vcf(run: Run) -> None:
    path = run.folder / "p2.vcf.gz"
    as_vcf(run)
    with pysam.BGZFile(str(path), "wb") as stream:
        stream.write(b"this is not a VCF\n")
    os.utime(path, (1, 1))
    assert only(run).startswith("p2.vcf.gz: a VCF or BCF with a header")


def test_sample_column_missing(run: Run) -> None:
    write_variants(run.folder / "p2.g.vcf.gz", "P2_norma1")
    assert only(run) == (
        "samples.tsv: row 4, column sample: a sample column of p2.g.vcf.gz, found 'P2_normal' "
        "(did you mean P2_norma1?); it has P2_norma1"
    )
    run.samples[2]["sample_in_file"] = "P2_norma1"
    assert run.problems() == []


def test_no_sample_column_at_all(run: Run) -> None:
    lines = [f"chr20\t5\t.\t{BASES['chr20'][4]}\t<DEL>\t50\tPASS\t."]
    path = as_vcf(run, records=lines, index=False)
    text = gzip.decompress(path.read_bytes()).replace(b"\tFORMAT\tP2_normal", b"")
    with pysam.BGZFile(str(path), "wb") as stream:
        stream.write(text)
    pysam.tabix_index(str(path), preset="vcf", force=True)
    assert only(run).endswith("found 'P2_normal'; it has none")


def test_chr_prefix(run: Run) -> None:
    bare = {name.removeprefix("chr"): length for name, length in CONTIGS.items()}
    records = [f"20\t5\t.\t{BASES['chr20'][4]}\t<NON_REF>\t.\t.\tEND=90\tGT:GQ\t0/0:50"]
    write_variants(run.folder / "p2.g.vcf.gz", "P2_normal", bare, records)
    assert only(run) == (
        "p2.g.vcf.gz: contig 1: the reference's contig names; it calls chr1 what the file calls 1 "
        "(chr prefix); name the reference the file was made with"
    )


def test_other_length(run: Run) -> None:
    write_variants(run.folder / "p2.g.vcf.gz", "P2_normal", CONTIGS | {"chr1": 4001})
    assert "p2.g.vcf.gz: contig chr1: contigs of the reference's lengths; chr1 has 4001" in only(
        run
    )


def test_position_beyond_the_contig(run: Run) -> None:
    records = ["chr20\t2999\t.\tACGTACGT\t<NON_REF>\t.\t.\t.\tGT:GQ\t0/0:50"]
    write_variants(run.folder / "p2.g.vcf.gz", "P2_normal", records=records)
    assert only(run) == "p2.g.vcf.gz: chr20:2999: a position inside chr20 of the reference"


def test_other_ref_alleles(run: Run) -> None:
    base = BASES["chr20"][9]
    wrong = "ACGT"[("ACGT".index(base) + 1) % 4]
    records = [f"chr20\t10\t.\t{wrong}\t<NON_REF>\t.\tPASS\tEND=90\tGT:GQ\t0/0:50"]
    write_variants(run.folder / "p2.g.vcf.gz", "P2_normal", records=records)
    assert only(run) == (
        f"p2.g.vcf.gz: chr20:10: REF as in the reference, '{base}', found '{wrong}' "
        "(1 of 1 records looked at differ: other build?)"
    )


def test_gvcf_without_blocks(run: Run) -> None:
    as_vcf(run).rename(run.folder / "p2.g.vcf.gz")
    (run.folder / "p2.vcf.gz.tbi").rename(run.folder / "p2.g.vcf.gz.tbi")
    run.samples[2]["path"] = "p2.g.vcf.gz"
    assert only(run).startswith("p2.g.vcf.gz: reference blocks (END, <NON_REF> or <*>), found none")


@pytest.mark.parametrize("field", ["GQ", "DP"])
def test_gvcf_without_quality_or_depth(field: str, run: Run) -> None:
    path = run.folder / "p2.g.vcf.gz"
    text = gzip.decompress(path.read_bytes()).replace(b"ID=" + field.encode(), b"ID=XX")
    with pysam.BGZFile(str(path), "wb") as stream:
        stream.write(text)
    pysam.tabix_index(str(path), preset="vcf", force=True)
    assert f"p2.g.vcf.gz: header: a FORMAT {field}" in only(run)


def test_chromosome_the_reference_lacks(run: Run) -> None:
    contigs = {**CONTIGS, "chr7": 900}
    records = ["chr7\t5\t.\tA\t<NON_REF>\t.\t.\tEND=90\tGT:GQ\t0/0:50"]
    first = f"chr20\t5\t.\t{BASES['chr20'][4]}\t<NON_REF>\t.\t.\tEND=90\tGT:GQ\t0/0:50"
    write_variants(run.folder / "p2.g.vcf.gz", "P2_normal", contigs, [first, *records])
    assert "p2.g.vcf.gz: contig chr7: a reference with every chromosome of the records" in only(run)
    run.config["regions"] = "run.bed"
    (run.folder / "run.bed").write_text("chr20\t0\t3000\n")
    assert run.problems() == []


def test_same_content_twice(run: Run) -> None:
    write_variants(run.folder / "p3.g.vcf.gz", "P3_normal")
    run.add("P3", "p3.g.vcf.gz")
    assert only(run) == (
        "samples.tsv: row 5, column path: data of its own; its first 60 records are those of "
        "p2.g.vcf.gz (sample P2_normal)"
    )
    write_variants(run.folder / "p3.g.vcf.gz", "P3_normal", seed=2)
    assert run.problems() == []


def test_few_records_may_agree(run: Run) -> None:
    records = [f"chr20\t5\t.\t{BASES['chr20'][4]}\t<NON_REF>\t.\t.\tEND=90\tGT:GQ\t0/0:50"]
    for name in ("P2", "P3"):
        write_variants(run.folder / f"{name}.g.vcf.gz", f"{name}_normal", records=records)
    run.samples[2]["path"] = "P2.g.vcf.gz"
    run.add("P3", "P3.g.vcf.gz")
    assert run.problems() == []


CALLABLE = {
    "chr20\t0\t3001\n": "p2.bed: chr20:0-3001: an interval inside the reference",
    "20\t0\t300\n": "p2.bed: contig 20: a contig of the reference (chr prefix: the reference calls "
    "it chr20)",
    "chrUn\t0\t300\n": "p2.bed: contig chrUn: a contig of the reference",
    "chr20 0 300\n": "p2.bed: line 1: contig, start, end separated by tabs",
    "chr20\t300\t300\n": "p2.bed: line 1: start below end, found 300 300",
    "# nothing\n": "p2.bed: at least one interval",
}


@pytest.mark.parametrize("text", CALLABLE)
def test_callable(text: str, run: Run) -> None:
    as_vcf(run)
    (run.folder / "p2.bed").write_text(text)
    run.samples[2]["callable"] = "p2.bed"
    assert only(run) == CALLABLE[text]


def test_callable_missing(run: Run) -> None:
    as_vcf(run)
    run.samples[2]["callable"] = "p2.bed"
    assert only(run).startswith(
        "samples.tsv: row 4, column callable: a file to read, found 'p2.bed'"
    )


@pytest.mark.parametrize("path", ["P2_normal.bam", "p2.g.vcf.gz"])
def test_callable_without_vcf(path: str, run: Run) -> None:
    (run.folder / "p2.bed").write_text("chr20\t0\t3000\n")
    run.samples[2] |= {"callable": "p2.bed", "path": path}
    assert only(run).startswith(
        "samples.tsv: row 4, column callable: nothing: callable intervals are given with a VCF"
    )


def test_callable_that_is_not_gzip(run: Run) -> None:
    as_vcf(run)
    (run.folder / "p2.bed.gz").write_bytes(b"\x1f\x8bnot gzip")
    run.samples[2]["callable"] = "p2.bed.gz"
    assert only(run).startswith("p2.bed.gz: a BED file, plain or gzip")


def edited(path: Path, change: tuple[bytes, bytes]) -> Path:
    """The file with one thing in its text changed, packed and indexed again."""
    text = gzip.decompress(path.read_bytes())
    assert change[0] in text
    with pysam.BGZFile(str(path), "wb") as stream:
        stream.write(text.replace(change[0], change[1], 1))
    pysam.tabix_index(str(path), preset="vcf", force=True)
    return path


def test_an_index_may_be_csi(run: Run) -> None:
    path = as_vcf(run, index=False)
    pysam.tabix_index(str(path), preset="vcf", force=True, csi=True)
    assert run.problems() == []


@pytest.mark.parametrize(
    ("source", "keys", "column"),
    [("GenerateSVCandidates 1.6.0", "PR:SR", "structural"), ("CNVkit v0.9", "CN", "copy_number")],
)
def test_structural_variants_in_the_column_of_reads(
    source: str, keys: str, column: str, run: Run
) -> None:
    path = as_vcf(run)
    *head, columns = gzip.decompress(path.read_bytes()).decode().split("\n#CHROM")[0].split("\n")
    head += [f"##source={source}", *(f"##FORMAT=<ID={k},Number=.>" for k in keys.split(":"))]
    head += [columns, '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="x">']
    names = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP2_normal"
    contig, cells = next(iter(CONTIGS)), ":".join("2" for _ in keys.split(":"))
    line = f"{contig}\t10\t.\tN\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=90\tGT:{keys}\t0/1:{cells}"
    plain = run.folder / "sv.vcf"
    plain.write_text("\n".join([*head, names, line, ""]))
    pysam.tabix_compress(str(plain), str(path), force=True)
    pysam.tabix_index(str(path), preset="vcf", force=True)
    assert only(run).endswith(f"name this file in column {column}")


@pytest.mark.parametrize("name", ["p2.gvcf.gz", "p2.hard-filtered.gvcf.gz", "p2.g.vcf.bgz"])
def test_names_of_gvcfs(name: str, run: Run) -> None:
    for ending in ("", ".tbi"):
        os.rename(run.folder / f"p2.g.vcf.gz{ending}", run.folder / f"{name}{ending}")
    run.samples[2]["path"] = name
    assert run.problems() == []


def test_one_file_serves_many_columns_but_each_once(run: Run) -> None:
    row = f"chr20\t500\t.\t{BASES['chr20'][499]}\t*\t50\tPASS\t.\tGT:GQ\t0/1:9\t0/0:9\t0/1:9"
    write_variants(run.folder / "j.vcf.gz", "P1_normal\tB\tP2_normal", records=[row])
    for at, sample in enumerate(run.samples):
        if sample["kind"] == "normal":
            run.samples[at]["path"] = "j.vcf.gz"
    assert run.problems() == []
    run.samples[2]["sample_in_file"] = "P1_normal"
    assert "each file once, found that of 'P1_normal' again" in only(run)


def test_a_few_damaged_records_are_told_and_many_refused(run: Run) -> None:
    path = edited(as_vcf(run), (b"0/1", b"0/7"))
    assert run.problems() == []
    assert any("1 of 30 records looked at break the format (GT 0/7" in note for note in run.notes)
    text = gzip.decompress(path.read_bytes()).replace(b"0/1", b"0/7")
    with pysam.BGZFile(str(path), "wb") as stream:
        stream.write(text)
    pysam.tabix_index(str(path), preset="vcf", force=True)
    assert "records as the VCF specification has them; 30 of 30" in only(run)


def test_calls_that_nobody_has_judged_are_refused(run: Run) -> None:
    raw = b"##filtering_status=Warning: unfiltered Mutect 2 calls.  Please run FilterMutectCalls\n"
    edited(as_vcf(run), (b"##FILTER", raw + b"##FILTER"))
    assert "calls that FilterMutectCalls has judged" in only(run)


def test_a_file_of_no_calls_alone_is_read(run: Run) -> None:
    """A woman's file of records on Y, or a small panel: no genotype is known, and said so."""
    record = f"chr20\t100\t.\t{BASES['chr20'][99]}\t<X>\t50\tPASS\t.\tGT:GQ\t.:."
    record = record.replace("<X>", "A" if BASES["chr20"][99] != "A" else "C")
    write_variants(run.folder / "p3.vcf.gz", "P3_normal", records=[record])
    run.add("P3", "p3.vcf.gz")
    assert run.problems() == []
    assert any("P3_normal: no genotype" in note for note in run.notes)
