"""What is common to all germline questions: the rules before any question, and zygosity.

Order matters (see `shirube.ledger`): a call is judged as a call, then its gene as part of the
question, and only then what the allele does.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal

import polars as pl

from shirube.contracts.annotation import UNTRUSTED
from shirube.contracts.knowledge import ENOUGH
from shirube.genome.alleles import kind
from shirube.genome.ploidy import copies_at
from shirube.interpret.alleles import interval, require_annotated
from shirube.interpret.inputs import Paths
from shirube.interpret.rules import general
from shirube.knowledge.significance import is_pathogenic, pathogenic
from shirube.ledger import OUTSIDE_QUESTION, Rule, text

FREQUENCY_LIMIT = 0.01
CALLED = (pl.col("filter") == "PASS") & (pl.col("dosage") > 0)
BASES = pl.col("alt").str.contains("^[ACGTNacgtn]+$")


def clinvar_pathogenic() -> pl.Expr:
    """Whether ClinVar's aggregate classification is pathogenic or likely pathogenic."""
    return pathogenic(pl.col("clinvar_significance"))


def harm_of(stated: str | None) -> Literal["P", "LP", "VUS"]:
    """Class of another allele, by ClinVar's words, as PM3 counts it."""
    if not is_pathogenic(stated):
        return "VUS"
    return "LP" if (stated or "").lower().startswith("likely") else "P"


def highest() -> pl.Expr:
    """Highest of the population, the Japanese and the cohort frequency that are evidence.

    The same rule as `rows.frequencies`: of ENOUGH chromosomes, at a site its source trusts.
    """
    return pl.max_horizontal(
        pl.when(
            pl.col(f"{kind}_an") >= ENOUGH,
            ~pl.col(f"{kind}_source").str.contains(UNTRUSTED).fill_null(False)
            if kind != "cohort"
            else True,
        ).then(f"{kind}_af")
        for kind in ("population", "japanese", "cohort")
    )


def zygosity() -> pl.Expr:
    """heterozygous, homozygous, hemizygous, or of chrM hetero- or homoplasmic; null: not called."""
    return (
        pl.when(pl.col("dosage") < 1)
        .then(None)
        .when((pl.col("chrom") == "chrM") & (pl.col("dosage") < pl.col("ploidy")))
        .then(pl.lit("heteroplasmic"))
        .when(pl.col("chrom") == "chrM")
        .then(pl.lit("homoplasmic"))
        .when(pl.col("ploidy") == 1)
        .then(pl.lit("hemizygous"))
        .when(pl.col("dosage") >= pl.col("ploidy"))
        .then(pl.lit("homozygous"))
        .otherwise(pl.lit("heterozygous"))
    )


SHARED = "shared_end"  # X or Y where a man has two copies (PAR)
IMPOSSIBLE = "impossible"  # more alleles, or more copies, than the sex has there


def of_person(
    rows: pl.DataFrame, sex: str, par: Mapping[str, Sequence[Sequence[int]]], role: str = ""
) -> pl.DataFrame:
    """`rows` with dosage and ploidy as the copies the sex has at the place allow.

    A caller that knows no sex writes a man's X as two copies: 1/1 there is one copy, 0/0 none. Two
    different alleles of one copy, or any allele where the sex has no copy, stay as they are written
    and are `impossible`. `role` is the prefix of a relative's columns. What lies in the shared ends
    of X and Y is `shared_end`.
    """
    dosage, ploidy = f"{role}dosage", f"{role}ploidy"
    copies = pl.col("_copies")
    written = pl.col(ploidy).fill_null(2)
    fits = (pl.col("chrom").cast(pl.String) == "chrM") | copies.is_null() | (written <= copies)
    whole = ~fits & (copies > 0) & ((pl.col(dosage) == 0) | (pl.col(dosage) == written))
    on_sex = pl.col("chrom").cast(pl.String).is_in(["chrX", "chrY"])
    return (
        rows.with_columns(
            (on_sex & (copies_at("XY", par) == 2)).alias(SHARED), _copies=copies_at(sex, par)
        )
        .with_columns(
            pl.when(whole)
            .then(pl.min_horizontal(dosage, "_copies"))
            .otherwise(dosage)
            .alias(dosage),
            pl.when(whole).then("_copies").otherwise(ploidy).alias(ploidy),
            (~fits & ~whole & (pl.col(dosage) > 0)).fill_null(False).alias(f"{role}{IMPOSSIBLE}"),
        )
        .drop("_copies")
    )


