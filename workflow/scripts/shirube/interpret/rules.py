"""The criteria as rows: thresholds, points, caps and exclusions, each with its publication.

resources/acmg_criteria.tsv has a row a rule. `test` says how `threshold` is compared (>=, >, <=,
<), or that the row is a number to count with (count, most), or an exclusion (not_with: `code` is
not applied beside `evidence`). A gene's own specification (ClinGen expert panels) has the same
columns and `gene`, and takes the place of the row of the same `rule`; one with 0 points says that
the criterion does not apply to the gene. A gene may also list its splice sites: `PVS1.site.301+1`
(bases of the coding sequence and of the intron, as in HGVS) with the new bases in `evidence`.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from shirube.errors import InputError
from shirube.home import RESOURCES
from shirube.interpret.curated import read_curated

TABLE = RESOURCES / "acmg_criteria.tsv"
TESTS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
NUMBERS = ("count", "most", "halve")
EXCLUSION = "not_with"
SITE = "PVS1.site."
_SITE = re.compile(r"[-*]?\d+[+-][12]")
_BASES = re.compile(r"[ACGT](,[ACGT])*")


@dataclass(frozen=True)
class Rule:
    """One row; `threshold` and `points` are None where it states none.

    `step` is the smallest change of the threshold that a test must notice.
    """

    rule: str
    code: str
    evidence: str
    test: str
    threshold: float | None
    step: float | None
    points: int | None
    source: str
    place: str
    verified: bool
    gene: str | None = None

    def holds(self, value: float | None) -> bool:
        """Whether a known value passes the threshold; False where there is none."""
        if value is None or self.threshold is None:
            return False
        # Scores are kept in 32 bits: 0.644 must stay 0.644.
        return TESTS[self.test](float(f"{value:.6g}"), self.threshold)

    @property
    def cited(self) -> str:
        """Publication as a reader is told it; says so where its wording was not seen."""
        return self.source if self.verified else f"{self.source} (unverified)"


def read_rules(path: str | Path) -> list[Rule]:
    """Rows of a table of criteria or of specifications.

    Raises InputError for a test that is not known, a number that is none, or a rule named twice.
    """
    table = read_curated(path)
    needed = ("rule", "code", "evidence", "test", "threshold", "points")
    absent = [name for name in needed if name not in table.columns]
    if absent:
        raise InputError(path, f"a column {absent[0]}")
    out, seen = [], set()
    for row in table.rows(named=True):
        gene = row.get("gene")
        if (gene, row["rule"]) in seen:
            raise InputError(path, "one row a rule and gene", str(row["rule"]))
        seen.add((gene, row["rule"]))
        if row["test"] and row["test"] not in (*TESTS, *NUMBERS, EXCLUSION):
            known = ", ".join((*TESTS, *NUMBERS, EXCLUSION))
            raise InputError(path, f"test one of {known}", f"{row['rule']}: {row['test']}")
        out.append(
            Rule(
                row["rule"],
                row["code"],
                row["evidence"] or "",
                row["test"] or "",
                _number(path, row, "threshold"),
                _number(path, row, "step"),
                None if (points := _number(path, row, "points")) is None else int(points),
                row["source"],
                row.get("place") or "",
                row["verified"] == "yes",
                gene,
            )
        )
    return out


def _number(path: str | Path, row: Mapping[str, Any], column: str) -> float | None:
    text = row.get(column)
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(path, f"a number in {column}", f"{row['rule']}: {text}") from None


@dataclass(frozen=True)
class Rules:
    """The criteria in force: rows of the table, and each gene's own rows in their place."""

    rows: tuple[Rule, ...]
    own: tuple[Rule, ...] = ()

    @classmethod
    def of(cls, rows: Sequence[Rule], own: Sequence[Rule] = ()) -> "Rules":
        """Raises InputError if a gene's row names a rule the table does not have."""
        names = {row.rule for row in rows}
        for row in own:
            if row.rule.startswith(SITE):
                if not (_SITE.fullmatch(row.rule[len(SITE) :]) and _BASES.fullmatch(row.evidence)):
                    told = "a splice site as 301+1 or 302-2, and its new bases as A,C,T in evidence"
                    raise InputError("specifications", told, f"{row.rule}: {row.evidence}")
            elif row.rule not in names:
                raise InputError("specifications", "a rule of acmg_criteria.tsv", row.rule)
        return cls(tuple(rows), tuple(own))

    @cached_property
    def _by_name(self) -> Mapping[str, Rule]:
        return {row.rule: row for row in self.rows}

    @cached_property
    def _genes(self) -> Mapping[str, tuple[Rule, ...]]:
        out: dict[str, list[Rule]] = {}
        for row in self.own:
            out.setdefault(row.gene or "", []).append(row)
        return {gene: tuple(rows) for gene, rows in out.items()}

    def for_gene(self, gene: str | None) -> "Rules":
        """The rules of one gene: its specification's rows in place of the general ones."""
        own = {row.rule: row for row in self._genes.get(gene or "", ())}
        if not own:
            return self
        sites = tuple(row for name, row in own.items() if name.startswith(SITE))
        return Rules((*(own.get(row.rule, row) for row in self.rows), *sites))

    def site(self, name: str, base: str) -> Rule | None:
        """The gene's own row of a splice site (301+1) changed to `base`; None without one."""
        found = self._by_name.get(f"{SITE}{name}")
        return found if found and base in found.evidence.split(",") else None

    def __getitem__(self, rule: str) -> Rule:
        return self._by_name[rule]

    def number(self, rule: str) -> float:
        """Threshold of a rule that has one."""
        found = self._by_name[rule].threshold
        if found is None:
            raise KeyError(rule)
        return found

    def points(self, rule: str) -> int:
        """Points of a rule; 0 where it states none."""
        return self._by_name[rule].points or 0

    def scale(self, prefix: str) -> list[Rule]:
        """Rules whose name begins with `prefix` and a dot, in the table's order."""
        return [row for row in self.rows if row.rule.startswith(f"{prefix}.")]

    def first(self, prefix: str, value: float | None) -> Rule | None:
        """The first rule of a scale that `value` passes: the strongest, by the table's order."""
        return next((row for row in self.scale(prefix) if row.holds(value)), None)

    def exclusions(self) -> list[tuple[str, str]]:
        """(code, other): `code` is not applied where `other` is met."""
        return [(row.code, row.evidence) for row in self.rows if row.test == EXCLUSION]

    def caps(self) -> list[tuple[tuple[str, ...], int, Rule]]:
        """Codes that together give at most so many points."""
        return [
            (tuple(row.code.split("+")), int(row.threshold or 0), row)
            for row in self.rows
            if row.rule.startswith("cap.")
        ]

    def with_row(self, changed: Rule) -> "Rules":
        """The rules with another row of the same name."""
        return replace(
            self, rows=tuple(changed if r.rule == changed.rule else r for r in self.rows)
        )


@cache
def general(path: str | Path = TABLE) -> Rules:
    """The table that comes with the workflow, without any gene's specification."""
    return Rules.of(read_rules(path))


def rules_with(specifications: Sequence[str | Path]) -> Rules:
    """The general table with the genes' own rows of the tables of specifications."""
    own = [row for path in specifications for row in read_rules(path)]
    return Rules.of(general().rows, own)
