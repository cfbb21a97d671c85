"""A service over a small release, for the tests of pages, JSON and Beacon."""

import http.client
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import polars as pl

from shirube.contracts import ALLELE
from shirube.service.app import Service, Settings
from shirube.service.budget import Budget
from shirube.service.released import Released
from shirube.service.server import Server


@contextmanager
def serving(
    folder: Path,
    least: int | None = None,
    budget: int = 1_000_000,
    earlier: Sequence[Path] = (),
    **settings: str | bool,
) -> Iterator[Server]:
    """A server over the run in `folder`, on a free port, in a thread."""
    released = Released(folder / "results", least, folder / "config" / "config.yaml", earlier)
    made = Settings("org.test", **{"root": "/f", **settings})
    with Server(("127.0.0.1", 0), Service(released, Budget(budget, 60.0), made)) as server:
        yield server


def ask(
    server: Server,
    path: str,
    method: str = "GET",
    body: object = None,
    headers: dict[str, str] | None = None,
    **asked: object,
) -> tuple[int, dict[str, str], str]:
    """Status, headers (names in lower case) and body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    sent = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    address = path + ("?" + urlencode(asked, doseq=True) if asked else "")
    connection.request(method, address, sent, headers or {})
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text


def parameters(row: dict) -> dict[str, object]:
    """A Beacon request for one allele."""
    names = {"referenceName": row["chrom"], "start": row["pos"] - 1}
    return names | {"referenceBases": row["ref"], "alternateBases": row["alt"]}


def by_count(table: pl.DataFrame, least: int, enough: bool) -> pl.DataFrame:
    """Released alleles with at least `least` copies in every group that has any, or with fewer."""
    rows = table.filter(pl.col("stratum") == "all", (pl.col("ac") >= least) == enough)
    small = table.filter(pl.col("ac").is_between(1, least - 1)).select(ALLELE).unique()
    return rows.join(small, on=ALLELE, how="anti", maintain_order="left") if enough else rows
