"""PED and phenopacket as rows of the sheet of people."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirube.cli.main import main
from shirube.errors import InputError
from shirube.rare.family_files import people, safe_name, sheet
from shirube.rare.ped import read_ped
from shirube.rare.phenopackets import read_phenopacket
from shirube.rare.stated import Row
from shirube.sheet import read_patients

CASES = Path(__file__).parents[1] / "cases"
PUBLISHED = Path(os.environ.get("PEERS", "../shared/peers")) / "phenopackets"

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
    rows = {row["patient"]: row for row in read_ped(_write(tmp_path, "x.ped", PED)).rows}
    assert rows["C1"] == {"patient": "C1", "sex": "XY", "family": "F1", "father": "P1",
                          "mother": "M1", "affected": "yes"}  # fmt: skip
    assert rows["M1"]["affected"] == "unknown"
    assert rows["P1"]["father"] is None


def test_phenopacket(tmp_path: Path) -> None:
    (row,) = read_phenopacket(_write(tmp_path, "x.json", CHILD)).rows
    assert row == {"patient": "C1", "sex": "XY", "diagnosis": "MONDO:7",
                   "hpo": "HP:0001250;!HP:0001642", "onset": None, "packet": "packet"}  # fmt: skip


@pytest.mark.parametrize(
    ("diseases", "features", "wanted"),
    [
        ([{"age": {"iso8601duration": "P3Y6M"}}], [], "P3Y6M"),
        ([{"ontologyClass": {"id": "HP:0003593", "label": "Infantile onset"}}], [], "HP:0003593"),
        ([], [{"age": {"iso8601duration": "P2M"}}] * 2, "P2M"),
        ([], [{"age": {"iso8601duration": "P2M"}}, {"age": {"iso8601duration": "P3M"}}], None),
        (
            [
                {
                    "ageRange": {
                        "start": {"iso8601duration": "P1Y"},
                        "end": {"iso8601duration": "P3Y"},
                    }
                }
            ],
            [],
            "P1Y/P3Y",
        ),
        ([{"gestationalAge": {"weeks": 24, "days": 3}}], [], "G24W3D"),
        ([{"gestationalAge": {"weeks": 24}}], [], "G24W"),
        ([{"gestationalAge": {"weeks": "24"}}], [], "refused"),
        ([{"age": {"iso8601duration": "PT5H"}}], [], "P0D"),
        ([{"timestamp": "2020-01-01T00:00:00Z"}], [], None),
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
        with pytest.raises(InputError, match=r"onset.*P3Y6M|object|weeks and days"):
            read_phenopacket(path)
        return
    assert read_phenopacket(path).rows[0]["onset"] == wanted
    family = {"id": "F", "proband": packet, "consanguinousParents": True}
    (row,) = read_phenopacket(_write(tmp_path, "f.json", family)).rows
    assert row["consanguinity"] == "yes"
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
    rows = {r["patient"]: r for r in read_phenopacket(_write(tmp_path, "f.json", packet)).rows}
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
        ("F1\tC1\t0\t0\tboy\t2\n", "line 1: sex.*'boy'"),
        ("F1\tC1\t0\t0\t1\tsick\n", "line 1: state.*'sick'"),
        ("F1\tC1\t0\t0\t1\t2\nF1\tC1\t0\t0\t1\t2\n", "line 2: each person once.*line 1"),
        ("Family ID Mother Father Sex Phenotype\nF1 C1 M P 1 2\n", "father in column 3"),
        ("#fam id mother father sex state\nF1 C1 M P 1 2\n", "line 1: father in column 3"),
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
        ({"subject": {"id": "C1", "sex": "male"}}, r"subject.sex: one of .*'male'"),
        ({"subject": {"id": "C1"}, "phenotypicFeatures": [
            {"type": {"id": "HP:0001250"}, "excluded": "true"}]}, "excluded: true or false"),
        ({"subject": {"id": "C1"}, "phenotypicFeatures": [
            {"type": {"id": "HP:0001250"}, "absent": True}]}, "found absent"),
        ({"subject": {"id": "C1"}, "phenotypicFeatures": [
            {"type": {"id": "HP:0001250"}, "excluded": True, "negated": False}]}, "say the same"),
        ({"subject": {"id": "C1"}, "metaData": {"phenopacketSchemaVersion": "3.0"}},
         "schema 1 or 2"),
        ('{"subject": {"id": "C1"}, "diseases": [], "diseases": []}', "diseases twice"),
        ({"id": "F", "proband": CHILD, "relatives": [CHILD]}, "each person once"),
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
        people(parts)
    assert "XY" in sheet(parts[0].rows)


def test_nulls_are_absent_and_bytes_are_refused(tmp_path: Path) -> None:
    packet = {"subject": {"id": "C1", "sex": None}, "phenotypicFeatures": None, "diseases": None}
    (row,) = read_phenopacket(_write(tmp_path, "x.json", packet)).rows
    assert row["sex"] == "unknown"
    assert [row[c] for c in ("diagnosis", "hpo", "onset", "packet")] == [None] * 4
    (tmp_path / "x.ped").write_bytes(b"F1\t\xff")
    with pytest.raises(InputError, match="byte 3: UTF-8 text"):
        read_ped(tmp_path / "x.ped")


def _case(name: str, *options: str, files: tuple[str, ...] = ("p.json",)) -> list[Row]:
    """Rows that the files of a case make."""
    read = [
        read_phenopacket(str(CASES / name / file)) if file.endswith(".json")
        else read_ped(str(CASES / name / file))
        for file in files
    ]  # fmt: skip
    return people(read, "rename" in options, "merge" in options)[0]


@pytest.mark.parametrize(
    ("case", "column", "wanted"),
    [
        ("phenopacket-v1-negated", "hpo", "!HP:0001250;HP:0000252"),
        ("phenopacket-rejected-diagnosis", "diagnosis", None),
        ("phenopacket-snake-case", "hpo", "HP:0000252"),
        ("phenopacket-snake-case", "diagnosis", "OMIM:101600"),
        ("phenopacket-subject-name-with-space", "patient", "Patient_1"),
        ("phenopacket-subject-name-with-space", "label", "Patient 1"),
    ],
)
def test_phenopackets_of_either_schema_and_spelling(
    case: str, column: str, wanted: str | None
) -> None:
    (row,) = _case(case)
    assert row.get(column) == wanted


def test_two_files_that_name_one_person_are_never_merged_unasked() -> None:
    case, files = "two-files-one-subject", ("a.json", "b.json")
    with pytest.raises(InputError, match=r"a\.json \(packet a\).*b\.json \(packet b\).*--rename"):
        _case(case, files=files)
    renamed = _case(case, "rename", files=files)
    assert [(r["patient"], r["label"]) for r in renamed] == [("a", "1"), ("b", "1")]
    (merged,) = _case(case, "merge", files=files)
    assert (merged["hpo"], merged["diagnosis"]) == ("HP:0001250", "OMIM:147791")


@pytest.mark.parametrize(
    "heading",
    ["Family\tID\tFather\tMother\tSex\tPhenotype", "fid iid paternal maternal gender state",
     "#fam id dad mum sex affected", ""],
)  # fmt: skip
def test_a_heading_of_a_ped_is_no_person(tmp_path: Path, heading: str) -> None:
    (row,) = _case("ped-header-without-hash", files=("f.ped",))
    assert (row["patient"], row["family"], row["affected"]) == ("C1", "F1", "yes")
    text = f"{heading}\nF1\tC1\t0\t0\tmale\taffected\n"
    (row,) = people([read_ped(_write(tmp_path, "x.ped", text))])[0]
    assert (row["patient"], row["sex"], row["affected"]) == ("C1", "XY", "yes")


def test_names_of_one_family_are_not_those_of_another(tmp_path: Path) -> None:
    """Names of a PED are unique within their family; parents are looked up there."""
    ped = "".join(
        f"{f}\tII:1\tI:1\tI:2\t1\t2\n{f}\tI:1\t\t\t1\t1\n{f}\tI:2\t\t\t2\t1\n" for f in ("A", "B")
    )
    read = [read_ped(_write(tmp_path, "x.ped", ped))]
    with pytest.raises(InputError, match=r"'II:1' in .*family A.*family B"):
        people(read)
    rows = {row["patient"]: row for row in people(read, rename=True)[0]}
    assert len(rows) == 6
    assert (rows["B_II_1"]["father"], rows["B_II_1"]["mother"]) == ("B_I_1", "B_I_2")
    assert rows["A_I_1"]["label"] == "I:1"


def test_names_that_become_one_are_refused_or_numbered(tmp_path: Path) -> None:
    ped = "F1\tP 1\t0\t0\t1\t2\nF1\tP:1\t0\t0\t2\t1\nF1\tP_1\t0\t0\t2\t1\n"
    read = [read_ped(_write(tmp_path, "x.ped", ped))]
    with pytest.raises(InputError, match=r"'P_1' and 'P 1'.*--rename"):
        people(read)
    assert [r["patient"] for r in people(read, rename=True)[0]] == ["P_1_2", "P_1_3", "P_1"]


@given(st.text(min_size=1, max_size=80))
def test_every_name_has_a_safe_one(name: str) -> None:
    safe = safe_name(name)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", safe)
    assert safe_name(safe) == safe


def test_what_is_not_taken_is_told(tmp_path: Path) -> None:
    packet = {
        "subject": {"id": "C1"},
        "phenotypicFeatures": [
            {"type": {"id": "NCIT:C3117"}},
            {"type": {"id": "HP:0001250"}},
            {"type": {"id": "HP:0001250"}, "excluded": True},
        ],
        "diseases": [{"term": {"id": "Orphanet:98"}}, {"term": {"id": "DOID:1"}}],
        "interpretations": [
            {"progressStatus": "IN_PROGRESS", "diagnosis": {"disease": {"id": "OMIM:1"}}},
            {"progressStatus": "SOLVED",
             "diagnosis": {"disease": {"id": "OMIM:2"},
                           "genomicInterpretations": [{"interpretationStatus": "REJECTED"}]}},
        ],
        "note": "x",
    }  # fmt: skip
    read = read_phenopacket(_write(tmp_path, "x.json", packet))
    (row,) = read.rows
    assert (row["hpo"], row["diagnosis"]) == ("HP:0001250", "ORPHA:98")
    told = " | ".join(read.notes)
    for word in ("NCIT:C3117", "DOID:1", "OMIM:1: an interpretation", "OMIM:2", "note", "observed"):
        assert word in told


def test_a_cohort_is_its_members(tmp_path: Path) -> None:
    members = [CHILD, {"id": "other", "subject": {"id": "C2"}}]
    read = read_phenopacket(_write(tmp_path, "x.json", {"id": "k", "members": members}))
    assert [row["patient"] for row in read.rows] == ["C1", "C2"]


def test_every_published_patient_is_read() -> None:
    """Each file alone, and all in one sheet that the workflow accepts."""
    paths = sorted(map(str, PUBLISHED.glob("*.json")))
    if not paths:
        pytest.skip(f"no published phenopackets at {PUBLISHED} (PEERS)")
    read = [read_phenopacket(path) for path in paths]
    for file in read:
        (row,) = people([file])[0]
        raw = json.loads(Path(file.path).read_text())
        terms = {("!" if f.get("excluded") else "") + f["type"]["id"]
                 for f in raw["phenotypicFeatures"]}  # fmt: skip
        assert set(str(row["hpo"]).split(";")) >= {t for t in terms if t[0] != "!"}
        assert row["diagnosis"] == raw["diseases"][0]["term"]["id"]
        assert row["sex"] == {"MALE": "XY", "FEMALE": "XX"}.get(raw["subject"]["sex"], "unknown")
    rows, _ = people(read, rename=True)
    assert len({row["patient"] for row in rows}) == len(paths)
