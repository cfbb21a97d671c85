"""A release, open for questions: its alleles, and who could have been seen where."""

import gzip
import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from shirube.cohort.kernels.array_types import Ints
from shirube.cohort.query.loci import Loci
from shirube.cohort.query.lookup import Sites
from shirube.cohort.query.places import Place
from shirube.cohort.query.sites import FIELDS, group_rows, suffix
from shirube.cohort.query.structural import Structural
from shirube.contracts import CALLABILITY, scan
from shirube.errors import InputError
from shirube.genome.chromosomes import canonical

ALL = "all"
TILE = 1_000_000
_KEPT = 32  # tiles of callability held at a time
Row = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """Who could have been seen at one position: people and their copies, by stratum shown.

    `enough` is False where fewer people than a release needs were callable, or nobody.
    """

    strata: Mapping[str, tuple[int, int]]

    @property
    def enough(self) -> bool:
        """Whether the whole cohort's number is told."""
        return ALL in self.strata

    @property
    def people(self) -> int:
        """People callable, 0 where too few are to be told."""
        return self.strata.get(ALL, (0, 0))[0]


class Release:
    """The files of one release in `folder` (results/cohort)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / "release.json"
        try:
            self.about: dict[str, str] = json.loads(path.read_text())
        except OSError as error:
            raise InputError(path, f"the release of a finished run ({error.strerror})") from error
        except ValueError as error:
            raise InputError(path, f"JSON ({error})") from error
        if self.about.get("status", "").startswith("withdrawn"):
            raise InputError("release", f"one that stands; this one was {self.about['status']}")
        self.groups = [group for group in self.about["groups"].split(";") if group]
        self.structural, self.loci = Structural(folder), Loci(folder)
        self._sites = Sites(folder / "sites.vcf.gz")
        self._contigs = {canonical(name): name for name in self._sites.windows}
        self._marks = {suffix(group): group for group in self.groups}
        # one capture a number, in the order the table's columns have
        keys = [f"{info}{mark}=([^;]+)" for mark in self._marks for info, *_ in FIELDS.values()]
        self._whole = re.compile(";".join(keys))
        self._groups_at = [(g, n * len(FIELDS)) for n, g in enumerate(self._marks.values())]
        self._files: list[tuple[str, int, str]] | None = None
        self._tiles: OrderedDict[tuple[str, int], dict[str, tuple[Ints, ...]]] = OrderedDict()

    @property
    def min_people(self) -> int:
        """People that every published group and difference needs."""
        return int(self.about["min_people"])

    def alleles(self, place: Place) -> list[list[Row]]:
        """FREQUENCY rows of each allele at a place, one a group, `all` first."""
        contig, chrom = self._contigs.get(place.chrom), place.chrom
        out = []
        for line in self._sites.lines(contig, place.start, place.end) if contig else ():
            _, at, _, ref, alt, _, _, info = line.split("\t")
            pos = int(at)
            if place.alleles is None or (pos, ref, alt) in place.alleles:
                out.append(self._rows(chrom, pos, ref, alt, info))
        return out

    def _rows(self, chrom: str, pos: int, ref: str, alt: str, info: str) -> list[Row]:
        """Rows of one record; one with every number of every group is read by its fixed form."""
        whole = self._whole.fullmatch(info)
        if whole is None:
            values = dict(field.split("=", 1) for field in info.split(";"))
            return group_rows(chrom, pos, ref, alt, values, self._marks)
        v = whole.groups()
        return [
            {
                "chrom": chrom,
                "pos": pos,
                "ref": ref,
                "alt": alt,
                "stratum": group,
                "ac": int(v[n]),
                "an": int(v[n + 1]),
                "af": float(v[n + 2]),
                "nhomalt": int(v[n + 3]),
                "nhemi": int(v[n + 4]),
                "faf95": float(v[n + 5]),
                "hwe_p": float(v[n + 6]),
            }
            for group, n in self._groups_at
        ]

    def contig(self, chrom: str) -> str:
        """The reference's own name of a canonical chromosome."""
        return self._contigs.get(chrom, chrom)

    @cached_property
    def contigs(self) -> dict[str, int]:
        """The reference's contigs and their lengths."""
        found = {}
        with gzip.open(self.folder / "sites.vcf.gz", "rt") as lines:
            for line in lines:
                if not line.startswith("##"):
                    break
                if one := re.match(r"##contig=<ID=([^,>]+),length=(\d+)", line):
                    found[one[1]] = int(one[2])
        return found

    @property
    def tells_callability(self) -> bool:
        """Whether this release says who could have been seen (those before 2027 do not)."""
        return (self.folder / "callable").is_dir()

    def most_people(self) -> dict[str, int]:
        """The most people of each stratum that are callable at any one position."""
        files = sorted((self.folder / "callable").glob("*.parquet"))
        rows = pl.concat([CALLABILITY.empty().lazy(), *(scan(CALLABILITY, f) for f in files)])
        found = rows.group_by("stratum").agg(pl.col("people").max()).collect()
        return {str(group): int(people) for group, people in found.iter_rows()}

    def files(self) -> list[tuple[str, int, str]]:
        """Name, bytes and SHA-256 of each file of the release."""
        if self._files is None:
            names = ["sites.vcf.gz", "sites.vcf.gz.tbi", "release.json"]
            for part in ("frequency", "callable", "structural", "loci"):
                names += sorted(f"{part}/{p.name}" for p in (self.folder / part).glob("*.parquet"))
            self._files = [
                (name, (self.folder / name).stat().st_size, _sha256(self.folder / name))
                for name in names
            ]
        return self._files

    def _tile(self, chrom: str, number: int) -> dict[str, tuple[Ints, ...]]:
        """Stratum -> starts, ends, people, copies of the stretches that reach into a tile."""
        key = (chrom, number)
        if key not in self._tiles:
            path = self.folder / "callable" / f"{chrom}.parquet"
            rows = CALLABILITY.empty()
            if path.is_file():
                inside = (pl.col("start") < (number + 1) * TILE) & (pl.col("end") > number * TILE)
                rows = scan(CALLABILITY, path).filter(inside).collect()
            columns = ("start", "end", "people", "an")
            self._tiles[key] = {
                str(group[0]): tuple(own[name].to_numpy() for name in columns)
                for group, own in rows.group_by("stratum", maintain_order=True)
            }
            if len(self._tiles) > _KEPT:
                self._tiles.popitem(last=False)
        self._tiles.move_to_end(key)
        return self._tiles[key]

    def seen(self, chrom: str, pos: int) -> Seen:
        """Who could have been seen at a 1-based position."""
        found = {}
        for group, (start, end, people, an) in self._tile(chrom, (pos - 1) // TILE).items():
            at = int(np.searchsorted(start, pos - 1, "right")) - 1
            if at >= 0 and pos - 1 < end[at]:
                found[group] = (int(people[at]), int(an[at]))
        return Seen(found)

    def stretches(
        self, chrom: str, start: int, end: int, group: str = ALL
    ) -> list[tuple[int, ...]]:
        """(start, end, people, copies) of one group within 0-based [start, end), cut to it."""
        out: list[tuple[int, ...]] = []
        for number in range(start // TILE, max(end - 1, start) // TILE + 1):
            arrays = self._tile(chrom, number).get(group)
            if arrays is None:
                continue
            low, high = max(start, number * TILE), min(end, (number + 1) * TILE)
            inside = (arrays[0] < high) & (arrays[1] > low)
            for a, b, people, an in zip(*(x[inside].tolist() for x in arrays), strict=True):
                piece = (max(a, low), min(b, high), people, an)
                if out and out[-1][1] == piece[0] and out[-1][2:] == piece[2:]:
                    piece = (out.pop()[0], *piece[1:])
                out.append(piece)
        return out


def _sha256(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
