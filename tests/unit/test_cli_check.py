"""`shirube check` as a command: everything at once, status, nothing written."""

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from check_inputs import Run, valid_run, write_reads, write_variants

from shirube.check.run import check_run
from shirube.cli import main as cli


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Run:
    return valid_run(tmp_path / "run")


def test_good_run(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.write()
    folder = str(run.folder)
    assert cli.main(["check", "--directory", folder, "--config", f"{folder}/config.yaml"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.splitlines() == [
        "people: 2",
        "samples: 3 (2 normal, 1 tumour; 3 BAM)",
        "reference: ref.fa (artificial)",
        "regions: whole reference, 3 intervals, 9,000 bases on chr1, chr20, chrX",
        "engines: " + ", ".join(f"{stage} {name}" for stage, name in run.config["engines"].items()),
        "knowledge: none configured: nothing is annotated with it",
        "shirube check: no problem found",
    ]


def test_default_configuration_lies_in_the_directory(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run.write()
    (run.folder / "config").mkdir()
    (run.folder / "config.yaml").rename(run.folder / "config" / "config.yaml")
    assert cli.main(["check", "--directory", str(run.folder)]) == 0


def test_no_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--directory", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err.endswith("none: a directory (--directory)\n")


def test_everything_wrong_at_once(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A directory of many problems: each is there, one line each, and nothing is written."""
    folder = run.folder
    run.config["calling"]["min_mapqq"] = 1
    run.config["report"]["languages"] = ["fr"]
    run.config["knowledge"] = {"clinvar": {"path": "absent.vcf.gz"}}
    run.patients += [
        {"patient": "P3", "sex": "male", "father": "P1"},
        {"patient": "P4", "sex": "unknown", "hpo": "HP:1"},
        {"patient": "P5", "sex": "XY", "father": "P6", "family": "F;rm -rf"},
        {"patient": "P6", "sex": "XY", "father": "P5", "diagnosis": "luad"},
        {"patient": "P7", "sex": "XX"},
    ]
    run.add("P1", "P1_tumour.bam", "tumour", sample="P1_again")
    run.add("P3", "absent.bam")
    write_reads(folder / "noindex.bam", "P4_normal", index=False)
    run.add("P4", "noindex.bam")
    cut = write_reads(folder / "cut.bam", "P5_normal", seed=5)
    cut.write_bytes(cut.read_bytes()[:-9])
    run.add("P5", "cut.bam", callable="absent.bed")
    write_variants(folder / "p6.vcf.gz", "OTHER", {"20": 3000}, [], index=False)
    run.add("P6", "p6.vcf.gz")
    shutil.copy(folder / "P2_normal.bam", folder / "copy.bam")
    shutil.copy(folder / "P2_normal.bam.bai", folder / "copy.bam.bai")
    run.add("P7", "copy.bam", sample_in_file="P2_normal")
    run.add("P8", "$(reboot).bam", kind="tumor")
    run.patients.pop()
    expected = [
        "config.yaml: key calling.min_mapqq: a known key (did you mean min_mapq?)",
        "config.yaml: key report.languages.0: one of ja, en; found 'fr'",
        "config.yaml: key knowledge.clinvar.path: a file to read, found 'absent.vcf.gz'",
        "patients.tsv: row 4, column sex: one of XX, XY, unknown; found 'male'",
        "patients.tsv: row 4, column father: a male (XY) father; P1 is XX",
        "patients.tsv: row 5, column hpo: HPO terms",
        "patients.tsv: row 5, column sex: XX or XY: chrX is in the run, found unknown",
        "patients.tsv: row 6, column family: a name of 1 to 64 letters",
        "patients.tsv: row 6, column father: a father of the same family",
        "patients.tsv: row 7, column father: a father of the same family",
        "patients.tsv: row 6: no one to be their own ancestor: P5 -> P6 -> P5",
        "patients.tsv: row 7, column diagnosis: an OncoTree code",
        "samples.tsv: row 5, column kind: one tumour a patient; P1 has 'P1_tumour' already",
        "samples.tsv: row 5, column path: each file once, found that of 'P1_tumour' again",
        "samples.tsv: row 5, column sample: the SM of P1_tumour.bam's @RG",
        "samples.tsv: row 6, column path: a file to read, found 'absent.bam'",
        "noindex.bam: an index beside it; make it: samtools index noindex.bam",
        "cut.bam: the block that ends a whole file: it is truncated",
        "samples.tsv: row 8, column callable: nothing: callable intervals are given with a VCF",
        "samples.tsv: row 8, column callable: a file to read, found 'absent.bed'",
        "samples.tsv: row 9, column sample: a sample column of p6.vcf.gz",
        "p6.vcf.gz: an index beside it",
        "samples.tsv: row 10, column path: data of its own",
        "samples.tsv: row 11, column kind: one of normal, tumour; found 'tumor'",
        "samples.tsv: row 11, column path: a local path without control characters",
        "samples.tsv: row 11, column patient: a patient of patients.tsv, found 'P8'",
    ]
    lines = run.problems()
    missing = [want for want in expected if not any(line.startswith(want) for line in lines)]
    assert missing == []
    extra = [line for line in lines if not any(line.startswith(want) for want in expected)]
    assert extra == []
    assert cli.main(["check", "--directory", str(folder), "--config", str(folder / "config.yaml")])
    said = capsys.readouterr()
    assert said.err.replace(f"{folder}/config.yaml", "config.yaml").splitlines() == [
        *lines,
        f"shirube check: {len(lines)} problems; nothing was run",
    ]


def test_installed_command_ends_with_status_1(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "shirube.cli.main", "check", "--directory", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "config/config.yaml: a configuration file to read (--config, --directory)",
        "shirube check: 1 problem; nothing was run",
    ]
    assert not list(tmp_path.iterdir())


def test_a_cohort_read_by_several_processes_says_the_same(run: Run) -> None:
    """Enough samples for processes to be started; problems in the order of the sheet."""
    for number in range(45):
        name = f"C{number}_normal"
        write_reads(run.folder / f"{name}.bam", name, seed=100 + number, index=number % 9 != 0)
        run.add(f"C{number}", f"{name}.bam")
    shutil.copy(run.folder / "C44_normal.bam", run.folder / "copy.bam")
    shutil.copy(run.folder / "C44_normal.bam.bai", run.folder / "copy.bam.bai")
    run.add("D", "copy.bam", sample_in_file="C44_normal")
    run.write()
    with contextlib.chdir(run.folder):
        one, two = (check_run(Path("config.yaml"), number).outcome for number in (1, 2))
    assert [str(x) for x in one.problems] == [str(x) for x in two.problems]
    assert one.notes == two.notes
    assert len(one.problems) == 6
    assert "data of its own" in str(one.problems[-1])
