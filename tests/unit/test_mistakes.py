"""Typical mistakes in setting up a run: each is named with file, place and remedy, before any job.

A mistake changes one thing of a valid run; `shirube check` must say at most three lines, the
first of which names the file, where in it, and what to do.
"""

import gzip
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pysam
import pytest
from check_inputs import Run, valid_run, write_reads, write_variants

Change = Callable[[Run], None]
MOST_LINES = 3


def _cell(sheet: str, row: int, column: str, value: str) -> Change:
    return lambda run: getattr(run, sheet)[row].update({column: value})


def _raw(name: str, change: Callable[[bytes], bytes]) -> Change:
    """The bytes of a sheet or of the configuration, changed after it was written."""

    def act(run: Run) -> None:
        run.write()
        path = run.folder / name
        path.write_bytes(change(path.read_bytes()))

    return act


def _setting(keys: str, value: object) -> Change:
    def act(run: Run) -> None:
        *above, last = keys.split(".")
        place = run.config
        for key in above:
            place = place[key]
        place[last] = value

    return act


def _renamed(old: str, new: str) -> Change:
    return lambda run: run.config.update({new: run.config.pop(old)})


def _reads(name: str = "P2_normal.bam", sample: str = "P2_normal", **how: object) -> Change:
    return lambda run: (write_reads(run.folder / name, sample, **how), None)[1]  # type: ignore[arg-type]


def _older_index(run: Run) -> None:
    os.utime(run.folder / "P2_normal.bam.bai", (1, 1))


def _cut(run: Run) -> None:
    path = run.folder / "P2_normal.bam"
    path.write_bytes(path.read_bytes()[:-40])
    os.utime(run.folder / "P2_normal.bam.bai")


def _without(name: str) -> Change:
    return lambda run: (run.folder / name).unlink()


def _gzip_reference(run: Run) -> None:
    packed = run.folder / "ref.fa.gz"
    packed.write_bytes(gzip.compress((run.folder / "ref.fa").read_bytes()))
    run.config["reference"]["fasta"] = "ref.fa.gz"


def _bed(text: str) -> Change:
    def act(run: Run) -> None:
        (run.folder / "regions.bed").write_text(text)
        run.config["regions"] = "regions.bed"

    return act


def _variants(**how: object) -> Change:
    def act(run: Run) -> None:
        write_variants(run.folder / "P3.vcf.gz", "P3_normal", **how)  # type: ignore[arg-type]
        run.add("P3", "P3.vcf.gz")

    return act


def _plain_vcf(run: Run) -> None:
    write_variants(run.folder / "P3.vcf.gz", "P3_normal", index=False)
    with pysam.BGZFile(str(run.folder / "P3.vcf.gz")) as packed:
        (run.folder / "P3.vcf").write_bytes(packed.read())
    run.add("P3", "P3.vcf")


def _twice(run: Run) -> None:
    run.samples[1]["path"] = run.samples[0]["path"]
    run.samples[1]["sample_in_file"] = "P1_normal"


def _swapped(run: Run) -> None:
    """Two people's files under each other's sample, each with the name it has inside."""
    one, other = run.samples[0], run.samples[2]
    one["path"], other["path"] = other["path"], one["path"]
    one["sample_in_file"], other["sample_in_file"] = other["sample"], one["sample"]


def _copied(run: Run) -> None:
    shutil.copy(run.folder / "P1_normal.bam", run.folder / "P2_normal.bam")
    shutil.copy(run.folder / "P1_normal.bam.bai", run.folder / "P2_normal.bam.bai")
    run.samples[2]["sample_in_file"] = "P1_normal"


def _source(name: str, **entry: object) -> Change:
    return lambda run: run.config.update(
        knowledge={name: {"path": "k.tsv", "version": "1", "licence": "CC0", **entry}}
    )


def _changed_source(run: Run) -> None:
    (run.folder / "k.tsv").write_text("gene\n")
    _source("intogen", sha256="0" * 64)(run)


def _lines_of_windows(raw: bytes) -> bytes:
    return raw.replace(b"\n", b"\r\n")


