"""What new knowledge changes for the people of a finished run."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from shirube.cli.diff import alleles_of, events_of, findings_of
from shirube.contracts import (
    ANNOTATION,
    CALLS,
    CLINICAL_EVIDENCE,
    FINDINGS,
    Contract,
    write,
)
from shirube.contracts.knowledge import CLINVAR, POPULATION
from shirube.contracts.knowledge_cancer import DRIVERS
from shirube.contracts.knowledge_general import PREDICTOR
from shirube.contracts.knowledge_rare import PHENOTYPE_GENES, POPULATION_EVENTS
from shirube.errors import InputError
from shirube.interpret.dosage_points import common
from shirube.knowledge.difference import Knowledge, differences

ALLELE = {"chrom": "chr1", "pos": 100, "ref": "A", "alt": "C"}


def frame(contract: Contract, *rows: dict[str, object]) -> pl.DataFrame:
    empty = dict.fromkeys(contract.schema)
    return contract.table(pl.DataFrame([{**empty, **row} for row in rows], schema=contract.polars))


def table(
    directory: Path,
    name: str,
    contract: Contract,
    *rows: dict[str, object],
    release: str,
    **about: str,
) -> None:
    directory.mkdir(exist_ok=True)
    told = {"release": release, "sha256": f"{release}{name}", **about}
    write(frame(contract, *rows), contract, directory / f"{name}.parquet", told)


def clinvar(significance: str, stars: int) -> dict[str, object]:
    return {**ALLELE, "clinvar_id": "7", "significance": significance, "stars": stars}


PEOPLE = pl.DataFrame([{"patient": "P1", **ALLELE, "name": "BRCA1 p.Arg1Ter"}]).with_columns(
    pl.col("chrom").cast(CLINVAR.schema["chrom"]), pl.col("pos").cast(pl.Int32)
)
FOUND = pl.DataFrame(
    [
        {"patient": "P1", "gene": "EGFR", "kind": "snv", "hgvs_p": "p.Leu858Arg", "name": "EGFR"},
        {"patient": "P2", "gene": "KRAS", "kind": "snv", "hgvs_p": "p.Gly12Cys", "name": "KRAS"},
    ]
)


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "old", tmp_path / "new"


def test_a_class_that_crosses_the_line_is_urgent(sides: tuple[Path, Path]) -> None:
    old, new = sides
    table(old, "clinvar", CLINVAR, clinvar("Uncertain_significance", 1), release="2026-02")
    table(new, "clinvar", CLINVAR, clinvar("Likely_pathogenic", 2), release="2026-08")
    rows = differences(Knowledge(old, new), PEOPLE, FOUND).rows()
    assert rows == [
        (
            "P1",
            "act",
            "clinvar",
            "BRCA1 p.Arg1Ter",
            "Uncertain_significance (1 star)",
            "Likely_pathogenic (2 stars)",
            "clinvar 2026-02 -> 2026-08",
        )
    ]


def test_other_changes_are_told_by_weight(sides: tuple[Path, Path]) -> None:
    old, new = sides
    table(old, "clinvar", CLINVAR, clinvar("Pathogenic", 1), release="1")
    table(new, "clinvar", CLINVAR, clinvar("Pathogenic", 3), release="2")
    assert differences(Knowledge(old, new), PEOPLE, FOUND)["urgency"].to_list() == ["note"]
    table(new, "clinvar", CLINVAR, clinvar("Pathogenic/Likely_pathogenic", 3), release="2")
    assert differences(Knowledge(old, new), PEOPLE, FOUND)["urgency"].to_list() == ["look"]
    table(new, "clinvar", CLINVAR, {**clinvar("Pathogenic", 1), "pos": 5}, release="2")
    gone = differences(Knowledge(old, new), PEOPLE, FOUND)
    assert gone.select("urgency", "new").rows() == [("act", None)]


def test_the_same_file_changes_nothing(sides: tuple[Path, Path]) -> None:
    for side in sides:
        table(side, "clinvar", CLINVAR, clinvar("Pathogenic", 1), release="1")
    assert differences(Knowledge(*sides), PEOPLE, FOUND).height == 0


def test_a_frequency_matters_when_it_reaches_a_step(sides: tuple[Path, Path]) -> None:
    old, new = sides
    name, about = "frequency_tommo", {"label": "tommo", "japanese": "JPN"}

    def fact(af: float) -> dict[str, object]:
        return {**ALLELE, "af": af, "japanese_af": af, "passed": True}

    table(old, name, POPULATION, fact(0.02), release="1", **about)
    table(new, name, POPULATION, fact(0.03), release="2", **about)
    assert differences(Knowledge(old, new), PEOPLE, FOUND).height == 0
    table(new, name, POPULATION, fact(0.06), release="2", **about)
    rows = differences(Knowledge(old, new), PEOPLE, FOUND).select("old", "new").rows()
    unknown = "of an unknown number of chromosomes"
    for label in ("Japanese frequency", "highest frequency"):
        assert (f"{label} 0.02 {unknown}", f"{label} 0.06 {unknown}") in rows


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"an": 1_000}, {"an": 9_000}, ("of 1,000 chromosomes", "of 9,000 chromosomes")),
        ({"an": 9_000}, {"an": 9_000, "passed": False},
         ("of 9,000 chromosomes", "of 9,000 chromosomes, filtered by its source")),
        ({"an": 9_000}, {"an": 12_000}, None),
        ({"an": 100}, {"an": 900}, None),
    ],
)  # fmt: skip
def test_a_frequency_that_becomes_evidence_is_told(
    sides: tuple[Path, Path],
    before: dict[str, object],
    after: dict[str, object],
    words: tuple[str, str] | None,
) -> None:
    """The same figure, but of enough chromosomes now, or filtered by its source now."""
    for release, side, facts in zip("12", sides, (before, after), strict=True):
        row = {**ALLELE, "af": 0.02, "passed": True, **facts}
        table(side, "frequency_x", POPULATION, row, release=release, label="x", japanese="")
    rows = differences(Knowledge(*sides), PEOPLE, FOUND).select("old", "new").rows()
    told = [tuple(f"highest frequency 0.02 {part}" for part in words)] if words else []
    assert rows == told


def test_scores_that_move_and_facts_of_genes_are_told_in_words(sides: tuple[Path, Path]) -> None:
    old, new = sides
    for side, release, score in ((old, "1", 0.2), (new, "2", 0.7)):
        moved, still = (
            {**ALLELE, "pos": pos, "gene": "G", "score": value}
            for pos, value in ((100, score), (300, 0.5))
        )
        table(side, "revel", PREDICTOR, moved, still, release=release)
        terms = [
            {"gene": "KRAS", "term": f"HP:000000{n}"} for n in range(1, 2 if side is old else 9)
        ]
        table(side, "phenotype_genes", PHENOTYPE_GENES, *terms, release=release)
        facts = {"gene": "KRAS", "tumour": "LUAD", "role": "Act", "samples": int(release)}
        table(side, "drivers", DRIVERS, facts, release=release)
    rows = differences(Knowledge(old, new), PEOPLE, FOUND)
    told = rows.select("patient", "source", "old", "new").rows()
    assert ("P1", "revel", "score 0.2", "score 0.7") in told
    more = "7 terms: HP:0000002, HP:0000003, HP:0000004, HP:0000005, HP:0000006 and 2 more"
    assert ("P2", "phenotype_genes", None, more) in told
    assert ("P2", "drivers", None, "tumour LUAD; role Act; samples 2") in told
    assert ("P2", "drivers", "tumour LUAD; role Act; samples 1", None) in told
    assert len(told) == 4


def item(number: str, gene: str, match: str, level: str, **more: object) -> dict[str, object]:
    return {"source": "CIViC", "id": number, "gene": gene, "variant": match, "match": match,
            "level": level, "therapies": "Drug", **more}  # fmt: skip


def test_evidence_goes_to_the_people_it_concerns(sides: tuple[Path, Path]) -> None:
    old, new = sides
    exact = item("E1", "EGFR", "exact", "B", hgvs_p="p.Leu858Arg", codon=858)
    elsewhere = item("E2", "EGFR", "exact", "A", hgvs_p="p.Thr790Met", codon=790)
    codon = item("E3", "KRAS", "codon", "C", codon=12)
    longer = item("E4", "KRAS", "codon", "A", codon=1)
    table(old, "clinical_evidence", CLINICAL_EVIDENCE, exact, release="1")
    table(new, "clinical_evidence", CLINICAL_EVIDENCE, {**exact, "level": "A"}, elsewhere, codon,
          longer, release="2")  # fmt: skip
    rows = (
        differences(Knowledge(old, new), PEOPLE, FOUND).select("patient", "urgency", "why").rows()
    )
    assert rows == [
        ("P1", "act", "clinical_evidence 1 -> 2: E1 changed"),
        ("P2", "look", "clinical_evidence 1 -> 2: E3 added"),
    ]


def test_a_source_that_came_or_went_is_told(sides: tuple[Path, Path]) -> None:
    old, new = sides
    table(old, "clinvar", CLINVAR, clinvar("Pathogenic", 1), release="1")
    table(new, "clinical_evidence", CLINICAL_EVIDENCE, release="2")
    rows = differences(Knowledge(old, new), PEOPLE, FOUND)
    assert rows.select("patient", "source", "old", "new").rows() == [
        ("", "clinical_evidence", None, "source added"),
        ("", "clinvar", "source removed", None),
    ]


def finished(directory: Path) -> Path:
    results = directory / "results"
    for name in ("germline", "annotation", "findings"):
        (results / name).mkdir(parents=True)
    called = {**ALLELE, "record": 0, "filter": "PASS", "dosage": 1}
    absent = {**called, "pos": 200, "record": 1, "dosage": 0}
    weak = {**called, "pos": 300, "record": 2, "filter": "LowGQ"}
    write(frame(CALLS, called, absent, weak), CALLS, results / "germline" / "S1.parquet")
    named = {**ALLELE, "transcript": "T", "gene": "BRCA1", "hgvs_p": "p.Arg1Ter"}
    write(frame(ANNOTATION, named), ANNOTATION, results / "annotation" / "chr1.parquet")
    finding = {"finding": "f", "gene": "BRCA1", "kind": "snv", "name": "BRCA1 p.Arg1Ter"}
    write(frame(FINDINGS, finding), FINDINGS, results / "findings" / "P1.parquet")
    (directory / "samples.tsv").write_text("sample\tpatient\tkind\tpath\nS1\tP1\tnormal\tx.bam\n")
    return results


SHEET = pl.DataFrame([{"sample": "S1", "patient": "P1", "kind": "normal"}])


def test_alleles_that_passed_are_looked_up(tmp_path: Path) -> None:
    results = finished(tmp_path)
    assert alleles_of(results, SHEET).select("patient", "pos", "name").rows() == [
        ("P1", 100, "BRCA1 p.Arg1Ter")
    ]
    assert findings_of(results, SHEET).select("patient", "gene").rows() == [("P1", "BRCA1")]
    (results / "findings" / "P1.parquet").unlink()
    with pytest.raises(InputError, match="finished run"):
        findings_of(results, SHEET)


def test_command_says_who_is_to_be_interpreted_again(
    tmp_path: Path, sides: tuple[Path, Path]
) -> None:
    old, new = sides
    results = finished(tmp_path)
    table(old, "clinvar", CLINVAR, clinvar("Benign", 1), release="1")
    table(new, "clinvar", CLINVAR, clinvar("Pathogenic", 1), release="2")
    done = subprocess.run(
        [sys.executable, "-m", "shirube.cli.main", "diff", "--old", old, "--new", new,
         "--results", results, "--samples", tmp_path / "samples.tsv"],
        capture_output=True, text=True, check=False,
        env={"PYTHONPATH": "workflow/scripts", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].split("\t")[:3] == ["P1", "act", "clinvar"]
    assert "to interpret again: P1" in done.stderr


def test_a_directory_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="knowledge tables"):
        Knowledge(tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("old_share", "new_share", "lines"),
    [
        (0.002, 0.02, [("P1", "act", "frequency 0.002", "frequency 0.02")]),
        (0.002, 0.003, [("P1", "look", "frequency 0.002", "frequency 0.003")]),
        (None, 0.02, [("P1", "act", None, "frequency 0.02")]),
        (0.002, 0.002, []),
    ],
)
def test_how_many_people_have_an_event(
    sides: tuple[Path, Path],
    tmp_path: Path,
    old_share: float | None,
    new_share: float,
    lines: list[tuple[str | None, ...]],
) -> None:
    """Half of both events in common; one percent of people is the line that is acted on."""
    place = {"chrom": "chr1", "start": 10_000, "end": 20_000, "name": "SV_1"}
    for side, share in zip(sides, (old_share, new_share), strict=True):
        kind = "DUP" if share is None else "DEL"
        row = {**place, "svtype": kind, "frequency": share or 0.5}
        table(side, "population_events", POPULATION_EVENTS, row, release=side.name)
    detail = {"svtype": "DEL", "breakpoint1": "chr1:11000", "breakpoint2": "chr1:20001"}
    found = {"finding": "e1", "kind": "structural", "origin": "germline", "name": "BRCA1 DEL",
             "detail": json.dumps(detail)}  # fmt: skip
    (tmp_path / "findings").mkdir()
    write(frame(FINDINGS, found), FINDINGS, tmp_path / "findings/P1.parquet")
    events = events_of(tmp_path, pl.DataFrame({"patient": ["P1"]}))
    assert events.rows() == [("P1", "BRCA1 DEL", "DEL", "chr1", 11_000, 20_000)]
    rows = differences(Knowledge(*sides), PEOPLE, FOUND, events, common)
    assert rows.select("patient", "urgency", "old", "new").rows() == lines
