"""The crate of a finished run: whole, without machine paths, and every damage found."""

import json
import os
import random
import shutil
import stat
from pathlib import Path

import pytest

from shirube.crate.inventory import CRATE, files_below
from shirube.crate.verify import crate_problems

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module", name="copied")
def _copied(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the finished run that tests may damage."""
    copy = tmp_path_factory.mktemp("copied") / "run"
    shutil.copytree(finished, copy, ignore=shutil.ignore_patterns(".snakemake"))
    return copy


def test_finished_run_verifies(copied: Path) -> None:
    assert crate_problems(copied / "results") == []


def test_crate_names_every_kind_of_result_and_no_machine_path(copied: Path) -> None:
    text = (copied / "results" / CRATE).read_text()
    entities = json.loads(text)["@graph"]
    outputs = {e["@id"] for e in entities if "sha256" in e and "additionalType" not in e}
    kinds = {name.split("/")[0] for name in outputs}
    assert {"reports", "ledger", "findings", "germline", "callable", "cohort"} <= kinds
    roles = {e["additionalType"] for e in entities if "additionalType" in e}
    assert {"sheet", "reference", "knowledge", "sample", "workflow"} <= roles
    assert "/home" not in text
    assert str(Path(os.getcwd())) not in text


def test_flipped_byte_in_each_kind_of_file_is_found(copied: Path) -> None:
    """One file of every folder of the results, the reference and every knowledge file."""
    rng = random.Random(7)
    by_folder: dict[str, list[str]] = {}
    for path in files_below(copied / "results"):
        if os.path.getsize(path) and "/cohort/state/" not in path:
            by_folder.setdefault(os.path.dirname(path), []).append(path)
    victims = [rng.choice(paths) for paths in by_folder.values()]
    victims = rng.sample(victims, min(12, len(victims)))
    victims += [str(p) for p in (copied / "reference").glob("*.fa")]
    victims += [str(p) for p in (copied / "knowledge").glob("clinvar.vcf.gz")]
    for victim in victims:
        good = Path(victim).read_bytes()
        at = rng.randrange(len(good))
        Path(victim).write_bytes(good[:at] + bytes([good[at] ^ 4]) + good[at + 1 :])
        problems = crate_problems(copied / "results", reads=False)
        assert any(Path(victim).name in problem for problem in problems), victim
        Path(victim).write_bytes(good)
    assert crate_problems(copied / "results") == []


def test_results_are_readable_by_their_owner_only(finished: Path) -> None:
    for path in files_below(finished / "results"):
        mode = stat.S_IMODE(os.stat(path).st_mode)
        assert not mode & 0o077, f"{path}: {oct(mode)}"
