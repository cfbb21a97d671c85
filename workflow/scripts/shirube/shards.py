"""Tiles grouped into jobs, so that many small contigs or targets do not make many small jobs."""

from collections.abc import Iterable

from shirube.regions import Interval


def shards(tiles: Iterable[Interval], size: int) -> dict[str, list[str]]:
    """Names of consecutive `tiles` that span at most `size` bases together, by the first's name.

    A tile wider than `size` is a shard of its own. Order is kept.
    """
    groups: dict[str, list[str]] = {}
    first, total = "", 0
    for tile in tiles:
        width = tile.end - tile.start
        if not first or total + width > size:
            first, total = tile.name, 0
            groups[first] = []
        groups[first].append(tile.name)
        total += width
    return groups
