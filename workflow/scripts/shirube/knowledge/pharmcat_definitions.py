"""Named-allele definitions and phenotypes in PharmCAT's file format.

    definition/alleles/<GENE>_translation.json[.gz]   positions and the alleles they define
    definition/alleles/exemptions.json                positions and alleles to leave out
    phenotype/<GENE>.json[.gz]                        function, diplotype -> phenotype
    guidelines*.json[.gz]                             recommendations of CPIC and DPWG

An allele that leaves a position unstated has the reference base there, as PharmCAT reads it;
a IUPAC letter allows every base it stands for.
"""

import gzip
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shirube.errors import InputError
from shirube.genome.alleles import trimmed

IUPAC = {"R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC"}
IUPAC |= {"B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT"}
OUTSIDE = ("CYP2D6", "HLA-A", "HLA-B")  # what short reads over a list of positions cannot answer
_MITOCHONDRIAL = re.compile(r"^m\.(\d+)([ACGT])>([ACGT])$")


@dataclass(frozen=True)
class Position:
    """A place that defines alleles: VCF position (1-based), reference and alternative bases."""

    pos: int
    ref: str
    alts: tuple[str, ...]
    rsid: str | None
    name: str

    @property
    def alleles(self) -> tuple[str, ...]:
        """Reference first, then the alternatives: what a genotype's numbers mean."""
        return (self.ref, *self.alts)

    def changes(self) -> dict[tuple[int, str, str], int]:
        """Trimmed (pos, ref, alt) -> number of the allele."""
        return {trimmed(self.pos, self.ref, alt): n for n, alt in enumerate(self.alts, 1)}


@dataclass(frozen=True)
class Gene:
    """Positions and named alleles of one gene.

    allowed: (alleles, positions) uint64, bit n set where the named allele may have allele n of
    the position; stated: (alleles, positions) bool, where the definition says so itself.
    """

    gene: str
    chrom: str
    version: str
    positions: tuple[Position, ...]
    names: tuple[str, ...]
    allowed: NDArray[np.uint64]
    stated: NDArray[np.bool_]
    reference: int

    @property
    def scores(self) -> NDArray[np.int64]:
        """Positions each named allele states: PharmCAT prefers the diplotypes that state most."""
        return self.stated.sum(axis=1)


def read_json(path: Path) -> Any:  # noqa: ANN401  whatever the publisher wrote
    """Content of a JSON file, plain or gzipped."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as stream:
            return json.load(stream)
    except (OSError, ValueError) as error:
        raise InputError(path, f"a readable JSON file ({error})") from error


def _bits(allele: str, position: Position, where: Path) -> int:
    listed = position.alleles
    if allele in listed:
        return 1 << listed.index(allele)
    bits = sum(1 << n for n, base in enumerate(listed) if base in IUPAC.get(allele, ""))
    if not bits:
        raise InputError(where, f"one of {', '.join(listed)} at {position.pos}", allele)
    return bits


def gene_of(path: Path, left_out: dict[str, Any]) -> Gene:
    """The gene of one `<GENE>_translation.json`; `left_out`: its entry in exemptions.json."""
    data = read_json(path)
    try:
        drop = {p["position"] for p in left_out.get("ignoredPositions", [])}
        kept = [i for i, v in enumerate(data["variants"]) if v["position"] not in drop]
        positions = tuple(
            Position(v["position"], v["ref"], tuple(v["alts"]), v["rsid"], v["chromosomeHgvsName"])
            for v in (data["variants"][i] for i in kept)
        )
        named = [
            a
            for a in data["namedAlleles"]
            if a["name"] not in left_out.get("ignoredAlleles", []) and not a["structuralVariant"]
        ]
        shape = (len(named), len(positions))
        allowed, stated = np.ones(shape, np.uint64), np.zeros(shape, np.bool_)
        for row, allele in enumerate(named):
            for column, i in enumerate(kept):
                if (found := allele["alleles"][i]) is not None:
                    allowed[row, column] = _bits(found, positions[column], path)
                    stated[row, column] = True
        reference = next(n for n, allele in enumerate(named) if allele["reference"])
        names = tuple(allele["name"] for allele in named)
        return Gene(
            data["gene"], data["chromosome"], data["version"], positions, names, allowed, stated,
            reference,
        )  # fmt: skip
    except (KeyError, TypeError, StopIteration) as error:
        raise InputError(path, f"PharmCAT's named-allele format ({error!r})") from error


def mitochondrial(phenotype: dict[str, Any]) -> Gene:
    """MT-RNR1 from its phenotype file: the names of its alleles state their one position."""
    positions, names = [], ["Reference"]
    for name in phenotype["haplotypes"]:
        if found := _MITOCHONDRIAL.match(name):
            positions.append(Position(int(found[1]), found[2], (found[3],), None, name))
            names.append(name)
    allowed = np.ones((len(names), len(positions)), np.uint64)
    stated = np.zeros(allowed.shape, np.bool_)
    stated[0] = True
    for n in range(len(positions)):
        allowed[n + 1, n], stated[n + 1, n] = 2, True
    version = str(phenotype.get("version", ""))
    return Gene("MT-RNR1", "chrM", version, tuple(positions), tuple(names), allowed, stated, 0)


def genes(files: Iterable[Path]) -> list[Gene]:
    """Every gene that can be called, by symbol; those of OUTSIDE are not among them."""
    paths = list(files)
    exemptions: dict[str, Any] = next(
        (read_json(p) for p in paths if p.name == "exemptions.json"), {}
    )
    found = []
    for path in paths:
        symbol = path.name.split("_translation.json")[0]
        if "_translation.json" in path.name and symbol not in OUTSIDE:
            found.append(gene_of(path, exemptions.get(symbol, {})))
        elif path.name.split(".json")[0] == "MT_RNR1":
            found.append(mitochondrial(read_json(path)))
    return sorted(found, key=lambda gene: gene.gene)
