"""Structural variants of a cohort: who counts at them, which are one, and what a release shows."""

import json
import random
import shutil
from pathlib import Path

import polars as pl
import pytest
from cohort_case import PAR
from cohort_run import REFERENCE, Run
from structural_panel import HEADER, SEX, naive, panel, write_vcf

import read_people
from shirube.cohort.event_clusters import Likeness, clusters, variants
from shirube.cohort.events import EventFile, _site, called_here
from shirube.cohort.state import State
from shirube.contracts import CHROM, STRUCTURAL, STRUCTURAL_FREQUENCY, read
from shirube.contracts.cohort import EVENTS

CONTIGS = {"chr1": 30_000, "chr21": 30_000, "chrX": 30_000, "chrY": 30_000}
BLOCK = "GT:GQ:DP:AD\t0/0:50:30:30"


def measured(run: Run, n: int, sex: str, holes: tuple[tuple[str, int, int], ...] = ()) -> None:
    """A person measured everywhere but in `holes` (0-based): one block a stretch."""
    lines = ["##fileformat=VCFv4.2"]
    lines += [f"##contig=<ID={name},length={length}>" for name, length in CONTIGS.items()]
    lines += [
        '##INFO=<ID=END,Number=1,Type=Integer,Description="end">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="quality">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="depth">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="reads">',
        f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts{n}",
    ]
    for chrom, length in CONTIGS.items():
        start = 0
        for _, low, high in [h for h in holes if h[0] == chrom] + [("", length, 0)]:
            ref = run.sequences[chrom][start]
            place = f"{chrom}\t{start + 1}\t.\t{ref}\t<NON_REF>\t.\t.\tEND={low}"
            lines.append(f"{place}\t{BLOCK},0")
            start = high
    path = run.folder / f"s{n}.g.vcf.gz"
    path.write_text("\n".join(lines) + "\n")
    run.rows.append({"n": str(n), "sex": sex, "consent": "yes", "kind": "normal"})


def one_person(path: Path, name: str, records: list[str]) -> EventFile:
    """A VCF of one person's structural variants."""
    lines = [HEADER.rstrip("\n")]
    lines += [f"##contig=<ID={c},length={length}>" for c, length in CONTIGS.items()]
    lines.append(
        "\t".join(
            [*["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"], name]
        )
    )
    path.write_text("\n".join([*lines, *records]) + "\n")
    return EventFile(path, name)


def shown(run: Run) -> pl.DataFrame:
    paths = sorted((run.members.parent / "structural").glob("*.parquet"))
    return pl.concat(read(STRUCTURAL_FREQUENCY, path) for path in paths)


def made(folder: Path, k: int = 3) -> Run:
    folder.mkdir(exist_ok=True)
    return Run(folder, k=k, contigs=CONTIGS)


def everyone(run: Run) -> list[Path]:
    return [run.read([f"s{row['n']}" for row in run.rows])]


CHROMS = tuple(CONTIGS)


@pytest.mark.parametrize("size", [40, pytest.param(len(SEX), marks=pytest.mark.slow)])
def test_a_panel_through_a_run_is_a_naive_count_at_every_site(tmp_path: Path, size: int) -> None:
    run = made(tmp_path)
    people = dict(list(SEX.items())[:size])
    par = {**PAR, "chr1": (), "chr21": ()}
    records = panel(random.Random(5), 300, CONTIGS, par, 1500)
    path = tmp_path / "panel.vcf"
    write_vcf(path, records, lengths=CONTIGS)
    for n, (name, sex) in enumerate(people.items()):
        measured(run, n, sex)
        run.events[f"s{n}"] = [EventFile(path, name)]
    about = run.go(CHROMS, everyone(run))
    assert about["people"] == str(size)
    wanted = {
        key: one
        for group in ("all", "sex")
        for key, one in naive(
            records, {s: "all" if group == "all" else f"sex={x}" for s, x in people.items()}, par
        ).items()
    }
    table = shown(run)
    alts = {(r["id"], alt): n for r in records for n, alt in enumerate(r["alts"], 1)}
    ids = {(r["chrom"], r["pos"], r["kind"]): r["id"] for r in records}
    assert len(ids) == len(records)
    columns = ("ac", "an", "nhomalt", "nhemi", "people")
    found = {
        (name, alts.get((name, row["alt"]), 1), row["stratum"]): row
        for row in table.iter_rows(named=True)
        if (name := ids[row["chrom"], row["pos"], row["svtype"]])
    }
    assert len(found) == table.height
    carried = [key for key, one in wanted.items() if wanted[*key[:2], "all"]["ac"]]
    assert len({key[:2] for key in carried}) > 250
    for key in carried:
        one, row = wanted[key], found.get(key)
        if one["people"] < 3:
            assert row is None or row["an"] is None
        else:
            assert row, key
            assert {k: row[k] for k in columns} == {k: one[k] for k in columns}


