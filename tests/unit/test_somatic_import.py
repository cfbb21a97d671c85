"""Somatic calls of other programs, and the panel of normals, in one contract."""

from pathlib import Path

import pytest
from sam_files import sequence, write_reference

from shirube.calling.mutect import mutect_table
from shirube.calling.somatic_import import import_somatic, without_recurrent
from shirube.errors import InputError
from shirube.regions import Interval

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
