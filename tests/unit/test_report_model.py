"""The report model: what stands in it, in which order, and what must not."""

import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from report_case import (
    BRCA1,
    EGFR,
    FUSION,
    PATIENT,
    SECONDARY,
    clinical_evidence,
    evidence,
    findings,
    inputs,
    oncotree,
    quality,
    rows,
    target_table,
)

from shirube.contracts import LEDGER
from shirube.contracts.family import PEDIGREE
from shirube.contracts.samples import TARGETS
from shirube.errors import InputError
from shirube.report.fates import AGAIN, borderline_records
from shirube.report.findings import evidence_group, panel
from shirube.report.model import (
    VERSION,
    ReportError,
    canonical_bytes,
    checked,
    loaded,
    report,
    written,
)
from shirube.report.negatives import own_codes, relevance
from shirube.report.schema import report_schema

# Version of the model -> digest of its schema: a changed schema is a new version.
SCHEMAS = {"1.20.0": "2b568ed2df12246c"}
LUAD = own_codes(oncotree(), "LUAD")


def test_what_was_judged_and_not_reported_is_listed() -> None:
    """Best place first, a few of each rule; what was filtered or not asked for is not there."""
    base = {"stage": "germline", "sample": "N", "chrom": "chr1", "ref": "A", "alt": "C"}
    wanted = "score from 0.3"
    told = [("tiered", "rare_score", f"0.10, place {n}, Uncertain significance") for n in range(30)]
    told += [("tiered", "consequence", "intron_variant"), ("filtered", "frequency", "0.2")]
    told += [("filtered", "outside_question", None), ("reported", "rare_score", "0.9, place 1")]
    rows_ = [
        base | {"record": n, "pos": 1000 - n, "fate": f, "rule": r, "value": v, "threshold": wanted}
        for n, (f, r, v) in enumerate(told)
    ]
    found = borderline_records(LEDGER.table(pl.DataFrame(rows_, schema=LEDGER.polars)))
    assert [r["value"].split(", ")[1] for r in found] == [f"place {n}" for n in range(AGAIN)]
    assert {r["rule"] for r in found} == {"rare_score"}


def test_a_changed_schema_has_a_new_version() -> None:
    text = json.dumps(report_schema(), sort_keys=True, ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == SCHEMAS[VERSION]


def test_model_fits_its_schema_and_survives_the_file(tmp_path: Path) -> None:
    model = report(**inputs())
    digest = written(model, report_schema(), tmp_path / "report.json")
    assert loaded(tmp_path / "report.json", report_schema()) == (model, digest)


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        (lambda m: m.update(more=1), "(top)"),
        (lambda m: m["findings"][0]["reads"].update(vaf=1.2), "findings/0/reads/vaf"),
        (lambda m: m["not_found"][0].pop("gene"), "not_found/0"),
        (lambda m: m.update(build="hg18"), "build"),
    ],
)
def test_schema_refuses(damage: Callable[[dict[str, Any]], None], place: str) -> None:
    model = copy.deepcopy(report(**inputs()))
    damage(model)
    with pytest.raises(ReportError) as refused:
        checked(model, report_schema())
    assert place in str(refused.value)


def test_nothing_is_written_when_the_model_breaks_the_schema(tmp_path: Path) -> None:
    with pytest.raises(ReportError):
        written({**report(**inputs()), "build": "hg18"}, report_schema(), tmp_path / "r.json")
    assert not (tmp_path / "r.json").exists()


def test_summary_holds_what_can_be_acted_on_therapy_first() -> None:
    quiet = {**EGFR, "finding": "snv:quiet", "amp_tier": "III", "japan_level": None, "rank": 2}
    resistant = {**quiet, "finding": "snv:resistant", "japan_level": "R", "rank": 3}
    model = report(**inputs(finding_table=findings(EGFR, quiet, resistant, FUSION, BRCA1)))
    assert [(s["finding"], s["reason"]) for s in model["summary"]] == [
        (EGFR["finding"], "therapy"),
        (FUSION["finding"], "therapy"),
        ("snv:resistant", "resistance"),
        (BRCA1["finding"], "germline"),
    ]


