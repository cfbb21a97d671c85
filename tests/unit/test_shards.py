"""Grouping of tiles into jobs."""

from hypothesis import given
from hypothesis import strategies as st

from shirube.genome.intervals import Interval
from shirube.genome.regions import jobs, shards


@given(st.lists(st.integers(1, 60), max_size=30), st.integers(1, 50))
def test_every_tile_is_in_one_shard_in_order(widths: list[int], size: int) -> None:
    starts = [sum(widths[:n]) for n in range(len(widths))]
    tiles = [Interval("chr1", a, a + w) for a, w in zip(starts, widths, strict=True)]
    groups = shards(tiles, size)
    assert [name for group in groups.values() for name in group] == [t.name for t in tiles]
    spans = {tile.name: tile.end - tile.start for tile in tiles}
    for first, group in groups.items():
        assert group[0] == first
        assert len(group) == 1 or sum(spans[name] for name in group) <= size


@given(st.lists(st.integers(1, 60), max_size=30), st.integers(1, 50), st.integers(50, 400))
def test_every_shard_is_in_one_job_in_order(widths: list[int], size: int, most: int) -> None:
    starts = [sum(widths[:n]) for n in range(len(widths))]
    groups = shards([Interval("chr1", a, a + w) for a, w in zip(starts, widths, strict=True)], size)
    runs = jobs(groups, most)
    assert [part for run in runs.values() for part in run] == list(groups.values())
    for first, run in runs.items():
        assert run[0][0] == first
        names = [Interval.from_name(name) for part in run for name in part]
        assert len(run) == 1 or sum(tile.end - tile.start for tile in names) <= most
