"""The HTTP server: a page at /, Beacon v2 below /api. It only reads, and calls nobody.

A client is an address. Behind a proxy all clients would share one: let the proxy limit them then.
Requests are not logged with what was asked.
"""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from shirube.cohort.query.search import Search
from shirube.errors import ShirubeError
from shirube.service import beacon, page
from shirube.service.budget import Budget
from shirube.service.released import Released

LOG = logging.getLogger("shirube")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
LONGEST = 2000  # characters of an address
_SECONDS = 20  # a connection that says nothing for so long is closed


class Server(ThreadingHTTPServer):
    """Serves a release; `identifier` names the beacon, `root` is the path before all others."""

    daemon_threads = True

    def __init__(
        self,
        address: tuple[str, int],
        released: Released,
        budget: Budget,
        identifier: str,
        root: str = "",
        search: Search | None = None,
    ) -> None:
        self.released, self.budget = released, budget
        self.search = search or Search(released.results, None)
        self.identifier, self.root = identifier, root.rstrip("/")
        super().__init__(address, Handler)


class Handler(BaseHTTPRequestHandler):
    """One request: GET only."""

    server: Server
    server_version, sys_version = "shirube", ""
    timeout = _SECONDS

    def do_GET(self) -> None:
        """Answer a question."""
        parts = urlsplit(self.path)
        path = parts.path.removeprefix(self.server.root) or "/"
        if len(self.path) > LONGEST or not parts.path.startswith(self.server.root):
            return self._json(HTTPStatus.NOT_FOUND, self._failure(404, "nothing here"))
        asked = dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=20))
        wait = self.server.budget.wait(self.client_address[0])
        if wait:
            more = {"Retry-After": str(int(wait) + 1)}
            failure = self._failure(429, f"too many questions: again in {int(wait) + 1} seconds")
            return self._json(HTTPStatus.TOO_MANY_REQUESTS, failure, more)
        try:
            if path == "/":
                return self._page(asked)
            if path == "/page.css":
                return self._answer(HTTPStatus.OK, "text/css; charset=utf-8", page.style())
            if path == "/api" or path.startswith("/api/"):
                return self._beacon(path.removeprefix("/api").strip("/"), asked)
            return self._json(HTTPStatus.NOT_FOUND, self._failure(404, "nothing here"))
        except ShirubeError as error:
            return self._json(HTTPStatus.BAD_REQUEST, self._failure(400, str(error)))
        except Exception:  # the client learns nothing of what is inside
            LOG.exception("a request failed")
            failure = self._failure(500, "the service could not answer")
            return self._json(HTTPStatus.INTERNAL_SERVER_ERROR, failure)

    def _page(self, asked: Mapping[str, str]) -> None:
        released, text = self.server.released, asked.get("q", "").strip()[:200]
        language = asked.get("lang", "")
        if language not in page.TEXTS:
            accepted = self.headers.get("Accept-Language", "")
            language = "ja" if accepted.lower().startswith("ja") else "en"
        found, problem = None, ""
        if text:
            try:
                places = self.server.search.answer(text).places
                found = [rows for place in places for rows in released.alleles(place)]
            except ShirubeError as error:
                problem = str(error)
        body = page.rendered(
            language, self.server.root, released.about, released.least, text, found, problem
        )
        status = HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK
        self._answer(status, "text/html; charset=utf-8", body)

    def _beacon(self, name: str, asked: Mapping[str, str]) -> None:
        released, identifier = self.server.released, self.server.identifier
        if name == "g_variants":
            beacon.granularity_of(asked)
            found = released.alleles(beacon.place_of(asked, released.about["build"]))
            document = beacon.variations(identifier, asked, found, released.about)
            return self._json(HTTPStatus.OK, document)
        root = f"{self.server.root}/api"
        page = beacon.informational(name, identifier, root, released.about)
        if page is None:
            return self._json(HTTPStatus.NOT_FOUND, self._failure(404, "no such endpoint"))
        return self._json(HTTPStatus.OK, page)

    def _failure(self, code: int, message: str) -> beacon.Document:
        return beacon.failure(self.server.identifier, code, message)

    def _json(
        self,
        status: HTTPStatus,
        document: beacon.Document,
        more: Mapping[str, str] | None = None,
    ) -> None:
        body = json.dumps(document, ensure_ascii=False).encode()
        self._answer(status, "application/json; charset=utf-8", body, more)

    def _answer(
        self,
        status: HTTPStatus,
        kind: str,
        body: bytes,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            **HEADERS,
            **(more or {}),
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: object) -> None:
        """Say nothing: what people ask may be about a patient."""
