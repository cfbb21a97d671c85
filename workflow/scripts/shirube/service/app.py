"""The site as an ASGI application: pages at /, JSON and Beacon v2 below /api. It only reads.

A client is an address. Behind a proxy all clients would share one: let the proxy limit them then.
Requests are not logged with what was asked. Answers of a release never change, so the latest are
kept and given again.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from shirube.cohort.query.places import Place, of_allele
from shirube.cohort.query.question import EXAMPLES
from shirube.cohort.query.search import QuestionError
from shirube.errors import ShirubeError
from shirube.service import api, beacon, views
from shirube.service.answers import (
    CAUGHT,
    HEADERS,
    HTML,
    JSON,
    SHARED,
    Answers,
    Ready,
    as_json,
    nowhere,
    parameters,
)
from shirube.service.beacon_routes import BeaconRoutes
from shirube.service.budget import Budget
from shirube.service.listing import Filters, Row, name_of, one_allele, table
from shirube.service.pages import Site, language_of, problem_of
from shirube.service.released import Released
from shirube.service.text import Words

LOG = logging.getLogger("shirube")
STATIC = Path(__file__).with_name("static")
_STATIC_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
LONGEST, FIELDS = 8000, 40  # characters and parameters of an address


@dataclass(frozen=True)
class Settings:
    """How the service presents itself; `downloads`: whether whole files are handed out."""

    identifier: str = "org.example.shirube"
    root: str = ""
    downloads: bool = False


class Service:
    """Pages, JSON and Beacon of one results directory."""

    def __init__(self, released: Released, budget: Budget, settings: Settings) -> None:
        self.released, self.budget, self.settings = released, budget, settings
        self.root = settings.root.rstrip("/")
        self.site = Site(released, self.root, settings.identifier, settings.downloads)
        self.beacon = BeaconRoutes(released, settings.identifier, self._base)
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
                Route("/locus/{name}", self._locus, methods=get),
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
                Route("/api/v1/loci/{name}", self._one_locus, methods=get),
                Route("/api/g_variants", self.beacon.variants, methods=both),
                Route("/api/g_variants/{name}", self.beacon.entry, methods=both),
                Route("/api/datasets", self.beacon.datasets, methods=both),
                Route("/api/datasets/{name}", self.beacon.datasets, methods=both),
                Route("/api/datasets/{dataset}/g_variants", self.beacon.variants, methods=both),
                Route("/api/{name}", self.beacon.informational, methods=get),
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
            response: ASGIApp = self.beacon.answered(lambda: beacon.asked_by_address(asked))
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
        await self._inner({**scope, CAUGHT: caught}, receive, nowhere)
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
            return as_json(self._failure(path, status, message), status, more)
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
            return as_json(self._failure(path, status, str(error)), status)
        asked, text = self._told(request)
        question = (asked.get("q") or [""])[-1]
        forms = list(EXAMPLES.values()) if reason == "not_understood" else []
        message = problem_of(error, text)
        return self._page(self.site.problem(message, path, asked, text, question, forms), status)

    # -- the ways out -----------------------------------------------------------------------

    @staticmethod
    def _page(body: bytes, status: int = 200, more: Mapping[str, str] | None = None) -> Ready:
        return Ready(body, HTML, status, more)

    @staticmethod
    def _told(request: Request) -> tuple[dict[str, list[str]], Words]:
        """Parameters of the address, and the words of the language wanted."""
        asked = parameters(request)
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
        if alleles := self.released.locus_named(question):
            return self._page(self.site.locus(alleles, "/", asked, text))
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
        key, notes = one_allele(self.released, name)
        asked, text = self._told(request)
        if form:
            place = of_allele(*key)
            rows = [{"key": key, "groups": g} for g in self.released.alleles(place)]
            return self._saved(rows or [{"key": key, "groups": []}], [place], name, form)
        return self._page(self.site.variant(key, request.url.path, asked, text, notes))

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
            view = views.gene(self.released, symbol, Filters.of(asked), text)
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
            rows = table(self.released, [place], Filters.of(asked)).every
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

    def _structural_rows(self, request: Request) -> list[Row]:
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
        return as_json(api.structural([self._structural_rows(request)])[0])

    async def _locus(self, request: Request) -> Ready:
        return await self._made(request, self._locus_page)

    def _locus_rows(self, request: Request) -> list[list[Row]]:
        name = request.path_params["name"]
        alleles = self.released.locus_named(name)
        if not alleles:
            raise QuestionError(name, "bad_locus", "a locus of the release")
        return alleles

    def _locus_page(self, request: Request) -> Ready:
        asked, text = self._told(request)
        alleles = self._locus_rows(request)
        return self._page(self.site.locus(alleles, request.url.path, asked, text))

    async def _one_locus(self, request: Request) -> Ready:
        return await self._made(request, lambda r: as_json(api.loci([self._locus_rows(r)])[0]))

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
        return as_json({"suggestions": [{"ask": a, "label": label} for a, label in found]})

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
        return as_json(found or {})

    async def _openapi(self, request: Request) -> Ready:
        return as_json(api.openapi(self._base(request), self.released.about))

    async def _release(self, _: Request) -> Ready:
        about: dict[str, Any] = dict(self.released.about)
        about["genotype_rule"] = json.loads(about["genotype_rule"])
        about |= {"groups": self.released.groups, "least_copies": self.released.least}
        return as_json(about)

    async def _search(self, request: Request) -> Ready:
        return await self._made(request, self._search_json)

    def _search_json(self, request: Request) -> Ready:
        question = request.query_params.get("q", "").strip()
        found = self.released.answer(question)
        places = [{"chrom": p.chrom, "start": p.start, "end": p.end} for p in found.places]
        return as_json(
            {
                "kind": found.kind,
                "gene": found.gene or None,
                "places": places,
                "variants": [name_of(key) for key in found.alleles],
                "diseases": list(found.diseases),
                "notes": [{"id": name, **values} for name, values in found.notes],
            }
        )

    async def _one(self, request: Request) -> Ready:
        if request.query_params.get("fields") == "frequencies":
            try:
                key, _ = one_allele(self.released, request.path_params["name"])
                return as_json(api.point(self.released, key))
            except ShirubeError as error:
                return self._refused(request, error)
        return await self._made(request, self._one_json)

    def _one_json(self, request: Request) -> Ready:
        key, _ = one_allele(self.released, request.path_params["name"])
        return as_json(api.variant(self.released, key))

    async def _of_gene(self, request: Request) -> Ready:
        return await self._made(request, self._gene_json)

    def _gene_json(self, request: Request) -> Ready:
        symbol = self._symbol(request.path_params["name"])
        asked, text = self._told(request)
        view = views.gene(self.released, symbol, Filters.of(asked), text)
        return as_json(
            {
                "gene": symbol,
                "places": view["spans"],
                "constraint": view["constraint"],
                "counts": view["table"].counts,
                "variants": api.listed(view["table"]),
                "structural": api.structural(view["structural"]),
                "loci": api.loci(view["loci"]),
            }
        )

    async def _of_region(self, request: Request) -> Ready:
        return await self._made(request, self._region_json)

    def _region_json(self, request: Request) -> Ready:
        place = self._place(request.path_params["name"])
        asked, _ = self._told(request)
        found = table(self.released, [place], Filters.of(asked))
        stretches = self.released.stretches(place.chrom, place.start, place.end)
        names = ("start", "end", "people", "an")
        told = None
        if stretches is not None:
            told = [dict(zip(names, one, strict=True)) for one in stretches]
        where = {"chrom": place.chrom, "start": place.start, "end": place.end}
        structural = api.structural(self.released.structural(place))
        return as_json(
            {
                **where,
                "callable": told,
                "variants": api.listed(found),
                "structural": structural,
                "loci": api.loci(self.released.loci(place)),
            }
        )
