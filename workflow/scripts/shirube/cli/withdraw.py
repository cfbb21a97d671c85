"""Withdraw people's consent to the cohort: their data leave its private state at once.

Their genotypes, callable intervals and counts are removed, and they are not counted again, even
if the sheet of people still says so; nor is whoever the genotypes show to be the same person, until
somebody says `--another PATIENT`. The next `shirube run` counts anew and makes a release without
them, or says why none can be made yet. What has been published cannot be recalled: the releases
that counted them are named, and whatever else still holds them. `--purge` deletes what may go.
"""

import argparse
import sys
from pathlib import Path

import yaml

from shirube.audit import record_anyway
from shirube.cohort.register import Register, folder_of
from shirube.cohort.state import State
from shirube.cohort.withdrawal import another, holders, purge, withdraw
from shirube.errors import InputError
from shirube.sheet import read_patients, read_samples

KINSHIP = {"spacing": 10_000, "min_sites": 400}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube withdraw`."""
    parser.add_argument("patient", nargs="+", help="patients as in the sheet of people")
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    parser.add_argument("--purge", action="store_true", help="delete what may go, and say what")
    parser.add_argument(
        "--another",
        action="store_true",
        help="these are not the person who withdrew (a twin): they may be counted",
    )


def main(args: argparse.Namespace) -> int:
    """Withdraw and say what is left of them."""
    config = yaml.safe_load(args.config.read_text())
    cohort = config["cohort"]
    directory = Path(cohort.get("state") or args.results / "cohort" / "state")
    register = folder_of(cohort, directory)
    log = config.get("provenance", {}).get("audit", "state/audit.jsonl")
    about = {"state": str(directory), "register": str(register)}
    if args.another:
        for patient in args.patient:
            another(register, patient)
            print(f"{patient}: another person; counted from the next run on, if the sheet says so")
        return _recorded(log, "told to be another person", {"patients": args.patient}, about)
    if not (directory / "manifest.json").is_file():
        raise InputError(directory, "the cohort state of a finished run")
    state = State(directory, {})
    kinship = {**KINSHIP, **(cohort.get("relatives") or {})}
    done = withdraw(state, register, args.patient, kinship)
    # A damaged log must not keep anyone in: it is written to afterwards.
    told = {
        patient: {"releases": left.releases, "same": left.same} for patient, left in done.items()
    }
    status = _recorded(log, "consent withdrawn", {"patients": args.patient, "left": told}, about)
    for patient, left in done.items():
        counted = ", ".join(map(str, left.releases)) or "none"
        print(f"{patient}: removed from the state; releases that counted them: {counted}")
        for other in left.same:
            print(f"{other}: out too, the same person as {patient} by their genotypes")
    for patient in done:
        _tell_holders(args, config, register, patient, str(log))
    current = Register(register).current()
    if current:
        print(
            f"release {current['release']} stays published until the next one (`shirube run`); "
            "what was copied stays copied"
        )
    return status


def _recorded(log: str, action: str, data: dict[str, object], about: dict[str, str]) -> int:
    problem = record_anyway(log, action, data, about)
    if problem:
        print(f"shirube withdraw: done; but the audit log: {problem}", file=sys.stderr)
    return 0


def _tell_holders(
    args: argparse.Namespace, config: dict[str, object], register: Path, patient: str, log: str
) -> None:
    """Say what still holds a patient, and delete what may go if asked to."""
    root = args.config.parent.parent
    sheets = [root / str(config.get(key, "")) for key in ("patients", "samples")]
    on_sheet, samples = False, list[str]()
    if all(path.is_file() for path in sheets):
        on_sheet = patient in read_patients(sheets[0])["patient"].to_list()
        rows = read_samples(sheets[1])
        samples = rows.filter(rows["patient"] == patient)["sample"].to_list()
    found = holders(root, args.results, patient, samples, on_sheet)
    for one in found:
        print(f"  {one.what}: {one.fate}")
    print(f"  {register}: which releases counted them, as digests; kept: it keeps them from being")
    print("    told by the difference of two releases")
    print(f"  {log}: kept: that they withdrew is part of the record")
    if args.purge:
        deleted = purge(found, register, patient)
        print(f"{patient}: {len(deleted)} files deleted, and the name in the register")
        about = {"register": str(register)}
        _recorded(log, "purged after withdrawal", {"patient": patient, "files": deleted}, about)
