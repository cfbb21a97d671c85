"""Count a finished run's somatic changes in other reads of the same person.

For a relapse, a second tumour or blood plasma: every somatic small variant of a patient's findings
is counted in the reads of each sample named, however few show it. A change is called present where
errors of these reads do not explain its reads; one that is not seen has an upper limit, and is not
called gone. With several samples each change is shared, private or unclear. Nothing is called anew
and nothing is written but the list.
"""

import argparse
import sys
from pathlib import Path

from shirube.cancer.follow import followed, listed, together
from shirube.contracts import FINDINGS, read
from shirube.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube follow`."""
    parser.add_argument("--findings", required=True, type=Path, help="findings/PATIENT.parquet")
    parser.add_argument("--reads", required=True, action="append", metavar="NAME=BAM",
                        help="a sample and its indexed reads; once for each sample")  # fmt: skip
    parser.add_argument("--reference", required=True, type=Path, help="its indexed FASTA")
    parser.add_argument("--min-mapq", type=int, default=20, help="least mapping quality of a read")
    parser.add_argument("--min-baseq", type=int, default=20, help="least quality of a base")
    parser.add_argument("--out", type=Path, help="TSV to write; default: standard output")


def main(args: argparse.Namespace) -> int:
    """Print or write the list; 0 also if no change is seen."""
    samples: dict[str, str] = {}
    for given in args.reads:
        name, between, path = given.partition("=")
        if not between or not name or name in samples:
            raise InputError("--reads", "NAME=BAM, each name once", given)
        if not Path(path).is_file():
            raise InputError(path, f"the reads of {name}")
        samples[name] = path
    changes = listed(read(FINDINGS, args.findings))
    if changes.is_empty():
        raise InputError(args.findings, "a somatic small variant to follow")
    table = followed(changes, samples, str(args.reference), args.min_mapq, args.min_baseq)
    text = table.write_csv(separator="\t", float_precision=6)
    if args.out:
        args.out.write_text(text)
    else:
        sys.stdout.write(text)
    for name in samples:
        told = together(table, name)
        sys.stderr.write(
            f"{name}: {told['present']} of {told['changes']} changes present; together "
            f"{told['reads']} reads, {told['expected']:.1f} expected by errors "
            f"(chance {told['chance']:.1e})\n"
        )
    return 0
