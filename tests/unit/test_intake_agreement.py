"""The cohort's kernels and the intake read the same genotypes out of any file both can read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shirube.cohort import count, joint
from shirube.cohort.person import read_person
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.ploidy import PAR
from shirube.intake.records import Source

SAMPLES = ("A", "B", "C")
RULE = GenotypeRule(20, 10, 5, 0.2)
ALTS = ("C", "G", "T", "CA", "c", "*", "<NON_REF>", "<*>", "<DEL>", "N[chr2:5[")
HEAD = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=100000>
##FILTER=<ID=bad,Description="x">
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
##FORMAT=<ID=GQ,Number=1,Type={gq},Description="x">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">
##FORMAT=<ID=FT,Number=1,Type=String,Description="x">
"""


@dataclass(frozen=True)
class Made:
    """A file: its rows as text, and whether GQ is declared as a float."""

    rows: tuple[str, ...]
    floats: bool

    def write(self, path: Path) -> Path:
        """The file as text at `path`."""
        columns = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT " + " ".join(SAMPLES)
        body = ["\t".join(row.split(" ")) for row in [columns, *self.rows]]
        head = HEAD.format(gq="Float" if self.floats else "Integer")
        path.write_text(head + "\n".join(body) + "\n")
        return path


@st.composite
def cells(draw: st.DrawFn, alts: int, floats: bool) -> str:
    """One sample's column: GT:GQ:DP:AD:FT."""
    allele = st.sampled_from([*map(str, range(alts + 1)), *map(str, range(alts + 1)), "."])
    two, some = (st.lists(allele, min_size=a, max_size=b) for a, b in ((2, 2), (1, 3)))
    called = draw(two | some)
    genotype = draw(st.sampled_from("/|")).join(called)
    quality = st.sampled_from(["99", "20", "200", "40000", "60", "19", "."])
    if floats:
        quality = st.sampled_from(["99", "20", "20.5", "1e2", "60", "19.49", "19.5", ".", "nan"])
    depth = draw(st.sampled_from(["30", "10", "31", "300", "9", "."]))
    reads = st.sampled_from(["15", "6", "60", "10", "5", "2", "."])
    if depth == ".":  # the cohort asks for a stated depth; a person's calls add up their reads
        reads = st.just(".")
    ad = ",".join(draw(st.lists(reads, min_size=alts + 1, max_size=alts + 1)))
    ft = draw(st.sampled_from(["PASS", ".", "PASS", ".", "LowGQ", "Possible"]))
    return ":".join([genotype, draw(quality), depth, ad, ft])


@st.composite
def files(draw: st.DrawFn) -> Made:
    """A file of up to eight records, 100 bases apart."""
    floats, rows = draw(st.booleans()), []
    for number in range(draw(st.integers(1, 8))):
        alts = draw(st.lists(st.sampled_from(ALTS), min_size=1, max_size=3, unique_by=str.upper))
        kept = draw(st.sampled_from(["PASS", ".", "PASS", "bad"]))
        values = [draw(cells(len(alts), floats)) for _ in SAMPLES]
        fixed = f"chr1 {100 * number + 100} . A {','.join(alts)} 50 {kept} . GT:GQ:DP:AD:FT"
        rows.append(" ".join([fixed, *values]))
    return Made(tuple(rows), floats)


def judged(row: dict[str, Any]) -> list[int] | None:
    """The two alleles of a genotype that the rule accepts; None where it does not."""
    alleles = row["genotype"] or []
    if len(alleles) != 2 or None in alleles or row["ft"] not in (None, "PASS"):
        return None
    depth, quality = row["depth"], row["quality"]
    if quality is None or quality < RULE.min_gq or depth is None or depth < RULE.min_dp:
        return None
    called = {allele for allele in alleles if allele}
    if called and row["filter"] not in (None, "PASS"):
        return None
    for allele in called:
        alt = row["alts"][allele - 1]
        if alt != "*" and not set(alt) <= set("ACGTN"):
            return None
        if len(set(alleles)) == 2:
            reads = (row["reads"] or [None] * (allele + 1))[allele]
            if reads is None or reads < RULE.min_ab * depth:
                return None
    return list(alleles)


def by_intake(path: Path) -> dict[str, list[dict[str, Any]]]:
    return {name: pl.concat(Source.of(path, name).records()).to_dicts() for name in SAMPLES}


QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@QUIET
@given(made=files())
def test_the_counts_of_a_joint_file(made: Made, tmp_path: Path) -> None:
    path = made.write(tmp_path / "j.vcf")
    wanted: dict[tuple[int, str], tuple[int, int]] = {}
    people = by_intake(path)
    for at, record in enumerate(people["A"]):
        good = [judged(rows[at]) for rows in people.values()]
        called = sum(2 for alleles in good if alleles is not None)
        for number, alt in enumerate(record["alts"], 1):
            if set(alt) <= set("ACGTN"):
                copies = sum(alleles.count(number) for alleles in good if alleles)
                wanted[record["pos"], alt] = (copies, called)
    found = joint.count(
        path, dict.fromkeys(SAMPLES, "XX"), dict.fromkeys(SAMPLES, 0), RULE, None, PAR["GRCh38"]
    )
    table = count.table(path, found, ["all"], None)
    columns = (table[name].to_pylist() for name in ("pos", "alt", "ac", "an"))
    assert {(pos, alt): (ac, an) for pos, alt, ac, an in zip(*columns, strict=True)} == wanted


@QUIET
@given(made=files())
@pytest.mark.parametrize("name", ["A"])
def test_the_genotypes_of_a_person(name: str, made: Made, tmp_path: Path) -> None:
    path = made.write(tmp_path / "j.vcf")
    wanted = {}
    for row in by_intake(path)[name]:
        alleles = judged(row)
        for number, alt in enumerate(row["alts"], 1):
            copies = alleles.count(number) if alleles else 0
            if copies and set(alt) <= set("ACGTN"):
                wanted[row["pos"], alt] = copies
    person = read_person(path, name, "XX", RULE, None, PAR["GRCh38"])
    rows = person.genotypes.select("pos", "alt", "ac").rows()
    assert {(pos, alt): ac for pos, alt, ac in rows} == wanted
