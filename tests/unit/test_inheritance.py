"""Where an allele came from, by sex, place and whoever was tested."""

from typing import Any

import polars as pl
import pytest

from shirube.genome.ploidy import PAR
from shirube.interpret.germline import of_person, zygosity
from shirube.phase.pairs import phase_of
from shirube.rare.family import SEX, Family, Relative
from shirube.rare.inheritance import fit, origin, two_copies_explained

GRCH38 = PAR["GRCh38"]
X, X_PAR, Y, Y_PAR = ("chrX", 31_000_000), ("chrX", 100_000), ("chrY", 2_787_000), ("chrY", 20_000)
AUTOSOME = ("chr13", 20_000_000)
FATHER, MOTHER = (Relative(role, "", "", affected=False) for role in ("father", "mother"))
DEPTH = 30


def genotyped(text: str | None, role: str = "") -> dict[str, Any]:
    """Columns of a genotype as a caller writes it; None: nothing is known there."""
    if text is None:
        return dict.fromkeys(f"{role}{c}" for c in ("dosage", "ploidy", "ad_alt", "dp"))
    alleles = text.split("/")
    copies = sum(a != "0" for a in alleles)
    reads = DEPTH * copies // len(alleles)
    return {f"{role}dosage": copies, f"{role}ploidy": len(alleles), f"{role}ad_alt": reads,
            f"{role}dp": DEPTH}  # fmt: skip


def judged(
    place: tuple[str, int], sex: str, child: str, mother: str | None, father: str | None
) -> dict[str, Any]:
    """A candidate row as the interpretation makes it of the written genotypes."""
    row = {"chrom": place[0], "pos": place[1], "ref": "C", "alt": "A", **genotyped(child),
           **genotyped(mother, "mother_"), **genotyped(father, "father_")}  # fmt: skip
    counts = {name: pl.Int32 for name in row if name.endswith(("dp", "ad_alt"))}
    copies = {name: pl.Int8 for name in row if name.endswith(("dosage", "ploidy"))}
    table = pl.DataFrame([row], schema_overrides={**counts, **copies})
    table = of_person(table, sex, GRCH38)
    for role, its in SEX.items():
        table = of_person(table, its, GRCH38, f"{role}_")
    return table.with_columns(zygosity=zygosity()).row(0, named=True)


@pytest.mark.parametrize(
    ("place", "sex", "child", "mother", "father", "zygosity", "label", "mode", "told"),
    [
        # One copy, however it is written; the mother alone is asked.
        (X, "XY", "1/1", "0/1", "0/0", "hemizygous", "maternal", "X-linked", "from the mother"),
        (X, "XY", "1", "0/1", "0", "hemizygous", "maternal", "X-linked", "from the mother"),
        (X, "XY", "1/1", None, "0/0", "hemizygous", "unknown", "X-linked", "unknown"),
        (X, "XY", "1/1", "0/0", "1/1", "hemizygous", "de_novo", "dominant, de novo", "de novo"),
        (X, "XY", "1/1", None, None, "hemizygous", "unknown", "X-linked", "unknown"),
        # No man has two alleles of one X, no woman a Y.
        (X, "XY", "0/1", "0/1", "0/0", "heterozygous", "unknown", "X-linked", "mosaic, error"),
        (Y, "XX", "0/1", None, None, "heterozygous", "unknown", "Y-linked", "mosaic, error"),
        (Y, "XX", "1", None, None, "hemizygous", "unknown", "Y-linked", "mosaic, error"),
        # The shared ends have two copies in both sexes.
        (X_PAR, "XY", "0/1", "0/0", "0/1", "heterozygous", "paternal",
         "dominant, reduced penetrance", "from the father"),
        (X_PAR, "XY", "1/1", "0/1", "0/1", "homozygous", "biparental", "recessive, homozygous",
         "both copies"),
        (Y_PAR, "XY", "0/1", "0/0", "0/1", "heterozygous", "paternal",
         "dominant, reduced penetrance", "from the father"),
        # A daughter's X comes from both; her father's one copy may be written twice.
        (X, "XX", "0/1", "0/0", "1/1", "heterozygous", "paternal",
         "dominant, reduced penetrance", "from the father"),
        (X, "XX", "1/1", "0/1", "1/1", "homozygous", "biparental", "X-linked, homozygous",
         "the only copy of the unaffected father carries it too"),
        (X, "XX", "1/1", "0/1", "0/0", "homozygous", "maternal", "X-linked, homozygous",
         "the father has no copy: deletion or uniparental disomy"),
        (X, "XX", "1/1", "0/1", None, "homozygous", "maternal", "X-linked, homozygous",
         "both copies"),
        (X_PAR, "XX", "1/1", "0/1", "0/1", "homozygous", "biparental", "recessive, homozygous",
         "both copies"),
        # Of Y the father alone decides.
        (Y, "XY", "1", None, "1", "hemizygous", "paternal", "Y-linked", "from the father"),
        (Y, "XY", "1/1", "0/0", "1/1", "hemizygous", "paternal", "Y-linked", "from the father"),
        (Y, "XY", "1", None, "0", "hemizygous", "de_novo", "dominant, de novo", "de novo"),
        (Y, "XY", "1", None, None, "hemizygous", "unknown", "Y-linked", "unknown"),
        # Two copies of which one parent has none: deletion or uniparental disomy, never new.
        (AUTOSOME, "XY", "1/1", "0/0", "0/1", "homozygous", "paternal", "recessive, homozygous",
         "the mother has no copy: deletion or uniparental disomy"),
        (AUTOSOME, "XX", "1/1", "0/1", "0/0", "homozygous", "maternal", "recessive, homozygous",
         "the father has no copy: deletion or uniparental disomy"),
        (AUTOSOME, "XX", "1/1", "0/0", None, "homozygous", "unknown", "recessive, homozygous",
         "the mother has no copy: deletion or uniparental disomy"),
        (AUTOSOME, "XX", "1/1", "0/0", "0/0", "homozygous", "unknown", "recessive, homozygous",
         "neither parent has a copy"),
        (AUTOSOME, "XX", "1/1", "0/1", "0/1", "homozygous", "biparental", "recessive, homozygous",
         "both copies"),
        # One tested parent says what it can.
        (AUTOSOME, "XY", "0/1", "0/0", None, "heterozygous", "not_maternal", "dominant",
         "not from the mother: from the other parent, or de novo; father not tested"),
        (AUTOSOME, "XY", "0/1", "0/1", None, "heterozygous", "maternal",
         "dominant, reduced penetrance", "from the mother; father not tested"),
        (AUTOSOME, "XY", "0/1", None, "0/0", "heterozygous", "not_paternal", "dominant",
         "not from the father"),
        (AUTOSOME, "XY", "0/1", None, None, "heterozygous", "unknown", "dominant", "unknown"),
        (AUTOSOME, "XY", "0/1", "0/0", "0/0", "heterozygous", "de_novo", "dominant, de novo",
         "de novo"),
    ],
)  # fmt: skip
def test_source_and_mode(
    place: tuple[str, int], sex: str, child: str, mother: str | None, father: str | None,
    zygosity: str, label: str, mode: str, told: str,
) -> None:  # fmt: skip
    row = judged(place, sex, child, mother, father)
    came = origin(row, None)
    found = fit(row, came, Family(FATHER, MOTHER), [])
    assert (row["zygosity"], came.label, found.mode) == (zygosity, label, mode)
    assert told in found.reason
    assert (came.de_novo or 0) < 0.5 or label == "de_novo"