OTHER = {"1": 4000, "20": 3000, "X": 2000}
# What was done wrong -> the change, the file the line begins with, where in it, the remedy.
MISTAKES: dict[str, tuple[Change, str, str, str]] = {
    "a sheet saved by Excel as UTF-8": (
        _raw("patients.tsv", lambda raw: b"\xef\xbb\xbf" + raw),
        "patients.tsv",
        "row 1",
        "sed -i",
    ),
    "a sheet saved with commas": (
        _raw("samples.tsv", lambda raw: raw.replace(b"\t", b",")),
        "samples.tsv",
        "row 1",
        "tab-separated",
    ),
    "a sheet with Windows line ends": (
        _raw("samples.tsv", _lines_of_windows),
        "samples.tsv",
        "row 1",
        "sed -i",
    ),
    "a sheet in Shift-JIS": (
        _raw("patients.tsv", lambda raw: raw + "患者\tXX\n".encode("shift-jis")),
        "patients.tsv",
        "row 4",
        "save the sheet as UTF-8",
    ),
    "a space behind a value": (
        _cell("patients", 1, "sex", "XY "),
        "patients.tsv",
        "row 3, column sex",
        "no space at either end",
    ),
    "sex as a word": (
        _cell("patients", 1, "sex", "男性"),
        "patients.tsv",
        "row 3, column sex",
        "did you mean XY?",
    ),
    "a column misspelt": (
        _cell("patients", 0, "diagnoses", "LUAD"),
        "patients.tsv",
        "row 1",
        "did you mean diagnosis?",
    ),
    "consent as a word": (
        _cell("patients", 0, "consent_cohort", "はい"),
        "patients.tsv",
        "row 2, column consent_cohort",
        "did you mean yes?",
    ),
    "a sample of nobody": (
        _cell("samples", 2, "patient", "P9"),
        "samples.tsv",
        "row 4, column patient",
        "a patient of patients.tsv",
    ),
    "a name with a space": (
        _cell("patients", 1, "patient", "P 2"),
        "patients.tsv",
        "row 3, column patient",
        "letters, digits, - and _",
    ),
    "a parent who is not there": (
        _cell("patients", 0, "father", "P7"),
        "patients.tsv",
        "row 2, column father",
        "a patient of this sheet",
    ),
    "a mother who is XY": (
        _cell("patients", 0, "mother", "P2"),
        "patients.tsv",
        "row 2, column mother",
        "P2 is XY",
    ),
    "a phenotype term cut short": (
        _cell("patients", 0, "hpo", "HP:000125"),
        "patients.tsv",
        "row 2, column hpo",
        "HP:0001250",
    ),
    "a column of another pipeline": (
        _cell("patients", 0, "birth_date", "1980/01/02"),
        "patients.tsv",
        "row 1, column 3",
        "known: patient, sex",
    ),
    "a path that is wrong": (
        _cell("samples", 2, "path", "P2.bam"),
        "samples.tsv",
        "row 4, column path",
        "does not exist",
    ),
    "one file for two samples": (_twice, "samples.tsv", "row 3", "found that of 'P1_normal'"),
    "one person's reads under two names": (_copied, "samples.tsv", "row 4", "P1_normal.bam"),
    "reads without an index": (
        _without("P2_normal.bam.bai"),
        "P2_normal.bam",
        "",
        "samtools index P2_normal.bam",
    ),
    "an index older than its reads": (
        _older_index,
        "P2_normal.bam.bai",
        "",
        "samtools index P2_normal.bam",
    ),
    "a transfer that broke off": (_cut, "P2_normal.bam", "", "copy it again"),
    "reads not sorted": (
        _reads(shuffled=True, order="unsorted", index=False),
        "P2_normal.bam",
        "",
        "samtools sort",
    ),
    "reads under another name": (_reads(sample="X99"), "samples.tsv", "row 4", "sample_in_file"),
    "files of two samples swapped": (
        _swapped,
        "samples.tsv",
        "row 2, column sample_in_file",
        "swapped files?",
    ),
    "contigs named otherwise": (
        _reads(contigs=OTHER),
        "P2_normal.bam",
        "contig 1",
        "reference the file was made with",
    ),
    "a VCF that is not packed": (_plain_vcf, "samples.tsv", "row 5, column path", "bgzip"),
    "a VCF without an index": (
        _variants(index=False),
        "P3.vcf.gz",
        "",
        "bcftools index -t P3.vcf.gz",
    ),
    "a VCF of another reference": (
        _variants(records=["chr20\t100\t.\tACGTACGT\tA\t50\tPASS\t.\tGT:GQ\t0/1:50"]),
        "P3.vcf.gz",
        "chr20:100",
        "other build?",
    ),
    "a setting misspelt": (
        _renamed("pharmacogenomics", "pharmacogenomic"),
        "config.yaml",
        "pharmacogenomic",
        "did you mean pharmacogenomics?",
    ),
    "a tab in the configuration": (
        _raw("config.yaml", lambda raw: raw + b"\nextra:\n\tx: 1\n"),
        "config.yaml",
        "line ",
        "YAML",
    ),
    "a number as a word": (
        _setting("calling.min_mapq", "twenty"),
        "config.yaml",
        "calling.min_mapq",
        "a whole number",
    ),
    "a reference without an index": (_without("ref.fa.fai"), "ref.fa", "", "samtools faidx ref.fa"),
    "a reference packed with gzip": (_gzip_reference, "ref.fa.gz", "", "bgzip"),
    "a build by another name": (
        _setting("reference.build", "hg38"),
        "config.yaml",
        "reference.build",
        "did you mean GRCh38?",
    ),
    "regions with other names": (_bed("20\t10\t90\n"), "regions.bed", "contig '20'", "chr20"),
    "regions whose end comes first": (
        _bed("chr20\t90\t10\n"),
        "regions.bed",
        "line 1",
        "start below end",
    ),
    "an engine that is not installed": (
        _setting("engines.structural", "delly"),
        "config.yaml",
        "engines.structural",
        "conda install",
    ),
    "a knowledge file that is not there": (
        _source("intogen"),
        "config.yaml",
        "knowledge.intogen.path",
        "does not exist",
    ),
    "a knowledge file that changed": (
        _changed_source,
        "config.yaml",
        "knowledge.intogen.sha256",
        "shirube fetch",
    ),
    "a source misspelt": (_source("clinvarr"), "config.yaml", "knowledge", "did you mean clinvar?"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_place_and_remedy(
    mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))  # no engine that lies about
    change, file, place, remedy = MISTAKES[mistake]
    run = valid_run(tmp_path)
    run.write()
    change(run)
    lines = run.lines() if change.__qualname__.startswith("_raw") else run.problems()
    assert 1 <= len(lines) <= MOST_LINES, lines
    first = lines[0]
    assert Path(first.split(":", 1)[0]).name == file, first
    assert place in first
    assert remedy in first
