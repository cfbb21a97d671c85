"""The site as an ASGI application: pages at /, JSON and Beacon v2 below /api. It only reads.

A client is an address. Behind a proxy all clients would share one: let the proxy limit them then.
Requests are not logged with what was asked. Answers of a release never change, so the latest are
kept and given again.
"""

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shirube.annotate.terms import ACCESSIONS
from shirube.cohort.query.places import Place, of_allele
from shirube.cohort.query.question import EXAMPLES
from shirube.cohort.query.search import QuestionError
from shirube.errors import InputError, ShirubeError
from shirube.service import api, beacon, beacon_search, views
from shirube.service.budget import Budget
from shirube.service.consequences import consequences
from shirube.service.pages import Site, language_of, problem_of
from shirube.service.released import Released
from shirube.service.text import Words

LOG = logging.getLogger("shirube")
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
STATIC = Path(__file__).with_name("static")
_STATIC_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
LONGEST, FIELDS = 8000, 40  # characters and parameters of an address
BODY, PATIENCE = 1 << 17, 20.0  # bytes and seconds of a request's body
KEPT = 32 << 20  # bytes of answers kept


@dataclass(frozen=True)
class Settings:
    """How the service presents itself; `downloads`: whether whole files are handed out."""

    identifier: str = "org.example.shirube"
    root: str = ""
    downloads: bool = False


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
        caught = scope.get(_CAUGHT)
        if caught is not None:
            caught.append(self)
            return
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        body = b"" if scope["method"] == "HEAD" else self.body
        await send({"type": "http.response.body", "body": body})


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


async def _nowhere(_: Message) -> None:
    """Where nothing is sent: an answer was caught before."""


_CAUGHT = "shirube.caught"
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


