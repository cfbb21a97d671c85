"""Download the configured knowledge files that are not there yet.

Every source of the configuration with `url` and `sha256` whose `path` does not exist is fetched
from its publisher and kept only if the checksum is right. Files that exist are checked, never
replaced. Indices (.tbi, .csi) are the publisher's business: give them a source of their own.
"""

import argparse
from pathlib import Path

import yaml

from shirube.errors import InputError
from shirube.knowledge.download import checksum, fetched
from shirube.knowledge.names import every_source


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube fetch`."""
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    parser.add_argument(
        "--list", action="store_true", help="say what would be fetched, fetch nothing"
    )


def main(args: argparse.Namespace) -> int:
    """Fetch; return 1 if a source could not be had, after trying all."""
    if not args.config.is_file():
        raise InputError(args.config, "a configuration file")
    settings = yaml.safe_load(args.config.read_text()) or {}
    failed = 0
    for name, source in every_source(settings.get("knowledge") or {}):
        path, url, sha256 = Path(source["path"]), source.get("url"), source.get("sha256")
        if path.exists():
            wrong = sha256 is not None and checksum(path) != sha256
            print(f"{name}: {path} {'has another sha256' if wrong else 'is there'}")
            failed += wrong
        elif not url or not sha256:
            print(f"{name}: {path} is absent and the configuration gives no url with sha256")
            failed += 1
        elif args.list:
            print(f"{name}: {url} -> {path}")
        else:
            try:
                print(f"{name}: {fetched(url, sha256, path):,} bytes -> {path}")
            except InputError as error:
                print(f"{name}: {error}")
                failed += 1
    return 1 if failed else 0
