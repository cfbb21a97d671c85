"""Copies of SMN1 as findings: none makes the disease, one a carrier."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from shirube.interpret.acmg import PATHOGENIC
from shirube.interpret.inputs import Knowledge
from shirube.interpret.person import Person
from shirube.interpret.question import Question
from shirube.interpret.rows import criterion, detail
from shirube.interpret.stage import Account
from shirube.ledger import OUTSIDE_QUESTION, Rule, decided, entries
from shirube.reasons import because

SOURCE = "PMID 9990048"


def copies_stage(
    person: Person, knowledge: Knowledge, question: Question, copies: pl.DataFrame
) -> Account:
    """Every gene of GENE_COPIES that has a gene model is a record, at its place."""
    spans = {gene: span for gene, span in knowledge.spans().items() if gene in set(copies["gene"])}
    rows = copies.filter(pl.col("gene").is_in(list(spans))).with_row_index("record")
    if rows.is_empty():
        return Account()
    rows = rows.with_columns(
        chrom=pl.Series([spans[gene][0] for gene in rows["gene"]]),
        pos=pl.Series([spans[gene][1] + 1 for gene in rows["gene"]], dtype=pl.Int32),
        ref=pl.lit("N"),
        alt=pl.lit("<CNV>"),
    )
    asked = ~pl.col("gene").is_in(sorted(question.withheld)).fill_null(False)
    described, wanted = pl.col("reason"), pl.lit("fewer than 2 copies")
    rules = [
        Rule(
            OUTSIDE_QUESTION,
            "filtered",
            ~asked,
            pl.lit(None, pl.String),
            pl.lit("a gene of the question"),
        ),
        Rule("gene_copies_reads", "filtered", ~pl.col("assessed"), described, pl.lit("assessable")),
        Rule("gene_copies", "reported", pl.col("copies") < 2, described, wanted),
        Rule("gene_copies", "filtered", pl.col("copies") >= 2, described, wanted),
    ]
    done = decided(rows, rules)
    account = Account(records=rows.height)
    account.parts.append(entries(done, "gene_copies", person.normal or ""))
    shown = done.filter(pl.col("fate") == "reported").rows(named=True)
    account.findings += [finding(row, knowledge, question) for row in shown]
    return account


def finding(row: Mapping[str, Any], knowledge: Knowledge, question: Question) -> dict[str, Any]:
    """A FINDINGS row (rank null) of a gene with no copy or one."""
    none = row["copies"] == 0
    gene = knowledge.genes.of(row["gene"])
    number = "no copy" if none else "one copy"
    return {
        "finding": f"gene-copies-{row['gene']}",
        "section": question.section(row["gene"]),
        "origin": "germline",
        "kind": "gene_copies",
        "chrom": row["chrom"],
        "pos": row["pos"],
        "ref": None,
        "alt": None,
        "gene": row["gene"],
        "consequence": "copy_number_loss",
        "name": f"{row['gene']} {number} ({row['paralogue']} {row['paralogue_copies']})",
        "zygosity": "homozygous" if none else "heterozygous",
        "dp": row["gene_reads"] + row["paralogue_reads"],
        "ad_alt": row["gene_reads"],
        "classification": PATHOGENIC,
        "criteria": [
            criterion("gene_copies", none, 0, row["reason"], SOURCE),
            criterion("carrier", not none, 0, because("copies.carrier"), SOURCE),
        ],
        "evidence": [],
        "score": 1.0 if none else 0.3,
        "detail": detail(
            {
                "carrier": not none,
                "total_cn": row["copies"],
                "paralogue": row["paralogue"],
                "paralogue_copies": row["paralogue_copies"],
                "site": row["site"],
                "posterior": row["posterior"],
                "copies_by_depth": row["total"],
                **gene.described(),
            }
        ),
    }
