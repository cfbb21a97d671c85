"""Star alleles of 104 Japanese against a count of their genotypes."""

import json
import os
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from shirube.contracts import CALLS
from shirube.genome.alleles import trimmed
from shirube.genome.intervals import arrays
from shirube.knowledge.names import files_of
from shirube.knowledge.pharmcat_definitions import Gene
from shirube.pgx.genotypes import genotypes
from shirube.pgx.phenotypes import Phenotypes
from shirube.pgx.result import gene_entry
from shirube.pgx.tables import tables_of
from shirube.tools import run

KNOWLEDGE = Path(os.environ.get("KNOWLEDGE", "../shared/knowledge"))
VCF = KNOWLEDGE / "kg_jpt_pgx/kg_jpt_pgx.GRCh38.vcf.gz"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.oracle,
    pytest.mark.skipif(not VCF.exists(), reason=f"no {VCF}: set KNOWLEDGE"),
]
SEEN = {"ploidy": 2, "gq": 99, "dp": 30}
# Defining change -> named alleles that carry it, as published; the counts come from the VCF.
CARRIERS = {
    "CYP2C19": {"rs4244285": ["*2"], "rs4986893": ["*3"], "rs12248560": ["*17", "*4"]},
    "UGT1A1": {"rs4148323": ["*6"], "rs35350960": ["*27"], "rs887829": ["*80", "*80+*28"]},
    "NUDT15": {"rs116855232": ["*2", "*3"], "rs186364861": ["*5"]},
}


@pytest.fixture(scope="module")
def lines() -> list[list[str]]:
    text = run("bcftools", "query", "-f", "%CHROM\t%POS\t%REF\t%ALT[\t%GT]\n", VCF).decode()
    return [line.split("\t") for line in text.splitlines()]


def counted(lines: list[list[str]], gene: Gene, rsid: str) -> int:
    """Alternative alleles of a position over all people, straight from the genotypes."""
    position = next(p for p in gene.positions if p.rsid == rsid)
    return sum(
        (column.count("1"))
        for line in lines
        if (line[0], int(line[1]), line[2], line[3])
        == (gene.chrom, position.pos, position.ref, position.alts[0])
        for column in line[4:]
    )


@pytest.mark.parametrize("symbol", sorted(CARRIERS))
def test_star_allele_frequencies_equal_a_count_of_genotypes(
    lines: list[list[str]], symbol: str
) -> None:
    tables = tables_of(files_of(KNOWLEDGE / "pharmcat"))
    gene = next(g for g in tables.genes() if g.gene == symbol)
    known, stars = Phenotypes(tables.phenotypes), Counter[str]()
    near = {p for q in gene.positions for p in range(q.pos - 1, q.pos + len(q.ref) + 1)}
    here = [line for line in lines if line[0] == gene.chrom and int(line[1]) in near]
    people = len(lines[0]) - 4
    assert people == 104
    for person in range(people):
        records = []
        for number, line in enumerate(here):
            alleles = line[4 + person].replace("|", "/").split("/")
            for n, alt in enumerate(line[3].split(","), 1):
                if dosage := alleles.count(str(n)):
                    pos, ref, changed = trimmed(int(line[1]), line[2], alt)
                    records.append((line[0], pos, ref, changed, number, dosage))
        names = ("chrom", "pos", "ref", "alt", "record", "dosage")
        calls = pl.DataFrame(
            records, schema={n: CALLS.schema[n] for n in names}, orient="row"
        ).with_columns(
            pl.lit("PASS").alias("filter"),
            *(
                pl.lit(v, CALLS.schema[n]).alias(n)
                for n, v in {"ploidy": 2, "gq": 99, "dp": 30}.items()
            ),
            *(
                pl.lit(None, CALLS.schema[n]).alias(n)
                for n in ("phase_set", "haplotype", "heteroplasmy")
            ),
        )
        everywhere = arrays([(gene.chrom, 0, 300_000_000)])[gene.chrom]
        entry, _ = gene_entry(gene, genotypes(gene, calls, everywhere, 2), known)
        assert entry["status"] in ("called", "ambiguous")
        best = [d["name"] for d in entry["diplotypes"] if d["best"]]
        # Where phase is open, every best pair holds the same defining changes.
        stars.update(best[0].split("/"))
    for rsid, names in CARRIERS[symbol].items():
        assert sum(stars[name] for name in names) == counted(lines, gene, rsid), rsid
    assert sum(stars.values()) == 2 * people


def test_pypgx_gives_phenotypes_of_genes_that_pharmcat_leaves_out() -> None:
    files, pypgx = files_of(KNOWLEDGE / "pharmcat"), KNOWLEDGE / "pypgx/diplotype-table.csv.gz"
    alone, both = tables_of(files), tables_of(files, pypgx)
    added = both.phenotypes.filter(pl.col("source") == "pypgx")
    assert {"G6PD", "RYR1"} <= set(added["gene"]) - set(alone.phenotypes["gene"])
    assert both.phenotypes.filter(pl.col("source") == "pharmcat").equals(alone.phenotypes)
    known = Phenotypes(both.phenotypes)
    for gene in both.genes():
        if gene.gene in ("G6PD", "RYR1"):
            named = {name for alleles in added.filter(pl.col("gene") == gene.gene)["alleles"]
                     for name in json.loads(alleles)}  # fmt: skip
            assert len(named & set(gene.names)) > 0.9 * len(named), gene.gene
    assert known.of("G6PD", ("A- 202A_376G",)).lookup == "Deficient"
    lookups = {
        value
        for row in both.recommendations.rows(named=True)
        for gene, value in json.loads(row["lookup"]).items()
        if gene == "G6PD"
    }
    assert lookups <= set(both.phenotypes.filter(pl.col("gene") == "G6PD")["lookup"])
