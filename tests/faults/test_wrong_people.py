"""A sheet that says who people are not: the checks name them, their reports show no finding."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import small_demo
from faulty_run import run
from numpy.typing import NDArray

from shirube import tools
from shirube.demo import calls
from shirube.demo.bam import bgzf
from shirube.demo.genome import CONTIGS, build
from shirube.demo.people import Person
from shirube.demo.variants import Variant

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def changed(directory: Path, patient: str, column: str, value: str) -> None:
    """Another value in the sheet of people."""
    path = directory / "config/patients.tsv"
    head, *rows = (line.split("\t") for line in path.read_text().splitlines())
    (row,) = (row for row in rows if row[0] == patient)
    row[head.index(column)] = value
    path.write_text("".join("\t".join(cells) + "\n" for cells in [head, *rows]))


def test_another_father_and_another_sex(tmp_path: Path, say: Callable[[str], None]) -> None:
    """DEMO_08, no relative, in the father's place; DEMO_01, who has two X, as XY."""
    people = ("DEMO_01", "DEMO_03", "DEMO_04", "DEMO_05", "DEMO_08")
    directory = small_demo.make(tmp_path / "demo", people)
    changed(directory, "DEMO_03", "father", "DEMO_08")
    changed(directory, "DEMO_01", "sex", "XY")
    blocked(
        directory,
        (
            ("DEMO_03", "kinship_father", "declared father DEMO_08: unrelated"),
            ("DEMO_01", "sex_depth", "of the depth of the autosomes, Y 0.00; the sheet says XY"),
        ),
        say,
    )


def test_a_half_sister_called_a_full_one(tmp_path: Path, say: Callable[[str], None]) -> None:
    """With their parents: the sister's declared father lacks what she has, and hers is blocked."""
    people = ("DEMO_03", "DEMO_04", "DEMO_05", "DEMO_24")
    directory = small_demo.make(tmp_path / "demo", people, "half-sibling")
    blocked(
        directory,
        (("DEMO_24", "mendelian_father", "opposite homozygotes of DEMO_24 and DEMO_04"),),
        say,
    )
    other = json.loads((directory / "results/reports/DEMO_03/report.json").read_text())
    gates = {g["gate"]: g for g in other["quality"]["gates"]}
    # Some 140 sites tell a stranger, no half-sister: said so, not passed.
    assert gates["kinship_sibling"]["verdict"] == "unknown"
    assert not other["quality"]["blocked"]


def test_half_sisters_whose_parents_were_not_sequenced(
    tmp_path: Path, say: Callable[[str], None]
) -> None:
    """Kinship alone, at thousands of sites of calls that came as VCF."""
    directory = small_demo.make(tmp_path / "demo", ("DEMO_03", "DEMO_04", "DEMO_05", "DEMO_24"),
                                "half-sibling")  # fmt: skip
    dense_calls(directory, {"DEMO_03": "one father", "DEMO_24": "another father"})
    changed(directory, "DEMO_03", "sex", "XX")
    wanted = "declared full sibling {}: second degree (half-siblings"
    pairs = (("DEMO_03", "DEMO_24"), ("DEMO_24", "DEMO_03"))
    blocked(directory, tuple((a, "kinship_sibling", wanted.format(b)) for a, b in pairs), say)


def dense_calls(directory: Path, fathers: dict[str, str]) -> None:
    """Give children of one mother VCFs, a site every 20 bases; take their parents' reads away."""
    genome, rng = build(), np.random.default_rng(5)
    sites = [
        Variant(contig, at, ref, "ACGT".replace(ref, "")[int(rng.integers(3))])
        for contig in CONTIGS
        if contig not in ("chrX", "chrY", "chrM")
        for at in range(300, len(genome.sequences[contig]) - 300, 20)
        if (ref := genome.text(contig, at, at + 1)) != "N"
    ]
    often = rng.uniform(0.1, 0.5, len(sites))

    def parent() -> NDArray[np.bool_]:
        return rng.random((2, len(sites))) < often

    parents = {name: parent() for name in ("the mother", *dict.fromkeys(fathers.values()))}

    def passed_on(name: str) -> frozenset[Variant]:
        which = np.repeat(rng.integers(0, 2, len(sites) // 20 + 1), 20)[: len(sites)]
        carried = parents[name][which, np.arange(len(sites))]
        return frozenset(site for site, has in zip(sites, carried, strict=True) if has)

    head, *_ = (directory / "config/samples.tsv").read_text().splitlines()
    rows = [head]
    for child, father in fathers.items():
        person = Person(child, "XX", (passed_on("the mother"), passed_on(father)))
        sample = f"{child}_N"
        text, path = calls.vcf(genome, person, sample), directory / f"calls/{sample}.vcf.gz"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bgzf(text.encode()))
        tools.run("bcftools", "index", "-t", path)
        path.with_name(f"{sample}.callable.bed").write_text(calls.callable_bed(genome))
        row = {"sample": sample, "patient": child, "kind": "normal"}
        row |= {"path": f"calls/{path.name}", "callable": f"calls/{sample}.callable.bed"}
        rows.append("\t".join(row.get(column, "") for column in head.split("\t")))
    (directory / "config/samples.tsv").write_text("\n".join(rows) + "\n")


def blocked(
    directory: Path, wanted: tuple[tuple[str, str, str], ...], say: Callable[[str], None]
) -> None:
    """Run the sheet: each (patient, gate, words) is named, and nothing else said of the person."""
    done = run(directory)
    assert done.status == 0, done.text[-4000:]
    for patient, gate, words in wanted:
        folder = directory / "results/reports" / patient
        report = json.loads((folder / "report.json").read_text())
        failed = {g["gate"]: g for g in report["quality"]["gates"] if g["verdict"] == "fail"}
        assert words in failed[gate]["reason"]
        assert report["quality"]["blocked"]
        assert report["findings"] == []
        for language, banner in (("en", "REPORT BLOCKED"), ("ja", "報告を停止")):
            assert banner in (folder / f"report.{language}.html").read_text()
        say(f"{patient}: {failed[gate]['reason']}; blocked, nothing said of the person")
