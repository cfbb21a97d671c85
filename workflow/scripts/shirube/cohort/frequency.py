"""Frequencies of a cohort from its state: alleles by group of people.

Groups are `all` and every combination of the configured columns that someone is in. A group is
a set of leaves: disjoint strata of the state, which always tell the sexes apart, so that the
copies a person has of a position are the same throughout a leaf.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.cohort.ploidies import Par, copies
from shirube.cohort.state import State, positions
from shirube.cohort.statistics import faf95, hwe_p
from shirube.cohort.sums import AT_ONCE, stretches
from shirube.cohort.track import Track
from shirube.contracts import ALLELE, FREQUENCY, scan
from shirube.contracts.cohort import COUNTS
from shirube.errors import InputError

ALL = "all"
WHOLE = (1 << 31) - 1


def leaf(sex: str, values: Mapping[str, str | None]) -> str:
    """Name of the leaf of a person: sex, then the configured columns' values."""
    others = [f"{k}={v or 'unknown'}" for k, v in values.items() if k != "sex"]
    return ",".join([f"sex={sex}", *others])


def sex_of(leaf_name: str) -> str:
    """The sex of everyone in a leaf."""
    return leaf_name.split(",")[0].removeprefix("sex=")


def groups(leaves: Sequence[str], columns: Sequence[str]) -> dict[str, list[str]]:
    """Group -> its leaves: `all`, then each combination of `columns`."""
    out: dict[str, list[str]] = {ALL: sorted(leaves)}
    for name in sorted(leaves):
        values = dict(part.split("=", 1) for part in name.split(","))
        group = ",".join(f"{c}={values[c]}" for c in columns)
        if group:
            out.setdefault(group, []).append(name)
    return out


def copies_at(
    points: npt.NDArray[np.int32], chrom: str, sex: str, par: Par
) -> npt.NDArray[np.int32]:
    """Copies that people of one sex have of 0-based positions."""
    triples = copies(chrom, WHOLE, sex, par).reshape(-1, 3)
    if triples.size == 0:
        return np.zeros(points.size, np.int32)
    at = np.searchsorted(triples[:, 0], points, "right") - 1
    return triples[at, 2]


def frequency_pieces(
    state: State, chrom: str, columns: Sequence[str], par: Par
) -> Iterator[pl.DataFrame]:
    """`chrom_frequencies` some alleles at a time, in order."""
    tables = [
        state.object(files[chrom]["counts"])
        for files in state.manifest.strata.values()
        if "counts" in files.get(chrom, {})
    ]
    for stretch in stretches(tables, AT_ONCE) if tables else ():
        yield chrom_frequencies(state, chrom, columns, par, stretch)


def chrom_frequencies(
    state: State,
    chrom: str,
    columns: Sequence[str],
    par: Par,
    stretch: tuple[int, int] = (0, WHOLE),
) -> pl.DataFrame:
    """FREQUENCY of one chromosome, plus `hom_ref`, `het` and `people` for what builds on it.

    `people` is the number callable; hom_ref and het are of people with two copies. `stretch`: of
    the positions after its first and up to its second (1-based).
    """
    strata = state.manifest.strata
    inside = (pl.col("pos") > stretch[0]) & (pl.col("pos") <= stretch[1])
    leaves = {
        name: (
            scan(COUNTS, state.object(files[chrom]["counts"])).filter(inside).collect()
            if "counts" in files.get(chrom, {})
            else COUNTS.empty()
        )
        for name, files in strata.items()
    }
    alleles = pl.concat(
        [COUNTS.empty().select(ALLELE), *(t.select(ALLELE) for t in leaves.values())]
    )
    alleles = alleles.unique().sort(ALLELE)
    points = positions(alleles)
    counted = {}
    for name, table in leaves.items():
        joined = alleles.join(table, on=ALLELE, how="left", maintain_order="left")
        numbers = {
            c: joined[c].fill_null(0).to_numpy().astype(np.int64)
            for c in ("ac", "het", "hom", "hemi")
        }
        files = strata[name].get(chrom, {})
        track = Track(state.object(files["track"]) if "track" in files else None)
        people = track.values(points).astype(np.int64)
        each = copies_at(points, chrom, sex_of(name), par)
        numbers |= {"an": people * each, "diploid": np.where(each == 2, people, 0)}
        numbers["people"] = np.where(each > 0, people, 0)
        counted[name] = numbers
    tables = []
    for group, members in groups(list(leaves), columns).items():
        zero = np.zeros(points.size, np.int64)
        total = {
            key: sum((counted[name][key] for name in members), zero)
            for key in ("ac", "het", "hom", "hemi", "an", "diploid", "people")
        }
        tables.append(statistics_of(alleles, group, total))
    empty = FREQUENCY.empty().with_columns(
        *(pl.lit(None, pl.Int32).alias(c) for c in ("hom_ref", "het", "people"))
    )
    return pl.concat([empty, *tables]).sort(FREQUENCY.key)


def statistics_of(
    alleles: pl.DataFrame, group: str, total: Mapping[str, npt.NDArray[np.int64]]
) -> pl.DataFrame:
    """FREQUENCY rows of one group, with hom_ref, het and people, from its sums.

    `total`: ac, het, hom, hemi, an, diploid (people with two copies), people; one value an allele.
    InputError where more carry an allele than are callable there: counts and callability are then
    not of the same people.
    """
    ac, an = total["ac"], total["an"]
    # Alleles other than this one count as reference here, as every biallelic test does.
    hom_ref = total["diploid"] - total["het"] - total["hom"]
    if (wrong := np.flatnonzero((hom_ref < 0) | (ac > an))).size:
        chrom, pos, ref, alt = alleles.select(ALLELE).row(int(wrong[0]))
        at = f"{group}: {chrom}:{pos} {ref}>{alt}"
        told = f"{ac[wrong[0]]} copies of {an[wrong[0]]}"
        raise InputError("cohort", f"no more carriers than people callable, not {told}", at)
    with np.errstate(invalid="ignore", divide="ignore"):
        af = np.where(an > 0, ac / an, np.nan)
    numbers = {
        "ac": ac,
        "an": an,
        "nhomalt": total["hom"],
        "nhemi": total["hemi"],
        "hom_ref": hom_ref,
        "het": total["het"],
        "people": total["people"],
    }
    return alleles.select(
        *ALLELE,
        pl.lit(group).alias("stratum"),
        pl.Series("ac", numbers["ac"], pl.Int64).cast(pl.Int32),
        pl.Series("an", numbers["an"], pl.Int64).cast(pl.Int32),
        pl.Series("af", af).fill_nan(None),
        pl.Series("nhomalt", numbers["nhomalt"], pl.Int64).cast(pl.Int32),
        pl.Series("nhemi", numbers["nhemi"], pl.Int64).cast(pl.Int32),
        pl.Series("faf95", faf95(ac, an)).fill_nan(None),
        pl.Series("hwe_p", hwe_p(hom_ref, total["het"], total["hom"])).fill_nan(None),
        *(pl.Series(c, numbers[c], pl.Int64).cast(pl.Int32) for c in ("hom_ref", "het", "people")),
    ).with_columns(pl.col("chrom").cast(pl.String))
