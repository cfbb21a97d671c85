"""Types of change that signatures are told by: doublets of bases, and indels in their sequence.

Doublets are written as AC>CA, on the strand that the 78 types of COSMIC name. Indels as
size:Del or Ins:what:count (Alexandrov et al., Nature 2020, doi 10.1038/s41586-020-1943-3):

    1:Del:T:3   a T lost of a run; 3 more of it stay       1:Ins:C:0   a C where none was
    3:Del:R:1   three bases lost, one more copy follows    2:Ins:R:4   two bases beside four copies
    4:Del:M:2   four bases lost whose first two follow: microhomology, without a whole copy

Sizes and counts of 5 or more are 5. Alleles are left-aligned, so copies and homology lie behind.
"""

from collections.abc import Iterable

import polars as pl

from shirube.reads.reference import LETTER, reference_codes

MOST, AHEAD = 5, 6
_TURN = str.maketrans("ACGT", "TGCA")
_SECOND = frozenset(  # the strand COSMIC names, by the two bases of the reference
    ("AC", "AT", "CC", "CG", "CT", "GC", "TA", "TC", "TG", "TT")
)


def _turned(bases: str) -> str:
    return bases.translate(_TURN)[::-1]


def doublet(ref: str, alt: str) -> str | None:
    """Type of a change of two neighbouring bases; None where one of them stays or is unknown."""
    if len(ref) != 2 or len(alt) != 2 or set(ref + alt) - set("ACGT"):
        return None
    if ref[0] == alt[0] or ref[1] == alt[1]:
        return None
    if ref not in _SECOND:
        ref, alt = _turned(ref), _turned(alt)
    elif ref == _turned(ref):  # both strands read alike: the alternative decides
        alt = min(alt, _turned(alt), key=lambda bases: (not _named(ref, bases), bases))
    return f"{ref}>{alt}"


# Alternatives that COSMIC names of a reference doublet that is its own reverse complement.
_PALINDROMES = {
    "AT": ("CA", "CC", "CG", "GA", "GC", "TA"),
    "CG": ("AT", "GC", "GT", "TA", "TC", "TT"),
    "GC": ("AA", "AG", "AT", "CA", "CG", "TA"),
    "TA": ("AT", "CG", "CT", "GC", "GG", "GT"),
}


def _named(ref: str, alt: str) -> bool:
    return alt in _PALINDROMES[ref]


def _copies(unit: str, behind: str) -> int:
    count = 0
    while behind.startswith(unit, count * len(unit)) and count < MOST:
        count += 1
    return count


def _shared(one: str, two: str) -> int:
    length = 0
    for a, b in zip(one, two, strict=False):
        if a != b:
            break
        length += 1
    return length


def indel(ref: str, alt: str, behind: str) -> str | None:
    """Type of a pure insertion or deletion (left-aligned, with the base before it).

    `behind`: the reference after `ref`, AHEAD times the size. None for anything else.
    """
    gained = len(alt) > len(ref)
    unit = (alt if gained else ref)[1:]
    if ref[0] != alt[0] or min(len(ref), len(alt)) != 1 or len(unit) == 0:
        return None
    if set(unit) - set("ACGT"):
        return None
    kind, size = "Ins" if gained else "Del", min(len(unit), MOST)
    count = _copies(unit, behind)
    if len(unit) == 1:
        base = unit if unit in "CT" else unit.translate(_TURN)
        return f"1:{kind}:{base}:{count}"
    shared = min(_shared(unit, behind), len(unit) - 1, MOST)
    if not gained and count == 0 and shared > 0:
        return f"{size}:Del:M:{shared}"
    return f"{size}:{kind}:R:{count}"


def doublets(alleles: pl.DataFrame) -> dict[str, int]:
    """How often each type of doublet occurs among alleles (ref, alt)."""
    return _counted(doublet(ref, alt) for ref, alt in alleles.select("ref", "alt").iter_rows())


def indels(alleles: pl.DataFrame, reference: str, names: dict[str, str]) -> dict[str, int]:
    """How often each type of indel occurs among alleles (chrom, pos, ref, alt)."""
    found = []
    for chrom, pos, ref, alt in alleles.select("chrom", "pos", "ref", "alt").iter_rows():
        if len(ref) == len(alt):
            continue
        start = pos - 1 + len(ref)
        reach = AHEAD * max(len(ref), len(alt))
        codes = reference_codes(reference, names[chrom], start, start + reach)
        found.append(indel(ref, alt, "".join(LETTER[c] for c in codes)))
    return _counted(found)


def _counted(types: Iterable[str | None]) -> dict[str, int]:
    out: dict[str, int] = {}
    for name in types:
        if name is not None:
            out[name] = out.get(name, 0) + 1
    return out
