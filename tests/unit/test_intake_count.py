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


@pytest.mark.parametrize("more", [["--every-genotype"], ["--unmeasured", "accept"]])
def test_they_are_counted_where_that_is_asked(more: list[str], tmp_path: Path) -> None:
    assert count("count-without-ad", tmp_path / "o.parquet", *more) == 0
    found = pl.read_parquet(tmp_path / "o.parquet")
    assert found.select("pos", "ac", "an").rows() == [(16050100, 4, 8), (16050200, 3, 8)]


def test_what_is_not_counted_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert count("count-symbolic-allele", tmp_path / "o.parquet", "--every-genotype") == 0
    said = capsys.readouterr().out
    assert "not counted: 1 allele without a sequence" in said
    assert "0 alleles, 2 people" in said
