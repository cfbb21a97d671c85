"""Alleles of one person that change a protein together."""

from pathlib import Path

import polars as pl
import pytest
from gene_case import chromosome

from shirube.annotate.annotation import Chromosome, annotated
from shirube.annotate.joint import joint_changes
from shirube.annotate.joint import phase as said
from shirube.contracts import ALLELE, CALLS, CHROM, SOMATIC, Contract, write
from shirube.contracts.annotation import JOINT
from shirube.genome.transcripts import transcripts_of

SEQUENCE, MODELS = chromosome()
TEXT = bytes(SEQUENCE).decode()
FORWARD = next(transcripts_of(MODELS, SEQUENCE))
CODON = FORWARD.position(FORWARD.cds[0] + 12)  # first base of codon 5


def allele(at: int, ref: str, alt: str) -> dict[str, object]:
    assert TEXT[at : at + len(ref)] == ref
    return {"chrom": "chr1", "pos": at + 1, "ref": ref, "alt": alt, "filter": "PASS"}


def to(at: int, base: str) -> dict[str, object]:
    return allele(at, TEXT[at], base)


def table(contract: Contract, path: Path, *rows: dict[str, object]) -> str:
    empty = dict.fromkeys(contract.schema)
    frame = pl.DataFrame([{**empty, **row} for row in rows], schema=contract.polars)
    write(contract.table(frame), contract, path)
    return str(path)


def joint(tmp_path: Path, *rows: dict[str, object], somatic: bool = False) -> list[dict]:
    contract = SOMATIC if somatic else CALLS
    told = [row if somatic else {"record": n, "dosage": 1, "ploidy": 2, **row}
            for n, row in enumerate(rows)]  # fmt: skip
    path = table(contract, tmp_path / "x.parquet", *told)
    place = Chromosome("chr1", "", "g.", SEQUENCE, MODELS, {}, "1")
    schema = {"chrom": CHROM, "pos": pl.Int32, "ref": pl.String, "alt": pl.String}
    asked = pl.DataFrame([{k: r[k] for k in ALLELE} for r in rows], schema=schema)
    annotation = annotated(asked.unique().sort(ALLELE), place)
    given = ({}, {"P": path}) if somatic else ({"S": path}, {})
    made = joint_changes(*given, annotation, MODELS, SEQUENCE, "chr1")
    return made.rows(named=True)


def stop_pair() -> list[dict[str, object]]:
    """The first two bases of a codon whose third is A or G made TA: together a stop."""
    for codon in range(3, 50):
        at = FORWARD.position(FORWARD.cds[0] + 3 * codon)
        bases = TEXT[at : at + 3]
        if bases[0] != "T" and bases[1] != "A" and bases[2] in "AG" and FORWARD.exon_of(at + 2):
            return [to(at, "T"), to(at + 1, "A")]
    raise AssertionError


def test_two_changes_of_a_codon_make_a_stop(tmp_path: Path) -> None:
    (row,) = joint(tmp_path, *stop_pair())
    assert row["consequence"].startswith("stop_gained")
    assert row["hgvs_p"].endswith("Ter")
    assert not {"name", "sample", "patient"} & set(row)  # whose it is stands in calls alone


@pytest.mark.parametrize(
    ("first", "second", "phase"),
    [
        ({"phase_set": 7, "haplotype": 0}, {"phase_set": 7, "haplotype": 0}, "cis"),
        ({"phase_set": 7, "haplotype": 0}, {"phase_set": 7, "haplotype": 1}, "trans"),
        ({"phase_set": 7, "haplotype": 0}, {"phase_set": 9, "haplotype": 0}, "unknown"),
        ({"dosage": 2}, {}, "cis"),
        ({"ploidy": 1}, {"ploidy": 1}, "cis"),
    ],
)
def test_phase_is_said_not_guessed(
    first: dict[str, int], second: dict[str, int], phase: str
) -> None:
    nothing = {"phase_set": None, "haplotype": None, "dosage": 1, "ploidy": 2}
    assert said({**nothing, **first}, {**nothing, **second}, "germline") == phase


def test_somatic_alleles_of_the_same_reads_are_cis(tmp_path: Path) -> None:
    a, b = stop_pair()
    assert len(joint(tmp_path, {**a, "phase_set": 3}, {**b, "phase_set": 3}, somatic=True)) == 1
    assert said({"phase_set": 3}, {"phase_set": 3}, "somatic") == "cis"
    assert said({"phase_set": None}, {"phase_set": None}, "somatic") == "unknown"


def test_two_shifts_that_cancel_leave_a_protein(tmp_path: Path) -> None:
    at = FORWARD.position(FORWARD.cds[0] + 20)
    rows = joint(
        tmp_path,
        allele(at, TEXT[at : at + 2], TEXT[at]),
        allele(at + 9, TEXT[at + 9], TEXT[at + 9] + "C"),
    )
    assert len(rows) == 1
    assert "frameshift_variant" not in rows[0]["consequence"]


def test_what_does_not_act_together_is_left_out(tmp_path: Path) -> None:
    a, b = stop_pair()
    far = to(int(a["pos"]) + 8, "A" if TEXT[int(a["pos"]) + 8] != "A" else "C")
    assert joint(tmp_path, a, far) == []
    assert joint(tmp_path, a, {**b, "filter": "LowGQ"}) == []
    assert joint(tmp_path, a, {**b, "dosage": 0}) == []
    assert JOINT.table(pl.DataFrame(schema=JOINT.polars)).height == 0
