"""Reads the findings back out of every rendering, to show that all say the same.

A `Record` is what must not differ: which findings, under which titles (they hold the partners of a
fusion, the copies of a repeat) and names, with which reads. The JSON, the pages, the FHIR bundle
and the phenopacket are parsed; of the PDF the text is read, where the title stands above the id of
the finding in brackets. The panel sheet's table is parsed as the pages are; its PDF holds what one
page has room for: each row must say what the model says, and no finding to act on may be missing.
Which trials are listed must not differ either.
"""

import io
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any, TypeAlias, cast

from pypdf import PdfReader

from shirube.report.exchange.fhir import ALL_READS
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.finding_blocks import badges, reads_text, shown_title, title
from shirube.report.page.text import displayed, percent, shown
from shirube.report.panel.listing import RECORD, listed

FOOT = 200  # characters of a page's foot and head at most
# finding id, title, genomic, coding and protein name, allele fraction, reads; None if not shown
Record: TypeAlias = tuple[str | None, ...]


def _record(item: Mapping[str, Any], say: Catalogue | None) -> Record:
    reads = item["reads"]
    return (
        item["id"],
        title(item) if say is None else shown_title(item, say),
        *(item[key] for key in ("hgvs_g", "hgvs_c", "hgvs_p")),
        None if reads["vaf"] is None else percent(reads["vaf"]),
        reads_text(reads["alternative"], reads["depth"]),
    )


def _strings(values: list[str | None]) -> list[str | None]:
    return [None if value is None else shown(value) for value in values]


def json_records(model: Mapping[str, Any], language: str | None = None) -> set[Record]:
    """Findings of report.json as a reader of a language's page would see them; None: as stored."""
    say = None if language is None else Catalogue(language)
    return {_record(cast(dict[str, Any], displayed(item)), say) for item in model["findings"]}


class _Cards(HTMLParser):
    """Labelled values of each finding's card, by finding id."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.cards: dict[str, dict[str, str]] = {}
        self.titles: dict[str, str] = {}
        self._card: str | None = None
        self._tag, self._label = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter a card, a label or a value."""
        if tag == "article":
            self._card = dict(attrs).get("data-finding")
            if self._card is not None:
                self.cards[self._card] = {}
        elif tag == "h3" and self._card is not None and self._card not in self.titles:
            self._tag, self.titles[self._card] = tag, ""
        elif tag in ("dt", "dd"):
            self._tag = tag
            if tag == "dt":
                self._label = ""

    def handle_endtag(self, tag: str) -> None:
        """Leave a card, a label or a value."""
        if tag == "article":
            self._card = None
        elif tag in ("dt", "dd", "h3"):
            self._tag = ""

    def handle_data(self, data: str) -> None:
        """Text of a label or a value."""
        if self._card is None or not self._tag:
            return
        if self._tag == "h3":
            self.titles[self._card] += data
        elif self._tag == "dt":
            self._label += data
        else:
            card = self.cards[self._card]
            card[self._label] = card.get(self._label, "") + data


def html_records(page: str, language: str) -> set[Record]:
    """Findings of a page."""
    say, parser = Catalogue(language), _Cards()
    parser.feed(page)
    out: set[Record] = set()
    for finding, card in parser.cards.items():
        vaf = card.get(say.message("vaf"))
        names = (card.get(say.message(key)) for key in ("hgvs_g", "hgvs_c", "hgvs_p"))
        reads = card.get(say.message("reads"))
        called = parser.titles.get(finding)
        out.add((finding, called, *names, vaf.split(" ")[0] if vaf else None, reads))
    return out


def _bare(text: str) -> str:
    return re.sub(r"[\s\u200b\u00ad]+", "", text)


def _head(item: Mapping[str, Any], say: Catalogue) -> str:
    """What a PDF's card says above the id: the title and the classes."""
    classes = (f"{badge['label']}{badge['text']}" for badge in badges(item, say))
    return _bare("".join(shown(part) for part in (shown_title(item, say), *classes)))


