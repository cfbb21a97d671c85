"""What a release leaves out: sites of few people, small counts, and tables that are one person.

Sites of few people: `cells` decides; here its answer is applied, to every column of a cell.

Small counts: an allele with fewer than `min_count` copies among all is not in the release. Where
a group (or the people in no group shown) has fewer, but some, the counts of all its groups are
null; and if `all`, with what is known of the groups' sizes, would still fix one of them, the
allele is left out: at least two values of every hidden count fit what is told.

Singletons are the alleles that one copy among all shows; `singletons` says who sees them.

One person: 40 or more independent SNPs of one person, or 9 or more loci of repeats of a unit of
four bases, are an individual identification code under Japan's Act on the Protection of Personal
Information (Cabinet Order, article 1; PPC rules on its application), whatever the table is called.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.cohort.kernels.array_types import Longs
from shirube.contracts import ALLELE, FREQUENCY

Truths = npt.NDArray[np.bool_]
ALL = "all"
IDENTIFYING, REPEATS = 40, 9
INDEPENDENT = 1_000_000
COUNTED = ("ac", "an", "af", "nhomalt", "nhemi", "faf95", "hwe_p")
SINGLETONS = ("open", "registered", "withheld")


def withheld(
    table: pl.DataFrame, alleles: pl.DataFrame, shown: Mapping[str, npt.NDArray[np.bool_]]
) -> pl.DataFrame:
    """FREQUENCY rows with null in every cell that is not `shown`; alleles without any left out.

    `shown`: group -> one answer for each row of `alleles`.
    """
    parts = [alleles.with_columns(pl.lit(g).alias("stratum"), show=s) for g, s in shown.items()]
    return (
        table.join(pl.concat(parts), on=FREQUENCY.key, how="inner", maintain_order="left")
        .with_columns(pl.when("show").then(pl.col(c)).alias(c) for c in COUNTED)
        .filter(pl.col("an").is_not_null().any().over(ALLELE))
        .drop("show")
    )


def suppressed(table: pl.DataFrame, groups: Sequence[str], min_count: int) -> pl.DataFrame:
    """FREQUENCY rows of `groups` (with `all`), small counts left out; `table` has every row."""
    if min_count <= 1 or table.is_empty():
        return table
    whole = table.filter((pl.col("stratum") == ALL) & (pl.col("ac") >= min_count))
    parts = sorted(set(groups) - {ALL})
    numbers = {
        name: np.stack(
            [
                whole.select(ALLELE)
                .join(
                    table.filter(pl.col("stratum") == g),
                    on=ALLELE,
                    how="left",
                    maintain_order="left",
                )
                .get_column(name)
                .fill_null(0)
                .to_numpy()
                .astype(np.int64)
                for g in (ALL, *parts)
            ],
            axis=1,
        )
        for name in ("ac", "an")
    }
    counts, sizes = numbers["ac"], numbers["an"]
    hidden, told = hidden_alleles(counts[:, 0], counts[:, 1:], sizes[:, 0], sizes[:, 1:], min_count)
    marks = whole.select(ALLELE).with_columns(hide=pl.Series(hidden), told=pl.Series(told))
    joined = table.join(
        marks.filter(~pl.col("told")), on=ALLELE, how="inner", maintain_order="left"
    )
    shown = (pl.col("stratum") == ALL) | ~pl.col("hide")
    return joined.with_columns(pl.when(shown).then(pl.col(c)).alias(c) for c in COUNTED).drop(
        "hide", "told"
    )


def lists_told(table: pl.DataFrame, column: str, key: Sequence[str], least: int) -> pl.DataFrame:
    """`table` with null in `column` (lists of people, one a group) where a number would be small.

    A number of 1 to `least` - 1 people hides the list of its group and those of all groups of the
    variant: `all` less the others would be it. `all` hides every list, if its own is small. So does
    what the people in no group shown have.
    """
    is_all = pl.col("stratum") == ALL
    numbers = (
        table.select(*key, "stratum", n=column)
        .drop_nulls("n")
        .with_columns(at=pl.int_ranges(pl.col("n").list.len()))
        .explode("n", "at")
    )
    few = (pl.col("n") > 0) & (pl.col("n") < least)
    rest = pl.col("whole") - pl.col("parts")
    marks = (
        numbers.group_by(*key, "at")
        .agg(
            whole=pl.col("n").filter(is_all).first(),
            parts=pl.col("n").filter(~is_all).sum(),
            few=few.filter(~is_all).any(),
            small=few.filter(is_all).any(),
        )
        .with_columns(few=pl.col("few") | pl.col("small") | ((rest > 0) & (rest < least)))
        .group_by(key)
        .agg(pl.col("few", "small").fill_null(False).any())
    )
    hide = pl.when(is_all).then("small").otherwise("few").fill_null(False)
    return (
        table.join(marks, on=list(key), how="left", maintain_order="left")
        .with_columns(pl.when(~hide).then(column).alias(column))
        .drop("few", "small")
    )


def hidden_alleles(
    total: Longs, counts: Longs, total_size: Longs, sizes: Longs, min_count: int
) -> tuple[Truths, Truths]:
    """Which alleles to hide the groups of, and of which `total` tells a count all the same.

    `counts` (alleles, groups) of `sizes` chromosomes; what `total` has beyond them is of people in
    no group shown. Hidden is an allele with a count of 1 to `min_count` - 1; whoever knows that,
    the total and the sizes, must be left with two values or more of every count.
    """
    rest, room = total - counts.sum(axis=1), total_size - sizes.sum(axis=1)
    cells = np.column_stack([counts, rest])
    most = np.column_stack([sizes, room])
    hidden: Truths = np.any((cells > 0) & (cells < min_count), axis=1)
    told: Truths = np.zeros(hidden.size, np.bool_)
    for one in range(cells.shape[1]):
        fits = np.zeros(hidden.size, np.bool_)  # another value of this count
        for small in range(cells.shape[1]):
            top = np.minimum(min_count - 1, most[:, small])
            if small == one:
                others = most.sum(axis=1) - most[:, one]
                low, high = np.maximum(1, total - others), np.minimum(top, total)
            else:
                others = most.sum(axis=1) - most[:, one] - most[:, small]
                low = np.maximum(0, total - others - top)
                high = np.where(top >= 1, np.minimum(most[:, one], total - 1), -1)
            same = (low <= cells[:, one]) & (cells[:, one] <= high)
            fits |= (high - low + 1 - same) > 0
        told = told | (hidden & ~fits & (most[:, one] > 0))
    return hidden, told


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
