"""The pharmacogenomic part of the report of one person."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from shirube.errors import InputError
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.intervals import EMPTY, Arrays
from shirube.knowledge.pharmcat_definitions import OUTSIDE, Gene
from shirube.pgx.diplotypes import Call, Pair, call
from shirube.pgx.genotypes import Genotype, genotypes
from shirube.pgx.phenotypes import (
    Phenotypes,
    Resolved,
    copies_by_allele,
    recommendations,
)
from shirube.pgx.tables import Tables

OUTSIDE_COLUMNS = ("patient", "gene", "diplotype", "phenotype", "source")
LISTED = 50  # diplotypes listed; beyond that the number alone is stated


def status(found: Call, positions: int) -> str:
    """called, ambiguous, partial (unknown positions), no_match or not_callable."""
    if len(found.unknown) == positions:
        return "not_callable"
    if not found.assumed:
        return "no_match"
    if found.unknown:
        return "partial"
    return "called" if len(found.assumed) == 1 else "ambiguous"


def name_of(pair: Pair) -> str:
    """A diplotype as it is written."""
    return "/".join(pair)


def gene_entry(
    gene: Gene, found: Sequence[Genotype], known: Phenotypes
) -> tuple[dict[str, Any], Resolved | None]:
    """The report's entry of a gene, and what guidelines may be looked up by (None: unsettled).

    Settled means: every diplotype that cannot be excluded has the same phenotype.
    """
    result = call(gene, found)
    possible = {known.of(gene.gene, pair) for pair in result.consistent}
    one = next(iter(possible)) if len(possible) == 1 else None
    settled = None
    if one is not None and one.phenotype is not None:
        alleles = {copies_by_allele(pair) for pair in result.consistent}
        settled = Resolved(
            gene.gene, one, next(iter(alleles)) if len(alleles) == 1 else frozenset()
        )
    listed = {name for pair in result.assumed for name in pair}
    unexcluded = {name for pair in result.consistent for name in pair} - listed
    entry = {
        "gene": gene.gene,
        "status": status(result, len(gene.positions)),
        "source": "reads",
        "diplotypes": [
            {
                "name": name_of(pair),
                "phenotype": known.of(gene.gene, pair).phenotype,
                "activity_score": known.of(gene.gene, pair).activity_score,
                "best": pair in result.best,
            }
            for pair in result.assumed[:LISTED]
        ],
        "diplotype_count": len(result.assumed),
        "phenotype": settled.phenotype.phenotype if settled else None,
        "activity_score": settled.phenotype.activity_score if settled else None,
        "possible_phenotypes": sorted({p.phenotype for p in possible if p.phenotype}),
        "not_excluded": sorted(unexcluded, key=gene.names.index),
        "detected": list(result.detected),
        "positions": len(gene.positions),
        "uncalled": [
            {
                "pos": f"{gene.chrom}:{gene.positions[i].pos}",
                "rsid": gene.positions[i].rsid,
                "name": gene.positions[i].name,
                "reason": found[i].reason or "genotypes disagree on the number of copies",
            }
            for i in result.unknown
        ],
    }
    return entry, settled


def outside_calls(path: str | Path | None, patient: str) -> dict[str, dict[str, str | None]]:
    """Gene -> row of the table of calls made elsewhere, for one patient."""
    if path is None:
        return {}
    table = pl.read_csv(path, separator="\t", infer_schema=False, null_values=["", "."])
    missing = [name for name in OUTSIDE_COLUMNS if name not in table.columns]
    if missing:
        raise InputError(path, f"columns {', '.join(OUTSIDE_COLUMNS)}", f"no {missing[0]}")
    rows = table.filter(pl.col("patient") == patient).rows(named=True)
    genes_ = [str(row["gene"]) for row in rows]
    if len(genes_) != len(set(genes_)):
        raise InputError(path, "one row a patient and gene", patient)
    return {str(row["gene"]): row for row in rows}


def outside_entry(
    gene: str, row: Mapping[str, str | None] | None, known: Phenotypes
) -> tuple[dict[str, Any], Resolved | None]:
    """The entry of a gene that is taken from elsewhere, or said to be missing."""
    entry: dict[str, Any] = {
        "gene": gene,
        "status": "outside" if row else "not_called",
        "source": (row["source"] or "outside call") if row else "none",
        "diplotypes": [],
        "diplotype_count": 0,
        "phenotype": None,
        "activity_score": None,
        "possible_phenotypes": [],
        "not_excluded": [],
        "detected": [],
        "positions": 0,
        "uncalled": [],
    }
    if not row:
        return entry, None
    alleles = tuple(str(row["diplotype"] or "").split("/"))
    found = known.of(gene, alleles)
    phenotype = row["phenotype"] or found.phenotype
    entry |= {
        "diplotypes": [
            {
                "name": row["diplotype"] or "–",
                "phenotype": phenotype,
                "activity_score": found.activity_score,
                "best": True,
            }
        ],
        "diplotype_count": 1,
        "phenotype": phenotype,
        "activity_score": found.activity_score,
        "possible_phenotypes": [phenotype] if phenotype else [],
    }
    if found.phenotype is None or found.phenotype != phenotype:
        return entry, None
    return entry, Resolved(gene, found, copies_by_allele(alleles))


def around(calls: pl.DataFrame | pl.LazyFrame, found: Sequence[Gene]) -> pl.DataFrame:
    """The rows of CALLS near any position of the genes: all that is read of a whole genome."""
    margin = 10_000  # a deletion that begins before a gene may reach into it
    windows = [
        (pl.col("chrom") == gene.chrom)
        & pl.col("pos").is_between(
            min(p.pos for p in gene.positions) - margin, max(p.pos for p in gene.positions) + margin
        )
        for gene in found
        if gene.positions
    ]
    wanted = pl.any_horizontal(windows) if windows else pl.lit(False)
    return calls.lazy().filter(wanted).collect(engine="streaming")


def pharmacogenomics(
    tables: Tables,
    calls: pl.DataFrame | pl.LazyFrame,
    callable_: Mapping[str, Arrays],
    copies: Mapping[str, int | None],
    outside: Mapping[str, Mapping[str, str | None]],
    about: Mapping[str, str | None],
    tests: Sequence[Mapping[str, str]],
    rule: GenotypeRule | None = None,
) -> dict[str, Any]:
    """Diplotypes, phenotypes and recommendations of one person's normal sample.

    `calls`: CALLS; `callable_`: intervals by chromosome; `copies`: by chromosome where it
    is not 2 (None: unknown); `outside`: see outside_calls; `about`: version, licence, checksum;
    `tests`: rows of resources/pharmacogenetic_tests.tsv.
    """
    known = Phenotypes(tables.phenotypes)
    found = [gene for gene in tables.genes() if gene.gene not in outside]
    near = around(calls, found)
    made = [
        gene_entry(
            gene,
            genotypes(
                gene, near, callable_.get(gene.chrom, EMPTY), copies.get(gene.chrom, 2), rule
            ),
            known,
        )
        for gene in found
    ]
    made += [outside_entry(g, outside.get(g), known) for g in sorted({*OUTSIDE, *outside})]
    settled = {entry["gene"]: resolved for entry, resolved in made if resolved}
    return {
        "status": "assessed",
        "version": about.get("version"),
        "licence": about.get("licence"),
        "sha256": about.get("sha256"),
        "genes": sorted((entry for entry, _ in made), key=lambda e: e["gene"]),
        "recommendations": recommendations(tables.recommendations, settled),
        "tests": [dict(test) for test in tests],
    }


def not_assessed(reason: str) -> dict[str, Any]:
    """The part of a report without pharmacogenomics: not_configured or no_normal."""
    return {
        "status": reason,
        "version": None,
        "licence": None,
        "sha256": None,
        "genes": [],
        "recommendations": [],
        "tests": [],
    }


def copies_of(sex: str) -> dict[str, int | None]:
    """Copies of the pharmacogenes by chromosome, where that is not two.

    The one on X (G6PD) lies outside the pseudo-autosomal regions.
    """
    return {"chrM": 1, "chrX": {"XX": 2, "XY": 1}.get(sex)}
