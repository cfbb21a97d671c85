"""Print a handbook page: every table a run writes, or every setting of a run."""

import argparse

import yaml

from shirube.contracts.tables import TABLES
from shirube.dictionary import configuration, dictionary
from shirube.home import SCHEMAS

SCHEMA = SCHEMAS / "config.schema.yaml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("--of", choices=["tables", "configuration"], default="tables")


def main(args: argparse.Namespace) -> int:
    """Print it."""
    if args.of == "tables":
        print(dictionary(TABLES), end="")
    else:
        print(configuration(yaml.safe_load(SCHEMA.read_text())), end="")
    return 0
