"""The published folder of frequencies as other people's readers see it."""

from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
from cohort_run import Run
from pyarrow.dataset import dataset


def test_every_reader_opens_the_folder_as_one_table(tmp_path: Path) -> None:
    """pandas, pyarrow (plain and hive), DuckDB and polars; chrom is text and that of the path."""
    run = Run(tmp_path)
    for n in range(4):
        run.add(n, sex="XY" if n % 2 else "XX")
    run.go()
    folder = run.members.parent / "frequency"
    whole = run.frequency()
    assert whole["chrom"].n_unique() > 2
    arrow = [
        *(dataset(folder).to_table(), dataset(folder, partitioning="hive").to_table()),
        pq.read_table(folder),
        duckdb.sql(f"select * from '{folder}/*.parquet'").to_arrow_table(),
    ]
    for table in [*map(pl.DataFrame, arrow), pl.read_parquet(folder)]:
        assert table.schema == whole.schema
        assert sorted(table.rows()) == sorted(whole.rows())
    frame = pd.read_parquet(folder)
    assert len(frame) == whole.height
    assert set(map(type, frame["chrom"])) == {str}
    assert frame["ac"].sum() == whole["ac"].sum()
    for path in folder.iterdir():
        assert set(pl.read_parquet(path)["chrom"]) <= {path.stem}


def test_no_column_needs_quotes_in_sql(tmp_path: Path) -> None:
    run = Run(tmp_path)
    for n in range(3):
        run.add(n)
    run.go()
    columns = ", ".join(run.frequency().columns)
    found = duckdb.sql(f"select {columns} from '{run.members.parent}/frequency/*.parquet'")
    assert found.columns == run.frequency().columns
