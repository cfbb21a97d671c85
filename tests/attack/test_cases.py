"""How a person was once read out of releases, each way from the sheets to the command's last word.

The ways are those of `test_privacy`, which knows more of each; here nothing but commands is used.
"""

import gzip
import json
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pysam
import pytest
import yaml
from cohort_case import Record, write_gvcf
from running import command
from small_demo import SHIRUBE

pytestmark = pytest.mark.slow
GOOD = {"DP": "30", "GQ": "60"}
Carried = Mapping[str, tuple[int, list[tuple[int, str]]]]  # chrom -> callable to, (pos, GT)
PANEL, WHOLE = {"chr2": (5000, [(500, "0/1")])}, 1 << 30


class Clinic:
    """A run folder over the reference of the demo, its people and what commands say of them."""

    def __init__(self, folder: Path, demo: Path, release: Mapping[str, int] | None = None) -> None:
        self.folder, self.people = folder, dict[str, tuple[str, str]]()
        (folder / "config").mkdir(parents=True)
        for name in ("reference", "knowledge"):
            (folder / name).symlink_to(demo / name)
        self.sequences = {
            part.split()[0]: "".join(part.splitlines()[1:])
            for part in (demo / "reference/artificial.fa").read_text().split(">")[1:]
        }
        config = yaml.safe_load((demo / "config/config.yaml").read_text())
        config["cohort"].pop("release")  # what a site gets that says nothing
        self.configure(config, release=dict(release) if release else None)

    def configure(self, config: dict[str, Any] | None = None, **cohort: object) -> None:
        """Write the configuration, with other settings of the cohort."""
        path = self.folder / "config/config.yaml"
        config = config or yaml.safe_load(path.read_text())
        config["cohort"] |= {name: value for name, value in cohort.items() if value}
        path.write_text(yaml.safe_dump(config))

    def put(self, name: str, sex: str, carried: Carried, file: str = "") -> None:
        """A person by a gVCF (whose column has their name, or that of an earlier `file`)."""
        own, records = file or name, []
        for chrom, (end, alleles) in carried.items():
            at, end = 0, min(end, len(self.sequences[chrom]))
            haploid = sex == "XY" and chrom in ("chrX", "chrY")
            if haploid:
                at = 12_000  # beyond the pseudoautosomal region
            for pos, gt in [*alleles, (end + 1, "")]:
                bases = self.sequences[chrom]
                if pos - 1 > at:
                    told = {"GT": "0" if haploid else "0/0", **GOOD, "MIN_DP": "30"}
                    records.append(Record(chrom, at + 1, bases[at], ("<NON_REF>",), told, pos - 1))
                if gt:
                    alt = {"A": "C", "C": "G", "G": "T", "T": "A"}[bases[pos - 1]]
                    depths = "15,15,0" if gt == "0/1" else "0,30,0"
                    told = {"GT": gt, "AD": depths, **GOOD}
                    records.append(Record(chrom, pos, bases[pos - 1], (alt, "<NON_REF>"), told))
                at = pos
        plain, packed = self.folder / "plain.gz", str(self.folder / f"{own}.g.vcf.gz")
        plain.write_bytes(
            gzip.decompress(write_gvcf(plain, own, self.sequences, records).read_bytes())
        )
        pysam.tabix_compress(str(plain), packed, force=True)
        pysam.tabix_index(packed, preset="vcf", force=True)
        self.people[name] = (sex, own)

    def sheets(self) -> None:
        """Write who is there."""
        head = "patient\tsex\tfamily\tfather\tmother\taffected\tprogramme\tdiagnosis"
        patients = [f"{head}\tconsent_cohort\tconsent_secondary"]
        samples = ["sample\tpatient\tkind\tpath\tsample_in_file"]
        for name, (sex, own) in self.people.items():
            patients.append(f"{name}\t{sex}\t\t\t\tno\tcontrol\t\tyes\tyes")
            samples.append(f"{name}_S\t{name}\tnormal\t{own}.g.vcf.gz\t{own}")
        (self.folder / "config/patients.tsv").write_text("\n".join(patients) + "\n")
        (self.folder / "config/samples.tsv").write_text("\n".join(samples) + "\n")

    def shirube(self, *words: str) -> tuple[int, str]:
        """A command in the folder: its exit status and all it said."""
        done = command(SHIRUBE, *words, cwd=self.folder)
        return done.returncode, done.stdout + done.stderr

    def run(self) -> tuple[int, str]:
        """The workflow up to the release."""
        self.sheets()
        words = ("run", "results/cohort/release.json", "--cores", "2", "--quiet", "rules")
        status, said = self.shirube(*words)
        log = self.folder / "logs/aggregate_cohort.log"
        return status, said + (log.read_text() if log.is_file() else "")

    def released(self) -> dict[str, str]:
        """What the release says of itself."""
        return json.loads((self.folder / "results/cohort/release.json").read_text())

    def counts(self) -> pl.DataFrame:
        """Published rows that have a count."""
        files = sorted((self.folder / "results/cohort/frequency").glob("*.parquet"))
        rows = pl.concat(pl.read_parquet(path).cast({"chrom": pl.String}) for path in files)
        return rows.filter(pl.col("an").is_not_null()).sort("chrom", "pos", "stratum")

    def copied(self, to: Path) -> "Clinic":
        """The folder and its results once more, times included."""
        shutil.copytree(self.folder, to, symlinks=True)
        other = object.__new__(Clinic)
        other.folder, other.people, other.sequences = to, dict(self.people), self.sequences
        return other


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attacked")
    command(SHIRUBE, "demo", "--out", "demo", cwd=folder, check=True)
    return folder / "demo"


