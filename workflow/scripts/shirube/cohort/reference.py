"""The reference sequence as bytes in place: no contig is ever copied into memory."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shirube.cohort import bgzf
from shirube.errors import InputError
from shirube.genome.chromosomes import canonical


@dataclass(frozen=True)
class Reference:
    """A FASTA file mapped to memory, and where its index says each contig lies.

    `contigs`: name -> (length, offset of the first base, bases a line, bytes a line).
    """

    bytes: npt.NDArray[np.uint8]
    contigs: dict[str, tuple[int, int, int, int]]

    def places(self, aliases: dict[str, str]) -> dict[str, tuple[str, int]]:
        """Canonical chromosome -> (contig's own name, length)."""
        named = ((canonical(name, aliases), name) for name in self.contigs)
        return {chrom: (name, self.contigs[name][0]) for chrom, name in named if chrom}

    @classmethod
    def open(cls, fasta: str | Path) -> "Reference":
        """Map `fasta` (with .fai beside it); one that is bgzipped is inflated to a hidden file."""
        index = Path(f"{fasta}.fai")
        if not index.is_file():
            raise InputError(index, "an index (samtools faidx)")
        contigs = {}
        for number, line in enumerate(index.read_text().splitlines(), 1):
            fields = line.split("\t")
            if len(fields) < 5:
                raise InputError(index, "five tab-separated columns", f"line {number}")
            length, offset, bases, width = map(int, fields[1:5])
            contigs[fields[0]] = (length, offset, bases, width)
        with open(fasta, "rb") as stream:
            compressed = stream.read(2) == b"\x1f\x8b"
        if not compressed:
            return cls(np.memmap(fasta, np.uint8, "r"), contigs)
        with tempfile.TemporaryFile() as plain:
            for stretch in bgzf.Stretches(fasta):
                stretch.tofile(plain)
            return cls(np.memmap(plain, np.uint8, "r"), contigs)
