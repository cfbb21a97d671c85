"""Clinical trials from a user's export: ClinicalTrials.gov, jRCT, or a hospital's own list.

A file is one of FORMS, told by its content: JSON of ClinicalTrials.gov's API v2 (`studies`, a list
of studies, or one), its CSV, a CSV of jRCT's columns, or a TSV of LIST. Nothing is guessed of a
field that a form does not have, or that is null: it is null, or empty.

trial       identifier of the registry
status      as the registry writes it; `recruiting` says whether it takes people now
conditions  diseases, as the registry writes them; `codes` of OncoTree, MONDO or OMIM (lists only)
texts       what biomarkers are looked for in: titles, keywords, inclusion criteria
ages        lowest and highest, in years; null where not stated
sites       facility, region (prefecture or state) and country of the places that recruit
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from shirube.errors import InputError

FORMS = ("ctgov_json", "ctgov_csv", "jrct_csv", "list")
LIST = (
    *("trial", "title", "status", "phase", "interventions", "conditions", "codes", "biomarkers"),
    *("min_age", "max_age", "sex", "sites", "url", "updated"),
)
NEEDED = ("trial", "title", "status")
# An OncoTree code, or a disease of one of these; as in the sheet of people.
CODE = re.compile(r"[A-Z][A-Z0-9_]*|(?:MONDO|NANDO):[0-9]{7}|OMIM:[0-9]{6}|ORPHA:[0-9]{1,6}")
ANY_ORGAN = ("SOLID", "TISSUE")
RECRUITING = ("recruiting", "募集中")
SEXES = {"male": "XY", "男性": "XY", "female": "XX", "女性": "XX"}
ANY_SEX = ("", "all", "both", "any", "男女", "男性・女性", "男性･女性")
AGES: Mapping[str, tuple[int, int | None]] = {
    "CHILD": (0, 17),
    "ADULT": (18, 64),
    "OLDER_ADULT": (65, None),
}
# Heads of jRCT's table of results and of its record pages -> our columns. The first a file has.
JRCT = {
    "trial": ("臨床研究実施計画番号", "jRCT番号"),
    "title": ("研究の名称", "研究名称", "平易な研究名称"),
    "status": ("募集状況", "研究の進捗状況", "進捗状況"),
    "conditions": ("対象疾患名", "対象疾患"),
    "phase": ("試験のフェーズ", "フェーズ"),
    "interventions": ("介入の内容/Intervention(s)", "介入の内容", "医薬品等の一般名称"),
    "biomarkers": ("主たる選択基準", "選択基準"),
    "min_age": ("年齢下限/AgeMinimum", "年齢下限"),
    "max_age": ("年齢上限/AgeMaximum", "年齢上限"),
    "sex": ("性別/Gender", "性別"),
    "sites": ("実施医療機関", "実施都道府県"),
    "updated": ("更新日", "公表日", "初回公表日"),
    "url": ("URL",),
}
CTGOV = {
    "trial": ("NCT Number",),
    "title": ("Study Title",),
    "status": ("Study Status",),
    "conditions": ("Conditions",),
    "phase": ("Phases",),
    "interventions": ("Interventions",),
    "biomarkers": ("Brief Summary",),
    "sex": ("Sex",),
    "sites": ("Locations",),
    "updated": ("Last Update Posted",),
    "url": ("Study URL",),
}
EXCLUDED = re.compile(r"exclusion criteria|除外基準", re.IGNORECASE)
# A number, its unit and which bound it is: 18 Years, 生後6ヵ月以上, 75歳以下.
_AGE = re.compile(
    r"(?:満|生後)?\s*([0-9]+)\s*"
    r"(years?(?: old)?|months?(?: old)?|weeks?(?: old)?|days?(?: old)?"
    r"|歳|才|[ヶヵケか箇カ]月|週|日)?\s*"
    r"(?:以上|以下|未満|超|まで|から|(?:and|or) (?:over|above|older|under|below))*",
    re.IGNORECASE,
)
_NO_AGE = frozenset(
    ("", "-", "n/a", "no limit", "not applicable", "なし", "制限なし", "上限なし", "下限なし")
)
_PER_YEAR = {"m": 12, "w": 52, "d": 365, "週": 52, "日": 365, **dict.fromkeys("ヶヵケか箇カ", 12)}


class Site(NamedTuple):
    """A place that recruits; what the export does not say is empty."""

    facility: str
    region: str
    country: str


class Trial(NamedTuple):
    """One trial of an export (see above)."""

    trial: str
    title: str
    url: str | None
    status: str
    recruiting: bool
    phase: str | None
    interventions: tuple[str, ...]
    conditions: tuple[str, ...]
    codes: tuple[str, ...]
    texts: tuple[str, ...]
    ages: tuple[float | None, float | None]
    sex: str | None
    sites: tuple[Site, ...]
    updated: str | None


class Export(NamedTuple):
    """The trials of one file, and the form it was told to be."""

    form: str
    trials: tuple[Trial, ...]


def read_trials(path: str | Path, oncotree: Collection[str] = ()) -> Export:
    """The trials of an export; `oncotree`: its codes, if it is known what they are.

    Raises InputError, naming the row and the field, for a file of no known form, a trial without
    its identifier, title or status, twice the same trial, a row with more or fewer cells than the
    head, an age that is none, or a code that is none.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(path, "an export of clinical trials") from None
    except UnicodeDecodeError:
        raise InputError(path, "text in UTF-8 (save the export as CSV UTF-8)") from None
    if text.lstrip()[:1] in ("{", "["):
        form, found = "ctgov_json", _of_json(path, text)
    else:
        form, found = _of_table(path, text)
    if not found:
        raise InputError(path, "at least one trial, found none")
    seen: dict[str, str] = {}
    for where, trial in found:
        for code in trial.codes:
            _refuse_unknown(path, where, code, oncotree)
        if trial.trial in seen:
            raise InputError(path, f"each trial once; {trial.trial} is in {seen[trial.trial]} too",
                             where)  # fmt: skip
        seen[trial.trial] = where
    return Export(form, tuple(trial for _, trial in found))