@pytest.fixture(scope="module")
def ten(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """Nine people measured on a panel and one everywhere, released by the default policy."""
    made = Clinic(tmp_path_factory.mktemp("ten") / "run", demo)
    for n in range(9):
        made.put(f"P{n}", "XX", PANEL)
    everywhere = {
        "chr2": (WHOLE, [(700, "0/1"), (12_000, "0/1"), (20_000, "1/1")]),
        "chr7": (WHOLE, [(9_000, "0/1")]),
        "chrX": (WHOLE, [(15_000, "1/1")]),
    }
    made.put("EVERYWHERE", "XX", everywhere)
    status, said = made.run()
    assert status == 0, said[-4000:]
    assert made.released()["release"] == "1"
    return made


def test_one_person_outside_the_panel(ten: Clinic) -> None:
    found = ten.counts().select("chrom", "pos", "stratum", "ac", "an").rows()
    assert [row for row in found if row[2] == "all"] == [
        ("chr2", 500, "all", 9, 20),
        ("chr2", 700, "all", 1, 20),
    ]
    ref = ten.sequences["chr2"][11_999]
    alt = {"A": "C", "C": "G", "G": "T", "T": "A"}[ref]
    _, said = ten.shirube("query", f"chr2-12000-{ref}-{alt}")
    assert "not measured: fewer than 10 people were callable there" in said


@pytest.mark.parametrize("way", ["rule", "names", "file"])
def test_difference_of_releases(ten: Clinic, tmp_path: Path, way: str) -> None:
    run = ten.copied(tmp_path / "run")
    before = run.counts()
    if way == "rule":
        adj = {"min_gq": 19, "min_dp": 10, "min_dp_haploid": 5, "min_ab": 0.2}
        run.configure(adj=adj)
        status, said = run.run()
        assert status != 0
        assert "rule changed" in said
        shutil.rmtree(run.folder / "results/cohort/state")
    elif way == "names":
        run.people = {f"N{name}": who for name, who in run.people.items()}
    if way == "file":
        run.put("P3", "XX", {"chr2": (5000, [(500, "1/1"), (900, "0/1")])})
        run.configure(release={"min_count": 1})
    else:
        run.put("ONE", "XX", {"chr2": (5000, [(500, "1/1"), (900, "0/1")])})
    status, said = run.run()
    assert status == 0, said[-4000:]
    assert run.released()["release"] == "1"
    assert run.counts().equals(before)
    for language, begins, needs in (
        ("en", "release held because", "needs 10"),
        ("ja", "公開を保留しました。理由：", "10 人以上が必要です"),
    ):
        _, told = run.shirube("release", "--status", "--language", language)
        for text in (told, said):
            assert re.search(f"{begins}.*{needs}", text), text


def test_state_object_changed(ten: Clinic, tmp_path: Path) -> None:
    run = ten.copied(tmp_path / "run")
    (counts, *_) = sorted((run.folder / "results/cohort/state/objects").glob("*.counts.parquet"))
    table = pl.read_parquet(counts).with_columns(pl.lit(7, pl.Int32).alias("ac"))
    table.write_parquet(counts)
    status, said = run.shirube("verify", "results")
    assert status == 1
    assert counts.name in said
    run.configure(release={"min_count": 1})
    status, said = run.run()
    assert status != 0
    assert re.search(f"{counts.name}: .*altered", said)
    assert not list((run.folder / "results/cohort/frequency").glob("*.parquet"))


def test_torn_audit_log(ten: Clinic, tmp_path: Path) -> None:
    run = ten.copied(tmp_path / "run")
    log = run.folder / "state/audit.jsonl"
    with open(log, "a") as stream:
        stream.write('{"number": 3, "prev')
    status, said = run.shirube("withdraw", "P7")
    assert (status, "P7: removed from the state" in said) == (0, True)
    actions = [json.loads(line)["action"] for line in log.read_text().splitlines()]
    assert actions[-2:] == ["torn line set aside", "consent withdrawn"]
    assert run.shirube("audit")[0] == 0
    status, said = run.run()
    assert status == 0, said[-4000:]
    members = pl.read_parquet(run.folder / "results/cohort/members.parquet")
    (row,) = members.filter(pl.col("patient") == "P7").rows(named=True)
    assert (row["counted"], row["reason"]) == (False, "consent withdrawn")
    assert "release held because" in said  # nine people are left of the ten a release needs


@pytest.mark.parametrize("least", [0, 1, 2])
def test_min_people_one(demo: Path, tmp_path: Path, least: int) -> None:
    run = Clinic(tmp_path / "run", demo, {"min_people": least})
    run.put("P1", "XX", PANEL)
    run.configure(release={"min_people": least})
    run.sheets()
    status, said = run.shirube("check")
    assert status != 0
    assert re.search(rf"min_people: {least} is less than the minimum of 3|min_people.*3", said)


def test_one_man_among_ten(demo: Path, tmp_path: Path) -> None:
    run = Clinic(tmp_path / "run", demo, {"min_people": 5})
    for n in range(9):
        alleles = [(13_000, "0/1"), (20_000, "0/1")]
        run.put(f"W{n}", "XX", {"chr2": (WHOLE, [(500, "0/1")]), "chrX": (WHOLE, alleles)})
    alleles = [(15_000, "1"), (20_000, "1")]
    man = {"chr2": (WHOLE, [(700, "0/1")]), "chrX": (WHOLE, alleles), "chrY": (WHOLE, alleles[:1])}
    run.put("MAN", "XY", man)
    status, said = run.run()
    assert status == 0, said[-4000:]
    found = run.counts()
    assert set(found.select("chrom", "stratum").rows()) == {("chr2", "all")}
    assert found["nhemi"].sum() == 0
    sites = command("bcftools", "query", "-f", "%CHROM\n", "results/cohort/sites.vcf.gz",
                    cwd=run.folder, check=True).stdout.split()  # fmt: skip
    assert set(sites) == {"chr2"}


@contextmanager
def served(run: Clinic, *words: str) -> Iterator[str]:
    """The address of `shirube serve` over a run."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [str(SHIRUBE), "serve", "--port", str(port), *words]
    with subprocess.Popen(line, cwd=run.folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "release" in process.stdout.readline()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            time.sleep(0.1)


def test_hidden_counts_and_served_small_cells(demo: Path, tmp_path: Path) -> None:
    """Three women and six men; at 500 the men alone have room for nine of the ten copies."""
    run = Clinic(tmp_path / "run", demo, {"min_people": 3, "min_count": 2})
    women = {500: ["0/1", "", ""], 900: ["1/1", "", ""], 1300: ["0/1", "", ""]}
    men = {500: ["1/1"] * 4 + ["0/1"], 900: ["1/1", "1/1", "0/1"], 1300: ["1/1", "0/1"]}
    for sex, there, number in (("XX", women, 3), ("XY", men, 6)):
        for n in range(number):
            alleles = [(pos, gts[n]) for pos, gts in there.items() if gts[n : n + 1] > [""]]
            run.put(f"{sex}{n}", sex, {"chr2": (WHOLE, alleles)})
    status, said = run.run()
    assert status == 0, said[-4000:]
    found = {(pos, group): ac for pos, group, ac in
             run.counts().select("pos", "stratum", "ac").rows() if ac is not None}  # fmt: skip
    assert found == {  # at 500 the sum alone would tell that women have 1 and men 9
        (900, "all"): 7, (900, "sex=XX"): 2, (900, "sex=XY"): 5, (1300, "all"): 4,
    }  # fmt: skip
    with served(run, "--min-copies", "5") as address:
        asked = f"{address}/api/g_variants?referenceName=chr2&start=0&end=29000"
        with urllib.request.urlopen(asked, timeout=20) as answer:
            said = answer.read().decode()
    told = [
        (one["population"], one["alleleCount"])
        for result in json.loads(said)["response"]["resultSets"][0]["results"]
        for one in result["frequencyInPopulations"][0]["frequencies"]
    ]
    assert told == [("all", 7)]
