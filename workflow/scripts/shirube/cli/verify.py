"""Check finished reports: hashes, schema, and that all formats say the same.

DIRECTORY is the directory of one report (results/reports/PATIENT), or one that holds reports
anywhere below it (results). Prints one line a problem; exit status 1 if there is any.
"""

import argparse
import sys
from pathlib import Path

from shirube.errors import InputError
from shirube.report.verify import MODEL, report_problems


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("directory", type=Path, help="results/reports/PATIENT, or results")


def main(args: argparse.Namespace) -> int:
    """Verify every report below the directory."""
    found = sorted(path.parent for path in args.directory.rglob(MODEL))
    if not found:
        raise InputError(args.directory, f"a {MODEL} in it or below it")
    problems = [problem for directory in found for problem in report_problems(directory)]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(found)} reports, {len(problems)} problems")
    return 1 if problems else 0
