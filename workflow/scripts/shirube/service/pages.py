"""Pages of the site as HTML, from the views and the catalogue of words."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
import polars as pl

from shirube.cohort.query.places import Place
from shirube.cohort.query.search import Answer, QuestionError
from shirube.contracts import FREQUENCY
from shirube.errors import ShirubeError
from shirube.service import beside_views, compared, views
from shirube.service.figures import bar
from shirube.service.listing import SORTS, Filters, Key, Row, name_of
from shirube.service.overview import versions
from shirube.service.released import Released
from shirube.service.text import LANGUAGES, Words, number

PACKAGE_DATA = ("templates", "static")
Params = Mapping[str, Sequence[str]]


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"number": number, "bar": bar, "short": _short, "sorts": SORTS}
    made.globals["known_types"] = beside_views.STRUCTURAL_TYPES
    return made


def _short(bases: str, most: int = 12) -> str:
    """A long allele with its length instead of its middle."""
    return bases if len(bases) <= most else f"{bases[: most - 6]}…({len(bases)})"


def language_of(asked: Params, accepted: str) -> str:
    """`lang` of an address, else the browser's first of those there are, else English."""
    chosen = (asked.get("lang") or [""])[-1]
    if chosen in LANGUAGES:
        return chosen
    for part in accepted.lower().split(","):
        code = part.split(";")[0].strip()[:2]
        if code in LANGUAGES:
            return code
    return "en"


