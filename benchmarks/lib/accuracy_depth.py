"""Exons lost or gained by depth, planted in made depths beside sixteen people: accuracy rows."""

import sys
from pathlib import Path

from accuracy_rows import Row

sys.path.insert(0, str(Path(__file__).parents[2] / "tests/support"))

import depth_case as case

COUNTS, SEEDS, PEOPLE, LOSSES = (1, 2, 5), range(1, 5), 60, 100


def exons(_: Path) -> list[Row]:
    """Changes of 1, 2 and 5 exons (2 kb each with its introns) of autosomes, X and Y, at 30x.

    planted: tp, right in kind, copies and ends; fp, other passing events of the same people.
    none: fp, passing events of people without any. limit: losses as long as the limit of their
    genes states, wherever they lie.
    """
    hit = false = missed = 0
    for sex, chrom, copies in case.COMBINATIONS:
        for count in COUNTS:
            for seed in SEEDS:
                place = case.planted_exons(chrom, count, 40 + 11 * seed)
                rows = case.passing(case.person(1000 * seed, sex, planted=((*place, copies),)))
                own = sum(case.right(row, place, sex, copies) for row in rows)
                hit, missed, false = hit + own, missed + (own == 0), false + len(rows) - own
    nobody = sum(
        len(case.passing(case.person(500 + n, ("XX", "XY")[n % 2]))) for n in range(PEOPLE)
    )
    limit = case.limit_of_losses()
    seen = sum(case.shows_loss(limit, number) for number in range(LOSSES))
    return [
        Row("exon-depth", "embedded", "planted", hit, false, missed),
        Row("exon-depth", "embedded", "none", 0, nobody, 0, None, f"{PEOPLE} people"),
        Row("exon-depth", "embedded", "limit", seen, 0, LOSSES - seen, None, f"{limit} bases"),
    ]


TRUTH_SETS = [exons]
