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

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shirube.contracts import MEMBERS, read
from shirube.crate.inventory import sha256
from shirube.crate.verify import PAGES
from shirube.files import whole
from shirube.progress.events import STAGES, RunState, stages_of_rules
from shirube.progress.people import STATES, People, Person
from shirube.progress.pictures import Related, related, relations, sexes, strips
from shirube.report.page.catalogue import LANGUAGES, Catalogue
from shirube.report.page.text import shown

PACKAGE_DATA = ("index.html.j2", "index.css", "index.js")
_HERE = Path(__file__).parent


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


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


def _pair(pair: Related, words: Catalogue) -> dict[str, str]:
    return {
        "people": f"{shown(pair.one)} – {shown(pair.other)}",
        "kinship": f"{pair.kinship:.3f}",
        "sites": f"{pair.sites:,}",
        "relation": words.message(f"index.relation.{pair.relation}"),
        "declared": words.message(f"index.declared.{'yes' if pair.declared else 'no'}"),
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
    kin = related(results)
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
        sexes=sexes(people, results / "reads", words),
        relations=relations(kin, words),
        kin=[_pair(pair, words) for pair in kin],
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
