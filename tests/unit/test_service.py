"""shirube serve: what a stranger can learn of a release, and what not."""

import html
import json
import re
import shutil
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl
import pytest
import search_case
from cohort_run import Run
from service_case import ask, by_count, parameters, serving

from shirube.cli.main import main
from shirube.cohort.query.places import Place
from shirube.contracts import ALLELE
from shirube.errors import InputError
from shirube.service.app import Service, Settings
from shirube.service.budget import CLIENTS, Budget
from shirube.service.released import Released
from shirube.service.server import Server
from shirube.service.text import catalogue

LEAST = 2


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    made = search_case.made(tmp_path_factory.mktemp("serve"), k=LEAST)
    shutil.rmtree(made.members.parent / "state")  # the service needs none of it
    return made


@pytest.fixture(scope="module")
def server(run: Run) -> Iterator[Server]:
    with serving(run.folder) as made:
        yield made


def variants(server: Server, **asked: object) -> dict:
    status, _, body = ask(server, "/f/api/g_variants", **asked)
    assert status == 200, body
    return json.loads(body)


def name_of(row: dict) -> str:
    return "-".join(str(row[name]) for name in ALLELE)


def test_a_beacon_says_the_frequencies_of_the_release(run: Run, server: Server) -> None:
    rows = by_count(run.frequency(), LEAST, True)
    assert rows.height > 20
    table = run.frequency()
    for row in rows.head(60).iter_rows(named=True):
        answer = variants(server, **parameters(row))
        assert answer["responseSummary"] == {"exists": True, "numTotalResults": 1}
        (one,) = answer["response"]["resultSets"][0]["results"]
        said = one["frequencyInPopulations"][0]["frequencies"]
        own = table.filter(pl.all_horizontal(pl.col(c) == row[c] for c in ALLELE))
        told = {s["population"]: (s["alleleCount"], s["alleleNumber"]) for s in said}
        assert told["all"] == (row["ac"], row["an"])
        for r in own.iter_rows(named=True):
            if r["stratum"] in told:
                assert told[r["stratum"]] == (r["ac"], r["an"])
        start = one["variation"]["location"]["interval"]["start"]["value"]
        assert start == row["pos"] - 1


def test_rare_alleles_are_as_if_they_were_not_there(run: Run, server: Server) -> None:
    rare = by_count(run.frequency(), LEAST, False)
    assert rare.height > 20
    seen = 0
    for row in rare.head(30).iter_rows(named=True):
        for granularity in ("boolean", "count", "record"):
            asked = parameters(row) | {"requestedGranularity": granularity}
            nowhere = asked | {"alternateBases": "ACGTACGT" + row["alt"]}
            found, other = (variants(server, **a) for a in (asked, nowhere))
            assert found["responseSummary"]["exists"] is False
            for answer in (found, other):
                del answer["meta"]["receivedRequestSummary"]["requestParameters"]
            assert found == other
        if len(row["ref"]) == len(row["alt"]) == 1:
            # the page of an allele nobody has, at the same place, differs in its letters alone
            alts = [b for b in "ACGT" if b != row["ref"]]
            rest = run.frequency().filter(
                pl.col("chrom") == row["chrom"], pl.col("pos") == row["pos"]
            )
            never = next((b for b in alts if b not in set(rest["alt"])), None)
            if never and row["chrom"] == "chrX":
                pages = [
                    ask(server, f"/f/variant/{row['chrom']}-{row['pos']}-{row['ref']}-{alt}")[2]
                    for alt in (row["alt"], never)
                ]
                # gene, names and digests are functions of the letters: compare what is counted
                parts = [
                    re.findall(r'<section class="statement">.*?</table>', p, re.S) for p in pages
                ]
                assert parts[0] == parts[1] != []
                seen += 1
    assert seen or not rare.filter(pl.col("chrom") == "chrX").height


