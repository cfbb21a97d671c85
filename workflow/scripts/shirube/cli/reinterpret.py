"""Judge a finished run again with newer knowledge, without reads; list who changes and why.

Takes the run's configuration with other sources of knowledge in it (a new ClinVar, CIViC, HPO).
Writes into --out what a full rerun would write (knowledge, annotation, findings, ledger, withheld)
and changes.tsv: patient, finding, from what to what, why, in English and Japanese. The finished run
stays as it is. Sources that other stages read too (gene models, frequencies, predictors) are
refused: `shirube run` makes those anew.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from shirube.errors import InputError
from shirube.reinterpretation import Again, read_config, reinterpret


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube reinterpret`."""
    parser.add_argument("--directory", default=".", help="where the finished run lies")
    parser.add_argument("--config", required=True, help="its configuration with newer sources")
    parser.add_argument("--out", required=True, type=Path, help="folder to write, not results/")
    parser.add_argument("--cores", type=int, default=1)


def main(args: argparse.Namespace) -> int:
    """Judge again, write, and say how many changed."""
    new, out = read_config(args.config), args.out.resolve()
    os.umask(0o077)
    os.chdir(args.directory)
    finished = Path("results").resolve()
    if out == finished or finished in out.parents or out in finished.parents:
        raise InputError("--out", "a folder apart from the finished run's results", str(out))
    start = time.perf_counter()
    again = Again(Path("results"), out)
    found = reinterpret(read_config("config/config.yaml"), new, again, args.cores)
    found.changes.write_csv(out / "changes.tsv", separator="\t")
    for row in found.changes.iter_rows(named=True):
        print(f"{row['patient']}  {row['name']}: {row['old'] or '–'} -> {row['new'] or '–'}"
              f" ({row['why_en']})")  # fmt: skip
    people = found.changes["patient"].n_unique()
    print(
        f"shirube: {people} of {len(found.judged) + len(found.kept)} people change; "
        f"{len(found.judged)} judged again, {len(found.kept)} cannot; "
        f"{time.perf_counter() - start:.1f} s; {out / 'changes.tsv'}",
        file=sys.stderr,
    )
    return 0
