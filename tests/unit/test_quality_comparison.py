"""Samples beside each other: who is unlike the rest, and what MultiQC is told."""

import json
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

from shirube.contracts import QUALITY
from shirube.quality.comparison import MIN_PEERS, comparison, distribution_gate
from shirube.quality.gates import Measure, gate_rows
from shirube.quality.multiqc import sections

GATES = {
    "distribution": {"max": 6, "action": "warn"},
    "mean_depth_normal": {"min": 20, "action": "warn"},
}


def measured(sample: str, depth: float | None, duplicates: float = 0.04) -> pl.DataFrame:
    return gate_rows(
        sample,
        [
            Measure("mean_depth", depth, 1000, "mean depth", "mean_depth_normal"),
            Measure("duplicates", duplicates, 1000, "duplicates"),
            Measure("sex_depth", 1.0, 1000, "sex"),
        ],
        GATES,
    )


def run_of(people: int, **odd: float | None) -> tuple[dict[str, pl.DataFrame], dict[str, str]]:
    depths: dict[str, float | None] = {f"S{n:02d}": 30 + n % 5 for n in range(people)}
    depths |= odd
    return {s: measured(s, d) for s, d in depths.items()}, dict.fromkeys(depths, "normal")


def test_an_outlier_is_named_and_the_others_are_not() -> None:
    tables, kinds = run_of(20, ODD=90.0)
    compared = comparison(tables, kinds)
    verdicts = {s: distribution_gate(compared, s, GATES).row(0, named=True) for s in tables}
    assert {s for s, row in verdicts.items() if row["verdict"] == "fail"} == {"ODD"}
    assert "mean_depth 90; median of 21 samples of this kind 32" in verdicts["ODD"]["reason"]


def test_scores_are_distances_from_the_median_in_spreads() -> None:
    compared = comparison(*run_of(20))
    row = compared.row(
        by_predicate=(pl.col("sample") == "S04") & (pl.col("metric") == "mean_depth"), named=True
    )
    assert (row["median"], row["peers"]) == (32.0, 20)
    assert row["spread"] == pytest.approx(1.4826)
    assert row["score"] == pytest.approx((34 - 32) / 1.4826)


def test_few_samples_are_not_compared() -> None:
    tables, kinds = run_of(MIN_PEERS - 2, ODD=900.0)
    gate = distribution_gate(comparison(tables, kinds), "ODD", GATES).row(0, named=True)
    assert (gate["verdict"], gate["value"]) == ("unknown", None)


def test_tumours_are_not_peers_of_normals() -> None:
    tables, kinds = run_of(20, TUMOUR=90.0)
    compared = comparison(tables, {**kinds, "TUMOUR": "tumour"})
    assert compared.filter(pl.col("sample") == "TUMOUR")["peers"].to_list() == [1, 1]
    assert distribution_gate(compared, "TUMOUR", GATES)["verdict"].to_list() == ["unknown"]


def test_equal_samples_have_no_outlier_in_the_last_digit() -> None:
    tables = {f"S{n:02d}": measured(f"S{n:02d}", 30.0, 0.04) for n in range(20)}
    tables["S19"] = measured("S19", 30.1, 0.0405)
    compared = comparison(tables, dict.fromkeys(tables, "normal"))
    assert compared["score"].abs().max() < 1


def test_what_was_not_measured_is_no_peer_and_has_no_score() -> None:
    tables, kinds = run_of(20, BLIND=None)
    rows = comparison(tables, kinds).filter(pl.col("metric") == "mean_depth")
    assert rows["peers"].unique().to_list() == [20]
    assert rows.filter(pl.col("sample") == "BLIND")["score"].to_list() == [None]
    assert QUALITY.polars == distribution_gate(rows, "BLIND", GATES).schema


@pytest.mark.skipif(shutil.which("multiqc") is None, reason="no multiqc (make install-multiqc)")
def test_multiqc_shows_every_sample_and_section(tmp_path: Path) -> None:
    tables, kinds = run_of(12)
    for name, content in sections(comparison(tables, kinds)).items():
        (tmp_path / name).write_text(json.dumps(content))
    words = ["multiqc", "--quiet", "--no-version-check", "--data-format", "json", "."]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "multiqc_report.html").read_text()
    assert "Shirube: quality gates" in page
    shown = json.loads((tmp_path / "multiqc_data/multiqc_data.json").read_text())
    assert all(sample in json.dumps(shown) for sample in tables)


def test_what_multiqc_is_told_is_what_was_measured() -> None:
    tables, kinds = run_of(12, LOW=3.0)
    told = sections(comparison(tables, kinds))
    assert told["shirube_metrics_mqc.json"]["data"]["LOW"] == {"mean_depth": 3.0, "duplicates": 4.0}
    assert told["shirube_gates_mqc.json"]["data"]["LOW"]["mean_depth"] == "fail"
    assert told["shirube_outliers_mqc.json"]["data"]["LOW"]["mean_depth"] < -6