def _refuse_unknown(path: str | Path, where: str, code: str, oncotree: Collection[str]) -> None:
    """InputError for a code that no disease has: its trial would match nobody, silently."""
    known = ":" in code or not oncotree or code in ANY_ORGAN or code in oncotree
    if not CODE.fullmatch(code) or not known:
        near = get_close_matches(code.upper(), oncotree, 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        expected = "an OncoTree code (LUAD), or MONDO, NANDO, OMIM or ORPHA with : and its number"
        raise InputError(path, f"{expected}, found {code!r:.40}{hint}", f"{where}, column codes")


def _of_table(path: str | Path, text: str) -> tuple[str, list[tuple[str, Trial]]]:
    head = text.split("\n", 1)[0]
    rows = csv.DictReader(io.StringIO(text), delimiter="\t" if "\t" in head else ",", strict=True)
    columns = list(rows.fieldnames or ())
    form: str
    heads: Mapping[str, Sequence[str]]
    if "NCT Number" in columns:
        form, heads = "ctgov_csv", CTGOV
    elif set(JRCT["trial"]) & set(columns):
        form, heads = "jrct_csv", JRCT
    else:
        form, heads = "list", {name: (name,) for name in LIST}
    chosen = {name: next((c for c in given if c in columns), None) for name, given in heads.items()}
    for name in NEEDED:
        if chosen.get(name) is None:
            known = " or ".join(heads[name])
            raise InputError(path, f"a column {known} (it has {', '.join(columns)[:200]})")
    out = []
    try:
        for number, row in enumerate(rows, 2):
            # A list typed by hand may end its rows early; a registry's file that does broke off.
            if None in row or (form != "list" and None in row.values()):
                held = sum(v is not None for v in map(row.get, columns)) + len(row.get(None) or ())
                expected = f"{len(columns)} cells as the head has, found {held}"
                hint = "a text with a separator in it needs quotes"
                raise InputError(path, f"{expected} ({hint})", f"row {number}")
            cells = {n: (row.get(c) or "").strip() if c else "" for n, c in chosen.items()}
            where = f"row {number}"
            extra = {"ages": _ages_of_words(row["Age"])} if row.get("Age") else {}
            out.append((where, _trial(path, where, form, cells, **extra)))
    except csv.Error as error:
        raise InputError(path, f"a table ({error})", f"row {len(out) + 2}") from None
    return form, out


def _trial(
    path: str | Path,
    where: str,
    form: str,
    cells: Mapping[str, str],
    ages: tuple[float | None, float | None] | None = None,
) -> Trial:
    """A row of a table."""
    for name in NEEDED:
        if not cells[name]:
            raise InputError(path, f"something in {name}, found nothing", where)
    between = r"\|" if form == "ctgov_csv" else r"[|;；\n]"
    low, high = ages or (
        _years(path, where, "min_age", cells.get("min_age", "")),
        _years(path, where, "max_age", cells.get("max_age", "")),
    )
    updated = cells.get("updated") or None
    return Trial(
        cells["trial"],
        cells["title"],
        cells.get("url") or address(cells["trial"]),
        cells["status"],
        is_recruiting(cells["status"]),
        cells.get("phase") or None,
        _parts(cells.get("interventions"), between),
        _parts(cells.get("conditions"), between),
        _parts(cells.get("codes"), r"[|;,\s]"),
        tuple(text for text in (cells["title"], included(cells.get("biomarkers", ""))) if text),
        (low, high),
        _sex(path, where, cells.get("sex", "")),
        tuple(_site(text, form) for text in _parts(cells.get("sites"), between)),
        updated and updated.replace("/", "-"),
    )


def _site(text: str, form: str) -> Site:
    """A place: of ClinicalTrials.gov "facility, city, state, zip, country", else "name, region"."""
    parts = [part.strip() for part in re.split(r"[,、，]", text) if part.strip()]
    if form == "ctgov_csv":
        regions = [part for part in parts[1:-1] if not any(c.isdigit() for c in part)]
        return Site(parts[0] if parts else text, " ".join(regions), parts[-1] if parts else "")
    return Site(parts[0] if parts else text, " ".join(parts[1:]) or text, "Japan")


def _of_json(path: str | Path, text: str) -> list[tuple[str, Trial]]:
    try:
        given = _without_nulls(json.loads(text))
    except ValueError as error:
        raise InputError(path, f"JSON ({error})") from None
    studies = given.get("studies", [given]) if isinstance(given, dict) else given
    out = []
    for number, study in enumerate(studies if isinstance(studies, list) else [], 1):
        where = f"study {number}"
        protocol = study.get("protocolSection") if isinstance(study, dict) else None
        if not isinstance(protocol, dict):
            raise InputError(path, "a protocolSection (API v2 of ClinicalTrials.gov)", where)
        try:
            out.append((where, _study(path, where, protocol)))
        except (AttributeError, TypeError):
            raise InputError(path, "the shape of API v2 of ClinicalTrials.gov", where) from None
    return out


def _without_nulls(value: object) -> Any:  # noqa: ANN401  JSON
    """JSON without null members and elements: null is what is not said."""
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_without_nulls(v) for v in value if v is not None]
    return value


