"""Pharmacogenomic knowledge as tables: positions, named alleles, phenotypes, recommendations.

Made once a run from the files of PharmCAT (pgx.definitions, pgx.phenotypes) and, for genes whose
phenotypes PharmCAT leaves out, PyPGx; a report reads the tables only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from shirube.knowledge.pharmcat import (
    diplotype_phenotypes,
    drug_recommendations,
    star_alleles,
    star_positions,
)
from shirube.knowledge.pharmcat_definitions import Gene, Position


@dataclass(frozen=True)
class Tables:
    """What a report knows of pharmacogenes: STAR_POSITIONS, STAR_ALLELES, ..."""

    positions: pl.DataFrame
    alleles: pl.DataFrame
    phenotypes: pl.DataFrame
    recommendations: pl.DataFrame

    def genes(self) -> list[Gene]:
        """Every gene that can be called, by symbol."""
        places = self.positions.partition_by("gene", as_dict=True)
        return [
            _gene(str(gene), places[(gene,)].rows(named=True), named)
            for (gene,), named in sorted(self.alleles.partition_by("gene", as_dict=True).items())
        ]


def _gene(symbol: str, places: list[dict[str, Any]], named: pl.DataFrame) -> Gene:
    return Gene(
        symbol,
        places[0]["chrom"],
        places[0]["version"],
        tuple(Position(p["pos"], p["ref"], tuple(p["alts"]), p["rsid"], p["name"]) for p in places),
        tuple(named["allele"]),
        np.array(named["allowed"].to_list(), np.uint64),
        np.array(named["stated"].to_list(), np.bool_),
        int(named["reference"].arg_max() or 0),
    )


def tables_of(files: Iterable[Path], pypgx: str | Path | None = None) -> Tables:
    """The four tables of PharmCAT's files."""
    paths = list(files)
    return Tables(
        star_positions(paths),
        star_alleles(paths),
        diplotype_phenotypes(paths, pypgx),
        drug_recommendations(paths),
    )
