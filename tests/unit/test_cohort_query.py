"""shirube query and withdraw, and what they stand on."""

import json
from pathlib import Path

import polars as pl
import pytest
import yaml
from cohort_case import PAR, naive_counts
from cohort_run import REFERENCE, Run

from shirube.audit import entries
from shirube.cli.main import main
from shirube.cohort.query.lookup import Sites
from shirube.cohort.query.subcohort import Subcohorts
from shirube.cohort.query.where import condition
from shirube.cohort.register import Register
from shirube.cohort.state import State
from shirube.contracts import ALLELE, ANNOTATION, write
from shirube.contracts.knowledge import POPULATION
from shirube.errors import InputError
from shirube.vcf import read_columns


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return released(tmp_path_factory.mktemp("query"), 8)


def released(folder: Path, people: int) -> Run:
    made = Run(folder)
    for n in range(people):
        made.add(n, sex="XY" if n % 2 else "XX")
    made.go()
    (folder / "config").mkdir()
    config = {
        "cohort": {**made.cohort, "state": str(made.members.parent / "state")},
        "reference": REFERENCE,
        "patients": "patients.tsv",
        "provenance": {"audit": str(folder / "audit.jsonl")},
    }
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(config))
    first = made.frequency().select(ALLELE).unique().sort(ALLELE).head(3)
    names = {"rsid": ["rs1", "rs2", None], "gene": ["AAA", "AAA", "BBB"]}
    names |= {"transcript": ["T1.2", "T1.2", ""], "hgvs_c": ["c.1A>C", "c.2del", None]}
    empty = {c: pl.lit(None, t) for c, t in ANNOTATION.schema.items() if c not in ALLELE}
    table = first.with_columns(**empty).with_columns(**{c: pl.Series(v) for c, v in names.items()})
    names_of = folder / "results" / "cohort" / "annotation"
    names_of.mkdir()
    write(ANNOTATION.table(table), ANNOTATION, names_of / "chr1.parquet")
    return made


def query(run: Run, *words: str) -> list[dict]:
    out = run.folder / "found.json"
    options = ["--results", str(run.folder / "results"), "--format", "json", "--out", str(out)]
    options += ["--config", str(run.folder / "config" / "config.yaml")]
    assert main(["query", *words, *options]) == 0
    return json.loads(out.read_text())


def test_every_site_is_found_by_position_and_none_else(run: Run) -> None:
    path = run.members.parent / "sites.vcf.gz"
    sites, table = Sites(path), read_columns(path)
    for contig, pos, ref, alt in table.select("contig", "pos", "ref", "alt").iter_rows():
        found = sites.allele(contig, pos, ref, alt)
        assert found is not None
        assert found.pos == pos
        assert sites.allele(contig, pos, ref, alt + "A") is None
    for contig in ("chr1", "chrX"):
        for start in range(0, 3000, 170):
            inside = table.filter(
                (pl.col("contig") == contig) & pl.col("pos").is_between(start + 1, start + 400)
            )
            found = [(s.pos, s.ref, s.alt) for s in sites.sites(contig, start, start + 400)]
            assert found == inside.select("pos", "ref", "alt").rows()
    assert sites.sites("chr9", 0, 100) == []


def test_an_allele_is_shown_by_group(run: Run) -> None:
    row = run.frequency().row(0, named=True)
    asked = f"{row['chrom']}-{row['pos']}-{row['ref']}-{row['alt']}"
    found = query(run, asked)
    assert [r["stratum"] for r in found] == ["all", "sex=XX", "sex=XY"]
    total = next(r for r in found if r["stratum"] == "all")
    assert (total["ac"], total["an"]) == (row["ac"], row["an"])
    assert total["rsid"] == "rs1"
    assert query(run, asked, "--group", "all") == [total]


@pytest.mark.parametrize("asked", ["rs1", "AAA:c.1A>C", "T1:c.1A>C", "T1.2:c.1A>C"])
def test_names_find_their_allele(run: Run, asked: str) -> None:
    first = run.frequency().row(0, named=True)
    assert {(r["pos"], r["ref"], r["alt"]) for r in query(run, asked)} == {
        (first["pos"], first["ref"], first["alt"])
    }


def test_a_region_holds_its_alleles(run: Run) -> None:
    rows = run.frequency().filter((pl.col("stratum") == "all") & (pl.col("chrom") == "chr1"))
    inside = rows.filter(pl.col("pos").is_between(500, 1500))
    found = query(run, "chr1:500-1,500", "--group", "all")
    assert [r["pos"] for r in found] == inside["pos"].to_list()


