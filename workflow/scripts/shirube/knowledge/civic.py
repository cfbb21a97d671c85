"""CIViC's evidence and variant summaries (TSV as published) -> CLINICAL_EVIDENCE.

A molecular profile of one variant is matched by machine, a factor (microsatellite instability,
mutational burden) by the run's marker of that name; a combination (AND, OR, NOT) or a state
no caller here measures (expression, methylation) keeps its row with match `none`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from shirube.contracts import CLINICAL_EVIDENCE
from shirube.errors import InputError
from shirube.genome.amino import THREE
from shirube.knowledge.sources import refuse_duplicates, table

MAX_CODON = 100_000  # the longest human protein has 36,000
_EVIDENCE = [
    "molecular_profile",
    "molecular_profile_id",
    "disease",
    "doid",
    "therapies",
    "therapy_interaction_type",
    "evidence_type",
    "evidence_direction",
    "evidence_level",
    "significance",
    "evidence_statement",
    "citation_id",
    "source_type",
    "citation",
    "rating",
    "evidence_status",
    "evidence_id",
    "variant_origin",
    "evidence_civic_url",
    "is_flagged",
]
_VARIANTS = ("variant", "single_variant_molecular_profile_id")
# Factors (features that are no gene) that a run measures -> the marker's name in MARKERS.
_MARKERS = {
    "msi": "MSI",
    "microsatellite instability": "MSI",
    "tmb": "TMB",
    "tumor mutational burden": "TMB",
    "tumor mutation burden": "TMB",
    "tumour mutational burden": "TMB",
}
_STATES = {"high": "high", "h": "high", "low": "low", "l": "low", "stable": "stable"}


@dataclass(frozen=True)
class Alteration:
    """How a publisher's alteration is recognised among findings."""

    variant: str
    match: str = "none"
    alteration: str | None = None
    hgvs_p: str | None = None
    codon: int | None = None
    exon: int | None = None
    hgvs_c: str | None = None


_RESIDUE = r"([ACDEFGHIKLMNPQRSTVWY*])(\d+)"
_SUBSTITUTION = re.compile(rf"^{_RESIDUE}([ACDEFGHIKLMNPQRSTVWY*=])$")
_CODON = re.compile(rf"^{_RESIDUE}$")
_RANGE = re.compile(rf"^{_RESIDUE}(?:_{_RESIDUE})?(delins|del|dup|ins|>)([A-Z]*)$", re.IGNORECASE)
_FRAMESHIFT = re.compile(rf"^{_RESIDUE}([A-Z])?fs(?:(?:\*|Ter|X)(\d+))?$", re.IGNORECASE)
_CODING = re.compile(r"\(?\b(c\.[^\s)]+)\)?")
_CODING_OK = re.compile(
    r"^c\.[*-]?\d+(?:[+-]\d+)?(?:_[*-]?\d+(?:[+-]\d+)?)?"
    r"(?:[ACGT]>[ACGT]|delins[ACGT]+|del|dup|ins[ACGT]+|inv)$"
)
_EXON = re.compile(
    r"^exon (\d+)(-\d+)? (mutation|deletion|insertion|frameshift|skipping mutation)$"
)
_WORDS = {
    "mutation": ("gene", "any"),
    "alteration": ("gene", "any"),
    "amplification": ("amplification", "amplification"),
    "deletion": ("deletion", "deletion"),
    "loss": ("deletion", "deletion"),
    "fusion": ("fusion", "fusion"),
    "rearrangement": ("fusion", "fusion"),
    "translocation": ("fusion", "fusion"),
    "truncating mutation": ("class", "truncating"),
    "truncation": ("class", "truncating"),
    "frameshift truncation": ("class", "frameshift"),
    "frameshift": ("class", "frameshift"),
    "deleterious mutation": ("class", "loss_of_function"),
    "inactivating mutation": ("class", "loss_of_function"),
    "loss-of-function": ("class", "loss_of_function"),
    "promoter mutation": ("class", "promoter"),
    "itd": ("class", "internal_tandem_duplication"),
}
_EXON_WORDS = {
    "mutation": "any",
    "deletion": "deletion",
    "insertion": "insertion",
    "frameshift": "frameshift",
    "skipping mutation": "exon_skipping",
}


def _three(letters: str) -> str:
    return "".join(THREE[letter.upper()] for letter in letters)


def coding_name(text: str) -> str | None:
    """A c. name in today's form: bases after del and dup dropped; None if it has no valid form."""
    name = re.sub(r"del([ACGT]+)ins", "delins", text.strip(","))
    name = re.sub(r"(del|dup)[ACGT]+$", r"\1", name)
    name = re.sub(r"([ACGT]{2,})>([ACGT]{2,})$", r"delins\2", name)
    if "ins" in name and "delins" not in name and "_" not in name:
        return None
    return name if _CODING_OK.match(name) else None


