"""The files a run reads stay as they were: their size and time are noted, and compared.

Snakemake runs a job again when an input is newer than its outputs. A file replaced by an older
one, or replaced while jobs read it, it does not see: results of two files would stand side by side.
"""

import base64
import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from shirube.crate.inventory import source_files
from shirube.errors import ShirubeError
from shirube.files import whole
from shirube.knowledge.names import sources
from shirube.reads.inspect import ends_whole
from shirube.sheet import form_of, read_samples

Seen = dict[str, list[int]]
AHEAD = 60.0  # seconds that the clocks of a file server and of this machine may differ
INDEXES = (".bai", ".csi", ".tbi", ".crai", ".fai", ".gzi")


def configured_inputs(directory: Path) -> list[str]:
    """Paths a run in `directory` reads, as its configuration writes them; [] if it has none.

    What is wrong with the configuration or the sheets is said by the workflow itself.
    """
    try:
        config: Mapping[str, Any] = yaml.safe_load((directory / "config/config.yaml").read_text())
        rows = read_samples(directory / config["samples"]).iter_rows(named=True)
        own = [row[column] for row in rows for column in ("path", "callable") if row[column]]
        paths = [
            *own,
            config["reference"]["fasta"],
            *source_files(sources({"knowledge": {}, **config})),
        ]
        paths += [config["regions"]] if config.get("regions") else []
    except (OSError, yaml.YAMLError, ShirubeError, KeyError, TypeError, AttributeError):
        return []
    indexed = [f"{path}{end}" for path in paths for end in INDEXES]
    files = dict.fromkeys(str(path) for path in [*paths, *indexed])
    return [path for path in files if (directory / path).is_file()]


def seen(directory: Path, paths: Iterable[str]) -> Seen:
    """Size and time of change (ns) of each file; a file that is gone has none."""
    found: Seen = {}
    for path in paths:
        try:
            state = (directory / path).stat()
        except OSError:
            found[path] = []
            continue
        found[path] = [state.st_size, state.st_mtime_ns]
    return found


def recorded(path: Path) -> Seen:
    """What an earlier run noted; nothing if there was none."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def record(path: Path, files: Seen) -> None:
    """Note `files`."""
    with whole(path) as part:
        part.write_text(json.dumps(files))


def differing(before: Seen, now: Seen) -> list[str]:
    """Files both name that are not the same any more."""
    return sorted(path for path in before.keys() & now.keys() if before[path] != now[path])


def older(before: Seen, now: Seen) -> list[str]:
    """Files that changed without becoming newer: nothing but this notes them."""
    return [p for p in differing(before, now) if now[p] and before[p] and now[p][1] <= before[p][1]]


def ahead(files: Seen) -> list[str]:
    """Files changed in the future, by this clock: their products would seem older than they."""
    limit = time.time() + AHEAD
    return sorted(path for path, state in files.items() if state and state[1] / 1e9 > limit)


def remove_products(directory: Path, changed: Iterable[str]) -> list[str]:
    """Remove every result a job made directly from a file of `changed`; return their paths.

    Snakemake notes the inputs of each output. What was made from those is made again by itself.
    """
    wanted, removed = set(changed), []
    metadata = directory / ".snakemake/metadata"
    for note in metadata.rglob("*") if wanted else ():
        if not note.is_file():
            continue
        try:
            inputs = json.loads(note.read_text()).get("input") or []
            name = "".join(part.removeprefix("@") for part in note.relative_to(metadata).parts)
            product = directory / base64.urlsafe_b64decode(name).decode()
        except (OSError, ValueError):
            continue
        if wanted.intersection(inputs):
            if product.is_file():
                product.unlink()
                removed.append(str(product.relative_to(directory)))
            note.unlink()
    return sorted(removed)


def truncated(directory: Path, paths: Iterable[str]) -> list[str]:
    """Reads and compressed calls among `paths` that lack the block that ends a whole file."""
    return [path for path in paths if form_of(path) and not ends_whole(directory / path)]
