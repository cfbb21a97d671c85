"""Worked examples of the publications the criteria come from, one criterion each.

tests/cases/acmg/cases.tsv: the points of `criterion` (or of several, joined by +) for an allele and
its context, both as JSON; `not assessable` where it must not be answered. `verified` says whether
the wording of the source was seen.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from shirube.contracts.knowledge_rare import POPULATION_EVENTS
from shirube.interpret.acmg import classified, criteria
from shirube.interpret.context import Context, Partner, Segregation, SpliceNeighbour
from shirube.interpret.dosage_points import common
from shirube.interpret.pvs1 import Loss, Region, Transcript
from shirube.interpret.rules import Rules, general
from shirube.interpret.splice_motif import motif_at
from shirube.interpret.stretch import Stretch

CASES = Path(__file__).parents[1] / "cases" / "acmg" / "cases.tsv"
# Coding bases of the exons. BRCA1 and TP53 are the MANE Select transcripts; the others are made:
# E has a codon that ends 50 bases before its last junction, T has 200
# residues.
MODELS = {
    "M": (90, 150, 100, 130, 200, 98, 300),
    "N": (0, 90, 150, 100, 200),
    "U": (0, 0, 300, 100),
    "E": (90, 90, 90, 70, 61, 39, 300),
    "S": (900,),
    "T": (300, 303),
    "F": (90, 60, 1200, 98, 300),
    "BRCA1": (0, 80, 54, 78, 89, 140, 106, 46, 77, 3426, 89, 172, 127, 191, 311, 88, 78, 41, 84, 55,
              74, 61, 125),
    "TP53": (0, 74, 22, 279, 184, 113, 110, 137, 74, 107, 82),
}  # fmt: skip
# Percent that two deletions share of both, how often people have the one, whether that is common.
EVENTS = ((50, 0.01, True), (50, 0.0095, False), (47, 0.01, False))
Case = dict[str, str]


def cases(path: Path = CASES) -> list[Case]:
    """Rows of the table."""
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def context_of(case: Case, rules: Rules | None = None) -> Context:
    """The context a row states; `specification` sets thresholds for the gene."""
    given: dict[str, Any] = json.loads(case["context"])
    rules = rules or general()
    own = given.pop("specification", {})
    rows = [replace(rules[name], threshold=value, gene="G") for name, value in own.items()]
    rules = Rules.of(rules.rows, rows)
    if "loss" in given:
        spans = given["loss"].pop("critical", ())
        needed = [Region(first, last, "region", "test") for first, last in spans]
        given["loss"] = Loss(critical=needed, **given["loss"])
    for name, kind in (("partners", Partner), ("splice_known", SpliceNeighbour)):
        if name in given:
            given[name] = tuple(kind(**one) for one in given[name])
    for name, one in (("stretch", Stretch), ("segregation", Segregation)):
        if name in given:
            given[name] = one(**given[name])
    lists = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    transcript = Transcript(MODELS[case["model"]]) if case["model"] in MODELS else None
    return Context(transcript=transcript, rules=rules, **(given | lists))


def points_of(case: Case, rules: Rules | None = None) -> str:
    """The points the criteria give, or the class they make, as the table writes them."""
    met = criteria(json.loads(case["allele"]), context_of(case, rules))
    if case["criterion"] == "class":
        return classified(met, rules)[0]
    found = {c["code"]: c for c in met}
    asked = [found[code] for code in case["criterion"].split("+")]
    if any(one["met"] is None for one in asked):
        return "not assessable"
    return str(sum(one["points"] for one in asked))


# Positions of an intron 100 bases long behind an exon of 50, 1-based on the forward strand, and
# whether they lie in a splice motif (Walker 2023: donor -3 to +6, acceptor -20 to +1).
INTRON = {"exon_starts": [0, 150], "exon_ends": [50, 200]}
MOTIFS = {47: False, 48: True, 50: True, 56: True, 57: False, 130: False, 131: True, 150: True,
          151: True, 152: False}  # fmt: skip


def wrong_motifs(rules: Rules) -> Iterator[str]:
    """Positions that come to lie otherwise under other rules, on either strand."""
    for pos, inside in MOTIFS.items():
        for strand, at in (("+", pos), ("-", 201 - pos)):
            if (motif_at(INTRON | {"strand": strand}, at, rules) is not None) is not inside:
                yield f"position {pos}, strand {strand}"


def wrong_events(rules: Rules) -> Iterator[str]:
    """Deletions that come to be common, or no longer, under other rules."""
    for shared, frequency, met in EVENTS:
        known = POPULATION_EVENTS.table(
            pl.DataFrame(
                [("chr1", 0, 100, "DEL", frequency, "event")],
                schema=POPULATION_EVENTS.polars,
                orient="row",
            )
        )
        found = common("DEL", "chr1", 100 - shared, 200 - shared, known, rules)
        if (found is not None and found.met(rules)) is not met:
            yield f"{shared}% of both events, frequency {frequency}"


def wrong(rules: Rules) -> Iterator[str]:
    """Names of the rows that come out otherwise under other rules."""
    yield from (case["id"] for case in cases() if points_of(case, rules) != case["points"])
    yield from wrong_motifs(rules)
    yield from wrong_events(rules)
