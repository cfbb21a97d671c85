"""Check finished results: every checksum, and that all formats of a report say the same.

DIRECTORY is a results directory, or the directory of one report (results/reports/PATIENT). In a
results directory every file, the reference, the knowledge and the samples' files are compared with
the run's RO-Crate, and each object of the cohort's private state and of the register of releases
with its digest. Prints one line a problem; exit status 1 if there is any.
"""

import argparse
import sys
from pathlib import Path

from shirube.cohort.register import register_problems
from shirube.cohort.state import state_problems
from shirube.crate.inventory import CRATE, SEAL
from shirube.crate.verify import (
    altered_below,
    crate_above,
    crate_problems,
    register_of,
    state_of,
)
from shirube.errors import InputError
from shirube.report.model import loaded
from shirube.report.schema import report_schema
from shirube.report.sign_off import signature_problems
from shirube.report.verify import MODEL, report_problems


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("directory", type=Path, help="results, or results/reports/PATIENT")
    parser.add_argument(
        "--skip-samples",
        action="store_true",
        help="do not read the samples' files, which are large",
    )
    parser.add_argument(
        "--sign-offs", type=Path, metavar="DIR", help="check the signatures kept in this register"
    )
    parser.add_argument(
        "--signers", type=Path, help="who may sign (default: allowed_signers in the register)"
    )
    parser.add_argument("--threads", type=int, default=2, help="files read at a time (default: 2)")


def main(args: argparse.Namespace) -> int:
    """Verify every report below the directory."""
    found = sorted(path.parent for path in args.directory.rglob(MODEL))
    sealed = (args.directory / CRATE).exists() or (args.directory / SEAL).exists()
    state = state_of(args.directory)
    counted = (state / "manifest.json").is_file()
    if not (found or sealed or counted):
        raise InputError(args.directory, f"a {CRATE} in it, or a {MODEL} in it or below it")
    problems = []
    if counted:
        problems += state_problems(state)
    register = register_of(args.directory)
    if (register / "register.json").is_file():
        problems += register_problems(register)
    if sealed:
        problems += crate_problems(args.directory, not args.skip_samples, args.threads)
    elif results := crate_above(args.directory):
        problems += altered_below(results, args.directory)
    else:
        print(f"no {CRATE} in or above {args.directory}: reports only, no checksums")
    problems += [problem for directory in found for problem in report_problems(directory)]
    if args.sign_offs:
        signers = args.signers or args.sign_offs / "allowed_signers"
        for directory in found:
            model, _ = loaded(directory / MODEL, report_schema())
            problems += signature_problems(model, args.sign_offs, signers)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(found)} reports, {len(problems)} problems")
    return 1 if problems else 0