def _study(path: str | Path, where: str, protocol: Mapping[str, Any]) -> Trial:
    """A study of ClinicalTrials.gov's API v2."""
    modules = ("identification", "status", "design", "conditions", "eligibility",
               "contactsLocations", "armsInterventions")  # fmt: skip
    names, status, asked, about, wanted, places_of, arms = (
        protocol.get(f"{name}Module") or {} for name in modules
    )
    for field, value in (
        ("identificationModule.nctId", names.get("nctId")),
        ("identificationModule.briefTitle", names.get("briefTitle")),
        ("statusModule.overallStatus", status.get("overallStatus")),
    ):
        if not isinstance(value, str) or not value:
            raise InputError(path, f"something in {field}, found nothing", where)
    texts = (
        *(names.get(key) or "" for key in ("briefTitle", "officialTitle")),
        *(about.get("keywords") or ()),
        included(wanted.get("eligibilityCriteria") or ""),
    )
    places, done = places_of.get("locations") or (), arms.get("interventions") or ()
    return Trial(
        names["nctId"],
        names["briefTitle"],
        address(names["nctId"]),
        status["overallStatus"],
        is_recruiting(status["overallStatus"]),
        "|".join(asked.get("phases") or ()) or None,
        tuple(one["name"] for one in done if one.get("name")),
        tuple(about.get("conditions") or ()),
        (),
        tuple(text for text in texts if text),
        (
            _years(path, where, "minimumAge", wanted.get("minimumAge") or ""),
            _years(path, where, "maximumAge", wanted.get("maximumAge") or ""),
        ),
        _sex(path, where, wanted.get("sex") or ""),
        tuple(
            Site(p.get("facility") or "", p.get("state") or p.get("city") or "",
                 p.get("country") or "")
            for p in places
            if is_recruiting(p.get("status") or "RECRUITING")
        ),
        (status.get("lastUpdatePostDateStruct") or {}).get("date"),
    )  # fmt: skip


