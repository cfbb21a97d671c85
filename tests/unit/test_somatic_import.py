"""Somatic calls of other programs, and the panel of normals, in one contract."""

import gzip
from pathlib import Path

import polars as pl
import pytest
from sam_files import sequence, write_reference

from shirube.calling.somatic.mutect import mutect_table
from shirube.calling.somatic.vcf_import import import_somatic, without_recurrent
from shirube.calling.variant_files import write_somatic
from shirube.errors import InputError
from shirube.genome.intervals import Interval
from shirube.intake.placing import placed
from shirube.tools import run

BASES = sequence(500, 5)
REGION = [Interval("chr1", 0, 500)]
HEAD = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=500>
##FILTER=<ID=weak_evidence,Description="x">
##FILTER=<ID=slippage,Description="x">
##FILTER=<ID=odd,Description="x">
##INFO=<ID=TLOD,Number=A,Type=Float,Description="x">
##INFO=<ID=NLOD,Number=A,Type=Float,Description="x">
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="x">
"""


@pytest.fixture
def fasta(tmp_path: Path) -> str:
    return write_reference(tmp_path / "ref.fa", {"chr1": BASES})


def other(base: str, step: int = 1) -> str:
    return "ACGT"[("ACGT".index(base) + step) % 4]


def vcf(path: Path, samples: str, *rows: str) -> Path:
    columns = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT " + samples
    lines = [columns, *rows]
    path.write_text(HEAD + "".join("\t".join(line.split()) + "\n" for line in lines))
    return path


def test_mutect_calls_are_split_and_filters_renamed(tmp_path: Path, fasta: str) -> None:
    ref = BASES[99]
    two = f"{other(ref)},{other(ref, 2)}"
    path = vcf(
        tmp_path / "m.vcf",
        "normal tumour",
        f"chr1 100 . {ref} {two} . PASS TLOD=20,7;NLOD=9,8 GT:AD:DP 0/0:30,0,1:31 0/1:20,10,4:34",
        f"chr1 200 . {BASES[199]} {other(BASES[199])} . weak_evidence;slippage;odd "
        "TLOD=3;NLOD=9 GT:AD:DP 0/0:30,0:30 0/1:20,2:22",
    )
    table = mutect_table(path, True, fasta, REGION, None)
    assert table["pos"].to_list() == [100, 100, 200]
    by_alt = {row["alt"]: row for row in table.filter(pos=100).iter_rows(named=True)}
    first = by_alt[other(ref)]
    assert (first["tumour_ad"], first["tumour_dp"], first["normal_ad"]) == (10, 34, 0)
    second = by_alt[other(ref, 2)]
    assert (second["tumour_ad"], second["normal_ad"], second["lod"]) == (4, 1, 7.0)
    assert table["filter"].to_list() == ["PASS", "PASS", "LowLOD;Repeat;Caller"]


def test_tumour_column_must_be_clear(tmp_path: Path, fasta: str) -> None:
    row = f"chr1 100 . {BASES[99]} {other(BASES[99])} . PASS . GT:AD:DP 0/1:5,5:10 0/0:9,0:9"
    path = vcf(tmp_path / "two.vcf", "A B", row)
    with pytest.raises(InputError, match="sample_in_file"):
        import_somatic(path, None, fasta, REGION)
    assert import_somatic(path, "B", fasta, REGION)["tumour_dp"].to_list() == [9]


def test_counts_a_file_does_not_state_are_unknown(tmp_path: Path, fasta: str) -> None:
    path = vcf(
        tmp_path / "bare.vcf", "T", f"chr1 100 . {BASES[99]} {other(BASES[99])} . . . GT 0/1"
    )
    row = import_somatic(path, None, fasta, REGION).row(0, named=True)
    assert row["filter"] == "PASS"
    assert [row[c] for c in ("tumour_dp", "tumour_ad", "vaf", "vaf_low", "normal_dp")] == [None] * 5


def test_another_reference_is_refused(tmp_path: Path, fasta: str) -> None:
    path = vcf(tmp_path / "b.vcf", "T", f"chr1 100 . {other(BASES[99])} {BASES[99]} . . . GT 0/1")
    with pytest.raises(InputError, match="another build"):
        import_somatic(path, None, fasta, REGION)


def test_alleles_of_the_panel_are_filtered(tmp_path: Path, fasta: str) -> None:
    rows = [
        f"chr1 {pos} . {BASES[pos - 1]} {other(BASES[pos - 1])} . {name} . GT 0/1"
        for pos, name in ((100, "PASS"), (150, "PASS"), (200, "odd"))
    ]
    table = import_somatic(vcf(tmp_path / "t.vcf", "T", *rows), None, fasta, REGION)
    panel = vcf(tmp_path / "panel.vcf", "P", rows[0], rows[2])
    found = without_recurrent(table, panel, fasta)
    assert found["filter"].to_list() == ["PanelOfNormals", "PASS", "Caller;PanelOfNormals"]


def test_what_is_not_judged_is_kept_with_its_reason(tmp_path: Path, fasta: str) -> None:
    """Every record of the file has a row: of the run, elsewhere, or no SNV or indel."""
    path = vcf(
        tmp_path / "all.vcf",
        "T",
        f"chr1 100 . {BASES[99]} {other(BASES[99])} . PASS . GT 0/1",
        f"chr1 400 . {BASES[399]} {other(BASES[399])} . PASS . GT 0/1",
        f"chr1 450 . {BASES[449]} <DEL> . PASS . GT 0/1",
        f"chr1 460 . {BASES[459]} * . PASS . GT 0/1",
        "chr2 100 . A C . PASS . GT 0/1",
    )
    table = import_somatic(path, None, fasta, [Interval("chr1", 0, 300)])
    assert table.select("chrom", "pos", "filter").rows() == [
        ("chr1", 100, "PASS"),
        ("chr1", 400, "Unplaced"),
        ("chr1", 450, "NotSmall"),
        ("chr1", 460, "NotSmall"),
        ("chr2", 100, "Unplaced"),
    ]


def test_the_vcf_of_a_run_holds_only_what_was_judged(tmp_path: Path, fasta: str) -> None:
    path = vcf(
        tmp_path / "two.vcf",
        "T",
        f"chr1 100 . {BASES[99]} {other(BASES[99])} . PASS . GT 0/1",
        "chr2 100 . A C . PASS . GT 0/1",
    )
    table = import_somatic(path, None, fasta, REGION)
    write_somatic(table, tmp_path / "out.vcf.gz", fasta, ["T"])
    lines = gzip.decompress((tmp_path / "out.vcf.gz").read_bytes()).decode().splitlines()
    assert [line.split("\t")[:2] for line in lines if line[0] != "#"] == [["chr1", "100"]]


@pytest.mark.parametrize(("in_file", "in_reference"), [("7", "chr7"), ("chr7", "7"), ("7", "7")])
def test_contigs_may_be_named_otherwise_than_the_references(
    in_file: str, in_reference: str, tmp_path: Path
) -> None:
    (tmp_path / "r.fa").write_text(f">{in_reference}\n{'ACGTTGCA' * 25}\n")
    run("samtools", "faidx", tmp_path / "r.fa")
    table = pl.DataFrame(
        {"contig": [in_file], "pos": [4], "ref": ["T"], "alt": ["G"], "fault": [None]},
        schema_overrides={"pos": pl.Int32, "fault": pl.String},
    )
    found = placed(table, tmp_path / "r.fa", [Interval(in_reference, 0, 200)])
    assert found.select("contig", "place").rows() == [(in_reference, "inside")]
