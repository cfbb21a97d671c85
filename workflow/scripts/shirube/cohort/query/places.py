"""Places of the genome that questions are about."""

from dataclasses import dataclass

Allele = tuple[int, str, str]  # 1-based pos, ref, alt


@dataclass(frozen=True)
class Place:
    """0-based [start, end) of a chromosome; `alleles` limits it to (pos, ref, alt) if not None."""

    chrom: str
    start: int
    end: int
    alleles: frozenset[Allele] | None = None


def of_allele(chrom: str, pos: int, ref: str, alt: str) -> Place:
    """The place of one allele (1-based `pos`)."""
    return Place(chrom, pos - 1, pos, frozenset({(pos, ref, alt)}))
