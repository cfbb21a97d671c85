"""Real people who are not who the sheet says: each is named, and the true family passes.

The GIAB Ashkenazi trio: HG002 is the son of HG003 and HG004, who are not related.
"""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from interpretation_frames import call, frame

from shirube.cohort.kinship import pairs
from shirube.contracts import CALLS, write
from shirube.genome.chromosomes import canonical_names
from shirube.rare.pedigree import Member, checked, parents_confirmed
from shirube.tools import run
from shirube.vcf import read_columns

REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
TRIO = REALDATA / "ashk-trio-vcf/ashk-trio.vcf.gz"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not TRIO.exists(), reason=f"no real data at {REALDATA}"),
]
PEOPLE = ("HG002", "HG003", "HG004")
KEYS = ["pos", "ref", "alt"]
FAMILY = ["kinship_father", "mendelian_father", "kinship_mother", "mendelian_mother"]


@pytest.fixture(scope="module")
def dosages(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """Copies of the ALT at SNVs, one column a person, null where not called."""
    snvs = tmp_path_factory.mktemp("trio") / "snvs.bcf"
    run("bcftools", "view", "-m2", "-M2", "-v", "snps", "-f", "PASS", "-Ob", "-o", snvs, TRIO)
    names = canonical_names()
    columns = []
    for name in PEOPLE:
        rows = read_columns(snvs, info={}, fmt={"GT": pl.String}, options=("-s", name))
        if not columns:
            columns.append(
                rows.select(pl.col("contig").replace_strict(names).alias("chrom"), *KEYS)
            )
        whole = ~pl.col("GT").str.contains(".", literal=True)
        copies = pl.when(whole).then(pl.col("GT").str.count_matches("1")).cast(pl.Int8)
        columns.append(rows.select(copies.alias(name)))
    return pl.concat(columns, how="horizontal").unique(["chrom", "pos"], keep="none").sort(KEYS[0])


@pytest.fixture(scope="module")
def people(
    dosages: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[str, str]]:
    """Calls of each person, and a BED that says nothing beyond them."""
    folder = tmp_path_factory.mktemp("calls")
    elsewhere = folder / "elsewhere.bed"
    elsewhere.write_text("22\t0\t1\n")
    out = {}
    for name in PEOPLE:
        rows = [
            call({k: row[k] for k in ("chrom", *KEYS)}, n, dosage=row[name])
            for n, row in enumerate(dosages.drop_nulls(name).iter_rows(named=True))
        ]
        path = folder / f"{name}.parquet"
        write(frame(CALLS, *rows), CALLS, path)
        out[name] = (str(path), str(elsewhere))
    return out


def family(
    people: dict[str, tuple[str, str]], child: str, father: str, mother: str
) -> tuple[dict[str, tuple[str, str]], bool]:
    """Verdict and reason of each gate, and whether the parents are confirmed."""
    own = Member("self", child, *people[child])
    parents = [Member("father", father, *people[father]), Member("mother", mother, *people[mother])]
    table = checked(own, parents, "XY", child, [])
    found = {row["gate"]: (row["verdict"], row["reason"]) for row in table.rows(named=True)}
    return found, parents_confirmed(table)


def test_the_true_family_passes(people: dict[str, tuple[str, str]]) -> None:
    found, confirmed = family(people, "HG002", "HG003", "HG004")
    assert {gate: found[gate][0] for gate in FAMILY} == dict.fromkeys(FAMILY, "pass"), found
    assert confirmed
    assert found["sex"][0] == "unknown"  # nothing of X in the file


def test_an_unrelated_parent_is_named(people: dict[str, tuple[str, str]]) -> None:
    """HG003 as the child of HG004; HG002 is declared the father, whose child he is not either."""
    found, confirmed = family(people, "HG003", "HG002", "HG004")
    assert found["kinship_mother"][0] == found["mendelian_mother"][0] == "fail", found
    assert found["kinship_mother"][1].endswith("declared mother HG004: unrelated")
    assert found["kinship_father"][0] == "pass"  # first degree the other way round
    assert not confirmed


def test_the_same_person_as_parent_is_named(people: dict[str, tuple[str, str]]) -> None:
    found, confirmed = family(people, "HG002", "HG002", "HG004")
    assert found["kinship_father"][0] == "fail"
    assert found["kinship_father"][1].endswith("the same person or a twin")
    assert found["kinship_mother"][0] == "pass"
    assert not confirmed


def test_a_duplicate_in_the_cohort_is_named(dosages: pl.DataFrame) -> None:
    """Nobody declared anything: the copy, the two parents, and no tie between the parents."""
    own = dosages.select(PEOPLE).fill_null(-1).to_numpy().T.astype(np.int8)
    copied = np.vstack([own, own[:1]])
    found = {(p.one, p.two): p.relation for p in pairs([*PEOPLE, "Z_COPY"], copied)}
    assert found == {
        ("HG002", "Z_COPY"): "duplicate",
        ("HG002", "HG003"): "first degree",
        ("HG002", "HG004"): "first degree",
        ("HG003", "Z_COPY"): "first degree",
        ("HG004", "Z_COPY"): "first degree",
    }
