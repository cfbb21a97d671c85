"""What may be the origin of an allele: a parent, blood cells, a mosaic; said, never decided."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shirube.cancer.chip import with_blood
from shirube.cancer.tumour_only import germline_probability, with_probability
from shirube.interpret.curated import read_curated
from shirube.report.exchange.fhir_markers import origin_parts
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.clonality_blocks import origin_facts

TABLE = read_curated(Path(__file__).parents[2] / "resources/chip_genes.tsv")
GENES = frozenset(TABLE["gene"])


def allele(**values: object) -> dict[str, Any]:
    return {
        "kind": "snv", "origin": "germline", "section": "germline", "gene": "BRCA2", "detail": "{}",
        "zygosity": "heterozygous", "dp": 60, "ad_alt": 30, **values,
    }  # fmt: skip


def notes(finding: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(finding["detail"]).get("origin_notes", [])
    return found


SOMATIC = {"origin": "somatic", "section": "somatic", "zygosity": None}
ALONE = {**SOMATIC, "origin": "unknown"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, None),
        ({"ad_alt": 22}, None),  # 37%: as heterozygotes may look
        ({"ad_alt": 9}, "origin.mosaic"),
        ({"ad_alt": 9, "gene": "TP53"}, "origin.chip_normal"),
        ({"dp": 8, "ad_alt": 2, "gene": "TP53"}, None),  # too few reads to be at odds with a half
        ({"ad_alt": 9, "gene": "TP53", "zygosity": "hemizygous"}, None),
        ({"ad_alt": None}, None),
        ({**SOMATIC, "gene": "DNMT3A", "ad_alt": 6, "normal_dp": 50, "normal_ad": 0}, None),
        ({**SOMATIC, "gene": "DNMT3A", "ad_alt": 6, "normal_dp": 50, "normal_ad": 2},
         "origin.chip_both"),
        ({**SOMATIC, "gene": "EGFR", "ad_alt": 6, "normal_dp": 50, "normal_ad": 2}, None),
        ({**ALONE, "gene": "DNMT3A", "ad_alt": 6}, "origin.chip_alone"),
        ({**ALONE, "gene": "DNMT3A", "dp": 1000, "ad_alt": 15}, None),  # below 2%
        ({**ALONE, "gene": "EGFR", "ad_alt": 6}, None),
        ({"kind": "fusion", "ad_alt": 9}, None),
    ],
)  # fmt: skip
def test_blood_and_mosaics_are_suspected(values: dict[str, Any], said: str | None) -> None:
    finding = allele(**values)
    with_blood([finding], GENES)
    assert [note["said"][0][0] for note in notes(finding)] == ([said] if said else [])


@pytest.mark.parametrize(
    ("seen", "depth", "low", "high"),
    [
        (50, 100, 0.6, 0.95),  # one half: an inherited allele, or a somatic one of a pure tumour
        (300, 600, 0.6, 0.98),
        (4, 100, 0.0, 0.1),  # only one whose own copy a pure tumour lost shows so few
        (10, 100, 0.0, 0.1),
        (2, 6, 0.2, 0.8),  # six reads tell nothing
    ],
)
def test_the_fraction_weighs_for_or_against_inheritance(
    seen: int, depth: int, low: float, high: float
) -> None:
    found = germline_probability(seen, depth)
    assert found is not None
    assert low <= found <= high
    assert germline_probability(0, 0) is None


def test_probabilities_are_those_of_what_was_drawn() -> None:
    """Of alleles told 80 to 100% (mean of their own figures) as many are inherited."""
    rng, told, truth = np.random.default_rng(5), [], []
    for _ in range(3000):
        purity, inherited = rng.uniform(0.1, 0.95), bool(rng.integers(2))
        total, minor = [(2, 1), (1, 0), (2, 0), (3, 1)][rng.choice(4, p=[0.7, 0.1, 0.08, 0.12])]
        mixed = purity * total + 2 * (1 - purity)
        copies = int(rng.choice([minor, total - minor]))
        share = 1.0 if rng.random() < 0.7 else rng.uniform(0.05, 0.95)
        fraction = (purity * copies + 1 - purity) / mixed if inherited else purity * share / mixed
        told.append(germline_probability(int(rng.binomial(100, fraction)), 100))
        truth.append(inherited)
    values, real = np.array(told, float), np.array(truth)
    for low, high in ((0.0, 0.2), (0.2, 0.6), (0.6, 1.0)):
        inside = (values >= low) & (values < high)
        assert inside.sum() > 50
        assert real[inside].mean() == pytest.approx(values[inside].mean(), abs=0.12)


@pytest.mark.parametrize(("seen", "said"), [(3, "origin.unlikely_germline"), (50, "origin.either")])
def test_an_allele_of_unknown_origin_is_never_called_somatic(seen: int, said: str) -> None:
    finding = allele(**ALONE, dp=100, ad_alt=seen)
    with_probability([finding])
    (note,) = notes(finding)
    assert note["said"][0][0] == said
    assert finding["origin"] == "unknown"
    assert "somatic" not in note["reason"].replace("not called somatic", "")


def test_with_a_normal_no_probability_is_told() -> None:
    finding = allele(**SOMATIC, normal_dp=40, normal_ad=0)
    with_probability([finding])
    assert notes(finding) == []


def test_every_rendering_tells_the_notes() -> None:
    finding = allele(**ALONE, gene="TET2", dp=100, ad_alt=40)
    with_probability([finding])
    with_blood([finding], GENES)
    item = {"detail": json.loads(finding["detail"])}
    for language in ("ja", "en"):
        shown = origin_facts(item, Catalogue(language))
        assert len(shown) == 2
        assert "%" in shown[0][1]["text"]
    parts = origin_parts(item)
    assert len(parts) == 2
    assert all("haematopoiesis" in p["valueString"] or "%" in p["valueString"] for p in parts)
    assert origin_parts({"detail": {}}) == origin_facts({"detail": {}}, Catalogue("ja")) == []
