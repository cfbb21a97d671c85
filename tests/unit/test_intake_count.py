"""`shirube count` on joint files that lack what the rule asks, or hold what is no small allele."""

from pathlib import Path

import polars as pl
import pytest
from variant_files import CASES

from shirube.cli.main import main


def count(case: str, out: Path, *more: str) -> int:
    folder = CASES / case
    words = ["--sheet", str(folder / "sheet.tsv"), "--out", str(out), *more]
    return main(["count", str(folder / "in.vcf"), *words])


def test_genotypes_that_cannot_be_judged_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.parquet"
    assert count("count-without-ad", out) == 1
    said = capsys.readouterr().err
    assert "FORMAT AD" in said
    assert "--every-genotype" in said
    assert not out.exists()


HEAD = ["##fileformat=VCFv4.2", "##contig=<ID=chr1>",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">']  # fmt: skip
COLUMNS = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT A B".replace(" ", "\t")


@pytest.mark.parametrize(
    ("record", "chrom", "ac"),
    [
        ("chr1 10 . A C . PASS . GT 0/1 1/1", "chr1", 3),
        ("chr1 10 . A C . PASS XX=3,4;YY;Z=a:b GT 0/1 1/1", "chr1", 3),
        ("chr1 10 . A C . PASS . GT:ZZ:GQ 0/1:1:. 1/1:2,x:9", "chr1", 3),
        ("chr2 10 . A C . PASS . GT 0/1 1/1", "chr2", 3),
        ("chr1 10 . A C . weird;odd . GT 0/1 1/1", "chr1", 0),  # nobody's genotype is known
    ],
    ids=["all declared", "INFO", "FORMAT", "contig", "FILTER"],
)
def test_what_the_header_does_not_declare_is_read(
    record: str, chrom: str, ac: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path, out = joint(tmp_path, record)
    assert main(["count", str(path), *out, "--every-genotype"]) == 0
    (found,) = pl.read_parquet(tmp_path / "o.parquet").to_dicts()
    assert (found["chrom"], found["pos"], found["ac"]) == (chrom, 10, ac)
    assert capfd.readouterr().err == ""


def test_an_undeclared_type_of_event_is_a_structural_record(tmp_path: Path) -> None:
    path, out = joint(tmp_path, "chr1 10 . A <DEL> . PASS SVTYPE=DEL;END=90 GT 0/1 1/1")
    assert main(["count", str(path), *out, "--every-genotype"]) == 0
    (found,) = pl.read_parquet(tmp_path / "o.structural.parquet").to_dicts()
    assert (found["svtype"], found["end"], found["ac"], found["an"]) == ("DEL", 90, 3, 4)


def test_a_line_of_more_columns_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path, out = joint(tmp_path, "chr1 10 . A C . PASS . GT 0/1 1/1 0/0")
    assert main(["count", str(path), *out, "--every-genotype"]) == 1
    (said,) = capfd.readouterr().err.splitlines()
    assert "line 5: 11 columns, found 12" in said
    assert not (tmp_path / "o.parquet").exists()


def joint(folder: Path, record: str) -> tuple[Path, list[str]]:
    """A joint file of A and B, and the words that count it."""
    path, sheet = folder / "in.vcf", folder / "s.tsv"
    path.write_text("\n".join([*HEAD, COLUMNS, record.replace(" ", "\t"), ""]))
    sheet.write_text("sample\tsex\nA\tXX\nB\tXX\n")
    return path, ["--sheet", str(sheet), "--out", str(folder / "o.parquet")]


@pytest.mark.parametrize("more", [["--every-genotype"], ["--unmeasured", "accept"]])
def test_they_are_counted_where_that_is_asked(more: list[str], tmp_path: Path) -> None:
    assert count("count-without-ad", tmp_path / "o.parquet", *more) == 0
    found = pl.read_parquet(tmp_path / "o.parquet")
    assert found.select("pos", "ac", "an").rows() == [(16050100, 4, 8), (16050200, 3, 8)]


# Who is a heterozygote by 9 of 20 reads, and whose 2 of 20 the rule (0.2) refuses, in the words
# of each caller; GQ 50, depth 20.
WORDS = {
    "freebayes": (["GQ", "DP", "RO", "AO"], "0/1:50:20:11:9", "0/1:50:20:18:2", "0/0:50:20:20:0"),
    "varscan": (["GQ", "DP", "RD", "AD"], "0/1:50:20:11:9", "0/1:50:20:18:2", "0/0:50:20:20:0"),
    "torrent": (
        ["GQ", "FDP", "FRO", "FAO"], "0/1:50:20:11:9", "0/1:50:20:18:2", "0/0:50:20:20:0",
    ),
    "platypus": (["GQ", "NR", "NV"], "0/1:50:20:9", "0/1:50:20:2", "0/0:50:20:0"),
    "ad": (["GQ", "DP", "AD"], "0/1:50:20:11,9", "0/1:50:20:18,2", "0/0:50:20:20,0"),
}  # fmt: skip


@pytest.mark.parametrize(("site", "seen"), [("PASS", (1, 4)), (".", (1, 4)), ("q10", (0, 2))])
@pytest.mark.parametrize("caller", WORDS)
def test_reads_are_those_of_the_caller(
    caller: str, site: str, seen: tuple[int, int], tmp_path: Path
) -> None:
    fields, *cells = WORDS[caller]
    lines = [
        "##fileformat=VCFv4.2",
        "##contig=<ID=chr1,length=1000>",
        '##FILTER=<ID=q10,Description="x">',
        *(f'##FORMAT=<ID={f},Number=1,Type=Integer,Description="x">' for f in fields),
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">',
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB\tC",
        "\t".join(["chr1", "9", ".", "A", "C", "50", site, ".", ":".join(["GT", *fields]), *cells]),
    ]
    path, sheet, out = (tmp_path / name for name in ("in.vcf", "sheet.tsv", "o.parquet"))
    path.write_text("\n".join(lines) + "\n")
    sheet.write_text("sample\tsex\nA\tXX\nB\tXX\nC\tXX\n")
    assert main(["count", str(path), "--sheet", str(sheet), "--out", str(out)]) == 0
    assert pl.read_parquet(out).select("pos", "ac", "an").rows() == [(9, *seen)]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.vcf", "o.parquet", "sheet.tsv"]


def test_what_is_not_counted_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert count("count-symbolic-allele", tmp_path / "o.parquet", "--every-genotype") == 0
    said = capsys.readouterr().out
    assert "not counted: 1 allele without a sequence" in said
    assert "0 alleles, 2 people" in said