def pdf_records(data: bytes, model: Mapping[str, Any], language: str) -> set[Record]:
    """Findings of a PDF: the cards found in its text, with those values of the model they show."""
    say = Catalogue(language)
    label = _bare(say.message("finding.id")) + "["
    text = _bare("".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages))
    known = {_bare(str(r[0])): r for r in json_records(model, language)}
    above = {_bare(shown(item["id"])): _head(item, say) for item in model["findings"]}
    out: set[Record] = set()
    parts = text.split(label)
    for before, part in pairwise(parts):
        finding = next((k for k in sorted(known, key=len, reverse=True) if part.startswith(k)), "")
        if not finding:
            out.add((part.split("]")[0], None, None, None, None, None, None))
            continue
        called, *rest = known[finding][1:]
        values = [v if v is None or _bare(v) in part else None for v in rest]
        near = before[-len(above[finding]) - FOOT :]  # a page may end between
        called = called if above[finding] in near else None
        out.add((known[finding][0], called, *values))
    return out


def _component(resource: Mapping[str, Any], code: str) -> Mapping[str, Any] | None:
    for part in resource.get("component", []):
        if any(c.get("code") == code for c in part["code"].get("coding", [])):
            return dict(part)
    return None


def fhir_records(found: Mapping[str, Any]) -> set[Record]:
    """Findings of a FHIR bundle: its `variant` observations."""
    out: set[Record] = set()
    for entry in found["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] != "Observation" or "identifier" not in resource:
            continue
        names = []
        for code in ("81290-9", "48004-6", "48005-3"):
            part = _component(resource, code)
            names.append(part["valueCodeableConcept"]["text"] if part else None)
        vaf, alternative = _component(resource, "81258-6"), _component(resource, "82121-5")
        depth = [
            part["valueQuantity"]["value"]
            for part in resource.get("component", [])
            if part["code"].get("text") == ALL_READS
        ]
        out.add(
            (
                *_strings(
                    [resource["identifier"][0]["value"], resource["note"][0]["text"], *names]
                ),
                percent(vaf["valueQuantity"]["value"]) if vaf else None,
                reads_text(
                    alternative["valueQuantity"]["value"] if alternative else None,
                    next(iter(depth), None),
                ),
            )
        )
    return out


def phenopacket_records(found: Mapping[str, Any]) -> set[Record]:
    """Findings of a phenopacket."""
    out: set[Record] = set()
    for given in found["interpretations"][0]["diagnosis"]["genomicInterpretations"]:
        variant = given["variantInterpretation"]["variationDescriptor"]
        names = {e["syntax"]: e["value"] for e in variant.get("expressions", [])}
        coding = names.get("hgvs.c")
        reads = {e["name"]: e["value"] for e in variant.get("extensions", [])}
        vaf, depth = reads.get("allele-frequency"), reads.get("depth")
        out.add(
            (
                *_strings(
                    [
                        variant["id"],
                        variant["label"],
                        names.get("hgvs.g"),
                        coding.split(":", 1)[-1] if coding else None,
                        names.get("hgvs.p"),
                    ]
                ),
                None if vaf is None else percent(vaf),
                reads_text(reads.get("reads"), depth),
            )
        )
    return out


def listing_records(data: bytes) -> set[Record]:
    """Findings of a panel's table."""
    rows = (row for row in listed(data) if row["finding.id"])
    return {tuple(row[key] or None for key in RECORD) for row in rows}


def sheet_differences(data: bytes, model: Mapping[str, Any], language: str) -> list[str]:
    """What a panel sheet says otherwise than the model."""
    text = _bare("".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages))
    known = {f"ID[{_bare(str(r[0]))}]": r for r in json_records(model, language)}
    starts = sorted((at, key) for key in known if (at := text.find(key)) >= 0)
    out = []
    for (at, key), (end, _) in pairwise([*starts, (len(text), "")]):
        called, _, coding, protein, vaf, reads = (_bare(str(v or "")) for v in known[key][1:])
        if not text[:at].split("[")[-1].count(called):
            out.append(f"does not call {key} {called}")
        values = (coding, protein, vaf, reads)
        out += [f"lacks {value} of {key}" for value in values if value not in text[at:end]]
    found = {key for _, key in starts}
    for wanted in model["summary"]:
        key = f"ID[{_bare(shown(wanted['finding']))}]"
        if key not in found and (key not in known or _bare(str(known[key][1])) not in text):
            out.append(f"lacks {key}")
    strange = (part for part in re.findall(r"ID\[[^\]]*\]", text) if part not in known)
    return out + [f"says {part}" for part in strange if not any(k.startswith(part) for k in known)]


