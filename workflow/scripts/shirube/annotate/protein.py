"""HGVS protein names and the protein side of a consequence.

The name compares two proteins, so the 3' rule holds by construction: what both share at the
start is cut first. Names are written without the brackets of a prediction.
"""

from dataclasses import dataclass

from shirube.genome.amino import THREE, three_letter


@dataclass(frozen=True)
class Change:
    """What happens to a protein: SO terms, HGVS name, first residue changed (1-based)."""

    terms: tuple[str, ...]
    name: str | None
    position: int | None


UNKNOWN = Change(("coding_sequence_variant",), None, None)
START_RETAINED = Change(("start_retained_variant",), "p.Met1=", 1)
START_LOST = Change(("start_lost",), "p.Met1?", 1)


def protein_change(before: str, after: str, delta: int, residue: int, behind: int) -> Change:
    """Change from protein `before` (ends with *) to `after` (read to its first *, or open).

    `delta`: coding bases gained. `residue` (0-based) is the first codon the edit touches, `behind`
    the first codon of `after` wholly behind it. X in either protein is unknown sequence.
    """
    frame_kept = delta % 3 == 0
    if before == after:
        if "X" in before[residue : max(behind, residue + 1)]:
            return UNKNOWN
        kept = "stop_retained_variant" if residue >= len(before) - 1 else "synonymous_variant"
        residue = min(residue, len(before) - 1)
        return Change((kept,), f"p.{THREE[before[residue]]}{residue + 1}=", residue + 1)
    shared = _shared(before, after)
    if "X" in before[residue : shared + 1] or "X" in after[residue : shared + 1]:
        return UNKNOWN if frame_kept else Change(("frameshift_variant",), None, None)
    old = before[shared] if shared < len(before) else "*"
    new = after[shared] if shared < len(after) else ""
    place = shared + 1
    inserted = frame_kept and delta > 0 and len(after) == len(before) + delta // 3
    if old == "*" and not (inserted and after.endswith("*")):
        return Change(_stop_lost(frame_kept), _extension(after, shared), place)
    if not new:  # the reading frame ends without a stop
        return Change(("frameshift_variant",), f"p.{THREE[old]}{place}fs", place)
    if not frame_kept:
        if new == "*":
            terms = ("frameshift_variant", "stop_gained")
            return Change(terms, f"p.{THREE[old]}{place}Ter", place)
        stop = after.find("*", shared)
        distance = "?" if stop < 0 or "X" in after[shared:stop] else str(stop - shared + 1)
        name = f"p.{THREE[old]}{place}{THREE[new]}fsTer{distance}"
        extra = ("stop_gained",) if 0 <= stop < behind else ()
        return Change(("frameshift_variant", *extra), name, place)
    if after.endswith("*") and len(after) < len(before) + delta // 3:
        return _stopped(before, after, shared, delta // 3)
    return _in_frame(before, after, shared)


def _stopped(before: str, after: str, shared: int, gained: int) -> Change:
    """An edit in frame whose own codons hold a stop."""
    new = after[shared:]
    if "X" in new:
        return UNKNOWN
    place = shared + 1
    replaced = min(len(new) - gained, len(before) - shared)
    if new == "*":
        name = f"p.{THREE[before[shared]]}{place}Ter"
    elif replaced <= 0:
        name = f"p.{_span(before, shared - 1, 2)}ins{three_letter(new)}"
    else:
        name = f"p.{_span(before, shared, replaced)}delins{three_letter(new)}"
    return Change(("stop_gained",), name, place)


def _shared(before: str, after: str) -> int:
    limit = min(len(before), len(after))
    return next((i for i in range(limit) if before[i] != after[i]), limit)


def _stop_lost(frame_kept: bool) -> tuple[str, ...]:
    return ("stop_lost",) if frame_kept else ("frameshift_variant", "stop_lost")


def _extension(after: str, shared: int) -> str | None:
    """Name of a lost stop: the protein goes on into the 3' UTR."""
    tail = after[shared:]
    if not tail or tail[0] == "X":
        return None
    stop = tail.find("*")
    distance = "?" if stop < 0 or "X" in tail[:stop] else str(stop)
    return f"p.Ter{shared + 1}{THREE[tail[0]]}extTer{distance}"


def _in_frame(before: str, after: str, shared: int) -> Change:
    """Substitution, deletion, duplication, insertion or replacement of whole residues."""
    place = shared + 1
    if not after.endswith("*"):
        return Change(("stop_lost",), None, place)
    tail = 0
    limit = min(len(before), len(after)) - shared
    while tail < limit and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old, new = before[shared : len(before) - tail], after[shared : len(after) - tail]
    if tail == 0 or "X" in old or "X" in new:
        return UNKNOWN
    if len(old) == len(new) == 1:
        return Change(("missense_variant",), f"p.{THREE[old]}{place}{THREE[new]}", place)
    if not new:
        return Change(("inframe_deletion",), f"p.{_span(before, shared, len(old))}del", place)
    if not old:
        size = len(new)
        if before[shared - size : shared] == new and shared >= size:
            span = _span(before, shared - size, size)
            return Change(("inframe_insertion",), f"p.{span}dup", shared - size + 1)
        name = f"p.{_span(before, shared - 1, 2)}ins{three_letter(new)}"
        return Change(("inframe_insertion",), name, place)
    name = f"p.{_span(before, shared, len(old))}delins{three_letter(new)}"
    kind = (
        "missense_variant"
        if len(old) == len(new)
        else "inframe_deletion"
        if len(old) > len(new)
        else "inframe_insertion"
    )
    return Change((kind,), name, place)


def _span(protein: str, first: int, count: int) -> str:
    start = f"{THREE[protein[first]]}{first + 1}"
    if count == 1:
        return start
    return f"{start}_{THREE[protein[first + count - 1]]}{first + count}"