def test_small_cells_are_withheld_in_every_answer(run: Run) -> None:
    least = 5
    table = run.frequency()
    with serving(run.folder, least) as server:
        hidden = 0
        for chrom, end in (("chr1", 3000), ("chrX", 2000), ("chrY", 1200)):
            answer = variants(server, referenceName=chrom, start=0, end=end)
            results = answer["response"]["resultSets"]
            for one in results[0]["results"] if results else []:
                told = one["frequencyInPopulations"][0]["frequencies"]
                counts = {s["population"]: s["alleleCount"] for s in told}
                assert all(n == 0 or n >= least for n in counts.values())
                left = counts["all"] - sum(n for g, n in counts.items() if g != "all")
                groups = {g for g in set(table["stratum"]) if g != "all"}
                absent = groups - set(counts)
                hidden += len(absent)
                if absent:  # what a subtraction gives is of several groups, or large
                    assert left == 0 or left >= least or len(absent) > 1
            tsv = ask(server, f"/f/region/{chrom}-1-{end}.tsv")[2].splitlines()
            columns = tsv[0].split("\t")
            for line in tsv[1:]:
                ac = line.split("\t")[columns.index("ac")]
                assert ac == "" or int(ac) == 0 or int(ac) >= least
        assert hidden > 0


def test_a_region_and_its_pages(run: Run, server: Server) -> None:
    rows = by_count(run.frequency(), LEAST, True).filter(pl.col("chrom") == "chr1")
    asked = {"referenceName": "chr1", "start": 0, "end": 3000}
    whole = variants(server, **asked)
    found = whole["response"]["resultSets"][0]["results"]
    small = [one for one in found if "variantType" not in one["variation"]]
    assert len(small) == rows.height
    assert whole["responseSummary"]["numTotalResults"] == len(found)
    names = [r["variantInternalId"] for r in found]
    assert len(names) > 12
    second = variants(server, **asked, skip=2, limit=4)
    results = second["response"]["resultSets"][0]["results"]
    assert [r["variantInternalId"] for r in results] == names[8:12]
    page = second["meta"]["receivedRequestSummary"]["pagination"]
    assert (page["skip"], page["limit"], page["previousPage"]) == (2, 4, "1")
    assert "response" not in variants(server, **asked, requestedGranularity="count")


PLACE = {"referenceName": "chr1", "start": "0", "end": "9"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "referenceName"),
        ({"referenceName": "chr1"}, "start"),
        ({**PLACE, "start": "-1"}, "start"),
        ({**PLACE, "start": "9"}, "end after start"),
        ({**PLACE, "end": "999999"}, "at most 100000"),
        ({**PLACE, "start": "1,2,3"}, "one or two"),
        ({**PLACE, "start": "1,5"}, "as many values"),
        ({"referenceName": "chr1", "start": "0", "referenceBases": "A"}, "alternateBases"),
        ({"referenceName": "chr1", "start": "0", "alternateBases": "<DEL>"}, "IUPAC"),
        ({"referenceName": "chr77", "start": "0", "end": "4"}, "referenceName"),
        ({**PLACE, "assemblyId": "GRCh37"}, "assemblyId"),
        ({**PLACE, "limit": "x"}, "limit"),
        ({**PLACE, "requestedGranularity": "x"}, "record"),
        ({**PLACE, "includeResultsetResponses": "x"}, "HIT"),
        ({"aminoacidChange": "V600E"}, "geneId"),
        ({"geneId": "NOGENE"}, "geneId"),
    ],
)
def test_bad_questions_are_refused(server: Server, asked: dict[str, str], said: str) -> None:
    status, headers, body = ask(server, "/f/api/g_variants", **asked)
    assert status == 400
    assert said in json.loads(body)["error"]["errorMessage"]
    assert headers["access-control-allow-origin"] == "*"


def test_too_many_fields_and_too_long_addresses_are_answered(server: Server) -> None:
    many = {f"f{n}": n for n in range(60)}
    assert ask(server, "/f/api/g_variants", **many)[0] == 400
    assert ask(server, "/f/", q="A" * 9000)[0] == 414
    status, headers, body = ask(server, "/f/api/g_variants", method="DELETE")
    assert status == 405
    assert "error" in json.loads(body)
    assert "GET" in headers["allow"]


def test_the_beacon_describes_itself(server: Server) -> None:
    for name in ("", "/info", "/configuration", "/entry_types", "/map", "/filtering_terms"):
        status, headers, body = ask(server, f"/f/api{name}")
        assert status == 200
        assert headers["content-type"].startswith("application/json")
        assert json.loads(body)["meta"]["beaconId"] == "org.test"
    assert ask(server, "/f/api/service-info")[0] == 200
    assert ask(server, "/f/api/individuals")[0] == 404
    assert ask(server, "/api/info")[0] == 404
    for path in ("/f/../../etc/passwd", "/f/static/../app.py", "/f/static/%2e%2e/app.py"):
        assert ask(server, path)[0] == 404
    status, headers, _ = ask(server, "/f/api/g_variants", method="OPTIONS")
    assert status == 204
    assert "POST" in headers["access-control-allow-methods"]


