"""Print the methods section of a paper on a finished run, in English or Japanese.

Versions, thresholds and sources are those the run used; a step it did not take is not named.
"""

import argparse
import json
from pathlib import Path

import yaml
from snakemake.utils import validate

from shirube.errors import InputError
from shirube.home import SCHEMAS
from shirube.methods_text import LANGUAGES, Run, methods_text
from shirube.sheet import read_patients, read_samples

SCHEMA = SCHEMAS / "config.schema.yaml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("--directory", type=Path, default=Path("."), help="where the run started")
    parser.add_argument("--config", default="config/config.yaml", help="relative to directory")
    parser.add_argument("--language", choices=LANGUAGES, default="en")


def main(args: argparse.Namespace) -> int:
    """Print it."""
    directory = args.directory
    settings = yaml.safe_load((directory / args.config).read_text())
    validate(settings, schema=str(SCHEMA))  # fills in the defaults, as a run does
    reports = sorted((directory / "results/reports").glob("*/report.json"))
    if not reports:
        raise InputError(directory / "results/reports", "reports of a finished run")
    kinds = read_samples(directory / settings["samples"])["kind"]
    run = Run(
        settings,
        read_patients(directory / settings["patients"]).height,
        int((kinds == "normal").sum()),
        int((kinds == "tumour").sum()),
        json.loads(reports[0].read_text())["methods"],
    )
    print(methods_text(run, args.language))
    return 0
