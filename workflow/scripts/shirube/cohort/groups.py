"""Which groups of people a release shows, and whether it may appear at all.

Two tables that differ by one person give that person's genotypes away, and a group of one person
is that person. So a release needs k people in every group it shows, and no sum or difference of
what it and all releases before it show may be of 1 to k-1 people (`exposure`). This is the rule
where everyone is callable; `cells` asks it again at every site.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from shirube.cohort.exposure import exposed

ALL = "all"
FLOOR = 3  # least people of a group that a configuration may ask for; fewer protect nobody
UNCHANGED = "unchanged"
Groups = Mapping[str, Collection[str]]  # group -> people, with the version of their data if known


@dataclass(frozen=True)
class Plan:
    """What may be released: the groups to show, or why there is nothing to release."""

    groups: tuple[str, ...]
    held: str = ""
    held_ja: str = ""


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


def plan(history: Sequence[Groups], now: Groups, k: int) -> Plan:
    """Decide on a release of `now`: group -> people counted.

    `history`: the groups shown by each release so far, oldest first.
    """
    groups = shown({g: len(people) for g, people in now.items()}, k)
    if not groups:
        n = len(now.get(ALL, ()))
        return Plan(
            (),
            f"{n} people are counted, a release needs {k}",
            f"集計対象は {n} 人で、公開には {k} 人以上が必要です",
        )
    new = {g: _versions(now[g]) for g in groups}
    if history and {g: _versions(people) for g, people in history[-1].items()} == new:
        return Plan(groups, UNCHANGED)
    before = [_versions(people) for release in history for people in release.values()]
    identifiable = exposed(before, list(new.values()), k)
    if identifiable:
        n = len(identifiable)
        apart = f"would tell {n} {'person' if n == 1 else 'people'} apart"
        need = (f"needs {k}", f"{k} 人以上が必要です")
        if n >= k:  # people of whom two versions are published may cancel: they are no cover
            need = (
                f"needs {k} whose data did not change between releases",
                f"公開版の間でデータが変わっていない人が {k} 人以上必要です",
            )
        return Plan(
            (),
            f"with the releases before it, it {apart}, {need[0]}",
            f"これまでの公開版との差から {n} 人が区別できてしまいます（{need[1]}）",
        )
    return Plan(groups)


def _versions(people: Collection[str]) -> dict[str, str]:
    return dict(people) if isinstance(people, Mapping) else dict.fromkeys(people, "")
