"""Print a handbook page: the tables a run writes, its settings, or the callers it reads."""

import argparse

import yaml

from shirube.contracts.tables import TABLES
from shirube.dictionary import configuration, dictionary
from shirube.home import SCHEMAS
from shirube.intake.handbook import page

SCHEMA = SCHEMAS / "config.schema.yaml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("--of", choices=["tables", "configuration", "callers"], default="tables")
    parser.add_argument("--language", choices=["en", "ja"], default="en", help="of the callers")


def main(args: argparse.Namespace) -> int:
    """Print it."""
    if args.of == "callers":
        print(page(args.language), end="")
    elif args.of == "tables":
        print(dictionary(TABLES), end="")
    else:
        print(configuration(yaml.safe_load(SCHEMA.read_text())), end="")
    return 0
