"""The demo with fewer people: every kind of file and nearly every kind of job, in a short run."""

import shutil
import subprocess
import sys
from pathlib import Path

SHIRUBE = Path(sys.executable).parent / "shirube"

# Tumour and normal, a family of three, CRAM, VCF, gVCF.
PEOPLE = ("DEMO_01", "DEMO_03", "DEMO_04", "DEMO_05", "DEMO_08", "DEMO_19", "DEMO_20")
FEW = ("DEMO_01", "DEMO_03", "DEMO_19")


def keep(directory: Path, people: tuple[str, ...]) -> None:
    """Take everybody but `people` off the sheets of a demo, as parents too."""
    for sheet, column in (("patients", 0), ("samples", 1)):
        path = directory / f"config/{sheet}.tsv"
        head, *rows = (line.split("\t") for line in path.read_text().splitlines())
        kept = [row for row in rows if row[column] in people]
        for parent in {"mother", "father"}.intersection(head):
            at = head.index(parent)
            for row in kept:
                row[at] = row[at] if row[at] in people else ""
        path.write_text("".join("\t".join(row) + "\n" for row in [head, *kept]))


def make(directory: Path, people: tuple[str, ...] = PEOPLE, fault: str | None = None) -> Path:
    """Write the demo for `people`, with a fault; the files of the others lie beside, unused."""
    words = [SHIRUBE, "demo", "--out", directory, *(("--fault", fault) if fault else ())]
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
    keep(directory, people)
    return directory


def split_cohort(directory: Path) -> Path:
    """Let the cohort of a demo be added up by a job a chromosome."""
    path = directory / "config/config.yaml"
    text = path.read_text()
    assert text.count("\ncohort:\n") == 1
    path.write_text(text.replace("\ncohort:\n", "\ncohort:\n  split_from: 1\n"))
    return directory


def copy(directory: Path, to: Path) -> Path:
    """Copy a demo that has not been run, times included."""
    shutil.copytree(directory, to)
    return to
