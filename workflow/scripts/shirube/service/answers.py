"""Whole answers of the service: how they are sent, and the latest kept."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_FRESH = {"Cache-Control": "no-store"}
SHARED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "content-type, accept",
    "Access-Control-Max-Age": "86400",
}
KEPT = 32 << 20  # bytes of answers kept


class Ready(Response):
    """A whole answer: status, body and headers as they are sent, made without ado."""

    def __init__(
        self, body: bytes, kind: str, status: int = 200, more: Mapping[str, str] | None = None
    ) -> None:
        self.body, self.status_code, self.background = body, status, None
        self.raw_headers = [*_HEADERS, *_raw({"content-type": kind, **_FRESH, **(more or {})})]
        self.raw_headers.append((b"content-length", str(len(body)).encode()))

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Send it (the headers alone where only they are asked for), or hand it to who waits."""
        caught = scope.get(CAUGHT)
        if caught is not None:
            caught.append(self)
            return
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        body = b"" if scope["method"] == "HEAD" else self.body
        await send({"type": "http.response.body", "body": body})


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


async def nowhere(_: Message) -> None:
    """Where nothing is sent: an answer was caught before."""


CAUGHT = "shirube.caught"
_HEADERS = _raw(HEADERS)
JSON, HTML = "application/json; charset=utf-8", "text/html; charset=utf-8"


class Answers:
    """The latest answers, by request, up to KEPT bytes; all forgotten when the release changes."""

    def __init__(self, most: int = KEPT) -> None:
        self._most, self._size, self._of = most, 0, -1
        self._kept: OrderedDict[tuple[str, ...], Ready] = OrderedDict()

    def get(self, key: tuple[str, ...], stamp: int) -> Ready | None:
        """The answer to a request made before; None if there is none of this release."""
        if stamp != self._of:
            self._kept.clear()
            self._size, self._of = 0, stamp
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: tuple[str, ...], stamp: int, response: Ready) -> None:
        """Keep an answer, forgetting the ones longest unused."""
        size = len(response.body)
        if stamp != self._of or size > self._most // 8:
            return
        self._kept[key] = response
        self._size += size
        while self._size > self._most:
            _, old = self._kept.popitem(last=False)
            self._size -= len(old.body)


def as_json(
    document: Mapping[str, Any], status: int = 200, more: Mapping[str, str] | None = None
) -> Ready:
    """A document for programs, whoever asks."""
    return Ready(orjson.dumps(document), JSON, status, {**SHARED, **(more or {})})


def parameters(request: Request) -> dict[str, list[str]]:
    """Parameters of a request's address, empty ones too."""
    return parse_qs(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
