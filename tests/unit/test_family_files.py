"""PED and phenopacket as rows of the sheet of people."""

import json
from pathlib import Path
from typing import Any

import pytest

from shirube.cli.main import main
from shirube.errors import InputError
from shirube.rare.family_files import joined, read_ped, read_phenopacket, sheet
from shirube.sheet import read_patients

PED = "#fam\nF1\tC1\tP1\tM1\t1\t2\nF1\tP1\t0\t0\t1\t1\nF1\tM1\t0\t0\t2\t0\n"
CHILD: dict[str, Any] = {
    "id": "packet",
    "subject": {"id": "C1", "sex": "MALE"},
    "phenotypicFeatures": [
        {"type": {"id": "HP:0001250", "label": "Seizure"}},
        {"type": {"id": "HP:0001642"}, "excluded": True},
    ],
    "diseases": [{"term": {"id": "OMIM:163950"}, "excluded": True}, {"term": {"id": "MONDO:7"}}],
}


def _write(directory: Path, name: str, content: object) -> str:
    path = directory / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def test_ped(tmp_path: Path) -> None:
    rows = {row["patient"]: row for row in read_ped(_write(tmp_path, "x.ped", PED))}
    assert rows["C1"] == {"patient": "C1", "sex": "XY", "family": "F1", "father": "P1",
                          "mother": "M1", "affected": "yes"}  # fmt: skip
    assert rows["M1"]["affected"] == "unknown"
    assert rows["P1"]["father"] is None


def test_phenopacket(tmp_path: Path) -> None:
    (row,) = read_phenopacket(_write(tmp_path, "x.json", CHILD))
    assert row == {"patient": "C1", "sex": "XY", "diagnosis": "MONDO:7",
                   "hpo": "HP:0001250;!HP:0001642", "onset": None}  # fmt: skip


@pytest.mark.parametrize(
    ("diseases", "features", "wanted"),
    [
        ([{"age": {"iso8601duration": "P3Y6M"}}], [], "P3Y6M"),
        ([{"ontologyClass": {"id": "HP:0003593", "label": "Infantile onset"}}], [], "HP:0003593"),
        ([], [{"age": {"iso8601duration": "P2M"}}] * 2, "P2M"),
        ([], [{"age": {"iso8601duration": "P2M"}}, {"age": {"iso8601duration": "P3M"}}], None),
        ([{"age": {"iso8601duration": "three"}}], [], "refused"),
        ([{"age": "P1Y"}], [], "refused"),
        ([], [{"ontologyClass": {"id": "MONDO:1"}}], "refused"),
    ],
)
def test_onset_and_consanguinity(
    tmp_path: Path, diseases: list[Any], features: list[Any], wanted: str | None
) -> None:
    """Of a disease, else of features that agree; another form is refused with its place."""
    packet = {
        "subject": {"id": "C1"},
        "diseases": [{"term": {"id": "MONDO:7"}, "onset": onset} for onset in diseases],
        "phenotypicFeatures": [
            {"type": {"id": f"HP:000125{n}"}, "onset": onset} for n, onset in enumerate(features)
        ],
    }
    path = _write(tmp_path, "x.json", packet)
    if wanted == "refused":
        with pytest.raises(InputError, match=r"onset.*P3Y6M|object"):
            read_phenopacket(path)
        return
    assert read_phenopacket(path)[0]["onset"] == wanted
    family = {"id": "F", "proband": packet, "consanguinousParents": True}
    assert read_phenopacket(_write(tmp_path, "f.json", family))[0]["consanguinity"] == "yes"
    family["consanguinousParents"] = "yes"
    with pytest.raises(InputError, match="consanguinousParents"):
        read_phenopacket(_write(tmp_path, "f.json", family))


def test_family_phenopacket(tmp_path: Path) -> None:
    persons = [
        {"individualId": "C1", "paternalId": "P1", "maternalId": "M1", "sex": "MALE",
         "affectedStatus": "AFFECTED"},
        {"individualId": "P1", "paternalId": "0", "sex": "MALE", "affectedStatus": "UNAFFECTED"},
    ]  # fmt: skip
    packet = {"id": "F1", "proband": CHILD, "pedigree": {"persons": persons}}
    rows = {r["patient"]: r for r in read_phenopacket(_write(tmp_path, "f.json", packet))}
    assert rows["C1"]["father"] == "P1"
    assert rows["C1"]["hpo"] == "HP:0001250;!HP:0001642"
    assert rows["P1"]["affected"] == "no"
    assert {row["family"] for row in rows.values()} == {"F1"}


def test_both_make_a_sheet_the_workflow_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [_write(tmp_path, "x.ped", PED), _write(tmp_path, "x.json", CHILD)]
    assert main(["family", *files]) == 0
    (tmp_path / "patients.tsv").write_text(capsys.readouterr().out)
    table = read_patients(tmp_path / "patients.tsv")
    child = table.filter(patient="C1").row(0, named=True)
    assert (child["programme"], child["affected"], child["mother"]) == ("rare", "yes", "M1")
    assert child["hpo"] == "HP:0001250;!HP:0001642"
    assert child["consent_secondary"] is None
    assert table.filter(patient="P1")["programme"].to_list() == ["control"]


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("F1\tC1\t0\n", "line 1: six columns"),
        ("F1\tC/1\t0\t0\t1\t2\n", "line 1: letters, digits"),
        ("# nobody\n", "at least one person"),
    ],
)
def test_a_broken_ped_is_refused(tmp_path: Path, content: str, wanted: str) -> None:
    with pytest.raises(InputError, match=wanted):
        read_ped(_write(tmp_path, "x.ped", content))


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("{", "a phenopacket as JSON"),
        ("[]", "phenopacket: a JSON object"),
        ({"subject": {}}, "subject.id"),
        ({"subject": []}, "subject: a JSON object"),
        ({"subject": {"id": "C1"}, "phenotypicFeatures": {}}, "phenotypicFeatures: a list"),
        ({"subject": {"id": "C1"}, "diseases": [3]}, "a JSON object"),
        ({"id": "F", "proband": None}, "subject.id"),
        ({"subject": {"id": "C1"}, "phenotypicFeatures": [{"type": {"id": "Seizure"}}]},
         r"phenotypicFeatures\[0\]"),
    ],
)  # fmt: skip
def test_a_broken_phenopacket_is_refused(tmp_path: Path, content: object, wanted: str) -> None:
    with pytest.raises(InputError, match=wanted):
        read_phenopacket(_write(tmp_path, "x.json", content))


def test_files_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    girl = CHILD | {"subject": {"id": "C1", "sex": "FEMALE"}}
    parts = [read_ped(_write(tmp_path, "x.ped", PED)),
             read_phenopacket(_write(tmp_path, "x.json", girl))]  # fmt: skip
    with pytest.raises(InputError, match="C1, sex: XY as stated elsewhere, found XX"):
        joined(parts, "x.json")
    assert "XY" in sheet(parts[0])


def test_nulls_are_absent_and_bytes_are_refused(tmp_path: Path) -> None:
    packet = {"subject": {"id": "C1", "sex": None}, "phenotypicFeatures": None, "diseases": None}
    (row,) = read_phenopacket(_write(tmp_path, "x.json", packet))
    assert row == {"patient": "C1", "sex": "unknown", "diagnosis": None, "hpo": None, "onset": None}
    (tmp_path / "x.ped").write_bytes(b"F1\t\xff")
    with pytest.raises(InputError, match="byte 3: UTF-8 text"):
        read_ped(tmp_path / "x.ped")
