"""From diplotypes to phenotypes, and from phenotypes to the guidelines of CPIC and DPWG."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from shirube.knowledge.pharmcat import canonical_alleles
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


def copies_by_allele(pair: Pair) -> frozenset[tuple[str, int]]:
    """Alleles of a pair with their number of copies."""
    return frozenset((name, pair.count(name)) for name in pair)


class Phenotypes:
    """Phenotype of every diplotype, from DIPLOTYPE_PHENOTYPES."""

    def __init__(self, table: pl.DataFrame) -> None:
        self._known = {
            (row["gene"], row["alleles"]): Phenotype(
                row["phenotype"], row["activity_score"], row["lookup"]
            )
            for row in table.rows(named=True)
        }

    def of(self, gene: str, pair: Pair) -> Phenotype:
        """Phenotype of a diplotype; UNKNOWN where no table has it."""
        copies = canonical_alleles({name: pair.count(name) for name in pair})
        return self._known.get((gene, copies), UNKNOWN)


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


def recommendations(table: pl.DataFrame, settled: Mapping[str, Resolved]) -> list[dict[str, Any]]:
    """Every row of DRUG_RECOMMENDATIONS whose genes are settled and match, by drug and source.

    A recommendation for several genes is given only if all of them are settled, or if the
    guideline itself has an entry for the others having no result.
    """
    out = []
    for row in table.rows(named=True):
        key = json.loads(row["lookup"])
        known = [gene for gene in key if gene in settled]
        if not known or not all(_matches(v, settled.get(g)) for g, v in key.items()):
            continue
        out.append(
            {
                **{name: row[name] for name in ("drugs", "source", "population", "strength")},
                **{name: row[name] for name in ("url", "id")},
                "genes": ", ".join(sorted(key)),
                "phenotypes": "; ".join(
                    f"{g} {settled[g].phenotype.phenotype}" for g in sorted(known)
                ),
                "altered": any(altered(settled[g].phenotype) for g in known),
                "text": plain(row["text"]),
            }
        )
    return sorted(out, key=lambda r: (r["drugs"], r["source"], r["genes"], r["id"]))


def altered(found: Phenotype) -> bool:
    """Whether a phenotype is other than normal; unknown and indeterminate count as altered."""
    text = (found.phenotype or "").lower()
    return not text.startswith(NORMAL)
