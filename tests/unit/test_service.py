"""shirube serve: what a stranger can learn of a release, and what not."""

import http.client
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import polars as pl
import pytest
from cohort_run import Run

from shirube.cohort.query.places import Place
from shirube.contracts import ALLELE
from shirube.service.budget import CLIENTS, Budget
from shirube.service.released import Released
from shirube.service.server import Server

LEAST = 2


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    made = Run(tmp_path_factory.mktemp("serve"), k=LEAST)
    for n in range(14):
        made.add(n, sex="XY" if n % 2 else "XX")
    made.go()
    shutil.rmtree(made.members.parent / "state" / "objects")  # the service needs none of it
    return made


@pytest.fixture(scope="module")
def server(run: Run) -> Iterator[Server]:
    released = Released(run.folder / "results")
    with Server(("127.0.0.1", 0), released, Budget(100_000, 60.0), "org.test", "/f") as made:
        Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


def ask(
    server: Server, path: str, method: str = "GET", **asked: object
) -> tuple[int, dict[str, str], str]:
    """Status, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, path + ("?" + urlencode(asked) if asked else ""))
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, dict(answer.getheaders()), body


def variants(server: Server, **asked: object) -> dict:
    status, _, body = ask(server, "/f/api/g_variants", **asked)
    assert status == 200, body
    return json.loads(body)


def by_count(run: Run, enough: bool) -> pl.DataFrame:
    """Released alleles with enough copies, or without."""
    whole = run.frequency().filter(pl.col("stratum") == "all")
    return whole.filter((pl.col("ac") >= LEAST) == enough)


def parameters(row: dict) -> dict[str, object]:
    names = {"referenceName": row["chrom"], "start": row["pos"] - 1}
    return names | {"referenceBases": row["ref"], "alternateBases": row["alt"]}


def test_a_beacon_says_the_frequencies_of_the_release(run: Run, server: Server) -> None:
    table = run.frequency()
    rows = by_count(run, True)
    assert rows.height > 20
    for row in rows.head(60).iter_rows(named=True):
        answer = variants(server, **parameters(row))
        assert answer["responseSummary"] == {"exists": True, "numTotalResults": 1}
        (one,) = answer["response"]["resultSets"][0]["results"]
        said = one["frequencyInPopulations"][0]["frequencies"]
        same = pl.all_horizontal(pl.col(c) == row[c] for c in ALLELE)
        own = table.filter(same & pl.col("af").is_not_null())
        assert {s["population"]: (s["alleleCount"], s["alleleNumber"]) for s in said} == {
            r["stratum"]: (r["ac"], r["an"]) for r in own.iter_rows(named=True)
        }
        start = one["variation"]["location"]["interval"]["start"]["value"]
        assert start == row["pos"] - 1


def test_rare_alleles_are_as_if_they_were_not_there(run: Run, server: Server) -> None:
    rare = by_count(run, False)
    assert rare.height > 20
    for row in rare.head(30).iter_rows(named=True):
        for granularity in ("boolean", "count", "record"):
            asked = parameters(row) | {"requestedGranularity": granularity}
            nowhere = asked | {"alternateBases": "ACGTACGT" + row["alt"]}
            found, other = (variants(server, **a) for a in (asked, nowhere))
            assert found["responseSummary"]["exists"] is False
            for answer in (found, other):
                del answer["meta"]["receivedRequestSummary"]["requestParameters"]
            assert found == other


def test_a_region_and_its_pages(run: Run, server: Server) -> None:
    rows = by_count(run, True).filter(pl.col("chrom") == "chr1")
    asked = {"referenceName": "chr1", "start": 0, "end": 3000}
    whole = variants(server, **asked)
    assert whole["responseSummary"]["numTotalResults"] == rows.height
    names = [r["variantInternalId"] for r in whole["response"]["resultSets"][0]["results"]]
    assert len(names) > 9
    second = variants(server, **asked, skip=5, limit=4)["response"]["resultSets"][0]
    assert [r["variantInternalId"] for r in second["results"]] == names[5:9]
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
        ({"referenceName": "chr1", "start": "0", "alternateBases": "A"}, "referenceBases"),
        ({**PLACE, "filters": "x"}, "parameters"),
        ({**PLACE, "assemblyId": "GRCh37"}, "assemblyId"),
        ({**PLACE, "limit": "x"}, "limit"),
        ({**PLACE, "requestedGranularity": "x"}, "record"),
    ],
)
def test_bad_questions_are_refused(server: Server, asked: dict[str, str], said: str) -> None:
    status, _, body = ask(server, "/f/api/g_variants", **asked)
    assert status == 400
    assert said in json.loads(body)["error"]["errorMessage"]


def test_the_beacon_describes_itself(server: Server) -> None:
    for name in ("", "/info", "/configuration", "/entry_types", "/map", "/filtering_terms"):
        status, headers, body = ask(server, f"/f/api{name}")
        assert status == 200
        assert headers["Content-Type"].startswith("application/json")
        assert json.loads(body)["meta"]["beaconId"] == "org.test"
    assert ask(server, "/f/api/individuals")[0] == 404
    assert ask(server, "/api/info")[0] == 404
    assert ask(server, "/f/../../etc/passwd")[0] == 404
    assert ask(server, "/f/api/g_variants", method="POST")[0] == 501


def test_the_page_shows_alleles_in_two_languages_and_does_nothing_else(
    run: Run, server: Server
) -> None:
    row = by_count(run, True).row(0, named=True)
    allele = f"{row['chrom']}-{row['pos']}-{row['ref']}-{row['alt']}"
    for language, word in (("en", "Allele frequencies"), ("ja", "アレル頻度")):
        status, headers, body = ask(server, "/f/", q=allele, lang=language)
        assert status == 200
        assert word in body
        assert f"<td>{allele}</td><td>all</td><td>{row['ac']}</td><td>{row['an']}</td>" in body
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "<script" not in body
        assert "http" not in body
    status, _, body = ask(server, "/f/", q="<script>alert(1)</script>", lang="en")
    assert status == 400
    assert "<script>" not in body
    assert ask(server, "/f/page.css")[1]["Content-Type"].startswith("text/css")


def test_nobody_is_named(run: Run, server: Server) -> None:
    pages = [ask(server, "/f/", q="chr1:1-3000")[2], ask(server, "/f/api/info")[2]]
    pages.append(ask(server, "/f/api/g_variants", referenceName="chr1", start=0, end=3000)[2])
    names = [f"{mark}{n}" for n in range(14) for mark in "sp"]
    for body in pages:
        assert str(run.folder) not in body
        assert not any(f'"{name}"' in body or f">{name}<" in body for name in names)


def test_a_client_has_a_budget(run: Run) -> None:
    released = Released(run.folder / "results")
    with Server(("127.0.0.1", 0), released, Budget(3, 3600.0), "org.test") as server:
        Thread(target=server.serve_forever, daemon=True).start()
        answers = [ask(server, "/api/info") for _ in range(5)]
        server.shutdown()
    assert [status for status, _, _ in answers] == [200, 200, 200, 429, 429]
    assert 1100 < int(answers[-1][1]["Retry-After"]) <= 1201


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
    released = Released(tmp_path / "results")
    assert released.about["release"] == "1"
    for n in range(2, 5):
        run.add(n)
    run.go()
    rows = run.frequency().filter((pl.col("stratum") == "all") & (pl.col("ac") >= 2))
    first = rows.row(0, named=True)
    place = Place(first["chrom"], first["pos"] - 1, first["pos"])
    served = [r for r in released.alleles(place) if r[0]["alt"] == first["alt"]]
    assert released.about["release"] == "2"
    assert served[0][0]["an"] == first["an"]