class _Trials(HTMLParser):
    """Numbers of the trials in the section of that name: the heads of its rows."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: set[str] = set()
        self._inside, self._head = False, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter a section, or the head of a row."""
        given = dict(attrs)
        if tag == "section":
            self._inside = given.get("id") == "trials"
        elif tag == "th" and self._inside and given.get("scope") == "row":
            self._head = " "

    def handle_endtag(self, tag: str) -> None:
        """Leave the head of a row."""
        if tag == "th" and self._head:
            self.found.add(self._head.strip())
            self._head = ""

    def handle_data(self, data: str) -> None:
        """Text of a head."""
        if self._head:
            self._head += data


def trial_differences(name: str, data: bytes, model: Mapping[str, Any]) -> list[str]:
    """Trials a rendering lists otherwise than the model; phenopackets and sheets hold none."""
    wanted = {shown(one["trial"]) for one in (model["trials"] or {"listed": []})["listed"]}
    if name.endswith(".html"):
        page = _Trials()
        page.feed(data.decode())
        found = page.found
    elif name.endswith(".csv"):
        found = {t for row in listed(data) for t in row["panel.trials"].split("; ") if t}
    elif name.endswith("fhir.json"):
        resources = (entry["resource"] for entry in json.loads(data)["entry"])
        found = {shown(r["identifier"][0]["value"]) for r in resources
                 if r["resourceType"] == "ResearchStudy"}  # fmt: skip
    elif name.endswith(".pdf") and not name.startswith("panel."):
        text = _bare("".join(p.extract_text() for p in PdfReader(io.BytesIO(data)).pages))
        found = {trial for trial in wanted if _bare(trial) in text}
    else:
        return []
    return [
        *(f"{name}: lacks trial {trial}" for trial in sorted(wanted - found)),
        *(f"{name}: says trial {trial}" for trial in sorted(found - wanted)),
    ]


def differences(model: Mapping[str, Any], renderings: Mapping[str, bytes]) -> list[str]:
    """What each rendering (file name -> content) says otherwise than the model; [] if nothing."""
    out: list[str] = []
    for name, data in sorted(renderings.items()):
        language = name.split(".")[-2]
        spoken = name.endswith((".html", ".pdf", ".csv"))
        out += trial_differences(name, data, model)
        wanted = json_records(model, language if spoken else None)
        if name.startswith("panel.") and name.endswith(".pdf"):
            out += [f"{name}: {text}" for text in sheet_differences(data, model, language)]
            continue
        if name.endswith(".csv"):
            found = listing_records(data)
            people = {row["patient"] for row in listed(data)}
            if people != {shown(model["patient"]["patient"])}:
                out.append(f"{name}: is of {sorted(people)}")
        elif name.endswith(".html"):
            found = html_records(data.decode(), language)
        elif name.endswith(".pdf"):
            found = pdf_records(data, model, language)
        elif name.endswith("fhir.json"):
            found = fhir_records(json.loads(data))
        else:
            found = phenopacket_records(json.loads(data))
        out += [f"{name}: lacks {record}" for record in sorted(wanted - found, key=str)]
        out += [f"{name}: says {record}" for record in sorted(found - wanted, key=str)]
    return out
