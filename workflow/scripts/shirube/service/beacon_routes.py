"""Beacon v2 below /api: variations, one by its id, the dataset, what a beacon says of itself."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from shirube.annotate.terms import ACCESSIONS
from shirube.cohort.query.places import of_allele
from shirube.errors import InputError, ShirubeError
from shirube.service import beacon, beacon_search, views
from shirube.service.answers import Ready, as_json, parameters
from shirube.service.consequences import consequences
from shirube.service.listing import one_allele
from shirube.service.released import Released
from shirube.service.text import Words

LOG = logging.getLogger("shirube")
BODY, PATIENCE = 1 << 17, 20.0  # bytes and seconds of a request's body


class BeaconRoutes:
    """The Beacon of one release; `base` of a request is the address of /api."""

    def __init__(self, released: Released, identifier: str, base: Callable[[Request], str]) -> None:
        self.released, self.identifier, self._base = released, identifier, base

    async def _asked(self, request: Request) -> beacon.Asked:
        if request.method != "POST":
            return beacon.asked_by_address(parameters(request))
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

    async def variants(self, request: Request) -> Ready:
        """g_variants, by address or body."""
        try:
            asked = await self._asked(request)
        except ShirubeError as error:
            return as_json(beacon.failure(self.identifier, 400, str(error)), 400)
        return self.answered(lambda: asked, request.path_params.get("dataset", self._dataset))

    def answered(self, read: Callable[[], beacon.Asked], dataset: str | None = None) -> Ready:
        """Answer to g_variants of a request that is still to be read."""
        identifier, about = self.identifier, self.released.about
        asked = None
        try:
            asked = read()
            if dataset not in (None, self._dataset):
                raise InputError("request", f"the dataset {self._dataset}")
            found = beacon_search.matching(self.released, asked)
            return as_json(beacon.variations(identifier, asked, found, about))
        except ShirubeError as error:
            return as_json(beacon.failure(identifier, 400, str(error), asked), 400)
        except Exception:
            LOG.exception("a request failed")  # the client learns nothing of what is inside
            message = Words("en")("problem.failed")
            return as_json(beacon.failure(identifier, 500, message), 500)

    @property
    def _dataset(self) -> str:
        return beacon.dataset_id(self.released.about)

    async def entry(self, request: Request) -> Ready:
        """One variation by its id, with names and effects."""
        name = unquote(request.path_params["name"])
        asked = None
        try:
            asked = await self._asked(request)
            own = name.removeprefix(f"{self.released.about['build']}-")
            if rows := self.released.structural_named(own):
                identifier, about = self.identifier, self.released.about
                return as_json(beacon.variations(identifier, asked, [rows], about))
            key, _ = one_allele(self.released, own)
            found = self.released.alleles(of_allele(*key))
        except ShirubeError as error:
            failed = beacon.failure(self.identifier, 404, str(error), asked)
            return as_json(failed, 404)
        if not found:
            message = f"{name[:60]}: no variation of this id"
            failed = beacon.failure(self.identifier, 404, message, asked)
            return as_json(failed, 404)
        more = {key: await run_in_threadpool(self._details, key)}
        identifier, about = self.identifier, self.released.about
        return as_json(beacon.variations(identifier, asked, found, about, more))

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

    async def datasets(self, request: Request) -> Ready:
        """The release as a dataset."""
        try:
            asked = await self._asked(request)
        except ShirubeError as error:
            return as_json(beacon.failure(self.identifier, 400, str(error)), 400)
        wanted = request.path_params.get("name", "")
        found = beacon.datasets(self.identifier, asked, self.released.about, wanted)
        return as_json(found, 200 if found["responseSummary"]["exists"] else 404)

    async def informational(self, request: Request) -> Ready:
        """What the beacon says of itself."""
        name, base = request.path_params["name"], self._base(request)
        told = beacon.informational(name, self.identifier, base, self.released.about)
        if told is None:
            raise HTTPException(404)
        return as_json(told)
