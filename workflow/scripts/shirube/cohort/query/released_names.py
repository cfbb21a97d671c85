"""Names of released alleles: what the release's annotation calls them."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from shirube.contracts import ALLELE, ANNOTATION, scan

_SHIFT = re.compile(r"^(p\.[A-Z][a-z]{2}\d+)(?:[A-Z][a-z]{2})?fs")
Named = list[tuple[str, int, str, str]]


class ReleasedNames:
    """The annotation beside a release; without one, no allele has a name."""

    def __init__(self, cohort: Path) -> None:
        self._folder = cohort / "annotation"

    def _rows(self, chrom: str) -> pl.LazyFrame | None:
        path = self._folder / f"{chrom}.parquet"
        return scan(ANNOTATION, path) if path.is_file() else None

    def of_rsid(self, rsid: str) -> Named:
        """Released alleles that bear an rsID."""
        found: Named = []
        for path in sorted(self._folder.glob("chr*.parquet")):
            found += _alleles(scan(ANNOTATION, path).filter(pl.col("rsid") == rsid))
        return found

    def of_name(
        self,
        spans: Sequence[dict[str, Any]],
        column: str,
        name: str,
        gene: str,
        transcript: str | None,
    ) -> Named:
        """Released alleles of a gene whose `hgvs_c` or `hgvs_p` is `name`.

        A frameshift is found by its first residue, however far the shift is read.
        """
        found: Named = []
        for span in spans:
            rows = self._rows(span["chrom"])
            if rows is not None:
                near = pl.col("pos").is_between(span["start"] - 5000, span["end"] + 5000)
                own = pl.col("transcript") == transcript if transcript else pl.col("gene") == gene
                found += _alleles(rows.filter(near, own, _called(column, name)))
        return found

    def anywhere(self, column: str, name: str, owner: str) -> Named:
        """The same, of a gene or transcript (in any version) that no gene models are known of."""
        stem = owner.split(".")[0].lower()
        own = (pl.col("gene").str.to_lowercase() == owner.lower()) | (
            pl.col("transcript").str.to_lowercase().str.split(".").list.first() == stem
        )
        found: Named = []
        for path in sorted(self._folder.glob("chr*.parquet")):
            found += _alleles(scan(ANNOTATION, path).filter(own, _called(column, name)))
        return found

    def of_alleles(self, chrom: str, start: int, end: int) -> pl.DataFrame:
        """ANNOTATION rows of released alleles at 0-based [start, end)."""
        rows = self._rows(chrom)
        if rows is None:
            return ANNOTATION.empty()
        return rows.filter(pl.col("pos").is_between(start + 1, end)).collect()


def _called(column: str, name: str) -> pl.Expr:
    told = pl.col(column)
    if column == "hgvs_p":
        told = told.str.split(":").list.last().str.replace_all(r"[()]", "")
    if shift := _SHIFT.match(name):
        return (told == name) | (told.str.extract(_SHIFT.pattern, 1) == shift[1])
    return told == name


def _alleles(rows: pl.LazyFrame) -> Named:
    wanted = rows.select(pl.col("chrom").cast(pl.String), *ALLELE[1:]).unique()
    return wanted.collect().sort(ALLELE).rows()
