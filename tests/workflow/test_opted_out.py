"""A finding that a person did not ask for is in no file of the run, of any format."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from pypdf import PdfReader

pytestmark = pytest.mark.workflow
PERSON, ASKED, FINDING = "DEMO_14", "DEMO_13", "BRCA2 p.Arg300Ter"


def rows(path: Path) -> Iterator[str]:
    """Pieces of a file that speak of one thing: rows of a table, lines or documents of text."""
    data = path.read_bytes()
    if data[:4] == b"PAR1":
        table = pl.read_parquet(path)
        yield from (json.dumps(row, default=str) for row in table.iter_rows(named=True))
        yield repr(pl.read_parquet_metadata(path))
    elif data[:5] == b"%PDF-":
        yield "".join(page.extract_text() for page in PdfReader(path).pages)
        yield repr(PdfReader(path).metadata)
    else:
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        text = data.decode("utf-8", "replace")
        if path.name.startswith("index.") and path.suffix == ".html":
            yield from text.split("</tr>")  # the page over all people: a row is one person's
        else:
            whole = path.suffix in (".json", ".html")
            yield from [text] if whole else text.splitlines()


def spellings(finished: Path) -> list[str]:
    """Names of the finding in the words of anyone whom it was told."""
    table = pl.read_parquet(finished / f"results/findings/{ASKED}.parquet")
    row = table.filter(pl.col("name") == FINDING).row(0, named=True)
    names = [row[key] for key in ("hgvs_g", "hgvs_c", "hgvs_p", "name", "clinvar_id") if row[key]]
    coding = str(row["hgvs_c"]).split(":")[-1]
    return [*names, str(row["hgvs_p"]).replace("(", "").replace(")", "").split(":")[-1], coding]


def produced(finished: Path) -> list[Path]:
    """Every file of the run: results, logs, benchmarks, state; Snakemake's own records as well."""
    outside = ("data", "truth", "reference", "knowledge", "config", "reads")
    found = [p for p in finished.rglob("*") if p.is_file() and not p.is_symlink()]
    return sorted(
        p
        for p in found
        if p.relative_to(finished).parts[0] not in outside and p.suffix not in (".tbi", ".csi")
    )


def test_the_search_finds_what_was_told(finished: Path) -> None:
    """The same search sees the finding in every format of the report of who asked."""
    names = spellings(finished)
    assert len(names) >= 4
    seen = {
        path.name
        for path in (finished / f"results/reports/{ASKED}").iterdir()
        if any(name in piece for piece in rows(path) for name in names)
    }
    pages = {f"report.{language}.{kind}" for language in ("ja", "en") for kind in ("html", "pdf")}
    assert seen >= {"report.json", "report.fhir.json", "report.phenopacket.json", *pages}


def test_no_file_of_the_person_holds_the_finding(finished: Path) -> None:
    """Calls hold the allele as the reads do: by place and bases, without gene, name or class."""
    names = spellings(finished)
    own = [p for p in produced(finished) if PERSON in str(p.relative_to(finished))]
    assert {p.suffix for p in own} >= {".json", ".html", ".pdf", ".parquet", ".gz", ".log"}
    found = [
        (str(path), name) for path in own for piece in rows(path) for name in names if name in piece
    ]
    assert not found


@pytest.mark.slow
def test_no_row_or_document_ties_the_finding_to_the_person(finished: Path) -> None:
    """Pooled tables name the allele for whoever has it; none of their rows names the person."""
    names = spellings(finished)
    others = [p for p in produced(finished) if PERSON not in str(p.relative_to(finished))]
    found = [
        str(path)
        for path in others
        for piece in rows(path)
        if PERSON in piece and any(name in piece for name in names)
    ]
    assert not found


def test_files_of_the_person_name_no_withheld_gene_but_as_looked_at(finished: Path) -> None:
    """Depth of a gene is stated of all genes alike; nothing else of the person names the gene."""
    gene = FINDING.split(" ")[0]
    for kind in ("findings", "ledger", "homozygosity", "pedigree", "sv", "quality", "germline"):
        for path in sorted((finished / f"results/{kind}").glob(f"{PERSON}*")):
            if path.suffix in (".parquet", ".gz"):
                assert not any(gene in piece for piece in rows(path)), path
