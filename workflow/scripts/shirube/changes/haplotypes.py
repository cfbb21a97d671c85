"""Molecules of a person in one neighbourhood, as far as the phase is known.

Germline alleles fall into blocks whose phase is known within, not between: each block has two
sides, and what is homozygous is on both. Somatic alleles fall into sets that lie on one molecule,
with the germline alleles of that molecule. Alleles whose phase is unknown are in blocks of their
own, so that each is judged alone.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

from shirube.changes.places import Place
from shirube.phase.pairs import Told, homozygous

Pair = Callable[[Place, Place], Told]
Block = list[list[Place]]  # the sides of a germline block, or the one molecule of a somatic one


def germline_blocks(places: Sequence[Place], told: Pair) -> list[Block]:
    """Blocks of the germline alleles among `places`."""
    own = [place for place in places if place.row["origin"] == "germline"]
    everywhere = [place for place in own if homozygous(place.row)]
    rest = [place for place in own if not homozygous(place.row)]
    if not rest:
        ploidy = max((place.row["ploidy"] for place in everywhere), default=0)
        return [[everywhere] * ploidy] if everywhere else []
    return [[[*everywhere, *side] for side in sides] for sides in _sides(rest, told)]


def _sides(places: Sequence[Place], told: Pair) -> list[Block]:
    """Two sides of each set of heterozygotes that are phased with each other."""
    left, out = list(places), []
    while left:
        side = {left[0]: 0}
        queue, sound = [left[0]], True
        while queue:
            one = queue.pop()
            for other in left:
                verdict = told(one, other).phase if other is not one else "unknown"
                if verdict == "unknown":
                    continue
                where = side[one] ^ (verdict != "cis")
                if other not in side:
                    side[other] = where
                    queue.append(other)
                sound &= side[other] == where
        if sound:
            out.append([[p for p in left if side.get(p) == where] for where in (0, 1)])
        else:  # witnesses of three alleles contradict each other
            out += [[[place], []] for place in left if place in side]
        left = [place for place in left if place not in side]
    return out


def somatic_blocks(places: Sequence[Place], told: Pair) -> list[Block]:
    """Molecules that somatic alleles among `places` are on, each a block of one."""
    own = [place for place in places if place.row["origin"] == "somatic"]
    germline = [place for place in places if place.row["origin"] == "germline"]
    out: list[Block] = []
    left = list(own)
    while left:
        members, queue = [left[0]], [left[0]]
        while queue:
            one = queue.pop()
            new = [p for p in left if p not in members and told(one, p).phase == "cis"]
            members += new
            queue += new
        left = [place for place in left if place not in members]
        phases = {told(a, b).phase for a, b in combinations(members, 2)}
        molecules = [[one] for one in members] if phases & {"trans", "clones"} else [members]
        out += [[[*molecule, *_beside(molecule, germline, told)]] for molecule in molecules]
    return out


def _beside(somatic: Sequence[Place], germline: Sequence[Place], told: Pair) -> list[Place]:
    """Germline alleles of the molecule that carries the somatic ones."""
    found = []
    for place in germline:
        phases = {told(one, place).phase for one in somatic} - {"unknown"}
        if phases == {"cis"}:
            found.append(place)
    return found
