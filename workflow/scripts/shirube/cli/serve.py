"""Serve the released frequencies: a web page and a GA4GH Beacon v2, read-only.

Only the last release is opened, never the private state. Alleles with fewer copies than a release
needs people (or --min-copies) are as if they were not there, and each client may ask --budget
questions a minute. Listens on this machine alone unless --host says otherwise; put a web server
with TLS and, if not everyone may ask, a login in front of it.
"""

import argparse
from pathlib import Path

from shirube.cli.query import config_of
from shirube.cohort.query.search import Search
from shirube.cohort.query.sequence import Genome
from shirube.errors import InputError
from shirube.service.budget import Budget
from shirube.service.released import Released
from shirube.service.server import Server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube serve`."""
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--root", default="", help="path in front of all others, behind a proxy")
    parser.add_argument("--id", default="org.example.shirube", help="the beacon's identifier")
    parser.add_argument("--min-copies", type=int, help="copies an allele needs to be shown")
    parser.add_argument("--budget", type=int, default=60, help="questions a client a minute")


def main(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    for name in ("min_copies", "budget"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise InputError(f"--{name.replace('_', '-')}", "1 or more", str(value))
    released = Released(args.results, args.min_copies)
    try:
        server = Server(
            *((args.host, args.port), released, Budget(args.budget, 60.0), args.id, args.root),
            Search(args.results, Genome.configured(config_of(None, args.results))),
        )
    except OSError as error:
        raise InputError(f"{args.host}:{args.port}", f"a free port ({error.strerror})") from error
    with server:
        print(f"release {released.about['release']} at http://{args.host}:{server.server_port}/")
        server.serve_forever()
    return 0
