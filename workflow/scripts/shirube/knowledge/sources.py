"""A publisher's file, read as published: whole, unaltered, of the right build.

Every refusal names the file. What a file holds is the business of the importer of its format.
"""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from shirube.errors import InputError
from shirube.knowledge.names import files_of

_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_CHUNK = 1 << 20
BUILDS = {"GRCh38": ("grch38", "hg38", "b38"), "GRCh37": ("grch37", "hg19", "b37", "hs37d5")}


@dataclass(frozen=True)
class Source:
    """One configured file of a knowledge source.

    `format`, `populations` (label -> INFO field), `japanese` (a label) and `chromosomes` (called,
    where records do not say) describe a source of population frequencies.
    """

    name: str
    path: str
    version: str = ""
    licence: str = ""
    sha256: str = ""
    url: str = ""
    format: str = "vcf"
    populations: Mapping[str, str] = field(default_factory=dict)
    japanese: str | None = None
    chromosomes: int | None = None

    def verified(self) -> str:
        """SHA-256 of the file as it lies on disk; refuse it if altered, empty or cut short.

        Of a directory: over the name and content of each file that is read of it.
        """
        path, digest = Path(self.path), hashlib.sha256()
        files = files_of(path)
        if not files or not all(file.is_file() for file in files):
            raise InputError(path, "an existing file", f"knowledge source {self.name}")
        for file in files:
            if file.stat().st_size == 0:
                raise InputError(file, "a file that is not empty", f"knowledge source {self.name}")
            if path.is_dir():
                digest.update(str(file.relative_to(path)).encode() + b"\0")
            with file.open("rb") as stream:
                while block := stream.read(_CHUNK):
                    digest.update(block)
        found = digest.hexdigest()
        if self.sha256 and found != self.sha256:
            raise InputError(path, f"sha256 {self.sha256[:12]}..., found {found[:12]}...: altered")
        for file in files:
            refuse_truncated(file)
        return found

    def about(self) -> dict[str, str]:
        """What the report says of the source; refuse one without version or licence."""
        for key, value in (("version", self.version), ("licence", self.licence)):
            if not value.strip():
                raise InputError(self.path, f"a {key} in the configuration", f"source {self.name}")
        return {
            "source": self.name,
            "release": self.version,
            "licence": self.licence,
            "sha256": self.verified(),
            "url": self.url,
        }


def refuse_truncated(path: Path) -> None:
    """Raise InputError if a gzip file stops early; BGZF is judged by its closing block."""
    with path.open("rb") as stream:
        head = stream.read(18)
        if head[:2] != b"\x1f\x8b":
            return
        if head[12:14] == b"BC" and len(head) == 18:
            stream.seek(-min(28, path.stat().st_size), io.SEEK_END)
            if stream.read() != _BGZF_END:
                raise InputError(path, "a complete BGZF file (closing block absent: truncated)")
            return
    try:
        with gzip.open(path) as packed:
            while packed.read(_CHUNK):
                pass
    except (EOFError, zlib.error, OSError) as error:
        raise InputError(path, f"a complete gzip file ({error}: truncated or damaged)") from error


def text(path: str | Path) -> str:
    """Content of a text file, plain or gzip, UTF-8 (a byte-order mark is dropped)."""
    try:
        data = Path(path).read_bytes()
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        return data.decode("utf-8-sig")
    except (EOFError, zlib.error, OSError) as error:
        raise InputError(path, f"a complete file ({error})") from error
    except UnicodeDecodeError as error:
        raise InputError(path, f"UTF-8 text ({error.reason})", f"byte {error.start}") from error


def table(
    path: str | Path,
    columns: Iterable[str],
    separator: str = "\t",
    quote: str | None = '"',
    comment: str | None = None,
) -> pl.DataFrame:
    """A delimited file with a header as strings, empty = null; `columns` must be among its own."""
    body = text(path)
    if comment:
        lines = body.splitlines()
        first = next((i for i, line in enumerate(lines) if not line.startswith(comment)), None)
        body = "" if first is None else "\n".join(lines[first:])
    if not body.strip():
        raise InputError(path, "a header and at least one row; the file is empty")
    try:
        frame = pl.read_csv(
            io.StringIO(body),
            separator=separator,
            quote_char=quote,
            infer_schema=False,
            null_values="",
        )
    except pl.exceptions.PolarsError as error:
        raise InputError(path, f"a rectangular table ({str(error).splitlines()[0]})") from error
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise InputError(path, f"columns {', '.join(missing)}", "header")
    if not frame.height:
        raise InputError(path, "at least one row")
    return frame


def refuse_duplicates(frame: pl.DataFrame, key: Iterable[str], path: str | Path) -> None:
    """Raise InputError naming the first key that occurs twice."""
    keys = frame.select(key)
    if keys.is_duplicated().any():
        row = keys.filter(keys.is_duplicated()).row(0)
        raise InputError(path, "each row once", f"duplicate {' '.join(map(str, row))}")


def refuse_mixed_prefix(contigs: Iterable[str], path: str | Path) -> None:
    """Raise InputError if some chromosomes are written chr1 and others 1."""
    names = [c for c in contigs if c.removeprefix("chr") in {*map(str, range(1, 23)), "X", "Y"}]
    bare = [name for name in names if not name.startswith("chr")]
    if bare and len(bare) < len(names):
        prefixed = next(name for name in names if name.startswith("chr"))
        raise InputError(path, f"one naming of chromosomes, found {bare[0]} and {prefixed}")


def refuse_other_build(stated: str, build: str, path: str | Path) -> None:
    """Raise InputError if the words `stated` name a build that is not `build`."""
    words = stated.lower()
    for name, spellings in BUILDS.items():
        if name != build and any(word in words for word in spellings):
            raise InputError(path, f"build {build}, the file says {stated.strip()}: other build")