def test_sources_stand_beside_the_cohort_in_every_format(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    first = run.frequency().select(ALLELE).unique().sort(ALLELE).head(2)
    knowledge = run.folder / "results" / "knowledge"
    knowledge.mkdir(exist_ok=True)
    for name, values in (("gnomad", [0.25, None]), ("tommo", [0.5, 0.125])):
        empty = {c: pl.lit(None, t) for c, t in POPULATION.schema.items() if c not in ALLELE}
        rows = first.with_columns(**empty).with_columns(af=pl.Series(values))
        rows = rows.filter(pl.col("af").is_not_null())
        write(POPULATION.table(rows), POPULATION, knowledge / f"frequency_{name}.parquet")
    pos = first["pos"].to_list()
    words = [f"chr1:{pos[0]}-{pos[1]}", "--group", "all"]
    found = query(run, *words)
    assert [(r["gnomad_af"], r["tommo_af"]) for r in found] == [(0.25, 0.5), (None, 0.125)]
    results = ["--results", str(run.folder / "results")]
    assert main(["query", *words, *results, "--format", "tsv"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [line[lines[0].index("tommo_af")] for line in lines[1:]] == ["0.5", "0.125"]
    assert main(["query", *words, *results]) == 0
    assert "tommo_af" in capsys.readouterr().out
    out = run.folder / "found.parquet"
    assert main(["query", *words, *results, "--format", "parquet", "--out", str(out)]) == 0
    assert pl.read_parquet(out)["tommo_af"].to_list() == [0.5, 0.125]
    for file in knowledge.iterdir():
        file.unlink()


def test_what_is_not_there_is_said(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    results = ["--results", str(run.folder / "results")]
    assert main(["query", "chr1-5-A-C", *results]) == 1
    assert "not measured" in capsys.readouterr().err
    assert main(["query", "rs999", *results]) == 1
    assert "rs999" in capsys.readouterr().err


def test_people_chosen_are_counted_anew_with_callability(tmp_path: Path) -> None:
    run = released(tmp_path, 24)
    found = query(run, "chr1:1-3000", "--where", 'sex == "XY"')
    wanted = naive_counts(run.sequences, [v for v in run.people.values() if v[1] == "XY"])
    here = {k: v for k, v in wanted.items() if k[0] == "chr1"}
    got = {tuple(r[c] for c in ALLELE): r for r in found}
    # Where too few of either sex were measured nothing is told.
    assert 10 < len(got) < len(here)
    assert set(got) < set(here)
    for key, row in got.items():
        assert {name: row[name] for name in here[key]} == here[key]


def test_sets_too_small_are_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["query", "chr1:1-9", "--results", str(run.folder / "results")]
    words += ["--config", str(run.folder / "config" / "config.yaml"), "--where"]
    assert main([*words, 'patient == "p1"']) == 1
    assert "at least 3 people, found 1" in capsys.readouterr().err
    assert main([*words, 'patient != "p1"']) == 1
    assert "left out" in capsys.readouterr().err


def test_published_groups_are_what_people_chosen_give(run: Run) -> None:
    state = State(run.members.parent / "state", {})
    subcohorts = Subcohorts(state, PAR, 2)
    everyone = subcohorts.chosen(list(state.manifest.people))
    table = run.frequency().filter(pl.col("stratum") == "all")
    for chrom in ("chr1", "chrX", "chrY", "chrM"):
        ours = subcohorts.frequencies(everyone, chrom, 0, 1 << 31, "all")
        theirs = table.filter((pl.col("chrom") == chrom) & pl.col("an").is_not_null())
        assert theirs.join(ours, on=theirs.columns, nulls_equal=True).height == theirs.height
        assert theirs.height or chrom == "chrY"


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ('a == "x"', [0, 3]),
        ('a != "x"', [1]),
        ('a in ("x", "y") and b == "u"', [0, 1]),
        ('not a == "x"', [1]),
        ('a == "x" or b == "v"', [0, 2, 3]),
    ],
)
def test_conditions(text: str, people: list[int]) -> None:
    table = pl.DataFrame({"a": ["x", "y", None, "x"], "b": ["u", "u", "v", None]})
    rows = table.with_row_index().filter(condition(text, ["a", "b"]))
    assert rows["index"].to_list() == people


@pytest.mark.parametrize("text", ["a", "a ==", "c == 'x'", "a == 1", "__import__('os')", "a < 'x'"])
def test_other_expressions_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        condition(text, ["a", "b"])


def test_withdrawal_is_at_once_and_for_good(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(tmp_path)
    for n in range(4):
        run.add(n)
    run.go()
    state = run.members.parent / "state"
    log = tmp_path / "audit.jsonl"
    config = {"cohort": {"state": str(state)}, "provenance": {"audit": str(log)}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    names = set((state / "objects").iterdir())
    assert main(["withdraw", "p2", "--config", str(tmp_path / "config.yaml")]) == 0
    assert "releases that counted them: 1" in capsys.readouterr().out
    assert [e["action"] for e in entries(log)] == ["consent withdrawn"]
    assert list(State(state, {}).manifest.people) == ["s0", "s1", "s3"]
    assert len(names - set((state / "objects").iterdir())) >= 2
    run.go()  # the sheet still says yes
    assert list(State(state, {}).manifest.people) == ["s0", "s1", "s3"]
    members = pl.read_parquet(run.members)
    assert members.filter(pl.col("sample") == "s2")["reason"].to_list() == ["consent withdrawn"]
    register = Register(state.parent / "releases")
    assert [register.people[k]["patients"] for k in register.entries[-1]["withdrawn_since"]] == [
        ["p2"]
    ]
    assert main(["withdraw", "nobody", "--config", str(tmp_path / "config.yaml")]) == 1
