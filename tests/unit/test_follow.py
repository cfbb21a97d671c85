"""A known list of changes counted in other reads: present, not seen with its limit, or not told."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from sam_files import sequence, tiled, write_bam, write_reference

from shirube.cancer.follow import PRESENT, counted, error_rate, followed, listed, pattern, together
from shirube.contracts import CALLS, FINDINGS, MEMBERS, write
from shirube.report.figures.timeline import timeline

BASES = sequence(3000, 7)
SPOTS = (400, 800, 1200, 1600, 2000)  # 0-based
OTHER = {"A": "C", "C": "G", "G": "T", "T": "A"}
DEPTH = 200


def changes() -> pl.DataFrame:
    rows = [("chr1", at + 1, BASES[at], OTHER[BASES[at]], f"f{at}", "snv") for at in SPOTS]
    rows.append(("chr1", 2401, BASES[2400:2402], "NN"[:0] + OTHER[BASES[2400]] * 2, "mnv", "mnv"))
    names = ("chrom", "pos", "ref", "alt", "finding", "kind")
    full = [{**dict.fromkeys(FINDINGS.schema), **dict(zip(names, row, strict=True)),
             "section": "somatic", "name": row[4]} for row in rows]  # fmt: skip
    return FINDINGS.table(pl.DataFrame(full, schema=FINDINGS.polars, orient="row"))


def reads(
    tmp_path: Path, name: str, planted: dict[int, int], depth: int = DEPTH, errors: float = 0.0
) -> str:
    """Reads of the reference, `planted` of those over each spot with the change, errors drawn."""
    rng, out, left = np.random.default_rng(len(name)), [], dict(planted)
    for line in tiled("chr1", BASES, depth):
        fields = line.split("\t")
        start, text = int(fields[3]) - 1, list(fields[9])
        for spot, count in left.items():
            if count and start <= spot < start + len(text):
                text[spot - start] = OTHER[BASES[spot]]
                left[spot] = count - 1
        for at in np.flatnonzero(rng.random(len(text)) < errors):
            text[at] = str(rng.choice([b for b in "ACGT" if b != text[at]]))
        fields[9] = "".join(text)
        out.append("\t".join(fields))
    return write_bam(tmp_path / f"{name}.bam", {"chr1": BASES}, out)


@pytest.fixture
def reference(tmp_path: Path) -> str:
    return write_reference(tmp_path / "r.fa", {"chr1": BASES})


def test_what_is_seen_is_present_and_the_rest_has_a_limit(tmp_path: Path, reference: str) -> None:
    path = reads(tmp_path, "plasma", {400: 5, 800: 8, 1200: 60})
    table = counted(listed(changes()), path, reference, 20, 20)
    found = {row["finding"]: row for row in table.rows(named=True)}
    assert [found[f"f{at}"]["reads"] for at in SPOTS] == [5, 8, 60, 0, 0]
    assert [found[f"f{at}"]["state"] for at in SPOTS] == [*(["present"] * 3), *(["not_seen"] * 2)]
    assert found["f1600"]["vaf"] == 0.0
    assert 0 < found["f1600"]["vaf_high"] < 0.02
    assert (found["mnv"]["state"], found["mnv"]["reads"]) == ("not_assessable", None)


def test_errors_of_the_reads_are_measured_and_not_called(tmp_path: Path, reference: str) -> None:
    """At an error rate of 2% two or three reads with a change are what errors make."""
    noisy = reads(tmp_path, "noisy", {400: 2, 800: 40}, errors=0.02)
    table = counted(listed(changes()), noisy, reference, 20, 20)
    states = dict(table.select("finding", "state").rows())
    assert states["f800"] == "present"
    assert [states[f"f{at}"] for at in (400, 1200, 1600, 2000)] == ["not_seen"] * 4


def test_nothing_planted_is_nothing_present(tmp_path: Path, reference: str) -> None:
    present = 0
    for n in range(8):
        path = reads(tmp_path, "n" * (n + 1), {}, errors=0.005)
        table = counted(listed(changes()), path, reference, 20, 20)
        present += table.filter(state=PRESENT).height
    assert present == 0


def test_all_changes_together_tell_what_none_does_alone(tmp_path: Path, reference: str) -> None:
    path = reads(tmp_path, "trace", dict.fromkeys(SPOTS, 1), errors=0.0005)
    table = followed(listed(changes()), {"trace": path}, reference, 20, 20)
    told = together(table, "trace")
    assert (told["changes"], told["reads"] >= 5) == (5, True)
    assert told["chance"] < 0.1
    empty = followed(listed(changes()), {"none": reads(tmp_path, "none", {})}, reference, 20, 20)
    assert together(empty, "none")["chance"] == 1.0


def test_shared_and_private_changes_of_two_samples(tmp_path: Path, reference: str) -> None:
    one = reads(tmp_path, "primary", {400: 60, 800: 60, 1200: 4})
    two = reads(tmp_path, "relapse", {400: 40, 2000: 50})
    table = followed(listed(changes()), {"primary": one, "relapse": two}, reference, 20, 20)
    found = dict(table.select("finding", "pattern").rows())
    assert found == {
        "f400": "shared", "f800": "private", "f1200": "unclear", "f1600": "unclear",
        "f2000": "private", "mnv": "unclear",
    }  # fmt: skip
    assert table.height == 12


@pytest.mark.parametrize(
    ("states", "wanted"),
    [
        ([("present", 0.3, 0.2, 0.4), ("present", 0.1, 0.05, 0.2)], "shared"),
        ([("present", 0.3, 0.2, 0.4), ("not_seen", 0.0, 0.0, 0.1)], "private"),
        ([("present", 0.3, 0.2, 0.4), ("not_seen", 0.0, 0.0, 0.25)], "unclear"),
        ([("present", 0.3, 0.2, 0.4), ("not_assessable", None, 0.0, 1.0)], "unclear"),
        ([("not_seen", 0.0, 0.0, 0.1)], "unclear"),
    ],
)
def test_patterns(states: list[tuple[str, float | None, float, float]], wanted: str) -> None:
    assert pattern({str(n): one for n, one in enumerate(states)}) == wanted


def test_a_rate_of_errors_is_never_zero() -> None:
    none = pl.DataFrame({"ad": [0], "dp": [10**6]})
    assert error_rate(none) == pytest.approx(1e-4)
    assert error_rate(none.clear()) == pytest.approx(1e-3)


def test_the_picture_tells_present_from_a_limit_and_draws_nothing_unknown() -> None:
    """One change goes below what is seen, one is not assessable at the second sample."""
    seen = {"vaf_low": 0.2, "vaf_high": 0.4, "vaf": 0.3, "state": "present"}
    limit = {"vaf_low": 0.0, "vaf_high": 0.01, "vaf": 0.0, "state": "not_seen"}
    unknown = {"vaf_low": 0.0, "vaf_high": 1.0, "vaf": None, "state": "not_assessable"}
    rows = [
        {"finding": "a", "name": "TP53 p.Arg273His", "pattern": "private", "sample": "T1", **seen},
        {"finding": "b", "name": "<b>", "pattern": "unclear", "sample": "T1", **seen},
        {"finding": "a", "name": "TP53 p.Arg273His", "pattern": "private", "sample": "T2", **limit},
        {"finding": "b", "name": "<b>", "pattern": "unclear", "sample": "T2", **unknown},
    ]
    svg = timeline(pl.DataFrame(rows), ["T1", "T2"]).svg()
    dots = re.findall(r'<circle[^>]*cx="([\d.]+)"[^>]*', svg)
    assert len(dots) == 2 + 3  # two present at T1, three in the legend
    assert svg.count("v7") == 1
    assert "TP53 p.Arg273His" in svg
    assert "<b>" not in svg  # its last sample is unknown: no name stands beside it
    assert ElementTree.fromstring(svg).tag.endswith("svg")


def test_the_command_writes_the_list_and_says_what_it_amounts_to(
    tmp_path: Path, reference: str
) -> None:
    write(changes(), FINDINGS, tmp_path / "p.parquet")
    path = reads(tmp_path, "plasma", {400: 10})
    command = [sys.executable, "-m", "shirube.cli.main", "follow", "--findings",
               tmp_path / "p.parquet", "--reference", reference]  # fmt: skip
    figure = tmp_path / "late.svg"
    done = subprocess.run([*command, "--reads", f"late={path}", "--figure", figure, "--language",
                           "ja"], capture_output=True, text=True, check=True)  # fmt: skip
    assert "アレル頻度" in figure.read_text(encoding="utf-8")
    lines = done.stdout.splitlines()
    assert len(lines) == 7
    assert "late" in lines[1]
    assert "late: 1 of 5 changes present" in done.stderr
    for wrong in (path, f"={path}", "late=nowhere.bam"):
        fault = subprocess.run([*command, "--reads", wrong], capture_output=True, text=True,
                               check=False)  # fmt: skip
        assert fault.returncode == 1
        assert "reads" in fault.stderr


@pytest.mark.parametrize(
    ("sites", "theirs", "given", "said"),
    [
        (60, 60, True, "the patient's reads: 100.0% of 60"),
        (60, 57, True, "the patient's reads: 95.0% of 60"),
        (60, 36, True, None),  # another person
        (15, 15, True, "cannot be told: 15 sites"),
        (60, 60, False, "not checked: no germline calls"),
    ],
)
def test_reads_of_another_person_are_refused(
    tmp_path: Path, reference: str, sites: int, theirs: int, given: bool, said: str | None
) -> None:
    spots = [20 + 47 * n for n in range(sites)]
    results = tmp_path / "results"
    for name in ("findings", "germline", "cohort"):
        (results / name).mkdir(parents=True)
    write(changes(), FINDINGS, results / "findings" / "P.parquet")
    rows = [
        {**dict.fromkeys(CALLS.schema), "chrom": "chr1", "pos": at + 1, "ref": BASES[at],
         "alt": OTHER[BASES[at]], "filter": "PASS", "dosage": 2, "ploidy": 2, "ad_ref": 0,
         "ad_alt": 30}
        for at in spots
    ]  # fmt: skip
    calls = CALLS.table(pl.DataFrame(rows, schema=CALLS.polars, orient="row"))
    if given:
        write(calls, CALLS, results / "germline" / "N.parquet")
    member = {**dict.fromkeys(MEMBERS.schema), "sample": "N", "patient": "P", "counted": True}
    table = pl.DataFrame([member], schema=MEMBERS.polars, orient="row")
    write(MEMBERS.table(table), MEMBERS, results / "cohort" / "members.parquet")
    path = reads(tmp_path, "late", dict.fromkeys(spots[:theirs], 10**6))
    command = [sys.executable, "-m", "shirube.cli.main", "follow", "--findings",
               results / "findings" / "P.parquet", "--reference", reference,
               "--reads", f"late={path}"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if said is None:
        assert (done.returncode, done.stdout) == (1, "")
        assert "late.bam" in done.stderr
        assert "reads of the patient" in done.stderr
        assert "60.0% of 60" in done.stderr
    else:
        assert done.returncode == 0, done.stderr
        assert said in done.stderr


@pytest.mark.parametrize("missing", ["findings", "reference", "index"])
def test_a_missing_file_is_named(tmp_path: Path, reference: str, missing: str) -> None:
    write(changes(), FINDINGS, tmp_path / "p.parquet")
    path = reads(tmp_path, "late", {})
    files = {"findings": tmp_path / "p.parquet", "reference": Path(reference),
             "index": Path(f"{reference}.fai")}  # fmt: skip
    files[missing].unlink()
    command = [sys.executable, "-m", "shirube.cli.main", "follow", "--findings",
               files["findings"], "--reference", reference, "--reads", f"late={path}"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert str(files[missing]) in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
