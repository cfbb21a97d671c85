"""Releases of the cohort: which there are, why the next one is held, and how to withdraw one.

`--withdraw N --reason TEXT` takes a release back: results and service say so at once, the next
`shirube run` publishes the release before it (or none), and it is written into the audit log.
What was copied stays copied, and what a withdrawn release told is still counted as told.
"""

import argparse
from pathlib import Path

import yaml

from shirube.audit import record_anyway
from shirube.cohort.register import Register, Withdrawn, folder_of
from shirube.cohort.release import pull
from shirube.cohort.sealed import unseal
from shirube.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube release`."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--status", action="store_true", help="releases made, and what holds the next"
    )
    what.add_argument("--withdraw", type=int, metavar="N", help="take release N back")
    parser.add_argument("--reason", help="why, printed where the release was")
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    parser.add_argument("--language", choices=("en", "ja"), default="en")


def main(args: argparse.Namespace) -> int:
    """Say or withdraw."""
    config = yaml.safe_load(args.config.read_text())
    cohort = config["cohort"]
    state = Path(cohort.get("state") or args.results / "cohort" / "state")
    register = Register(folder_of(cohort, state))
    if args.withdraw is not None:
        if not args.reason:
            raise InputError("--withdraw", "--reason TEXT: it stands where the release was")
        pull(register, args.results / "cohort", args.withdraw, args.reason)
        log = config.get("provenance", {}).get("audit", "state/audit.jsonl")
        about = {"release": args.withdraw, "reason": args.reason}
        problem = record_anyway(log, "release withdrawn", about, {})
        print(f"release {args.withdraw}: withdrawn; `shirube run` publishes the one before it")
        if problem:
            print(f"but the audit log: {problem}")
        return 0
    gone = Withdrawn(register.directory).releases
    for entry in register.entries:
        people = sum(len(one["people"]) for one in entry["strata"].values())
        reason = gone.get(str(entry["release"]))
        said = f"withdrawn: {reason}" if reason else "released"
        print(f"release {entry['release']}: {people} people; {', '.join(entry['groups'])}; {said}")
    path = register.directory / "status.json"
    if path.is_file():
        print(told(unseal(path, "the status of the last run"), args.language))
    return 0


def told(status: dict[str, str], language: str) -> str:
    """What the last run decided, in one line."""
    if language == "ja":
        if status["held_ja"]:
            return f"公開を保留しました。理由：{status['held_ja']}"
        return f"公開版 {status['release']} が最新です（集計対象 {status['counted']} 人）"
    if status["held"]:
        return f"release held because {status['held']}"
    return f"release {status['release']} is the last; {status['counted']} people are counted"
