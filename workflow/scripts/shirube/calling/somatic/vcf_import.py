"""Somatic calls another program made, read from its VCF into the SOMATIC contract.

Depths are taken, in this order, from FORMAT/AD and DP (Mutect2, VarDict, DeepSomatic ...),
FORMAT/ADT, DPT, ADC, DPC (one column for the pair, TCGA MC3 style), INFO/TDP and TVAF. Where a
file states none of these they are unknown (null). FILTER other than PASS or `.` becomes `Caller`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from shirube.calling.somatic.model import fraction_interval
from shirube.calling.variant_files import contig_names
from shirube.contracts import ALLELE, SOMATIC
from shirube.errors import InputError
from shirube.genome.alleles import with_canonical_chrom
from shirube.genome.intervals import Interval
from shirube.genome.normalise import normalised
from shirube.genome.regions import read_contigs
from shirube.genome.sequence import bases
from shirube.vcf import header, read_columns

_FORMAT = {name: pl.String for name in ("AD", "DP", "ADT", "DPT", "ADC", "DPC", "PS")}
_BASES = "^[ACGTacgt]+$"
_INFO = {"TDP": pl.String, "TVAF": pl.String, "TLOD": pl.String, "NLOD": pl.String}


def tumour_column(path: str | Path, name: str | None) -> str | None:
    """Name of the tumour's sample column; None for a file without samples."""
    found = header(path).samples
    if name in found:
        return name
    if len(found) > 1:
        raise InputError(
            path, f"one sample column, or sample_in_file to name it among {', '.join(found)}"
        )
    return found[0] if found else None


def _number(column: str, index: int | None = None) -> pl.Expr:
    text = pl.col(column)
    if index is not None:
        text = text.str.split(",").list.get(index, null_on_oob=True)
    return text.cast(pl.Float64, strict=False).round().cast(pl.Int32, strict=False)


def _one_row_an_allele(table: pl.DataFrame) -> pl.DataFrame:
    """Rows split at the commas of ALT; `alt_index` is 1 for the first."""
    return (
        table.with_columns(alt=pl.col("alt").str.split(","))
        .with_columns(alt_index=pl.int_ranges(1, pl.col("alt").list.len() + 1))
        .explode("alt", "alt_index")
    )


def _of_allele(column: str) -> pl.Expr:
    """Entry of this row's ALT in a Number=R field."""
    parts = pl.col(column).str.split(",")
    return parts.list.get(pl.col("alt_index"), null_on_oob=True).cast(pl.Int32, strict=False)


def import_somatic(
    path: str | Path,
    tumour: str | None,
    reference: str,
    regions: list[Interval],
    aliases: dict[str, str] | None = None,
) -> pl.DataFrame:
    """SOMATIC table of the alleles of a VCF, one form an allele.

    Alleles outside `regions` (the reference's contigs) have the filter Unplaced, symbolic and
    spanning ones NotSmall; of contigs that are no chromosome there are no rows. Raises InputError
    where REF contradicts the reference: the file is of another build.
    """
    column = tumour_column(path, tumour)
    fields = _FORMAT if column else {}
    table = read_columns(path, _INFO, fields, ("-s", column) if column else ())
    for name in set(_FORMAT) - set(fields):
        table = table.with_columns(pl.lit(None, pl.String).alias(name))
    table = _one_row_an_allele(table)
    depth, share = pl.col("TDP").cast(pl.Float64), pl.col("TVAF").cast(pl.Float64)
    table = table.with_columns(
        tumour_ad=pl.coalesce(
            _of_allele("AD"), _of_allele("ADT"), (depth * share).round().cast(pl.Int32)
        ),
        tumour_dp=pl.coalesce(_number("DP"), _number("DPT"), depth.cast(pl.Int32)),
        normal_ad=_of_allele("ADC"),
        normal_dp=_number("DPC"),
        lod=pl.col("TLOD").str.split(",").list.get(0).cast(pl.Float64, strict=False),
        normal_lod=pl.col("NLOD").str.split(",").list.get(0).cast(pl.Float64, strict=False),
        phase_set=_number("PS"),
        strand_p=pl.lit(None, pl.Float64),
        filter=pl.when(pl.col("filter").is_null() | (pl.col("filter") == "PASS"))
        .then(pl.lit("PASS"))
        .otherwise(pl.lit("Caller")),
    )
    table = table.with_row_index("row")
    found = placed(table, path, reference, regions, aliases)
    return finished(pl.concat([found, _elsewhere(table, found, aliases)], how="diagonal_relaxed"))


