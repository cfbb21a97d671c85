"""A deletion of a whole gene takes one copy or both: by copies, not by counting reads twice."""

from typing import Any

import pytest
from interpretation_frames import frame, knowledge

from shirube.cancer.drivers import Change, driver_findings
from shirube.contracts import COPY_NUMBER

DELETED = Change("PTEN", "T", "gene_deletion", "PTEN deletion", "transcript_ablation", "loss")
SEGMENT = {"chrom": "chr10", "start": 0, "end": 50_000, "log2": 0.0, "bins": 20}
INSIDE = {"chrom": "chr10", "start": 20_000, "end": 40_000, "log2": -0.5, "bins": 20}


def name(segments: list[dict[str, Any]], pairs: int, splits: int, depth: int = 60) -> str:
    event = {
        "event": "SV1", "origin": "somatic", "svtype": "DEL", "pairs": pairs, "splits": splits,
        "depth": depth, "normal_pairs": 0, "normal_splits": 0, "normal_depth": 30,
        "chrom1": "chr10", "pos1": 20_000, "strand1": "+", "chrom2": "chr10", "pos2": 40_001,
        "strand2": "-", "chrom": "chr10", "pos": 20_000, "ref": "N", "alt": "N[",
    }  # fmt: skip
    table = frame(COPY_NUMBER, *segments)
    known = knowledge()
    (found,) = driver_findings(event, [DELETED], known, set(), {"PTEN": "x"}, table)
    assert (found["second_hit"] is not None) == ("homozygous" in found["name"])
    return str(found["name"])


@pytest.mark.parametrize(
    ("segments", "pairs", "splits", "homozygous"),
    [
        ([{**INSIDE, "call": "loss", "total_cn": 1.1}], 26, 25, False),
        ([{**INSIDE, "call": "loss", "total_cn": 1.1}], 58, 57, False),
        ([{**INSIDE, "call": "unknown", "total_cn": 0.7}], 50, 50, False),
        # At a purity of a third no share of reads comes near all of them.
        ([{**INSIDE, "call": "homozygous_deletion", "total_cn": 0.1}], 20, 19, True),
        # Copies unknown, or not measured there: by the reads, each kind for itself.
        ([{**INSIDE, "call": "unknown"}], 26, 25, False),
        ([{**INSIDE, "call": "unknown"}], 50, 20, True),
        ([{**SEGMENT, "chrom": "chr9", "call": "neutral", "total_cn": 2.0}], 20, 55, True),
        ([], 40, 40, False),
        ([], 46, 0, True),
    ],
)
def test_both_copies_are_lost_by_copies_before_reads(
    segments: list[dict[str, Any]], pairs: int, splits: int, homozygous: bool
) -> None:
    wanted = "PTEN homozygous deletion" if homozygous else "PTEN deletion"
    assert name(segments, pairs, splits) == wanted
