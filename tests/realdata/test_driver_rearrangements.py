"""Rearrangements that are drivers without a fusion, on MANE Select's own introns."""

import csv
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from shirube.cancer.drivers import changes_of, driver_findings, reported
from shirube.contracts import COPY_NUMBER
from shirube.genome.transcripts import one_coding_transcript
from shirube.interpret.curated import curated_tables
from shirube.interpret.inputs import Knowledge
from shirube.knowledge.civic import read_civic, tumour_codes
from shirube.knowledge.genemodels import read_gene_models

REPOSITORY = Path(__file__).parents[2]
KNOWLEDGE = Path(os.environ.get("KNOWLEDGE", REPOSITORY / "../shared/knowledge"))
MODELS = KNOWLEDGE / "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz"
EVENTS = REPOSITORY / "tests/cases/driver-rearrangements/events.tsv"
TABLES = ("driver_events", "enhancer_loci", "rearranged_genes", "cancer_genes", "civic_levels",
          "japan_approvals")  # fmt: skip
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not MODELS.is_file(), reason=f"no gene models at {MODELS} (KNOWLEDGE)"),
]
# event -> (name begins with, oncogenic class)
RIGHT = {
    "egfr-viii": "EGFRvIII",
    "met-exon14": "MET exon 14 skipping",
    "egfr-kdd": "EGFR kinase domain duplication",
    "fgfr1-kdd": "FGFR1 kinase domain duplication",
    "cdkn2a-small-homdel": "CDKN2A homozygous deletion",
    "pten-break": "PTEN disruption",
    "tp53-intron1": "TP53 disruption",
    "rb1-exons": "RB1 exons 3-15 deletion",
    "igh-bcl2": "IGH::BCL2",
    "igh-myc": "IGH::MYC",
    "tert-promoter": "TERT rearranged upstream",
}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    tables = [str(REPOSITORY / f"resources/{name}.tsv") for name in TABLES]
    civic = KNOWLEDGE / "civic"
    evidence = read_civic(
        civic / "civic_evidence_accepted_2025-05.tsv",
        civic / "civic_variants_2025-05.tsv",
        "2025-05",
        tumour_codes(REPOSITORY / "resources/doid_oncotree.tsv", None),
    )
    return Knowledge(
        curated_tables(tables), gene_models=read_gene_models(MODELS),
        evidence=evidence,
    )  # fmt: skip


def findings(row: dict[str, str], knowledge: Knowledge, support: int = 40) -> list[dict[str, Any]]:
    event = {
        "event": row["event"], "chrom1": row["chrom1"], "pos1": int(row["pos1"]),
        "strand1": row["strand1"], "chrom2": row["chrom2"], "pos2": int(row["pos2"]),
        "strand2": row["strand2"], "svtype": "BND", "pairs": support, "splits": 0, "depth": 40,
        "normal_pairs": 0, "normal_splits": 0, "normal_depth": 30, "origin": "somatic",
        "chrom": row["chrom1"], "pos": int(row["pos1"]), "ref": "N", "alt": "N[",
    }  # fmt: skip
    roles = knowledge.column("cancer_genes", "gene", "role")
    select = one_coding_transcript(knowledge.gene_models)
    found = changes_of(event, select, knowledge, roles, "GRCh38")
    codes = {"NSCLC", "LUAD"}
    return driver_findings(event, found, knowledge, codes, roles, COPY_NUMBER.empty())


def rows() -> list[dict[str, str]]:
    with EVENTS.open() as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["event"])
@pytest.mark.parametrize("mirrored", [False, True], ids=["as written", "mate first"])
def test_a_driver_has_its_name(row: dict[str, str], mirrored: bool, knowledge: Knowledge) -> None:
    if mirrored:
        swapped = {
            f"{k}{n}": row[f"{k}{3 - n}"] for k in ("chrom", "pos", "strand") for n in (1, 2)
        }
        row = {**row, **swapped}
    kept = [one for one in findings(row, knowledge) if reported(one)]
    named = [one["name"] for one in kept if one["name"].startswith(RIGHT[row["event"]])]
    assert len(named) == 1, [one["name"] for one in kept]
    assert {one["oncogenicity"] for one in kept} == {"Likely oncogenic"}


def test_exon_14_of_met_has_its_drugs(knowledge: Knowledge) -> None:
    row = next(row for row in rows() if row["event"] == "met-exon14")
    (found,) = findings(row, knowledge)
    assert (found["amp_tier"], found["japan_level"]) == ("I-A", "A")
    drugs = {item["therapies"] for item in found["evidence"]}
    assert {"tepotinib", "capmatinib"} <= drugs


def test_viii_has_civics_evidence(knowledge: Knowledge) -> None:
    row = next(row for row in rows() if row["event"] == "egfr-viii")
    (found,) = findings(row, knowledge)
    assert any(item["source"] == "CIViC" for item in found["evidence"])


@pytest.mark.parametrize(
    ("chrom1", "pos1", "strand1", "chrom2", "pos2", "strand2"),
    [
        # Both ends in one intron of TP53 (7681999 lies in intron 1): no exon is touched.
        ("chr17", 7681000, "+", "chr17", 7681999, "-"),
        ("chr17", 7681000, "+", "chr17", 7681999, "+"),
        # Between genes on both sides.
        ("chr10", 88600000, "+", "chr10", 88610000, "-"),
        # IGH with itself: the normal rearrangement of a B cell.
        ("chr14", 105863500, "+", "chr14", 106300000, "-"),
        # IGH far from any gene it activates.
        ("chr14", 105863500, "-", "chr5", 4000000, "-"),
    ],
)  # fmt: skip
def test_what_breaks_nothing_is_no_finding(
    chrom1: str, pos1: int, strand1: str, chrom2: str, pos2: int, strand2: str,
    knowledge: Knowledge,
) -> None:  # fmt: skip
    row = {"event": "x", "chrom1": chrom1, "pos1": str(pos1), "strand1": strand1,
           "chrom2": chrom2, "pos2": str(pos2), "strand2": strand2}  # fmt: skip
    assert not findings(row, knowledge)


def test_one_copy_is_not_called_homozygous(knowledge: Knowledge) -> None:
    row = next(row for row in rows() if row["event"] == "cdkn2a-small-homdel")
    names = [one["name"] for one in findings(row, knowledge, support=15)]
    assert "CDKN2A deletion" in names


def test_every_named_event_fits_its_transcript(knowledge: Knowledge) -> None:
    """Exon numbers of driver_events are those of MANE Select, and their loss is in frame."""
    select = one_coding_transcript(knowledge.gene_models)
    for row in knowledge.curated["driver_events"].rows(named=True):
        (model,) = select.filter(pl.col("gene") == row["gene"]).rows(named=True)
        spans = list(zip(model["exon_starts"], model["exon_ends"], strict=True))
        if model["strand"] == "-":
            spans.reverse()
        chosen = spans[int(row["first_exon"]) - 1 : int(row["last_exon"])]
        bases = sum(
            max(0, min(e, model["cds_end"]) - max(s, model["cds_start"])) for s, e in chosen
        )
        reaches_end = int(row["last_exon"]) == len(spans)
        assert bases % 3 == 0 or reaches_end, (row["gene"], row["name_en"], bases % 3)