def _protein(text: str) -> Alteration | None:
    """A protein change in one-letter code as an Alteration; None if it is none."""
    if found := _SUBSTITUTION.match(text):
        old, codon, new = found.groups()
        if old == "*":
            return None
        after = "=" if new == "=" else THREE[new]
        kind = {"=": "synonymous", "*": "truncating"}.get(new, "missense")
        return Alteration(text, "exact", kind, f"p.{THREE[old]}{codon}{after}", int(codon))
    if found := _CODON.match(text):
        return Alteration(text, "codon", "any", None, int(found[2]))
    if found := _FRAMESHIFT.match(text):
        old, codon, new, stop = found.groups()
        tail = f"{_three(new)}fsTer{stop}" if new and stop else "fs"
        return Alteration(text, "exact", "frameshift", f"p.{_three(old)}{codon}{tail}", int(codon))
    if found := _RANGE.match(text):
        first, start, last, end, what, letters = found.groups()
        what = {">": "delins"}.get(what, what.lower())
        if what in {"ins", "delins"} and (not letters or (what == "ins" and not last)):
            return None
        if not all(letter.upper() in THREE for letter in letters):
            return None
        place = _three(first) + start + (f"_{_three(last)}{end}" if last else "")
        new = _three(letters) if what in {"ins", "delins"} else ""
        kind = {"del": "deletion", "delins": "delins", "dup": "insertion", "ins": "insertion"}[what]
        return Alteration(text, "exact", kind, f"p.{place}{what}{new}", int(start))
    return None


def alterations(variant: str) -> Iterator[Alteration]:
    """What a CIViC variant name means; several for G12/G13 and D835H/Y."""
    text = variant.strip()
    coding = _CODING.search(text)
    hgvs_c = coding_name(coding[1]) if coding else None
    rest = (_CODING.sub("", text) if coding else text).strip()
    lower = rest.lower()
    if " and " in f" {lower} ":
        yield Alteration(text)
    elif found := re.match(r"^([A-Z]\d+)/([A-Z]\d+)$", rest):
        for part in found.groups():
            yield from alterations(part)
    elif found := re.match(r"^([A-Z]\d+)([A-Z])/([A-Z])$", rest):
        for letter in found.groups()[1:]:
            yield from alterations(found[1] + letter)
    elif lower in _WORDS:
        match, kind = _WORDS[lower]
        yield Alteration(text, match, kind)
    elif re.match(r"^e\d+::e\d+$", lower):
        yield Alteration(text, "fusion", "fusion")
    elif found := _EXON.match(lower):
        if found[2]:
            yield Alteration(text)
        else:
            yield Alteration(text, "exon", _EXON_WORDS[found[3]], exon=int(found[1]))
    elif protein := _protein(rest):
        yield replace(protein, variant=text, hgvs_c=hgvs_c)
    elif hgvs_c:
        yield Alteration(text, "exact", None, hgvs_c=hgvs_c)
    else:
        yield Alteration(text)


_ANY = {"", "v", "?"}  # a partner that varies or is not known


def _genes(feature: str) -> tuple[str, str | None]:
    """Gene and partner of a CIViC feature: EML4::ALK, ::ALK (any 5' partner), EGFR."""
    if "::" not in feature:
        return feature, None
    five, three = (part.strip() for part in feature.split("::", 1))
    if five in _ANY:
        return three, None
    return five, (None if three in _ANY else three)


def read_civic(
    evidence: str | Path,
    variants: str | Path,
    version: str,
    tumours: Mapping[str, str],
) -> pl.DataFrame:
    """CLINICAL_EVIDENCE of CIViC's accepted evidence; `tumours`: DOID or disease -> OncoTree."""
    items = table(evidence, _EVIDENCE)
    refuse_duplicates(items, ["evidence_id", "molecular_profile"], evidence)
    profiles = _profiles(variants)
    accepted = items.filter(pl.col("evidence_status") == "accepted")
    if not accepted.height:
        raise InputError(evidence, "accepted evidence items", "evidence_status")
    rows = []
    for item in accepted.iter_rows(named=True):
        if item["molecular_profile"] is None:
            raise InputError(evidence, "a molecular profile", f"evidence {item['evidence_id']}")
        if not re.fullmatch("[0-5]?", item["rating"] or ""):
            where = f"evidence {item['evidence_id']}"
            raise InputError(evidence, f"a rating of 0 to 5, found {item['rating']!r}", where)
        named_profile = profiles.get(item["molecular_profile_id"])
        for gene, partner, found in _parts(item["molecular_profile"], named_profile):
            if max(found.codon or 0, found.exon or 0) > MAX_CODON:
                where = f"evidence {item['evidence_id']}"
                raise InputError(evidence, f"a codon or exon, found {found.variant!r}", where)
            rows.append(_row(item, found, gene, partner, version, tumours))
    return CLINICAL_EVIDENCE.table(pl.DataFrame(rows, schema=CLINICAL_EVIDENCE.polars))


