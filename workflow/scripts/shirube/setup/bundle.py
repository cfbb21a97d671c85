"""A bundle of knowledge becomes the `knowledge:` block of a configuration.

From addresses (fetched into a folder of the run) or from a folder that already holds the files (a
mirror, a disk). Checksums are pinned in the configuration: what a run reads is what was fetched.
"""

import csv
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shirube.errors import InputError
from shirube.files import whole
from shirube.genome.chromosomes import CHROMS
from shirube.knowledge.catalogue import MANIFEST, Source, manifest, matched, release_of
from shirube.knowledge.download import Progress, checksum, fetched, published_checksum
from shirube.knowledge.names import HPO_RELEASE, files_of
from shirube.reads.fasta import index_beside, write_indexed

Say = Callable[[str], None]
UNSTATED = "release not stated"
MANIFEST_COLUMNS = ("path", "bytes", "sha256", "key", "build", "release", "licence")


@dataclass
class Block:
    """What a bundle gives a configuration, what failed, and what has to be got by hand."""

    knowledge: dict[str, Any] = field(default_factory=dict)
    pharmacogenomics: dict[str, str] | None = None
    reference: Path | None = None
    problems: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def add(self, source: Source, entry: dict[str, Any]) -> None:
        """Put the entry of one source where the configuration has it."""
        group, dot, name = source.key.partition(".")
        if source.key == "pharmcat":
            self.pharmacogenomics = {k: entry[k] for k in ("path", "version", "licence")}
        elif dot:
            self.knowledge.setdefault(group, {})[name] = entry
        else:
            self.knowledge[source.key] = entry


def entry_of(source: Source, paths: Sequence[Path], stated: Mapping[str, str]) -> dict[str, Any]:
    """The configuration's entry of a source: files, release, licence, and checksums as found."""
    first = paths[0]
    release = stated.get("release") or release_of(first) or UNSTATED
    entry: dict[str, Any] = {
        "path": str(first),
        "version": release,
        "licence": stated.get("licence") or source.licence,
    }
    if first.is_file():
        entry["sha256"] = checksum(first)
    entry |= {k: v for k, v in source.options.items() if k == "format"}
    if len(paths) > 1:
        entry["more"] = [{"path": str(p), "sha256": checksum(p)} for p in paths[1:]]
    return entry


def older_than_embedded(knowledge: Mapping[str, Any]) -> list[str]:
    """Advice where the configured HPO is of an older release than the one that is embedded."""
    release = str((knowledge.get("hpo") or {}).get("version", ""))
    dated = release.replace("-", "")
    if not dated.isdigit() or len(dated) < 6 or dated >= HPO_RELEASE.replace("-", ""):
        return []
    return [
        f"hpo: {release} is older than the embedded release {HPO_RELEASE}, which is read where the"
        " configuration names no key that begins with hpo; it knows more genes and diseases"
    ]


def _altered(
    folder: Path, rows: Mapping[str, Mapping[str, str]], names: Sequence[str]
) -> list[str]:
    """Problems of files whose checksum is not the one the folder's manifest states."""
    problems = []
    for name in names:
        stated = rows.get(name, {}).get("sha256")
        if stated and checksum(folder / name) != stated:
            problems.append(
                f"{folder / name}: sha256 {stated[:12]}... as {MANIFEST} states, found another"
            )
    return problems


def from_folder(sources: Sequence[Source], folder: Path, reference_folder: Path, say: Say) -> Block:
    """The sources a folder holds. A damaged file is a problem, and is not configured."""
    if not folder.is_dir():
        raise InputError(folder, "a folder with the publishers' files")
    rows, block = manifest(folder), Block()
    found, unused = matched(sources, folder, rows)
    for match in found:
        names, source = match.names, match.source
        paths = [folder / name for name in names]
        if "directory" in source.options:  # a data directory, known by a file inside
            directory = (paths[0].parent / source.options["directory"]).resolve()
            paths = [directory]
            names = tuple(p.relative_to(folder).as_posix() for p in files_of(directory))
        altered = _altered(folder, rows, names)
        block.problems += altered
        if altered:
            continue
        if source.key == "reference":
            block.reference = _reference(paths[0], reference_folder, say)
            say(f"reference: {block.reference}")
            continue
        entry = entry_of(source, paths, rows.get(names[0], {}))
        block.add(source, entry)
        say(f"{source.key}: {names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}"
            f" ({entry['version']})")  # fmt: skip
    keys = {match.source.key for match in found}
    block.absent = [advice(s) for s in sources if s.key not in keys]
    if unused:
        shown = ", ".join(unused[:5]) + (f" and {len(unused) - 5} more" if len(unused) > 5 else "")
        say(f"not used, because no source has files of such a name: {shown}")
    return block


