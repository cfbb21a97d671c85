"""The sheets: bytes, columns, cells, people. One thing is broken; one line says so."""

import contextlib
import tempfile
from pathlib import Path

import polars as pl
import pytest
from check_inputs import Run, valid_run
from hypothesis import given, settings
from hypothesis import strategies as st

from shirube.check.people import check_people
from shirube.check.problems import Outcome
from shirube.check.sheets import Row, check_sheet
from shirube.errors import ShirubeError
from shirube.sheet import read_patients, read_samples

_scratch = tempfile.TemporaryDirectory()
HEADER = "patient\tsex\tfamily\tfather\tmother"


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Run:
    return valid_run(tmp_path)


def said(tmp_path: Path, raw: bytes, name: str = "patients") -> list[str]:
    """Problem lines of one sheet, without its path."""
    path = tmp_path / f"{name}.tsv"
    path.write_bytes(raw)
    outcome = Outcome()
    check_sheet(path, name, outcome)
    return [str(problem).removeprefix(f"{path}: ") for problem in outcome.problems]


def family(*rows: str) -> list[str]:
    """Problem lines of a pedigree: rows of patient, sex, family, father, mother."""
    path = Path("p.tsv")
    cells = [dict(zip(HEADER.split("\t"), row.split(), strict=True)) for row in rows]
    outcome = Outcome()
    from_cells = [
        Row(number, {k: None if v == "." else v for k, v in row.items()})
        for number, row in enumerate(cells, 2)
    ]
    check_people(path, from_cells, Path("s.tsv"), [], outcome)
    return [str(problem).removeprefix("p.tsv: ") for problem in outcome.problems]


def test_valid_run_has_no_problem(run: Run) -> None:
    assert run.problems() == []
    assert run.notes == []


BYTES = {
    "bom": (b"\xef\xbb\xbfpatient\tsex\nA\tXX\n", "row 1: UTF-8 without a byte order mark"),
    "utf-16": ("patient\tsex\nA\tXX\n".encode("utf-16"), "row 1: text in UTF-8"),
    "shift-jis": ("patient\tsex\n患者\tXX\n".encode("shift-jis"), "row 2: text in UTF-8"),
    "crlf": (b"patient\tsex\r\nA\tXX\r\n", "row 1: Unix line ends (\\n), found 2 of another kind"),
    "empty": (b"", "a header and at least one row, found an empty file"),
    "header only": (b"patient\tsex\n", "at least one row below the header"),
    "blank row": (b"patient\tsex\n\nA\tXX\n", "row 2: no empty row"),
    "short row": (b"patient\tsex\nA\n", "row 2: 2 tab-separated cells as in the header, found 1"),
    "long row": (b"patient\tsex\nA\tXX\tx\n", "row 2: 2 tab-separated cells as in the header"),
    "quotes": (b'patient\tsex\n"A"\tXX\n', "row 2, column patient: no quotation marks"),
    "space": (b"patient\tsex\nA\tXX \n", "row 2, column sex: no space at either end, found 'XX '"),
    "no sex": (b"patient\tfamily\nA\tF\n", "row 1: a column sex"),
    "typo": (b"patient\tsex\tfahter\nA\tXX\t\n", "found 'fahter' (did you mean father?)"),
    "other": (b"patient\tsex\tzzz\nA\tXX\t\n", "a known column, found 'zzz'; known: patient, sex"),
    "twice": (b"patient\tsex\tsex\nA\tXX\tXX\n", "column 3: each column once, found 'sex' again"),
    "same patient": (b"patient\tsex\nA\tXX\nA\tXX\n", "row 3, column patient: each patient once"),
    "commas": (b"patient,sex\nA,XX\n", "row 1: columns parted by tabs, found ','"),
    "null sex": (
        b"patient\tsex\nA\t\n",
        "column sex: one of XX, XY, unknown; found nothing",
    ),
    "male": (b"patient\tsex\nA\tmale\n", "column sex: one of XX, XY, unknown; found 'male'"),
    "nul": (b"patient\tsex\nA\x00B\tXX\n", "column patient: a name of 1 to 64 letters"),
}


@pytest.mark.parametrize("name", BYTES)
def test_sheet_is_refused(name: str, tmp_path: Path) -> None:
    raw, expected = BYTES[name]
    assert any(expected in line for line in said(tmp_path, raw)), said(tmp_path, raw)


@pytest.mark.parametrize("name", ["space", "male", "null sex", "twice", "quotes"])
def test_only_the_broken_thing_is_said(name: str, tmp_path: Path) -> None:
    assert len(said(tmp_path, BYTES[name][0])) == 1


