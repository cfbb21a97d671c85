"""Which trials of the user's exports may be open to a patient: what matched, and on which words.

A trial is listed if it recruits, neither age nor sex nor tumour type speaks against it, and it
names a biomarker of a finding that matters. Nothing is said of eligibility: the words that were
matched stand beside each match, and every trial that is not listed is counted by its reason.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shirube.genome.amino import ONE
from shirube.knowledge.trials import ANY_ORGAN, Export, Trial

Finding = Mapping[str, Any]
WORTH = ("I-A", "I-B", "II-C", "II-D")
MATTERS = ("Oncogenic", "Likely oncogenic", "Pathogenic", "Likely pathogenic")
AROUND = 70  # characters of a text kept on either side of a match
# Reasons a trial is not listed, in the order they are asked; then how a biomarker was named.
FATES = (
    *("not_recruiting", "sex", "age", "other_tumour"),
    *("other_change", "must_be_absent", "no_biomarker", "listed"),
)
NAMED = ("alteration", "gene")
TUMOURS = ("own", "any", "narrower", "unknown", "other")  # the nearest first
# Words of a tumour's name that tell no tumour from another.
_COMMON = frozenset(
    {
        *("cancer", "cancers", "carcinoma", "carcinomas", "neoplasm", "neoplasms", "malignant"),
        *("tumor", "tumors", "tumour", "tumours", "advanced", "metastatic", "recurrent"),
        *("unresectable", "locally", "stage", "iii", "iv", "of", "the", "and", "or"),
    }
)
# A full stop ends a clause; that of p.L858R and of a number does not.
_CLAUSE = re.compile(r"(?<!\bp)\.(?=\s|$)|[;。；\n]+")
_PIECE = re.compile(r"[,、，]")
_CHANGE = re.compile(
    r"(?<![A-Za-z0-9-])([A-Z])([0-9]{2,4})(\*|[A-Z](?:/[A-Z](?![A-Za-z0-9]))*)?(?![A-Za-z0-9])"
)
_THREE = re.compile(r"(?<![A-Za-z0-9])([A-Z][a-z]{2})([0-9]{2,4})([A-Z][a-z]{2})?(?![A-Za-z0-9])")
_EXON = re.compile(r"(?:exons?|エクソン|ex|del)\s*([0-9]{1,2})(?![0-9])", re.IGNORECASE)
# BRCA1/2, NTRK1/2/3: symbols of one stem.
_STEM = re.compile(r"([A-Z][A-Z0-9]*[A-Z])([0-9])((?:/[0-9])+)(?![0-9])")
_SYMBOL = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9]{2,7}(?![A-Za-z0-9])")
_PROTEIN = re.compile(r"p\.\(?([A-Z][a-z]{2})([0-9]+)([A-Z][a-z]{2}|=)?")


@dataclass(frozen=True)
class Words:
    """What registries call biomarkers, changes and tumours (resources/trial_words.tsv)."""

    biomarkers: Mapping[str, tuple[str, ...]]
    changes: Mapping[str, tuple[str, ...]]
    absent: tuple[str, ...]
    tumours: tuple[tuple[str, str], ...]  # word -> OncoTree code

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, str]], named: Iterable[tuple[str, str]]) -> "Words":
        """From the table's rows, and more (word, OncoTree code) of tumour types."""
        kinds: dict[str, dict[str, tuple[str, ...]]] = {}
        for row in rows:
            kinds.setdefault(row["kind"], {})[row["code"]] = tuple(row["words"].split("|"))
        tumours = [(word, code) for code, words in kinds["tumour"].items() for word in words]
        return cls(
            kinds["biomarker"],
            kinds["change"],
            tuple(word for words in kinds["absent"].values() for word in words),
            tuple(sorted({(_folded(word), code) for word, code in (*tumours, *named) if word})),
        )


def _folded(text: str) -> str:
    """Text as words are compared: width, case, and がん as 癌."""
    return unicodedata.normalize("NFKC", text).casefold().replace("がん", "癌")