def _reference(fasta: Path, folder: Path, say: Say) -> Path:
    if index_beside(fasta):
        return fasta
    target = folder / (fasta.name.removesuffix(".gz") + ".gz")
    if not index_beside(target):
        say(f"reference: {fasta.name} has no index beside it; writing {target} with one")
        write_indexed(fasta, target)
    return target


def advice(source: Source) -> str:
    """What to do about a source that was not had."""
    if source.access == "apply":
        return f"{source.key}: {source.licence} forbids fetching; apply at {source.apply}"
    if source.access == "terms":
        terms = f"{source.licence}; {source.apply}"
        return f"{source.key}: read its terms ({terms}), then --accept {source.key}"
    if not source.url:
        where = f" (see {source.apply})" if source.apply else ""
        return f"{source.key}: no address{where}; put the file into a folder and use --from"
    return f"{source.key}: {source.url}"


def addresses(source: Source, mirrors: Sequence[str], url: str) -> list[str]:
    """Where a file may be had: the mirrors first (`BASE/name`), then the publisher."""
    name = url.split("?")[0].rsplit("/", 1)[-1]
    return [*(f"{mirror.rstrip('/')}/{name}" for mirror in mirrors), url]


def from_addresses(
    sources: Sequence[Source],
    folder: Path,
    accepted: frozenset[str],
    mirrors: Sequence[str],
    say: Say,
    progress: Callable[[str], Progress | None] = lambda _: None,
) -> Block:
    """Fetch every source that may be fetched into `folder`; the rest is named with advice.

    A file that is there already and is the publisher's is kept; all failures are reported.
    """
    block = Block()
    for source in sources:
        allowed = source.access == "open" or (source.access == "terms" and source.key in accepted)
        if not allowed or not source.url:
            block.absent.append(advice(source))
            continue
        chromosomes = [c.removeprefix("chr") for c in CHROMS if c != "chrM"]
        urls = (
            [source.url.format(chromosome=c) for c in chromosomes]
            if "{" in source.url
            else [source.url]
        )
        paths = [
            folder / source.key.replace(".", "/") / u.split("?")[0].rsplit("/", 1)[-1] for u in urls
        ]
        try:
            for url, path in zip(urls, paths, strict=True):
                published = published_checksum(source.checksum_url) if source.checksum_url else None
                if path.exists():
                    say(f"{source.key}: {path} is there")
                    continue
                where = addresses(source, mirrors, url)
                size = fetched(where, source.sha256 or None, path, progress(path.name), published)
                pinned = (
                    ""
                    if source.sha256 or published
                    else "; no checksum is published: pinned as it came"
                )
                say(f"{source.key}: {size:,} bytes -> {path}{pinned}")
        except InputError as error:
            block.problems.append(f"{source.key}: {error}")
            continue
        if source.key == "reference":
            block.reference = _reference(paths[0], folder / "reference", say)
        else:
            entry = entry_of(source, paths, {"release": source.release})
            block.add(source, entry | ({} if len(urls) > 1 else {"url": source.url}))
    return block


def pack(sources: Sequence[Source], configured: Mapping[str, Path], out: Path, say: Say) -> int:
    """Copy files (relative name -> file) into a folder with a manifest, for a closed network.

    Returns the bytes written. The folder appears whole, with its BUNDLE.tsv last.
    """
    by_key = {s.key: s for s in sources}
    rows, size = [], 0
    out.mkdir(parents=True, exist_ok=True)
    for name, path in configured.items():
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole(target) as part:
            shutil.copyfile(path, part)
        key = name.split("/", 1)[0]
        source = by_key.get(key) or by_key.get(".".join(name.split("/")[:2]))
        size += target.stat().st_size
        rows.append({
            "path": name, "bytes": str(target.stat().st_size), "sha256": checksum(target),
            "key": source.key if source else key, "build": source.build if source else "",
            "release": release_of(path) or "", "licence": source.licence if source else "",
        })  # fmt: skip
        say(f"{name}: {target.stat().st_size:,} bytes")
    with whole(out / MANIFEST) as part, part.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, MANIFEST_COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return size
