"""Serve the released frequencies: a site, a JSON API and a GA4GH Beacon v2, read-only.

Only the last release is opened, never the private state. Alleles with fewer copies than a release
needs people (or --min-copies) are as if they were not there, and each client may ask --budget
questions a minute. Listens on this machine alone unless --host says otherwise; put a web server
with TLS and, if not everyone may ask, a login in front of it.
"""

import argparse
import gc
from pathlib import Path

from shirube.cli.query import config_of
from shirube.errors import InputError
from shirube.service.app import Service, Settings
from shirube.service.budget import Budget
from shirube.service.released import Released
from shirube.service.server import Server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube serve`."""
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--config", type=Path, help="the run's configuration, for its reference")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--root", default="", help="path in front of all others, behind a proxy")
    parser.add_argument("--id", default="org.example.shirube", help="the beacon's identifier")
    parser.add_argument("--min-copies", type=int, help="copies an allele needs to be shown")
    parser.add_argument(
        "--earlier", type=Path, action="append", default=[], metavar="FOLDER",
        help="an earlier release to compare with (state/releases/0001; repeatable)",
    )  # fmt: skip
    parser.add_argument("--budget", type=int, default=60, help="questions a client a minute")
    parser.add_argument(
        "--downloads", action="store_true", help="hand out the release's files as they are"
    )


def main(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    for name in ("min_copies", "budget"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise InputError(f"--{name.replace('_', '-')}", "1 or more", str(value))
    config = config_of(args.config, args.results)
    released = Released(args.results, args.min_copies, config, args.earlier)
    settings = Settings(args.id, args.root, args.downloads)
    service = Service(released, Budget(args.budget, 60.0), settings)
    server = Server((args.host, args.port), service)
    host = f"[{args.host}]" if ":" in args.host else args.host
    print(f"release {released.about['release']} at http://{host}:{server.server_port}/", flush=True)
    gc.freeze()  # what is loaded stays: the collector need not look at it again
    gc.set_threshold(50_000, 20, 20)
    server.serve_forever()
    return 0
