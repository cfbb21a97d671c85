"""What a sample has at the positions of a gene: a genotype, or the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.intervals import Arrays, covered
from shirube.knowledge.pharmcat_definitions import Gene, Position


@dataclass(frozen=True)
class Genotype:
    """Allele numbers of one position, or why they are unknown.

    alleles: one number a copy (0 = reference), () if unknown; phase_set: name of the block in
    which the order of `alleles` is that of the haplotypes, None where the order means nothing.
    """

    alleles: tuple[int, ...]
    phase_set: int | None = None
    reason: str | None = None


def _trusted(row: Mapping[str, Any], rule: GenotypeRule) -> str | None:
    if row["filter"] != "PASS":
        return f"filtered: {row['filter']}"
    if row["dosage"] is None or row["ploidy"] is None:
        return "genotype not called"
    depth = rule.depth(row["ploidy"])
    if row["gq"] is not None and row["gq"] < rule.min_gq:
        return f"genotype quality {row['gq']} below {rule.min_gq}"
    if row["dp"] is not None and row["dp"] < depth:
        return f"depth {row['dp']} below {depth}"
    return None


def genotype(
    position: Position,
    rows: list[dict[str, Any]],
    callable_here: bool,
    copies: int | None,
    rule: GenotypeRule,
) -> Genotype:
    """Genotype at one position from the CALLS rows that overlap its reference bases.

    `callable_here`: whether all its reference bases are callable; `copies`: expected copies, None
    if unknown. A row of an allele that the definition does not know makes the position unknown.
    """
    keys = position.changes()
    alternative: list[tuple[int, dict[str, Any]]] = []
    for row in rows:
        whole = row["ploidy"] is not None  # of 0/. and ./1 one copy is not known
        if (row["dosage"] == 0 and whole) or (
            row["dosage"] is None and row["filter"] == "NoGenotype"
        ):
            continue
        number = keys.get((row["pos"], row["ref"], row["alt"]))
        if number is None:
            return Genotype((), reason=f"other allele {row['pos']}{row['ref']}>{row['alt']}"[:80])
        if reason := _trusted(row, rule):
            return Genotype((), reason=reason)
        if row["heteroplasmy"] is not None and row["ploidy"] == 2:
            return Genotype((), reason=f"heteroplasmic, in {row['heteroplasmy']:.1%} of the reads")
        alternative.append((number, row))
    if not alternative:
        if not callable_here:
            return Genotype((), reason="not callable")
        return Genotype((0,) * copies) if copies else Genotype((), reason="copies unknown")
    ploidy = max(row["ploidy"] for _, row in alternative)
    carried = [number for number, row in alternative for _ in range(row["dosage"])]
    if len(carried) > ploidy:
        return Genotype((), reason="more alleles than copies")
    alleles = carried + [0] * (ploidy - len(carried))
    row = alternative[0][1]
    if len(alternative) == 1 and len(carried) == 1 and ploidy == 2 and row["phase_set"] is not None:
        ordered = (carried[0], 0) if row["haplotype"] == 0 else (0, carried[0])
        return Genotype(ordered, phase_set=row["phase_set"])
    return Genotype(tuple(alleles))


def touches(row: Mapping[str, Any], position: Position) -> bool:
    """Whether a row of CALLS bears on a position.

    The base an indel is anchored to is not changed by it; but an indel of any kind at a position
    that counts repeats bears on it.
    """
    first, last = row["pos"], row["pos"] + len(row["ref"]) - 1
    indel = len(row["ref"]) != len(row["alt"])
    if indel and all(len(alt) == len(position.ref) for alt in position.alts):
        first += 1
    return first <= last and first < position.pos + len(position.ref) and last >= position.pos


def genotypes(
    gene: Gene,
    calls: pl.DataFrame,
    callable_: Arrays,
    copies: int | None,
    rule: GenotypeRule | None = None,
) -> list[Genotype]:
    """Genotype at every position of a gene.

    `calls`: CALLS of the sample; `callable_`: callable intervals of the gene's chromosome;
    `copies`: copies of the gene (1 on X in XY, 1 on M), None if unknown.
    """
    if not gene.positions:
        return []
    first, last = gene.positions[0].pos, max(p.pos + len(p.ref) for p in gene.positions)
    near = calls.filter(
        pl.col("chrom") == gene.chrom,
        pl.col("pos") + pl.col("ref").str.len_bytes() > min(first, last),
        pl.col("pos") < last,
    ).rows(named=True)
    out = []
    for position in gene.positions:
        start, end = position.pos - 1, position.pos - 1 + len(position.ref)
        rows = [row for row in near if touches(row, position)]
        whole = covered([(start, end)], callable_) == end - start
        out.append(genotype(position, rows, whole, copies, rule or GenotypeRule()))
    return out
