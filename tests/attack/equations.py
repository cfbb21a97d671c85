"""Whoever holds all that was ever published, and knows everything about the people but genotypes.

At each site the published cells are equations in what each person carries: for people with two
copies whether they have one ALT or two, for people with one whether they have it. A genotype is
recovered if some combination of the equations is that person's number of copies and nothing else.
A combination counts only if the number it gives is the truth.
"""

from collections import defaultdict
from itertools import product

import numpy as np
from cohort_history import Cell, Cohort, Whole


def _equations(cells: list[Cell], tied: bool) -> tuple[np.ndarray, np.ndarray, list[tuple]]:
    """Matrix, right sides and the unknowns: two a person (het, hom), or one (hemi).

    `tied`: a person's data are taken to be the same in every release.
    """
    index: dict[tuple, int] = {}
    for cell in cells:
        for person, _, file in cell.people:
            index.setdefault((person, 0 if tied else file), len(index))
    rows, values = [], []
    for cell in cells:
        ac, hom, hemi = (np.zeros(2 * len(index)) for _ in range(3))
        for person, copies, file in cell.people:
            at = 2 * index[person, 0 if tied else file]
            if copies == 2:
                ac[at : at + 2], hom[at + 1] = (1, 2), 1
            else:
                ac[at], hemi[at] = 1, 1
        rows += [ac, hom, hemi]
        values += [cell.ac, cell.nhomalt, cell.nhemi]
    return np.array(rows), np.array(values, float), list(index)


def _solved(
    matrix: np.ndarray, values: np.ndarray, people: list[tuple], copies: dict[int, int]
) -> list[tuple[int, int]]:
    """(person, copies carried) that follow from the equations."""
    u, s, v = np.linalg.svd(matrix, full_matrices=False)
    rank = int((s > 1e-9).sum())
    if not rank:
        return []
    u, s, v = u[:, :rank], s[:rank], v[:rank]
    wanted = np.zeros((len(people), matrix.shape[1]))
    for number, (person, _) in enumerate(people):
        wanted[number, 2 * number : 2 * number + 2] = (1, 2) if copies[person] == 2 else (1, 0)
    inside = wanted @ v.T
    reached = np.abs(wanted - inside @ v).max(axis=1) < 1e-7
    found = inside[reached] / s @ u.T @ values
    names = [person for (person, _), hit in zip(people, reached, strict=True) if hit]
    return [
        (name, round(x)) for name, x in zip(names, found, strict=True) if abs(x - round(x)) < 1e-6
    ]


def recovered(cohort: Cohort) -> int:
    """Genotypes of single people that follow from what was published, and are true."""
    by_site: dict[int, list[Cell]] = defaultdict(list)
    for cell in cohort.cells:
        by_site[cell.site].append(cell)
    hits: set[tuple[int, int]] = set()
    for site, cells in by_site.items():
        carried: dict[int, set[int]] = defaultdict(set)
        copies = {}
        for one in cohort.people:
            carried[one.number].update(int(geno[site]) for geno in one.every)
            copies[one.number] = int(one.copies()[site])
        for tied in (True, False):
            matrix, values, people = _equations(cells, tied)
            for person, number in _solved(matrix, values, people, copies):
                if number in carried[person]:
                    hits.add((site, person))
    return len(hits)


def _fixed(whole: Whole) -> bool:
    """Whether only one count of some group fits the total, the sizes and the rule."""
    possible = [
        counts
        for counts in product(*(range(n + 1) for n in whole.sizes))
        if sum(counts) == whole.total and any(0 < n < whole.least for n in counts)
    ]
    return any(
        size and len({counts[i] for counts in possible}) == 1 for i, size in enumerate(whole.sizes)
    )


def fixed_counts(cohort: Cohort) -> int:
    """Alleles of which a hidden count follows from what is possible."""
    return sum(_fixed(whole) for whole in set(cohort.wholes))
