"""How many copies of a position a person has: XX/XY on X, Y, their shared ends (PAR), and M.

PAR coordinates are the Genome Reference Consortium's (resources/par.tsv), 0-based half-open.
"""

from collections.abc import Mapping, Sequence

import polars as pl

PAR: dict[str, dict[str, tuple[tuple[int, int], ...]]] = {
    "GRCh38": {
        "chrX": ((10_000, 2_781_479), (155_701_382, 156_030_895)),
        "chrY": ((10_000, 2_781_479), (56_887_902, 57_217_415)),
    },
    "GRCh37": {
        "chrX": ((60_000, 2_699_520), (154_931_043, 155_260_560)),
        "chrY": ((10_000, 2_649_520), (59_034_049, 59_363_566)),
    },
}
SEXES = ("XX", "XY")
# Depth of X and of Y beside the autosomes' that tells two X from one, and a Y from none.
TWO_X, HAS_Y = 0.75, 0.1


def copies_at(sex: str, par: Mapping[str, Sequence[Sequence[int]]]) -> pl.Expr:
    """Copies a person of one sex has at `chrom` and `pos` (1-based); null on X and Y if unknown.

    In XX the shared ends of Y are reads of X, and Y has no copy at all.
    """
    chrom, at = pl.col("chrom").cast(pl.String), pl.col("pos") - 1

    def inside(name: str) -> pl.Expr:
        ends = [at.is_between(start, end, closed="left") for start, end in par.get(name, ())]
        return pl.any_horizontal(pl.lit(False), *ends)

    on_x, on_y = chrom == "chrX", chrom == "chrY"
    if sex == "XX":
        found = pl.when(on_y).then(0).when(chrom == "chrM").then(1).otherwise(2)
    elif sex == "XY":
        single = (on_x & ~inside("chrX")) | (on_y & ~inside("chrY")) | (chrom == "chrM")
        found = pl.when(single).then(1).otherwise(2)
    else:
        found = pl.when(on_x | on_y).then(None).when(chrom == "chrM").then(1).otherwise(2)
    return found.cast(pl.Int8)


def segments(
    chrom: str, length: int, sex: str, par: dict[str, tuple[tuple[int, int], ...]]
) -> list[tuple[int, int, int]]:
    """(start, end, copies) of a canonical chromosome for one sex, covering [0, length).

    `par` is one build's entry of PAR, or the same shape for another reference. Y has 0 copies in
    XX, PAR included: reads there belong to X. M is 1: its calls are haploid by convention.
    """
    if chrom == "chrM":
        return [(0, length, 1)]
    if chrom not in ("chrX", "chrY"):
        return [(0, length, 2)]
    if chrom == "chrX" and sex == "XX":
        return [(0, length, 2)]
    if chrom == "chrY" and sex == "XX":
        return [(0, length, 0)]
    if sex != "XY":
        raise ValueError(f"sex {sex!r}: expected XX or XY to know the copies of {chrom}")
    out, at = [], 0
    for start, end in par.get(chrom, ()):
        out += [(at, start, 1), (start, end, 2)]
        at = end
    out.append((at, length, 1))
    return [(start, min(end, length), n) for start, end, n in out if start < min(end, length)]


def copies_of(chrom: str, pos: int, sex: str, par: Mapping[str, Sequence[Sequence[int]]]) -> int:
    """Copies a person has of one position (1-based); of X and Y those of a woman if unknown."""
    if chrom == "chrM":
        return 1
    if chrom not in ("chrX", "chrY") or (chrom == "chrX" and sex != "XY"):
        return 2
    if sex != "XY":
        return 0
    return 2 if any(start < pos <= end for start, end in par.get(chrom, ())) else 1
