"""What all unit tests share."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def disks_are_not_waited_for() -> Iterator[None]:
    """Thousands of small states are written here: what survives a power cut is not looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shirube.cohort.state.synced", lambda path: None)
        patch.setattr("shirube.files.os.fsync", lambda handle: None)
        patch.setattr("shirube.cohort.state._MANY", 1 << 30)
        yield
