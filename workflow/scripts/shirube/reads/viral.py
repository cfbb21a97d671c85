"""Fragments on some contigs, and where their other half lies on others: viruses in a tumour."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pysam import AlignedSegment, AlignmentFile

_LEFT_OUT = 256 | 512 | 1024  # secondary, failed, duplicate
_CLIPS = "SH"


@dataclass(frozen=True, order=True, slots=True)
class Join:
    """A fragment that lies on a virus and on a chromosome.

    `pos` (1-based) is on the chromosome: the joined base of a split read, else the mate's inner
    end, beyond which the break lies. `site` is the same on the virus.
    """

    contig: str
    chrom: str
    pos: int
    site: int
    split: bool
    fragment: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What reads show of one contig: fragments, bases they cover (0-based), fragments joined."""

    fragments: int
    covered: int
    joins: tuple[Join, ...]


def _clip(cigar: Sequence[tuple[int, int]], at: int) -> int:
    return cigar[at][1] if cigar and cigar[at][0] in (4, 5) else 0


def _inner(read: AlignedSegment) -> int:
    """1-based last base of a read towards its mate."""
    return read.reference_start + 1 if read.is_reverse else int(read.reference_end or 0)


def _split_side(read: AlignedSegment) -> int:
    """1-based base of a read beside its longer clipped end."""
    cigar = read.cigartuples or []
    before, after = _clip(cigar, 0), _clip(cigar, -1)
    return read.reference_start + 1 if before >= after else int(read.reference_end or 0)


def _pieces(tag: str) -> Iterator[tuple[str, int, int]]:
    """Contig, 1-based joined base and mapping quality of each piece an SA tag names."""
    for piece in tag.rstrip(";").split(";"):
        contig, start, _, cigar, mapq, _ = piece.split(",")
        sizes, number = [], ""
        for letter in cigar:
            if letter.isdigit():
                number += letter
            else:
                sizes.append((letter, int(number)))
                number = ""
        before = sizes[0][1] if sizes[0][0] in _CLIPS else 0
        after = sizes[-1][1] if sizes[-1][0] in _CLIPS else 0
        length = sum(size for letter, size in sizes if letter in "MDN=X")
        yield contig, int(start) if before >= after else int(start) + length - 1, int(mapq)


def _mate(opened: AlignmentFile, read: AlignedSegment) -> AlignedSegment | None:
    start = read.next_reference_start
    for other in opened.fetch(read.next_reference_name, start, start + 1):
        same = other.query_name == read.query_name and other.is_read1 != read.is_read1
        if same and other.reference_start == start and not other.flag & (2048 | _LEFT_OUT):
            return other
    return None


def fragments_on(
    path: str, reference: str, contig: str, chromosomes: Collection[str], min_mapq: int
) -> Seen:
    """Fragments on `contig` of mapping quality `min_mapq` or more, and those also on chromosomes.

    The half on the chromosome is asked for the same quality.
    """
    names: set[str] = set()
    spans: list[tuple[int, int]] = []
    joins: set[Join] = set()
    with (
        AlignmentFile(str(path), reference_filename=str(reference)) as opened,
        AlignmentFile(str(path), reference_filename=str(reference)) as mates,
    ):
        if contig not in opened.references:
            return Seen(0, 0, ())
        for read in opened.fetch(contig):
            if read.flag & _LEFT_OUT or read.is_unmapped or read.mapping_quality < min_mapq:
                continue
            name = str(read.query_name)
            names.add(name)
            spans.append((read.reference_start, int(read.reference_end or 0)))
            if read.has_tag("SA"):
                own = _split_side(read)
                joins |= {
                    Join(contig, other, pos, own, True, name)
                    for other, pos, mapq in _pieces(str(read.get_tag("SA")))
                    if other in chromosomes and mapq >= min_mapq
                }
            alone = read.is_supplementary or not read.is_paired or read.mate_is_unmapped
            if not alone and read.next_reference_name in chromosomes:
                mate = _mate(mates, read)
                if mate is not None and mate.mapping_quality >= min_mapq:
                    other = str(read.next_reference_name)
                    joins.add(Join(contig, other, _inner(mate), _inner(read), False, name))
    covered, reached = 0, 0
    for start, end in sorted(spans):
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return Seen(len(names), covered, tuple(sorted(joins)))
