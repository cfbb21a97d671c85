"""results/index.html: every person of a run on one page, self-contained, without a network.

The page works without script; a small one of its own (allowed by its hash) sorts the table. It
says of a person what page one of their report says, and nothing that the report withholds.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shirube.contracts import COMPARISON, MEMBERS, read
from shirube.crate.inventory import sha256
from shirube.crate.verify import PAGES
from shirube.files import whole
from shirube.progress.events import STAGES, RunState, stages_of_rules
from shirube.progress.people import STATES, People, Person
from shirube.report.figures.svg import BLUE, LINE, RED, SOFT, Drawing
from shirube.report.page.catalogue import LANGUAGES, Catalogue
from shirube.report.page.text import shown

PACKAGE_DATA = ("index.html.j2", "index.css", "index.js")
_HERE = Path(__file__).parent
# Metrics of the strips, and the decimals they are read with.
METRICS = (("mean_depth", 0), ("callable", 3), ("contamination", 3), ("duplicates", 3))
_STRIP_WIDTH, _STRIP_HEIGHT, _LEFT = 560, 62, 16


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def strip(values: Sequence[tuple[str, float, bool]], digits: int) -> str:
    """A strip of dots, one a sample (name, value, whether a gate was missed), with its range.

    Dots of close values are stacked, so that every sample is seen.
    """
    drawing = Drawing(_STRIP_WIDTH, _STRIP_HEIGHT)
    numbers = [value for _, value, _ in values]
    low, high = min(numbers), max(numbers)
    span = (high - low) or 1.0
    right, ground = _STRIP_WIDTH - _LEFT, _STRIP_HEIGHT - 20
    drawing.line(_LEFT, ground, right, ground, LINE)
    stacked: Counter[int] = Counter()
    for _, value, missed in sorted(values, key=lambda v: v[1]):
        x = _LEFT + (right - _LEFT) * (0.5 if high == low else (value - low) / span)
        column = round(x / 7)
        y = max(6.0, ground - 6 - 7 * stacked[column])
        stacked[column] += 1
        drawing.circle(x, y, 3.5 if missed else 3, RED if missed else BLUE)
    drawing.text(_LEFT, _STRIP_HEIGHT - 5, f"{low:.{digits}f}", 11, SOFT)
    drawing.text(right, _STRIP_HEIGHT - 5, f"{high:.{digits}f}", 11, SOFT, "end")
    return drawing.svg()


def strips(comparison: Path, words: Catalogue) -> list[dict[str, str]]:
    """A strip for each metric and kind of sample that the run's comparison has values of."""
    if not comparison.is_file():
        return []
    table = read(COMPARISON, comparison).drop_nulls("value")
    found = []
    for metric, digits in METRICS:
        for kind in ("normal", "tumour"):
            rows = table.filter((pl.col("metric") == metric) & (pl.col("kind") == kind))
            if rows.height < 2:
                continue
            far = pl.col("score").abs().fill_null(0) > 6
            values = rows.select("sample", "value", far.alias("far")).rows()
            title = f"{words.term('gate', metric)} ({words.message(f'index.kind.{kind}')})"
            found.append({"title": title, "svg": strip(values, digits)})
    return found


def _row(person: Person, words: Catalogue, language: str) -> dict[str, Any]:
    page = f"report.{language}.html"
    finding = person.finding
    return {
        "patient": shown(person.patient),
        "programme": _programme(person, words),
        "sex": words.term("sex", person.sex) if person.sex else "–",
        "state": person.state,
        "rank": STATES.index(person.state),
        "state_text": words.message(f"index.state.{person.state}"),
        "why": shown(person.why),
        "finding": shown(finding.name) if finding else "",
        "judged": _judged_words(finding.judged, words) if finding else "",
        "more": finding.more if finding else 0,
        "none": person.finding is None and person.not_found is not None,
        "sign_off": words.message(f"index.sign.{person.sign_off}") if person.sign_off else "–",
        "depths": ", ".join(
            f"{s['mean_depth']:.0f}×"
            for s in person.samples
            if s["input"] in ("bam", "cram") and s["mean_depth"] is not None
        ),
        "page": f"reports/{person.patient}/{page}" if page in person.files else "",
        "files": [
            {"name": name.removeprefix("report."), "href": f"reports/{person.patient}/{name}"}
            for name in person.files
            if name.startswith("report.") and not name.endswith(".html")
        ],
    }


def _programme(person: Person, words: Catalogue) -> str:
    named = person.programme is not None
    return words.message(f"index.programme.{person.programme}") if named else "–"


def _judged_words(judged: str, words: Catalogue) -> str:
    """Class, tier and level of a finding in the page's language."""
    parts = []
    for part in judged.split(", ") if judged else []:
        kind, _, value = part.partition(" ")
        if kind == "tier":
            parts.append(words.message("index.tier", tier=value))
        elif kind == "level":
            parts.append(words.message("index.level", level=value))
        else:
            parts.append(words.term("class", part))
    return words.message("list.join").join(parts)


def _times(state: RunState, words: Catalogue) -> list[dict[str, str]]:
    """Hours of jobs by stage, of the last run."""
    stages, seconds = stages_of_rules(), Counter[str]()
    for job in state.of("finished"):
        if job.ended is not None:
            seconds[stages.get(job.rule, "")] += job.ended - job.started  # type: ignore[assignment]
    return [
        {"stage": words.message(f"index.stage.{stage}"), "minutes": f"{seconds[stage] / 60:,.1f}"}
        for stage in STAGES
        if seconds[stage]
    ]


def _members(path: Path) -> dict[str, int] | None:
    if not path.is_file():
        return None
    table = read(MEMBERS, path)
    return {"counted": table.filter("counted").height, "all": table.height}


def page(people: People, state: RunState, results: Path, language: str) -> str:
    """The page in one language."""
    words = Catalogue(language)
    css, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("index.css", "index.js"))
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    counts = [
        {"state": s, "text": words.message(f"index.state.{s}"), "count": people.count(s)}
        for s in STATES
    ]
    crate = results / "ro-crate-metadata.json"
    return environment.get_template("index.html.j2").render(
        language=language,
        other=next(code for code in LANGUAGES if code != language),
        t=words.message,
        css=css,
        script=script,
        style_hash=_hash(css),
        script_hash=_hash(script),
        artificial=people.artificial,
        build=people.build,
        counts=counts,
        total=len(people.people),
        rows=[_row(person, words, language) for person in people.people],
        strips=strips(results / "comparison.parquet", words),
        knowledge=people.knowledge,
        tools=people.tools,
        times=_times(state, words),
        members=_members(results / "cohort/members.parquet"),
        multiqc=(results / "multiqc").is_dir(),
        crate=crate.name if crate.is_file() else "",
    )


def write_pages(people: People, state: RunState, results: Path, languages: Sequence[str]) -> Path:
    """Write index.<language>.html in each language and index.html in the first; return it."""
    for language in languages:
        with whole(results / f"index.{language}.html") as part:
            part.write_text(page(people, state, results, language), encoding="utf-8")
    first = results / "index.html"
    with whole(first) as part:
        part.write_text(page(people, state, results, languages[0]), encoding="utf-8")
    written = [first, *(results / f"index.{language}.html" for language in languages)]
    with whole(results / PAGES) as part:
        part.write_text("".join(f"{sha256(path)}  {path.name}\n" for path in written))
    return first


def languages_of(settings: Mapping[str, Any]) -> list[str]:
    """Languages of the pages: those of the reports."""
    return list((settings.get("report") or {}).get("languages") or LANGUAGES)