def test_evidence_on_prognosis_alone_bears_on_no_therapy() -> None:
    said = evidence(1, level="B", significance="Poor Outcome", therapies=None)
    marker = {**EGFR, "finding": "snv:marker", "japan_level": None, "evidence": [said]}
    model = report(**inputs(finding_table=findings(marker, FUSION, BRCA1)))
    assert [s["reason"] for s in model["summary"]] == ["therapy", "diagnosis", "germline"]
    assert model["summary"][1]["finding"] == "snv:marker"


def test_secondary_findings_need_consent() -> None:
    table = findings(EGFR, SECONDARY)
    refused = report(**inputs(finding_table=table))
    assert "BRCA2" not in canonical_bytes(refused).decode()
    for answer in (None, "no"):
        patient = {**PATIENT, "consent_secondary": answer}
        assert not report(**inputs(finding_table=table, patient=patient))["secondary"]["consented"]
    patient = {**PATIENT, "consent_secondary": "yes"}
    allowed = report(**inputs(finding_table=table, patient=patient))
    assert [f["gene"] for f in allowed["findings"]] == ["EGFR", "BRCA2"]


def test_unknown_section_is_refused_not_dropped() -> None:
    with pytest.raises(InputError):
        report(**inputs(finding_table=findings({**EGFR, "section": "elsewhere"})))


def searched_by_name() -> tuple[dict[str, Any], dict[str, Any]]:
    model = report(**inputs())
    return tuple(
        {f"{r['gene']} {r['kind']} {r['number'] or ''}".strip(): r for r in model[part]}
        for part in ("not_found", "not_assessable")
    )


def test_a_negative_needs_reads_and_no_filtered_record() -> None:
    negative, unknown = searched_by_name()
    assert sorted(negative) == [
        "BRAF coding",
        "EGFR codon 790",
        "KRAS coding",
        "RET fusion",
    ]
    assert {name: row["reason"] for name, row in unknown.items()} == {
        "EGFR codon 719": "not_callable",
        "EGFR codon 861": "filtered_record",
        "ERBB2 coding": "partly_callable",
        "MET coding": "no_reads",
        "ROS1 fusion": "not_requested",
        "PIK3CA coding": "not_measured",
    }


def test_what_a_finding_answers_is_not_called_absent() -> None:
    negative, unknown = searched_by_name()
    answered = {"EGFR coding", "EGFR codon 858", "ALK fusion"}
    assert answered.isdisjoint({**negative, **unknown})


def test_detectable_fraction_is_stated_for_most_and_for_the_worst_base() -> None:
    negative, _ = searched_by_name()
    assert 0.05 < negative["KRAS coding"]["detectable_vaf"] < 0.10
    assert negative["KRAS coding"]["detectable_vaf_worst"] is None  # two reads are no call


def test_a_shallow_normal_hides_what_a_deep_tumour_shows() -> None:
    deep, shallow = target_table(), target_table().with_columns(low_depth=2, min_depth=2)
    shallow = shallow.cast(dict(TARGETS.schema))
    model = report(**inputs(targets={"LUNG01-T": deep, "LUNG01-N": shallow}))
    braf = next(r for r in model["not_assessable"] if r["gene"] == "BRAF")
    assert braf["reason"] == "depth_low"  # a germline allele cannot be told from a somatic one
    assert "BRAF" not in {r["gene"] for r in model["not_found"]}


def test_without_depths_nothing_is_absent() -> None:
    unread = target_table().with_columns(
        pl.lit(None, pl.Float64).alias("mean_depth"),
        pl.lit(None, pl.Int32).alias("low_depth"),
        pl.lit(None, pl.Int32).alias("min_depth"),
    )
    model = report(**inputs(targets={"LUNG01-N": unread, "LUNG01-T": unread}))
    assert model["not_found"] == []


def test_targets_of_the_patients_disease_come_first() -> None:
    genes = [row["gene"] for row in report(**inputs())["not_found"]]
    assert genes == ["BRAF", "RET", "KRAS", "EGFR"]
    patient = {**PATIENT, "diagnosis": "BRCA"}
    assert report(**inputs(patient=patient))["not_assessable"][0]["gene"] == "PIK3CA"


