"""What is written is whole or not there, and a killed job's leavings are found again."""

from pathlib import Path

import pytest

from shirube.files import scratch, whole


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_text("old")
    with pytest.raises(OSError, match="No space"), whole(path) as part:  # noqa: PT012
        part.write_text("half")
        raise OSError("No space left on device")
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["table"]


def test_a_killed_writes_leavings_go_with_the_next(tmp_path: Path) -> None:
    with whole(tmp_path / "table") as part:
        left = part
        part.write_text("whole")
    left.write_text("left by a kill")
    with whole(tmp_path / "table") as part:
        part.write_text("again")
    assert [file.name for file in tmp_path.iterdir()] == ["table"]


def test_scratch_is_empty_even_after_a_kill(tmp_path: Path) -> None:
    with scratch(tmp_path / "table") as directory:
        (directory / "rows").touch()
        name = directory
    name.mkdir()
    (name / "left by a kill").touch()
    with scratch(tmp_path / "table") as directory:
        assert list(directory.iterdir()) == []
    assert list(tmp_path.iterdir()) == []