HOSTILE = [
    "a b",
    "a;b",
    "$(id)",
    "`id`",
    "../a",
    "-rf",
    "a\tb",
    "a'b",
    "é",
    "患者",
    "a" * 65,
    "{a}",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_unsafe_name_is_refused(name: str, run: Run) -> None:
    run.person("P2")["family"] = name
    assert any("patients.tsv: row 3" in line for line in run.problems())


PATHS = ["a;b.bam", "$(id).bam", "`id`.bam", "-a.bam", "a'b.bam", "a|b.bam", "a*.bam", "~/a.bam"]
PATHS += ["s3://bucket/a.bam", "a&b.bam", "{sample}.bam", "a>b.bam", "a\x07.bam", "a\u2028b.bam"]


@pytest.mark.parametrize("path", PATHS)
def test_unsafe_path_is_refused_though_it_exists(path: str, run: Run) -> None:
    if "/" not in path:
        (run.folder / path).write_bytes((run.folder / "P2_normal.bam").read_bytes())
    run.samples[2]["path"] = path
    lines = run.problems()
    assert lines
    assert all("row 4, column path: a local path without control" in x for x in lines), lines


@pytest.mark.parametrize("path", ["a b.bam", "患者.bam", "a@b+c=d,e%f.bam", "x/../a:b.bam"])
def test_plain_path_is_accepted(path: str, run: Run) -> None:
    (run.folder / "x").mkdir()
    for ending in ("", ".bai"):
        (run.folder / "P2_normal.bam").with_suffix(f".bam{ending}").rename(
            run.folder / (path + ending)
        )
    run.samples[2]["path"] = path
    assert run.problems() == []


DISEASE = "an OncoTree code such as LUAD, or a disease: MONDO: or NANDO: and 7 digits, OMIM: and 6"
TERMS = {
    ("hpo", "HP:12"): "HPO terms such as HP:0001250",
    ("hpo", "HP:0001250,HP:0001251"): "HPO terms such as HP:0001250",
    ("diagnosis", "luad"): "an OncoTree code such as LUAD",
    ("diagnosis", "MONDO:"): "an OncoTree code such as LUAD",
    ("diagnosis", "MONDO:123"): DISEASE,
    ("diagnosis", "OMIM:16395"): DISEASE,
    ("consent_cohort", "maybe"): "one of yes, no, empty",
    ("programme", "other"): "one of cancer, rare, control, empty",
    ("affected", "1"): "one of yes, no, unknown, empty",
    ("stratum_ward", "a b"): "a stratum of 1 to 64",
}


@pytest.mark.parametrize(("column", "value"), TERMS)
def test_cell_is_refused(column: str, value: str, run: Run) -> None:
    run.person("P1")[column] = value
    (line,) = run.problems()
    assert line.startswith(f"patients.tsv: row 2, column {column}: {TERMS[column, value]}")
    assert line.endswith(f"found '{value}'")


@pytest.mark.parametrize("hpo", ["HP:0001250", "HP:0001250;!HP:0001251"])
def test_cell_is_accepted(hpo: str, run: Run) -> None:
    run.person("P1") | {"hpo": hpo, "diagnosis": "MONDO:0005233", "stratum_ward": "a-1"}
    run.person("P1")["hpo"] = hpo
    assert run.problems() == []


FAMILIES = {
    "valid": (["C XX F A B", "A XY F . .", "B XX F . ."], []),
    "unknown": (["C XX . Z ."], ["row 2, column father: a patient of this sheet, found 'Z'"]),
    "close": (["C XX . DAD1 .", "DAD XY . . ."], ["found 'DAD1' (did you mean DAD?)"]),
    "father XX": (["C XX . A .", "A XX . . ."], ["column father: a male (XY) father; A is XX"]),
    "mother XY": (["C XX . . A", "A XY . . ."], ["column mother: a female (XX) mother; A is XY"]),
    "unsure": (["C XX . A .", "A unknown . . ."], ["a male (XY) father; A is unknown"]),
    "self": (["A XY . A ."], ["row 2, column father: another person than 'A' itself"]),
    "same": (["C XX . A A", "A XY . . ."], ["a female (XX)", "another person than the father"]),
    "cycle": (
        ["A XY . B .", "B XY . A ."],
        ["row 2: no one to be their own ancestor: A -> B"],
    ),
    "below a cycle": (["X XX . A .", "A XY . B .", "B XY . A ."], ["ancestor: A -> B -> A"]),
    "other family": (
        ["C XX F A .", "A XY G . ."],
        ["of the same family; A is of family G, not F"],
    ),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_pedigree(name: str) -> None:
    rows, expected = FAMILIES[name]
    lines = family(*rows)
    assert len(lines) == len(expected), lines
    assert all(want in line for want, line in zip(expected, lines, strict=True)), lines


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=9))
def test_pedigree_ring_is_found_exactly_when_there_is_one(parents: list[tuple[int, int]]) -> None:
    """Compared with peeling off, again and again, everyone who has no parent left."""
    rows = [f"P{i} XX . P{father} P{mother}" for i, (father, mother) in enumerate(parents)]
    left = {i: {p for p in pair if p < len(parents)} - {i} for i, pair in enumerate(parents)}
    while leaves := [i for i, above in left.items() if not above & set(left)]:
        for leaf in leaves:
            del left[leaf]
    assert any("own ancestor" in line for line in family(*rows)) == bool(left)


