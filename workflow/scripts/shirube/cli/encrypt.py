"""Encrypt results for the holders of some keys (Crypt4GH), and log who can read what.

    shirube encrypt results/reports/P1 --to clinic.pub --to archive.pub --out sent

Recipients make keys with `crypt4gh-keygen` (or use ed25519 SSH keys) and read a file with
`crypt4gh decrypt --sk THEIR_KEY < FILE.c4gh`. The results themselves stay as they are.
"""

import argparse
from pathlib import Path

from shirube.audit import record
from shirube.crate.encrypted import SUFFIX, fingerprint, public_key, sources, write_encrypted
from shirube.crate.inventory import sha256
from shirube.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube encrypt`."""
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="file or directory")
    parser.add_argument(
        "--to", type=Path, action="append", required=True, metavar="KEY", help="a public key"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where copies go")
    parser.add_argument(
        "--audit",
        type=Path,
        default=Path("state/audit.jsonl"),
        metavar="LOG",
        help="audit log (default: %(default)s)",
    )


def main(args: argparse.Namespace) -> int:
    """Encrypt every file, then record what was encrypted for whom."""
    keys = [public_key(path) for path in args.to]
    files = list(sources(args.paths))
    targets = [args.out / place.with_name(place.name + SUFFIX) for _, place in files]
    if len(set(targets)) < len(targets):
        raise InputError(args.out, "files of different names: two would become one")
    existing = [target for target in targets if target.exists()]
    if existing:
        raise InputError(existing[0], "no file of this name yet")
    for (source, _), target in zip(files, targets, strict=True):
        write_encrypted(source, target, keys)
    data = {str(source): sha256(source) for source, _ in files}
    readers = [fingerprint(key) for key in keys]
    record(args.audit, "results encrypted", data, {"recipients": readers, "out": str(args.out)})
    print(f"{len(files)} files encrypted for {len(keys)} recipients in {args.out}")
    return 0