def test_calls_of_one_variant_are_merged_and_an_is_of_who_was_seen(tmp_path: Path) -> None:
    run = made(tmp_path)
    for n in range(12):
        holes = {3: (("chr1", 900, 1100),), 4: (("chr1", 2900, 3100),)}.get(n, ())
        measured(run, n, "XX", holes)
        records = {
            0: ["chr1\t1000\tx\tN\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=3000\tGT\t0/1"],
            1: ["chr1\t1010\ty\tN\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=2995\tGT\t1/1"],
            2: ["chr1\t1004\tz\tN\t<DEL>\t.\tq10\tSVTYPE=DEL;END=3002\tGT\t0/1"],
            5: ["chr1\t1000\tx\tN\t<DEL>\t.\tPASS\tSVTYPE=DEL;END=3000\tGT\t./."],
            6: ["chr1\t1000\tx\tN\t<DUP>\t.\tPASS\tSVTYPE=DUP;END=3000\tGT\t0/1"],
        }.get(n, [])
        run.events[f"s{n}"] = [one_person(tmp_path / f"e{n}.vcf", f"s{n}", records)]
    measured(run, 12, "XX")  # nobody looked for structural variants: in no AN
    run.go(CHROMS, everyone(run))
    rows = shown(run).filter(pl.col("stratum") == "all")
    told = {
        r["name"]: (r["ac"], r["an"], r["nhomalt"], r["people"]) for r in rows.iter_rows(named=True)
    }
    # 12 people less the filtered, the missing, and two who are not measured at one end
    assert told == {
        "DEL-chr1-1000-3000": (3, 16, 1, 8),
        "DUP-chr1-1000-3000": (1, 16, 0, 8),
    }


HEAD = (
    '##FILTER=<ID=low,Description="l">\n'
    '##FORMAT=<ID=FT,Number=1,Type=String,Description="filter">\n'
)
FULL, NO_GT = HEADER + HEAD, HEADER.replace("##FORMAT=<ID=GT,", "##FORMAT=<ID=XX,") + HEAD
BY_ALT = FULL.replace("##INFO=<ID=SVTYPE,", "##INFO=<ID=OTHER,")
TYPED = "SVTYPE=DEL;END={end}"
# header, other columns, FILTER, INFO, FORMAT, calls -> copies of the allele; None: not in AN
OF_PERSON = [
    (FULL, [], "PASS", TYPED, "GT", ["0/1"], 1),
    (FULL, [], "low", TYPED, "GT", ["0/1"], None),
    (FULL, ["T"], "PASS", TYPED, "GT", ["0/1", "0/1"], 1),
    (FULL, ["T"], ".", TYPED, "GT:FT", ["1/1:.", "0/1:low"], 2),
    (FULL, ["T"], "low", TYPED, "GT", ["0/1", "0/1"], None),
    (FULL, ["T"], "low", TYPED, "GT", ["0/0", "0/1"], None),
    (FULL, ["T"], "PASS", TYPED, "GT:FT", ["0/1:low", "0/1:PASS"], None),
    (FULL, ["T"], "PASS", TYPED, "GT:FT", ["0/0:low", "0/1:PASS"], None),
    (FULL, ["T"], "PASS", TYPED, "GT:FT", ["0/0:PASS", "0/1:PASS"], 0),
    (FULL, [], "PASS", TYPED, "GT:FT", ["0/1:low"], None),
    (NO_GT, [], "PASS", TYPED, "CN", ["1"], None),
    (NO_GT, ["T"], "PASS", TYPED, "CN", ["1", "1"], None),
    (BY_ALT, [], "PASS", "SVLEN=1000", "GT", ["0/1"], 1),
    (BY_ALT, [], "PASS", "END={end}", "GT", ["0/1"], 1),
    (BY_ALT, [], "low", "SVLEN=1000", "GT", ["0/1"], None),
]


