"""One run of many of tests/cases, each with its own people, on the artificial reference."""

import csv
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

import pysam
from small_demo import SHIRUBE
from variant_files import CASES

PEOPLE = ("patient", "family", "father", "mother")


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of a sheet."""
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def sheet(path: Path, found: Sequence[dict[str, str]]) -> None:
    """Write a sheet whose columns are those of any row."""
    columns = list(dict.fromkeys(name for row in found for name in row))
    lines = ["\t".join(row.get(name) or "" for name in columns) for row in found]
    path.write_text("\n".join(["\t".join(columns), *lines]) + "\n", encoding="utf-8")


def lay_out(directory: Path, cases: Iterable[str]) -> None:
    """A demo whose sheets hold the people of `cases` alone: CASE_PATIENT, files under in/."""
    subprocess.run([SHIRUBE, "demo", "--out", directory], check=True, stderr=subprocess.DEVNULL)
    (directory / "in").mkdir()
    patients: list[dict[str, str]] = []
    samples: list[dict[str, str]] = []
    for case in cases:
        folder, own = CASES / case, case.replace("-", "_")
        for row in rows(folder / "patients.tsv"):
            named = {key: f"{own}_{row[key]}" for key in PEOPLE if row.get(key)}
            patients.append({**row, **named})
        for row in rows(folder / "samples.tsv"):
            name = Path(row["path"]).name
            source, packed = folder / name.removesuffix(".gz"), f"in/{own}.{name}"
            pysam.tabix_compress(str(source), str(directory / packed), force=True)
            csi = ".csi." in name
            pysam.tabix_index(str(directory / packed), preset="vcf", force=True, csi=csi)
            one = {**row, "patient": f"{own}_{row['patient']}", "path": packed}
            samples.append({**one, "sample": f"{own}_{row['sample']}"})
    sheet(directory / "config/patients.tsv", patients)
    sheet(directory / "config/samples.tsv", samples)
