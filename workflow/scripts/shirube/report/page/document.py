"""The report as a document in one language: sections of blocks, in the order a reader needs.

identity and verdict, summary, somatic, fusions, copy number, germline, rare, trials,
pharmacogenomics, secondary, looked for and not found, not assessable, quality, fate of records,
methods, sign-off
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from shirube.report.identity import SPECIMEN
from shirube.report.page.blocks import Block, cell, facts, figure, note, table, words
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.finding_blocks import finding_card
from shirube.report.page.first_page import TONES, in_brief, negatives, tiles, tumour_state
from shirube.report.page.lead_cards import actions
from shirube.report.page.ledger_blocks import ledger
from shirube.report.page.marker_blocks import markers
from shirube.report.page.negative_blocks import (
    asked_for,
    not_assessable,
    not_found,
    withheld_names,
)
from shirube.report.page.pgx_blocks import pharmacogenomics
from shirube.report.page.rare_blocks import homozygosity, measured_loci
from shirube.report.page.reason import reason
from shirube.report.page.text import Json, displayed, number, percent, worded
from shirube.report.page.trial_blocks import trials

# What the page's script says (report.js).
TOOLS = (
    *("find", "next", "hits", "filter", "fold", "unfold", "print", "printout", "copy", "copied"),
    "uncopied",
)
TUMOUR_SECTIONS = ("somatic", "fusion", "copy_number", "biomarkers")


def banners(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """What must be seen before anything else."""
    out = [note(say.message("banner.artificial"), "danger")] if model["artificial"] else []
    if model["quality"]["blocked"]:
        out.append(note(say.message("banner.blocked"), "danger"))
    verdict = model["quality"]["verdict"]
    if verdict != "pass" and not model["quality"]["blocked"]:
        level = "danger" if verdict == "fail" else "warning"
        out.append(note(say.message(f"banner.quality.{verdict}"), level))
    state = model["sign_off"]["state"]
    out.append(note(say.message(f"banner.{state}"), "info" if state == "signed" else "warning"))
    return out


def symptoms(stated: str | None, say: Catalogue) -> list[tuple[str, object]]:
    """The patient's symptoms by name, and those looked for and absent (marked with !)."""
    terms = [term.strip() for term in (stated or "").split(";") if term.strip()]
    seen = [say.coded(t) for t in terms if not t.startswith("!")]
    absent = [say.coded(t.lstrip("!").strip()) for t in terms if t.startswith("!")]
    named = (("hpo", seen), ("hpo.absent", absent))
    return [(key, words(found, say)) for key, found in named if found]