def _profiles(variants: str | Path) -> dict[str, tuple[str, str]]:
    """Molecular profile of one variant -> its feature and variant.

    The feature is feature_name where the file has it (a gene, a fusion, a factor such as
    microsatellite instability; `gene` is empty for the latter two), else gene.
    """
    frame = table(variants, _VARIANTS)
    known = [column for column in ("feature_name", "gene") if column in frame.columns]
    if not known:
        raise InputError(variants, "a column feature_name or gene", "header")
    named = frame.select("single_variant_molecular_profile_id", pl.coalesce(known), "variant")
    named = named.drop_nulls()
    refuse_duplicates(named, ["single_variant_molecular_profile_id"], variants)
    return {profile: (feature, variant) for profile, feature, variant in named.iter_rows()}


def _parts(
    profile: str, named: tuple[str, str] | None
) -> Iterator[tuple[str, str | None, Alteration]]:
    """Gene, partner and alteration of each alternative of a molecular profile.

    Alternatives (OR) stand for themselves; a combination (AND, NOT, brackets) is one row that
    matches nothing. `named`: feature and variant where the profile is of one variant.
    """
    if re.search(r"\b(AND|NOT)\b|\((?!c\.|ATI|Large|Partial)", profile) and named is None:
        words = [word for word in profile.split() if word not in {"NOT", "("}]
        yield (*_genes(words[0]), Alteration(profile))
        return
    pairs = [named] if named else [part.strip().split(" ", 1) for part in profile.split(" OR ")]
    for pair in pairs:
        feature, variant = pair[0], pair[1] if len(pair) > 1 else ""
        for found in alterations(variant or ""):
            if marker := _MARKERS.get(feature.lower()):
                state = _STATES.get((variant or "").lower())
                match = "biomarker" if state else "none"
                yield marker, None, Alteration(f"{feature} {variant}", match, state)
            elif "::" not in feature:
                yield feature, None, found
            elif found.match == "fusion":
                yield (*_genes(feature), replace(found, variant=f"{feature} {variant}"))
            else:
                yield (*_genes(feature), Alteration(f"{feature} {variant}"))


def _row(
    item: Mapping[str, str | None],
    found: Alteration,
    gene: str,
    partner: str | None,
    version: str,
    tumours: Mapping[str, str],
) -> dict[str, object]:
    disease, doid = item["disease"], item["doid"]
    statement = item["evidence_statement"] or ""
    flagged = (item["is_flagged"] or "").upper() == "TRUE"
    return {
        "source": "CIViC",
        "version": version,
        "id": f"EID{item['evidence_id']}",
        "gene": gene,
        "variant": found.variant,
        "profile": item["molecular_profile"],
        "match": found.match,
        "alteration": found.alteration,
        "hgvs_p": found.hgvs_p,
        "codon": found.codon,
        "exon": found.exon,
        "partner": partner,
        "hgvs_c": found.hgvs_c,
        "disease": disease,
        "doid": f"DOID:{doid}" if doid else None,
        "oncotree": tumours.get(f"DOID:{doid}") or tumours.get((disease or "").lower()),
        "therapies": item["therapies"],
        "interaction": (item["therapy_interaction_type"] or "").lower() or None,
        "evidence_type": item["evidence_type"],
        "direction": item["evidence_direction"],
        "level": item["evidence_level"],
        "significance": item["significance"],
        "variant_origin": item["variant_origin"],
        "rating": int(item["rating"]) if item["rating"] else None,
        "citation": f"{item['source_type']}:{item['citation_id']}",
        "url": item["evidence_civic_url"],
        "statement": f"[flagged by CIViC's editors] {statement}" if flagged else statement,
    }


def tumour_codes(mapping: str | Path, oncotree: pl.DataFrame | None) -> dict[str, str]:
    """DOID or lower-case disease name -> OncoTree code.

    The mapping table speaks first (columns doid, disease, oncotree, source), then equal names in
    ONCOTREE. A code the configured tree does not hold is left out, so its evidence has no code.
    """
    names: dict[str, str] = {}
    if oncotree is not None:
        names = {row[1].lower(): row[0] for row in oncotree.select("code", "name").iter_rows()}
    known = set(names.values())
    for row in table(mapping, ["doid", "disease", "oncotree", "source"]).iter_rows(named=True):
        code = row["oncotree"]
        if known and code not in known | {"TISSUE", "SOLID"}:
            continue
        names[row["disease"].lower()] = code
        if row["doid"]:
            names[row["doid"]] = code
    return names
