"""A real server that breaks off, redirects, sends pages and wrong files."""

import gzip
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from shirube.errors import InputError
from shirube.knowledge.catalogue import Source
from shirube.knowledge.download import fetched, published_checksum
from shirube.setup.bundle import from_addresses

BODY = gzip.compress(bytes(range(256)) * 4000, mtime=0)
BODY = BODY + b"\0" * 300_000
SHA256 = hashlib.sha256(BODY).hexdigest()
MD5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
OTHER = gzip.compress(b"another release", mtime=0)


class Publisher(BaseHTTPRequestHandler):
    """/file.gz is right; the first path component says what goes wrong."""

    asked: ClassVar[list[tuple[str, str | None]]] = []
    etag: ClassVar[str] = '"first"'

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _send(self, body: bytes, promised: int | None = None, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if promised is None else promised))
        self.send_header("ETag", Publisher.etag)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Answer one request."""
        kind = self.path.split("/")[1]
        wanted = self.headers.get("Range")
        Publisher.asked.append((kind, wanted))
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if start and self.headers.get("If-Range") != Publisher.etag:
            start = 0
        status = 206 if start else 200
        if kind == "moved":
            self.send_response(302)
            self.send_header("Location", "/right/file.gz")
            self.end_headers()
        elif kind == "breaks":  # a third of what is left at a time
            rest = BODY[start:]
            self._send(rest[: max(100_000, len(rest) // 3)], len(rest), status)
        elif kind == "stops":
            self._send(BODY[start : start + 10], len(BODY) - start, status)
        elif kind == "page":
            self._send(b"<!DOCTYPE html><html>Please log in</html>")
        elif kind == "wrong":
            self._send(OTHER)
        elif kind == "empty":
            self._send(b"")
        elif kind == "gone":
            self.send_error(404)
        elif self.path.endswith(".md5"):
            self._send(f"{MD5}  file.gz\n".encode())
        else:
            self._send(BODY[start:], None, status)


@pytest.fixture
def address() -> Iterator[str]:
    Publisher.asked, Publisher.etag = [], '"first"'
    server = ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("kind", ["right", "moved", "breaks"])
def test_the_whole_file_arrives(address: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "file.gz"
    assert fetched(f"{address}/{kind}/file.gz", SHA256, path) == len(BODY)
    assert path.read_bytes() == BODY
    assert [p.name for p in tmp_path.iterdir()] == ["file.gz"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [("page", "a web page"), ("wrong", "not kept"), ("empty", "not empty"), ("gone", "404")],
)
def test_what_is_not_the_file_is_refused(
    address: str, kind: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=said):
        fetched(f"{address}/{kind}/file.gz", SHA256, tmp_path / "file.gz")
    assert list(tmp_path.iterdir()) == []


def test_a_broken_transfer_goes_on_where_it_stopped(address: str, tmp_path: Path) -> None:
    path = tmp_path / "file.gz"
    with pytest.raises(InputError, match="to its end"):
        fetched(f"{address}/stops/file.gz", SHA256, path)
    assert not path.exists()
    Publisher.asked.clear()
    fetched(f"{address}/right/file.gz", SHA256, path)
    assert path.read_bytes() == BODY
    assert Publisher.asked == [("right", "bytes=40-")]


def test_another_release_by_now_is_fetched_whole(address: str, tmp_path: Path) -> None:
    path = tmp_path / "file.gz"
    with pytest.raises(InputError):
        fetched(f"{address}/stops/file.gz", None, path)
    Publisher.etag = '"second"'
    fetched(f"{address}/right/file.gz", None, path)
    assert path.read_bytes() == BODY


def test_mirrors_are_asked_in_order_and_all_reasons_are_said(address: str, tmp_path: Path) -> None:
    path = tmp_path / "file.gz"
    kinds = ["gone", "wrong", "right"]
    assert fetched([f"{address}/{k}/file.gz" for k in kinds], SHA256, path) == len(BODY)
    assert [kind for kind, _ in Publisher.asked] == kinds
    with pytest.raises(InputError, match=r"2 addresses.*404.*web page"):
        fetched([f"{address}/{k}/file.gz" for k in ("gone", "page")], SHA256, tmp_path / "b.gz")


def source(key: str, url: str, access: str = "open", checksum_url: str = "") -> Source:
    return Source(
        bundle="b", key=key, build="any", url=url, checksum_url=checksum_url, sha256="",
        release="r1", licence="CC0", access=access, apply="https://apply.example",
        patterns=(), options={}, verified=True, purpose="",
    )  # fmt: skip


def test_a_bundle_says_all_that_failed_and_configures_the_rest(
    address: str, tmp_path: Path
) -> None:
    md5 = f"{address}/right/file.gz.md5"
    assert published_checksum(md5) == ("md5", MD5)
    said: list[str] = []
    block = from_addresses(
        [
            source("clinvar", f"{address}/right/file.gz", checksum_url=md5),
            source("hgnc", f"{address}/wrong/file.gz", checksum_url=md5),
            source("revel", f"{address}/right/revel.gz", "terms"),
            source("spliceai", "", "apply"),
            source("oncotree", f"{address}/gone/file.gz"),
        ],
        tmp_path, frozenset(), [], said.append,
    )  # fmt: skip
    assert set(block.knowledge) == {"clinvar"}
    assert block.knowledge["clinvar"]["sha256"] == SHA256
    assert block.knowledge["clinvar"]["version"] == "r1"
    assert [line.split(":")[0] for line in block.problems] == ["hgnc", "oncotree"]
    assert [line.split(":")[0] for line in block.absent] == ["revel", "spliceai"]
    assert "apply at https://apply.example" in block.absent[1]


def test_terms_that_were_accepted_are_fetched(address: str, tmp_path: Path) -> None:
    revel = source("revel", f"{address}/right/revel.gz", "terms")
    block = from_addresses([revel], tmp_path, frozenset(["revel"]), [], lambda _: None)
    assert set(block.knowledge) == {"revel"}
