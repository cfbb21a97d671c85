"""Check the audit log's chain and print who did what.

Exit status 1 if an entry was changed, removed or moved. The last hash is printed: kept elsewhere
and given to `--expect` later, it shows that no entry up to it was cut off or replaced.
"""

import argparse
import json
from pathlib import Path

from shirube.audit import FIRST, entries
from shirube.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube audit`."""
    parser.add_argument(
        "log", type=Path, nargs="?", default=Path("state/audit.jsonl"), help="default: %(default)s"
    )
    parser.add_argument("--expect", help="hash of an entry that the chain must hold")
    parser.add_argument("--json", action="store_true", help="print the entries as JSON lines")


def main(args: argparse.Namespace) -> int:
    """Print every entry and the last hash."""
    found = entries(args.log)
    hashes = [FIRST, *(entry["hash"] for entry in found)]
    if args.expect and args.expect not in hashes:
        raise InputError(
            args.log, f"an entry of hash {args.expect}: cut off, or the whole log is another"
        )
    for entry in found:
        if args.json:
            print(json.dumps(entry, ensure_ascii=False, sort_keys=True))
        else:
            data = ", ".join(f"{key} {value}" for key, value in entry["data"].items())
            print(f"{entry['number']} {entry['time']} {entry['user']} {entry['action']}: {data}")
    if not args.json:
        last = found[-1]["hash"] if found else FIRST
        print(f"{len(found)} entries, chain whole, last hash {last}")
        if args.expect:
            print(f"{len(found) - hashes.index(args.expect)} entries since {args.expect}")
    return 0
