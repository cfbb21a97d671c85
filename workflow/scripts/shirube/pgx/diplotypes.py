"""All pairs of named alleles that a sample's genotypes allow.

Nothing is guessed: without phase every pairing is tried; a position without a genotype excludes
no allele. `call` keeps two answers apart: `assumed` holds the pairs if the unknown positions
were reference (what PharmCAT prints), `consistent` holds every pair that cannot be excluded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shirube.knowledge.pharmcat_definitions import Gene
from shirube.pgx.genotypes import Genotype

Pair = tuple[str, ...]  # one name a copy, in the order of the definition


@dataclass(frozen=True)
class Call:
    """Diplotypes of one gene.

    assumed: see the module, those that state most positions first; consistent: every pair that
    cannot be excluded; best: those of `assumed` with the highest score; detected: named
    alleles of single positions seen, where no pair explains the genotypes.
    """

    assumed: tuple[Pair, ...]
    best: tuple[Pair, ...]
    consistent: tuple[Pair, ...]
    detected: tuple[str, ...]
    unknown: tuple[int, ...]


def _has(gene: Gene, columns: Sequence[int], numbers: Sequence[int]) -> NDArray[np.bool_]:
    """(alleles, columns): whether the named allele may have allele `numbers[i]` in column i."""
    bits = gene.allowed[:, list(columns)]
    shifts = np.array(numbers, np.uint64)
    return np.asarray((bits >> shifts) & np.uint64(1), np.bool_)


def pairs(gene: Gene, found: Sequence[Genotype]) -> NDArray[np.bool_]:
    """(alleles, alleles) bool: pairs that every known genotype allows; phase is respected."""
    n = len(gene.names)
    ok = np.ones((n, n), np.bool_)
    known = [i for i, g in enumerate(found) if len(g.alleles) == 2]
    if not known:
        return ok
    first = _has(gene, known, [found[i].alleles[0] for i in known])
    second = _has(gene, known, [found[i].alleles[1] for i in known])
    blocks: dict[int, list[int]] = {}
    for column, i in enumerate(known):
        phase = found[i].phase_set
        if phase is not None:
            blocks.setdefault(phase, []).append(column)
        else:
            ok &= _either(first[:, [column]], second[:, [column]])
    for columns in blocks.values():
        ok &= _either(first[:, columns], second[:, columns])
    return ok


def _either(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(alleles, alleles): one of the pair has all of `first`, the other all of `second`."""
    a, b = first.all(axis=1), second.all(axis=1)
    return np.logical_or(np.outer(a, b), np.outer(b, a))


def singles(gene: Gene, found: Sequence[Genotype]) -> NDArray[np.bool_]:
    """(alleles,) bool: named alleles that a single copy's genotypes allow."""
    known = [i for i, g in enumerate(found) if len(g.alleles) == 1]
    if not known:
        return np.ones(len(gene.names), np.bool_)
    has = _has(gene, known, [found[i].alleles[0] for i in known])
    return np.asarray(has.all(axis=1))


def _listed(gene: Gene, found: Sequence[Genotype], haploid: bool) -> list[tuple[int, ...]]:
    if haploid:
        return [(int(i),) for i in np.flatnonzero(singles(gene, found))]
    rows, columns = np.nonzero(np.triu(pairs(gene, found)))
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def detected_alleles(gene: Gene, found: Sequence[Genotype]) -> tuple[str, ...]:
    """Named alleles other than the reference all of whose stated positions were seen changed."""
    seen = []
    for row, name in enumerate(gene.names):
        columns = np.flatnonzero(gene.stated[row]).tolist()
        changed = [c for c in columns if not gene.allowed[row, c] & np.uint64(1)]
        if row == gene.reference or not changed:
            continue
        copies = min(
            sum(bool(int(gene.allowed[row, c]) >> allele & 1) for allele in found[c].alleles)
            for c in changed
        )
        seen += [name] * copies
    return tuple(seen)


def call(gene: Gene, found: Sequence[Genotype]) -> Call:
    """The diplotypes of a gene from the genotypes at its positions."""
    unknown = tuple(i for i, g in enumerate(found) if not g.alleles)
    copies = {len(g.alleles) for g in found if g.alleles}
    if not copies:
        return Call((), (), (), (), unknown)
    if len(copies) > 1:  # a gene has one number of copies: trust neither
        return Call((), (), (), detected_alleles(gene, found), tuple(range(len(found))))
    haploid = copies == {1}
    reference = (0,) if haploid else (0, 0)
    filled = [g if g.alleles else Genotype(reference) for g in found]
    scores = gene.scores

    def named(listed: list[tuple[int, ...]]) -> tuple[Pair, ...]:
        listed.sort(key=lambda pair: (-sum(int(scores[i]) for i in pair), pair))
        return tuple(tuple(gene.names[i] for i in pair) for pair in listed)

    assumed = _listed(gene, filled, haploid)
    top = max((sum(int(scores[i]) for i in pair) for pair in assumed), default=0)
    best = [pair for pair in assumed if sum(int(scores[i]) for i in pair) == top]
    consistent = named(_listed(gene, found, haploid)) if unknown else named(list(assumed))
    explained = () if assumed else detected_alleles(gene, found)
    return Call(named(assumed), named(best), consistent, explained, unknown)
