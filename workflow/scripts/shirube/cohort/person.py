"""One person's file read once: the alleles they carry and where their genotype is known.

A position is callable in a person where a genotype passes the rule: a reference block, the REF
span of a variant record in a gVCF, the first base of a record in another VCF, and the intervals
of a BED that comes with such a VCF. A genotype that fails takes its position out again, whatever
else covers it, and the alleles there with it: what is not certain is neither counted in AC nor in
AN.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from shirube.cohort import bgzf
from shirube.cohort.aligned import Alleles, aligned
from shirube.cohort.header import Header, parse_header
from shirube.cohort.intervals import difference
from shirube.cohort.kernels import native
from shirube.cohort.kernels.array_types import Ints
from shirube.cohort.ploidies import Par, copies
from shirube.cohort.reference import Reference
from shirube.contracts import CHROM
from shirube.contracts.cohort import CALLABLE, GENOTYPES
from shirube.errors import InputError
from shirube.genome.alleles import canonical
from shirube.genome.chromosomes import CHROMS
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.intervals import union, within
from shirube.genome.regions import read_bed

Bytes = npt.NDArray[np.uint8]
_ROWS, _POOL, _INTERVALS = 1 << 16, 8 << 20, 1 << 18
_DONE, _NEW_CONTIG, _FULL = range(3)
_REFUSALS = {
    3: "a VCF line of tab-separated columns with this sample's",
    4: "positions in ascending order",
    5: "a genotype of alleles that the record lists",
}
_WHOLE = (1 << 31) - 1
_HEADER = 64 << 10  # bytes that most headers fit in
_EMPTY = np.empty(0, np.int32)


@dataclass(frozen=True)
class Person:
    """What is kept of one file.

    `genotypes` and `callable` follow GENOTYPES and CALLABLE; `records` were read; `unmet` names
    the fields the genotype rule needs and the file does not have. `digest` is of the records as
    they stand in the file, whatever its header names the sample and whatever the rule. `events`
    (EVENTS) and `examined` (CALLABLE) are of structural variants, `loci` (LOCI) and `typed`
    (CALLABLE) of repeats and chrM, None where none were looked for.
    """

    genotypes: pl.DataFrame
    callable: pl.DataFrame
    records: int
    unmet: str
    digest: str = ""
    events: pl.DataFrame | None = None
    examined: pl.DataFrame | None = None
    loci: pl.DataFrame | None = None
    typed: pl.DataFrame | None = None


@dataclass
class _Piece:
    """Output of the kernel on one contig, gathered from several calls."""

    rows: list[Ints] = field(default_factory=list)
    ref: list[Bytes] = field(default_factory=list)
    alt: list[Bytes] = field(default_factory=list)
    passed: list[tuple[Ints, Ints]] = field(default_factory=list)
    failed: list[tuple[Ints, Ints]] = field(default_factory=list)


@cache
def _buffers() -> tuple[Ints, Bytes, list[Ints]]:
    intervals = [np.empty(_INTERVALS, np.int32) for _ in range(4)]
    return np.empty(_ROWS * 7, np.int32), np.empty(2 * _POOL, np.uint8), intervals


def whole_lines(text: Bytes) -> int:
    """Bytes of `text` up to its last newline."""
    tail = 1 << 10
    while (end := text[-tail:].tobytes().rfind(b"\n")) < 0 and tail < text.size:
        tail *= 16
    return max(0, text.size - tail) + end + 1 if end >= 0 else 0


class Reader:
    """Takes the text of one file in stretches and gathers one person's genotypes.

    `places`: canonical chromosome -> (name in the reference, length).
    """

    def __init__(
        self,
        path: str | Path,
        sample: str,
        sex: str,
        rule: GenotypeRule,
        places: Mapping[str, tuple[str, int]],
        par: Par,
        aliases: dict[str, str],
    ) -> None:
        self.path, self.sample, self.sex, self.rule = path, sample, sex, rule
        self.places, self.par, self.aliases = places, par, aliases
        self.pieces: dict[str, _Piece] = {}
        self.header: Header | None = None
        self._state = np.zeros(24, np.int64)
        self._seen: set[str] = set()
        self._piece = _Piece()
        self._contig, self._segments, self._column = "", _EMPTY, 0
        self._thresholds = np.empty(0)
        self._digest = hashlib.sha256()

    @property
    def records(self) -> int:
        """Records read so far on canonical chromosomes."""
        return int(self._state[7])

    @property
    def digest(self) -> str:
        """Digest of the records read so far, header aside."""
        return self._digest.hexdigest()[:32]

    def feed(self, text: Bytes) -> int:
        """Read the whole lines of `text`; return how many bytes they took."""
        size = whole_lines(text)
        self._state[0] = 0
        if self.header is None and size:
            size = self._begin(text, size)
        if size:
            self._parse(text, size)
        elif text.size > 1 << 28:
            raise InputError(self.path, "lines and a header shorter than 256 MiB")
        return size

    def _begin(self, text: Bytes, size: int) -> int:
        """Read the header if it is complete in text[:size]; return `size`, else 0."""
        for most in (_HEADER, size):  # the records behind a header are spared the copy
            data = text[: min(most, size)].tobytes()
            at = data.find(b"\n#CHROM") + 1
            end = data.find(b"\n", at) + 1
            if at and end:
                break
        if data[:1] != b"#" or (at and not end):
            raise InputError(self.path, "a VCF that starts with ##fileformat=VCF")
        if not at:
            return 0
        self.header = parse_header(self.path, data[:end])
        if self.sample not in self.header.samples:
            first = ", ".join(self.header.samples[:3])
            raise InputError(self.path, f"a column {self.sample}", f"has {first}")
        self._column = self.header.samples.index(self.sample)
        self._thresholds = self.rule.thresholds(self.header.format)
        for name, length in self.header.contigs.items():
            _, known = self.places.get(canonical(name, self.aliases) or "", ("", length))
            if length is not None and length != known:
                raise InputError(self.path, f"{known} bases as in the reference", name)
        self._state[0] = end
        return size

    def _parse(self, text: Bytes, size: int) -> None:
        assert self.header is not None
        self._digest.update(text[int(self._state[0]) : size].data)
        rows, pool, intervals = _buffers()
        while True:
            name = np.frombuffer(self._contig.encode(), np.uint8)
            code = native.call(
                *("parse", text, size, name, self._column, self._thresholds, self._segments),
                int(self.header.gvcf),
                *(self._state, rows, pool, *intervals),
            )
            if code == _DONE:
                return
            self._drain()
            if code == _NEW_CONTIG:
                self._enter(bytes(text[self._state[0] : self._state[0] + 1024]))
            elif code != _FULL:
                at = int(self._state[8])
                line = bytes(text[at : at + 60]).decode(errors="replace").split("\t")
                raise InputError(self.path, _REFUSALS[code], ":".join(line[:2]).split("\n")[0])

    def _enter(self, line: bytes) -> None:
        """Turn to the contig of the next line."""
        contig = line.split(b"\t")[0].decode(errors="replace")
        if contig in self._seen or not contig:
            raise InputError(self.path, "each contig in one stretch (unsorted?)", contig)
        self._seen.add(contig)
        chrom = canonical(contig, self.aliases)
        if chrom and self.places and chrom not in self.places:
            raise InputError(self.path, "a contig of the reference (another build?)", contig)
        if chrom in self.pieces:
            raise InputError(self.path, f"one contig for {chrom}", contig)
        self._contig, self._piece, self._state[1] = contig, _Piece(), 0
        if chrom:
            self.pieces[chrom] = self._piece
        _, length = self.places.get(chrom or "", ("", _WHOLE))
        self._segments = copies(chrom, length, self.sex, self.par)

    def _drain(self) -> None:
        """Copy what the kernel wrote and make its buffers empty."""
        rows, pool, (ps, pe, fs, fe) = _buffers()
        n, ref, alt, passed, failed = (int(self._state[k]) for k in range(2, 7))
        piece, part = self._piece, rows[: n * 7].copy()
        part[1::7] += sum(map(len, piece.ref))
        part[3::7] += sum(map(len, piece.alt))
        piece.rows.append(part)
        piece.ref.append(pool[:ref].copy())
        piece.alt.append(pool[_POOL : _POOL + alt].copy())
        piece.passed.append((ps[:passed].copy(), pe[:passed].copy()))
        piece.failed.append((fs[:failed].copy(), fe[:failed].copy()))
        self._state[2:7] = 0

    def finish(self, rest: Bytes) -> Header:
        """End of the file: read a last line without newline, return the header."""
        if rest.size:
            self.feed(np.append(rest, np.uint8(10)))
        if self.header is None:
            raise InputError(self.path, "a VCF with a #CHROM line")
        self._drain()
        return self.header


def _concatenated(parts: Sequence[npt.NDArray[Any]], dtype: type[np.generic]) -> npt.NDArray[Any]:
    return np.concatenate([np.empty(0, dtype), *parts])


def _joined(pairs: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    start = _concatenated([start for start, _ in pairs], np.int32)
    return union(start, _concatenated([end for _, end in pairs], np.int32))


def _finished(
    path: str | Path, chrom: str, piece: _Piece, found: Alleles, bed: tuple[Ints, Ints]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Genotypes that pass at callable positions of one contig, and its callable intervals."""
    key, good = found.pos - 1, found.number > 0
    plus = _joined([*piece.passed, (key[good], key[good] + 1), bed])
    minus = _joined([*piece.failed, (key[~good], key[~good] + 1)])
    start, end = difference(plus, minus)
    kept = good & within(key, start, end)
    pos, mask = found.pos[kept], pa.array(kept)
    table = pl.DataFrame(
        {
            "chrom": _repeated(chrom, pos.size),
            "pos": pos,
            "ref": pl.from_arrow(found.ref.filter(mask)),
            "alt": pl.from_arrow(found.alt.filter(mask)),
            "ac": found.number[kept].astype(np.int8),
            "ploidy": found.mark[kept].astype(np.int8),
        }
    )
    if (np.diff(pos) <= 0).any():  # else in order and each allele there once
        table, doubted = _once(table.sort(GENOTYPES.key))
        start, end = difference((start, end), union(doubted - 1, doubted))
    at = _repeated(chrom, start.size)
    return table, pl.DataFrame({"chrom": at, "start": start, "end": end})


