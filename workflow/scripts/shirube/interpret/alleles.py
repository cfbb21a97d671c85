"""A patient's alleles with the one transcript they are told on, and their frequencies.

The annotation has a row an allele and transcript. Of these one is chosen: a gene's MANE
transcripts hide its others; then what `prefer` says, the most severe impact, MANE Select before
Plus Clinical, and the names, so that the choice does not depend on the order of rows.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

import polars as pl

from shirube.contracts import ALLELE, CHROM, FREQUENCY, scan
from shirube.errors import InputError

IMPACTS = ["HIGH", "MODERATE", "LOW", "MODIFIER"]
NOTHING_PREFERRED = pl.lit(True)
_FREQUENCIES = {
    "population": ("population_af", "population_an", "population_source"),
    "japanese": ("japanese_af", "japanese_an", "japanese_source"),
    "cohort": ("cohort_af", "cohort_an", "cohort_ac"),
}


def one_transcript(
    annotation: pl.LazyFrame,
    prefer: pl.Expr = NOTHING_PREFERRED,
    usual: Collection[str] = frozenset(),
) -> pl.LazyFrame:
    """One row of `annotation` an allele; rows where `prefer` holds come first.

    A gene is named on its `usual` transcript (names without version), else on MANE's.
    """
    of_gene = [*ALLELE, "gene"]
    named = pl.col("transcript").str.replace(r"\.\d+$", "").is_in(sorted(usual)).fill_null(False)
    mane = pl.col("mane").is_not_null()
    kept = pl.when(named.any().over(of_gene)).then(named).otherwise(mane)
    return (
        annotation.with_columns(
            _hidden=~kept & (named | mane).any().over(of_gene),
            _prefer=prefer.fill_null(False),
            _impact=pl.col("impact").replace_strict(
                IMPACTS, list(range(len(IMPACTS))), default=len(IMPACTS), return_dtype=pl.Int8
            ),
            _mane=pl.col("mane").replace_strict(
                ["MANE Select", "MANE Plus Clinical"], [0, 1], default=2, return_dtype=pl.Int8
            ),
        )
        .filter(~pl.col("_hidden"))
        .sort(
            [*ALLELE, "_prefer", "_impact", "_mane", "gene", "transcript"],
            descending=[False] * len(ALLELE) + [True] + [False] * 4,
            nulls_last=True,
        )
        .unique(list(ALLELE), keep="first", maintain_order=True)
        .drop("_hidden", "_prefer", "_impact", "_mane")
    )


def frequency_of(directory: str | Path, chrom: str) -> pl.LazyFrame:
    """Cohort frequency (group `all`) of one chromosome: allele, cohort_ac, cohort_an, cohort_af."""
    file = Path(directory) / f"{chrom}.parquet"
    table = scan(FREQUENCY, file) if file.is_file() else FREQUENCY.empty().lazy()
    return (
        table.filter(pl.col("stratum") == "all")
        .with_columns(pl.col("chrom").cast(CHROM))
        .select(*ALLELE, cohort_ac="ac", cohort_an="an", cohort_af="af")
    )


def described(
    rows: pl.DataFrame,
    annotation: pl.LazyFrame,
    frequency: pl.LazyFrame,
    prefer: pl.Expr = NOTHING_PREFERRED,
    usual: Collection[str] = frozenset(),
) -> pl.DataFrame:
    """`rows` (of one chromosome, with the allele key) with annotation and cohort frequency.

    `annotated` says whether the annotation knows the allele. A change of several alleles (see
    `changes.molecules`) that no source lists has the frequency of its rarest member.
    """
    keys = rows.lazy().select(ALLELE).unique()
    known = one_transcript(annotation.join(keys, on=ALLELE, how="semi"), prefer, usual)
    counts = frequency.join(keys, on=ALLELE, how="semi")
    found = (
        rows.lazy()
        .join(known.with_columns(annotated=pl.lit(True)), on=ALLELE, how="left", validate="m:1")
        .join(counts, on=ALLELE, how="left", validate="m:1")
        .with_columns(pl.col("annotated").fill_null(False))
        .collect()
    )
    if "members" not in rows.columns or not rows["members"].is_not_null().any():
        return found
    return _as_rare_as_its_members(found, annotation, frequency)


def _as_rare_as_its_members(
    rows: pl.DataFrame, annotation: pl.LazyFrame, frequency: pl.LazyFrame
) -> pl.DataFrame:
    """`rows` with the frequencies of changes of several alleles, and their highest SpliceAI score.

    Neighbours are hardly ever parted by recombination: of two alleles seen together one arose on
    chromosomes that had the other, and the haplotype is as frequent as the younger, rarer one.
    Unknown for one member is unknown for the change.
    """
    composed = rows.filter(pl.col("members").is_not_null())
    members = (
        composed.select("chrom", "change", "members")
        .explode("members")
        .with_columns(pl.col("members").struct.field(name) for name in ("pos", "ref", "alt"))
    )
    keys = members.lazy().select(ALLELE).unique()
    known = one_transcript(annotation.join(keys, on=ALLELE, how="semi")).collect()
    counts = frequency.join(keys, on=ALLELE, how="semi").collect()
    told = members.join(known, on=ALLELE, how="left").join(counts, on=ALLELE, how="left")
    rarest = told.group_by("change").agg(
        pl.col("spliceai").max(),
        *(
            pl.when(pl.col(f"{kind}_af").is_not_null().all())
            .then(pl.col(name).sort_by(f"{kind}_af").first())
            .alias(name)
            for kind, names in _FREQUENCIES.items()
            for name in names
        ),
    )
    columns = [name for name in rarest.columns if name != "change"]
    filled = composed.join(rarest, on="change", how="left", suffix="_rarest", maintain_order="left")
    own = {name: f"{kind}_af" for kind, names in _FREQUENCIES.items() for name in names}
    filled = filled.with_columns(
        pl.when(pl.col(own.get(name, name)).is_null())
        .then(f"{name}_rarest")
        .otherwise(name)
        .alias(name)
        for name in columns
    ).select(rows.columns)
    return pl.concat([rows.filter(pl.col("members").is_null()), filled])


def require_annotated(rows: pl.DataFrame, called: pl.Expr, annotation: object) -> None:
    """Raise InputError if a called allele made of bases has no row in the annotation."""
    lost = rows.filter(
        called.fill_null(False)
        & ~pl.col("annotated")
        & pl.col("alt").str.contains("^[ACGTNacgtn]+$")
    )
    if lost.height:
        chrom, pos, ref, alt = lost.select(ALLELE).row(0)
        raise InputError(
            annotation,
            f"a row for every called allele; {lost.height} have none",
            f"{chrom}:{pos} {ref}>{alt}",
        )


def genes_in(names: Iterable[str]) -> pl.Expr:
    """Whether the row's gene is among `names`."""
    return pl.col("gene").is_in(sorted(set(names))).fill_null(False)


def interval(part: str, whole: str) -> tuple[pl.Expr, pl.Expr]:
    """Wilson's 95% interval of part / whole; null where whole = 0 or unknown."""
    z = 1.959963984540054
    n = pl.col(whole).cast(pl.Float64)
    p = pl.col(part) / n
    centre, half = p + z * z / (2 * n), z * ((p * (1 - p) + z * z / (4 * n)) / n).sqrt()
    known = n > 0
    low = pl.when(known).then(((centre - half) / (1 + z * z / n)).clip(0, 1))
    high = pl.when(known).then(((centre + half) / (1 + z * z / n)).clip(0, 1))
    return low, high