class Service:
    """Pages, JSON and Beacon of one results directory."""

    def __init__(self, released: Released, budget: Budget, settings: Settings) -> None:
        self.released, self.budget, self.settings = released, budget, settings
        self.root = settings.root.rstrip("/")
        self.site = Site(released, self.root, settings.identifier, settings.downloads)
        self.answers = Answers()
        get = ["GET", "HEAD"]
        both = [*get, "POST"]
        self._inner = Starlette(
            routes=[
                Route("/", self._home, methods=get),
                Route("/variant/{name}", self._variant, methods=get),
                Route("/gene/{name}", self._gene, methods=get),
                Route("/region/{name}", self._region, methods=get),
                Route("/structural/{name}", self._structural, methods=get),
                Route("/compare", self._compare, methods=get),
                Route("/about", self._about, methods=get),
                Route("/suggest", self._suggest, methods=get),
                Route("/static/{name}", self._static, methods=get),
                Route("/files/{name:path}", self._file, methods=get),
                Route("/api", self._described, methods=get),
                Route("/api/openapi.json", self._openapi, methods=get),
                Route("/api/v1/release", self._release, methods=get),
                Route("/api/v1/search", self._search, methods=get),
                Route("/api/v1/variants/{name}", self._one, methods=get),
                Route("/api/v1/genes/{name}", self._of_gene, methods=get),
                Route("/api/v1/regions/{name}", self._of_region, methods=get),
                Route("/api/v1/structural/{name}", self._one_structural, methods=get),
                Route("/api/g_variants", self._variants, methods=both),
                Route("/api/g_variants/{name}", self._entry, methods=both),
                Route("/api/datasets", self._datasets, methods=both),
                Route("/api/datasets/{name}", self._datasets, methods=both),
                Route("/api/datasets/{dataset}/g_variants", self._variants, methods=both),
                Route("/api/{name}", self._informational, methods=get),
            ],
            exception_handlers={HTTPException: self._no_route, Exception: self._broken},
        )

    # -- the way in -------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever is wrong with it, in HTML or JSON."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._inner(scope, receive, send)
            return
        response = await self._answer(scope, receive)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> ASGIApp:
        path = scope["path"]
        if self.root and not (path == self.root or path.startswith(f"{self.root}/")):
            return self._problem(scope, 404, "problem.nothing")
        scope = {**scope, "path": path[len(self.root) :] or "/", "root_path": ""}
        path, method = scope["path"], scope["method"]
        shared = path == "/api" or path.startswith("/api/")
        if method == "OPTIONS" and shared:
            return Ready(b"", JSON, 204, SHARED)
        if len(scope["raw_path"] or b"") + len(scope["query_string"]) > LONGEST:
            return self._problem(scope, 414, "problem.long")
        if scope["query_string"].count(b"&") >= FIELDS:
            return self._problem(scope, 400, "problem.fields", most=FIELDS)
        if not path.startswith(("/static/", "/suggest")):
            wait = self.budget.wait((scope.get("client") or ("?", 0))[0])
            if wait:
                seconds = int(wait) + 1
                return self._problem(
                    scope, 429, "problem.budget", {"Retry-After": str(seconds)}, seconds=seconds
                )
        self.released.refresh()
        if path.startswith("/files/"):
            return partial(self._sent, scope)
        key, stamp = self._key(scope), self.released.stamp
        if key is not None and (kept := self.answers.get(key, stamp)) is not None:
            return kept
        if path == "/api/g_variants" and method == "GET":  # what networks ask most, by a short way
            asked = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            response: ASGIApp = self._beacon(lambda: beacon.asked_by_address(asked))
        else:
            response = await self._inside(scope, receive)
        if key is not None and isinstance(response, Ready) and response.status_code == 200:
            self.answers.put(key, stamp, response)
        return response

    async def _sent(self, own: Scope, _: Scope, receive: Receive, send: Send) -> None:
        """Answer below the root, as it is read."""
        await self._inner(own, receive, send)

    async def _inside(self, scope: Scope, receive: Receive) -> ASGIApp:
        """The answer the routes give, caught before it is sent."""
        caught: list[ASGIApp] = []
        await self._inner({**scope, _CAUGHT: caught}, receive, _nowhere)
        return caught[0]

    @staticmethod
    def _key(scope: Scope) -> tuple[str, ...] | None:
        if scope["method"] != "GET" or scope["path"].startswith(("/static/", "/files/")):
            return None
        headers = dict(scope["headers"])
        told = (
            headers.get(name, b"").decode("latin-1") for name in (b"accept-language", b"accept")
        )
        host = headers.get(b"host", b"").decode("latin-1")
        return (scope["path"], scope["query_string"].decode("latin-1"), host, *told)

    # -- what goes wrong --------------------------------------------------------------------

    def _problem(
        self,
        scope: Scope,
        status: int,
        name: str,
        more: Mapping[str, str] | None = None,
        **values: object,
    ) -> Ready:
        """An error as the path's kind of document."""
        path = scope["path"].removeprefix(self.root)
        if path == "/api" or path.startswith("/api/"):
            message = Words("en")(name, **values)
            return self._json(self._failure(path, status, message), status, more)
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        headers = dict(scope["headers"])
        accepted = headers.get(b"accept-language", b"").decode("latin-1")
        text = Words(language_of(asked, accepted))
        page = self.site.problem(text(name, **values), path, asked, text)
        return self._page(page, status, more)

    def _failure(self, path: str, status: int, message: str) -> dict[str, Any]:
        if path.startswith("/api/v1/"):
            return {"error": {"code": status, "message": message}}
        return beacon.failure(self.settings.identifier, status, message)

    async def _no_route(self, request: Request, error: Exception) -> Ready:
        status = error.status_code if isinstance(error, HTTPException) else 404
        more = error.headers if isinstance(error, HTTPException) else None
        return self._problem(request.scope, status, "problem.nothing", more)

    async def _broken(self, request: Request, error: Exception) -> Ready:
        if isinstance(error, ShirubeError):
            return self._refused(request, error)
        LOG.error("a request failed", exc_info=error)  # the client learns nothing of what is inside
        return self._problem(request.scope, 500, "problem.failed")

    def _refused(self, request: Request, error: ShirubeError) -> Ready:
        path = request.url.path
        reason = error.reason if isinstance(error, QuestionError) else ""
        status = 404 if reason.startswith("unknown") else 400
        if path == "/api" or path.startswith("/api/"):
            return self._json(self._failure(path, status, str(error)), status)
        asked, text = self._told(request)
        question = (asked.get("q") or [""])[-1]
        forms = list(EXAMPLES.values()) if reason == "not_understood" else []
        message = problem_of(error, text)
        return self._page(self.site.problem(message, path, asked, text, question, forms), status)

    # -- the ways out -----------------------------------------------------------------------

    @staticmethod
    def _json(
        document: Mapping[str, Any], status: int = 200, more: Mapping[str, str] | None = None
    ) -> Ready:
        return Ready(orjson.dumps(document), JSON, status, {**SHARED, **(more or {})})

    @staticmethod
    def _page(body: bytes, status: int = 200, more: Mapping[str, str] | None = None) -> Ready:
        return Ready(body, HTML, status, more)

    @staticmethod
    def _told(request: Request) -> tuple[dict[str, list[str]], Words]:
        """Parameters of the address, and the words of the language wanted."""
        asked = parse_qs(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        accepted = request.headers.get("accept-language", "")
        return asked, Words(language_of(asked, accepted))

    # -- pages ------------------------------------------------------------------------------

    async def _home(self, request: Request) -> Ready:
        return await self._made(request, self._home_page)

    def _home_page(self, request: Request) -> Ready:
        asked, text = self._told(request)
        question = (asked.get("q") or [""])[-1].strip()
        if not question:
            return self._page(self.site.home("/", asked, text))
        if rows := self.released.structural_named(question):
            return self._page(self.site.structural(rows, "/", asked, text))
        found = self.released.answer(question)
        return self._page(self.site.answered(found, "/", asked, text))

    async def _made(self, request: Request, make: Any) -> Ready:  # noqa: ANN401
        """A page made in a thread of its own, so that quick answers need not wait for it."""
        try:
            response: Ready = await run_in_threadpool(make, request)
        except ShirubeError as error:
            return self._refused(request, error)
        return response

    async def _variant(self, request: Request) -> Ready:
        return await self._made(request, self._variant_page)

    def _variant_page(self, request: Request) -> Ready:
        name, form = self._form(request)
        key, notes = self._allele(name)
        asked, text = self._told(request)
        if form:
            place = of_allele(*key)
            rows = [{"key": key, "groups": g} for g in self.released.alleles(place)]
            return self._saved(rows or [{"key": key, "groups": []}], [place], name, form)
        return self._page(self.site.variant(key, request.url.path, asked, text, notes))

    def _allele(self, name: str) -> tuple[views.Key, tuple[Any, ...]]:
        found = self.released.answer(name)
        if found.kind != "alleles" or len(found.alleles) != 1:
            raise InputError(name[:60], "one allele, as chr17-7675088-C-T")
        return found.alleles[0], found.notes

    async def _gene(self, request: Request) -> Ready:
        return await self._made(request, self._gene_page)

    def _symbol(self, name: str) -> str:
        symbol = self.released.search.genes.symbol(name)
        if symbol is None:
            raise QuestionError(name, "unknown_owner", "a gene of the gene models", owner=name)
        return symbol

    def _gene_page(self, request: Request) -> Ready:
        name, form = self._form(request)
        symbol = self._symbol(name)
        asked, text = self._told(request)
        if form:
            view = views.gene(self.released, symbol, views.Filters.of(asked), text)
            rows = view["table"].every
            return self._saved(rows, [of_allele(*row["key"]) for row in rows], symbol, form)
        return self._page(self.site.gene(symbol, request.url.path, asked, text))

    async def _region(self, request: Request) -> Ready:
        return await self._made(request, self._region_page)

    def _place(self, name: str) -> Place:
        found = self.released.answer(name.replace("-", ":", 1) if ":" not in name else name)
        if found.kind != "region":
            raise QuestionError(name, "bad_region", "a region chrom-first-last, 1-based")
        return found.places[0]

    def _region_page(self, request: Request) -> Ready:
        name, form = self._form(request)
        place = self._place(name)
        asked, text = self._told(request)
        if form:
            rows = views.table(self.released, [place], views.Filters.of(asked)).every
            return self._saved(rows, [of_allele(*row["key"]) for row in rows], name, form)
        return self._page(self.site.region(place, request.url.path, asked, text))

    @staticmethod
    def _form(request: Request) -> tuple[str, str]:
        """Name and wanted file format of a path such as TP53.tsv."""
        name = request.path_params["name"]
        stem, _, form = name.rpartition(".")
        return (stem, form) if stem and form in api.FORMS else (name, "")

    def _saved(self, rows: Any, places: Any, name: str, form: str) -> Ready:  # noqa: ANN401
        body = api.saved(self.released, rows, places, form)
        safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in name)[:80]
        more = {"Content-Disposition": f'attachment; filename="{safe}.{form}"'}
        return Ready(body, api.FORMS[form], more=more)

    async def _structural(self, request: Request) -> Ready:
        return await self._made(request, self._structural_page)

    def _structural_rows(self, request: Request) -> list[views.Row]:
        name = request.path_params["name"]
        rows = self.released.structural_named(name)
        if not rows:
            raise QuestionError(name, "bad_structural", "a structural variant of the release")
        return rows

    def _structural_page(self, request: Request) -> Ready:
        asked, text = self._told(request)
        rows = self._structural_rows(request)
        return self._page(self.site.structural(rows, request.url.path, asked, text))

    async def _one_structural(self, request: Request) -> Ready:
        return await self._made(request, self._structural_json)

    def _structural_json(self, request: Request) -> Ready:
        return self._json(api.structural([self._structural_rows(request)])[0])

    async def _compare(self, request: Request) -> Ready:
        return await self._made(request, self._compare_page)

    def _compare_page(self, request: Request) -> Ready:
        asked, text = self._told(request)
        status, page = self.site.compare("/compare", asked, text)
        return self._page(page, status)

    async def _about(self, request: Request) -> Ready:
        return await self._made(
            request, lambda r: self._page(self.site.about("/about", *self._told(r)))
        )

    async def _suggest(self, request: Request) -> Ready:
        text = request.query_params.get("q", "")[:60].strip()
        found = await run_in_threadpool(self.released.search.genes.suggestions, text)
        return self._json({"suggestions": [{"ask": a, "label": label} for a, label in found]})

    async def _static(self, request: Request) -> Ready:
        path = STATIC / request.path_params["name"]
        if path.parent != STATIC or path.suffix not in _STATIC_TYPES or not path.is_file():
            raise HTTPException(404)
        kind_of = f"{_STATIC_TYPES[path.suffix]}; charset=utf-8"
        return Ready(path.read_bytes(), kind_of, more={"Cache-Control": "max-age=3600"})

    async def _file(self, request: Request) -> FileResponse:
        """A whole file of the release, if the operator hands them out."""
        name = request.path_params["name"]
        known = await run_in_threadpool(self.released.release.files)
        if not self.settings.downloads or name not in {file for file, *_ in known}:
            raise HTTPException(404)
        path = self.released.results / "cohort" / name
        return FileResponse(path, headers=HEADERS, filename=path.name)

    # -- JSON -------------------------------------------------------------------------------

    def _base(self, request: Request) -> str:
        return f"{request.url.scheme}://{request.headers.get('host', 'localhost')}{self.root}/api"

    async def _described(self, request: Request) -> Ready:
        """The API for people who come with a browser, the beacon's root for programs."""
        base = self._base(request)
        if "text/html" in request.headers.get("accept", ""):
            asked, text = self._told(request)
            described = api.openapi(base, self.released.about)
            return self._page(self.site.api("/api", asked, text, described))
        found = beacon.informational("", self.settings.identifier, base, self.released.about)
        return self._json(found or {})

    async def _openapi(self, request: Request) -> Ready:
        return self._json(api.openapi(self._base(request), self.released.about))

    async def _release(self, _: Request) -> Ready:
        about: dict[str, Any] = dict(self.released.about)
        about["genotype_rule"] = json.loads(about["genotype_rule"])
        about |= {"groups": self.released.groups, "least_copies": self.released.least}
        return self._json(about)

    async def _search(self, request: Request) -> Ready:
        return await self._made(request, self._search_json)

    def _search_json(self, request: Request) -> Ready:
        question = request.query_params.get("q", "").strip()
        found = self.released.answer(question)
        places = [{"chrom": p.chrom, "start": p.start, "end": p.end} for p in found.places]
        return self._json(
            {
                "kind": found.kind,
                "gene": found.gene or None,
                "places": places,
                "variants": [views.name_of(key) for key in found.alleles],
                "diseases": list(found.diseases),
                "notes": [{"id": name, **values} for name, values in found.notes],
            }
        )

    async def _one(self, request: Request) -> Ready:
        if request.query_params.get("fields") == "frequencies":
            try:
                key, _ = self._allele(request.path_params["name"])
                return self._json(api.point(self.released, key))
            except ShirubeError as error:
                return self._refused(request, error)
        return await self._made(request, self._one_json)

    def _one_json(self, request: Request) -> Ready:
        key, _ = self._allele(request.path_params["name"])
        return self._json(api.variant(self.released, key))

    async def _of_gene(self, request: Request) -> Ready:
        return await self._made(request, self._gene_json)

    def _gene_json(self, request: Request) -> Ready:
        symbol = self._symbol(request.path_params["name"])
        asked, text = self._told(request)
        view = views.gene(self.released, symbol, views.Filters.of(asked), text)
        return self._json(
            {
                "gene": symbol,
                "places": view["spans"],
                "constraint": view["constraint"],
                "counts": view["table"].counts,
                "variants": api.listed(view["table"]),
                "structural": api.structural(view["structural"]),
            }
        )

    async def _of_region(self, request: Request) -> Ready:
        return await self._made(request, self._region_json)

    def _region_json(self, request: Request) -> Ready:
        place = self._place(request.path_params["name"])
        asked, _ = self._told(request)
        table = views.table(self.released, [place], views.Filters.of(asked))
        stretches = self.released.stretches(place.chrom, place.start, place.end)
        names = ("start", "end", "people", "an")
        told = None
        if stretches is not None:
            told = [dict(zip(names, one, strict=True)) for one in stretches]
        where = {"chrom": place.chrom, "start": place.start, "end": place.end}
        structural = api.structural(self.released.structural(place))
        return self._json(
            {
                **where,
                "callable": told,
                "variants": api.listed(table),
                "structural": structural,
            }
        )

    # -- Beacon -----------------------------------------------------------------------------

    async def _asked(self, request: Request) -> beacon.Asked:
        if request.method != "POST":
            asked, _ = self._told(request)
            return beacon.asked_by_address(asked)
        body = b""
        try:
            async with asyncio.timeout(PATIENCE):
                async for part in request.stream():
                    body += part
                    if len(body) > BODY:
                        raise InputError("request", f"a body of at most {BODY} bytes")
        except TimeoutError:
            raise InputError("request", f"a body within {PATIENCE:g} seconds") from None
        try:
            return beacon.asked_by_body(orjson.loads(body or b"{}"))
        except orjson.JSONDecodeError as error:
            raise InputError("request", f"a JSON body ({error})") from None

    async def _variants(self, request: Request) -> Ready:
        try:
            asked = await self._asked(request)
        except ShirubeError as error:
            return self._json(self._failure("/api", 400, str(error)), 400)
        return self._beacon(lambda: asked, request.path_params.get("dataset", self._dataset))

    def _beacon(self, read: Callable[[], beacon.Asked], dataset: str | None = None) -> Ready:
        """Answer to g_variants of a request that is still to be read."""
        identifier, about = self.settings.identifier, self.released.about
        asked = None
        try:
            asked = read()
            if dataset not in (None, self._dataset):
                raise InputError("request", f"the dataset {self._dataset}")
            found = beacon_search.matching(self.released, asked)
            return self._json(beacon.variations(identifier, asked, found, about))
        except ShirubeError as error:
            return self._json(beacon.failure(identifier, 400, str(error), asked), 400)
        except Exception:
            LOG.exception("a request failed")  # the client learns nothing of what is inside
            message = Words("en")("problem.failed")
            return self._json(beacon.failure(identifier, 500, message), 500)

    @property
    def _dataset(self) -> str:
        return beacon.dataset_id(self.released.about)

    async def _entry(self, request: Request) -> Ready:
        """One variation by its id, with names and effects."""
        name = unquote(request.path_params["name"])
        asked = None
        try:
            asked = await self._asked(request)
            own = name.removeprefix(f"{self.released.about['build']}-")
            if rows := self.released.structural_named(own):
                identifier, about = self.settings.identifier, self.released.about
                return self._json(beacon.variations(identifier, asked, [rows], about))
            key, _ = self._allele(own)
            found = self.released.alleles(of_allele(*key))
        except ShirubeError as error:
            failed = beacon.failure(self.settings.identifier, 404, str(error), asked)
            return self._json(failed, 404)
        if not found:
            message = f"{name[:60]}: no variation of this id"
            failed = beacon.failure(self.settings.identifier, 404, message, asked)
            return self._json(failed, 404)
        more = {key: await run_in_threadpool(self._details, key)}
        identifier, about = self.settings.identifier, self.released.about
        return self._json(beacon.variations(identifier, asked, found, about, more))

    def _details(self, key: views.Key) -> dict[str, Any]:
        view = views.variant(self.released, key, Words("en"))
        effects = consequences(self.released, key)
        names = dict(view["identifiers"])
        told: dict[str, Any] = {}
        if "HGVS" in names:
            told["genomicHGVSId"] = names["HGVS"]
        coding = [f"{e['transcript']}:{e['hgvs_c']}" for e in effects if e["hgvs_c"]]
        protein = [f"{e['gene']}:{e['hgvs_p']}" for e in effects if e["hgvs_p"]]
        told |= {"transcriptHGVSIds": coding} if coding else {}
        told |= {"proteinHGVSIds": protein} if protein else {}
        if view["clinvar"]:
            told["clinvarVariantId"] = str(view["clinvar"]["clinvar_id"])
        others = [{"id": names["VRS 2"], "notes": "GA4GH VRS 2"}] if "VRS 2" in names else []
        if view["rsid"]:
            others.append({"id": f"dbSNP:{view['rsid']}", "notes": "dbSNP"})
        told |= {"variantAlternativeIds": others} if others else {}
        genes = sorted({e["gene"] for e in effects if e["gene"]})
        changes = [e["hgvs_p"] for e in effects if e["hgvs_p"]]
        molecular: dict[str, Any] = {}
        if genes:
            molecular["geneIds"] = genes
        if changes:
            molecular["aminoacidChanges"] = changes
        if effects:
            molecular["molecularEffects"] = [
                {"id": ACCESSIONS[term], "label": term}
                for term in dict.fromkeys(
                    t for e in effects for t in (e["consequence"] or "").split("&") if t
                )
            ]
        return {"identifiers": told, **({"molecularAttributes": molecular} if molecular else {})}

    async def _datasets(self, request: Request) -> Ready:
        try:
            asked = await self._asked(request)
        except ShirubeError as error:
            return self._json(self._failure("/api", 400, str(error)), 400)
        wanted = request.path_params.get("name", "")
        found = beacon.datasets(self.settings.identifier, asked, self.released.about, wanted)
        return self._json(found, 200 if found["responseSummary"]["exists"] else 404)

    async def _informational(self, request: Request) -> Ready:
        name, base = request.path_params["name"], self._base(request)
        told = beacon.informational(name, self.settings.identifier, base, self.released.about)
        if told is None:
            raise HTTPException(404)
        return self._json(told)
