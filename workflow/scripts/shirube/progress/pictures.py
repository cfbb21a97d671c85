"""Pictures of a run's samples side by side: measures, sex by depth, who is related to whom."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from shirube.cohort.kinship import DUPLICATE, FIRST, SECOND, relation
from shirube.contracts import COMPARISON, MEMBERS, READS, read
from shirube.contracts.family import PEDIGREE
from shirube.genome.ploidy import HAS_Y, TWO_X
from shirube.progress.people import People
from shirube.report.figures.svg import BLUE, INK, LINE, ORANGE, RED, SOFT, Drawing
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.text import worded

# Metrics of the strips, and the decimals they are read with.
METRICS = (("mean_depth", 0), ("callable", 3), ("contamination", 3), ("duplicates", 3))
_STRIP_WIDTH, _STRIP_HEIGHT, _LEFT = 560, 62, 16

# As MEMBERS words it (cohort.members).
_KIN = re.compile(r"(?:relative \(.+\)|duplicate) of (\S+): kinship ([0-9.]+) over ([0-9]+) sites")


class Related(NamedTuple):
    """Two people whose genomes were compared; `declared`: the sheet says that they are related."""

    one: str
    other: str
    kinship: float
    sites: int
    declared: bool

    @property
    def relation(self) -> str:
        """A word for it: same, first, second or none."""
        names = {"duplicate": "same", "first degree": "first", "second degree": "second"}
        return names.get(relation(self.kinship), "none")

    @property
    def odd(self) -> bool:
        """Whether sheet and genomes disagree: undeclared kin, or declared kin that is none."""
        return self.declared != (self.relation != "none")


def strip(values: Sequence[tuple[str, float, bool]], digits: int) -> str:
    """A strip of dots, one a sample (name, value, whether a gate was missed), with its range.

    Dots of close values are stacked, so that every sample is seen.
    """
    drawing = Drawing(_STRIP_WIDTH, _STRIP_HEIGHT)
    numbers = [value for _, value, _ in values]
    low, high = min(numbers), max(numbers)
    span = (high - low) or 1.0
    right, ground = _STRIP_WIDTH - _LEFT, _STRIP_HEIGHT - 20
    drawing.line(_LEFT, ground, right, ground, LINE)
    stacked: Counter[int] = Counter()
    for _, value, missed in sorted(values, key=lambda v: v[1]):
        x = _LEFT + (right - _LEFT) * (0.5 if high == low else (value - low) / span)
        column = round(x / 7)
        y = max(6.0, ground - 6 - 7 * stacked[column])
        stacked[column] += 1
        drawing.circle(x, y, 3.5 if missed else 3, RED if missed else BLUE)
    drawing.text(_LEFT, _STRIP_HEIGHT - 5, f"{low:.{digits}f}", 11, SOFT)
    drawing.text(right, _STRIP_HEIGHT - 5, f"{high:.{digits}f}", 11, SOFT, "end")
    return drawing.svg()


def strips(comparison: Path, words: Catalogue) -> list[dict[str, str]]:
    """A strip for each metric and kind of sample that the run's comparison has values of."""
    if not comparison.is_file():
        return []
    table = read(COMPARISON, comparison).drop_nulls("value")
    found = []
    for metric, digits in METRICS:
        for kind in ("normal", "tumour"):
            rows = table.filter((pl.col("metric") == metric) & (pl.col("kind") == kind))
            if rows.height < 2:
                continue
            far = pl.col("score").abs().fill_null(0) > 6
            values = rows.select("sample", "value", far.alias("far")).rows()
            title = f"{words.term('gate', metric)} ({words.message(f'index.kind.{kind}')})"
            found.append({"title": title, "svg": strip(values, digits)})
    return found


