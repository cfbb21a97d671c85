"""Unit tests of shirube.provenance."""

from pathlib import Path

import pytest

from shirube.provenance import code_digest


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a package in which rule.py imports a, a imports sub.b, and c is imported by nobody."""
    for name, source in {
        "shirube/__init__.py": "",
        "shirube/a.py": "from shirube.sub import b\nPACKAGE_DATA = ('a.txt',)\n",
        "shirube/a.txt": "text",
        "shirube/c.py": "",
        "shirube/sub/__init__.py": "",
        "shirube/sub/b.py": "f = 1",
        "rule.py": "import shirube.a",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return tmp_path


def digest(tree: Path) -> str:
    def locate(relative: str) -> str | None:
        path = tree / relative
        return str(path) if path.is_file() else None

    return code_digest("rule.py", locate)


@pytest.mark.parametrize(
    ("edited", "reruns"),
    [
        ("rule.py", True),  # the script itself
        ("shirube/a.py", True),  # imported
        ("shirube/sub/b.py", True),  # imported by an import
        ("shirube/sub/__init__.py", True),  # executed on the way
        ("shirube/a.txt", True),  # read by an imported module
        ("shirube/c.py", False),  # imported by nobody
    ],
)
def test_digest_follows_what_the_script_uses(tree: Path, edited: str, reruns: bool) -> None:
    before = digest(tree)
    (tree / edited).write_text((tree / edited).read_text() + "\n# edited")
    assert (digest(tree) != before) is reruns


def test_moving_the_tree_changes_nothing(tree: Path) -> None:
    before = digest(tree)
    moved = tree.parent / "moved"
    tree.rename(moved)
    assert digest(moved) == before


def test_missing_script_is_an_error(tree: Path) -> None:
    (tree / "rule.py").unlink()
    with pytest.raises(FileNotFoundError, match=r"rule\.py"):
        digest(tree)
