"""Mutation test of the criteria: every threshold and strength of the table, moved one step.

    python benchmarks/lib/accuracy_criteria.py

A worked example (tests/cases/acmg) must come out otherwise for each; a row that can be moved
without one is not held by any.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from accuracy_rows import Row

sys.path.insert(0, str(Path(__file__).parents[2] / "tests/support"))

from criterion_cases import cases, wrong

from shirube.interpret.rules import Rule, Rules, general


def moved(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """The rule with its threshold one step up, one step down, and its points one up."""
    if rule.threshold is not None and rule.step is not None:
        for sign, step in (("+", rule.step), ("-", -rule.step)):
            there = round(rule.threshold + step, 9)
            yield f"{rule.rule} {sign} {rule.step:g}", replace(rule, threshold=there)
    if rule.points is not None:
        yield f"{rule.rule} points + 1", replace(rule, points=rule.points + 1)


def notices(rules: Rules, changed: Rule) -> bool:
    """Whether an example comes out otherwise with `changed` in its place."""
    return next(wrong(rules.with_row(changed)), None) is not None


def figures() -> tuple[list[str], list[str]]:
    """Names of the changes an example notices, and of those none does."""
    rules = general()
    seen: list[str] = []
    unseen: list[str] = []
    for rule in rules.rows:
        for name, changed in moved(rule):
            (seen if notices(rules, changed) else unseen).append(name)
    return seen, unseen


def mutations(_: Path) -> list[Row]:
    """tp: examples that come out right, and changes of the table that are noticed."""
    failed = len(list(wrong(general())))
    seen, unseen = figures()
    told = "; ".join(unseen) or None
    return [
        Row("acmg-criteria", "embedded", "examples", len(cases()) - failed, 0, failed),
        Row("acmg-criteria", "embedded", "moved", len(seen), 0, len(unseen), None, told or ""),
    ]


TRUTH_SETS = [mutations]


def main() -> int:
    """Print what no example notices; 1 if there is any."""
    seen, unseen = figures()
    print(f"{len(seen)} changes of a threshold or a strength noticed, {len(unseen)} not")
    for name in unseen:
        print(name)
    return int(bool(unseen))


if __name__ == "__main__":
    sys.exit(main())
