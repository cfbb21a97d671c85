"""Tables of a contract: what is refused when one is written, and what a lazy reading checks."""

from pathlib import Path

import polars as pl
import pytest

from shirube.cohort.person import read_person
from shirube.contracts import check, read, scan, write
from shirube.contracts.cohort import CALLABLE, GENOTYPES
from shirube.errors import ContractError
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.ploidy import PAR

ROWS = [("chr1", 5, "A", "C", 1, 2), ("chr1", 5, "A", "G", 1, 2), ("chr2", 1, "A", "C", 2, 2)]


def genotypes(*rows: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=GENOTYPES.polars, orient="row")


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ((), None),
        ((0,), None),
        ((0, 1, 2), None),
        ((1, 0, 2), "not sorted"),
        ((2, 0, 1), "not sorted"),
        ((0, 0), "duplicate"),
        ((0, 2, 1, 0), "duplicate"),
        ((0, 1, 1, 2), "duplicate"),
    ],
)
def test_rows_are_in_order_and_each_key_once(order: tuple[int, ...], said: str | None) -> None:
    table = genotypes(*(ROWS[i] for i in order))
    if said is None:
        assert check(table, GENOTYPES).equals(table)
    else:
        with pytest.raises(ContractError, match=said):
            check(table, GENOTYPES)


def test_a_key_that_is_unknown_twice_is_a_duplicate() -> None:
    row = (None, 5, "A", "C", 1, 2)
    with pytest.raises(ContractError, match="duplicate"):
        check(genotypes(row, row), GENOTYPES)


def test_no_table_of_no_rows_is_shared() -> None:
    one = GENOTYPES.empty()
    one.insert_column(0, pl.Series("more", [], pl.Int8))
    assert GENOTYPES.empty().columns == list(GENOTYPES.schema)


def test_several_files_are_read_as_one_table(tmp_path: Path) -> None:
    for number, row in enumerate(ROWS):
        write(genotypes(row), GENOTYPES, tmp_path / f"{number}.parquet")
    files = [tmp_path / f"{number}.parquet" for number in range(3)]
    assert scan(GENOTYPES, *files).collect().equals(genotypes(*ROWS))
    other = tmp_path / "other.parquet"
    write(CALLABLE.empty(), CALLABLE, other)
    with pytest.raises(ContractError, match=r"other.parquet: holds callable"):
        scan(GENOTYPES, *files, other)


def test_a_folder_of_any_name_is_read_and_no_other(tmp_path: Path) -> None:
    for name, row in zip(("run[1]", "run1", "run*?"), ROWS, strict=True):
        (tmp_path / name).mkdir()
        write(genotypes(row), GENOTYPES, tmp_path / name / "a.parquet")
    for name, row in zip(("run[1]", "run1", "run*?"), ROWS, strict=True):
        assert read(GENOTYPES, tmp_path / name / "a.parquet").equals(genotypes(row))


@pytest.mark.parametrize("lines", [0, 3000])
def test_a_header_may_be_long(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "a.vcf"
    head = ["##fileformat=VCFv4.2", *(f"##note={'x' * 60}{n}" for n in range(lines))]
    head += [f'##FORMAT=<ID={k},Number=1,Type=Integer,Description="">' for k in ("AD", "DP", "GQ")]
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS"
    record = "chr1\t7\t.\tA\tC\t.\tPASS\t.\tGT:AD:DP:GQ\t0/1:15,15:30:99"
    path.write_text("\n".join([*head, columns, record, ""]))
    found = read_person(path, "S", "XX", GenotypeRule(), None, PAR["GRCh38"])
    assert found.genotypes.rows() == [("chr1", 7, "A", "C", 1, 2)]
