"""Say everything that is wrong with a run's configuration, sheets and files, before any job.

Each problem is one line: file, place in it, what was expected. Nothing is written. The exit
status is 0 if a run can start, 1 if not.
"""

import argparse
import contextlib
import os
import sys
from pathlib import Path

from shirube.check.run import check_run, summary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube check`."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="configuration (default: config/config.yaml in the directory)",
    )
    parser.add_argument(
        "--directory",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="directory the run starts in: paths are relative to it (default: this one)",
    )
    parser.add_argument(
        "--cores",
        type=int,
        default=min(8, os.cpu_count() or 1),
        metavar="N",
        help="files of a large cohort read at a time (default: %(default)s)",
    )


def main(args: argparse.Namespace) -> int:
    """Print the problems to standard error, or what a run would do to standard output."""
    if not args.directory.is_dir():
        print(f"{args.directory}: a directory (--directory)", file=sys.stderr)
        return 1
    config = Path("config/config.yaml")
    if args.config is not None:
        inside = args.directory.resolve() == Path().resolve()
        config = args.config if inside else args.config.absolute()
    with contextlib.chdir(args.directory):
        checked = check_run(config, args.cores)
    problems = checked.outcome.problems
    for problem in problems:
        print(problem, file=sys.stderr)
    for note in checked.outcome.notes:
        print(f"note: {note}")
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        print(f"shirube check: {count}; nothing was run", file=sys.stderr)
        return 1
    print("\n".join(summary(checked)))
    print("shirube check: no problem found")
    return 0
