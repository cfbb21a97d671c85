"""Files of structural variants and copy numbers: one thing is broken; one line names it."""

from pathlib import Path

import pysam
import pytest
from check_inputs import BASES, CONTIGS, Run, valid_run

from shirube.sheet import SAMPLE_COLUMNS

HEAD = ["##fileformat=VCFv4.2", *(f"##contig=<ID={n},length={s}>" for n, s in CONTIGS.items())]
MANTA = [
    "##source=GenerateSVCandidates 1.6.0",
    "##INFO=<ID=SVTYPE,Number=1,Type=String,Description=x>",
]
CNV = ["##source=DRAGEN_CNV", "##FORMAT=<ID=CN,Number=1,Type=Integer,Description=x>", *MANTA[1:]]


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Run:
    return valid_run(tmp_path)


def write(run: Run, lines: list[str], sample: str = "P2_normal", contig: str = "chr1") -> Path:
    path = run.folder / "sv.vcf.gz"
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", sample]
    row = [contig, "800", "a", BASES["chr1"][799], "<DEL>", ".", "PASS", "SVTYPE=DEL;END=1500"]
    text = "\n".join([*HEAD, *lines, "\t".join(columns), "\t".join([*row, "GT:CN", "0/1:1"])])
    plain = run.folder / "sv.vcf"
    plain.write_text(text + "\n")
    pysam.tabix_compress(str(plain), str(path), force=True)
    return path


def only(run: Run) -> str:
    lines = run.problems()
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize(("column", "lines"), [("structural", MANTA), ("copy_number", CNV)])
def test_a_file_of_either_column_passes(run: Run, column: str, lines: list[str]) -> None:
    write(run, lines)
    run.samples[2][column] = "sv.vcf.gz"
    assert run.problems() == []
    assert column in SAMPLE_COLUMNS


@pytest.mark.parametrize(
    ("column", "lines", "more", "said"),
    [
        ("structural", MANTA, {"sample": "other"}, "a sample column P2_normal; found other"),
        ("copy_number", MANTA, {}, "copies; Manta, DRAGEN SV writes junctions: column structural"),
        ("copy_number", MANTA[1:], {}, "header: FORMAT/CN, the copies of a segment"),
        ("structural", [], {}, "header: INFO/SVTYPE or ##ALT lines"),
        ("structural", CNV, {}, "junctions; DRAGEN CNV writes copies: column copy_number"),
        ("structural", MANTA, {"contig": "scaffold"}, "a contig of the reference"),
    ],
)
def test_what_is_missing_is_named(
    run: Run, column: str, lines: list[str], more: dict[str, str], said: str
) -> None:
    write(run, lines, **more)
    run.samples[2][column] = "sv.vcf.gz"
    assert any(said in line for line in run.problems()), run.problems()


def test_files_that_are_none(run: Run) -> None:
    path = write(run, MANTA)
    run.samples[2]["structural"] = "sv.vcf.gz"
    path.write_bytes(path.read_bytes()[:-20])
    assert "truncated" in only(run)
    path.write_bytes((run.folder / "sv.vcf").read_bytes())
    assert "a bgzipped file, found" in only(run)
    path.unlink()
    assert "it does not exist" in only(run)


def test_most_records_damaged(run: Run) -> None:
    write(run, MANTA)
    plain = run.folder / "sv.vcf"
    plain.write_text(plain.read_text().replace("\t800\t", "\tx\t"))
    pysam.tabix_compress(str(plain), str(run.folder / "sv.vcf.gz"), force=True)
    run.samples[2]["structural"] = "sv.vcf.gz"
    assert "1 of 1 records looked at break the format" in only(run)