def with_reads(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with zygosity, vaf and its interval."""
    low, high = interval("ad_alt", "dp")
    vaf = pl.when(pl.col("dp") > 0).then(pl.col("ad_alt") / pl.col("dp"))
    return rows.with_columns(
        zygosity=zygosity(),
        vaf=vaf,
        vaf_low=pl.coalesce("heteroplasmy_low", low),
        vaf_high=pl.coalesce("heteroplasmy_high", high),
    )


def _seen() -> pl.Expr:
    """What the caller's filter saw, as far as the calls say."""
    first = pl.col("filter").str.split(";").list.first()
    out = pl.col("filter")
    for name, column in (("LowQual", "qual"), ("LowDepth", "dp"), ("LowGQ", "gq")):
        out = pl.when(first == name).then(text(pl.col(column))).otherwise(out)
    return (
        pl.when(first == "AlleleBalance").then(text(pl.col("ad_alt") / pl.col("dp"))).otherwise(out)
    )


def named_filter() -> pl.Expr:
    """The filter of a row, in the words of the caller that wrote the file where it is theirs."""
    own = pl.col("filter").str.split(";").list.contains("Caller")
    return pl.when(own).then(pl.coalesce("caller_filter", "filter")).otherwise("filter")


def intake_rules() -> list[Rule]:
    """Rules on the record: one that breaks the format, is of another reference, or is repeated."""
    named = pl.col("filter").str.split(";").list
    return [
        Rule(
            "Damaged", "filtered", named.contains("Damaged"), pl.col("fault"),
            pl.lit("a record as the VCF specification has it"),
        ),
        Rule(
            "OtherReference", "filtered", named.contains("OtherReference"), pl.col("ref"),
            pl.lit("REF as in the reference"),
        ),
        Rule(
            "duplicate_record", "filtered", named.contains("Duplicate"),
            pl.lit("allele called in another record"), pl.lit("one record an allele"),
        ),
    ]  # fmt: skip


def call_rules() -> list[Rule]:
    """Rules on the call itself: filters, no genotype, alleles that are no bases."""
    first = pl.col("filter").str.split(";").list.first()
    by_filter = [
        Rule(
            name,
            "filtered",
            (pl.col("filter") != "PASS") & (first == name),
            _seen(),
            pl.lit("PASS"),
        )
        for name in ("LowQual", "LowDepth", "LowGQ", "AlleleBalance", "NoGenotype", "Unplaced")
    ]
    return [
        *intake_rules(),
        *by_filter,
        Rule(
            "caller_filter",
            "filtered",
            pl.col("filter") != "PASS",
            named_filter(),
            pl.lit("PASS"),
        ),
        Rule(
            "NoGenotype",
            "filtered",
            ~(pl.col("dosage") > 0).fill_null(False),
            text(pl.col("dosage")),
            pl.lit("at least 1 copy"),
        ),
        Rule(
            "no_sequence",
            "filtered",
            ~BASES.fill_null(False),
            pl.col("alt"),
            pl.lit("an allele written as bases"),
        ),
    ]


def question_rule(inside: pl.Expr) -> Rule:
    """Removes what the question did not ask; neither gene nor class is written down."""
    return Rule(
        OUTSIDE_QUESTION,
        "filtered",
        ~inside.fill_null(False),
        pl.lit(None, pl.String),
        pl.lit("a gene of the question"),
    )


def allele_rules(relevant: pl.Expr, wanted: str, limit: float = FREQUENCY_LIMIT) -> list[Rule]:
    """Rules on the allele: common ones, then those of no `relevant` consequence (`wanted`).

    A ClinVar pathogenic allele passes both whatever its frequency or consequence; one that is
    predicted to change splicing passes the second, however silent or deep in an intron it is.
    """
    known = clinvar_pathogenic()
    splicing = (pl.col("spliceai") >= general().number("PP3.spliceai")).fill_null(False)
    return [
        Rule(
            "frequency",
            "filtered",
            (highest() > limit) & ~known,
            text(highest(), 3),
            pl.lit(f"at most {limit:g}"),
        ),
        Rule(
            "consequence",
            "filtered",
            ~relevant & ~splicing & ~known,
            pl.col("consequence").fill_null("none"),
            pl.lit(wanted),
        ),
    ]


def columns_of(row: dict[str, Any]) -> dict[str, Any]:
    """FINDINGS columns that a described germline row has under the same name."""
    names: Collection[str] = [
        "chrom",
        "pos",
        "ref",
        "alt",
        "kind",
        "gene",
        "transcript",
        "consequence",
        "hgvs_g",
        "hgvs_c",
        "hgvs_p",
        "zygosity",
        "dp",
        "ad_alt",
        "vaf",
        "vaf_low",
        "vaf_high",
        "clinvar_id",
        "clinvar_significance",
        "clinvar_stars",
        "cohort_ac",
        "cohort_an",
        "cohort_af",
        "population_af",
        "population_an",
        "population_source",
        "japanese_af",
        "japanese_an",
        "japanese_source",
    ]
    return {name: row.get(name) for name in names}


def described_germline(paths: Paths, prefer: pl.Expr, sex: str) -> Iterator[pl.DataFrame]:
    """Germline records by chromosome with zygosity (of a person of `sex`), reads and kind."""
    found = paths.germline()
    if found is None:
        return
    for chrom in paths.chroms(found):
        rows = paths.of_chrom(found, chrom, prefer, "germline")
        if rows.height:
            require_annotated(rows, CALLED, paths.annotation.get(chrom, "annotation"))
            rows = of_person(rows, sex, paths.par)
            yield with_reads(rows).with_columns(kind=kind(pl.col("ref"), pl.col("alt")))
