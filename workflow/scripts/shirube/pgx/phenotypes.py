"""From diplotypes to phenotypes, and from phenotypes to the guidelines of CPIC and DPWG."""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shirube.errors import InputError
from shirube.pgx.definitions import read_json
from shirube.pgx.diplotypes import Pair

_TAG = re.compile(r"<[^>]*>")
NORMAL = ("normal", "reference", "typical")


@dataclass(frozen=True)
class Phenotype:
    """What a diplotype means; None where the tables do not say."""

    phenotype: str | None
    activity_score: str | None
    lookup: str | None


UNKNOWN = Phenotype(None, None, None)


def _key(alleles: Mapping[str, float]) -> frozenset[tuple[str, int]]:
    return frozenset((name, int(count)) for name, count in alleles.items())


def counted(pair: Pair) -> frozenset[tuple[str, int]]:
    """Alleles of a pair with their number of copies."""
    return frozenset((name, pair.count(name)) for name in pair)


class Phenotypes:
    """Phenotype of every diplotype, from the phenotype files."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._known: dict[str, dict[frozenset[tuple[str, int]], Phenotype]] = {}
        for path in files:
            if path.parent.name != "phenotype":
                continue
            data = read_json(path)
            try:
                self._known[data["gene"]] = {
                    _key(d["diplotypekey"]): Phenotype(
                        d["phenotype"], d.get("activityScore"), d["lookupkey"]
                    )
                    for d in data["diplotypes"]
                }
            except (KeyError, TypeError) as error:
                raise InputError(path, f"PharmCAT's phenotype format ({error!r})") from error

    def of(self, gene: str, pair: Pair) -> Phenotype:
        """Phenotype of a diplotype; UNKNOWN where no table has it."""
        return self._known.get(gene, {}).get(counted(pair), UNKNOWN)


@dataclass(frozen=True)
class Resolved:
    """A gene whose phenotype is settled: what guidelines are looked up by."""

    gene: str
    phenotype: Phenotype
    alleles: frozenset[tuple[str, int]]


def _matches(value: object, resolved: Resolved | None) -> bool:
    if resolved is None:
        return value == "No Result"
    if isinstance(value, Mapping):
        return _key(value) == resolved.alleles
    found = resolved.phenotype
    return value is not None and value in (found.lookup, found.phenotype, found.activity_score)


def plain(text: str) -> str:
    """Text of a publisher's HTML, without its tags, as one line."""
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())


def recommendations(files: Iterable[Path], settled: Mapping[str, Resolved]) -> list[dict[str, Any]]:
    """Every recommendation whose genes are settled and match, by drug, source and gene.

    A recommendation for several genes is given only if all of them are settled, or if the
    guideline itself has an entry for the others having no result.
    """
    out = []
    for path in files:
        if not path.name.startswith("guidelines"):
            continue
        for entry in read_json(path).values():
            guideline = entry["guideline"]
            for item in entry.get("recommendations") or []:
                key = item.get("lookupKey") or {}
                known = [gene for gene in key if gene in settled]
                if not known or not all(_matches(v, settled.get(g)) for g, v in key.items()):
                    continue
                drugs = [c["name"] for c in item.get("relatedChemicals") or []]
                texts = (item.get("text") or {}).get("html") or ""
                out.append(
                    {
                        "drugs": ", ".join(sorted(drugs)),
                        "source": guideline["source"],
                        "genes": ", ".join(sorted(key)),
                        "phenotypes": "; ".join(
                            f"{g} {settled[g].phenotype.phenotype}" for g in sorted(known)
                        ),
                        "altered": any(altered(settled[g].phenotype) for g in known),
                        "population": item.get("population"),
                        "strength": (item.get("classification") or {}).get("term"),
                        "text": plain(texts),
                        "url": guideline["url"],
                        "id": str(item["id"]),
                    }
                )
    return sorted(out, key=lambda r: (r["drugs"], r["source"], r["genes"], r["id"]))


def altered(found: Phenotype) -> bool:
    """Whether a phenotype is other than normal; unknown and indeterminate count as altered."""
    text = (found.phenotype or "").lower()
    return not text.startswith(NORMAL)
