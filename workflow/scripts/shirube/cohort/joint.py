"""A joint VCF or BCF counted in one pass, without a state: strata's counts of every allele.

The BCF's bytes go to the compiled kernel as they are inflated; a VCF text is turned into BCF by
bcftools on the way.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shirube.cohort import bgzf
from shirube.cohort.header import Header, parse_header
from shirube.cohort.kernels import native
from shirube.cohort.kernels.array_types import Bytes, Ints
from shirube.cohort.ploidies import Par, copies
from shirube.cohort.reference import Reference
from shirube.errors import InputError
from shirube.genome.chromosomes import canonical
from shirube.genome.genotype_rule import GenotypeRule
from shirube.tools import piped

_DONE, _NEW_SEGMENT, _FULL = range(3)
_REFUSALS = {
    3: "an undamaged BCF record with a GT",
    4: "records sorted by position, each contig once",
    5: "genotypes of alleles that the record lists",
    6: "records of the samples in the header",
}
WHOLE = (1 << 31) - 1
_KEYS = ("GT", "DP", "GQ", "AD", "FT")
_SITES = 4096
_NOTHING, _MISSING_TWO, _MISSING_ONE, _HET, _HOM, _HEMI, _, _NO_SUCH = range(8)


@dataclass(frozen=True)
class Counts:
    """Counts of one contig's alleles by stratum, one row an ALT that has a sequence.

    `rows` and `pools` as `kernels.text.parse` makes them (alleles as written, not aligned);
    ac, nhomalt, nhemi, an, diploid: (rows, strata) int32.
    """

    contig: str
    chrom: str
    rows: Ints
    ref: Bytes
    alt: Bytes
    ac: Ints
    nhomalt: Ints
    nhemi: Ints
    an: Ints
    diploid: Ints
    without_sequence: int = 0  # ALTs that are symbolic or breakends: not counted


@contextmanager
def bcf(path: str | Path) -> Iterator[bgzf.Stretches]:
    """Inflated BCF bytes of a VCF or BCF file."""
    head = next(iter(bgzf.Stretches(path)))[:5].tobytes()
    if head == b"BCF\2\2":
        yield bgzf.Stretches(path)
    else:
        with piped(["bcftools", "view", "--no-version", "-Ou", path]) as pipe:
            yield bgzf.Stretches(path, pipe)


def dictionary(text: str) -> tuple[dict[str, int], dict[int, str]]:
    """BCF numbers of FORMAT fields, and contigs by number, from a header's text."""
    numbers = {"PASS": 0}
    formats: dict[str, int] = {}
    contigs: dict[int, str] = {}
    for line in text.splitlines():
        found = re.match(r"##(FILTER|INFO|FORMAT|contig)=<ID=([^,>]+).*", line)
        if not found:
            continue
        kind, name = found.groups()
        index = re.search(r"[,<]IDX=(\d+)", line)
        if kind == "contig":
            contigs[int(index[1]) if index else len(contigs)] = name
            continue
        if index:
            numbers[name] = int(index[1])
        numbers.setdefault(name, len(numbers))
        if kind == "FORMAT":
            formats[name] = numbers[name]
    return formats, contigs


def lookup() -> npt.NDArray[np.uint8]:
    """`lut`: a code of each call (0-255), then what two calls are by copies, then a failed one.

    Named as in `kernels.joint`. Codes: 0 missing, 1 reference, 2 the ALT, 3 end of vector, 4 other.
    """
    lut = np.full(512, 4, np.uint8)
    lut[[0, 2, 4, 0x80]] = [0, 1, 2, 3]
    lut[256:448] = _NO_SUCH
    for a in range(4):
        for b in range(4):
            zero, one, two = (256 + (have << 6 | a << 3 | b) for have in range(3))
            lut[zero] = _NOTHING
            lut[two] = _NOTHING if a == b == 1 else _HOM if a == b == 2 else _HET
            if 0 in (a, b) or 3 in (a, b):
                lut[two] = _MISSING_TWO
            called = b in (3, a)
            lut[one] = _MISSING_ONE if not called or a in (0, 3) else _NOTHING if a == 1 else _HEMI
    lut[448:451] = [_NOTHING, _MISSING_ONE, _MISSING_TWO]
    return lut


@dataclass
class _Segment:
    """A stretch of a contig in which nobody's copies change, and what the kernel needs there."""

    contig: int
    low: int
    high: int
    chrom: str | None
    copies: Ints
    whole: npt.NDArray[np.int64]
    limits: npt.NDArray[np.int16]
    expected: Bytes


@dataclass
class _Gathered:
    """Kernel output of one contig, from several calls."""

    rows: list[Ints] = field(default_factory=list)
    ref: list[Bytes] = field(default_factory=list)
    alt: list[Bytes] = field(default_factory=list)
    sites: list[Ints] = field(default_factory=list)
    counts: list[Ints] = field(default_factory=list)