def sexes(people: People, reads: Path, words: Catalogue) -> str:
    """Depth of X and Y beside the autosomes of each normal sample, marked by the sheet's sex.

    The lines are the bounds of the gate; a sample on the wrong side of one is named. Empty where
    fewer than two samples have depths.
    """
    points = []
    for person in people.people:
        for sample in person.samples:
            path = reads / f"{sample['sample']}.parquet"
            if sample["kind"] != "normal" or not path.is_file():
                continue
            for row in read(READS, path).rows(named=True):  # none of a VCF
                autosomes, x, y = (row[f"{name}_depth"] for name in ("autosome", "x", "y"))
                if autosomes and x is not None and y is not None:
                    points.append((sample["sample"], person.sex, x / autosomes, y / autosomes))
    if len(points) < 2:
        return ""
    left, width, height, foot = 40.0, 480.0, 190.0, 30.0
    drawing = Drawing(_STRIP_WIDTH, height + foot + 24)

    def at(x: float, y: float) -> tuple[float, float]:
        return left + width * min(x, 1.5) / 1.5, 14 + height * (1 - min(y, 1.0))

    for tick in (0.0, 0.5, 1.0):
        drawing.text(at(tick, 0)[0], height + foot, f"{tick:g}", 11, SOFT, "middle")
        drawing.text(left - 6, at(0, tick)[1] + 4, f"{tick:g}", 11, SOFT, "end")
    drawing.line(*at(0, 0), *at(1.5, 0), LINE)
    drawing.line(*at(0, 0), *at(0, 1), LINE)
    drawing.line(*at(TWO_X, 0), *at(TWO_X, 1), SOFT, 0.6)
    drawing.line(*at(0, HAS_Y), *at(1.5, HAS_Y), SOFT, 0.6)
    drawing.word(left + width, height + foot, "index.word.x", 11, SOFT, "end")
    drawing.word(left + 6, 12, "index.word.y", 11, SOFT)
    for sample, sex, x, y in points:
        across, up = at(x, y)
        looks_xx = x > TWO_X and y <= HAS_Y
        wrong = (sex == "XX" and not looks_xx) or (sex == "XY" and x > TWO_X)
        colour = RED if wrong else {"XX": BLUE, "XY": ORANGE}.get(sex, SOFT)
        if sex == "XY":
            drawing.rect(across - 3, up - 3, 6, 6, colour)
        else:
            drawing.circle(across, up, 3.5, colour)
        if wrong:
            drawing.text(across + 7, up + 4, sample, 10, INK)
    for n, (sex, colour) in enumerate((("XX", BLUE), ("XY", ORANGE))):
        here = left + 150 + 60 * n
        if sex == "XY":
            drawing.rect(here - 3, 5, 6, 6, colour)
        else:
            drawing.circle(here, 8, 3.5, colour)
        drawing.text(here + 8, 12, sex, 11, SOFT)
    return worded(drawing.svg(), words.message)


def related(results: Path) -> list[Related]:
    """Pairs of people that were compared and are kin, or are said to be; odd ones first.

    What families declare is in PEDIGREE; what the cohort found besides is in MEMBERS.
    """
    found: dict[tuple[str, str], Related] = {}
    for path in sorted((results / "pedigree").glob("*.parquet")):
        rows = read(PEDIGREE, path).filter(pl.col("gate").str.starts_with("kinship"))
        for row in rows.drop_nulls("value").iter_rows(named=True):
            one, other = sorted((path.stem, row["relative"]))
            found[one, other] = Related(one, other, row["value"], row["sites"] or 0, True)
    members = results / "cohort/members.parquet"
    if members.is_file():
        table = read(MEMBERS, members)
        whose = dict(table.select("sample", "patient").iter_rows())
        for sample, reason in table.drop_nulls("reason").select("sample", "reason").iter_rows():
            said = _KIN.fullmatch(reason)
            if said and said[1] in whose and whose[said[1]] != whose[sample]:
                one, other = sorted((whose[sample], whose[said[1]]))
                new = Related(one, other, float(said[2]), int(said[3]), False)
                found.setdefault((one, other), new)
    return sorted(found.values(), key=lambda pair: (not pair.odd, -pair.kinship, pair))


def relations(pairs: Sequence[Related], words: Catalogue) -> str:
    """Pairs by their kinship, with the bounds of the degrees; empty where there are none."""
    if not pairs:
        return ""
    left, width, ground = 20.0, 520.0, 66.0
    drawing = Drawing(_STRIP_WIDTH, ground + 22)

    def at(kinship: float) -> float:
        return left + width * max(0.0, min(kinship, 0.5)) / 0.5

    bounds = (0.0, SECOND, FIRST, DUPLICATE, 0.5)
    drawing.line(left, ground, left + width, ground, LINE)
    for name, low, high in zip(
        ("none", "second", "first", "same"), bounds[:-1], bounds[1:], strict=True
    ):
        drawing.word((at(low) + at(high)) / 2, 10, f"index.relation.{name}", 10, SOFT, "middle")
        drawing.line(at(low), 14, at(low), ground, SOFT if low else LINE, 0.6)
        drawing.text(at(low), ground + 16, f"{low:.3g}", 10, SOFT, "middle")
    stacked: Counter[int] = Counter()
    for pair in sorted(pairs, key=lambda p: p.kinship):
        column = round(at(pair.kinship) / 8)
        up = max(20.0, ground - 6 - 8 * stacked[column])
        stacked[column] += 1
        if pair.odd:
            drawing.rect(at(pair.kinship) - 3, up - 3, 6, 6, RED)
        else:
            drawing.circle(at(pair.kinship), up, 3.5, BLUE)
    return worded(drawing.svg(), words.message)