def test_what_one_file_says_of_a_person(tmp_path: Path) -> None:
    """One person a file, each at a place of its own; three carry all; no record's name is shown."""
    run = made(tmp_path)
    starts = [1000 + 1800 * n for n in range(len(OF_PERSON))]
    usual = [f"chr1\t{at}\tx\tN\t<DEL>\t.\tPASS\tSVTYPE=DEL;END={at + 1000}\tGT\t0/1"
             for at in starts]  # fmt: skip
    for n, (head, more, flt, info, form, calls, _) in enumerate(OF_PERSON):
        measured(run, n, "XX")
        about = info.format(end=starts[n] + 1000)
        row = ["chr1", str(starts[n]), "FAMILY_7", "N", "<DEL>", ".", flt, about, form, *calls]
        told = one_person(tmp_path / f"e{n}.vcf", f"s{n}", ["\t".join(row)])
        text = told.path.read_text().replace(HEADER, head)
        told.path.write_text(text.replace(f"FORMAT\ts{n}", "\t".join(["FORMAT", f"s{n}", *more])))
        run.events[f"s{n}"] = [told]
    people = len(OF_PERSON) + 3
    for n in range(len(OF_PERSON), people):
        measured(run, n, "XX")
        run.events[f"s{n}"] = [one_person(tmp_path / f"e{n}.vcf", f"s{n}", usual)]
    run.go(CHROMS, everyone(run))
    rows = shown(run).filter(pl.col("stratum") == "all")
    wanted = {
        f"DEL-chr1-{at}-{at + 1000}": (3 + (copies or 0), 2 * (people - (copies is None)))
        for at, (*_, copies) in zip(starts, OF_PERSON, strict=True)
    }
    assert {name: (ac, an) for name, ac, an in rows.select("name", "ac", "an").rows()} == wanted
    places = [*run.members.parent.glob("structural/*"), *run.members.parent.glob("releases/**/*")]
    tables = [pl.read_parquet(path) for path in places if path.suffix == ".parquet"]
    assert tables
    for table in tables:
        assert "id" not in table.columns
        assert "FAMILY_7" not in str(table.to_dicts())


def test_alleles_of_a_pair_file_are_one_variant_and_of_a_shared_file_two(tmp_path: Path) -> None:
    rows = [f"chr1\t{at}\t.\tN\t<DEL>\t.\tPASS\tSVTYPE=DEL;END={at + 2000}\tGT\t0/1\t0/1"
            for at in (1000, 1004)]  # fmt: skip
    for shared in (False, True):
        run = made(tmp_path / str(shared))
        pair = one_person(run.folder / "e.vcf", "s0\ts1", rows).path
        for n in range(6):
            measured(run, n, "XX")
            alone = one_person(run.folder / f"e{n}.vcf", f"s{n}", [])
            run.events[f"s{n}"] = [EventFile(pair, f"s{n}") if n <= shared else alone]
        run.go(CHROMS, everyone(run))
        assert shown(run).filter(stratum="all").height == 1 + shared


def test_numbers_of_a_long_file_do_not_overflow() -> None:
    record = pl.Series([3_000_000], dtype=pl.Int32)
    rows = pl.DataFrame(
        {"chrom": ["chr1"], "pos": [1000], "ref": ["N"], "alt": ["<DEL>"], "end": ["3000"],
         "svtype": ["DEL"], "svlen": ["."], "record": record}
    )  # fmt: skip
    site, _ = _site(rows.with_columns(pl.col("chrom").cast(CHROM)), 1, True, "f", {})
    assert site["number"].to_list() == [3_000_000_001]


def test_one_more_and_one_less_end_in_the_bytes_of_a_rebuild(tmp_path: Path) -> None:
    def build(folder: Path, steps: list[list[int]]) -> tuple[dict, list[bytes]]:
        run = made(folder)
        rng = random.Random(8)
        for n in range(14):
            measured(run, n, "XX")
            spot = [
                f"chr1\t{p + rng.randint(0, 40)}\t.\tN\t<DEL>\t.\tPASS\t"
                f"SVTYPE=DEL;END={p + 900 + rng.randint(0, 40)}\tGT\t{rng.choice(['0/1', '1/1'])}"
                for p in range(1000, 20_000, 2500)
                if rng.random() < 0.6
            ]
            run.events[f"s{n}"] = [one_person(folder / f"e{n}.vcf", f"s{n}", spot)]
        rows = run.rows
        for number, step in enumerate(steps):
            # The state alone remembers: a release of it is the first of a new register.
            shutil.rmtree(run.members.parent / "releases", ignore_errors=True)
            run.rows = [row for row in rows if int(row["n"]) in step]
            run.go(CHROMS, [run.read([f"s{n}" for n in step], f"{number:05d}")])
        content = json.loads((run.members.parent / "state" / "manifest.json").read_text())
        files = sorted((run.members.parent / "structural").glob("*.parquet"))
        assert len(files) == len(CONTIGS)
        return content, [path.read_bytes() for path in files]

    last = list(range(1, 14))
    grown = build(tmp_path / "grown", [[0, 1, 2], list(range(14)), last])
    assert grown == build(tmp_path / "once", [last])
    assert grown[1] != build(tmp_path / "more", [list(range(14))])[1]


