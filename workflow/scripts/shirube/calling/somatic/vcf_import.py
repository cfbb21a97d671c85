"""Somatic calls another program made, read from its VCF into the SOMATIC contract.

Which fields hold depths and reads depends on the caller (`shirube.intake`). Every allele of every
record has a row. The caller's own filters (of the site, the sample and the allele) become `Caller`
and keep their names in caller_filter; an allele the tumour's genotype does not hold is NoGenotype.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from shirube.calling.somatic.model import fraction_interval
from shirube.contracts import ALLELE, SOMATIC
from shirube.genome.alleles import with_canonical_chrom
from shirube.genome.intervals import Interval
from shirube.genome.regions import read_contigs
from shirube.intake.dialects import Dialect
from shirube.intake.fields import info, number, with_info
from shirube.intake.pairs import normal_column, tumour_column
from shirube.intake.placing import Agreement, placed
from shirube.intake.records import Source, by_allele

_SMALL = "^[ACGTN]+$"
_LODS = ("TLOD", "NLOD")


def import_somatic(
    path: str | Path,
    tumour: str | None,
    reference: str,
    regions: Sequence[Interval],
    aliases: dict[str, str] | None = None,
    sample: str = "",
    normals: Sequence[str] = (),
) -> pl.DataFrame:
    """SOMATIC table of the alleles of a VCF, one form an allele.

    `tumour` names its column (sample_in_file), `sample` the tumour's sample, `normals` what the
    patient's normal may be called. Raises InputError where REF mostly contradicts the reference:
    the file is of another build.
    """
    header = Source.sites(path).header
    name = tumour_column(header, path, tumour, sample)
    beside = normal_column(header, name, normals)
    source = Source.of(path, name)
    return imported(
        source, Source.of(path, beside) if beside else None, reference, regions, aliases
    )


def imported(
    tumour: Source,
    normal: Source | None,
    reference: str,
    regions: Sequence[Interval],
    aliases: dict[str, str] | None = None,
    filter_names: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """SOMATIC table of the columns of a file; `filter_names`: FILTERS for the caller's own."""
    parts = [
        _judged(rows, tumour.dialect, dict(filter_names or {}))
        for rows in _alleles(tumour, normal)
        if rows.height
    ]
    if not parts:
        return SOMATIC.empty()
    table = pl.concat(parts)
    numbers = (pl.col("line") != pl.col("line").shift()).fill_null(True).cum_sum() - 1
    table = table.with_columns(record=numbers.cast(pl.UInt32), chrom=pl.col("contig"))
    found = placed(with_canonical_chrom(table, "chrom", aliases), reference, regions, aliases)
    agreement = Agreement(tumour.path)
    agreement.count(found)
    agreement.judge()
    return finished(_with_repeats(_filtered(found)))


def _alleles(tumour: Source, normal: Source | None) -> Iterator[pl.DataFrame]:
    """Rows an ALT of the tumour's column with normal_dp, normal_ad and normal_ref beside them."""
    if normal is None:
        for rows in tumour.records():
            split = by_allele(rows)
            yield split.with_columns(
                normal_dp="normal_depth",
                normal_ad=pl.col("normal_reads").list.get(pl.col("number"), null_on_oob=True),
                normal_ref=pl.col("normal_reads").list.get(0, null_on_oob=True),
            )
        return
    for rows, others in zip(tumour.records(), normal.records(), strict=True):
        beside = by_allele(others).select(
            "line", "number", normal_dp="depth", normal_ad="ad_alt", normal_ref="ad_ref"
        )
        key = ["line", "number"]
        yield by_allele(rows).join(
            beside, on=key, how="left", maintain_order="left", nulls_equal=True
        )


def _judged(rows: pl.DataFrame, dialect: Dialect, names: Mapping[str, str]) -> pl.DataFrame:
    """Rows with the values of SOMATIC and `failed`: names of FILTERS by the file's own filters."""
    field, _, accepted = dialect.status.removeprefix("INFO/").partition("=")
    rows = with_info(rows, [*_LODS, *([field] if field else [])])
    own = pl.concat_list(
        pl.when(pl.col(name) != "PASS").then(pl.col(name).str.split(";"))
        .otherwise(pl.lit([], pl.List(pl.String))).fill_null([])
        for name in ("filter", "ft", "own_filter")
    ).list.unique(maintain_order=True)  # fmt: skip
    elsewhere = ~info(field).is_in(accepted.split(",")) if field else pl.lit(None, pl.Boolean)
    mapped = own.list.eval(pl.element().replace_strict(names, default="Caller"))
    # A genotype of another ALT says nothing against this one's reads; one of none does.
    reference = pl.col("genotype").list.max() == 0
    absent = (pl.col("dosage") == 0) & ((pl.col("ad_alt").fill_null(0) == 0) | reference)
    said = (
        pl.when(elsewhere).then(pl.concat_str(pl.lit(f"{field}="), info(field))) if field else None
    )
    named = own.list.join(";").replace("", None)
    by_text = pl.col("phased_text").str.contains(r"^[01]\|[01]$")
    side = (
        pl.when(pl.col("phased"))
        .then(pl.col("genotype").list.get(1, null_on_oob=True) == pl.col("number"))
        .when(by_text)
        .then(pl.col("phased_text").str.ends_with("1"))
    )
    phase_set = pl.when(side.is_not_null()).then(
        pl.coalesce(
            pl.col("phase_set").cast(pl.Int32, strict=False),
            pl.col("phase_set").str.extract(r"^(\d+)_").cast(pl.Int32, strict=False),
        )
    )
    return rows.select(
        "line", "contig", "pos", "ref", "alt", "fault",
        tumour_dp="depth",
        tumour_ad="ad_alt",
        tumour_ref="ad_ref",
        normal_dp="normal_dp",
        normal_ad="normal_ad",
        normal_ref="normal_ref",
        lod=_of_alt("TLOD"),
        normal_lod=_of_alt("NLOD"),
        strand_p=pl.lit(None, pl.Float64),
        phase_set=phase_set,
        haplotype=pl.when(phase_set.is_not_null()).then(side.cast(pl.Int8)),
        caller_filter=named if said is None else pl.coalesce(named, said),
        failed=pl.concat_list(
            pl.when(absent).then(pl.lit("NoGenotype")),
            pl.when(elsewhere).then(pl.lit("Germline")),
            mapped,
        ).list.drop_nulls().list.unique(maintain_order=True),
    )  # fmt: skip


