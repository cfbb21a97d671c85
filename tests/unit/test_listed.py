"""The list of everybody's calls is read as it was written."""

from pathlib import Path

import pytest

from shirube.annotate.listed import Listed, read_list, write_list
from shirube.errors import InputError


def test_a_list_is_read_as_written(tmp_path: Path) -> None:
    listed = Listed(
        {"B_N": "results/b", "A_N": "results/a"}, {"A": "results/t"}, {"A": "results/c"}
    )
    write_list(listed, tmp_path / "list")
    found = read_list(tmp_path / "list")
    assert found == listed
    assert list(found.normal) == ["B_N", "A_N"]


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("normal\tA\tresults/a\nchr1\t5\n")
    with pytest.raises(InputError, match="line 2: normal, tumour, changes: a name and a path"):
        read_list(tmp_path / "list")
