"""Hotspots and alleles of tier I or II that a filter removed are named in every rendering."""

import html
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from interpretation_frames import allele, candidate, described, frame, item, knowledge, paths
from report_case import inputs, rows

from shirube.cancer.withheld import withheld
from shirube.contracts import FILTERS, WITHHELD
from shirube.contracts.knowledge_cancer import HOTSPOTS
from shirube.report.exchange.fhir import bundle
from shirube.report.exchange.phenopacket import phenopacket
from shirube.report.model import checked, report
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.document import document
from shirube.report.page.html import html as html_page
from shirube.report.schema import report_schema

SPOT = allele("chr17", 7_675_088, "C", "T")
NAMED = described(
    SPOT, "TP53", "missense_variant", hgvs_p="p.Arg175His", hgvs_c="c.524G>A", protein_pos=175
)
HOTSPOT = {"gene": "TP53", "residue": 175, "reference": "Arg", "change": "His", "tumours": 320,
           "all": 350, "kind": "single residue", "source": "hotspots"}  # fmt: skip
OF_READS = sorted(set(FILTERS) - {"PASS", "Unplaced", "NotSmall", "NoGenotype"})


def found(folder: Path, hotspot: bool = True, level: str | None = None, **row: object) -> list[str]:
    """Filters of what is withheld of one candidate."""
    evidence = [] if level is None else [
        item(gene="TP53", variant="R175H", hgvs_p="p.Arg175His", codon=175, level=level,
             oncotree="LUAD")
    ]  # fmt: skip
    known = knowledge(evidence)
    if hotspot:
        known = replace(known, hotspots=frame(HOTSPOTS, HOTSPOT))
    files = paths(folder, annotation=[NAMED], somatic=[candidate(SPOT, **row)])
    return withheld(known, files, frozenset({"LUAD"}))["filter"].to_list()


@pytest.mark.parametrize("name", OF_READS)
def test_a_hotspot_is_named_whatever_filter_removed_it(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, filter=name) == [name]


def test_every_filter_it_fails_is_told(tmp_path: Path) -> None:
    assert found(tmp_path, filter="LowLOD;StrandBias") == ["LowLOD;StrandBias"]


def test_a_treatable_allele_is_named_and_any_other_is_not(tmp_path: Path) -> None:
    assert found(tmp_path / "a", hotspot=False, level="A", filter="LowLOD") == ["LowLOD"]
    assert found(tmp_path / "b", hotspot=False, filter="LowLOD") == []


def test_what_is_kept_inherited_or_elsewhere_is_not_withheld(tmp_path: Path) -> None:
    assert found(tmp_path / "a", filter="PASS") == []
    inherited = {"filter": "Germline", "normal_ad": 19, "normal_dp": 40}
    assert found(tmp_path / "b", **inherited) == []
    assert found(tmp_path / "c", filter="Germline", normal_ad=3, normal_dp=40) == ["Germline"]
    assert found(tmp_path / "d", filter="Unplaced") == []
    assert found(tmp_path / "e", filter="LowLOD", normal_ad=None, normal_dp=None) == ["LowLOD"]


TABLE = rows(
    WITHHELD,
    {
        "finding": "snv:chr7:55181378:C:T",
        "chrom": "chr7",
        "pos": 55_181_378,
        "ref": "C",
        "alt": "T",
        "gene": "EGFR",
        "consequence": "missense_variant",
        "hgvs_p": "p.Thr790Met",
        "name": "EGFR p.Thr790Met",
        "filter": "LowLOD;StrandBias",
        "dp": 140,
        "ad_alt": 3,
        "vaf": 3 / 140,
        "normal_dp": 40,
        "normal_ad": 0,
        "amp_tier": "I-A",
        "hotspot": 12,
    },
)


def test_every_rendering_names_it_and_says_why() -> None:
    model = report(**inputs(withheld=TABLE))
    checked(model, report_schema())
    assert model["withheld"][0]["filters"] == ["LowLOD", "StrandBias"]
    for language in ("ja", "en"):
        say = Catalogue(language)
        page = html.unescape(html_page(document(model, "0" * 64, language)))
        assert page.count("EGFR p.Thr790Met") >= 2  # on the first page, and in its table
        assert say.message("withheld.note") in page
        for rule in ("LowLOD", "StrandBias"):
            assert say.term("rule", rule) in page
    notes = json.dumps(bundle(model, "0" * 64))
    assert "seen, filtered because LowLOD, StrandBias: EGFR p.Thr790Met, 3 of 140 reads" in notes
    assert "EGFR p.Thr790Met" in json.dumps(phenopacket(model, "0" * 64))


def test_its_codon_is_not_called_absent() -> None:
    plain = report(**inputs())
    codons = [r for r in plain["not_found"] if r["kind"] == "codon"]
    assert codons
    targets = inputs()["targets"]["LUNG01-T"]
    row = targets.filter(kind="codon", gene=codons[0]["gene"], number=codons[0]["number"]).row(
        0, named=True
    )
    there = TABLE.with_columns(
        chrom=pl.lit(row["chrom"]).cast(WITHHELD.schema["chrom"]),
        pos=pl.lit(row["starts"][0] + 1, pl.Int32),
    )
    model = report(**inputs(withheld=there))
    key = (codons[0]["gene"], "codon", codons[0]["number"])
    assert key not in {(r["gene"], r["kind"], r["number"]) for r in model["not_found"]}
    unknown = {(r["gene"], r["kind"], r["number"]): r["reason"] for r in model["not_assessable"]}
    assert unknown[key] == "filtered_record"


def test_nothing_is_said_of_a_blocked_report() -> None:
    gate = {"value": 0.4, "low": 0.9, "action": "block", "verdict": "fail"}
    from report_case import quality

    blocked = {"LUNG01-N": quality("LUNG01-N"), "LUNG01-T": quality("LUNG01-T", tumour_match=gate)}
    assert report(**inputs(withheld=TABLE, quality=blocked))["withheld"] == []