def _of_alt(name: str) -> pl.Expr:
    """The value of this row's ALT in an INFO field with one an ALT, or of the site."""
    parts = info(name).str.split(",")
    own = parts.list.get(pl.col("number") - 1, null_on_oob=True)
    return number(pl.when(parts.list.len() > 1).then(own).otherwise(parts.list.first()))


def _filtered(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `filter`: what keeps an allele from being judged comes first and alone."""
    small = pl.col("alt").str.contains(_SMALL)
    judged = pl.col("failed").list.join(";")
    return rows.with_columns(
        filter=pl.when(pl.col("fault").is_not_null())
        .then(pl.lit("Damaged"))
        .when(~small)
        .then(pl.lit("NotSmall"))
        .when(pl.col("place") == "differs")
        .then(pl.lit("OtherReference"))
        .when((pl.col("place") == "outside") | pl.col("chrom").is_null())
        .then(pl.lit("Unplaced"))
        .when(judged == "")
        .then(pl.lit("PASS"))
        .otherwise(judged),
        ref=pl.col("ref").fill_null("."),
        alt=pl.col("alt").fill_null("."),
    )


def _with_repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """Of an allele in several records, the one that passes, else the first, is no Duplicate."""
    has_place = pl.col("chrom").is_not_null() & (pl.col("filter") != "Damaged")
    order = rows.with_columns(_worse=pl.col("filter") != "PASS").sort("_worse", "record")
    again = ~pl.struct(ALLELE).is_first_distinct() & has_place
    return order.with_columns(
        filter=pl.when(again).then(pl.lit("Duplicate")).otherwise("filter")
    ).drop("_worse")


def finished(table: pl.DataFrame) -> pl.DataFrame:
    """SOMATIC table of `table`, which lacks only the fractions and their intervals."""
    known = pl.col("tumour_dp").is_not_null() & pl.col("tumour_ad").is_not_null()
    depth = table["tumour_dp"].fill_null(0).to_numpy()
    low, high = fraction_interval(table["tumour_ad"].fill_null(0).clip(0, None).to_numpy(), depth)
    return SOMATIC.table(
        table.with_columns(
            vaf=pl.when(known & (pl.col("tumour_dp") > 0)).then(
                pl.col("tumour_ad") / pl.col("tumour_dp")
            ),
            vaf_low=pl.when(known).then(pl.Series(low)),
            vaf_high=pl.when(known).then(pl.Series(high)),
        )
    )


def without_recurrent(
    table: pl.DataFrame,
    panel: str | Path,
    reference: str,
    aliases: dict[str, str] | None = None,
) -> pl.DataFrame:
    """SOMATIC `table` with `PanelOfNormals` added to the filter of alleles the panel's VCF has."""
    everywhere = [Interval(name, 0, n) for name, n in read_contigs(f"{reference}.fai").items()]
    agreement, parts = Agreement(panel), [SOMATIC.empty().select(ALLELE)]
    for rows in Source.sites(panel).records():
        known = by_allele(rows).filter(pl.col("alt").str.contains(_SMALL)).select(
            "contig", "pos", "ref", "alt", "fault", chrom="contig"
        )  # fmt: skip
        found = placed(
            with_canonical_chrom(known, "chrom", aliases), reference, everywhere, aliases
        )
        agreement.count(found)
        parts.append(found.filter(place="inside").drop_nulls("chrom").select(ALLELE))
    agreement.judge()
    recurrent = pl.concat(parts).unique().with_columns(recurrent=pl.lit(True))
    joined = table.join(recurrent, on=ALLELE, how="left", maintain_order="left")
    marked = (
        pl.when(pl.col("recurrent").is_null())
        .then(pl.col("filter"))
        .when(pl.col("filter") == "PASS")
        .then(pl.lit("PanelOfNormals"))
        .otherwise(pl.col("filter") + ";PanelOfNormals")
    )
    return joined.with_columns(filter=marked).drop("recurrent")