def identity(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """Who and what was tested, and what the answer is worth: on the first screen."""
    m, patient = say.message, model["patient"]
    items: list[tuple[str, object]] = [
        (m("patient"), patient["patient"]),
        (m("sex"), say.term("sex", patient["sex"])),
        (m("diagnosis"), words([say.diseases(patient["diagnosis"])], say)),
    ]
    onset, related = patient["onset"], patient["consanguinity"]
    entries: list[tuple[str, object]] = [("family", patient["family"])]
    entries += symptoms(patient["hpo"], say)
    known = (onset or "").replace(":", "_")  # a term of HPO, else an age as it is written
    entries.append(("onset", say.term("onset", known) if say.knows("onset", known) else onset))
    entries.append(("consanguinity", related and m(related)))
    items += [(m(k), v) for k, v in entries if v]
    stated = model["identity"] or {}
    items += [(m(f"given.{name}"), text) for name, text in _stated(stated, ("age",), say)]
    for s in model["samples"]:
        kind, own = say.term("kind", s["kind"]), (stated.get("samples") or {}).get(s["sample"], {})
        items.append((m("sample.line", kind=kind), _measured(s, say)))
        told = [f"{m(f'given.{name}')} {text}" for name, text in _stated(own, SPECIMEN, say)]
        items += [(m("given.of", kind=kind), m("list.join").join(told))] if told else []
    items.append((m("build"), say.term("build", model["build"])))
    last = ("physician", "institute")
    items += [(m(f"given.{name}"), text) for name, text in _stated(stated, last, say)]
    reported = stated.get("reported") or model["date"]
    items += [(m("date"), reported)] if reported else []
    return [facts(items), tiles(model, say)]


def _measured(sample: Mapping[str, Any], say: Catalogue) -> str:
    """Name, mean depth and callable part of a sample; what its file does not tell is unknown."""
    m = say.message
    deep, seen = sample["mean_depth"], sample["callable"]
    depth = m("depth.unknown") if deep is None else f"{number(deep)}×"
    part = m("callable.unknown") if seen is None else percent(seen)
    return f"{sample['sample']}, {depth}, {part}"


def _stated(
    given: Mapping[str, Any], names: Sequence[str], say: Catalogue
) -> list[tuple[str, str]]:
    """The fields of `names` that are given, as text."""
    out = []
    for name in names:
        value = given.get(name)
        if value is not None:
            shown = percent(value, 0) if name == "tumour_content" else str(value)
            out.append((name, say.message("given.years", years=value) if name == "age" else shown))
    return out


def _value(gate: Mapping[str, Any], value: float | None) -> str:
    return number(value, 1 if gate["gate"] == "mean_depth" else 3)


def _asked(gate: Mapping[str, Any]) -> str:
    low = [] if gate["low"] is None else [f"≥ {_value(gate, gate['low'])}"]
    high = [] if gate["high"] is None else [f"≤ {_value(gate, gate['high'])}"]
    return ", ".join([*low, *high]) or "–"


def quality(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """The samples and the quality gates, each with what was measured and asked for."""
    m = say.message
    columns = ("sample", "kind", "input", "mean.depth", "callable", "callable.bases")
    samples = [
        (
            s["sample"],
            say.term("kind", s["kind"]),
            code(s["input"]),
            m("unknown") if s["mean_depth"] is None else number(s["mean_depth"], 1),
            m("unknown") if s["callable"] is None else percent(s["callable"]),
            m("unknown") if s["callable"] is None else number(s["callable_bases"]),
        )
        for s in model["samples"]
    ]
    results = [
        (
            say.term("gate", g["gate"]),
            g["sample"],
            g["relative"] if g["relative"] != model["patient"]["patient"] else None,
            _value(g, g["value"]),
            _asked(g),
            say.term("action", g["action"]),
            cell(say.term("verdict", g["verdict"]), tone=TONES[g["verdict"]]),
            reason(g, say),
        )
        for g in model["quality"]["gates"]
    ]
    gates = ("gate", "sample", "relative", "measured", "asked", "action", "verdict", "reason")
    return [
        table(m("samples"), [m(c) for c in columns], samples, numeric=(3, 4, 5)),
        table(m("gates"), [m(c) for c in gates], results, numeric=(3, 4)),
        note(m("depth.note")),
    ]


def summary(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """What can be acted on today, then what stays open; never silent about what was not seen."""
    if model["quality"]["blocked"]:
        return [note(say.message("banner.blocked"), "danger")]
    counts = say.message(
        "summary.counts" if asked_for(model) else "summary.counts.unlisted",
        findings=len(model["findings"]),
        negative=len(model["not_found"]),
        unknown=len(model["not_assessable"]),
    )
    rule = say.message("summary.rule")
    return [
        *actions(model, say),
        *tumour_state(model, say),
        *negatives(model, say),
        *withheld_names(model, say),
        *in_brief(model, say),
        note(f"{counts} {rule}"),
    ]


def found_markers(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """The cards of markers that are findings; nothing where none is."""
    of_markers = any(item["section"] == "biomarkers" for item in model["findings"])
    return finding_section(model, "biomarkers", say) if of_markers else []


def _section(model: Mapping[str, Any], name: str, say: Catalogue) -> list[Block]:
    if name == "biomarkers":
        return [*found_markers(model, say), *markers(model, say)]
    found = finding_section(model, name, say)
    if name == "germline":  # bears on any person, whatever the programme
        related = model["patient"]["consanguinity"]
        found = [*homozygosity(model["homozygosity"], say, related), *found]
    if name == "rare":
        found += measured_loci(model, say)
    return found


def figure_block(found: Mapping[str, Any], say: Catalogue) -> Block:
    """A figure with its caption and what it shows in words."""
    values = dict(found["values"])
    if "frame" in values:
        values["frame"] = say.term("frame", values["frame"])
    if "segments" in values:  # calls with their counts
        parts = [part.rsplit(" ", 1) for part in values["segments"].split(", ")]
        values["segments"] = say.message("list.join").join(
            " ".join((say.term("segment", name), *count)) for name, *count in parts
        )
    kind = f"figure.{found['kind']}"
    caption, about = say.message(kind, **values), say.message(f"{kind}.about", **values)
    return figure(worded(found["svg"], say.message), caption, about)


def figures(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """The pictures that belong to no single finding."""
    return [figure_block(f, say) for f in model["figures"] if f["finding"] is None]


def finding_section(model: Mapping[str, Any], section: str, say: Catalogue) -> list[Block]:
    """The findings of one section, one card each, with their pictures."""
    if section == "secondary" and not model["secondary"]["consented"]:
        return [note(say.message("secondary.not_consented"))]
    items = [item for item in model["findings"] if item["section"] == section]
    cards = []
    for item in items:
        card = finding_card(item, say)
        drawn = [figure_block(f, say) for f in model["figures"] if f["finding"] == item["id"]]
        cards.append({**card, "blocks": [*drawn, *card["blocks"]]})
    return cards or [note(why_empty(model, section, say))]


def why_empty(model: Mapping[str, Any], section: str, say: Catalogue) -> str:
    """Why a section has no finding: withheld, not asked, or none found among so many genes."""
    m = say.message
    if model["quality"]["blocked"]:
        return m("section.blocked")
    if section == "germline" and model["patient"]["programme"] == "rare":
        return m("section.see_rare")
    of_tumour = section in TUMOUR_SECTIONS
    kind = "tumour" if of_tumour else "normal"
    sample = next((s for s in model["samples"] if s["kind"] == kind), None)
    if sample is None:
        return m(f"section.no_{kind}")
    if section == "copy_number" and model["tumour"] is None:
        return m("section.no_copies")
    alone = not any(s["kind"] == "normal" for s in model["samples"])
    if section == "copy_number" and alone and model["tumour"]["purity"] is None:
        return m("section.copies_alone")
    stages = {row["stage"] for row in model["ledger"]["rows"]}
    reads = sample["input"] in ("bam", "cram")
    if section == "fusion" and not reads and "structural" not in stages:
        return m("section.no_reads")
    if section == "rare" and not model["patient"]["hpo"]:
        return m("sentence.join").join((m("section.none"), m("section.no_symptoms")))
    if section in ("fusion", "copy_number") or not sample["genes"]:
        return m("section.none")
    if sample["callable"] is None:
        return m("sentence.join").join((m("section.none"), m("section.callable.unknown")))
    counts = {"callable": sample["genes_callable"], "genes": sample["genes"]}
    return m("sentence.join").join((m("section.none"), m("section.callable", **counts)))


def code(text: object) -> Block:
    """A name of the configuration or of a program, as it is written there."""
    return cell("–" if text is None else text, tone="code")


def methods(model: Mapping[str, Any], digest: str, say: Catalogue) -> list[Block]:
    """Knowledge, programs and settings behind the report."""
    m, found = say.message, model["methods"]
    sources = [
        (
            code(s["name"]),
            cell(s["release"] or "–", lang="en"),
            cell(s["licence"] or "–", lang="en"),
            cell(s["covers"] or "–", lang="en"),
            cell(s["sha256"] or "–", tone="code"),
        )
        for s in found["knowledge"]
    ]
    columns = [m(c) for c in ("name", "version", "licence", "covers", "checksum")]
    pair = [m("name"), m("version")]
    settings = [*found["engines"].items(), *found["parameters"].items()]
    return [
        table(m("knowledge"), columns, sources)
        if sources
        else note(m("knowledge.none"), "warning"),
        table(m("tools"), pair, [(code(t["name"]), t["version"]) for t in found["tools"]]),
        table(m("parameters"), [m("key"), m("value")], [(code(k), code(v)) for k, v in settings]),
        facts(
            [
                (m("report.version"), model["version"]),
                (m("report.hash"), cell(digest, tone="code")),
            ]
        ),
    ]


def _named(findings: list[str] | None, say: Catalogue) -> str:
    return say.message("signoff.all") if findings is None else ", ".join(findings)


def sign_off(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """The state of the report and who brought it there."""
    m, found = say.message, model["sign_off"]
    rows = [
        (
            say.term("state", e["state"]),
            e["by"],
            e["at"],
            "–" if e["state"] == "signed" else _named(e["findings"], say),
        )
        for e in found["events"]
    ]
    columns = [m("state"), m("signoff.who"), m("signoff.when"), m("signoff.findings")]
    return [
        facts(
            [
                (m("state"), say.term("state", found["state"])),
                (m("signoff.revision"), found["revision"]),
                (m("signoff.content"), cell(found["content"], tone="code")),
                *((m("signoff.supersedes"), cell(old, tone="code")) for old in found["supersedes"]),
            ]
        ),
        *([table(m("section.sign_off"), columns, rows)] if rows else []),
        note(m("signoff.note")),
    ]


def mark(model: Mapping[str, Any], say: Catalogue) -> str:
    """What stands on every page: artificial data, failed gates."""
    marks = [say.message("mark.artificial")] if model["artificial"] else []
    if model["quality"]["verdict"] == "fail":
        marks.append(say.message("mark.failed"))
    return "  ".join(marks)


def document(model: Mapping[str, Any], digest: str, language: str) -> dict[str, Any]:
    """The document of a report model; `digest` is the SHA-256 of report.json."""
    drawn_svg = [f["svg"] for f in model["figures"]]
    safe = cast(dict[str, Any], displayed(cast(Json, {**model, "figures": []})))
    described = cast(list[dict[str, Any]], displayed([{**f, "svg": ""} for f in model["figures"]]))
    safe["figures"] = [{**f, "svg": s} for f, s in zip(described, drawn_svg, strict=True)]
    say = Catalogue(language, safe["names"])
    programme = safe["patient"]["programme"]
    order = ("somatic", "fusion", "copy_number", "biomarkers", "germline", "rare")
    has_tumour = any(s["kind"] == "tumour" for s in safe["samples"])
    present = {item["section"] for item in safe["findings"]}
    wanted = [
        s
        for s in order
        if s in present
        or (s in TUMOUR_SECTIONS and has_tumour)
        or s == "germline"
        or (s == "rare" and programme == "rare")
    ]
    sections: list[tuple[str, list[Block]]] = [
        ("identity", identity(safe, say)),
        ("summary", summary(safe, say)),
        *((s, _section(safe, s, say)) for s in wanted),
        *([("trials", trials(safe, say))] if has_tumour or safe["trials"] else []),
        *([("figures", drawn)] if (drawn := figures(safe, say)) else []),
        ("pharmacogenomics", pharmacogenomics(safe, say)),
        ("secondary", finding_section(safe, "secondary", say)),
        ("not_found", not_found(safe, say)),
        ("not_assessable", not_assessable(safe, say)),
        ("quality", quality(safe, say)),
        ("ledger", ledger(safe, say)),
        ("methods", methods(safe, digest, say)),
        ("sign_off", sign_off(safe, say)),
    ]
    title = f"title.{programme}" if programme in ("cancer", "rare") else "title"
    return {
        "language": language,
        "title": say.message(title),
        "patient": safe["patient"]["patient"],
        "subtitle": [
            (say.message("diagnosis"), say.disease(safe["patient"]["diagnosis"])),
            (say.message("quality"), say.term("verdict", safe["quality"]["verdict"])),
            (say.message("state"), say.term("state", safe["sign_off"]["state"])),
        ],
        "banners": banners(safe, say),
        "sections": [
            {"id": name, "title": say.message(f"section.{name}"), "blocks": blocks}
            for name, blocks in sections
        ],
        "second_page": sections[2][0],
        "digest": digest,
        "mark": mark(safe, say),
        "tools": {key: say.message(f"tool.{key}") for key in TOOLS},
        "words": {
            key: say.message(key) for key in ("contents", "skip", "page", "patient", "notices")
        },
    }
