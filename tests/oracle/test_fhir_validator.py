"""The bundle against FHIR R4's own definitions, by HAPI FHIR (where it is installed)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from report_case import EGFR, HAPLOTYPE, findings, inputs, star_alleles

from shirube.report.exchange.fhir import fhir_bytes
from shirube.report.model import report

VALIDATOR = Path(sys.executable).with_name("fhir-validator")
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(not VALIDATOR.exists(), reason="make install-fhir-validator first"),
]


def errors(*files: Path) -> list[str]:
    """Lines of the validator: file, place, message."""
    done = subprocess.run([VALIDATOR, *files], capture_output=True, text=True, check=False)
    assert done.returncode == (1 if done.stdout else 0), done.stderr
    return done.stdout.splitlines()


def test_bundles_are_valid_fhir_and_a_broken_one_is_not(tmp_path: Path) -> None:
    made = []
    for name, changed in (
        ("plain", {}),
        ("pgx", {"pharmacogenomics": star_alleles()}),
        ("haplotype", {"finding_table": findings(EGFR, HAPLOTYPE)}),
    ):
        path = tmp_path / f"{name}.json"
        path.write_bytes(fhir_bytes(report(**inputs(**changed)), "0" * 64))
        made.append(path)
    assert "/StructureDefinition/haplotype" in made[-1].read_text()
    assert errors(*made) == []
    bundle = json.loads(made[0].read_text())
    broken = next(e["resource"] for e in bundle["entry"] if "valueCodeableConcept" in e["resource"])
    broken["status"] = "guessed"
    del broken["code"]
    made[0].write_text(json.dumps(bundle))
    found = errors(made[0])
    assert any("status" in line for line in found)
    assert any("Observation.code" in line for line in found)
