"""Names of chromosomes and the one form of an allele.

An allele is (chrom, pos, ref, alt) with one ALT, no shared base at the end and none at the
start beyond the one VCF asks of an indel, moved as far left as the reference allows. Left
alignment needs the reference and is done by `bcftools norm`; what is here needs none.
"""

import hashlib

import polars as pl

from shirube.genome.chromosomes import CHROM, canonical, canonical_names

__all__ = [
    "allele_id",
    "canonical",
    "canonical_names",
    "kind",
    "trimmed",
    "with_canonical_chrom",
]
_LONG = 24


def with_canonical_chrom(
    table: pl.DataFrame, column: str = "chrom", aliases: dict[str, str] | None = None
) -> pl.DataFrame:
    """`table` with `column` as canonical Enum; rows on other contigs get null there."""
    names = canonical_names(aliases)
    return table.with_columns(
        pl.col(column).replace_strict(names, default=None, return_dtype=pl.String).cast(CHROM)
    )


def trimmed(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Allele without the bases ref and alt share: first at the end, then at the start.

    One base of each is always left. `pos` is 1-based.
    """
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    shared = 0
    while shared < min(len(ref), len(alt)) - 1 and ref[shared] == alt[shared]:
        shared += 1
    return pos + shared, ref[shared:], alt[shared:]


def kind(ref: pl.Expr, alt: pl.Expr) -> pl.Expr:
    """Kind of allele: snv, mnv, insertion, deletion or delins (trimmed alleles)."""
    reference, alternative = ref.str.len_bytes(), alt.str.len_bytes()
    anchored = ref.str.slice(0, 1) == alt.str.slice(0, 1)
    return (
        pl.when((reference == 1) & (alternative == 1))
        .then(pl.lit("snv"))
        .when(reference == alternative)
        .then(pl.lit("mnv"))
        .when((reference == 1) & anchored)
        .then(pl.lit("insertion"))
        .when((alternative == 1) & anchored)
        .then(pl.lit("deletion"))
        .otherwise(pl.lit("delins"))
    )


def allele_id(origin: str, chrom: str, pos: int, ref: str, alt: str) -> str:
    """Id of a small variant: origin and allele; bases beyond 24 as length and digest."""
    return f"{origin}-{chrom}-{pos}-{_short(ref)}-{_short(alt)}"


def _short(bases: str) -> str:
    if len(bases) <= _LONG:
        return bases
    return f"{len(bases)}x{hashlib.sha256(bases.encode()).hexdigest()[:10]}"
