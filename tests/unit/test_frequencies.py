"""Frequencies of several sources on one allele, and the matching behind them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shirube.annotate.frequencies import UNTRUSTED, Coverage, with_frequencies
from shirube.annotate.matching import looked_up, matches
from shirube.contracts import CHROM, write
from shirube.contracts.knowledge import POPULATION
from shirube.interpret.acmg import criteria
from shirube.interpret.context import Context

FACTS = [f"{whose}_{f}" for whose in ("population", "japanese") for f in ("af", "an", "source")]
SITE = {"chrom": "chr1", "pos": 10, "ref": "A", "alt": "C"}


def source(path: Path, label: str, japanese: str, *rows: dict[str, object]) -> str:
    empty = dict.fromkeys(POPULATION.schema)
    table = pl.DataFrame(
        [{**empty, **SITE, "passed": True, **row} for row in rows], schema=POPULATION.polars
    )
    write(POPULATION.table(table), POPULATION, path, {"label": label, "japanese": japanese})
    return str(path)


def asked(*rows: tuple[int, str, str]) -> pl.DataFrame:
    schema = {"pos": pl.Int32, "ref": pl.String, "alt": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def found(tmp_path: Path, **sources: str) -> tuple[object, ...]:
    return with_frequencies(asked((10, "A", "C")), "chr1", sources).row(0)[3:]


def test_common_in_japan_and_rare_elsewhere(tmp_path: Path) -> None:
    """The highest frequency is the Japanese one, and stands apart as well."""
    tommo = source(tmp_path / "t", "tommo", "JPN",
                   {"af": 0.03, "population": "JPN", "japanese_af": 0.03, "an": 9000,
                    "japanese_an": 9000})  # fmt: skip
    gnomad = source(
        tmp_path / "g", "gnomad", "", {"af": 0.0001, "population": "eas", "an": 150_000}
    )
    row = found(tmp_path, frequency_gnomad=gnomad, frequency_tommo=tommo)
    assert row == (0.03, 9000, "tommo JPN", 0.03, 9000, "tommo JPN")


def test_the_larger_japanese_source_speaks(tmp_path: Path) -> None:
    small = source(tmp_path / "s", "gem_j", "JPN",
                   {"af": 0.2, "population": "JPN", "japanese_af": 0.2, "an": 2000,
                    "japanese_an": 2000})  # fmt: skip
    large = source(tmp_path / "l", "tommo", "JPN",
                   {"af": 0.1, "population": "JPN", "japanese_af": 0.1, "an": 9000,
                    "japanese_an": 9000})  # fmt: skip
    assert found(tmp_path, frequency_gem_j=small, frequency_tommo=large) == (
        0.2, 2000, "gem_j JPN", 0.1, 9000, "tommo JPN",
    )  # fmt: skip


def test_a_filtered_site_speaks_only_alone_and_says_so(tmp_path: Path) -> None:
    bad = source(tmp_path / "b", "gnomad", "", {"af": 0.5, "population": "all", "passed": False})
    good = source(tmp_path / "g", "other", "", {"af": 0.01, "population": "all"})
    marked = "gnomad all (site filtered by the source)"
    assert found(tmp_path, a=bad)[:3] == (0.5, None, marked)
    assert found(tmp_path, a=bad, b=good)[:3] == (0.01, None, "other all")


def test_many_chromosomes_speak_before_few(tmp_path: Path) -> None:
    """Two chromosomes that both carry the allele do not hide what a million say."""
    few = source(tmp_path / "f", "few", "", {"af": 1.0, "population": "all", "an": 2})
    mute = source(tmp_path / "m", "mute", "", {"af": 0.9, "population": "all"})
    many = source(tmp_path / "g", "many", "", {"af": 1e-6, "population": "all", "an": 1_000_000})
    assert found(tmp_path, a=few, b=mute, c=many)[:3] == (1e-6, 1_000_000, "many all")
    assert found(tmp_path, a=few, b=mute)[:3] == (1.0, 2, "few all")


def test_a_filtered_japanese_site_gives_way_and_says_so(tmp_path: Path) -> None:
    """An artefact of the larger source must not make an allele common in Japan."""
    bad = source(tmp_path / "b", "tommo", "JPN",
                 {"af": 0.3, "population": "JPN", "japanese_af": 0.3, "an": 9000,
                  "japanese_an": 9000,
                  "passed": False})  # fmt: skip
    good = source(tmp_path / "g", "gem_j", "JPN",
                  {"af": 0.0, "population": "JPN", "japanese_af": 0.0, "an": 100,
                   "japanese_an": 100})  # fmt: skip
    assert found(tmp_path, frequency_tommo=bad, frequency_gem_j=good)[3:] == (0.0, 100, "gem_j JPN")
    marked = f"tommo JPN ({UNTRUSTED})"
    assert found(tmp_path, frequency_tommo=bad) == (0.3, 9000, marked, 0.3, 9000, marked)


@pytest.mark.parametrize(
    ("passed", "japanese", "an", "met"),
    [
        (True, 0.3, 100_000, {"BA1"}),
        (True, 0.052, 100_000, {"BA1"}),
        (True, 0.051, 100_000, {"BS1"}),  # at 95% it may be below 0.05
        (True, 0.049, 100_000, {"BS1"}),
        (True, 0.011, 100_000, {"BS1"}),
        (True, 0.009, 100_000, set()),
        (True, 0.0002, 100_000, set()),
        (True, 0.3, 208, set()),  # too few to be common, too many to be rare
        (True, 0.3, None, set()),
        (True, 0.0, 208, {"PM2"}),
        (False, 0.3, 100_000, {"PM2"}),  # an artefact is evidence neither for nor against
    ],
)
def test_common_in_japan_and_rare_elsewhere_is_never_pm2(
    tmp_path: Path, passed: bool, japanese: float, an: int | None, met: set[str]
) -> None:
    """From the sources' tables to the criteria."""
    tommo = source(tmp_path / "t", "tommo", "JPN",
                   {"af": japanese, "population": "JPN", "japanese_af": japanese, "an": an,
                    "japanese_an": an, "passed": passed})  # fmt: skip
    gnomad = source(
        tmp_path / "g", "gnomad", "", {"af": 1e-5, "population": "nfe", "an": 1_600_000}
    )
    row = found(tmp_path, frequency_gnomad=gnomad, frequency_tommo=tommo)
    allele = {"consequence": "missense_variant", **dict(zip(FACTS, row, strict=True))}
    judged = {c["code"]: c for c in criteria(allele, Context()) if c["met"]}
    assert set(judged) == met
    assert all("tommo JPN" in c["source"] for code, c in judged.items() if code != "PM2")


