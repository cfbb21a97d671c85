"""AN at every position: what a count over the people's own intervals gives, and nothing below k."""

from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from cohort_case import may_show, naive_person, ploidy
from cohort_run import Run

from shirube.contracts import CALLABILITY, read

K = 3


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    made = Run(tmp_path_factory.mktemp("callable"), k=K)
    for n in range(9):
        made.add(n, sex="XY" if n % 2 else "XX")
    made.go()
    return made


def published(folder: Path) -> pl.DataFrame:
    return pl.concat(
        read(CALLABILITY, path) for path in sorted(folder.glob("results/cohort/callable/*.parquet"))
    )


def test_every_position_has_the_people_and_copies_of_a_naive_count(run: Run) -> None:
    wanted: Counter[tuple[str, int, str]] = Counter()
    copies: Counter[tuple[str, int, str]] = Counter()
    for records, sex in run.people.values():
        _, good = naive_person(run.sequences, records, sex)
        for chrom, pos in good:
            each = ploidy(chrom, pos, sex)
            for group in ("all", f"sex={sex}") if each else ():
                wanted[chrom, pos, group] += 1
                copies[chrom, pos, group] += each
    found = {
        (chrom, pos, group): (people, an)
        for chrom, start, end, group, people, an in published(run.folder).iter_rows()
        for pos in range(start + 1, end + 1)
    }
    assert found == {
        key: (n, copies[key])
        for key, n in wanted.items()
        if may_show(
            {s: (wanted[*key[:2], f"sex={s}"], ploidy(*key[:2], s)) for s in ("XX", "XY")}, K
        )[key[2]]
    }
    assert len(found) > 3000


def test_stretches_are_as_long_as_they_can_be(run: Run) -> None:
    for _, rows in published(run.folder).group_by("chrom", "stratum"):
        ordered = rows.sort("start")
        touching = ordered["start"] == ordered["end"].shift()
        same = (ordered["an"] == ordered["an"].shift()) & (
            ordered["people"] == ordered["people"].shift()
        )
        assert not (touching & same).any()
        assert (ordered["start"] >= ordered["end"].shift().fill_null(0)).all()


def test_an_of_an_allele_is_that_of_its_position(run: Run) -> None:
    rows = run.frequency().filter(pl.col("an") > 0)
    joined = rows.join(published(run.folder), on=["chrom", "stratum"], suffix="_here").filter(
        (pl.col("start") < pl.col("pos")) & (pl.col("pos") <= pl.col("end"))
    )
    assert (joined["an"] == joined["an_here"]).all()
    assert joined.height > 20