def _tokens(text: str) -> frozenset[str]:
    found = re.findall(r"[a-z0-9]+", _folded(text))
    return frozenset(word for word in found if word not in _COMMON)


def tumours_named(text: str, words: Words) -> set[str]:
    """OncoTree codes a disease's name is of: of the names found in it the most specific."""
    folded, tokens = _folded(text), _tokens(text)
    sizes: dict[str, int] = {}
    for word, code in words.tumours:
        own = _tokens(word)
        if code in ANY_ORGAN or not own:
            held = word in folded
            size = len(word) if held and not word.isascii() else int(held)
        else:
            size = len(own) if own <= tokens else 0
        if size:
            sizes[code] = max(sizes.get(code, 0), size)
    organs = {code: size for code, size in sizes.items() if code not in ANY_ORGAN}
    chosen = organs or sizes
    best = max(chosen.values(), default=0)
    return {code for code, size in chosen.items() if size == best}


@dataclass(frozen=True)
class Person:
    """What of a patient a trial may ask for.

    `codes`: tumour type, what it is a kind of, any tumour; `narrower`: what is a kind of it.
    """

    age: int | None
    sex: str | None
    codes: Collection[str]
    narrower: Collection[str]
    diseases: Collection[str]  # names of the diagnosis, where it is no tumour type
    region: Collection[str]


def _tumour(trial: Trial, who: Person, words: Words) -> tuple[str, str | None]:
    """own, any, narrower, unknown or other, and the disease that says so.

    Codes a list states go before words. Of several diseases the nearest to the patient's counts.
    """
    stated = [(code, {code}) for code in trial.codes]
    texts = trial.conditions or (trial.title,)
    seen: dict[str, str] = {}
    for text, codes in stated or [(text, tumours_named(text, words)) for text in texts]:
        seen.setdefault(_nearness(text, codes, who), text)
    kind = next(kind for kind in TUMOURS if kind in seen)
    return kind, seen[kind]


def _nearness(text: str, codes: Collection[str], who: Person) -> str:
    """How near one disease of a trial, `text` or the `codes` it is of, is to the patient's."""
    if any(_folded(name) in _folded(text) for name in who.diseases):
        return "own"
    if not codes or not who.codes:
        return "unknown"
    held = set(codes) & set(who.codes)
    if held:
        return "any" if held <= set(ANY_ORGAN) else "own"
    return "narrower" if set(codes) & set(who.narrower) else "other"


def _age(trial: Trial, age: int | None) -> str:
    low, high = trial.ages
    if low is None and high is None:
        return "any"
    if age is None:
        return "unknown"
    return "other" if (low or 0) > age or (high is not None and age > high) else "within"


def _matters(item: Finding) -> bool:
    """Whether a finding is one a trial may ask for: known to do something, not only seen."""
    return item["kind"] == "biomarker" or (
        item["section"] != "secondary"
        and bool(item["gene"])
        and (
            item["amp_tier"] in WORTH
            or item["oncogenicity"] in MATTERS
            or (item["detail"].get("leading_class") or item["classification"]) in MATTERS
        )
    )


def _classes(item: Finding) -> set[tuple[str, str]]:
    """The changes a finding is, as texts name them: fusion, exon 19, L858R, L858."""
    out: set[tuple[str, str]] = set()
    consequence = item["consequence"] or ""
    if item["kind"] == "fusion":
        out.add(("class", "fusion"))
    if "amplification" in consequence:
        out.add(("class", "amplification"))
    exon = str(item["detail"].get("exon") or "").split("/")[0]
    out |= {("exon", number) for number in re.findall("[0-9]+", exon)}
    if "splice" in consequence or "exon_loss" in consequence:
        out.add(("class", "skipping"))
    if found := _PROTEIN.match(item["hgvs_p"] or ""):
        old, place, new = ONE.get(found[1]), found[2], ONE.get(found[3] or "")
        if old:
            out |= {("change", f"{old}{place}"), ("change", f"{old}{place}{new or ''}")}
    return out


