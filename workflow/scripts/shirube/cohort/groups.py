"""Which groups of people a release shows, and whether it may appear at all.

Two tables that differ by one person give that person's genotypes away, and a group of one person
is that person. So a release needs k people in every group it shows, and k people's difference
from the release before in every group that changed. Groups are disjoint but for `all`, so every
sum or difference of published groups changes by nobody or by k people at least. Groups of two
releases may be cut differently: any two of them differ by nobody or by k.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass

ALL = "all"


@dataclass(frozen=True)
class Plan:
    """What may be released: the groups to show, or why there is nothing to release."""

    groups: tuple[str, ...]
    held: str = ""


def shown(sizes: Mapping[str, int], k: int) -> tuple[str, ...]:
    """Groups to show of those with `sizes` people (`all` included), at least `k` in each.

    What `all` and the groups shown leave over is a group too: if it is of 1 to k-1 people, the
    smallest group shown joins it (complementary suppression), until it is of nobody or of k.
    """
    if sizes.get(ALL, 0) < k:
        return ()
    kept = sorted((n, g) for g, n in sizes.items() if g != ALL and n >= k)
    rest = sizes[ALL] - sum(n for n, _ in kept)
    while kept and 0 < rest < k:
        n, _ = kept.pop(0)
        rest += n
    return (ALL, *sorted(g for _, g in kept))


def plan(before: Mapping[str, Set[str]] | None, now: Mapping[str, Set[str]], k: int) -> Plan:
    """Decide on a release of `now`: group -> people counted; `before` is the last release's.

    `before` is None where nothing was released yet.
    """
    groups = shown({g: len(people) for g, people in now.items()}, k)
    if not groups:
        return Plan((), f"{len(now.get(ALL, ()))} people are counted, a release needs {k}")
    if before is None:
        return Plan(groups)
    for old in sorted(before):
        for new in sorted(now):
            number = len(set(before[old]) ^ set(now[new]))
            if 0 < number < k:
                people = "person differs" if number == 1 else "people differ"
                return Plan((), f"{number} {people} between {old} then and {new} now, needs {k}")
    same = {g: set(p) for g, p in before.items()} == {g: set(p) for g, p in now.items()}
    return Plan(groups, "unchanged" if same else "")
