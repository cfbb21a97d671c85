"""A made panel of structural variants: counts by group equal a naive count at every site."""

import random
from pathlib import Path

import polars as pl
import pytest
from structural_panel import GROUP, HEADER, LENGTHS, PEOPLE, SEX, naive, panel, write_vcf

from shirube.cli.main import main
from shirube.contracts import read
from shirube.contracts.cohort import STRATUM_COUNTS, STRUCTURAL_COUNTS

COUNTED = ("ac", "an", "nhomalt", "nhemi", "people", "cn")


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "sheet.tsv"
    rows = [f"{name}\t{SEX[name]}\t{group}" for name, group in GROUP.items()]
    path.write_text("\n".join(["sample\tsex\tstratum", *rows]) + "\n")
    return path


def test_counts_by_group_are_a_naive_count(
    tmp_path: Path, sheet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = panel(random.Random(3), 400)
    path, out = tmp_path / "panel.vcf", tmp_path / "out.parquet"
    write_vcf(path, records)
    assert main(["count", str(path), "--sheet", str(sheet), "--out", str(out)]) == 0
    assert "400 structural records, 119 people" in capsys.readouterr().out
    table = read(STRUCTURAL_COUNTS, tmp_path / "out.structural.parquet")
    wanted = naive(records)
    found = {
        (r["id"], r["allele"], r["stratum"]): {k: r[k] for k in COUNTED}
        for r in table.iter_rows(named=True)
    }  # fmt: skip
    assert found == wanted
    assert {r["kind"] for r in records} == set(table["svtype"])
    by_id = {r["id"]: r for r in records}
    for row in table.iter_rows(named=True):
        own = by_id[row["id"]]
        assert (row["end"], row["alt"]) == (own["end"], own["alts"][row["allele"] - 1])
        assert row["svlen"] == own["length"]
    assert table["ac"].sum() > 10_000
    assert read(STRATUM_COUNTS, out).filter(~pl.col("ref").eq("N")).is_empty()


def test_small_alleles_of_the_same_file_are_counted_as_ever(tmp_path: Path, sheet: Path) -> None:
    records = panel(random.Random(4), 20)
    small = "\t".join(["chrY", "57200000", ".", "A", "C", ".", "PASS", ".", "GT:GQ:CN"])
    path, out = tmp_path / "panel.vcf", tmp_path / "out.parquet"
    write_vcf(path, records, small + "\t1:30:1" * PEOPLE + "\n")
    words = ["count", str(path), "--sheet", str(sheet), "--out", str(out)]
    assert main(words) == 1  # no read counts: the rule for small variants cannot be applied
    assert main([*words, "--every-genotype"]) == 0
    assert read(STRATUM_COUNTS, out).filter(pl.col("pos") == 57_200_000).height == 3
    found = read(STRUCTURAL_COUNTS, tmp_path / "out.structural.parquet")
    assert found["record"].n_unique() == 20
    assert found.filter(pl.col("pos") == 57_200_000).is_empty()


def test_a_file_without_types_is_counted_as_before(tmp_path: Path, sheet: Path) -> None:
    path, out = tmp_path / "plain.vcf", tmp_path / "out.parquet"
    head = HEADER.replace("ID=SVTYPE", "ID=OTHER").rstrip("\n")
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *SEX]
    row = ["chr1", "5000", ".", "A", "C", ".", "PASS", ".", "GT", *["0/1"] * PEOPLE]
    contigs = "\n".join(f"##contig=<ID={n},length={length}>" for n, length in LENGTHS.items())
    path.write_text("\n".join([head, contigs, "\t".join(columns), "\t".join(row)]) + "\n")
    words = ["count", str(path), "--sheet", str(sheet), "--out", str(out), "--every-genotype"]
    assert main(words) == 0
    assert read(STRATUM_COUNTS, out)["ac"].sum() == 119
    assert not (tmp_path / "out.structural.parquet").exists()


GT = '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">'
FT = '##FORMAT=<ID=FT,Number=1,Type=String,Description="filter">'
CN = '##FORMAT=<ID=CN,Number=1,Type=Integer,Description="copies">'
SVTYPE = '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="type">'
SVLEN = '##INFO=<ID=SVLEN,Number=A,Type=Integer,Description="length">'
DEL = '##ALT=<ID=DEL,Description="deletion">'
CONTIG = "##contig=<ID=chr1,length=248956422>"
RECORD = "chr1\t9000\tmine\tN\t<DEL>\t.\tPASS"


def two(
    folder: Path, head: list[str], rows: list[str], columns: str = "\tFORMAT\tA\tB"
) -> list[str]:
    """Arguments that count a file of two people; the sheet has a byte order mark."""
    top = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    lines = ["##fileformat=VCFv4.4", *head, top + columns, *rows]
    (folder / "two.vcf").write_text("\n".join(lines) + "\n")
    (folder / "s.tsv").write_bytes(b"\xef\xbb\xbfsample\tsex\nA\tXX\nB\tXX\n")
    own = [str(folder / name) for name in ("two.vcf", "s.tsv", "o.parquet")]
    return ["count", own[0], "--sheet", own[1], "--out", own[2], "--every-genotype"]


@pytest.mark.parametrize(
    ("head", "info", "form", "calls", "ac", "an", "cn"),
    [
        ([GT, SVTYPE, DEL], "SVTYPE=DEL", "GT", ["0/1", "1/1"], 3, 4, None),
        ([GT, FT, SVTYPE, DEL], "SVTYPE=DEL", "GT:FT", ["0/1:low", "1/1:PASS"], 2, 2, None),
        ([GT, FT, CN, SVTYPE], "SVTYPE=DEL", "GT:FT:CN", ["0/1:low:1", "0/1:.:1"], 1, 2, [0, 1]),
        ([CN, SVTYPE, DEL], "SVTYPE=DEL", "CN", ["1", "2"], 0, 0, [0, 1, 1]),
        ([GT, SVLEN, DEL], "SVLEN=900", "GT", ["0/1", "0/0"], 1, 4, None),
    ],
    ids=["usual", "genotype filter", "filter and copies", "no GT", "no SVTYPE"],
)
def test_what_a_file_need_not_have(
    tmp_path: Path, head: list[str], info: str, form: str, calls: list[str], ac: int, an: int,
    cn: list[int] | None,
) -> None:  # fmt: skip
    row = "\t".join([RECORD, info, form, *calls])
    assert main(two(tmp_path, [*head, CONTIG], [row])) == 0
    (found,) = read(STRUCTURAL_COUNTS, tmp_path / "o.structural.parquet").to_dicts()
    assert (found["id"], found["ac"], found["an"], found["cn"]) == ("mine", ac, an, cn)


@pytest.mark.parametrize(
    ("head", "more", "columns", "said"),
    [
        ([GT, SVTYPE], "\tGT\t0/1\t0/1", "\tFORMAT\tA\tB", "##contig lines"),
        ([SVTYPE, CONTIG], "", "", "a column for each sample"),
        ([GT, SVTYPE, CONTIG], "\tGT\t0/1\t0/1", "\tFORMAT\tA\tC", "B"),
    ],
    ids=["no contigs", "no samples", "not a column"],
)
def test_a_count_that_fails_says_why_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], head: list[str], more: str, columns: str,
    said: str,
) -> None:  # fmt: skip
    words = two(tmp_path, head, [f"{RECORD}\tSVTYPE=DEL{more}"], columns)
    assert main(words) == 1
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.strip().splitlines()
    assert said in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.tsv", "two.vcf"]