def _asked(clause: str, words: Words) -> set[tuple[str, str]]:
    """The changes a clause names."""
    folded = clause.casefold()
    asked = {("class", kind) for kind, found in words.changes.items() if _holds(found, folded)}
    asked |= {("exon", number) for number in _EXON.findall(clause)}
    for old, place, new in _CHANGE.findall(clause):
        # G12X is any change of the residue, V600E/K is either.
        asked |= {("change", f"{old}{place}{one.replace('X', '')}") for one in new.split("/")}
    for old, place, new in _THREE.findall(clause):
        if old in ONE:
            asked.add(("change", f"{ONE[old]}{place}{ONE.get(new, '')}"))
    return asked


def _spelt_out(text: str) -> str:
    """Text in one width, with BRCA1/2 as BRCA1/BRCA2."""
    return _STEM.sub(
        lambda m: m[1] + f"/{m[1]}".join((m[2] + m[3]).split("/")),
        unicodedata.normalize("NFKC", text),
    )


def _around(clause: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a symbol and is of it: as far as the next symbol."""
    before = clause[max(0, start - AROUND) : start]
    after = clause[end : end + AROUND]
    others = [m for m in _SYMBOL.finditer(before) if not _CHANGE.fullmatch(m[0])]
    before = before[others[-1].end() :] if others else before
    other = next((m for m in _SYMBOL.finditer(after) if not _CHANGE.fullmatch(m[0])), None)
    return before, after[: other.start()] if other else after


def _absent(clause: str, start: int, end: int, words: Words) -> bool:
    """Whether a word of absence stands at a symbol, and no comma between them.

    EGFR L858R, ALK negative: ALK's, not EGFR's. In doubt a trial is listed.
    """
    before = _PIECE.split(clause[max(0, start - AROUND // 3) : start])[-1]
    after = _PIECE.split(clause[end : end + AROUND // 3])[0]
    return _holds(words.absent, f"{before} {after}".casefold())


def _holds(found: Iterable[str], folded: str) -> bool:
    return any(word.casefold() in folded for word in found)


def named(item: Finding, texts: Iterable[str], words: Words) -> tuple[str, str | None]:
    """How texts name a finding: alteration, gene, other_change, must_be_absent or no_biomarker."""
    symbols = {part for part in (item["gene"] or "").split("::") if part}
    symbols |= {word for part in set(symbols) for word in words.biomarkers.get(part, ())}
    if not symbols:
        return "no_biomarker", None
    any_symbol = "|".join(re.escape(s) for s in sorted(symbols, key=lambda s: (-len(s), s)))
    pattern = re.compile(rf"(?<![A-Za-z0-9])[gst]?(?:{any_symbol})(?:m|mut)?(?![A-Za-z0-9])")
    own, seen = _classes(item), dict[str, str]()
    for text in texts:
        for clause in filter(None, _CLAUSE.split(_spelt_out(text))):
            for found in pattern.finditer(clause):
                near = clause[max(0, found.start() - AROUND) : found.end() + AROUND].strip()
                before, after = _around(clause, *found.span())
                if _absent(clause, *found.span(), words):
                    how = "must_be_absent"
                elif item["kind"] == "biomarker" or own & _asked(f"{before} {after}", words):
                    how = "alteration"
                else:
                    asked = _asked(after, words) or {
                        (kind, of)
                        for kind, of in _asked(_PIECE.split(before)[-1], words)
                        if not (kind == "change" and of[-1].isdigit())  # A166 is a drug
                    }
                    how = "other_change" if asked else "gene"
                seen.setdefault(how, near)
    for how in (*NAMED, "other_change", "must_be_absent"):
        if how in seen:
            return how, seen[how]
    return "no_biomarker", None


def _in_region(trial: Trial, region: Collection[str]) -> bool | None:
    """Whether a place that recruits lies in the region; null without a region or places."""
    if not region or not trial.sites:
        return None
    asked = [_folded(word) for word in region]
    return any(word in _folded(f"{s.facility} {s.region}") for s in trial.sites for word in asked)


def _told(
    trial: Trial, items: Sequence[Finding], who: Person, words: Words
) -> tuple[str, dict[str, Any] | None]:
    """The fate of a trial, and what is said of it where it is listed."""
    if not trial.recruiting:
        return "not_recruiting", None
    if trial.sex and who.sex and trial.sex != who.sex:
        return "sex", None
    age = _age(trial, who.age)
    if age == "other":
        return "age", None
    tumour, disease = _tumour(trial, who, words)
    if tumour == "other":
        return "other_tumour", None
    found = [(item, *named(item, trial.texts, words)) for item in items]
    matches = [
        {"finding": item["id"], "by": how, "text": text}
        for item, how, text in found
        if how in NAMED
    ]
    if not matches:
        ways = {how for _, how, _ in found}
        return next((w for w in FATES[4:6] if w in ways), "no_biomarker"), None
    japan = [site for site in trial.sites if site.country in ("Japan", "日本")]
    return "listed", {
        **{k: getattr(trial, k) for k in ("trial", "title", "url", "status", "phase", "updated")},
        "interventions": list(trial.interventions),
        "conditions": list(trial.conditions),
        "matches": sorted(matches, key=lambda m: (NAMED.index(m["by"]), m["finding"])),
        "tumour": tumour,
        "disease": disease,
        "age": age,
        "ages": list(trial.ages),
        "in_region": _in_region(trial, who.region),
        "sites": [site._asdict() for site in japan],
        "countries": sorted({site.country for site in trial.sites if site.country}),
    }


def _order(row: Mapping[str, Any]) -> tuple[int, int, bool, bool, str]:
    """The named change before the gene; the own tumour type; the region; Japan."""
    return (
        NAMED.index(row["matches"][0]["by"]),
        TUMOURS.index(row["tumour"]),
        not row["in_region"],
        not row["sites"],
        row["trial"],
    )


def trials(
    exports: Sequence[tuple[Mapping[str, str], Export]],
    items: Sequence[Finding],
    who: Person,
    words: Words,
) -> dict[str, Any]:
    """The trials of the report: those listed, and how many were not, by reason.

    `exports`: what is said of each file (name, exported, sha256) and its trials. A trial that is
    in several files is told from the one exported last.
    """
    worth = [item for item in items if _matters(item)]
    fates: Counter[str] = Counter()
    listed: dict[str, dict[str, Any]] = {}
    last: dict[str, tuple[str, Trial]] = {}
    for about, export in sorted(exports, key=lambda pair: (pair[0]["exported"], pair[0]["name"])):
        last |= {trial.trial: (about["exported"], trial) for trial in export.trials}
    for name, (exported, trial) in sorted(last.items()):
        fate, told = _told(trial, worth, who, words)
        fates[fate] += 1
        if told:
            listed[name] = {**told, "exported": exported}
    return {
        "region": list(who.region),
        "exports": [
            {
                **about,
                "form": export.form,
                "trials": len(export.trials),
                "recruiting": sum(t.recruiting for t in export.trials),
            }
            for about, export in exports
        ],
        "fates": {fate: fates[fate] for fate in FATES},
        "listed": sorted(listed.values(), key=_order),
    }


def said_of(path: str | Path, exported: str) -> dict[str, str]:
    """What the report says of an export's file."""
    data = Path(path).read_bytes()
    return {"name": Path(path).name, "exported": exported,
            "sha256": hashlib.sha256(data).hexdigest()}  # fmt: skip


def tumour_words(
    diseases: Iterable[Mapping[str, str]],
    names: Mapping[str, Mapping[str, str]],
    japanese: Mapping[str, str],
) -> list[tuple[str, str]]:
    """Words of tumour types we hold, each with its OncoTree code.

    `diseases`: rows of resources/doid_oncotree.tsv; `names`: names of codes by language;
    `japanese`: Japanese names of diseases by the English one in lower case.
    """
    out = [(row["disease"], row["oncotree"]) for row in diseases]
    out += [(japanese[n.casefold()], c) for n, c in out if n.casefold() in japanese]
    return out + [(word, code) for code, entry in names.items() for word in entry.values()]