class Site:
    """Renders pages of one release below the path `root`; `files` may be handed out whole."""

    def __init__(self, released: Released, root: str, identifier: str, has_files: bool) -> None:
        self.released, self.root, self.identifier = released, root, identifier
        self.has_files = has_files

    def _render(
        self,
        template: str,
        path: str,
        asked: Params,
        text: Words,
        **values: Any,  # noqa: ANN401
    ) -> bytes:
        chosen = bool(asked.get("lang"))

        def url(address: str, query: str | Mapping[str, str] = "") -> str:
            told = query if isinstance(query, str) else urlencode(query)
            if chosen:
                told = "&".join(part for part in (told, f"lang={text.language}") if part)
            return f"{self.root}{address}" + (f"?{told}" if told else "")

        def in_language(code: str) -> str:
            kept = [(k, v) for k, many in asked.items() for v in many if k != "lang"]
            return f"{self.root}{path}?{urlencode([*kept, ('lang', code)])}"

        def columns(known: Sequence[Any]) -> list[tuple[str, str, bool]]:
            own = [
                ("pos", text("table.allele"), False),
                ("name", text("table.name"), False),
                ("consequence", text("variant.consequence"), False),
                ("clinvar", "ClinVar", False),
                ("af", text("variant.af"), True),
                ("ac", text("variant.count"), True),
                ("nhomalt", text("variant.hom"), True),
            ]
            return [*own, *((source.name, source.name, True) for source in known)]

        page = _environment().get_template(template)
        values = {"question": "", "home": False, "here": "", "told": (), **values}
        return page.render(
            text=text,
            root=self.root,
            url=url,
            in_language=in_language,
            columns=columns,
            chosen_language=chosen,
            about=self.released.about,
            least=self.released.least,
            sources=self.released.sources,
            **values,
        ).encode()

    def home(self, path: str, asked: Params, text: Words) -> bytes:
        """The first page: a box to search in and what there is to be found."""
        examples = self._examples()
        return self._render(
            *("home.html.j2", path, asked, text),
            home=True,
            examples=examples,
            people=int(self.released.about["people"]),
            alleles=_alleles(self.released),
            groups=len(self.released.groups),
        )

    def _examples(self) -> list[str]:
        """Questions this release has an answer to."""
        genes = self.released.search.genes.some(2)
        out = [*genes]
        for gene in genes[:1]:
            for span in self.released.search.genes.spans(gene)[:1]:
                place = Place(
                    span["chrom"], span["start"], min(span["end"], span["start"] + 90_000)
                )
                found = self.released.alleles(place)
                out += [
                    name_of((span["chrom"], r[0]["pos"], r[0]["ref"], r[0]["alt"]))
                    for r in found[:1]
                ]
                out.append(f"{span['chrom']}:{span['start'] + 1}-{span['end']}")
        return out or ["chr17-7675088-C-T"]

    def answered(self, found: Answer, path: str, asked: Params, text: Words) -> bytes:
        """The page of what a question is about."""
        match found.kind:
            case "gene":
                return self.gene(found.gene, path, asked, text, found.notes, found.question.text)
            case "region":
                return self.region(found.places[0], path, asked, text, found.question.text)
            case "diseases":
                return self._render(
                    *("diseases.html.j2", path, asked, text),
                    question=found.question.text,
                    items=found.diseases,
                )
        if len(found.alleles) == 1:
            question = found.question.text
            return self.variant(found.alleles[0], path, asked, text, found.notes, question)
        items = [views.variant(self.released, key, text) for key in found.alleles[:50]]
        return self._render(
            *("list.html.j2", path, asked, text),
            question=found.question.text,
            items=items,
            told=found.notes,
        )

    def variant(
        self,
        key: Key,
        path: str,
        asked: Params,
        text: Words,
        notes: Sequence[Any] = (),
        question: str = "",
    ) -> bytes:
        """The page of one allele."""
        view = views.variant(self.released, key, text)
        chrom, pos, ref, _ = key
        return self._render(
            *("variant.html.j2", path, asked, text),
            v=view,
            told=notes,
            question=question,
            has_hemi=chrom in ("chrX", "chrY", "chrM"),
            around=f"{chrom}-{max(pos - 500, 1)}-{pos + len(ref) + 499}",
        )

    def gene(
        self,
        symbol: str,
        path: str,
        asked: Params,
        text: Words,
        notes: Sequence[Any] = (),
        question: str = "",
    ) -> bytes:
        """The page of one gene."""
        filters = Filters.of(asked)
        view = views.gene(self.released, symbol, filters, text)
        return self._render(
            *("gene.html.j2", path, asked, text),
            g=view,
            filters=filters,
            told=notes,
            question=question,
        )

    def region(
        self, place: Place, path: str, asked: Params, text: Words, question: str = ""
    ) -> bytes:
        """The page of a region."""
        filters = Filters.of(asked)
        view = views.region(self.released, place, filters, text)
        return self._render(
            *("region.html.j2", path, asked, text), r=view, filters=filters, question=question
        )

    def structural(self, rows: Sequence[Row], path: str, asked: Params, text: Words) -> bytes:
        """The page of a structural variant."""
        return self._render(
            *("structural.html.j2", path, asked, text),
            s=beside_views.structural(self.released, rows, text),
        )

    def locus(self, rows: Sequence[Sequence[Row]], path: str, asked: Params, text: Words) -> bytes:
        """The page of a repeat, or of the alleles at a position of chrM."""
        view = beside_views.locus(rows, text)
        return self._render(*("locus.html.j2", path, asked, text), s=view)

    def compare(self, path: str, asked: Params, text: Words) -> tuple[int, bytes]:
        """Status and page that sets two populations against each other."""
        options = compared.populations(self.released, text)
        default = [value for value, _ in options]
        one = (asked.get("one") or [default[0] if default else ""])[-1]
        other = (asked.get("other") or [default[min(1, len(default) - 1)] if default else ""])[-1]
        where, view, message = (asked.get("in") or [""])[-1].strip(), None, ""
        if where and one == other:
            message = text("compare.same")
        elif where:
            try:
                found = self.released.answer(where)
                view = compared.compare(self.released, found.places, one, other, text)
            except ShirubeError as error:
                message = problem_of(error, text)
        page = self._render(
            *("compare.html.j2", path, asked, text),
            here="compare",
            options=options,
            one=one,
            other=other,
            where=where,
            c=view,
            message=message,
        )
        return (400 if message else 200), page

    def about(self, path: str, asked: Params, text: Words) -> bytes:
        """What the release is, how it was made, and its files."""
        released = self.released
        most = released.release.most_people() if released.release.tells_callability else {}
        files = released.release.files() if self.has_files else []
        return self._render(
            *("about.html.j2", path, asked, text),
            here="about",
            groups=[(text.group(group), most.get(group)) for group in released.groups],
            rule=json.loads(released.about["genotype_rule"]),
            versions=versions((released.results / "knowledge").glob("*.parquet")),
            files=files,
            dictionary=[
                (name, str(kind), _meaning(name)) for name, kind in FREQUENCY.schema.items()
            ],
            identifier=self.identifier,
        )

    def api(self, path: str, asked: Params, text: Words, described: Mapping[str, Any]) -> bytes:
        """What programs may ask, for people."""
        return self._render(*("api.html.j2", path, asked, text), here="api", described=described)

    def problem(
        self,
        message: str,
        path: str,
        asked: Params,
        text: Words,
        question: str = "",
        forms: Sequence[str] = (),
    ) -> bytes:
        """A page that says why there is no answer, and what may be asked."""
        return self._render(
            *("problem.html.j2", path, asked, text), message=message, question=question, forms=forms
        )


def problem_of(error: ShirubeError, text: Words) -> str:
    """What went wrong with a question, in the page's language."""
    if isinstance(error, QuestionError):
        return text(f"problem.{error.reason}", **error.values)
    return text("problem.input", message=str(error))


def _alleles(released: Released) -> int:
    """Alleles of the release, as the footers of its files count them."""
    folder = released.results / "cohort" / "frequency"
    files = sorted(folder.glob("*.parquet"))
    if not files:
        return 0
    rows = int(pl.scan_parquet(files, glob=False).select(pl.len()).collect().item())
    return rows // max(len(released.groups), 1)


def _meaning(name: str) -> str:
    shared = {
        "chrom": "chromosome, as chr17",
        "pos": "1-based position of the first base of ref",
        "ref": "bases of the reference",
        "alt": "bases instead of them, trimmed and left-aligned",
    }
    return FREQUENCY.columns.get(name) or shared[name]
