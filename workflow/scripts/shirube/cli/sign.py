"""Confirm or sign a report.

Writes the decision into the register of sign-offs (the directory `report: sign_off` of the
configuration); the next run of the workflow prints it on every page. `--state confirmed` says
that another method showed the findings (`--finding ID`, again for each; all if not given);
`--state signed` locks a confirmed report: the signed report.json is kept beside the register.
"""

import argparse
import datetime
import shutil
from pathlib import Path

from shirube.errors import ShirubeError
from shirube.report.model import loaded
from shirube.report.schema import report_schema
from shirube.report.sign_off import event_for, read_register, write_register
from shirube.report.verify import MODEL, report_problems


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("report", type=Path, help="results/reports/PATIENT")
    parser.add_argument("--register", type=Path, required=True, help="directory of sign-offs")
    parser.add_argument("--state", choices=("confirmed", "signed"), required=True)
    parser.add_argument("--by", required=True, help="who confirms or signs")
    parser.add_argument("--at", help="day, YYYY-MM-DD; today if not given")
    parser.add_argument("--finding", action="append", help="id of a confirmed finding")


def main(args: argparse.Namespace) -> int:
    """Add one event to the register of the report's patient."""
    problems = report_problems(args.report)
    if problems:
        raise ShirubeError(f"the report does not pass `shirube verify`: {problems[0]}")
    model, _ = loaded(args.report / MODEL, report_schema())
    patient = model["patient"]["patient"]
    path = args.register / f"{patient}.json"
    events = read_register(path, patient)
    day = args.at or datetime.date.today().isoformat()
    event = event_for(model, events, args.state, args.by, day, args.finding)
    args.register.mkdir(parents=True, exist_ok=True)
    if args.state == "signed":
        kept = args.register / f"{patient}.{event['content'][:16]}.report.json"
        shutil.copyfile(args.report / MODEL, kept)
    write_register(path, patient, [*events, event])
    print(f"{patient}: {args.state} by {event['by']}, {day}; run the workflow to print it")
    return 0