class Counter:
    """Counts the records of one joint file, given as BCF bytes."""

    def __init__(
        self,
        path: str | Path,
        sexes: Mapping[str, str],
        strata: Mapping[str, int],
        rule: GenotypeRule | None,
        places: Mapping[str, tuple[str, int]],
        par: Par,
        aliases: dict[str, str],
    ) -> None:
        self.path, self.rule, self.places = path, rule, places
        self.par, self.aliases = par, aliases
        self._sexes, self._strata_of = sexes, strata
        self.strata = max(strata.values(), default=0) + 1
        self.found: dict[str, _Gathered] = {}
        self._state = np.zeros(9, np.int64)
        self._segment: _Segment | None = None
        self._closed: set[int] = set()

    def begin(self, header: Header, text: str) -> None:
        """Take the header: who is in the file, and the numbers it gives its fields."""
        there = set(header.samples)
        absent = [name for name in self._strata_of if name not in there]
        if absent:
            raise InputError(self.path, "a column for every sample counted", absent[0])
        self.header = header
        formats, self.contigs = dictionary(text)
        self._keys = np.array([formats.get(name, -1) for name in _KEYS], np.int64)
        n = len(header.samples)
        self._n = n
        self._stratum = np.array([self._strata_of.get(s, -1) for s in header.samples], np.int32)
        self._sex = [self._sexes.get(s, "unknown") for s in header.samples]
        self._thresholds = np.full(4, -1.0)
        if self.rule:
            self._thresholds = self.rule.thresholds(header.format)
        self._lut = lookup()
        self._tally_of = (
            np.where(self._stratum < 0, self.strata, self._stratum).astype(np.int32) * 8
        )
        self._tally_of = self._tally_of.astype(np.int32)
        self._tallies = np.zeros(8 * (self.strata + 1), np.int64)
        room = (n + 7) // 8
        self._bad, self._calls = np.zeros(2 * room, np.int32), np.zeros(2 * room, np.int64)
        for name, length in header.contigs.items():
            _, known = self.places.get(canonical(name, self.aliases) or "", ("", length))
            if length is not None and length != known:
                raise InputError(self.path, f"{known} bases as in the reference", name)
        wide = max(1, self.strata)
        self._rows = np.empty(_SITES * 2 * 7, np.int32)
        self._pools = np.empty(4 << 20, np.uint8)
        self._site_counts = np.empty(_SITES * 2 * wide, np.int32)
        self._row_counts = np.empty(_SITES * 2 * 3 * wide, np.int32)

    def _enter(self, contig: int, pos: int) -> _Segment:
        """The segment that holds a position."""
        name = self.contigs.get(contig)
        if name is None:
            raise InputError(self.path, "a contig that the header names", f"number {contig}")
        if self._segment is None or self._segment.contig != contig:
            if contig in self._closed:
                raise InputError(self.path, _REFUSALS[4], name)
            self._closed.add(contig)
            self._state[5] = 0
        chrom = canonical(name, self.aliases)
        if chrom and self.places and chrom not in self.places:
            raise InputError(self.path, "a contig of the reference (another build?)", name)
        _, length = self.places.get(chrom or "", ("", WHOLE))
        low, high, have_of = 0, WHOLE, {}
        for sex in ("XX", "XY", "unknown"):
            triples = copies(chrom, length, sex, self.par).reshape(-1, 3)
            have_of[sex] = 0
            for start, end, number in triples.tolist():
                if start <= pos < (end if end < length else WHOLE):
                    have_of[sex] = number
                    low = max(low, start)
                    high = min(high, end if end < length else WHOLE)
        have = np.array([have_of[s] for s in self._sex], np.int32)
        counted = np.where(self._stratum >= 0, have, 0)
        whole = np.zeros(2 * self.strata, np.int64)
        people = np.maximum(self._stratum, 0)
        np.add.at(whole, people, counted)
        np.add.at(whole, people + self.strata, counted == 2)
        gq, dp, dp_haploid, _ = self._thresholds
        none = np.iinfo(np.int16).min
        limits = np.full(2 * self._n, none, np.int16)
        limits[: self._n] = np.where(counted > 0, int(gq), none)
        by_copies = np.where(have == 2, int(dp), int(dp_haploid))
        limits[self._n :] = np.where(counted > 0, by_copies, none)
        expected = np.zeros((self._calls.size * 4, 2), np.uint8)
        expected[: self._n, 0] = np.where(have > 0, 2, 0)
        expected[: self._n, 1] = np.where(have == 2, 2, 0x80)
        return _Segment(contig, low, high, chrom, have, whole, limits, expected.ravel())

    def feed(self, text: Bytes) -> int:
        """Count the whole records of `text`; return how many bytes they took."""
        self._state[0] = 0
        gq, dp, _, ab = self._thresholds
        thresholds = np.array([ab, gq, dp])
        while True:
            here = self._segment
            if here is None:
                code = _NEW_SEGMENT if text.size >= 16 else _DONE
            else:
                code = native.call(
                    "joint",
                    *(text, text.size, here.contig, here.low, here.high, self._n, self.strata),
                    *(self._stratum, here.copies, here.whole, here.limits, self._keys),
                    *(thresholds, self._bad.view(np.uint8), self._bad),
                    *(self._calls.view(np.uint8), self._calls),
                    *(here.expected, here.expected.view(np.int64)),
                    *(self._lut, self._tally_of, self._tallies),
                    *(self._state, self._rows, self._pools, self._site_counts, self._row_counts),
                )
            if code == _DONE:
                return int(self._state[0])
            if code == _NEW_SEGMENT:
                self._drain()
                at = int(self._state[0])
                contig, pos = np.frombuffer(text[at + 8 : at + 16].tobytes(), np.int32).tolist()
                self._segment = self._enter(contig, pos)
            elif code == _FULL:
                self._grow() if self._state[1] == 0 else self._drain()
            else:
                at = int(self._state[7])
                contig, pos = np.frombuffer(text[at + 8 : at + 16].tobytes(), np.int32).tolist()
                where = f"{self.contigs.get(contig, contig)}:{pos + 1}"
                raise InputError(self.path, _REFUSALS[code], where)

    def _grow(self) -> None:
        """Make room for a record that does not fit into empty buffers."""
        if self._pools.size > 1 << 30:
            raise InputError(self.path, "records of less than 512 MiB of alleles")
        self._rows, self._row_counts = (
            np.empty(a.size * 2, np.int32) for a in (self._rows, self._row_counts)
        )
        self._pools = np.empty(self._pools.size * 4, np.uint8)

    def _drain(self) -> None:
        """Copy what the kernel wrote of the segment and make its buffers empty."""
        sites, n, ref, alt = (int(self._state[k]) for k in range(1, 5))
        here = self._segment
        if n and here and here.chrom:
            into = self.found.setdefault(here.chrom, _Gathered())
            part = self._rows[: n * 7].copy()
            part[1::7] += sum(map(len, into.ref))
            part[3::7] += sum(map(len, into.alt))
            part[5::7] += sum(len(s) // (2 * self.strata) for s in into.sites)
            into.rows.append(part)
            into.ref.append(self._pools[:ref].copy())
            half = self._pools.size // 2
            into.alt.append(self._pools[half : half + alt].copy())
            into.sites.append(self._site_counts[: sites * 2 * self.strata].copy())
            into.counts.append(self._row_counts[: n * 3 * self.strata].copy())
        self._state[1:5] = 0

    def finish(self) -> list[Counts]:
        """Counts of every contig, in the file's order."""
        self._drain()
        out = []
        for chrom, found in self.found.items():
            rows = np.concatenate(found.rows)
            sites = np.concatenate(found.sites).reshape(-1, 2, self.strata)[rows[5::7]]
            counts = np.concatenate(found.counts).reshape(-1, 3, self.strata)
            plain = rows[6::7] == 1
            kept = np.ascontiguousarray(rows.reshape(-1, 7)[plain]).ravel()
            ref, alt = np.concatenate(found.ref), np.concatenate(found.alt)
            name = self.places.get(chrom, ("", 0))[0]
            ac, nhomalt, nhemi = (counts[plain, k] for k in range(3))
            an, diploid = (sites[plain, k] for k in range(2))
            spanning = alt[np.minimum(rows[3::7], max(alt.size - 1, 0))] == ord("*")
            bare = int((~plain & ~spanning).sum())
            out.append(Counts(name, chrom, kept, ref, alt, ac, nhomalt, nhemi, an, diploid, bare))
        return out


def count(
    path: str | Path,
    sexes: Mapping[str, str],
    strata: Mapping[str, int],
    rule: GenotypeRule | None,
    reference: Reference | None,
    par: Par,
    aliases: dict[str, str] | None = None,
) -> list[Counts]:
    """Counts of a joint file's alleles: `sexes` of the samples, and the stratum of those counted.

    `rule` None counts every genotype that is called, whatever its quality. InputError for a file
    that is damaged, unsorted, of another build or without a record.
    """
    names = dict(aliases or {})
    places = reference.places(names) if reference else {}
    counter = Counter(path, sexes, strata, rule, places, par, names)
    begun, kept = False, 0
    with bcf(path) as stretches:
        while (text := stretches.read(kept)) is not None:
            if not begun:
                data = text.tobytes()
                if data[:5] != b"BCF\2\2":
                    raise InputError(path, "a VCF or BCF")
                end = 9 + int.from_bytes(data[5:9], "little")
                kept = text.size
                if text.size < end:
                    continue
                head = data[9:end].rstrip(b"\0").rstrip(b"\n")
                counter.begin(parse_header(path, head), head.decode())
                text, begun = text[end:], True
            kept = text.size - counter.feed(text)
    if kept or not begun:
        raise InputError(path, "a whole BCF (cut short?)")
    found = counter.finish()
    if not found:
        raise InputError(path, "at least one record on a canonical chromosome")
    return found


def groups_of(table: Sequence[str]) -> dict[str, int]:
    """Strata numbered in alphabetical order."""
    return {name: i for i, name in enumerate(sorted(set(table)))}