@pytest.mark.parametrize(
    ("seen", "depth", "sex", "chrom", "copies"),
    [(15, 30, "XX", "chr1", 1), (29, 30, "XX", "chr1", 2), (5, 7, "XX", "chr1", None),
     (20, 22, "XY", "chrX", 1)],
)  # fmt: skip
def test_copies_of_own_junctions(
    seen: int, depth: int, sex: str, chrom: str, copies: int | None
) -> None:
    row = {name: None for name in STRUCTURAL.schema} | {
        "event": "SV1", "origin": "germline", "svtype": "DEL", "chrom1": chrom, "pos1": 1000,
        "strand1": "+", "chrom2": chrom, "pos2": 2001, "strand2": "-", "filter": "PASS",
        "splits": seen, "pairs": 3, "depth": depth,
    }  # fmt: skip
    found = called_here(pl.DataFrame([row], STRUCTURAL.polars), sex, PAR)
    assert found.select("pos", "pos2", "length", "ac").row(0) == (1000, 2000, 1000, copies)
    assert found.schema == EVENTS.polars


def test_alleles_of_one_panel_stay_apart_and_others_join_the_nearest() -> None:
    def key(pos: int, end: int, source: str, carriers: int, kind: str = "DEL") -> dict:
        return {
            "svtype": kind, "chrom": "chr1", "pos": pos, "chrom2": "chr1", "pos2": end,
            "length": end - pos, "alt": f"<{kind}>", "source": source, "number": pos,
            "carriers": carriers, "joint": source == "p",
        }  # fmt: skip

    rows = [key(1000, 2000, "p", 5), key(1010, 2010, "p", 3), key(1009, 2008, "", 1),
            key(1000, 5000, "", 1), key(1000, 2000, "", 1, "DUP")]  # fmt: skip
    types = {"carriers": pl.UInt32, "joint": pl.Boolean, **EVENTS.schema}
    table = pl.DataFrame(rows, {c: types[c] for c in rows[0]})
    joined = clusters(table, Likeness())
    assert joined.height == 5
    names = variants(joined)["name"].to_list()
    assert sorted(names) == [
        *("DEL-chr1-1000-2000", "DEL-chr1-1000-5000", "DEL-chr1-1010-2010", "DUP-chr1-1000-2000")
    ]
    by = {r["pos"]: r["pos_"] for r in joined.filter(pl.col("svtype") == "DEL").to_dicts()}
    assert by[1009] == 1010


def test_a_difference_of_releases_is_asked_of_who_was_seen_at_both_ends(tmp_path: Path) -> None:
    """Three join, one of them is not measured at one end of one variant: two would be told."""
    run = made(tmp_path)
    deletion = "chr1\t{0}\t.\tN\t<DEL>\t.\tPASS\tSVTYPE=DEL;END={1}\tGT\t0/1"
    both = [deletion.format(1000, 3000), deletion.format(9000, 12_000)]
    for n in range(9):
        measured(run, n, "XX", (("chr1", 2900, 3100),) if n == 8 else ())
        run.events[f"s{n}"] = [one_person(tmp_path / f"e{n}.vcf", f"s{n}", both if n < 2 else [])]
    rows = run.rows
    run.rows = rows[:6]
    run.go(CHROMS, everyone(run))
    first = {r["name"]: r["an"] for r in shown(run).filter(stratum="all").to_dicts()}
    assert first == {"DEL-chr1-1000-3000": 12, "DEL-chr1-9000-12000": 12}
    run.rows = rows
    assert run.go(CHROMS, everyone(run))["release"] == "2"
    then = {r["name"]: r["an"] for r in shown(run).filter(stratum="all").to_dicts()}
    assert then == {"DEL-chr1-9000-12000": 18}


def test_the_job_gives_each_person_the_files_of_their_own(tmp_path: Path) -> None:
    run = made(tmp_path)
    deletion = "chr1\t{0}\t.\tN\t<DEL>\t.\tPASS\tSVTYPE=DEL;END={1}\tGT\t0/1"
    files = []
    for n in range(3):
        measured(run, n, "XX")
        record = deletion.format(1000 * (n + 1), 9000 + 1000 * n)
        files.append(one_person(tmp_path / f"e{n}.vcf", f"other{n}", [record]).path)
    out = run.members.parent / "read" / "00000.json"
    job = {
        "fasta": tmp_path / "r.fa", "vcf": [], "callable_beds": [], "out": out,
        "gvcf": [tmp_path / f"s{n}.g.vcf.gz" for n in range(3)],
        "people": {f"s{n}": (f"p{n}", "XX") for n in range(3)},
        "cohort": run.cohort, "reference": REFERENCE, "calls": [], "repeats": [],
    }  # fmt: skip
    read_people.main(**job, events=files[:2], columns={"s0": ["other0"], "s1": [None], "s2": []})
    state = State(run.members.parent / "state", {})
    told = {s: e and e.events for s, e in ((f"s{n}", state.waiting(f"s{n}")) for n in range(3))}
    assert told["s2"] == ""
    for n in range(2):
        assert read(EVENTS, state.object(str(told[f"s{n}"])))["pos"].to_list() == [1000 * (n + 1)]
