"""What the fragments of a sample show of two alleles: both, one of them, or neither.

A fragment shows at each allele REF, ALT or something else; only one that shows REF or ALT at both
counts. What the counts say of the phase is asked of `phase.pairs`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from pysam import AlignedSegment, AlignmentFile

from shirube.errors import InputError
from shirube.reads.bases_at import offset_of

REACH = 1_000  # bases between alleles that a fragment can span
# Fragment -> True if it shows ALT, False if REF, None if its mates disagree.
Shown: TypeAlias = dict[str, bool | None]
_SKIPPED = 0x4 | 0x100 | 0x200 | 0x400 | 0x800  # unmapped, secondary, failed, duplicate, split


class Fragments(NamedTuple):
    """Fragments over two alleles: with both ALTs, with the first's alone, the second's, neither."""

    both: int
    first: int
    second: int
    neither: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self)


@dataclass(frozen=True)
class ReadPhase:
    """The reads of one sample: `sample` is its name in the file, `contigs` canonical -> own.

    `kept`: fragments of pairs of alleles by "chrom pos ref alt" of both, from an earlier look.
    """

    path: str
    reference: str
    sample: str | None = None
    contigs: Mapping[str, str] = field(default_factory=dict)
    min_mapq: int = 20
    min_baseq: int = 13
    kept: Mapping[str, Sequence[int]] = field(default_factory=dict)
    _seen: dict[tuple[Any, ...], Shown] = field(default_factory=dict, repr=False, compare=False)
    asked: dict[str, Fragments] = field(default_factory=dict, repr=False, compare=False)

    def fragments(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> Fragments | None:
        """Fragments over two alleles (chrom, pos, ref, alt); None where none could span them.

        What `kept` holds, the `asked` of an earlier interpretation, is not looked for again.

        Raises InputError if the reads cannot be read.
        """
        if one["chrom"] != other["chrom"] or abs(one["pos"] - other["pos"]) > REACH:
            return None
        first, second = sorted((one, other), key=lambda allele: int(allele["pos"]))
        if second["pos"] < first["pos"] + len(first["ref"]):
            return None  # they overlap: a read that shows one cannot show the other
        both = " ".join(str(a[c]) for a in (one, other) for c in ("chrom", "pos", "ref", "alt"))
        if both not in self.asked:
            self.asked[both] = (
                Fragments(*self.kept[both]) if both in self.kept else self._counted(one, other)
            )
        return self.asked[both]

    def _counted(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> Fragments:
        seen = [self._remembered(allele) for allele in (one, other)]
        pairs = Counter((seen[0][name], seen[1][name]) for name in seen[0].keys() & seen[1].keys())
        shown = ((True, True), (True, False), (False, True), (False, False))
        return Fragments(*(pairs[states] for states in shown))

    def _groups(self, opened: AlignmentFile) -> set[str] | None:
        """Read groups of the sample, of a file that holds several; None: every read counts."""
        groups = opened.header.to_dict().get("RG", [])
        if self.sample is None or len({g.get("SM") for g in groups}) < 2:
            return None
        return {g["ID"] for g in groups if g.get("SM") == self.sample}

    def _remembered(self, allele: Mapping[str, Any]) -> Shown:
        key = tuple(str(allele[name]) for name in ("chrom", "pos", "ref", "alt"))
        if key not in self._seen:
            try:
                with AlignmentFile(self.path, reference_filename=self.reference) as opened:
                    self._seen[key] = self._shown(opened, allele, self._groups(opened))
            except (OSError, ValueError) as error:
                raise InputError(
                    Path(self.path), f"a readable, indexed BAM or CRAM ({error})"
                ) from error
        return self._seen[key]

    def _shown(
        self, opened: AlignmentFile, allele: Mapping[str, Any], own: set[str] | None
    ) -> Shown:
        contig = self.contigs.get(str(allele["chrom"]), str(allele["chrom"]))
        start = int(allele["pos"]) - 1
        end = start + len(allele["ref"])
        out: Shown = {}
        if contig not in opened.references:
            return out
        for read in opened.fetch(contig, start, end):
            if read.flag & _SKIPPED or read.mapping_quality < self.min_mapq:
                continue
            if own is not None and _group(read) not in own:
                continue
            found = self._state(read, start, end, allele)
            if found is not None:
                name = str(read.query_name)
                out[name] = found if out.get(name, found) == found else None
        return out

    def _state(
        self, read: AlignedSegment, start: int, end: int, allele: Mapping[str, Any]
    ) -> bool | None:
        """ALT, REF or neither: the bases between the first of REF and the one after it."""
        cigar, bases = read.cigartuples or [], read.query_sequence
        low = (
            offset_of(cigar, start - read.reference_start)
            if start >= read.reference_start
            else None
        )
        high = offset_of(cigar, end - read.reference_start)
        if low is None or high is None or not bases:
            return None
        qualities = read.query_qualities
        if qualities is not None and min(qualities[low:high], default=0) < self.min_baseq:
            return None
        return {allele["alt"]: True, allele["ref"]: False}.get(bases[low:high])


def _group(read: AlignedSegment) -> str | None:
    return str(read.get_tag("RG")) if read.has_tag("RG") else None
