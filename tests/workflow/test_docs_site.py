"""The handbook as a site: built from its lock, every link leads somewhere, both languages found."""

import fcntl
import json
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

REPOSITORY = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of this test process; its packages are installed by one process at a time."""
    made = tmp_path_factory.mktemp("site") / "docs"
    (REPOSITORY / ".cache").mkdir(exist_ok=True)
    with (REPOSITORY / ".cache/site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["make", "-s", "docs-site", f"DOCS_SITE={made}"], cwd=REPOSITORY, check=True)
    return made


def test_every_page_of_the_handbook_is_built(site: Path) -> None:
    for folder in ("", "ja"):
        pages = {p.stem for p in (REPOSITORY / "docs" / folder).glob("*.md")} - {"README"}
        assert {p.stem for p in (site / folder).glob("*.html")} == {*pages, "index", "404"}


def test_every_link_and_picture_of_the_site_is_there(site: Path) -> None:
    """Also no page asks another machine for anything."""
    for page in site.rglob("*.html"):
        if page.name == "404.html":  # made for a server: its addresses begin at the root
            continue
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r'(?:href|src)="([^"#]+)', text):
            parts = urlsplit(target)
            if not parts.scheme and not parts.netloc:
                assert (page.parent / unquote(parts.path)).exists(), (page, target)
        for address in re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(https?:[^"]+)', text):
            raise AssertionError((page, address))


@pytest.mark.parametrize(("folder", "words"), [("", ["ledger", "bgzip"]), ("ja", ["台帳", "索引"])])
def test_search_finds_words_of_the_language(site: Path, folder: str, words: list[str]) -> None:
    index = json.loads((site / folder / "search/search_index.json").read_text(encoding="utf-8"))
    assert ("ja" in index["config"]["lang"]) == (folder == "ja")
    text = " ".join(one["text"] for one in index["docs"])
    assert all(word in text for word in words)
