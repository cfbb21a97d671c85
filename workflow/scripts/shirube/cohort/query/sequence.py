"""Bases of the reference where they are asked for: nothing of a chromosome is held."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import yaml

from shirube.cohort.aligned import aligned
from shirube.cohort.reference import Reference
from shirube.errors import InputError
from shirube.genome.chromosomes import canonical
from shirube.genome.sequence import Bases, known_bases


class Chromosome:
    """The bases of one contig, read slice by slice; indexed as an array of codes is."""

    def __init__(self, reference: Reference, contig: str) -> None:
        self._bytes = reference.bytes
        self.size, self._offset, self._bases, self._width = reference.contigs[contig]

    def _at(self, index: int) -> int:
        return self._offset + index // self._bases * self._width + index % self._bases

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, key: Any) -> Any:  # noqa: ANN401 (an integer or a slice)
        if not isinstance(key, slice):
            return known_bases(np.atleast_1d(self._bytes[self._at(int(key))]))[0]
        start, stop, _ = key.indices(self.size)
        if start >= stop:
            return np.zeros(0, np.uint8)
        raw: npt.NDArray[np.uint8] = self._bytes[self._at(start) : self._at(stop - 1) + 1]
        return known_bases(raw[(raw != ord("\n")) & (raw != ord("\r"))])


class Genome:
    """The reference a release stands on; `build` is its name in the configuration."""

    def __init__(
        self, fasta: str | Path, build: str, aliases: Mapping[str, str] | None = None
    ) -> None:
        self.path, self.build = Path(fasta), build
        self._reference = Reference.open(fasta)
        names = dict(aliases or {})
        named = ((canonical(name, names), name) for name in self._reference.contigs)
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
        return cast(Bases, Chromosome(self._reference, self.contigs[chrom]))

    def length(self, chrom: str) -> int:
        """Bases of a canonical chromosome, 0 if the reference has none of the name."""
        contig = self.contigs.get(chrom)
        return self._reference.contigs[contig][0] if contig else 0

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
        if len(ref) == len(alt) == 1 or "N" in alt:
            return pos, ref, alt
        row = np.array([pos, 0, len(ref), 0, len(alt), 0, 0], np.int32)
        pools = [np.frombuffer(text.encode(), np.uint8) for text in (ref, alt)]
        reference, contig = self._reference, self.contigs[chrom]
        found = aligned(self.path, chrom, row, pools[0], pools[1], reference, contig)
        return int(found.pos[0]), found.ref[0].as_py(), found.alt[0].as_py()
