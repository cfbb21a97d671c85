"""Get knowledge: configured files that are not there yet, or a whole bundle.

Without --bundle, every source of the configuration with `url` and `sha256` whose `path` does not
exist is fetched from its publisher and kept only if the checksum is right.

  shirube fetch --bundle 2026-11                   what may be fetched, from its publishers
  shirube fetch --bundle 2026-11 --from /mnt/disk  from files that are there (closed networks)
  shirube fetch --pack /mnt/disk                   what is configured, to carry elsewhere

A bundle is written into the configuration: its knowledge block, the reference if it was found.
What a licence keeps from being fetched is named with where to apply for it. A transfer that broke
off goes on when the command is given again; proxies are taken from the environment.
"""

import argparse
import sys
from pathlib import Path

import yaml

from shirube.errors import InputError
from shirube.knowledge.catalogue import of_build, read_catalogue
from shirube.knowledge.download import Progress, checksum, fetched
from shirube.knowledge.names import every_source, files_of
from shirube.setup.bundle import (
    Block,
    from_addresses,
    from_folder,
    older_than_embedded,
    pack,
)
from shirube.setup.settings_text import write_blocks

NEWEST = "2026-11"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube fetch`."""
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"))
    parser.add_argument(
        "--list", action="store_true", help="say what would be fetched, fetch nothing"
    )
    parser.add_argument("--bundle", help=f"a bundle of the catalogue, such as {NEWEST}")
    parser.add_argument("--from", dest="folder", type=Path, help="a folder that holds the files")
    parser.add_argument("--pack", type=Path, metavar="OUT", help="copy what is configured to OUT")
    parser.add_argument("--to", type=Path, default=Path("knowledge"), help="where fetched files go")
    parser.add_argument(
        "--accept", action="append", default=[], metavar="KEY", help="terms of a source accepted"
    )
    parser.add_argument(
        "--mirror",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="asked before the publisher",
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="KEY", help="these sources of the bundle"
    )


def _progress(name: str) -> Progress | None:
    """A line that counts up, where somebody looks; nothing in a log file."""
    if not sys.stderr.isatty():
        return None

    def show(size: int, total: int | None) -> None:
        of = f" of {total / 1e6:,.0f}" if total else ""
        end = "\n" if size == total else ""
        print(f"\r{name}: {size / 1e6:,.0f}{of} MB", end=end, file=sys.stderr, flush=True)

    return show


def _configured(settings: dict) -> list[tuple[str, Path]]:
    """(name in a pack, file) of every configured file: knowledge, PharmCAT, the reference."""
    files = []
    for name, source in every_source(settings.get("knowledge") or {}):
        key = name.split(".more.")[0].replace(".", "/")
        files.append((f"{key}/{Path(source['path']).name}", Path(source["path"])))
    pharmcat = (settings.get("pharmacogenomics") or {}).get("path")
    if pharmcat:
        files += [(f"pharmcat/{p.relative_to(pharmcat)}", p) for p in files_of(pharmcat)]
    fasta = (settings.get("reference") or {}).get("fasta")
    if fasta:
        beside = (Path(f"{fasta}{ending}") for ending in ("", ".fai", ".gzi"))
        files += [(f"reference/{p.name}", p) for p in beside if p.is_file()]
    return files


def _pack(args: argparse.Namespace, settings: dict) -> int:
    files = _configured(settings)
    absent = [str(path) for _, path in files if not path.is_file()]
    if absent:
        raise InputError(args.config, f"files that are there to pack; absent: {', '.join(absent)}")
    build = (settings.get("reference") or {}).get("build", "GRCh38")
    size = pack(
        of_build(read_catalogue(), args.bundle or NEWEST, build), dict(files), args.pack, print
    )
    print(f"{len(files)} files, {size:,} bytes -> {args.pack}")
    print(f"where it is needed: shirube fetch --from {args.pack}")
    return 0


def _write(args: argparse.Namespace, settings: dict, block: Block) -> None:
    blocks: dict = {}
    known = settings.get("knowledge") or {}
    frequencies = {**(known.get("frequencies") or {}), **block.knowledge.get("frequencies", {})}
    merged = {**known, **block.knowledge} | ({"frequencies": frequencies} if frequencies else {})
    blocks["knowledge"] = merged
    if block.pharmacogenomics:
        blocks["pharmacogenomics"] = {
            **(settings.get("pharmacogenomics") or {}), **block.pharmacogenomics,
        }  # fmt: skip
    if block.reference:
        blocks["reference"] = {**(settings.get("reference") or {}), "fasta": str(block.reference)}
    write_blocks(args.config, blocks)


def _bundle(args: argparse.Namespace, settings: dict) -> int:
    build = (settings.get("reference") or {}).get("build", "GRCh38")
    sources = of_build(read_catalogue(), args.bundle or NEWEST, build)
    unknown = sorted({*args.only, *args.accept} - {s.key for s in sources})
    if unknown:
        keys = ", ".join(s.key for s in sources)
        raise InputError("--only, --accept", f"keys of the bundle ({keys}), found {unknown[0]}")
    sources = [s for s in sources if not args.only or s.key in args.only]
    fasta = (settings.get("reference") or {}).get("fasta")
    if fasta and Path(fasta).is_file():  # the user's own: never replaced
        sources = [s for s in sources if s.key != "reference"]
    if args.list:
        for source in sources:
            how = source.url if source.access == "open" and source.url else source.access
            print(f"{source.key}: {source.purpose} [{source.licence}] {how}")
        return 0
    if args.folder:
        block = from_folder(sources, args.folder.resolve(), Path("reference"), print)
    else:
        accepted = frozenset(args.accept)
        block = from_addresses(sources, args.to, accepted, args.mirror, print, _progress)
    _write(args, settings, block)
    for line in block.absent:
        print(f"not had: {line}")
    for line in older_than_embedded(block.knowledge):
        print(f"note: {line}")
    for line in block.problems:
        print(f"failed: {line}", file=sys.stderr)
    print(f"{args.config}: {len(block.knowledge)} sources in its knowledge block")
    return 1 if block.problems else 0


def main(args: argparse.Namespace) -> int:
    """Fetch; return 1 if a source could not be had, after trying all."""
    if not args.config.is_file():
        raise InputError(args.config, "a configuration file (shirube init writes one)")
    settings = yaml.safe_load(args.config.read_text()) or {}
    if args.pack:
        return _pack(args, settings)
    if args.bundle or args.folder:
        return _bundle(args, settings)
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
                size = fetched([*(f"{m}/{path.name}" for m in args.mirror), url], sha256, path)
                print(f"{name}: {size:,} bytes -> {path}")
            except InputError as error:
                print(f"{name}: {error}")
                failed += 1
    return 1 if failed else 0