def test_what_no_source_holds_stays_unknown(tmp_path: Path) -> None:
    other = source(tmp_path / "o", "x", "", {"pos": 11, "af": 0.5, "population": "all"})
    assert found(tmp_path, a=other) == (None,) * 6
    assert found(tmp_path) == (None,) * 6


def test_a_frequency_of_zero_is_no_absence(tmp_path: Path) -> None:
    zero = source(tmp_path / "z", "x", "", {"af": 0.0, "population": "all", "an": 10})
    assert found(tmp_path, a=zero)[:3] == (0.0, 10, "x all")


ALLELES = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["A", "AC", "G"]), st.sampled_from(["T", "TT"])),
    max_size=12,
)


@given(ALLELES, ALLELES)
@settings(deadline=None)
def test_matches_are_the_equal_pairs(left: list[tuple], right: list[tuple]) -> None:
    mine, theirs = asked(*sorted(left)), asked(*sorted(right))
    first, second = matches(mine, theirs)
    expected = [
        (i, j) for i, a in enumerate(mine.rows()) for j, b in enumerate(theirs.rows()) if a == b
    ]
    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == expected


def test_facts_stand_in_the_order_of_the_question() -> None:
    known = asked((1, "A", "C"), (2, "A", "C"), (2, "A", "G")).with_columns(
        pl.Series("fact", ["x", "y", "z"])
    )
    table = looked_up(asked((2, "A", "G"), (2, "A", "T"), (3, "A", "C")), known, ["fact"])
    assert table["fact"].to_list() == ["z", None, None]


def test_no_alleles_at_all(tmp_path: Path) -> None:
    empty = asked()
    assert with_frequencies(empty, "chr1", {}).columns[3:] == FACTS
    assert looked_up(empty, asked((1, "A", "C")), ["pos"]).height == 0
    assert POPULATION.schema["chrom"] == CHROM
    assert np.asarray(matches(empty, empty)[0]).size == 0


@pytest.mark.parametrize("chrom", ["chr2", "chrX"])
def test_other_chromosomes_do_not_match(tmp_path: Path, chrom: str) -> None:
    path = source(tmp_path / "o", "x", "", {"af": 0.5, "population": "all"})
    assert with_frequencies(asked((10, "A", "C")), chrom, {"a": path})["population_af"][0] is None


@pytest.mark.parametrize(
    ("coverage", "known"),
    [
        (Coverage(), (None, None, None)),
        (Coverage(everywhere=True, chromosomes=150_000), (0.0, 150_000, "g absent, site covered")),
        # Nobody says how many: the usual number of the source's own records.
        (Coverage(everywhere=True), (0.0, 8000, "g absent, site covered")),
        (Coverage(covered="inside.bed", chromosomes=300), (0.0, 300, "g absent, site covered")),
        (Coverage(covered="outside.bed", chromosomes=300), (None, None, None)),
    ],
)
def test_an_allele_a_source_looked_for_and_does_not_list_is_absent(
    tmp_path: Path, coverage: Coverage, known: tuple[object, ...]
) -> None:
    (tmp_path / "inside.bed").write_text("1\t15\t25\n")
    (tmp_path / "outside.bed").write_text("1\t0\t19\nchr1\t20\t30\nchr2\t0\t99\n")
    path = source(tmp_path / "s", "g", "", {"af": 0.1, "population": "nfe", "an": 8000})
    if coverage.covered:
        coverage = replace(coverage, covered=str(tmp_path / coverage.covered))
    made = with_frequencies(
        asked((10, "A", "C"), (20, "A", "C")), "chr1", {"frequency_g": path},
        {"frequency_g": coverage},
    )  # fmt: skip
    assert made.row(0)[3:6] == (0.1, 8000, "g nfe")
    assert made.row(1)[3:6] == known
    allele = {"consequence": "missense_variant", **dict(zip(FACTS, made.row(1)[3:], strict=True))}
    met = {c["code"] for c in criteria(allele, Context()) if c["met"]}
    assert met == ({"PM2"} if (known[1] or 0) >= 2000 else set())


def test_a_source_says_nothing_of_chromosomes_it_has_no_record_of(tmp_path: Path) -> None:
    path = source(tmp_path / "s", "g", "", {"af": 0.1, "population": "nfe", "an": 8000})
    made = with_frequencies(
        asked((20, "A", "C")), "chr7", {"g": path}, {"g": Coverage(everywhere=True)}
    )
    assert made["population_af"][0] is None
