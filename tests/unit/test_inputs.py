"""Inputs that change under a run are noticed, and what was made from them goes."""

import base64
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirube.errors import InputError
from shirube.inputs import ahead, differing, older, recorded, remove_products, seen, truncated
from shirube.sheet import read_sheet, rows_by

EMPTY = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def noted(directory: Path, output: str, inputs: list[str]) -> Path:
    """A result and Snakemake's note of it."""
    product = directory / output
    product.parent.mkdir(parents=True, exist_ok=True)
    product.write_text("made")
    name = base64.urlsafe_b64encode(output.encode()).decode()
    note = directory / ".snakemake/metadata" / name
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps({"input": inputs}))
    return product


def test_what_was_made_from_a_changed_file_is_removed(tmp_path: Path) -> None:
    calls = noted(tmp_path, "results/calls", ["reads/a.bam", "fasta"])
    other = noted(tmp_path, "results/other", ["reads/b.bam", "fasta"])
    below = noted(tmp_path, "results/below", ["results/calls"])
    assert remove_products(tmp_path, ["reads/a.bam"]) == ["results/calls"]
    assert not calls.exists()
    assert other.exists()
    assert below.exists()
    assert remove_products(tmp_path, []) == []


def test_a_file_replaced_by_an_older_one_is_noticed(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_text(name)
    before = seen(tmp_path, "abc")
    (tmp_path / "a").write_text("other")
    os.utime(tmp_path / "a", (1, 1))
    os.utime(tmp_path / "b", (2e9, 2e9))
    (tmp_path / "c").unlink()
    now = seen(tmp_path, "abc")
    assert ahead(now) == ["b"]
    assert differing(before, now) == ["a", "b", "c"]
    assert older(before, now) == ["a"]


def test_notes_that_cannot_be_read_are_no_notes(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("{")
    assert recorded(tmp_path / "notes") == {}
    assert recorded(tmp_path / "none") == {}


@given(st.integers(1, len(EMPTY) - 1))
def test_a_cut_file_is_truncated(tmp_path_factory: pytest.TempPathFactory, kept: int) -> None:
    directory = tmp_path_factory.mktemp("cut")
    (directory / "whole.bam").write_bytes(EMPTY)
    (directory / "cut.bam").write_bytes(EMPTY[:-kept])
    (directory / "text.bed").write_text("chr1\t1\t2\n")
    assert truncated(directory, ["whole.bam", "cut.bam", "text.bed"]) == ["cut.bam"]


def test_two_rows_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "samples.tsv"
    path.write_text("sample\tpath\nA\t1\nB\t2\nA\t3\n")
    table = read_sheet(path, ("sample", "path"))
    with pytest.raises(InputError, match=r"samples\.tsv: row 4: each sample once, found A again"):
        rows_by(table, "sample", path)
    assert rows_by(table.head(2), "sample", path)["B"]["path"] == "2"
