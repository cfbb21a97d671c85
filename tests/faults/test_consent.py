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

pytestmark = [pytest.mark.faults, pytest.mark.slow]
# DEMO_13 and DEMO_14 carry one finding to tell of, and so do their doubles below.
CONSENTS = {
    "DEMO_13": ("yes", "yes"),
    "DEMO_14": ("yes", "no"),
    "OTHER_13": ("no", "yes"),
    "OTHER_14": ("", ""),
}
FINDING = "BRCA2 p.Arg300Ter"


def written(directory: Path) -> None:
    """The sheets: two people and, as other people, the same files copied; consents as above."""
    for name in ("OTHER_13", "OTHER_14"):
        old = name.replace("OTHER", "DEMO")
        for end in (".bam", ".bam.bai"):
            data = (directory / f"reads/{old}_N{end}").read_bytes()
            (directory / f"reads/{name}_N{end}").write_bytes(data)
    for sheet in ("patients", "samples"):
        path = directory / f"config/{sheet}.tsv"
        head, *rows = (line.split("\t") for line in path.read_text().splitlines())
        others = [[cell.replace("DEMO_", "OTHER_") for cell in row] for row in rows]
        if sheet == "samples":
            head = [*head, "sample_in_file"] if "sample_in_file" not in head else head
            at = head.index("sample_in_file")
            for row in (*rows, *others):
                row += [""] * (len(head) - len(row))
                row[at] = row[0].replace("OTHER_", "DEMO_")
        else:
            for row in (*rows, *others):
                for column, value in zip(("cohort", "secondary"), CONSENTS[row[0]], strict=True):
                    row[head.index(f"consent_{column}")] = value
        path.write_text("".join("\t".join(row) + "\n" for row in [head, *rows, *others]))


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
