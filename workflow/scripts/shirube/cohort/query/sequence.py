"""Bases of the reference where they are asked for: nothing of a chromosome is held."""

import os
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import yaml

from shirube.cohort.kernels.deflate import Inflater
from shirube.errors import InputError
from shirube.genome.chromosomes import canonical
from shirube.genome.edits import allele_of, edit_of, shifted
from shirube.genome.sequence import Bases, known_bases

_BLOCK = 1 << 16


class _File:
    """Bytes of a FASTA file by offset, plain or bgzipped (with its .gzi)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._starts: list[int] = []
        if os.pread(self._file, 2, 0) == b"\x1f\x8b":
            index = Path(f"{path}.gzi")
            if not index.is_file():
                raise InputError(index, "an index of the compressed FASTA (samtools faidx)")
            pairs = np.fromfile(index, np.uint64)[1:].reshape(-1, 2).astype(np.int64)
            self._places = [0, *pairs[:, 0].tolist()]
            self._starts = [0, *pairs[:, 1].tolist()]
            self._inflate = Inflater()

    def __del__(self) -> None:
        if "_file" in self.__dict__:
            os.close(self._file)

    def read(self, start: int, end: int) -> bytes:
        """Bytes [start, end) of the text."""
        if not self._starts:
            return os.pread(self._file, end - start, start)
        out, at = b"", bisect_right(self._starts, start) - 1
        first = self._starts[at]
        place = self._places[at]
        while first + len(out) < end:
            data = os.pread(self._file, _BLOCK, place)
            if not data:
                break
            block, size = self._inflate.first(self._path, data, place)
            out, place = out + block, place + size
        return out[start - first : end - first]


class Chromosome:
    """The bases of one contig, read slice by slice; indexed as an array of codes is."""

    def __init__(self, file: _File, place: tuple[int, int, int, int]) -> None:
        self._file = file
        self.size, self._offset, self._bases, self._width = place

    def _at(self, index: int) -> int:
        return self._offset + index // self._bases * self._width + index % self._bases

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, key: Any) -> Any:  # noqa: ANN401 (an integer or a slice)
        if not isinstance(key, slice):
            return self[int(key) : int(key) + 1][0]
        start, stop, _ = key.indices(self.size)
        if start >= stop:
            return np.zeros(0, np.uint8)
        raw = self._file.read(self._at(start), self._at(stop - 1) + 1)
        letters = raw.replace(b"\n", b"").replace(b"\r", b"")
        return known_bases(np.frombuffer(letters, np.uint8))


class Genome:
    """The reference a release stands on; `build` is its name in the configuration."""

    def __init__(
        self, fasta: str | Path, build: str, aliases: Mapping[str, str] | None = None
    ) -> None:
        self.path, self.build = Path(fasta), build
        index = Path(f"{fasta}.fai")
        if not index.is_file():
            raise InputError(index, "an index (samtools faidx)")
        self._file, self._places = _File(self.path), {}
        for number, line in enumerate(index.read_text().splitlines(), 1):
            fields = line.split("\t")
            if len(fields) < 5:
                raise InputError(index, "five tab-separated columns", f"line {number}")
            self._places[fields[0]] = tuple(map(int, fields[1:5]))
        names = dict(aliases or {})
        named = ((canonical(name, names), name) for name in self._places)
        self.contigs = {chrom: name for chrom, name in named if chrom}

    @classmethod
    def configured(cls, config: Path) -> "Genome | None":
        """The reference a run's configuration names; None if there is no such file."""
        if not config.is_file():
            return None
        reference = yaml.safe_load(config.read_text()).get("reference") or {}
        fasta = config.parent.parent / str(reference.get("fasta"))
        if not fasta.is_file():
            return None
        return cls(fasta, reference.get("build", ""), reference.get("aliases"))

    def chromosome(self, chrom: str) -> Bases:
        """Bases of a canonical chromosome; InputError if the reference has none of the name."""
        if chrom not in self.contigs:
            raise InputError(self.path, "a chromosome of the reference", chrom)
        place = cast(tuple[int, int, int, int], self._places[self.contigs[chrom]])
        return cast(Bases, Chromosome(self._file, place))

    def length(self, chrom: str) -> int:
        """Bases of a canonical chromosome, 0 if the reference has none of the name."""
        contig = self.contigs.get(chrom)
        return self._places[contig][0] if contig else 0

    def normal(self, chrom: str, pos: int, ref: str, alt: str) -> tuple[int, str, str]:
        """An allele (1-based `pos`) trimmed and left-aligned, as those of a release are.

        InputError where REF is not what the reference has.
        """
        sequence = self.chromosome(chrom)
        here = bytes(sequence[pos - 1 : pos - 1 + len(ref)]).decode()
        unlike = any(a != b and b != "N" for a, b in zip(ref, here, strict=False))
        if len(here) != len(ref) or unlike:
            there = here or "nothing"
            raise InputError(f"{chrom}-{pos}-{ref}-{alt}", f"REF {there}, as the reference has it")
        if len(ref) == len(alt) == 1 or ref == alt or "N" in alt:
            return pos, ref, alt
        return allele_of(shifted(edit_of(pos, ref, alt), sequence, forward=False), sequence)
