"""The one catalogue of everything the renderings say, by message id and language.

messages.yaml maps id -> {ja, en}. Terms of a vocabulary (consequences, classes, states) have ids
`<vocabulary>.<term>`. A message may hold {placeholders}; both languages must hold the same.
terms.yaml holds Japanese names of tumour types, diseases and drugs; a name it lacks stays as it is.
"""

import re
import string
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from shirube.errors import InputError

LANGUAGES = ("ja", "en")
PACKAGE_DATA = ("messages.yaml", "terms.yaml")
_FILE = Path(__file__).with_name("messages.yaml")
_TERMS = Path(__file__).with_name("terms.yaml")


def placeholders(message: str) -> set[str]:
    """Names in {braces} of a message."""
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


@cache
def messages(path: Path = _FILE) -> Mapping[str, Mapping[str, str]]:
    """The catalogue; InputError if a language is missing or placeholders differ."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key, entry in loaded.items():
        if set(entry) != set(LANGUAGES) or not all(isinstance(v, str) for v in entry.values()):
            raise InputError(path.name, f"one text for each of {', '.join(LANGUAGES)}", key)
        if placeholders(entry["ja"]) != placeholders(entry["en"]):
            raise InputError(path.name, "the same placeholders in every language", key)
    return loaded


@cache
def names() -> Mapping[str, Mapping[str, Any]]:
    """terms.yaml: English name in lower case -> Japanese name; code -> {ja, en}."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(_TERMS.read_text(encoding="utf-8"))
    return loaded


@cache
def patterns(vocabulary: str) -> Sequence[tuple[re.Pattern[str], str]]:
    """English messages of a vocabulary as patterns that find their values -> message id.

    The longest first: "at most {value}" would take "at most 0.01 where ..." whole.
    """
    out = []
    for key, entry in sorted(messages().items(), key=lambda item: -len(item[1]["en"])):
        if key.startswith(f"{vocabulary}."):
            parts = string.Formatter().parse(entry["en"])
            found = "".join(re.escape(t) + (f"(?P<{n}>.+?)" if n else "") for t, n, _, _ in parts)
            out.append((re.compile(found), key))
    return out


class Words(NamedTuple):
    """Words for a reader, and whether they are of the page's language."""

    text: str
    own: bool


class Catalogue:
    """The messages of one language; `labels` names codes as the sources do (report.names)."""

    def __init__(
        self, language: str, labels: Mapping[str, Mapping[str, str | None]] | None = None
    ) -> None:
        if language not in LANGUAGES:
            raise InputError(_FILE.name, f"a language of {', '.join(LANGUAGES)}", language)
        self.language = language
        self.labels = labels or {}

    def message(self, key: str, **values: object) -> str:
        """Text of a message id; KeyError if the catalogue does not have it."""
        return messages()[key][self.language].format(**values)

    def knows(self, vocabulary: str, term: str | None) -> bool:
        """Whether the catalogue has this term."""
        return f"{vocabulary}.{term}" in messages()

    def term(self, vocabulary: str, term: str | None) -> str:
        """A term of a vocabulary; the term itself where the catalogue does not have it."""
        if term is None:
            return "–"
        found = messages().get(f"{vocabulary}.{term}")
        return found[self.language] if found else term

    def phrase(self, vocabulary: str, text: str) -> str | None:
        """A sentence made of an English message of `vocabulary`, in this language; None if of none.

        For what tables keep in English, as a ledger's bounds.
        """
        for pattern, key in patterns(vocabulary):
            if match := pattern.fullmatch(text):
                values = match.groupdict()
                if "parent" in values:
                    values["parent"] = self.term("parent", values["parent"])
                return self.message(key, **values)
        return None

    def terms(self, vocabulary: str, joined: str | None, separator: str = "&") -> str:
        """Terms joined by `separator`, each in this language."""
        if joined is None:
            return "–"
        between = "、" if self.language == "ja" else ", "
        return between.join(self.term(vocabulary, part) for part in joined.split(separator))

    def drug(self, name: str) -> str:
        """A drug's generic name: in Japanese where known, else as given, capitalised."""
        known = names()["drug"].get(name.casefold()) if self.language == "ja" else None
        return str(known) if known else name[:1].upper() + name[1:]

    def coded(self, code: object, name: str | None = None, local: str | None = None) -> Words:
        """A code by its name with the code behind; `name`, `local`: what its row calls it.

        In English where no source and no table of ours has a Japanese name; the code alone where
        nothing names it.
        """
        key = str(code or "")
        stated, ours = self.labels.get(key, {}), names()["code"].get(key, {})
        english = name or stated.get("en") or ours.get("en")
        found = english
        if self.language != "en":
            found = local or stated.get("ja") or ours.get("ja")
            found = found or self._disease(name) or self._disease(stated.get("en"))
        text = found or english
        shown = f"{text} ({key})" if text and key else text or key or "–"
        return Words(shown, bool(found) or not text)

    def _disease(self, name: str | None) -> str | None:
        """The Japanese name of a disease by its English one."""
        return names()["disease"].get(name.casefold()) if name else None

    def cited(self, text: str) -> str:
        """English words of a source or of our tables that the catalogue has phrases for."""
        if self.language == "en":
            return text
        for english, local in sorted(names()["phrase"].items(), key=lambda p: -len(p[0])):
            text = text.replace(english, local)
        return text

    def classes(self, stated: str | None) -> str:
        """A source's classification; several in one value each by name."""
        if not stated:
            return "–"
        words = stated.replace("_", " ")
        if self.knows("class", words):
            return self.term("class", words)
        parts = re.split(r"\s*[|;,]\s*", words)
        return self.message("list.join").join(self.term("class", part) for part in parts)

    def disease(self, name: str | None) -> str:
        """A disease, or a code by name; an unknown one as it was given."""
        return self.diseases(name).text

    def diseases(self, name: str | None) -> Words:
        """The same, and whether it is in the page's language."""
        if name is None:
            return Words("–", True)
        code = names()["oncotree"].get(name)
        if code is not None:
            return Words(f"{code[self.language]} ({name})", True)
        if ":" in name or name in self.labels:
            return self.coded(name)
        known = self._disease(name) if self.language == "ja" else name
        return Words(known or name, known is not None)
