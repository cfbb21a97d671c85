"""A deletion of a whole gene takes one copy or both: by copies, not by counting reads twice."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from interpretation_frames import frame, knowledge

from shirube.cancer.copies import once, segment_stage
from shirube.cancer.drivers import Change, driver_findings
from shirube.contracts import COPY_NUMBER, GENE_MODELS
from shirube.interpret.person import Person

DELETED = Change("PTEN", "T", "gene_deletion", "PTEN deletion", "transcript_ablation", "loss")
SEGMENT = {"chrom": "chr10", "start": 0, "end": 50_000, "log2": 0.0, "bins": 20}
INSIDE = {"chrom": "chr10", "start": 20_000, "end": 40_000, "log2": -0.5, "bins": 20}


def found(
    segments: list[dict[str, Any]], pairs: int, splits: int, depth: int = 60
) -> dict[str, Any]:
    event = {
        "event": "SV1", "origin": "somatic", "svtype": "DEL", "pairs": pairs, "splits": splits,
        "depth": depth, "normal_pairs": 0, "normal_splits": 0, "normal_depth": 30,
        "chrom1": "chr10", "pos1": 20_000, "strand1": "+", "chrom2": "chr10", "pos2": 40_001,
        "strand2": "-", "chrom": "chr10", "pos": 20_000, "ref": "N", "alt": "N[",
    }  # fmt: skip
    table = frame(COPY_NUMBER, *segments)
    known = knowledge()
    (one,) = driver_findings(event, [DELETED], known, set(), {"PTEN": "x"}, table)
    assert (one["second_hit"] is not None) == ("homozygous" in one["name"])
    return one


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
    assert found(segments, pairs, splits)["name"] == wanted


MODEL = {
    "transcript": "T", "gene": "PTEN", "chrom": "chr10", "strand": "+", "start": 24_000,
    "end": 36_000, "cds_start": 25_000, "cds_end": 35_000, "exon_starts": [24_000],
    "exon_ends": [36_000],
}  # fmt: skip


def of_copies(normal: str | None, *segments: dict[str, Any]) -> tuple[list[dict[str, Any]], Any]:
    """Findings and ledger of segments given as records."""
    given = [{**one, "record": number, "filter": "PASS"} for number, one in enumerate(segments)]
    models = frame(GENE_MODELS, MODEL)
    person = Person("P", "XX", "cancer", normal=normal, tumour="T")
    roles = {"PTEN": "tumour_suppressor"}
    table = frame(COPY_NUMBER, *given)
    account = segment_stage(
        person, table, replace(knowledge(), gene_models=models), frozenset(), roles
    )
    return account.findings, pl.concat(account.parts)


@pytest.mark.parametrize(("normal", "origin"), [("N", "somatic"), (None, "unknown")])
def test_copies_of_a_tumour_without_a_normal_may_be_inherited(
    normal: str | None, origin: str
) -> None:
    lost = {**INSIDE, "call": "homozygous_deletion", "total_cn": 0.1}
    (one,), fates = of_copies(normal, lost, {**SEGMENT, "chrom": "chr9", "call": "gain"})
    assert (one["name"], one["origin"]) == ("PTEN homozygous deletion", origin)
    assert fates.sort("record")["alt"].to_list() == ["<DEL>", "<DUP>"]


@pytest.mark.parametrize(
    ("start", "end", "one_event"),
    [(20_000, 40_000, True), (15_000, 45_000, True), (0, 50_000, False)],
)
def test_a_loss_that_depth_and_a_junction_show_is_one_finding(
    start: int, end: int, one_event: bool
) -> None:
    lost = {**INSIDE, "start": start, "end": end, "call": "homozygous_deletion", "total_cn": 0.1}
    (copies,), _ = of_copies("N", lost)
    junction = found([lost], 20, 19) | {"kind": "structural"}
    kept = once([copies, junction])
    assert [f["kind"] for f in kept] == ["structural"] if one_event else len(kept) == 2
    heterozygous = found([{**lost, "call": "loss", "total_cn": 1.0}], 20, 19)
    assert once([copies, heterozygous]) == [copies, heterozygous]
