"""Names of chromosomes: the one spelling, and the spellings it is known by."""

import polars as pl

CHROMS = [f"chr{c}" for c in [*range(1, 23), "X", "Y", "M"]]
CHROM = pl.Enum(CHROMS)
_ALIASES = {
    **{chrom: chrom for chrom in CHROMS},
    **{chrom[3:]: chrom for chrom in CHROMS},
    "MT": "chrM",
    "chrMT": "chrM",
}


def canonical_names(aliases: dict[str, str] | None = None) -> dict[str, str]:
    """Contig name -> canonical name for chr-prefixed, bare and MT spellings plus `aliases`."""
    return {**_ALIASES, **(aliases or {})}


def canonical(contig: str, aliases: dict[str, str] | None = None) -> str | None:
    """Canonical name of a contig; None for alts, decoys and other unplaced sequence."""
    return canonical_names(aliases).get(contig)
