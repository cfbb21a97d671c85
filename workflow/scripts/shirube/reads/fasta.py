"""A reference FASTA made ready to be read: bgzipped and indexed."""

import gzip
import shutil
from pathlib import Path

import pysam

from shirube.errors import InputError
from shirube.files import scratch


def index_beside(fasta: Path) -> bool:
    """Whether the indices a FASTA is read by lie beside it (.fai, and .gzi if it is packed)."""
    endings = (".fai", ".gzi") if fasta.suffix in (".gz", ".bgz") else (".fai",)
    return all(Path(f"{fasta}{ending}").is_file() for ending in endings)


def write_indexed(fasta: Path, target: Path) -> None:
    """A bgzipped copy of a FASTA (plain, gzip or BGZF) as `target`, with .fai and .gzi.

    All three appear together at the end; InputError if it is no FASTA.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with scratch(target) as folder:
        plain, packed = folder / "plain.fa", folder / "packed.fa.gz"
        opened = gzip.open if fasta.suffix in (".gz", ".bgz") else open
        try:
            with opened(fasta, "rb") as source, plain.open("wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
            pysam.tabix_compress(str(plain), str(packed), force=True)
            pysam.faidx(str(packed))
        except (OSError, EOFError, pysam.SamtoolsError) as error:
            raise InputError(fasta, f"a FASTA that can be indexed ({error})") from error
        for ending in (".fai", ".gzi", ""):
            Path(f"{packed}{ending}").replace(f"{target}{ending}")