def _repeated(chrom: str, times: int) -> pl.Series:
    return pl.Series([chrom], dtype=CHROM).new_from_index(0, times)


def _once(table: pl.DataFrame) -> tuple[pl.DataFrame, Ints]:
    """Sorted GENOTYPES with each allele once, and positions (1-based) where records disagree.

    An allele in two records of one genotype is counted once; where the genotypes differ nobody
    knows which is right, and the position is not callable.
    """
    doubted = (
        table.group_by(GENOTYPES.key)
        .agg(pl.struct("ac", "ploidy").n_unique().alias("said"))
        .filter(pl.col("said") > 1)["pos"]
        .unique()
        .sort()
    )
    kept = table.filter(~pl.col("pos").is_in(doubted.implode()))
    kept = kept.unique(list(GENOTYPES.key), keep="first", maintain_order=True)
    return kept, np.ascontiguousarray(doubted.to_numpy(), np.int32)


def _bed(bed: str | Path | None, aliases: dict[str, str]) -> Iterator[tuple[str, Ints, Ints]]:
    """Merged intervals of a BED by canonical chromosome."""
    found: dict[str, list[tuple[int, int]]] = {}
    for interval in read_bed(bed) if bed else ():
        chrom = canonical(interval.contig, aliases)
        if chrom:
            found.setdefault(chrom, []).append((interval.start, interval.end))
    for chrom, pairs in found.items():
        start, end = np.array(pairs, np.int32).T
        yield (chrom, *union(np.ascontiguousarray(start), np.ascontiguousarray(end)))


