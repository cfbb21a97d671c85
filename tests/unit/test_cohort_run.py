"""The cohort stage as a run sees it: sheets and files in, published tables and members out."""

import gzip
import json
from pathlib import Path

import polars as pl
import pytest
from cohort_case import PAR, RULE, naive_counts, person, write_gvcf, write_reference

from shirube.cohort.run import aggregate
from shirube.contracts import ALLELE, FREQUENCY, MEMBERS, read
from shirube.errors import InputError
from shirube.vcf import read_columns

REFERENCE = {"build": "artificial", "par": {c: [list(p) for p in v] for c, v in PAR.items()}}


class Run:
    """Sheets and files of one artificial run."""

    def __init__(self, folder: Path, k: int = 2) -> None:
        self.folder, self.sequences = folder, write_reference(folder / "r.fa")
        self.cohort = {"strata": ["sex"], "adj": RULE, "release": {"min_people": k}}
        self.rows: list[dict[str, str]] = []
        self.people: dict[str, tuple[list, str]] = {}
        self.members = folder / "results" / "cohort" / "members.parquet"
        self.members.parent.mkdir(parents=True)

    def add(self, n: int, consent: str = "yes", kind: str = "normal", sex: str = "XX") -> None:
        """Write person n's gVCF and note their rows of the sheets."""
        records = person(self.sequences, sex, n)
        write_gvcf(self.folder / f"s{n}.g.vcf.gz", f"s{n}", self.sequences, records)
        self.people[f"s{n}"] = (records, sex)
        self.rows.append({"n": str(n), "sex": sex, "consent": consent, "kind": kind})

    def go(self, chroms: tuple[str, ...] = ("chr1", "chrX")) -> dict[str, str]:
        """Run the stage; return release.json."""
        patients, samples = ["patient\tsex\tconsent_cohort\n"], ["sample\tpatient\tkind\tpath\n"]
        files = {}
        for row in self.rows:
            n, path = row["n"], self.folder / f"s{row['n']}.g.vcf.gz"
            patients.append(f"p{n}\t{row['sex']}\t{row['consent']}\n")
            samples.append(f"s{n}\tp{n}\t{row['kind']}\t{path}\n")
            if row["consent"] == "yes" and row["kind"] == "normal":
                files[f"s{n}"] = (path, None)
        (self.folder / "patients.tsv").write_text("".join(patients))
        (self.folder / "samples.tsv").write_text("".join(samples))
        aggregate(
            *(self.folder / "patients.tsv", self.folder / "samples.tsv", self.folder / "r.fa"),
            *(files, self.members, self.cohort, REFERENCE, chroms),
        )
        return json.loads((self.members.parent / "release.json").read_text())

    def frequency(self) -> pl.DataFrame:
        """All published rows."""
        files = sorted((self.members.parent / "frequency").glob("chrom=*/part-0.parquet"))
        return pl.concat(read(FREQUENCY, path) for path in files).sort(FREQUENCY.key)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_only_normals_of_consenting_people_are_counted(run: Run) -> None:
    run.add(1)
    run.add(2, kind="tumour")
    run.add(3, consent="no")
    run.add(4)
    run.go()
    members = read(MEMBERS, run.members)
    assert members.select("sample", "reason").rows() == [
        ("s1", None),
        ("s2", "tumour sample"),
        ("s3", "no consent to cohort frequencies"),
        ("s4", None),
    ]
    wanted = naive_counts(run.sequences, [run.people["s1"], run.people["s4"]])
    rows = run.frequency().filter(pl.col("group") == "all")
    found = {tuple(r[c] for c in ALLELE): (r["ac"], r["an"]) for r in rows.iter_rows(named=True)}
    assert found == {k: (v["ac"], v["an"]) for k, v in wanted.items()}


def test_nobody_consents_gives_empty_valid_outputs_that_say_so(run: Run) -> None:
    run.add(1, consent="no")
    said = run.go()
    assert said["release"] == "0"
    assert "0 people are counted" in said["status"]
    assert run.frequency().is_empty()
    assert read_columns(run.members.parent / "sites.vcf.gz").is_empty()
    assert (run.members.parent / "sites.vcf.gz.tbi").is_file()


def test_a_withdrawal_leaves_the_counts_of_the_others(run: Run) -> None:
    run.cohort["release"]["min_people"] = 1
    for n in (1, 2, 3):
        run.add(n)
    run.go()
    run.rows[1]["consent"] = "no"
    run.go()
    wanted = naive_counts(run.sequences, [run.people["s1"], run.people["s3"]])
    rows = run.frequency().filter(pl.col("group") == "all")
    assert dict(zip(rows.select(ALLELE).iter_rows(), rows["an"], strict=True)) == {
        key: value["an"] for key, value in wanted.items()
    }
    state = run.members.parent / "state"
    assert "s2" not in (state / "manifest.json").read_text()


def test_the_sites_vcf_says_what_the_table_says(run: Run) -> None:
    for n in (1, 2, 3):
        run.add(n, sex="XY" if n == 3 else "XX")
    run.go()
    sites = read_columns(
        run.members.parent / "sites.vcf.gz", {"AC": pl.Int32, "AN": pl.Int32, "nhomalt": pl.Int32}
    )
    rows = run.frequency().filter(pl.col("group") == "all")
    assert sites.height == rows.height > 20
    for ours, theirs in (("ac", "AC"), ("an", "AN"), ("nhomalt", "nhomalt"), ("ref", "ref")):
        assert sites[theirs].to_list() == rows[ours].to_list()


def test_a_release_waits_for_enough_people(run: Run) -> None:
    for n in (1, 2):
        run.add(n)
    assert run.go()["people"] == "2"
    before = run.frequency()
    run.add(3)
    assert run.go()["people"] == "2"
    assert run.frequency().equals(before)
    run.add(4)
    assert run.go()["people"] == "4"
    assert not run.frequency().equals(before)


def test_outputs_have_the_same_bytes_every_time(run: Run, tmp_path: Path) -> None:
    for n in (1, 2, 3):
        run.add(n)
    run.go()
    first = {p.name: p.read_bytes() for p in run.members.parent.rglob("*") if p.is_file()}
    (tmp_path / "again").mkdir()
    again = Run(tmp_path / "again")
    for n in (1, 2, 3):
        again.add(n)
    again.go()
    assert {p.name: p.read_bytes() for p in again.members.parent.rglob("*") if p.is_file()} == first


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda data: data[:-300], "undamaged"),
        (lambda data: b"", "not empty"),
        (lambda data: gzip.compress(b"chr1\t1\n"), "##fileformat=VCF"),
    ],
)
def test_a_damaged_file_is_refused_and_the_state_untouched(
    run: Run, harm: object, said: str
) -> None:
    for n in (1, 2):
        run.add(n)
    run.go()
    state = run.members.parent / "state"
    before = {p: p.read_bytes() for p in state.rglob("*") if p.is_file()}
    run.add(3)
    path = run.folder / "s3.g.vcf.gz"
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(InputError, match=said):
        run.go()
    kept = {p: p.read_bytes() for p in state.rglob("*") if p.is_file()}
    assert {p: b for p, b in kept.items() if p in before} == before
