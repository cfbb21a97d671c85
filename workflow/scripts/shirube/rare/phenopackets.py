"""GA4GH phenopackets of schema 1 and 2 (a person, a family, a cohort) as people of the sheet.

Fields are read by either spelling of protobuf JSON (phenotypicFeatures, phenotypic_features). A
field this reader does not know is refused where it could turn the meaning of what is read (in a
feature or a disease) and named elsewhere. What the sheet has no place for is named too.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shirube.errors import InputError
from shirube.rare.stated import FamilyFile, Row, text_of

_ONSET = "an age such as P3Y6M or a term such as HP:0003593"
_TERM = re.compile(r"HP:\d{7}\Z")
_CURIE = re.compile(r"[A-Za-z][\w.-]*:\S+\Z")
_AGE = re.compile(r"P(?=[\dT])(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?\Z")
_DISEASE = re.compile(r"(MONDO|NANDO|OMIM|ORPHA):\d+\Z")
_PREFIXES = {"ORPHANET": "ORPHA", "MIM": "OMIM"}
_SEXES = {"FEMALE": "XX", "MALE": "XY", "OTHER_SEX": None, "UNKNOWN_SEX": None}
_KARYOTYPES = {"XX": "XX", "XY": "XY", "UNKNOWN_KARYOTYPE": None} | dict.fromkeys(
    ("XO", "XXY", "XXX", "XXYY", "XXXY", "XXXX", "XYY", "OTHER_KARYOTYPE")
)
_STATES = {"MISSING": None, "UNAFFECTED": "no", "AFFECTED": "yes"}
_STATUS = ("UNKNOWN_STATUS", "REJECTED", "CANDIDATE", "CONTRIBUTORY", "CAUSATIVE")
_PROGRESS = ("UNKNOWN_PROGRESS", "IN_PROGRESS", "COMPLETED", "SOLVED", "UNSOLVED")
# Numbers of the enumerations, which protobuf JSON allows in place of the words.
_NUMBERED = {
    "sex": ("UNKNOWN_SEX", "FEMALE", "MALE", "OTHER_SEX"),
    "karyotypicSex": ("UNKNOWN_KARYOTYPE", "XX", "XY", "XO", "XXY", "XXX", "XXYY", "XXXY", "XXXX",
                      "XYY", "OTHER_KARYOTYPE"),
    "affectedStatus": ("MISSING", "UNAFFECTED", "AFFECTED"),
    "interpretationStatus": _STATUS,
    "progressStatus": _PROGRESS,
}  # fmt: skip
_V1_ONSET = {"ageOfOnset", "ageRangeOfOnset", "classOfOnset"}
_FIELDS = {
    "packet": {"id", "subject", "phenotypicFeatures", "measurements", "biosamples",
               "interpretations", "diseases", "medicalActions", "files", "metaData",
               "genes", "variants", "htsFiles"},
    "family": {"id", "proband", "relatives", "consanguinousParents", "pedigree", "files",
               "metaData", "htsFiles"},
    "cohort": {"id", "description", "members", "files", "metaData", "htsFiles"},
    "feature": {"description", "type", "excluded", "negated", "severity", "modifiers", "onset",
                "resolution", "evidence"} | _V1_ONSET,
    "disease": {"term", "excluded", "onset", "resolution", "diseaseStage", "clinicalTnmFinding",
                "primarySite", "laterality", "tnmFinding"} | _V1_ONSET,
}  # fmt: skip


@dataclass
class _Reader:
    """One file being read: how to name a place of it, and what is to be told of it."""

    path: str
    notes: list[str] = field(default_factory=list)

    def refuse(self, expected: str, where: str) -> InputError:
        return InputError(self.path, expected, where)

    def object(self, value: object, where: str) -> Mapping[str, Any]:
        """`value` as a JSON object; absent (null) is empty."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.refuse("a JSON object", where)
        return value

    def objects(self, parent: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        """The list of objects under `key`; absent (null) is empty."""
        value = parent.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.refuse("a list", key)
        return [self.object(one, f"{key}[{at}]") for at, one in enumerate(value)]

    def flag(self, parent: Mapping[str, Any], key: str, where: str) -> bool:
        value = parent.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.refuse(f"true or false, found {value!r}", f"{where}{key}")
        return bool(value)

    def word(
        self, parent: Mapping[str, Any], key: str, words: Mapping[str, str | None], where: str
    ) -> str | None:
        """What `words` make of an enumeration's word or number; absent is None."""
        value, numbered = parent.get(key), _NUMBERED[key]
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(numbered):
            value = numbered[value]
        if value is None:
            return None
        if value not in numbered:
            raise self.refuse(f"one of {', '.join(numbered)}, found {value!r}", f"{where}{key}")
        return words[value]

    def told_of_unknown(self, parent: Mapping[str, Any], kind: str, where: str = "") -> None:
        odd = sorted(set(parent) - _FIELDS[kind])
        if odd and kind in ("feature", "disease"):
            known = ", ".join(sorted(_FIELDS[kind]))
            raise self.refuse(f"fields {known}, found {odd[0]}", where)
        if odd:
            self.notes.append(f"{where}{', '.join(odd)}: no field of a phenopacket, not read")


def read_phenopacket(path: str) -> FamilyFile:
    """People of a phenopacket, a family (everyone in it) or a cohort, of schema 1 or 2."""
    try:
        packet = json.loads(text_of(path), object_pairs_hook=_spelled)
    except (ValueError, RecursionError) as error:
        raise InputError(path, f"a phenopacket as JSON ({error})") from error
    reader = _Reader(path)
    packet = reader.object(packet, "phenopacket")
    _refuse_other_schema(packet, reader)
    if "proband" in packet:
        rows = _family(packet, reader)
    elif "members" in packet:
        reader.told_of_unknown(packet, "cohort")
        rows = [_person(one, reader) for one in reader.objects(packet, "members")]
    else:
        rows = [_person(packet, reader)]
    if not rows:
        raise InputError(path, "at least one person", "members")
    return FamilyFile(path, "phenopacket", rows, reader.notes)


def _spelled(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object with its fields in camel case; a field given twice is refused."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        name = re.sub(r"_([a-z0-9])", lambda m: m[1].upper(), key)
        if name in found:
            raise ValueError(f"field {key} twice in one object")
        found[name] = value
    return found


def _refuse_other_schema(packet: Mapping[str, Any], reader: _Reader) -> None:
    stated = reader.object(packet.get("metaData"), "metaData").get("phenopacketSchemaVersion")
    if stated is not None and not re.match(r"v?[12](\D|\Z)", str(stated)):
        expected = f"schema 1 or 2 of phenopackets, found {stated!r}"
        raise reader.refuse(expected, "metaData.phenopacketSchemaVersion")


def _name(value: object) -> str | None:
    name = "" if value is None else str(value).strip()
    return None if name in ("", "0", ".") else name


def _family(packet: Mapping[str, Any], reader: _Reader) -> list[Row]:
    reader.told_of_unknown(packet, "family")
    family = _name(packet.get("id"))
    if family is None:
        raise reader.refuse("a name of the family", "id")
    proband = _person(reader.object(packet["proband"], "proband"), reader)
    related = packet.get("consanguinousParents")  # spelled so in the schema of phenopackets
    stated = reader.flag(packet, "consanguinousParents", "")
    proband["consanguinity"] = None if related is None else ("yes" if stated else "no")
    people = [proband, *(_person(one, reader) for one in reader.objects(packet, "relatives"))]
    known: dict[str, Row] = {}
    for person in people:
        if known.setdefault(str(person["patient"]), person) is not person:
            expected = f"each person once, found {person['patient']} again"
            raise reader.refuse(expected, "relatives")
    pedigree = reader.object(packet.get("pedigree"), "pedigree")
    for at, one in enumerate(reader.objects(pedigree, "persons")):
        where = f"pedigree.persons[{at}]."
        name = _name(one.get("individualId"))
        if name is None:
            raise reader.refuse("a person's name", f"{where}individualId")
        row: Row = {
            "sex": reader.word(one, "sex", _SEXES, where) or "unknown",
            "father": _name(one.get("paternalId")),
            "mother": _name(one.get("maternalId")),
            "affected": reader.word(one, "affectedStatus", _STATES, where) or "unknown",
        }
        combine(known.setdefault(name, {"patient": name}), row, reader.path, name)
    return [row | {"family": family} for row in known.values()]


def combine(known: Row, more: Row, path: str, name: str) -> None:
    """Add to `known` what `more` says; unknown gives way, a contradiction is refused."""
    for column, value in more.items():
        old = known.get(column)
        if old in (None, "unknown"):
            known[column] = value if value is not None else old
        elif value not in (None, "unknown", old):
            raise InputError(path, f"{old} as stated elsewhere, found {value}", f"{name}, {column}")


def _person(packet: Mapping[str, Any], reader: _Reader) -> Row:
    reader.told_of_unknown(packet, "packet")
    subject = reader.object(packet.get("subject"), "subject")
    name = _name(subject.get("id"))
    if name is None:
        raise reader.refuse("a person's name", "subject.id")
    stated = reader.word(subject, "sex", _SEXES, "subject.")
    karyotype = reader.word(subject, "karyotypicSex", _KARYOTYPES, "subject.")
    return {
        "patient": name,
        "sex": karyotype or stated or "unknown",
        "diagnosis": _diagnosis(packet, reader),
        "hpo": ";".join(_terms(packet, reader)) or None,
        "onset": _onset(packet, reader),
        "packet": _name(packet.get("id")),
    }


def _absent(one: Mapping[str, Any], reader: _Reader, where: str) -> bool:
    """Whether a feature or disease was looked for and absent (schema 1: negated)."""
    said = {
        key: reader.flag(one, key, f"{where}.") for key in ("excluded", "negated") if key in one
    }
    if len(set(said.values())) > 1:
        raise reader.refuse("excluded and negated to say the same", where)
    return any(said.values())


def _class(value: object, reader: _Reader, where: str) -> str | None:
    """`id` of an ontology class."""
    found = reader.object(value, where).get("id")
    return None if found is None else str(found)


def _terms(packet: Mapping[str, Any], reader: _Reader) -> list[str]:
    """HPO terms, those looked for and absent with ! in front."""
    terms: dict[str, bool] = {}
    other = []
    for at, one in enumerate(reader.objects(packet, "phenotypicFeatures")):
        where = f"phenotypicFeatures[{at}]"
        reader.told_of_unknown(one, "feature", where)
        absent = _absent(one, reader, where)
        term = _class(one.get("type"), reader, f"{where}.type")
        if term is None or not _CURIE.match(term) or (term[:3] == "HP:" and not _TERM.match(term)):
            expected = f"an HPO term such as HP:0001250, found {term!r}"
            raise reader.refuse(expected, f"{where}.type.id")
        if not _TERM.match(term):
            other.append(term)
        elif terms.setdefault(term, absent) != absent:
            terms[term] = False
            reader.notes.append(f"{term}: both observed and absent, taken as observed")
    if other:
        reader.notes.append(f"{', '.join(other)}: features that are no HPO terms, not taken")
    return [("!" if absent else "") + term for term, absent in terms.items()]


def _diagnosis(packet: Mapping[str, Any], reader: _Reader) -> str | None:
    """The disease of the packet: stated and not excluded, or of a solved interpretation."""
    stated = []
    for at, one in enumerate(reader.objects(packet, "diseases")):
        where = f"diseases[{at}]"
        reader.told_of_unknown(one, "disease", where)
        if not _absent(one, reader, where):
            stated.append(_class(one.get("term"), reader, f"{where}.term"))
    for at, one in enumerate(reader.objects(packet, "interpretations")):
        where = f"interpretations[{at}]"
        progress = reader.word(one, "progressStatus", dict(zip(_PROGRESS, _PROGRESS, strict=True)),
                               f"{where}.")  # fmt: skip
        diagnosis = reader.object(one.get("diagnosis"), f"{where}.diagnosis")
        status = [
            reader.word(genomic, "interpretationStatus", dict(zip(_STATUS, _STATUS, strict=True)),
                        f"{where}.diagnosis.genomicInterpretations.")
            for genomic in reader.objects(diagnosis, "genomicInterpretations")
        ]  # fmt: skip
        disease = _class(diagnosis.get("disease"), reader, f"{where}.diagnosis.disease")
        rejected = bool(status) and all(one == "REJECTED" for one in status)
        if progress == "SOLVED" and not rejected:
            stated.append(disease)
        elif disease is not None and disease not in stated:
            why = "rejected" if rejected else (progress or "without a status").lower()
            reader.notes.append(f"{disease}: an interpretation that is {why}, no diagnosis")
    found = list(dict.fromkeys(_disease(one) for one in stated if one))
    usable = [one for one in found if _DISEASE.match(one)]
    left = [one for one in found if one not in usable[:1]]
    if left:
        wanted = "one disease of MONDO, NANDO, OMIM or ORPHA is taken"
        reader.notes.append(f"{', '.join(left)}: not taken as diagnosis ({wanted})")
    return usable[0] if usable else None


def _disease(identifier: str) -> str:
    prefix, colon, number = identifier.partition(":")
    return _PREFIXES.get(prefix.upper(), prefix.upper()) + colon + number


def _onset(packet: Mapping[str, Any], reader: _Reader) -> str | None:
    """Onset of the first disease that states one, else of the features if they state one alike."""
    stated: dict[str, list[str]] = {"diseases": [], "phenotypicFeatures": []}
    for key, found in stated.items():
        for at, one in enumerate(reader.objects(packet, key)):
            where = f"{key}[{at}]"
            value = _time(one, reader, where)
            if value is not None and not _absent(one, reader, where):
                found.append(value)
    features = set(stated["phenotypicFeatures"])
    alike = next(iter(features)) if len(features) == 1 else None
    return next(iter(stated["diseases"]), alike)


def _time(one: Mapping[str, Any], reader: _Reader, where: str) -> str | None:
    """Onset as the sheet writes it: P3Y6M, P1Y/P3Y, G24W3D (of gestation) or a term of HPO."""
    onset = reader.object(one.get("onset"), f"{where}.onset")
    where = f"{where}.onset"
    if "age" in onset or "ageOfOnset" in one:
        new = reader.object(onset.get("age"), f"{where}.age").get("iso8601duration")
        old = reader.object(one.get("ageOfOnset"), f"{where}OfAge").get("age")
        return _age(new if new is not None else old, reader, where)
    if "ageRange" in onset or "ageRangeOfOnset" in one:
        span = reader.object(onset.get("ageRange") or one.get("ageRangeOfOnset"), where)
        ends = [reader.object(span.get(end), f"{where}.{end}") for end in ("start", "end")]
        ages = [_age(e.get("iso8601duration", e.get("age")), reader, where) for e in ends]
        return "/".join(str(age) for age in ages)
    if "gestationalAge" in onset:
        age = reader.object(onset["gestationalAge"], f"{where}.gestationalAge")
        weeks, days = (age.get(unit) or 0 for unit in ("weeks", "days"))
        if not (isinstance(weeks, int) and isinstance(days, int) and weeks >= 0 and 0 <= days < 7):
            raise reader.refuse(f"weeks and days, found {dict(age)}", f"{where}.gestationalAge")
        return f"G{weeks}W" + (f"{days}D" if days else "")
    if "ontologyClass" in onset or "classOfOnset" in one:
        term = _class(onset.get("ontologyClass") or one.get("classOfOnset"), reader, where)
        if term is None or not _TERM.match(term):
            raise reader.refuse(f"{_ONSET}, found {term!r}", where)
        return term
    for kind in ("timestamp", "interval"):
        if kind in onset:
            reader.notes.append(f"{where}: a date, not taken (the sheet holds ages)")
    return None


def _age(value: object, reader: _Reader, where: str) -> str:
    """An ISO 8601 duration in years to days; hours of a newborn are less than a day."""
    if not isinstance(value, str) or not _AGE.match(value):
        raise reader.refuse(f"{_ONSET}, found {value!r}", where)
    day = value.partition("T")[0]
    return "P0D" if day == "P" else day