def _clipped(track: tuple[Ints, Ints], triples: Ints) -> tuple[Ints, Ints]:
    """A BED's intervals where the person has the chromosome at all."""
    some = triples.reshape(-1, 3)[triples[2::3] > 0]
    whole = np.zeros(1, np.int32), np.full(1, _WHOLE, np.int32)
    none = difference(whole, union(some[:, 0].copy(), some[:, 1].copy()))
    return difference(track, none)


def read_person(
    path: str | Path,
    sample: str,
    sex: str,
    rule: GenotypeRule,
    reference: Reference | None,
    par: Par,
    aliases: Mapping[str, str] | None = None,
    bed: str | Path | None = None,
) -> Person:
    """Genotypes and callable intervals of `sample` in a VCF or gVCF (text, any compression).

    `sex` is XX, XY or unknown (then nothing on X and Y is callable). `bed` holds the callable
    intervals that come with a VCF without reference blocks. Raises InputError for a file that is
    damaged, unsorted or of another build.
    """
    names = dict(aliases or {})
    places = reference.places(names) if reference else {}
    reader = Reader(path, sample, sex, rule, places, par, names)
    intervals = {chrom: (start, end) for chrom, start, end in _bed(bed, names)}
    found: dict[str, tuple[pl.DataFrame, pl.DataFrame]] = {}

    def finish(chrom: str) -> None:
        """Turn what was gathered of a chromosome into what is kept of it."""
        piece, reader.pieces[chrom] = reader.pieces.get(chrom, _Piece()), _Piece()
        name, length = places.get(chrom, ("", _WHOLE))
        alleles = aligned(
            path,
            chrom,
            _concatenated(piece.rows, np.int32),
            _concatenated(piece.ref, np.uint8),
            _concatenated(piece.alt, np.uint8),
            reference,
            name,
        )
        covered = _clipped(intervals.get(chrom, (_EMPTY, _EMPTY)), copies(chrom, length, sex, par))
        found[chrom] = _finished(path, chrom, piece, alleles, covered)

    stretches, rest, kept = bgzf.Stretches(path), np.empty(0, np.uint8), 0
    while (text := stretches.read(kept)) is not None:
        rest = text[reader.feed(text) :]
        kept = rest.size
        for chrom in [*reader.pieces][:-1]:  # the last is still being read
            if chrom not in found:
                finish(chrom)
    header = reader.finish(rest)
    if reader.records == 0 and bed is None:
        raise InputError(path, "at least one record on a canonical chromosome")
    for chrom in {*reader.pieces, *intervals} - found.keys():
        finish(chrom)
    genotypes, tracks = [GENOTYPES.empty()], [CALLABLE.empty()]
    for chrom in sorted(found, key=CHROMS.index):
        good, track = found[chrom]
        genotypes.append(good)
        tracks.append(track)
    return Person(
        pl.concat(genotypes),
        pl.concat(tracks),
        reader.records,
        rule.unmet(header.format),
        reader.digest,
    )