def test_evidence_for_a_broader_disease_is_the_patients_own() -> None:
    assert LUAD == ["LUAD", "NSCLC", "LUNG", "TISSUE", "SOLID"]
    assert own_codes(oncotree(), None) == []
    found = relevance(clinical_evidence(), LUAD)
    assert dict(found.select("gene", "own_disease").iter_rows())["EGFR"]
    assert not relevance(clinical_evidence(), [])["own_disease"].any()


@pytest.mark.parametrize(
    ("direction", "significance", "group"),
    [
        ("Supports", "Sensitivity/Response", "sensitivity"),
        ("Supports", "Resistance", "resistance"),
        ("Does Not Support", "Sensitivity/Response", "other"),
        ("Does Not Support", "Resistance", "other"),
        (None, "Poor Outcome", "other"),
    ],
)
def test_evidence_that_does_not_support_never_reads_as_support(
    direction: str | None, significance: str, group: str
) -> None:
    item = {"source": "CIViC", "direction": direction, "significance": significance}
    assert evidence_group(item) == group


@pytest.mark.parametrize(
    ("level", "verdict"),
    [
        ("A", "may_omit"),
        ("R", "may_omit"),
        ("B", "agreed_list"),
        ("C", "agreed_list"),
        ("D", "needed"),
    ],
)
def test_panel_discussion(level: str, verdict: str) -> None:
    found = panel(level)
    assert found is not None
    assert found["verdict"] == verdict
    assert "MHLW" in found["source"]
    assert panel(None) is None


def test_model_does_not_depend_on_the_order_of_rows() -> None:
    given = inputs()
    turned = inputs(ledger=given["ledger"].reverse(), evidence=given["evidence"].reverse())
    assert canonical_bytes(report(**given)) == canonical_bytes(report(**turned))


@pytest.mark.parametrize(
    ("gates", "verdict", "blocked"),
    [
        ({}, "pass", False),
        ({"depth": None}, "unknown", False),
        ({"depth": 91.0}, "warn", False),
        ({"contamination": {"action": "watermark", "verdict": "fail"}}, "fail", False),
        ({"tumour_match": {"action": "block", "verdict": "fail"}}, "fail", True),
        ({"tumour_match": {"action": "block", "verdict": "unknown"}}, "pass", False),
        ({"callable": {"action": "warn", "verdict": "fail"}}, "warn", False),
    ],
)
def test_quality_is_the_worst_gate(gates: dict[str, Any], verdict: str, blocked: bool) -> None:
    tables = {"LUNG01-N": quality("LUNG01-N"), "LUNG01-T": quality("LUNG01-T", **gates)}
    model = report(**inputs(quality=tables))
    checked(model, report_schema())
    assert model["quality"]["verdict"] == verdict
    assert model["quality"]["blocked"] is blocked
    assert bool(model["findings"]) is not blocked
    assert "insert_size" not in {gate["gate"] for gate in model["quality"]["gates"]}


def test_json_is_canonical() -> None:
    data = canonical_bytes(report(**inputs()))
    assert data == canonical_bytes(json.loads(data))


def identity(verdict: str) -> pl.DataFrame:
    row = {"gate": "kinship_father", "sample": "LUNG01-N", "relative": "FATHER01"}
    return rows(PEDIGREE, {**row, "value": 0.01, "threshold": 0.177, "verdict": verdict})


def test_a_sample_of_another_person_blocks_the_report() -> None:
    model = report(**inputs(pedigree=identity("fail")))
    checked(model, report_schema())
    assert model["quality"]["blocked"]
    assert model["quality"]["verdict"] == "fail"
    empty = ("findings", "summary", "not_found", "not_assessable")
    assert [model[part] for part in empty] == [[], [], [], []]
    assert model["pharmacogenomics"]["status"] == "blocked"
    assert "EGFR" not in canonical_bytes(model).decode()


@pytest.mark.parametrize("verdict", ["pass", "unknown"])
def test_an_identity_that_is_not_refuted_does_not_block(verdict: str) -> None:
    model = report(**inputs(pedigree=identity(verdict)))
    assert not model["quality"]["blocked"]
    assert model["quality"]["verdict"] == "warn"  # the depth alone
    assert model["findings"]
