"""Repeats and alleles of chrM of a release: at a place, of a gene, or one locus by its name."""

from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from shirube.contracts import LOCUS_FREQUENCY, scan

Row = dict[str, Any]
FOLDER = "loci"


class Loci:
    """loci/ of one release in `folder`; a release without it has none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    @property
    def told(self) -> bool:
        """Whether the release says anything of loci."""
        return bool(self.files())

    def files(self) -> dict[str, Path]:
        """Chromosome -> its table."""
        return {path.stem: path for path in sorted(self._folder.glob("*.parquet"))}

    @cached_property
    def _table(self) -> pl.DataFrame:
        """Everything: some thousands of rows, however many people."""
        parts = [scan(LOCUS_FREQUENCY, path) for path in self.files().values()]
        whole = pl.concat([LOCUS_FREQUENCY.empty().lazy(), *parts]).collect()
        number = pl.col("allele").str.extract(r"(\d+)$").cast(pl.Int32)
        return whole.sort(
            "chrom", "pos", "kind", "locus", number, "allele", pl.col("stratum") != "all",
            "stratum", maintain_order=True,
        )  # fmt: skip

    def within(self, chrom: str, start: int, end: int) -> list[list[list[Row]]]:
        """Loci whose first base lies in 0-based [start, end): of each its alleles, one row a group.

        `all` stands first.
        """
        inside = (pl.col("pos") > start) & (pl.col("pos") <= end)
        return _by_locus(self._table.filter(pl.col("chrom") == chrom, inside))

    def of_gene(self, gene: str) -> list[list[list[Row]]]:
        """Loci of a gene (HGNC symbol)."""
        return _by_locus(self._table.filter(pl.col("gene") == gene))

    def named(self, locus: str) -> list[list[Row]]:
        """Alleles of one locus by its name in any case; [] if the release has none."""
        found = _by_locus(self._table.filter(pl.col("locus").str.to_lowercase() == locus.lower()))
        return found[0] if found else []


def _by_locus(table: pl.DataFrame) -> list[list[list[Row]]]:
    out: dict[tuple[str, str], dict[str, list[Row]]] = {}
    for row in table.iter_rows(named=True):
        alleles = out.setdefault((row["kind"], row["locus"]), {})
        alleles.setdefault(row["allele"], []).append(row)
    return [list(alleles.values()) for alleles in out.values()]