def is_recruiting(status: str) -> bool:
    """Whether a registry's word says that people are taken now."""
    words = unicodedata.normalize("NFKC", status).casefold().replace("_", " ").strip()
    return words in RECRUITING or words.split("/")[0].strip() in RECRUITING


def included(criteria: str) -> str:
    """Criteria of eligibility without those of exclusion."""
    found = EXCLUDED.search(criteria)
    return criteria[: found.start()] if found else criteria


def address(trial: str) -> str | None:
    """Page of a trial in its registry; None of one that is not known."""
    if re.fullmatch(r"NCT[0-9]{8}", trial):
        return f"https://clinicaltrials.gov/study/{trial}"
    if re.fullmatch(r"jRCTs?[0-9]{9,10}", trial):
        return f"https://jrct.mhlw.go.jp/latest-detail/{trial}"
    return None


def _parts(text: str | None, between: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(between, text or "") if part.strip())


def _years(path: str | Path, where: str, name: str, text: str) -> float | None:
    """An age in years; None where there is no bound. Bilingual cells (18歳/18 years) agree."""
    plain = unicodedata.normalize("NFKC", str(text)).strip().casefold()
    if plain in _NO_AGE:
        return None
    told: set[float | None] = set()
    for part in map(str.strip, plain.split("/")):
        if part in _NO_AGE:
            told.add(None)
        elif found := _AGE.fullmatch(part):
            told.add(int(found[1]) / _PER_YEAR.get((found[2] or "y")[0], 1))
    if len(told) != 1:
        raise InputError(path, f"{name} as one age (18, 18 Years), found {text!r:.40}", where)
    return told.pop()


def _ages_of_words(text: str) -> tuple[float | None, float | None]:
    """Bounds of ClinicalTrials.gov's groups (CHILD, ADULT, OLDER_ADULT); null where unknown."""
    groups: Iterable[str] = (word.strip() for word in text.split(","))
    bounds = [AGES[word] for word in groups if word in AGES]
    if not bounds:
        return None, None
    highest = [high for _, high in bounds if high is not None]
    open_ = len(highest) < len(bounds)
    return min(low for low, _ in bounds) or None, None if open_ else max(highest)


def _sex(path: str | Path, where: str, text: str) -> str | None:
    """XX or XY where only one sex is taken; None for both."""
    plain = unicodedata.normalize("NFKC", text).split("/")[0].strip().casefold()
    if plain in ANY_SEX:
        return None
    if plain not in SEXES:
        known = ", ".join((*SEXES, "all"))
        raise InputError(path, f"sex of {known}, found {text!r:.40}", where)
    return SEXES[plain]
