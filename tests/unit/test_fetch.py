"""Files from their publishers: whole and right, or not at all."""

import argparse
import hashlib
from pathlib import Path

import pytest
import yaml

from shirube.cli.fetch import add_arguments, main
from shirube.errors import InputError
from shirube.knowledge.catalogue import matched, of_build, read_catalogue
from shirube.knowledge.download import fetched
from shirube.knowledge.names import every_source

BODY = b"knowledge\n" * 1000
RIGHT = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def publisher(tmp_path: Path) -> str:
    path = tmp_path / "publisher.txt"
    path.write_bytes(BODY)
    return path.as_uri()


def test_right_file_is_kept(publisher: str, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.txt"
    assert fetched(publisher, RIGHT, path) == len(BODY)
    assert path.read_bytes() == BODY
    assert [p.name for p in path.parent.iterdir()] == ["file.txt"]


def test_wrong_file_is_not_kept(publisher: str, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.txt"
    with pytest.raises(InputError, match="not kept"):
        fetched(publisher, "0" * 64, path)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("url", ["/etc/passwd", "gopher://x", "file:///does/not/exist"])
def test_addresses_that_do_not_answer(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        fetched(url, RIGHT, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_sources_of_frequencies_are_found() -> None:
    knowledge = {"clinvar": {"path": "a"}, "frequencies": {"tommo": {"path": "b"}}}
    assert [name for name, _ in every_source(knowledge)] == ["clinvar", "frequencies.tommo"]


@pytest.mark.parametrize(
    ("build", "names", "owners"),
    [
        ("GRCh38", ["gnomad.v4.1.sv.sites.vcf.gz"], {"structural_frequencies": 1}),
        ("GRCh37", ["gnomad_v2.1_sv.sites.vcf.gz"], {"structural_frequencies": 1}),
        ("GRCh38", ["GRCh38_hg38_variants_2020-02-25.txt"], {"structural_frequencies": 1}),
        (
            "GRCh38",
            ["gnomad.v4.1.sv.sites.vcf.gz", "gnomad.joint.v4.1.sites.chr1.vcf.bgz",
             "gnomad.joint.v4.1.sites.chr2.vcf.bgz"],
            {"frequencies.gnomad": 2, "structural_frequencies": 1},
        ),
        ("GRCh38", ["gnomad_small.vcf.gz"], {"frequencies.gnomad": 1}),
    ],
)  # fmt: skip
def test_a_file_is_of_the_source_it_fits_best(
    build: str, names: list[str], owners: dict[str, int], tmp_path: Path
) -> None:
    """Deletions and duplications of gnomAD are not read as frequencies of small variants."""
    for name in names:
        (tmp_path / name).touch()
    catalogue = read_catalogue()
    newest = max(source.bundle for source in catalogue)
    found, unasked = matched(of_build(catalogue, newest, build), tmp_path, {})
    assert {match.source.key: len(match.names) for match in found} == owners
    assert not unasked


def run(tmp_path: Path, listed: bool = False, **entry: str) -> int:
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({"knowledge": {"clinvar": entry}}))
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    words = ["--config", str(config), *(["--list"] if listed else [])]
    return main(parser.parse_args(words))


def test_command(publisher: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "kept")
    assert run(tmp_path, listed=True, path=path, url=publisher, sha256=RIGHT) == 0
    assert not Path(path).exists()
    assert run(tmp_path, path=path, url=publisher, sha256=RIGHT) == 0
    assert run(tmp_path, path=path, url=publisher, sha256=RIGHT) == 0
    assert "is there" in capsys.readouterr().out
    assert run(tmp_path, path=path, sha256="0" * 64) == 1
    assert run(tmp_path, path=str(tmp_path / "no")) == 1
    assert run(tmp_path, path=str(tmp_path / "no"), url=publisher, sha256="0" * 64) == 1
    assert "not kept" in capsys.readouterr().out