def test_pages_show_alleles_in_two_languages_and_do_nothing_else(run: Run, server: Server) -> None:
    row = by_count(run.frequency(), LEAST, True).row(0, named=True)
    for language, word in (("en", "Whole cohort"), ("ja", "コホート全体")):
        for path, asked in (("/f/", {"q": name_of(row)}), (f"/f/variant/{name_of(row)}", {})):
            status, headers, body = ask(server, path, lang=language, **asked)
            assert status == 200
            assert f'<html lang="{language}">' in body
            assert word in body
            assert f"{row['ac']} / {row['an']}" in body
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            outside = re.sub(r'<a href="https://[^"]+"', "", body)
            assert "http" not in outside
            assert "style=" not in body
            assert not re.search(r"<script(?! src=\"/f/static/site.js\" defer>)", body)
    status, _, body = ask(server, "/f/", q="<script>alert(1)</script>", lang="en")
    assert status == 400
    assert "<script>alert" not in body
    assert ask(server, "/f/static/site.css")[1]["content-type"].startswith("text/css")


def test_the_site_finds_what_the_command_line_finds(
    run: Run, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """Allele, region, gene, rsID, HGVS c. and p.: the same counts by either door."""
    results = ["--results", str(run.folder / "results"), "--format", "json", "--group", "all"]
    annotated = pl.read_parquet(run.folder / "results/cohort/annotation/chr1.parquet")
    coding = annotated.filter(pl.col("hgvs_p").str.contains(r"^p\.[A-Z][a-z]{2}\d+[A-Z]"))
    whole = by_count(run.frequency(), LEAST, True)
    shown = coding.with_columns(pl.col("chrom").cast(pl.String)).join(whole, on=ALLELE, how="semi")
    one = shown.row(0, named=True)
    rsid = annotated.drop_nulls("rsid").join(
        whole.with_columns(pl.col("chrom").cast(annotated["chrom"].dtype)), on=ALLELE, how="semi"
    )["rsid"][0]
    asked = [
        *(name_of(whole.row(0, named=True)), "chr1:1-3000", "genea", "GENEB-1", rsid),
        *(f"{one['gene']}:{one['hgvs_c']}", f"{one['gene']} {one['hgvs_p']}"),
    ]
    for question in asked:
        assert main(["query", question, *results]) == 0
        told = [r for r in json.loads(capsys.readouterr().out) if (r["ac"] or 0) >= LEAST]
        status, _, body = ask(server, "/f/", q=question, where="whole")
        assert status == 200, question
        assert told, question
        text = html.unescape(body)
        for row in told[:60]:
            assert f"{row['ac']} / {row['an']}" in text, (question, row)


@pytest.mark.parametrize(
    ("question", "status", "word"),
    [
        *(("rs999999", 404, "rs999999"), ("nonsense word", 400, "TP53")),
        *(("NOGENE:c.1A>G", 404, "NOGENE"), ("shared", 400, "GENEB-1")),
        *(("chr1:9-3", 400, "chr1:9-3"), ("マルファン", 200, "GENEA")),
    ],
)
def test_a_question_without_answer_is_told_why(
    server: Server, question: str, status: int, word: str
) -> None:
    for language in ("ja", "en"):
        found, _, body = ask(server, "/f/", q=question, lang=language)
        assert found == status
        assert word in body


def test_never_measured_and_not_seen_are_told_apart(run: Run) -> None:
    table = pl.read_parquet(run.folder / "results/cohort/callable/chr1.parquet")
    whole = table.filter(pl.col("stratum") == "all")
    covered = {p for a, b in whole.select("start", "end").rows() for p in range(a + 1, b + 1)}
    taken = set(run.frequency().filter(pl.col("chrom") == "chr1")["pos"])
    sequence = run.sequences["chr1"]
    free = [p for p in range(200, 2800) if p not in taken]
    seen = next(p for p in free if p in covered)
    never = next((p for p in range(1, 3001) if p not in covered | taken), None)
    with serving(run.folder, 1) as server:
        for pos, status in ((seen, "not_seen"), (never, "not_measured")):
            assert pos is not None
            alt = "A" if sequence[pos - 1] != "A" else "C"
            name = f"chr1-{pos}-{sequence[pos - 1]}-{alt}"
            said = json.loads(ask(server, f"/f/api/v1/variants/{name}")[2])
            assert said["status"] == status
            row = whole.filter((pl.col("start") < pos) & (pl.col("end") >= pos))
            people = row["people"][0] if row.height else None
            body = ask(server, f"/f/variant/{name}", lang="en")[2]
            if people is None:
                assert "Not measured" in body
                assert said["callable"] == {}
            else:
                assert f"Not seen. {people} people" in body
                assert said["callable"]["all"]["people"] == people


def test_every_source_stands_beside_the_cohort(run: Run, server: Server) -> None:
    known = pl.read_parquet(run.folder / "results/knowledge/frequency_tommo.parquet")
    row = known.row(-1, named=True)  # an allele nobody of the cohort has
    for body in (
        ask(server, f"/f/variant/{name_of(row)}", lang="en")[2],
        ask(server, "/f/region/chr1-2800-3000", lang="en", source="any")[2],
    ):
        assert "tommo" in body
        assert "gnomad" in body
        assert "0.02" in body
    assert name_of(row) not in ask(server, "/f/region/chr1-2800-3000")[2]


def test_filters_order_and_downloads_agree(run: Run, server: Server) -> None:
    whole = json.loads(ask(server, "/f/api/v1/genes/GENEA", where="whole")[2])["variants"]
    assert len(whole) > 5
    for name in ("plof", "missense", "synonymous", "other"):
        some = json.loads(
            ask(server, "/f/api/v1/genes/GENEA", **{"class": name, "where": "whole"})[2]
        )
        assert some["variants"] == [v for v in whole if v["class"] == name]
    down = json.loads(ask(server, "/f/api/v1/genes/GENEA", sort="-af", where="whole")[2])
    af = [v["frequencies"][0]["af"] for v in down["variants"]]
    assert af == sorted(af, reverse=True)
    bound = json.loads(ask(server, "/f/api/v1/genes/GENEA", min_af="0.2", where="whole")[2])
    assert [v for v in whole if v["frequencies"][0]["af"] >= 0.2] == bound["variants"]
    assert ask(server, "/f/gene/GENEA", min_af="2")[0] == 400
    for form in ("tsv", "vcf", "parquet"):
        status, headers, body = ask(server, f"/f/gene/GENEA.{form}", where="whole")
        assert status == 200
        assert f"GENEA.{form}" in headers["content-disposition"]
        if form != "parquet":
            lines = [line.split("\t") for line in body.splitlines() if not line.startswith("#")]
            own = {
                "-".join(line[:4] if form == "tsv" else [*line[:2], *line[3:5]]) for line in lines
            }
            assert own - {"chrom-pos-ref-alt"} == {v["variant"] for v in whole}


def test_two_groups_are_compared(server: Server) -> None:
    asked = {"in": "chr1:1-3000", "one": "group:sex=XX", "other": "group:sex=XY"}
    status, _, body = ask(server, "/f/compare", lang="en", **asked)
    assert status == 200
    assert body.count("<circle") > 5
    assert ask(server, "/f/compare", **{**asked, "other": "group:sex=XX"})[0] == 400
    assert ask(server, "/f/compare", **{**asked, "other": "group:nobody"})[0] == 400
    assert ask(server, "/f/compare", **{**asked, "other": "japanese:tommo"})[0] == 200


def test_whole_files_are_handed_out_only_if_opened(run: Run) -> None:
    with serving(run.folder) as server:
        assert ask(server, "/f/files/sites.vcf.gz")[0] == 404
    with serving(run.folder, downloads=True) as server:
        _, _, about = ask(server, "/f/about", lang="en")
        for name in ("sites.vcf.gz", "frequency/chr1.parquet", "callable/chr1.parquet"):
            assert f"/f/files/{name}" in about
            assert ask(server, f"/f/files/{name}")[0] == 200
        for name in ("members.parquet", "../audit.jsonl", "state/manifest.json"):
            assert ask(server, f"/f/files/{name}")[0] == 404


def test_nobody_is_named(run: Run, server: Server) -> None:
    pages = [ask(server, "/f/", q="chr1:1-3000")[2], ask(server, "/f/api/info")[2]]
    pages += [ask(server, "/f/about")[2], ask(server, "/f/gene/GENEA")[2]]
    pages.append(ask(server, "/f/api/g_variants", referenceName="chr1", start=0, end=3000)[2])
    names = [f"{mark}{n}" for n in range(14) for mark in "sp"]
    for body in pages:
        assert str(run.folder) not in body
        assert not any(f'"{name}"' in body or f">{name}<" in body for name in names)


def test_a_client_has_a_budget(run: Run) -> None:
    with serving(run.folder, budget=3, root="") as server:
        server_budget = [ask(server, "/api/info") for _ in range(5)]
        page = ask(server, "/", lang="ja")
        style = ask(server, "/static/site.css")
    assert [status for status, _, _ in server_budget] == [200, 200, 200, 429, 429]
    assert 10 < int(server_budget[-1][1]["retry-after"]) <= 21
    assert page[0] == 429
    assert "秒後" in page[2]
    assert style[0] == 200


def test_budgets_fill_again_and_are_forgotten_in_order() -> None:
    now = [0.0]
    budget = Budget(2, 10.0, lambda: now[0])
    assert [budget.wait("a") for _ in range(3)] == [0.0, 0.0, 5.0]
    assert budget.wait("b") == 0.0
    now[0] = 5.0
    assert [budget.wait("a"), budget.wait("a")] == [0.0, 5.0]
    for n in range(CLIENTS):
        budget.wait(f"other {n}")
    assert budget.wait("a") == 0.0  # forgotten, so a new client


def test_a_new_release_is_served_without_a_new_start(tmp_path: Path) -> None:
    run = Run(tmp_path, k=2)
    for n in range(2):
        run.add(n)
    run.go()
    with serving(tmp_path, root="") as server:
        assert json.loads(ask(server, "/api/v1/release")[2])["release"] == "1"
        for n in range(2, 5):
            run.add(n)
        run.go()
        assert json.loads(ask(server, "/api/v1/release")[2])["release"] == "2"
        rows = by_count(run.frequency(), 2, True)
        first = rows.row(0, named=True)
        answer = json.loads(ask(server, "/api/g_variants", **parameters(first))[2])
    told = answer["response"]["resultSets"][0]["results"][0]["frequencyInPopulations"][0]
    assert told["frequencies"][0]["alleleNumber"] == first["an"]


def test_a_region_longer_than_allowed_is_refused(run: Run) -> None:
    released = Released(run.folder / "results")
    with pytest.raises(InputError, match="at most"):
        released.alleles(Place("chr1", 0, 100_001))


def test_a_taken_port_is_said_and_ipv6_works(run: Run) -> None:
    with serving(run.folder) as server:
        words = ["serve", "--results", str(run.folder / "results")]
        assert main([*words, "--port", str(server.server_port)]) == 1
    if socket.has_ipv6:
        released = Released(run.folder / "results")
        with Server(("::1", 0), Service(released, Budget(9, 9.0), Settings())) as server:
            assert server.server_port > 0


def test_every_message_is_in_both_languages() -> None:
    for name, texts in catalogue().items():
        assert set(texts) == {"ja", "en"}, name
        fields = [set(re.findall(r"\{(\w+)\}", text)) for text in texts.values()]
        assert fields[0] == fields[1], name


def on_every_page(server: Server, paths: Iterable[str], word: str) -> None:
    for path in paths:
        for language in ("ja", "en"):
            status, _, text = ask(server, path, lang=language)
            assert status == 200
            assert word in text


def test_structural_variants_stand_on_pages_in_json_and_in_queries(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = search_case.made(tmp_path)
    with serving(run.folder, 1, root="") as server:
        on_every_page(
            server, ("/region/chr1-1-3000", "/gene/GENEA"), "/structural/DEL-chr1-400-900"
        )
        status, _, text = ask(server, "/structural/DEL-chr1-400-900", lang="en")
        assert status == 200
        assert "14 / 28" in text.replace("\u2009", "")
        assert "sv0" not in text
        assert ask(server, "/", q="DEL-chr1-400-900")[2].count("DEL-chr1-400-900")
        region = json.loads(ask(server, "/api/v1/regions/chr1-1590-2600")[2])
        names = [one["name"] for one in region["structural"]]
        assert names == [
            *("DUP-chr1-1600-2500", "INS-chr1-1700-+310", "BND-chr1-2000-chrX:1500"),
            "INV-chr1-2200-2700",
        ]
        far = json.loads(ask(server, "/api/v1/regions/chrX-1490-1510")[2])["structural"]
        assert [one["svtype"] for one in far] == ["CNV", "BND"]
        one = json.loads(ask(server, "/api/v1/structural/CNV-chrX-500-1800")[2])
        assert one["frequencies"][0]["copy_numbers"] == [0, 0, 7, 7]
        assert ask(server, "/structural/DEL-chr1-401-900")[0] == 400
    with serving(run.folder, 9, root="") as server:
        region = json.loads(ask(server, "/api/v1/regions/chr1-1-3000")[2])["structural"]
        assert all(one["frequencies"][0]["ac"] >= 9 for one in region)
        assert ask(server, "/structural/BND-chr1-2000-chrX:1500")[0] == 400  # 5 copies
    assert main(["query", "--structural", "GENEA", "--results", str(tmp_path / "results")]) == 0
    assert "DEL-chr1-400-900" in capsys.readouterr().out


def test_loci_stand_on_pages_in_json_and_in_queries(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = search_case.made(tmp_path)
    with serving(run.folder, 1, root="") as server:
        on_every_page(server, ("/region/chr1-1-3000", "/gene/GENEA"), "/locus/LOCUS_A")
        for name in ("LOCUS_A", "chrM:100"):
            on_every_page(server, [f"/locus/{name}"], name)
            assert ask(server, "/", q=name.lower())[2].count(name)
        one = json.loads(ask(server, "/api/v1/loci/LOCUS_A")[2])
        found = {a["allele"]: a["frequencies"][0] for a in one["alleles"]}
        assert {name: row["ac"] for name, row in found.items()} == {"10": 5, "11": 5, "12": 18}
        assert {row["an"] for row in found.values()} == {28}
        (allele,) = json.loads(ask(server, "/api/v1/loci/chrM:100")[2])["alleles"]
        assert allele["allele"] == "A>G"
        assert allele["frequencies"][0]["levels"] == [0, 4, 0, 0, 0, 0, 0, 0, 1]
        assert (
            allele["frequencies"][0]["nhemi"] == 1
        )  # of three the reference there is known of one
        gene = json.loads(ask(server, "/api/v1/genes/GENEA")[2])
        assert [locus["locus"] for locus in gene["loci"]] == ["LOCUS_A"]
        assert ask(server, "/locus/NOTHING")[0] == 400
        assert ask(server, "/api/v1/loci/NOTHING")[0] == 400
    with serving(run.folder, 6, root="") as server:
        one = json.loads(ask(server, "/api/v1/loci/LOCUS_A")[2])
        assert [a["allele"] for a in one["alleles"]] == ["12"]  # of 10 and 11 there are five each
        assert ask(server, "/api/v1/loci/chrM:100")[0] == 400
    with serving(run.folder, 5, root="") as server:
        (allele,) = json.loads(ask(server, "/api/v1/loci/chrM:100")[2])["alleles"]
        assert allele["frequencies"][0]["levels"] is None  # 4 people and 1
    assert main(["query", "--loci", "GENEA", "--results", str(tmp_path / "results")]) == 0
    assert "LOCUS_A" in capsys.readouterr().out


def test_two_releases_are_compared(tmp_path: Path) -> None:
    run = search_case.made(tmp_path)
    first = run.members.parent / "releases" / "0001"
    for n in range(14, 18):
        run.add(n, sex="XY" if n % 2 else "XX")
    assert run.go()["release"] == "2"
    before, now = (
        {
            (r["chrom"], r["pos"], r["ref"], r["alt"]): (r["ac"], r["an"])
            for r in pl.concat(
                pl.read_parquet(path) for path in sorted((folder / "frequency").glob("*.parquet"))
            ).filter(stratum="all").iter_rows(named=True)
        }
        for folder in (first, run.members.parent)
    )  # fmt: skip
    asked = {"in": "chr1:1-3000", "one": "release:1:all", "other": "group:all", "lang": "en"}
    with serving(run.folder, 1, earlier=[first], root="") as server:
        status, _, text = ask(server, "/compare", **asked)
        assert status == 200
        rows = re.findall(r"/variant/([^\"?]+).*?</tr>", text, re.DOTALL)
        cells = re.findall(r">(\d+) / (\d+)<", text.replace("\u2009", ""))
        assert len(rows) > 5
        assert len(cells) == 2 * len(rows)
        for number, name in enumerate(rows):
            chrom, pos, ref, alt = name.split("-")
            key = (chrom, int(pos), ref, alt)
            told = [(int(ac), int(an)) for ac, an in cells[2 * number : 2 * number + 2]]
            assert told == [before[key], now[key]]
        assert "some of the same people" in text
        assert ask(server, "/compare", **{**asked, "one": "release:2:all"})[0] == 400
