"""Confirm or sign a report.

Writes the decision into the register of sign-offs (the directory `report: sign_off` of the
configuration), readable by its owner only, and into the audit log; the next run of the workflow
prints it on every page. `--state confirmed` says that another method showed the findings
(`--finding ID`, again for each; all if not given). `--state signed` locks a confirmed report: with
an ed25519 SSH key (`--key`) that `allowed_signers` in the register's directory names. The signed
report.json, the statement and its signature are kept; `shirube verify --sign-offs` or `ssh-keygen
-Y verify` checks them anywhere. A report is refused if it is not, to the byte, what the run wrote.
The day is the clock's.
"""

import argparse
from datetime import datetime
from pathlib import Path

from shirube.audit import entries, record
from shirube.crate.inventory import CRATE
from shirube.crate.verify import altered_below, crate_above
from shirube.errors import InputError, ShirubeError
from shirube.report.model import loaded
from shirube.report.schema import report_schema
from shirube.report.sign_off import (
    event_for,
    read_register,
    register_held,
    same_hand,
    sign,
    write_register,
)
from shirube.report.signature import allowed_signers, private_key, public_text, signer_of
from shirube.report.verify import MODEL, report_problems

SIGNERS = "allowed_signers"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument("report", type=Path, help="results/reports/PATIENT")
    parser.add_argument("--register", type=Path, required=True, help="directory of sign-offs")
    parser.add_argument("--state", choices=("confirmed", "signed"), required=True)
    parser.add_argument("--by", required=True, help="who confirms or signs")
    parser.add_argument("--at", help=argparse.SUPPRESS)
    parser.add_argument("--finding", action="append", help="id of a confirmed finding")
    parser.add_argument("--key", type=Path, help="ed25519 SSH private key to sign with")
    parser.add_argument(
        "--without-key", action="store_true", help="sign without proof of who signed"
    )
    parser.add_argument(
        "--audit",
        type=Path,
        default=Path("state/audit.jsonl"),
        metavar="LOG",
        help="audit log (default: %(default)s)",
    )


def main(args: argparse.Namespace) -> int:
    """Add one event to the register of the report's patient."""
    now = datetime.now().astimezone()
    if args.at not in (None, now.date().isoformat()):
        raise ShirubeError(f"--at {args.at}: the day is the clock's: {now.date().isoformat()}")
    results = crate_above(args.report)
    if results is None:
        raise InputError(args.report, f"a report below the {CRATE} of the run that wrote it")
    problems = altered_below(results, args.report) or report_problems(args.report)
    if problems:
        raise ShirubeError(f"the report is not as the run wrote it: {problems[0]}")
    model, _ = loaded(args.report / MODEL, report_schema())
    patient = model["patient"]["patient"]
    key, signer = None, None
    if args.state == "signed" and not args.without_key:
        if args.key is None:
            raise ShirubeError(
                "a signature needs --key, an ed25519 SSH key (ssh-keygen -t ed25519) named in "
                f"{args.register / SIGNERS}; --without-key signs without proof of who signed"
            )
        key = private_key(args.key)
        known = allowed_signers(args.register / SIGNERS)
        signer = signer_of(known, public_text(key.public_key()), args.register / SIGNERS)
    if args.audit.exists():
        entries(args.audit)  # an altered log cannot take the entry: nothing is done then
    with register_held(args.register, patient) as path:
        events = read_register(path, patient)
        event = event_for(model, events, args.state, args.by, now, args.finding)
        if signer:
            event |= {"signer": signer.names[0], "key": signer.fingerprint}
        if args.state == "signed":
            sign(args.register, patient, event, (args.report / MODEL).read_bytes(), key)
        write_register(path, patient, [*events, event])
        record(args.audit, f"report {args.state}", {"patient": patient}, event)
    print(f"{patient}: {args.state} by {event['by']}, {event['at']}; run the workflow to print it")
    if same_hand(events, event):
        print(f"{patient}: confirmed and signed by the same person; nobody else has looked")
    return 0
