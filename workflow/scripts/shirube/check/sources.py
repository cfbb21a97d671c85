"""Knowledge files named in the configuration, and terms of the sheets looked up in them."""

import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from shirube.check.files import check_path, safe
from shirube.check.problems import Outcome, shown
from shirube.check.schema import nearest
from shirube.check.settings import value_at
from shirube.check.sheets import Row
from shirube.errors import InputError
from shirube.home import RESOURCES
from shirube.knowledge.embedded_hpo import embedded_terms
from shirube.knowledge.names import HPO, HPO_RELEASE, PARTS, every_source
from shirube.knowledge.oncotree import read_oncotree
from shirube.knowledge.phenotype import release_of
from shirube.knowledge.sources import refuse_truncated
from shirube.reads.inspect import compression

# Share of annotated terms that an ontology of the same release may not know.
ODD_TERMS = 0.01


def sha256(path: str | Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_knowledge(config: Path, settings: dict[str, Any], outcome: Outcome) -> dict[str, str]:
    """Name -> path of each source whose file is there and unaltered."""
    usable = {}
    knowledge = value_at(settings, dict, "knowledge") or {}
    for table, (needed, _) in PARTS.items():
        absent = [key for key in needed if key not in knowledge]
        if absent and len(absent) < len(needed):
            given = next(key for key in needed if key in knowledge)
            expected = f"this source too: {table} is made from it and {given}"
            outcome.problem(config, f"key knowledge.{absent[0]}", expected)
    named = [key for key in HPO if key in knowledge]
    for key in ("hpo", "hpo_genes") if named else ():
        if key not in knowledge:
            expected = (
                f"this source too, of the release of {named[0]}: HPO is named whole or, to use the "
                f"embedded release {HPO_RELEASE}, not at all"
            )
            outcome.problem(config, f"key knowledge.{key}", expected)
    for name, source in every_source(knowledge):
        path, where = source["path"], f"key knowledge.{name}"
        if not isinstance(path, str) or not check_path(config, f"{where}.path", path, outcome):
            continue
        for key in ("version", "licence"):
            if not str(source.get(key) or "").strip():
                expected = f"the {key} of {path}: the report states it"
                outcome.problem(config, f"{where}.{key}", expected)
        if compression(path) in ("gzip", "bgzf"):
            try:
                refuse_truncated(Path(path))
            except InputError as error:
                outcome.error(error)
                continue
        wanted = source.get("sha256")
        if isinstance(wanted, str):
            found = sha256(path)
            if found != wanted:
                expected = f"the file of this sum: {path} has {found}, it was altered or "
                expected += "replaced; shirube fetch states the sum of a new file"
                outcome.problem(config, f"{where}.sha256", expected)
                continue
        usable[name] = path
    _check_releases(config, usable, outcome)
    return usable


def _check_releases(config: Path, sources: dict[str, str], outcome: Outcome) -> None:
    """Files of HPO are of one release, as far as they say of which they are."""
    paths = [sources[key] for key in HPO if key in sources]
    try:
        stated = {path: release for path in paths if (release := release_of(path))}
        (first, release), *others = list(stated.items()) or [("", "")]
        for path, other in others:
            if other != release:
                expected = f"HPO's release of {first} ({release}), {path} is of {other}"
                outcome.problem(config, "key knowledge.hpo_annotations", expected)
        if "hpo" in sources and "hpo_genes" in sources:
            known, used = hpo_terms(sources["hpo"]), hpo_terms(sources["hpo_genes"])
            lost = len(used - known)
            if lost > ODD_TERMS * len(used):
                outcome.note(
                    f"{lost} of {len(used)} terms of {sources['hpo_genes']} are unknown to "
                    f"{sources['hpo']}: files of two releases of HPO? those terms do not count"
                )
    except InputError as error:
        outcome.error(error)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        outcome.problem(paths[0], "", f"a text file, plain or gzip ({error})")


def check_pharmacogenomics(config: Path, settings: dict[str, Any], outcome: Outcome) -> None:
    """The directory of PharmCAT's data, its version and licence, and calls made elsewhere."""
    section = value_at(settings, dict, "pharmacogenomics") or {}
    folder, calls = section.get("path"), section.get("outside_calls")
    if isinstance(folder, str):
        where = "key pharmacogenomics"
        if not safe(folder):
            outcome.problem(config, f"{where}.path", f"a plain path, found {shown(folder)}")
        elif not any(Path(folder).glob("definition/alleles/*_translation.json*")):
            expected = "PharmCAT's data (definition/alleles/GENE_translation.json, phenotype/)"
            outcome.problem(config, f"{where}.path", f"{expected}, found none in {shown(folder)}")
        for key in ("version", "licence"):
            if not str(section.get(key) or "").strip():
                expected = f"the {key} of {folder}: the report states it"
                outcome.problem(config, f"{where}.{key}", expected)
    if isinstance(calls, str):
        check_path(config, "key pharmacogenomics.outside_calls", calls, outcome)


def _lines(path: str) -> Iterable[str]:
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as lines:
        yield from lines


def oncotree_codes(path: str) -> set[str]:
    """Codes of an OncoTree table, of either form its publisher has."""
    return set(read_oncotree(path, RESOURCES / "oncotree_parents.tsv")["code"])


def hpo_terms(path: str) -> set[str]:
    """Every HPO identifier an ontology or table of it names."""
    return {term for text in _lines(path) for term in re.findall(r"HP:[0-9]{7}", text)}


def _embedded_ids() -> set[str]:
    """Current and retired ids of the embedded release of HPO."""
    terms = embedded_terms()
    return {*terms["term"], *terms.explode("alternatives")["alternatives"].drop_nulls()}


def known_terms(sources: Mapping[str, str], outcome: Outcome) -> dict[str, set[str]]:
    """Codes of OncoTree and terms of HPO in the sources a run reads; empty where it reads none."""
    readers = {"oncotree": oncotree_codes, "hpo": hpo_terms}
    known: dict[str, set[str]] = {}
    for name, reader in readers.items():
        known[name] = set()
        try:
            known[name] = reader(sources[name]) if name in sources else set()
        except InputError as error:
            outcome.error(error)
        except (OSError, EOFError, UnicodeDecodeError) as error:
            outcome.problem(sources[name], "", f"a text file, plain or gzip ({error})")
    return known


def check_terms(
    sheet: Path,
    patients: list[Row],
    sources: Mapping[str, str],
    known: Mapping[str, set[str]],
    outcome: Outcome,
) -> None:
    """Diagnoses and HPO terms exist among the `known_terms` of the sources the run reads."""
    embedded: set[str] | None = None
    for row in patients:
        code = row["diagnosis"]
        if known["oncotree"] and code and ":" not in code and code not in known["oncotree"]:
            hint = nearest(code, known["oncotree"])
            expected = f"an OncoTree code of {sources['oncotree']}, found {shown(code)}{hint}"
            outcome.problem(sheet, row.where("diagnosis"), expected)
        for term in filter(None, row["hpo"].replace("!", "").split(";")):
            if not known["hpo"] and re.fullmatch(r"HP:[0-9]{7}", term):
                embedded = embedded if embedded is not None else _embedded_ids()
                if term not in embedded:
                    outcome.note(
                        f"{sheet}: {row.where('hpo')}: {term} is no term of the embedded release "
                        f"{HPO_RELEASE} of HPO and does not count (an id since merged? a typing "
                        "error?)"
                    )
            elif known["hpo"] and re.fullmatch(r"HP:[0-9]{7}", term) and term not in known["hpo"]:
                expected = f"a term of {sources['hpo']}, found {shown(term)}"
                outcome.problem(sheet, row.where("hpo"), expected)
