"""Print the methods section of a paper on a finished run, in English or Japanese.

Versions, thresholds and sources are those the run used; a step it did not take is not named.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

import polars as pl
import yaml
from snakemake.utils import validate

from shirube.errors import InputError
from shirube.home import SCHEMAS
from shirube.intake.dialects import dialect_of
from shirube.intake.events import program_of
from shirube.intake.text import header_of
from shirube.methods_text import LANGUAGES, Run, methods_text
from shirube.sheet import form_of, read_patients, read_samples

SCHEMA = SCHEMAS / "config.schema.yaml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("--directory", type=Path, default=Path("."), help="where the run started")
    parser.add_argument("--config", default="config/config.yaml", help="relative to directory")
    parser.add_argument("--language", choices=LANGUAGES, default="en")


def origins(samples: pl.DataFrame, directory: Path) -> tuple[set[str], Counter[tuple[str, str]]]:
    """What reads were searched for, and what came as files, by the program that wrote them.

    Structural variants are searched in a patient's tumour, in the normal where there is none.
    """
    with_tumour = set(samples.filter(pl.col("kind") == "tumour")["patient"])
    called: set[str] = set()
    given: Counter[tuple[str, str]] = Counter()
    for row in samples.iter_rows(named=True):
        small = "somatic" if row["kind"] == "tumour" else "germline"
        if form_of(row["path"]) == "reads":
            beside = small == "germline" and row["patient"] in with_tumour
            called |= {small} if row["structural"] or beside else {small, "structural"}
        else:
            header = header_of(directory / row["path"])
            given[small, dialect_of(header).caller] += 1
        for column in ("structural", "copy_number"):
            if row[column]:
                given[column, program_of(header_of(directory / row[column])).caller] += 1
    return called, given


def main(args: argparse.Namespace) -> int:
    """Print it."""
    directory = args.directory
    settings = yaml.safe_load((directory / args.config).read_text())
    validate(settings, schema=str(SCHEMA))  # fills in the defaults, as a run does
    reports = sorted((directory / "results/reports").glob("*/report.json"))
    if not reports:
        raise InputError(directory / "results/reports", "reports of a finished run")
    samples = read_samples(directory / settings["samples"])
    kinds = samples["kind"]
    run = Run(
        settings,
        read_patients(directory / settings["patients"]).height,
        int((kinds == "normal").sum()),
        int((kinds == "tumour").sum()),
        json.loads(reports[0].read_text())["methods"],
        *origins(samples, directory),
    )
    print(methods_text(run, args.language))
    return 0
