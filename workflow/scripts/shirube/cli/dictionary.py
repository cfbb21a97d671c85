"""Print the data dictionary: every table a run writes, column by column."""

import argparse

from shirube.contracts import CONTRACTS
from shirube.dictionary import dictionary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options: none."""


def main(args: argparse.Namespace) -> int:
    """Print it."""
    print(dictionary(CONTRACTS), end="")
    return 0
