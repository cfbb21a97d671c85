"""A small demo and a calm run of it, which every fault is held against."""

from collections.abc import Callable
from pathlib import Path

import pytest
import small_demo
from checksums import checksums
from faulty_run import run


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo of a few people, never run: to be copied."""
    return small_demo.make(tmp_path_factory.mktemp("fresh") / "demo", small_demo.FEW)


@pytest.fixture(scope="session")
def calm(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An undisturbed run."""
    directory = small_demo.copy(fresh, tmp_path_factory.mktemp("calm") / "demo")
    done = run(directory)
    assert done.status == 0, done.text
    return directory


@pytest.fixture(scope="session")
def expected(calm: Path) -> dict[str, str]:
    """Checksums of the undisturbed run's results."""
    return checksums(calm / "results")


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a line past pytest's capture: `make faults` tells what it did."""

    def line(text: str) -> None:
        with capsys.disabled():
            print(f"\nfaults: {text}", end="", flush=True)

    return line
