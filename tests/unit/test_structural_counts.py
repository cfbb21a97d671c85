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