def _elsewhere(
    table: pl.DataFrame, found: pl.DataFrame, aliases: dict[str, str] | None
) -> pl.DataFrame:
    """Rows of `table` on chromosomes that are not in `found`, with the filter that says why."""
    rest = table.join(found, on="row", how="anti").with_columns(chrom=pl.col("contig"))
    rest = with_canonical_chrom(rest, "chrom", aliases).drop_nulls("chrom")
    small = pl.col("alt").str.contains(_BASES)
    why = pl.when(small).then(pl.lit("Unplaced")).otherwise(pl.lit("NotSmall"))
    rest = rest.with_columns(filter=why).unique(ALLELE, keep="first", maintain_order=True)
    return rest.join(found, on=ALLELE, how="anti")


def placed(
    table: pl.DataFrame,
    path: str | Path,
    reference: str,
    regions: Sequence[Interval],
    aliases: dict[str, str] | None,
) -> pl.DataFrame:
    """Rows (contig, pos, ref, alt: one ALT a row) that lie in `regions`, as alleles in one form.

    Raises InputError, naming `path`, where REF contradicts the reference.
    """
    table = table.filter(
        pl.col("alt").str.contains(_BASES) & pl.col("ref").str.contains("^[ACGTNacgtn]+$")
    )
    table = table.with_columns(pl.col("ref", "alt").str.to_uppercase(), chrom=pl.col("contig"))
    table = with_canonical_chrom(table, "chrom", aliases).drop_nulls("chrom")
    parts = [table.clear()]
    for chrom, contig in contig_names(reference, aliases).items():
        inside = [r for r in regions if r.contig == contig]
        rows = table.filter(pl.col("chrom") == chrom)
        if not inside or rows.is_empty():
            continue
        starts = np.array([r.start for r in inside])
        ends = np.array([r.end for r in inside])
        at = rows["pos"].to_numpy() - 1
        place = np.searchsorted(starts, at, side="right") - 1
        rows = rows.filter(pl.Series((place >= 0) & (at < ends[np.maximum(place, 0)])))
        rows = normalised(rows, bases(reference, contig))
        wrong = rows.filter(pl.col("known").eq(False))
        if not wrong.is_empty():
            first = wrong.row(0, named=True)
            raise InputError(
                path,
                f"REF as in the reference (another build?); {wrong.height} rows differ",
                f"{first['contig']}:{first['pos']}",
            )
        parts.append(rows.drop("known"))
    return pl.concat(parts).unique(ALLELE, keep="first", maintain_order=True)


def finished(table: pl.DataFrame) -> pl.DataFrame:
    """SOMATIC table of `table`, which lacks only the fractions and their intervals.

    Reads of the reference allele are unknown where the source does not tell them from a third.
    """
    unknown = {"tumour_ref", "normal_ref"} - set(table.columns)
    table = table.with_columns(pl.lit(None, pl.Int32).alias(name) for name in unknown)
    known = pl.col("tumour_dp").is_not_null() & pl.col("tumour_ad").is_not_null()
    low, high = fraction_interval(
        table["tumour_ad"].fill_null(0).to_numpy(), table["tumour_dp"].fill_null(0).to_numpy()
    )
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
    contigs = read_contigs(f"{reference}.fai")
    known = _one_row_an_allele(read_columns(panel)).select("contig", "pos", "ref", "alt")
    everywhere = [Interval(name, 0, length) for name, length in contigs.items()]
    recurrent = placed(known, panel, reference, everywhere, aliases).select(
        *ALLELE, recurrent=pl.lit(True)
    )
    joined = table.join(recurrent, on=ALLELE, how="left", maintain_order="left")
    marked = (
        pl.when(pl.col("recurrent").is_null())
        .then(pl.col("filter"))
        .when(pl.col("filter") == "PASS")
        .then(pl.lit("PanelOfNormals"))
        .otherwise(pl.col("filter") + ";PanelOfNormals")
    )
    return joined.with_columns(filter=marked).drop("recurrent")
