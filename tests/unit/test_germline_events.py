"""Germline structural events: what they take from a gene, whose they are, what may be said."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from interpretation_frames import FACTS, frame, knowledge, paths

from shirube.contracts import GENE_MODELS, STRUCTURAL, write
from shirube.contracts.knowledge_rare import GENE_DISEASES, GENE_DOSAGE
from shirube.interpret.events import effect, exons_lost, inherited
from shirube.interpret.genes import GeneKnowledge
from shirube.interpret.inputs import Knowledge
from shirube.interpret.person import Person
from shirube.interpretation import interpret
from shirube.rare.family import Family, Relative
from shirube.reasons import text

HEREDITARY = FACTS["hereditary_cancer_genes"].rows_by_key("gene", named=True, unique=True)


def _model(gene: str, chrom: str, start: int, strand: str = "+") -> dict[str, Any]:
    """Four coding exons of 100, 99, 100 and 101 bases, 1 kb apart."""
    starts = [start + 1000 * n for n in range(4)]
    ends = [at + size for at, size in zip(starts, (100, 99, 100, 101), strict=True)]
    return {"transcript": f"ENST_{gene}", "gene": gene, "mane": "MANE Select", "chrom": chrom,
            "strand": strand, "start": start, "end": ends[-1], "cds_start": start,
            "cds_end": ends[-1], "exon_starts": starts, "exon_ends": ends}  # fmt: skip


def _event(name: str, chrom: str, low: int, high: int, **other: object) -> dict[str, Any]:
    row = {"event": name, "origin": "germline", "svtype": "DEL", "chrom1": chrom, "pos1": low,
           "strand1": "+", "chrom2": chrom, "pos2": high, "strand2": "-", "filter": "PASS",
           "pairs": 8, "splits": 6, "depth": 30}  # fmt: skip
    return row | other


@pytest.mark.parametrize(
    ("svtype", "low", "high", "strand", "wanted"),
    [
        ("DEL", 900, 5000, "+", (8, "deletion of the whole coding sequence")),
        ("DEL", 1900, 2300, "+", (4, "deletion of exon 2; in frame")),
        ("DEL", 2900, 3300, "+", (8, "deletion of exon 3; frame shifted")),
        ("DEL", 2900, 3300, "-", (8, "deletion of exon 2; frame shifted")),
        ("DEL", 1900, 4500, "+", (4, "deletion of exons 2 to 4; in frame")),
        ("DEL", 1200, 1900, "+", None),
        ("DUP", 900, 5000, "+", None),
        ("DUP", 2900, 3300, "+", (8, "duplication of exon 3; frame shifted")),
        ("DUP", 2900, 5000, "+", None),  # up to the last exon: nothing is interrupted
        ("DUP", 1900, 2300, "+", None),  # in frame
        ("INV", 2500, 90_000, "+", (8, "broken inside its coding sequence")),
        ("INS", 3050, 3050, "+", (8, "insertion into exon 3")),
        ("INS", 3050, 3050, "-", (8, "insertion into exon 2")),
        ("INS", 2500, 2500, "+", None),  # between exons
    ],
)
def test_what_an_event_takes(
    svtype: str, low: int, high: int, strand: str, wanted: tuple[int, str] | None
) -> None:
    ends = (low, high - 1) if svtype in ("DEL", "DUP") else (low - 1, low)
    model = _model("G", "chr1", 1000, strand) | {"lost_start": ends[0], "lost_end": ends[1]}
    found = effect({"svtype": svtype}, model, None)
    assert (found[:2] if found else None) == wanted
    if found:
        assert not re.search("[A-Za-z]", text(found[1].parts, "ja"))


@pytest.mark.parametrize(
    ("inserted", "points"),
    [("A" * 60, 2), ("A" * 61, 8), ("A" * 30 + "N" + "A" * 30, 8), (None, 8)],
)
def test_an_insertion_is_in_frame_only_where_all_of_it_is_known(
    inserted: str | None, points: int
) -> None:
    model = _model("G", "chr1", 1000) | {"lost_start": 3050, "lost_end": 3051}
    found = effect({"svtype": "INS", "inserted": inserted}, model, None)
    assert found is not None
    assert found[0] == points


def test_a_third_copy_counts_where_clingen_says_so() -> None:
    model = _model("G", "chr1", 1000) | {"lost_start": 900, "lost_end": 5000}
    assert exons_lost(model) == ([1, 2, 3, 4], 400)
    assert effect({"svtype": "DUP"}, model, 3) is not None
    assert effect({"svtype": "DUP"}, model, 1) is None


def _known(*models: dict[str, Any]) -> Knowledge:
    dosage = frame(GENE_DOSAGE, {"gene": "NSD1", "haploinsufficiency": 3})
    genes = GeneKnowledge(GENE_DISEASES.empty(), dosage, hereditary=HEREDITARY)
    return Knowledge(FACTS, gene_models=frame(GENE_MODELS, *models), genes=genes)


BRCA1 = _model("BRCA1", "chr17", 43_000_000)
DELETION = _event("D1", "chr17", 43_002_900, 43_003_300)


@pytest.mark.parametrize(("consent", "shown"), [("yes", 1), (None, 1), ("no", 0)])
def test_a_deleted_exon_of_a_hereditary_gene(
    tmp_path: Path, consent: str | None, shown: int
) -> None:
    person = Person("P", "XX", "cancer", consent_secondary=consent, normal="N", tumour="T")
    files = paths(tmp_path, [], [], [], [], [DELETION])
    found, fates, _ = interpret(person, _known(BRCA1), files, Family())
    assert found.height == shown
    if shown:
        row = found.row(0, named=True)
        assert (row["section"], row["classification"]) == ("germline", "Likely pathogenic")
        assert row["name"] == "BRCA1 deletion of exon 4"
        assert json.loads(row["detail"])["name_ja"] == "BRCA1 エクソン4の欠失"
    else:
        assert fates.select("rule", "value").row(0) == ("outside_question", None)


@pytest.mark.parametrize("at", [48_400_000, 90_000_000])
def test_a_withheld_deletion_looks_like_one_of_nothing(tmp_path: Path, at: int) -> None:
    """FBN1 is on the secondary list; the other place holds no gene."""
    person = Person("P", "XX", "rare", consent_secondary="no", normal="N")
    files = paths(tmp_path, [], [], None, None, [_event("D", "chr15", at - 100, at + 5000)])
    found, fates, _ = interpret(
        person, _known(_model("FBN1", "chr15", 48_400_000)), files, Family()
    )
    assert found.is_empty()
    assert fates.select("fate", "rule", "value", "threshold").row(0) == (
        "filtered",
        "outside_question",
        None,
        "a gene of the question",
    )


@pytest.mark.parametrize(
    ("programme", "asked", "withheld", "chrom", "at"),
    [
        ("rare", "NSD1", "FBN1", "chr15", 48_400_000),
        ("cancer", "BRCA1", "NSD1", "chr17", 43_000_000),
    ],
)
def test_a_gene_left_out_gives_its_neighbour_no_points(
    tmp_path: Path, programme: str, asked: str, withheld: str, chrom: str, at: int
) -> None:
    """One exon of the asked gene and all of the other: as if the other were not there."""
    models = [_model(asked, chrom, at), _model(withheld, chrom, at + 10_000)]
    known = _known(*models)
    table = frame(GENE_DOSAGE, *({"gene": g, "haploinsufficiency": 3} for g in (asked, withheld)))
    genes = GeneKnowledge(GENE_DISEASES.empty(), table, hereditary=HEREDITARY)
    event = _event("D", chrom, at + 2900, at + 20_000)
    person = Person("P", "XX", programme, normal="N", tumour="T" if programme == "cancer" else None)
    told = []
    for number, here in enumerate((models, models[:1])):
        one = replace(known, gene_models=frame(GENE_MODELS, *here), genes=genes)
        files = paths(tmp_path / str(number), None, [], None, None, [event])
        found, _, _ = interpret(person, one, files, Family())
        assert found.height == 1
        told.append(found.to_dicts())
    assert told[0] == told[1]
    assert withheld not in str(told)


@pytest.mark.parametrize(
    ("carrier", "label", "class_"),
    # Both: the whole of a haploinsufficient gene is 1.00 points (2A), whoever it came from.
    [(None, "de_novo", "Pathogenic"), ("mother", "maternal", "Pathogenic")],
)
def test_a_childs_deletion_is_looked_for_in_the_parents(
    tmp_path: Path, carrier: str | None, label: str, class_: str
) -> None:
    deletion = _event("D", "chr5", 177_000_000, 177_009_000)
    relatives = {}
    for role in ("father", "mother"):
        path = tmp_path / f"{role}.parquet"
        # A parent's breakpoints may differ by a few bases.
        own = [deletion | {"pos1": deletion["pos1"] + 3}] if role == carrier else []
        write(frame(STRUCTURAL, *own), STRUCTURAL, path)
        relatives[role] = Relative(role, "", "", False, str(path))
    person = Person("P", "XX", "rare", normal="N")
    files = paths(tmp_path / "own", None, [], None, None, [deletion])
    family = Family(relatives["father"], relatives["mother"])
    known = _known(_model("NSD1", "chr5", 177_001_000))
    found, _, _ = interpret(person, known, files, family)
    row = found.row(0, named=True)
    assert (row["section"], row["inheritance"], row["classification"]) == ("rare", label, class_)
    assert found.schema["kind"] == pl.String


KNOWN = {"uncertain1": 0, "uncertain2": 0}
OPEN = {"uncertain1": None, "uncertain2": None}
DEPTH = {"pairs": None, "splits": None, **OPEN}


@pytest.mark.parametrize(
    ("own", "mother", "expected"),
    [
        (KNOWN, None, "de_novo"),
        (KNOWN, {"filter": "PASS"}, "maternal"),
        (KNOWN, {"filter": "LowSupport"}, "unknown"),  # seen in the mother, if too weakly to call
        (KNOWN, {"filter": "NoGenotype"}, "de_novo"),  # a joint file says that she has it not
        (KNOWN, {"filter": "Duplicate"}, "de_novo"),
        (KNOWN, {"pos1": 200, **KNOWN}, "de_novo"),  # ends to the base, and they differ
        (KNOWN, {"pos1": 200, "uncertain1": 150, "uncertain2": 0}, "maternal"),
        (OPEN, {"pos1": 1200, **OPEN}, "maternal"),  # most of both is shared
        (OPEN, {"pos1": 8000, **OPEN}, "de_novo"),  # the mother's is a small part of it
        (DEPTH, None, "unknown"),  # no call of depth is no proof that a parent has it not
        (DEPTH, {"filter": "Caller"}, "unknown"),
        (DEPTH, {"pos1": 1200, **DEPTH}, "maternal"),
    ],
)
def test_whose_an_event_is(
    own: dict[str, object], mother: dict[str, object] | None, expected: str
) -> None:
    event = _event("D", "chr5", 177_000_000, 177_009_000)
    child = event | own
    rows = []
    if mother is not None:
        moved = {k: v + event["pos1"] if k == "pos1" else v for k, v in mother.items()}
        rows = [event | KNOWN | {"filter": "PASS"} | moved]
    parents = {"father": frame(STRUCTURAL), "mother": frame(STRUCTURAL, *rows)}
    assert inherited(child, parents) == expected


def test_filtered_events_are_not_looked_at(tmp_path: Path) -> None:
    person = Person("P", "XX", "cancer", normal="N", tumour="T")
    files = paths(tmp_path, [], [], [], [], [DELETION | {"filter": "LowSupport"}])
    found, fates, _ = interpret(person, _known(BRCA1), files, Family())
    assert found.is_empty()
    assert fates["rule"].to_list() == ["LowSupport"]
    assert knowledge().genes.of("BRCA1").loss is None
