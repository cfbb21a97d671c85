"""Somatic files of callers as they come: alleles, filters, reads and the normal beside them."""

from pathlib import Path

import polars as pl
import pytest
from variant_files import CASES, reference_for

from shirube.calling.somatic.vcf_import import import_somatic
from shirube.genome.intervals import Interval


def calls(path: Path, tumour: str | None, tmp_path: Path) -> pl.DataFrame:
    fasta, contigs = reference_for(path, tmp_path)
    whole = [Interval(name, 0, length) for name, length in contigs.items()]
    return import_somatic(path, tumour, str(fasta), whole)


@pytest.mark.parametrize(
    ("case", "column", "expected"),
    [
        (
            "somatic-filtered-before-pass",
            "T",
            [
                {"alt": "G", "record": 1, "filter": "PASS", "tumour_ad": 30, "tumour_dp": 90},
                {"alt": "G", "record": 0, "filter": "Duplicate", "caller_filter": "bad"},
            ],
        ),
        ("somatic-genotype-ref", "T2", [{"alt": "G", "filter": "NoGenotype", "tumour_ad": 0}]),
        ("somatic-genotype-ref", "T1", [{"alt": "G", "filter": "PASS", "tumour_ad": 30}]),
        (
            "somatic-per-allele-filter",
            "T",
            [
                {"alt": "C", "filter": "PASS", "tumour_ad": 20},
                {"alt": "T", "filter": "Caller", "caller_filter": "weak_evidence"},
            ],
        ),
        ("somatic-per-allele-tlod", "T", [{"alt": "C", "lod": 40.1}, {"alt": "T", "lod": 3.2}]),
        (
            "somatic-ao-ro-without-ad",
            "T",
            [{"alt": "G", "filter": "PASS", "tumour_ad": 20, "tumour_dp": 80, "vaf": 0.25}],
        ),
    ],
)
def test_cases(case: str, column: str, expected: list[dict[str, object]], tmp_path: Path) -> None:
    found = calls(CASES / case / "in.vcf", column, tmp_path)
    assert found.height == len(expected)
    for wanted in expected:
        (row,) = (
            row
            for row in found.iter_rows(named=True)
            if all(row[name] == wanted[name] for name in ("alt", "record") if name in wanted)
        )
        assert {name: row[name] for name in wanted} == wanted
