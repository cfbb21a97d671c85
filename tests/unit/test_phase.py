"""Phase of two alleles from each witness, and from several."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from shirube.phase.pairs import Told, phase_of
from shirube.reads.phase import Fragments, ReadPhase

GERMLINE = {"origin": "germline", "dosage": 1, "ploidy": 2, "phase_set": None, "haplotype": None}
SOMATIC = {"origin": "somatic", "phase_set": None, "haplotype": None}
BLOCK = {"phase_set": 7, "haplotype": 0}
OTHER_SIDE = {"phase_set": 7, "haplotype": 1}
MATERNAL = {"mother_dosage": 1, "father_dosage": 0}
PATERNAL = {"mother_dosage": 0, "father_dosage": 1}


class Shown(ReadPhase):
    """Reads whose counts are given, by the positions of two alleles."""

    def __init__(self, **counts: tuple[int, int, int, int]) -> None:
        object.__setattr__(self, "counts", counts)

    def fragments(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> Fragments | None:
        """The counts of this pair, if there are any."""
        found = self.counts.get(f"p{one['pos']}_{other['pos']}")
        return None if found is None else Fragments(*found)


def pair(
    one: dict[str, Any],
    other: dict[str, Any],
    kind: dict[str, Any] = GERMLINE,
    reads: ReadPhase | None = None,
    thirds: Sequence[dict[str, Any]] = (),
) -> Told:
    first = {"chrom": "chr1", "pos": 10, "ref": "A", "alt": "C", **kind, **one}
    second = {"chrom": "chr1", "pos": 11, "ref": "A", "alt": "C", **kind, **other}
    return phase_of(first, second, reads, thirds)


@pytest.mark.parametrize(
    ("one", "other", "phase", "basis"),
    [
        (BLOCK, OTHER_SIDE, "trans", "caller"),
        (BLOCK, BLOCK, "cis", "caller"),
        (BLOCK, {"phase_set": 9, "haplotype": 0}, "unknown", None),
        (MATERNAL, PATERNAL, "trans", "parents"),
        (MATERNAL, MATERNAL, "cis", "parents"),
        ({**MATERNAL, "father_dosage": None}, PATERNAL, "unknown", None),
        ({"mother_dosage": 1, "father_dosage": 1}, MATERNAL, "unknown", None),
        ({**BLOCK, **MATERNAL}, {**BLOCK, **MATERNAL}, "cis", "caller+parents"),
        ({**BLOCK, **MATERNAL}, {**BLOCK, **PATERNAL}, "unknown", "caller:cis+parents:trans"),
        ({"dosage": 2}, {}, "cis", "homozygous"),
        ({"ploidy": 1}, {"ploidy": 1}, "cis", "homozygous"),
        ({"pos": 11, "alt": "G"}, {}, "trans", "same_site"),
        ({"ref": "AAA", "alt": "A"}, {}, "trans", "same_site"),
        ({"ref": "A", "alt": "AC"}, {}, "unknown", None),
    ],
)
def test_germline(
    one: dict[str, Any], other: dict[str, Any], phase: str, basis: str | None
) -> None:
    told = pair(one, other)
    assert (told.phase, told.basis) == (phase, basis)


@pytest.mark.parametrize(
    ("counts", "phase"),
    [((9, 0, 0, 11), "cis"), ((0, 9, 11, 0), "trans"), ((5, 5, 5, 5), "unknown")],
)
def test_germline_reads(counts: tuple[int, int, int, int], phase: str) -> None:
    told = pair({}, {}, reads=Shown(p10_11=counts))
    assert told.phase == phase
    assert told.fragments == counts


def test_reads_against_the_caller_leave_it_open() -> None:
    told = pair(BLOCK, BLOCK, reads=Shown(p10_11=(0, 9, 11, 0)))
    assert (told.phase, told.basis) == ("unknown", "caller:cis+reads:trans")


@pytest.mark.parametrize(("second", "phase"), [((8, 0, 0, 9), "cis"), ((0, 8, 9, 0), "trans")])
def test_a_third_allele_bridges(second: tuple[int, int, int, int], phase: str) -> None:
    third = {**GERMLINE, "chrom": "chr1", "pos": 400, "ref": "G", "alt": "T"}
    reads = Shown(p10_400=(9, 0, 0, 9), p11_400=second)
    told = pair({}, {}, reads=reads, thirds=[third])
    assert (told.phase, told.basis, told.through) == (phase, "third", "chr1:400 G>T")
    assert pair({}, {}, reads=reads).phase == "unknown"


@pytest.mark.parametrize(
    ("one", "other", "counts", "phase"),
    [
        ({}, {}, (12, 0, 0, 80), "cis"),
        ({}, {}, (12, 30, 0, 80), "cis"),  # the second is of a part of the first's cells
        ({}, {}, (0, 12, 12, 80), "trans"),
        ({"vaf_low": 0.3, "vaf_high": 0.4}, {"vaf_low": 0.1, "vaf_high": 0.2}, (0, 30, 12, 60),
         "clones"),
        ({}, {}, (6, 6, 6, 80), "unknown"),
        ({}, {}, None, "unknown"),
        ({"phase_set": 7}, {"phase_set": 7}, None, "cis"),  # on the same reads
        (BLOCK, OTHER_SIDE, None, "trans"),
        ({"pos": 11, "alt": "G"}, {}, None, "trans"),
    ],
)  # fmt: skip
def test_somatic(
    one: dict[str, Any], other: dict[str, Any], counts: tuple[int, ...] | None, phase: str
) -> None:
    reads = Shown() if counts is None else Shown(p10_11=counts)
    assert pair(one, other, SOMATIC, reads=reads).phase == phase


@pytest.mark.parametrize(
    ("germline", "counts", "phase"),
    [
        ({"dosage": 2}, None, "cis"),
        ({}, (10, 0, 40, 50), "cis"),
        ({}, (0, 10, 40, 50), "trans"),
        ({}, None, "unknown"),
        (BLOCK, None, "unknown"),  # blocks of two files have nothing to do with each other
    ],
)
def test_somatic_beside_germline(
    germline: dict[str, Any], counts: tuple[int, ...] | None, phase: str
) -> None:
    reads = Shown() if counts is None else Shown(p10_11=counts)
    assert pair({**SOMATIC, **BLOCK}, germline, reads=reads).phase == phase
