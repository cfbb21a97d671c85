"""One ALT of a structural variant, as the specification means it: what it says of its ends.

A symbol (`<DEL>`, `<CN3>`), two ends (`N[chr2:321[`) or one (`ACG.`); every step that reads a
caller's structural variants reads ALTs here.
"""

import re
from dataclasses import dataclass

SINGLE = re.compile(r"^(\.[ACGTNacgtn]+|[ACGTNacgtn]+\.)$")
BASES = re.compile(r"^[ACGTNacgtn]+$")
NO_ALLELE = ("", ".", "*", "<*>", "<NON_REF>", "<X>", "X")
_MATE = re.compile(r"^[A-Za-z.]*([\[\]])([^\[\]]+):(\d+)\1[A-Za-z.]*$")
_SYMBOL = re.compile(r"^<([^<>\s]+)>$")
_COPIES = re.compile(r"CN(\d+)$")


@dataclass(frozen=True)
class Mate:
    """The other end that a breakend's ALT names, and `inserted`, the bases written between them.

    `own`, `strand`: + where the sequence kept on this and on the other side comes before the
    position, - where it follows it. The bases stand along the forward strand of this side.
    """

    own: str
    contig: str
    pos: int
    strand: str
    inserted: str


def mate_of(alt: str) -> Mate | None:
    """The mate of a breakend; None for an ALT that has none."""
    found = _MATE.search(alt)
    if found is None:
        return None
    first, last = alt[: found.start(1)], alt[found.end(3) + 1 :]
    if bool(first) == bool(last):  # bases stand on the one side that is kept
        return None
    bases = first[1:] if first else last[:-1]
    strand = "+" if found[1] == "]" else "-"
    return Mate("+" if first else "-", found[2], int(found[3]), strand, bases.upper())


def symbol_of(alt: str) -> str | None:
    """The word of a symbolic ALT, in capitals; None for an ALT that is no symbol."""
    found = _SYMBOL.match(alt)
    return found[1].upper() if found else None


def copies_in(word: str) -> int | None:
    """Copies that a symbol's word (CN0, CN3) states."""
    found = _COPIES.match(word)
    return int(found[1]) if found else None


def type_of(alt: str, svtype: str | None) -> str:
    """DEL, DUP, INV, INS, CNV, BND, TRA, LOH, or another word of the ALT or of SVTYPE."""
    if "[" in alt or "]" in alt:
        return "BND"
    word = symbol_of(alt)
    if word is None:
        return (svtype or "").split(":")[0]
    copies = copies_in(word)
    if copies is not None:
        return ("DEL", "CNV")[copies] if copies < 2 else "DUP"
    if word.startswith("CNV:"):
        return word
    first = word.split(":")[0]
    return "CNV" if first in ("GAIN", "LOSS") else first


def last_base(pos: int, end: int | None, length: int | None) -> int | None:
    """The last base of an event: END where it lies beyond POS, else POS and its length."""
    if end is not None and (end > pos or not length):
        return end
    return pos + length if length else None
