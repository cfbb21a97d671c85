"""Write the artificial demonstration data: reference, knowledge, reads, truth, configuration."""

import argparse
from pathlib import Path

from shirube.demo.cases import FAULTS
from shirube.demo.make import Settings, to_stderr, up_to_date, write_demo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `shirube demo`."""
    parser.add_argument(
        "--out", type=Path, default=Path("demo"), help="directory to write (default: demo)"
    )
    parser.add_argument(
        "--fault",
        choices=sorted(FAULTS),
        help="; ".join(f"{name}: {what}" for name, what in sorted(FAULTS.items())),
    )


def main(args: argparse.Namespace) -> int:
    """Write the demo unless it is there already."""
    settings = Settings(fault=args.fault)
    if up_to_date(args.out, settings):
        to_stderr(f"{args.out} is up to date, nothing to do")
        return 0
    files = write_demo(args.out, settings, to_stderr)
    size = sum((args.out / name).stat().st_size for name in files) / 1e6
    to_stderr(f"{len(files)} files, {size:.1f} MB, in {args.out} (all data are artificial)")
    return 0
