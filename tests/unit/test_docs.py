"""Pages of the handbook lead somewhere."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_link_to_a_file_has_one(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("folder", ["docs", "docs/ja"])
def test_every_page_is_in_the_contents(folder: str) -> None:
    contents = (REPOSITORY / folder / "README.md").read_text()
    for page in (REPOSITORY / folder).glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in contents, page.name
