"""Both consents in every combination, through a whole run: who is counted, who is told."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import small_demo
from faulty_run import run

from shirube.cohort.frequency import chrom_frequencies
from shirube.cohort.state import State
from shirube.demo import cases
from shirube.demo.families import sequence_normal, unrelated
from shirube.demo.genome import SEED, build
from shirube.demo.make import Writer, sheets, write_sample

pytestmark = [pytest.mark.faults, pytest.mark.slow]
# DEMO_13 and DEMO_14 carry one finding to tell of, and so do the two others.
CONSENTS = {
    "DEMO_13": ("yes", "yes"),
    "DEMO_14": ("yes", "no"),
    "OTHER_13": ("no", "yes"),
    "OTHER_14": ("", ""),
}
FINDING = "BRCA2 p.Arg300Ter"


def written(directory: Path) -> None:
    """Two people of the demo and two more with reads of their own; consents as above."""
    cohort = cases.make(build(SEED))
    made = []
    for old, name in (("DEMO_13", "OTHER_13"), ("DEMO_14", "OTHER_14")):
        person = next(person for person in cohort.people if person.name == old)
        made.append(unrelated(cohort, name, person.sex, person.sheet, (("BRCA2 p.Arg300Ter",), ())))
    cohort.people[:] = [person for person in cohort.people if person.name in CONSENTS]
    cohort.samples[:] = [sample for sample in cohort.samples if sample.patient in CONSENTS]
    writer = Writer(directory)
    for person in made:
        sequence_normal(cohort, person)
        write_sample(writer, cohort, cohort.samples[-1], SEED)
    for person in cohort.people:
        cohort_consent, secondary = CONSENTS[person.name]
        person.sheet.update(consent_cohort=cohort_consent, consent_secondary=secondary)
    people, samples = sheets(cohort)
    writer.put("config/patients.tsv", people)
    writer.put("config/samples.tsv", samples)


def test_every_combination_of_consents(tmp_path: Path, say: Callable[[str], None]) -> None:
    directory = small_demo.make(tmp_path / "demo", ("DEMO_13", "DEMO_14"))
    written(directory)
    done = run(directory)
    assert done.status == 0, done.text[-4000:]
    results = directory / "results"
    members = pl.read_parquet(results / "cohort/members.parquet")
    reasons = dict(members.select("patient", "reason").iter_rows())
    counted = set(members.filter(pl.col("counted"))["patient"])
    assert counted == {name for name, (cohort, _) in CONSENTS.items() if cohort == "yes"}
    for name in set(CONSENTS) - counted:
        assert reasons.get(name, "no consent to cohort frequencies").startswith("no consent")
    said = json.loads((results / "cohort/release.json").read_text())
    assert said["status"] == "nothing released: 2 people are counted, a release needs 5"
    table = chrom_frequencies(State(results / "cohort/state", {}), "chr13", ["sex"], {})
    told = read_finding(results)
    row = table.filter(
        (pl.col("stratum") == "all")
        & (pl.col("pos") == told["pos"])
        & (pl.col("alt") == told["alt"])
    ).row(0, named=True)
    assert (row["ac"], row["an"]) == (len(counted), 2 * len(counted))
    for name, (_, secondary) in CONSENTS.items():
        folder = results / "reports" / name
        pages = [path for path in folder.iterdir() if path.suffix in (".json", ".html")]
        assert len(pages) >= 5
        for path in pages:
            assert (told["hgvs_c"] in path.read_text()) == (secondary == "yes"), path
    say("consents: counted " + ", ".join(sorted(counted)) + "; told where asked, and only there")


def read_finding(results: Path) -> dict[str, object]:
    """The finding as the report of who asked tells it: place, allele, c. name."""
    model = json.loads((results / "reports/DEMO_13/report.json").read_text())
    found = next(f for f in model["findings"] if f["name"] == FINDING)
    return {**found["allele"], "hgvs_c": found["hgvs_c"].split(">")[0]}