def test_sample_of_no_one(run: Run) -> None:
    run.samples[2]["patient"] = "P22"
    lines = run.problems()
    assert lines == [
        "samples.tsv: row 4, column patient: a patient of patients.tsv, found 'P22' "
        "(did you mean P2?)",
        "patients.tsv: row 3, column patient: at least one sample of 'P2' in samples.tsv",
    ]


def test_a_parent_needs_no_sample(run: Run) -> None:
    """Siblings are told by parents who need not be sequenced; they have no report."""
    run.samples[2]["patient"] = "P1"
    run.samples = run.samples[:2]
    run.patients[0] |= {"family": "F", "mother": "P2"}
    run.patients[1] |= {"family": "F", "sex": "XX"}
    assert run.problems() == []
    assert run.notes == ["P2: no sample; known as a parent only, without a report"]


def test_second_tumour(run: Run) -> None:
    run.samples[0]["kind"] = "tumour"
    (line,) = run.problems()
    assert line.endswith("row 3, column kind: one tumour a patient; P1 has 'P1_normal' already")


def test_tumour_without_normal_is_announced(run: Run) -> None:
    del run.samples[0]
    assert run.problems() == []
    assert len(run.notes) == 1
    assert run.notes[0].startswith("P1: tumour without normal: tumour-only calling")


def test_unknown_sex_needs_a_run_without_x(run: Run) -> None:
    run.person("P2")["sex"] = "unknown"
    (line,) = run.problems()
    assert line == "patients.tsv: row 3, column sex: XX or XY: chrX is in the run, found unknown"
    run.config["regions"] = "chr20.bed"
    (run.folder / "chr20.bed").write_text("chr20\t0\t3000\n")
    assert run.problems() == []


def test_same_sample_twice(run: Run) -> None:
    run.samples[1]["sample"] = "P1_normal"
    assert any("each sample once, found 'P1_normal' in row 2 too" in x for x in run.problems())


@pytest.mark.parametrize(
    ("sheet", "column"), [("patients", "patient"), ("samples", "patient"), ("samples", "sample")]
)
def test_a_sheet_without_its_names_is_told_in_lines(sheet: str, column: str, run: Run) -> None:
    run.write()
    path = run.folder / f"{sheet}.tsv"
    path.write_text(path.read_text().replace(f"{column}\t", f"\x00{column[1:]}\t", 1))
    assert any(sheet in line for line in run.lines())


def test_stratum_without_column(run: Run) -> None:
    run.config["cohort"]["strata"] = ["sex", "stratum_area"]
    (line,) = run.problems()
    assert line.startswith("config.yaml: key cohort.strata, stratum_area: a column of patients.tsv")


_CELLS = st.text(st.sampled_from(list("AX1\t\n\r\"'. ;-_é\ufeff\x00\x85")), max_size=60)


@settings(max_examples=300, deadline=None)
@given(st.one_of(_CELLS, st.text(max_size=80)), st.sampled_from(["patients", "samples"]))
def test_any_text_is_read_or_refused(text: str, name: str) -> None:
    """No traceback; and what is accepted here, the workflow reads as the same cells."""
    header = {"patients": "patient\tsex\n", "samples": "sample\tpatient\tkind\tpath\n"}[name]
    for content in (text, header + text):
        path = Path(_scratch.name) / "sheet.tsv"
        path.write_bytes(content.encode("utf-8", "surrogatepass"))
        outcome = Outcome()
        rows = check_sheet(path, name, outcome)
        assert all(len(str(problem).splitlines()) == 1 for problem in outcome.problems)
        read = {"patients": read_patients, "samples": read_samples}[name]
        if not outcome.problems:
            table = read(path)
            assert [row.cells for row in rows] == table.select(list(rows[0].cells)).to_dicts()
        else:
            with contextlib.suppress(ShirubeError):
                assert isinstance(read(path), pl.DataFrame)
