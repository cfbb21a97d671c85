"""Withdraw people's consent to the cohort: their data leave its private state at once.

Their genotypes, callable intervals and counts are removed, and they are not counted again, even
if the sheet of people still says so. What has been published cannot be recalled: the releases
that counted them are named. The next release without them appears when enough people have changed.
"""

import argparse
import sys
from pathlib import Path

import yaml

from shirube.audit import record_anyway
from shirube.cohort.release import Register
from shirube.cohort.state import State
from shirube.cohort.withdrawal import withdraw
from shirube.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube withdraw`."""
    parser.add_argument("patient", nargs="+", help="patients as in the sheet of people")
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))


def main(args: argparse.Namespace) -> int:
    """Withdraw and say what is left of them."""
    config = yaml.safe_load(args.config.read_text())
    cohort = config["cohort"]
    directory = Path(cohort.get("state") or args.results / "cohort" / "state")
    if not (directory / "manifest.json").is_file():
        raise InputError(directory, "the cohort state of a finished run")
    state = State(directory, {})
    log = config.get("provenance", {}).get("audit", "state/audit.jsonl")
    # A damaged log must not keep anyone in: it is written to afterwards.
    done = withdraw(state, args.patient)
    told = {"patients": args.patient, "releases": done}
    problem = record_anyway(log, "consent withdrawn", told, {"state": str(directory)})
    if problem:
        print(f"shirube withdraw: withdrawn; but the audit log: {problem}", file=sys.stderr)
    for patient, numbers in done.items():
        counted = ", ".join(map(str, numbers)) or "none"
        print(f"{patient}: removed from the state; releases that counted them: {counted}")
    last = len(Register(state).entries)
    if last:
        print(f"release {last} stays published until the next one; what was copied stays copied")
    return 0
