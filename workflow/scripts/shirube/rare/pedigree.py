"""Whether the samples are the people the sheet says: sex, parents, full siblings.

Kinship is KING-robust (Manichaikul 2010, PMID 20926424) on autosomal SNVs: 1/4 for parent and
child and for full siblings, 1/8 for half-siblings, 0 for strangers. A parent and a child share
an allele at every site, so opposite homozygotes tell a parent from a sibling of the same
kinship. Sex: shirube.quality.sex.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from shirube.contracts import ALLELE, CALLS, scan
from shirube.contracts.family import HOMOZYGOSITY, PEDIGREE
from shirube.quality.sex import SEXES, XX_MIN, XY_MAX, OnX, on_x
from shirube.rare.family import known_at
from shirube.rare.homozygosity import homozygous_runs, uniparental
from shirube.reasons import because, stored

MIN_SITES, FEW_SITES = 200, 60
TWIN, FIRST_DEGREE, STRANGER, MAX_OPPOSITE = 0.354, 0.177, 0.0442, 0.02
MAX_LOCI = 20_000


@dataclass(frozen=True)
class Member:
    """One sequenced person of a family: role is self, father, mother or sibling.

    known is the person's gVCF or, where there is none, callable intervals.
    """

    role: str
    patient: str
    calls: str
    known: str


def _snvs(path: str) -> pl.DataFrame:
    """Passing autosomal SNVs of two called copies, one ALT a site: a half-call is no genotype."""
    rows = (
        scan(CALLS, path)
        .filter(
            (pl.col("filter") == "PASS")
            & pl.col("dosage").is_not_null()
            & (pl.col("ploidy") == 2)
            & ~pl.col("chrom").cast(pl.String).is_in(["chrX", "chrY", "chrM"])
            & (pl.col("ref").str.len_bytes() == 1)
            & pl.col("alt").is_in(["A", "C", "G", "T"])
        )
        .select(*ALLELE, "dosage")
        .collect()
    )
    single = pl.struct("chrom", "pos").is_duplicated()
    return rows.filter(~single)


def genotypes(members: Sequence[Member], aliases: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Sites at which any of `members` varies and all are known, with copies of each by role.

    At most MAX_LOCI sites, every nth, so that the work is bounded and the choice the same in
    every run.
    """
    tables = [_snvs(m.calls).rename({"dosage": m.role}) for m in members]
    sites = tables[0]
    for table in tables[1:]:
        sites = sites.join(table, on=ALLELE, how="full", coalesce=True)
    sites = sites.sort(ALLELE).gather_every(max(1, sites.height // MAX_LOCI))
    for member in members:
        absent = sites.filter(pl.col(member.role).is_null()).select("chrom", "pos").unique()
        known = known_at(member.known, absent, aliases)
        sites = (
            sites.join(known, on=["chrom", "pos"], how="left")
            .with_columns(
                pl.when(pl.col(member.role).is_null() & pl.col("_known").fill_null(False))
                .then(pl.lit(0, pl.Int8))
                .otherwise(member.role)
                .alias(member.role)
            )
            .drop("_dp", "_known")
        )
    roles = [member.role for member in members]
    return sites.drop_nulls(roles).filter(pl.max_horizontal(*roles) > 0)


def pair(one: Member, other: Member, aliases: Mapping[str, str] | None = None) -> pl.DataFrame:
    """`genotypes` of two: copies a (one) and b (other)."""
    return genotypes([replace(one, role="a"), replace(other, role="b")], aliases)


def stretches(
    own: Member, relatives: Iterable[Member], aliases: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """HOMOZYGOSITY of one person: runs, and with both parents uniparental chromosomes."""
    found = homozygous_runs(_snvs(own.calls))
    parents = {member.role: member for member in relatives if member.role != "sibling"}
    if {"father", "mother"} <= set(parents):
        members = [replace(own, role="child"), parents["father"], parents["mother"]]
        found = pl.concat([found, uniparental(genotypes(members, aliases))])
    return HOMOZYGOSITY.table(found)


def kinship(sites: pl.DataFrame) -> float | None:
    """KING-robust kinship of columns a and b; None where either has no heterozygote."""
    het_a, het_b = (int((sites[c] == 1).sum()) for c in "ab")
    fewer = min(het_a, het_b)
    if not fewer:
        return None
    shared = int(((sites["a"] == 1) & (sites["b"] == 1)).sum())
    opposite = int(((sites["a"] - sites["b"]).abs() == 2).sum())
    return (shared - 2 * opposite) / (2 * fewer) + 0.5 - (het_a + het_b) / (4 * fewer)


def opposite_share(sites: pl.DataFrame) -> float | None:
    """Share of sites with one person homozygous where the other lacks what is passed on."""
    homozygous = sites.filter((pl.col("a") != 1) & (pl.col("b") != 1))
    if homozygous.is_empty():
        return None
    opposite = int(((homozygous["a"] - homozygous["b"]).abs() == 2).sum())
    return opposite / homozygous.height


def relation(kin: float, opposite: float | None) -> str:
    """What a pair looks like by kinship and opposite homozygotes."""
    if kin > TWIN:
        return "the same person or a twin"
    if kin > FIRST_DEGREE:
        near = opposite is not None and opposite <= MAX_OPPOSITE
        return "parent and child" if near else "full siblings"
    if kin > 0.0884:
        return "second degree (half-siblings, grandparent or uncle)"
    return "third degree (cousins)" if kin > STRANGER else "unrelated"


def _kinship_verdict(kin: float | None, sites: int) -> str:
    """pass, fail or unknown for a first-degree relative.

    From MIN_SITES the threshold decides; from FEW_SITES on only what is beyond doubt: a kinship
    that strangers alone have fails.
    """
    if kin is None or sites < FEW_SITES:
        return "unknown"
    if FIRST_DEGREE < kin <= TWIN:
        return "pass"
    return "fail" if sites >= MIN_SITES or kin < STRANGER else "unknown"


def _mendelian_verdict(opposite: float | None, sites: int) -> str:
    if opposite is None or sites < FEW_SITES:
        return "unknown"
    if opposite <= MAX_OPPOSITE:
        return "pass"
    return "fail" if sites >= MIN_SITES or opposite > 5 * MAX_OPPOSITE else "unknown"


def _kinship_row(
    child: Member, other: Member, declared: str, sites: pl.DataFrame, sample: str
) -> dict[str, Any]:
    kin, opposite = kinship(sites), opposite_share(sites)
    known = kin is not None and sites.height >= FEW_SITES
    found = relation(kin, opposite) if known and kin is not None else "too few sites to tell"
    names = {"person": child.patient, "other": other.patient}
    reason = because("identity.kinship", **names, declared=declared, relation=found)
    return {
        "gate": f"kinship_{other.role}",
        "sample": sample,
        "relative": other.patient,
        "value": kin,
        "threshold": FIRST_DEGREE,
        "sites": sites.height,
        "verdict": _kinship_verdict(kin, sites.height),
        "reason": reason,
        "said": stored(reason),
    }


def parent_rows(
    child: Member, parent: Member, sites: pl.DataFrame, sample: str
) -> list[dict[str, Any]]:
    """Checks of one declared parent."""
    opposite = opposite_share(sites)
    reason = because("identity.opposite", person=child.patient, other=parent.patient)
    return [
        _kinship_row(child, parent, parent.role, sites, sample),
        {
            "gate": f"mendelian_{parent.role}",
            "sample": sample,
            "relative": parent.patient,
            "value": opposite,
            "threshold": MAX_OPPOSITE,
            "sites": sites.height,
            "verdict": _mendelian_verdict(opposite, sites.height),
            "reason": reason,
            "said": stored(reason),
        },
    ]


def sibling_row(child: Member, other: Member, sites: pl.DataFrame, sample: str) -> dict[str, Any]:
    """Check of one declared full sibling."""
    return _kinship_row(child, other, "full sibling", sites, sample)


def sex_row(found: OnX, declared: str, patient: str, sample: str) -> dict[str, Any]:
    """Check of the declared sex by variants on X, whatever was called there."""
    known = found.sex in SEXES and declared in SEXES
    reason = because("identity.sex", person=patient, sex=declared, look=found.sex)
    return {
        "gate": "sex",
        "sample": sample,
        "relative": patient,
        "value": found.share,
        "threshold": XX_MIN if declared == "XX" else XY_MAX,
        "sites": found.sites,
        "verdict": ("pass" if found.sex == declared else "fail") if known else "unknown",
        "reason": reason,
        "said": stored(reason),
    }


def checked(
    own: Member,
    relatives: Iterable[Member],
    sex: str,
    sample: str,
    par: Sequence[tuple[int, int]],
    aliases: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """PEDIGREE of one person."""
    rows = [sex_row(on_x(scan(CALLS, own.calls), par), sex, own.patient, sample)]
    for other in relatives:
        sites = pair(own, other, aliases)
        if other.role == "sibling":
            rows.append(sibling_row(own, other, sites, sample))
        else:
            rows += parent_rows(own, other, sites, sample)
    return PEDIGREE.table(pl.DataFrame(rows, schema_overrides=dict(PEDIGREE.schema)))


def parents_confirmed(pedigree: pl.DataFrame) -> bool:
    """Whether both declared parents passed every check."""
    passed = pedigree.group_by("gate").agg(pl.col("verdict").eq("pass").all())
    good = dict(passed.rows())
    return all(good.get(f"{check}_{role}") for check in ("kinship", "mendelian")
               for role in ("father", "mother"))  # fmt: skip
