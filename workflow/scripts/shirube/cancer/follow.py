"""A known list of a tumour's changes counted in other reads of the person: later, or another place.

What is known to look for may be seen far below what a caller asks: a change is present where reads
show it more often than errors do. How often these reads err is measured at the listed single bases
themselves, by the two bases that are neither the reference nor the change. A change that is not
seen is not gone: the upper end of its interval says what could have been missed.

    present         chance of as many reads by errors below ALPHA divided by the changes looked at
    not_seen        no more reads than errors make; `vaf_high` is the limit
    not_assessable  no reads there, or a change that is neither one base nor a pure indel

Over all samples a change is `shared` where present in all; `private` where present in some while in
each other one the upper limit lies below what those show; `unclear` otherwise.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
import scipy

from shirube.calling.somatic.loh import count_alleles
from shirube.calling.somatic.model import fraction_interval
from shirube.contracts import ALLELE

ALPHA, LEAST_ERROR, INDEL_ERROR = 0.01, 1e-4, 1e-3
PRESENT, NOT_SEEN, UNKNOWN = "present", "not_seen", "not_assessable"
_BASES = tuple("ACGT")
_SINGLE = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)


def listed(findings: pl.DataFrame) -> pl.DataFrame:
    """Somatic small variants of FINDINGS: finding, name, ALLELE; each allele once."""
    wanted = (pl.col("section") == "somatic") & pl.col("ref").is_not_null()
    small = wanted & pl.col("alt").is_not_null() & ~pl.col("kind").is_in(["structural", "fusion"])
    return (
        findings.filter(small)
        .select("finding", pl.coalesce("name", "finding").alias("name"), *ALLELE)
        .unique(list(ALLELE), keep="first", maintain_order=True)
        .sort(ALLELE)
    )


def _others(changes: pl.DataFrame) -> pl.DataFrame:
    """The bases at the single-base changes that are neither reference nor change, as alleles."""
    bases = pl.DataFrame({"other": _BASES})
    crossed = changes.filter(_SINGLE).select(ALLELE).join(bases, how="cross")
    return (
        crossed.filter((pl.col("other") != pl.col("ref")) & (pl.col("other") != pl.col("alt")))
        .select("chrom", "pos", "ref", alt="other")
        .unique(maintain_order=True)
        .join(changes.select(ALLELE), on=ALLELE, how="anti")
    )


def error_rate(wrong: pl.DataFrame) -> float:
    """Upper end of the rate of one wrong base, from `ad` and `dp` of bases that are errors."""
    seen, read = int(wrong["ad"].sum() or 0), int(wrong["dp"].sum() or 0)
    if not read:
        return INDEL_ERROR
    _, high = fraction_interval(np.array([seen]), np.array([read]))
    return max(float(high[0]), LEAST_ERROR)


def counted(
    changes: pl.DataFrame,
    path: str,
    reference: str,
    min_mapq: int,
    min_baseq: int,
    aliases: dict[str, str] | None = None,
) -> pl.DataFrame:
    """`changes` with reads, depth, vaf with its interval, state and expected (by errors).

    `changes`: see `listed`; one row each, in their order.
    """
    reads = count_alleles(path, reference, changes, min_mapq, min_baseq, aliases)
    wrong = count_alleles(path, reference, _others(changes), min_mapq, min_baseq, aliases)
    rate = error_rate(wrong)
    table = changes.join(reads, on=ALLELE, how="left", maintain_order="left")
    known = table.with_columns(
        rate=pl.when(_SINGLE).then(pl.lit(rate)).otherwise(pl.lit(max(rate, INDEL_ERROR)))
    )
    ad = known["ad"].fill_null(0).to_numpy().astype(np.int64)
    dp = known["dp"].fill_null(0).to_numpy().astype(np.int64)
    expected = dp * known["rate"].to_numpy()
    by_error = np.where(ad > 0, scipy.special.gammainc(np.maximum(ad, 1), expected), 1.0)
    low, high = fraction_interval(ad, dp)
    judged = max(int((dp > 0).sum()), 1)
    state = np.where(dp == 0, UNKNOWN, np.where(by_error < ALPHA / judged, PRESENT, NOT_SEEN))
    told = pl.DataFrame(
        {"state": state.tolist(), "vaf_low": low, "vaf_high": high, "expected": expected}
    )
    return known.select(changes.columns, reads="ad", depth="dp").hstack(
        told.with_columns(vaf=pl.Series(np.where(dp > 0, ad / np.maximum(dp, 1), np.nan)))
        .with_columns(pl.col("vaf").fill_nan(None))
        .select("vaf", "vaf_low", "vaf_high", "expected", "state")
    )


def pattern(states: Mapping[str, tuple[str, float | None, float, float]]) -> str:
    """Whether a change is shared, private or unclear.

    `states`: by sample its state, vaf, and the ends of its interval.
    """
    present = [one for one in states.values() if one[0] == PRESENT]
    others = [one for one in states.values() if one[0] != PRESENT]
    if present and not others:
        return "shared"
    if not present or any(one[0] == UNKNOWN for one in others):
        return "unclear"
    lowest = min(one[2] for one in present)
    return "private" if max(one[3] for one in others) < lowest else "unclear"


def followed(
    changes: pl.DataFrame,
    samples: Mapping[str, str],
    reference: str,
    min_mapq: int,
    min_baseq: int,
    aliases: dict[str, str] | None = None,
) -> pl.DataFrame:
    """A row a change and sample (name -> reads): its counts, state, and the pattern over all."""
    parts = [
        counted(changes, path, reference, min_mapq, min_baseq, aliases).with_columns(
            sample=pl.lit(name)
        )
        for name, path in samples.items()
    ]
    table = pl.concat(parts)
    patterns = [
        {"finding": finding, "pattern": pattern({
            row["sample"]: (row["state"], row["vaf"], row["vaf_low"], row["vaf_high"])
            for row in rows.rows(named=True)
        })}
        for (finding,), rows in table.group_by("finding", maintain_order=True)
    ]  # fmt: skip
    schema = {"finding": pl.String, "pattern": pl.String}
    return table.join(pl.DataFrame(patterns, schema=schema), on="finding", maintain_order="left")


def together(table: pl.DataFrame, sample: str) -> dict[str, float | int]:
    """All changes of a sample as one question: reads, those expected by errors, their chance."""
    own = table.filter((pl.col("sample") == sample) & (pl.col("depth") > 0))
    seen, expected = int(own["reads"].sum() or 0), float(own["expected"].sum() or 0.0)
    chance = float(scipy.special.gammainc(seen, expected)) if seen else 1.0
    found = own.filter(pl.col("state") == PRESENT).height
    return {"changes": own.height, "present": found, "reads": seen, "expected": expected,
            "chance": chance}  # fmt: skip