@pytest.mark.parametrize(
    ("place", "mode"),
    [
        (X, "X-linked, compound heterozygous"),
        (X_PAR, "recessive, compound heterozygous"),
        (AUTOSOME, "recessive, compound heterozygous"),
    ],
)
@pytest.mark.parametrize("trans", [True, None])
def test_two_alleles_of_a_woman_are_of_her_x(
    place: tuple[str, int], mode: str, trans: bool | None
) -> None:
    row = judged(place, "XX", "0/1", "0/1", "0/0")
    partner = {"name": "other", "trans": trans, "basis": "parents"}
    assert fit(row, origin(row, None), Family(FATHER, MOTHER), [partner]).mode == mode


@pytest.mark.parametrize(
    ("mother", "father", "counts"),
    [("0/1", "0/1", True), ("0/0", "0/1", False), (None, None, True), ("0/0", None, False)],
)
def test_a_homozygote_a_parent_contradicts_is_none_to_pm3(
    mother: str | None, father: str | None, counts: bool
) -> None:
    assert two_copies_explained(judged(AUTOSOME, "XX", "1/1", mother, father)) is counts


def _at(pos: int, ref: str, alt: str, **parents: int | None) -> dict[str, Any]:
    row: dict[str, Any] = {"chrom": "chr13", "pos": pos, "ref": ref, "alt": alt}
    row |= {"origin": "germline", "dosage": 1, "ploidy": 2}
    return row | {f"{role}_dosage": dosage for role, dosage in parents.items()}


@pytest.mark.parametrize(
    ("one", "other", "trans", "basis"),
    [
        # A base of one chromosome is one base.
        (_at(10, "C", "A"), _at(10, "C", "G"), True, "same_site"),
        (_at(10, "CTT", "C"), _at(11, "T", "A"), True, "same_site"),
        (_at(10, "C", "CA"), _at(10, "C", "CG"), True, "same_site"),
        (_at(10, "CTT", "C"), _at(10, "CT", "C"), True, "same_site"),
        # An insertion behind a changed base can share its chromosome.
        (_at(10, "C", "A"), _at(10, "C", "CG"), None, None),
        (_at(10, "C", "A"), _at(11, "C", "A"), None, None),
        (_at(10, "CTT", "C"), _at(10, "C", "A"), None, None),
        # One tested parent who has exactly one of the two.
        (_at(10, "C", "A", mother=0), _at(90, "C", "A", mother=1), True, "one_parent"),
        (_at(10, "C", "A", father=1), _at(90, "C", "A", father=0), True, "one_parent"),
        (_at(10, "C", "A", mother=1), _at(90, "C", "A", mother=1), None, None),
        (_at(10, "C", "A", mother=0), _at(90, "C", "A", mother=0), None, None),
        (_at(10, "C", "A", mother=0) | {"mother_dp": 3}, _at(90, "C", "A", mother=1), None, None),
    ],
)
def test_phase_that_needs_no_reads(
    one: dict[str, Any], other: dict[str, Any], trans: bool | None, basis: str | None
) -> None:
    for pair in ((one, other), (other, one)):
        told = phase_of(*pair)
        assert (told.phase, told.basis) == ("trans" if trans else "unknown", basis)
