"""What a release leaves out: small counts, and tables that are one person.

Small counts: an allele with fewer than `min_count` copies among all is not in the release. Where
a group has fewer, but some, the group's counts are null; and so that no sum or difference gives
them back (`all` is the sum of the disjoint groups and of the people in none that is shown), the
smallest other count of the allele is null too (complementary suppression).

One person: 40 or more independent SNPs of one person, or 9 or more loci of repeats of a unit of
four bases, are an individual identification code under Japan's Act on the Protection of Personal
Information (Cabinet Order, article 1; PPC rules on its application), whatever the table is called.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.cohort.kernels.array_types import Longs
from shirube.contracts import ALLELE, FREQUENCY

ALL = "all"
IDENTIFYING, REPEATS = 40, 9
INDEPENDENT = 1_000_000
COUNTED = ("ac", "af", "nhomalt", "nhemi", "faf95", "hwe_p")


def suppressed(table: pl.DataFrame, groups: Sequence[str], min_count: int) -> pl.DataFrame:
    """FREQUENCY rows of `groups` (with `all`), small counts left out; `table` has every row.

    People in no group shown count as one more group, which is always hidden.
    """
    if min_count <= 1 or table.is_empty():
        return table
    whole = table.filter((pl.col("stratum") == ALL) & (pl.col("ac") >= min_count))
    table = table.join(whole.select(ALLELE), on=ALLELE, how="semi", maintain_order="left")
    parts = sorted(set(groups) - {ALL})
    if not parts or whole.is_empty():
        return table
    counts = np.stack(
        [
            whole.select(ALLELE)
            .join(
                table.filter(pl.col("stratum") == g), on=ALLELE, how="left", maintain_order="left"
            )
            .get_column("ac")
            .to_numpy()
            for g in parts
        ],
        axis=1,
    ).astype(np.int64)
    hidden = hidden_cells(whole["ac"].to_numpy().astype(np.int64), counts, min_count)
    rows, columns = np.nonzero(hidden)
    cells = whole.select(ALLELE)[rows].with_columns(
        pl.Series("stratum", [parts[c] for c in columns], pl.String), hide=pl.lit(True)
    )
    joined = table.join(cells, on=FREQUENCY.key, how="left", maintain_order="left")
    shown = pl.col("hide").is_null()
    return joined.with_columns(pl.when(shown).then(pl.col(c)).alias(c) for c in COUNTED).drop(
        "hide"
    )


def hidden_cells(total: Longs, counts: Longs, min_count: int) -> npt.NDArray[np.bool_]:
    """Which counts (alleles, groups) to hide so that hidden ones sum to none or `min_count`.

    `total` is the sum of each row of `counts` and of the people in no group.
    """
    hidden = (counts > 0) & (counts < min_count)
    for _ in range(counts.shape[1]):
        left = total - np.where(hidden, 0, counts).sum(axis=1)
        short = (left > 0) & (left < min_count)
        if not short.any():
            break
        shown = np.where(hidden | (counts == 0), np.iinfo(np.int64).max, counts)
        smallest = shown.argmin(axis=1)
        able = short & (shown.min(axis=1) < np.iinfo(np.int64).max)
        if not able.any():
            break
        hidden[np.flatnonzero(able), smallest[able]] = True
    return hidden


def independent_snps(table: pl.DataFrame) -> int:
    """SNVs of FREQUENCY or allele rows that lie a megabase or more apart."""
    single = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)
    rows = table.filter(single).select("chrom", "pos").unique().sort("chrom", "pos")
    found = 0
    for _, here in rows.group_by("chrom", maintain_order=True):
        last = -INDEPENDENT
        for pos in here["pos"].to_list():
            if pos - last >= INDEPENDENT:
                found, last = found + 1, pos
    return found


def repeats_of_four(table: pl.DataFrame) -> int:
    """Positions of alleles that add or remove whole copies of a unit of four bases.

    Whether a longer tract of the unit stands around them is not asked: rather one locus too many.
    """
    longer = pl.when(pl.col("ref").str.len_bytes() > pl.col("alt").str.len_bytes()).then("ref")
    changed = longer.otherwise("alt").str.slice(1)
    unit = changed.str.head(4)
    whole = (changed.str.len_bytes() > 0) & (changed.str.len_bytes() % 4 == 0)
    same = changed.str.head(-4) == changed.str.tail(-4)
    shorter = unit.str.head(2) == unit.str.tail(2)  # a unit of one or two bases
    anchor = pl.min_horizontal(pl.col("ref").str.len_bytes(), pl.col("alt").str.len_bytes()) == 1
    return table.filter(anchor & whole & same & ~shorter).select("chrom", "pos").n_unique()


def is_identification_code(table: pl.DataFrame, people: int) -> bool:
    """Whether a table of so many people's genotypes is one person's identification code."""
    return people == 1 and (
        independent_snps(table) >= IDENTIFYING or repeats_of_four(table) >= REPEATS
    )
