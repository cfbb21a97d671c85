"""The EML4::ALK fusion of a real targeted panel, and a cell line without it."""

import os
from pathlib import Path

import polars as pl
import pytest

from shirube.calling.structural.adjacency import Reference
from shirube.calling.structural.calling import Limits, Sample, call_structural
from shirube.calling.structural.fusion import fusions
from shirube.genome.intervals import Interval
from shirube.knowledge.genemodels import read_gene_models
from shirube.reads.junctions import sample_junctions

REALDATA = Path(os.environ.get("REALDATA", "../shared/realdata"))
KNOWLEDGE = Path(os.environ.get("KNOWLEDGE", "../shared/knowledge"))
PANEL = REALDATA / "dnafusion-eml4alk"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not PANEL.is_dir(), reason=f"no real data at {PANEL}"),
]
FASTA = str(PANEL / "chr2.alk_eml4.from_md.fa.gz")
ALK = Interval("chr2", 29_192_774, 29_921_586)
EML4 = Interval("chr2", 42_169_353, 42_332_548)
ARTEFACTS = (29_228_916, 29_228_923, 29_222_430)
LIMITS = Limits()


def sample(name: str, regions: list[Interval]) -> Sample:
    path = str(PANEL / f"{name}_EML4.bam")
    arguments = (LIMITS.min_mapq, LIMITS.max_insert, LIMITS.min_clip)
    return Sample(sample_junctions(path, FASTA, regions, *arguments), LIMITS.min_mapq)


def called(tumour: Sample, normal: Sample | None = None) -> pl.DataFrame:
    return call_structural(tumour, normal, Reference(FASTA), lambda adjacency, role: 0, LIMITS)


@pytest.mark.parametrize("regions", [[ALK, EML4], [ALK]], ids=["both genes", "ALK alone"])
def test_h3122_has_the_fusion_to_the_base(regions: list[Interval]) -> None:
    table = called(sample("H3122", regions)).filter(filter="PASS")
    assert table.height == 1
    fusion = table.row(0, named=True)
    assert abs(fusion["pos1"] - 29_223_741) <= 10
    assert abs(fusion["pos2"] - 42_299_750) <= 10
    assert (fusion["strand1"], fusion["strand2"], fusion["svtype"]) == ("+", "+", "INV")
    assert fusion["pairs"] >= 70
    assert fusion["splits"] >= 20
    assert fusion["origin"] == "unknown"


def test_hcc827_has_none_and_artefact_piles_are_refused() -> None:
    control = sample("HCC827", [ALK, EML4])
    assert called(control).is_empty()
    heights = [len(control.clips["chr2", strand, pos]) for pos in ARTEFACTS for strand in "+-"]
    assert max(heights) > 100, "the piles are in the data"
    cancer = called(sample("H3122", [ALK, EML4]))
    for pos in ARTEFACTS:
        near = (pl.col("pos1") - pos).abs().le(50) | (pl.col("pos2") - pos).abs().le(50)
        assert cancer.filter(near).is_empty()


def test_normal_evidence_decides_the_origin() -> None:
    cancer, control = sample("H3122", [ALK, EML4]), sample("HCC827", [ALK, EML4])
    assert called(cancer, control)["origin"].to_list() == ["somatic"]
    assert called(cancer, cancer)["origin"].to_list() == ["germline"]


@pytest.mark.skipif(not KNOWLEDGE.is_dir(), reason=f"no knowledge at {KNOWLEDGE}")
def test_breakpoints_make_eml4_alk_in_frame() -> None:
    models = read_gene_models(
        KNOWLEDGE / "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz"
    ).filter(chrom="chr2")
    table = fusions(called(sample("H3122", [ALK, EML4])), models)
    fusion = table.row(0, named=True)
    assert (fusion["name"], fusion["frame"]) == ("EML4::ALK", "in_frame")
    assert (fusion["place3"], fusion["exon3"]) == ("intron 19", 20)
    assert fusion["exon5"] == 13
