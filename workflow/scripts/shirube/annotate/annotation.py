"""ANNOTATION of one chromosome: consequences and names, then what each source knows.

Alleles are taken in batches, so that memory depends on the batch and the chromosome's length, not
on the number of alleles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from shirube.annotate.csq import csq_classes, with_csq
from shirube.annotate.external import external_rows
from shirube.annotate.frequencies import Coverage, with_frequencies
from shirube.annotate.matching import looked_up
from shirube.annotate.rows import empty_rows, genomic_names, impacts, transcript_rows
from shirube.contracts import ALLELE, ANNOTATION, CALLS, GENE_MODELS, SOMATIC, check, scan
from shirube.contracts.knowledge import CLINVAR
from shirube.contracts.knowledge_general import PREDICTOR
from shirube.contracts.phase import CHANGES
from shirube.errors import InputError
from shirube.files import scratch
from shirube.genome.accessions import genomic_prefix
from shirube.genome.normalise import normalised
from shirube.genome.sequence import Bases, bases, contig_of
from shirube.knowledge.names import FREQUENCY

BATCH = 500_000  # alleles annotated at a time
FILES = 64  # tables whose alleles are held at a time
PREDICTORS = ("revel", "alphamissense", "cadd", "spliceai")
_CLINVAR = {
    "clinvar_id": "clinvar_id",
    "significance": "clinvar_significance",
    "review": "clinvar_review",
    "stars": "clinvar_stars",
    "conditions": "clinvar_conditions",
    "oncogenicity": "clinvar_oncogenicity",
    "oncogenicity_review": "clinvar_oncogenicity_review",
    "rsid": "rsid",
}


@dataclass(frozen=True)
class Chromosome:
    """One chromosome of the run's reference with what is known of it.

    `knowledge` maps table names (gene_models, clinvar, frequency_...) to their Parquet files; what
    is absent stays null. `engine` names the engine of consequences: embedded, bcftools_csq, vep or
    snpeff; the last two speak through the VCF `external`. `coverage` says of sources of frequencies
    where they looked.
    """

    name: str
    fasta: str
    prefix: str
    sequence: Bases
    models: pl.DataFrame | None
    knowledge: Mapping[str, str]
    contig: str = ""
    engine: str = "embedded"
    external: str | None = None
    aliases: dict[str, str] | None = None
    coverage: Mapping[str, Coverage] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        name: str,
        fasta: str,
        build: str,
        knowledge: Mapping[str, str],
        aliases: dict[str, str] | None = None,
        engine: str = "embedded",
        external: str | None = None,
        coverage: Mapping[str, Coverage] | None = None,
    ) -> "Chromosome":
        """Chromosome `name` (canonical) of a reference."""
        contig = contig_of(fasta, name, aliases)
        if contig is None:
            raise InputError(fasta, f"a contig for {name}")
        sequence = bases(fasta, contig)
        models = None
        if "gene_models" in knowledge:
            scanned = scan(GENE_MODELS, knowledge["gene_models"])
            models = scanned.filter(pl.col("chrom") == name).collect()
        prefix = genomic_prefix(name, build, contig, sequence.size)
        given = (name, fasta, prefix, sequence, models, knowledge)
        return cls(*given, contig, engine, external, aliases, coverage or {})


def alleles_of(
    calls: Sequence[str], somatic: Sequence[str], changes: Sequence[str], chrom: str
) -> pl.DataFrame:
    """Distinct alleles of a chromosome over all samples and patients, sorted.

    `composed` says of an allele that no record has it: it is what several are together.

    FILES tables are held at a time: memory grows with the alleles, not with the people.
    """
    schema = {name: ANNOTATION.polars[name] for name in ALLELE} | {"composed": pl.Boolean()}
    known = pl.DataFrame(schema=schema)
    paths = [(CALLS, path) for path in calls] + [(SOMATIC, path) for path in somatic]
    paths += [(CHANGES, path) for path in changes]
    for at in range(0, len(paths), FILES):
        own = [
            scan(contract, path)
            .filter(pl.col("chrom") == chrom)
            .select(*ALLELE, composed=pl.lit(contract is CHANGES))
            for contract, path in paths[at : at + FILES]
        ]
        known = pl.concat([known.lazy(), *own]).unique().collect()
    return known.group_by(ALLELE).agg(pl.col("composed").all()).sort(ALLELE)


def annotated(alleles: pl.DataFrame, chromosome: Chromosome) -> pl.DataFrame:
    """ANNOTATION of `alleles` (ALLELE columns, all of `chromosome`)."""
    spelled = pl.col("ref").str.contains("^[ACGT]+$") & pl.col("alt").str.contains("^[ACGT]+$")
    plain, other = alleles.filter(spelled), alleles.filter(~spelled)
    placed = normalised(plain, chromosome.sequence)
    contradicted = placed.filter(~pl.col("known").fill_null(True))
    if contradicted.height:
        first = contradicted.row(0, named=True)
        where = f"{chromosome.name}:{first['pos']}"
        raise InputError(chromosome.fasta, f"REF {first['ref']} of a called allele", where)
    named = genomic_names(placed, chromosome.sequence, chromosome.prefix)
    facts = (
        plain.with_row_index("row")
        .with_columns(named)
        .join(_known(placed, chromosome), on="row", how="left")
    )
    rows = _consequences(placed, chromosome)
    judged = rows is not None
    rows = empty_rows() if rows is None else rows
    outside = pl.lit("intergenic_variant" if judged else None, pl.String)
    modifier = pl.lit("MODIFIER" if judged else None, pl.String)
    table = facts.join(rows.with_columns(impacts(rows).alias("impact")), on="row", how="left")
    table = table.with_columns(
        pl.col("transcript").fill_null(""),
        pl.col("consequence").fill_null(outside),
        pl.col("impact").fill_null(modifier),
    )
    table = pl.concat([table, other.with_columns(transcript=pl.lit(""))], how="diagonal_relaxed")
    return ANNOTATION.table(table)


def _consequences(placed: pl.DataFrame, chromosome: Chromosome) -> pl.DataFrame | None:
    """Rows an allele and transcript by the chosen engine; None if nothing can judge them."""
    models, sequence = chromosome.models, chromosome.sequence
    if chromosome.engine in {"vep", "snpeff"}:
        if chromosome.external is None:
            raise InputError(
                "config", f"annotation.external, the VCF {chromosome.engine} annotated"
            )
        named = (
            {}
            if models is None
            else dict(
                models.drop_nulls("mane")
                .select(pl.col("transcript").str.replace(r"\..*$", ""), "mane")
                .iter_rows()
            )
        )
        # The programs judged records; what several of them are together is judged here.
        composed = placed.get_column("composed", default=pl.Series([False] * placed.height))
        rows = external_rows(
            placed.filter(~composed), chromosome.name, sequence, chromosome.external,
            chromosome.engine, named, chromosome.aliases,
        )  # fmt: skip
        parts = [(rows, ~composed)]
        if models is not None and composed.any():
            parts.append((transcript_rows(placed.filter(composed), models, sequence), composed))
        return pl.concat(
            [r.with_columns(which.arg_true().gather(r["row"]).alias("row")) for r, which in parts]
        )
    if models is None:
        return None
    rows = transcript_rows(placed, models, sequence)
    if chromosome.engine == "bcftools_csq":
        classes = csq_classes(placed, models, chromosome.fasta, chromosome.contig, sequence.size)
        return with_csq(rows, classes)
    return rows


def _known(placed: pl.DataFrame, chromosome: Chromosome) -> pl.DataFrame:
    """What ClinVar and the population sources hold, one row an allele (`row`)."""
    ordered = placed.select("pos", "ref", "alt").with_row_index("row").sort("pos", "ref", "alt")
    sources = {k: v for k, v in chromosome.knowledge.items() if k.startswith(FREQUENCY)}
    found = with_frequencies(
        ordered, chromosome.name, sources, chromosome.coverage, chromosome.aliases
    )
    found = found.hstack(_clinvar(ordered, chromosome))
    scores = [_score(ordered, chromosome, name) for name in PREDICTORS]
    return found.hstack(scores).drop("pos", "ref", "alt")


def _score(ordered: pl.DataFrame, chromosome: Chromosome, name: str) -> pl.Series:
    """Highest score a predictor gives each allele in any gene; null where it gives none."""
    path = chromosome.knowledge.get(name)
    if path is None or not ordered.height:
        return pl.Series(name, [None] * ordered.height, pl.Float64)
    low, high = ordered["pos"][0], ordered["pos"][-1]
    known = (
        scan(PREDICTOR, path)
        .filter(pl.col("chrom") == chromosome.name, pl.col("pos").is_between(low, high))
        .group_by("pos", "ref", "alt")
        .agg(pl.col("score").max().cast(pl.Float64).round(4).alias(name))
        .sort("pos", "ref", "alt")
        .collect()
    )
    return looked_up(ordered, known, [name])[name]


def _clinvar(ordered: pl.DataFrame, chromosome: Chromosome) -> pl.DataFrame:
    path = chromosome.knowledge.get("clinvar")
    if path is None or not ordered.height:
        known = CLINVAR.empty()
    else:
        low, high = ordered["pos"][0], ordered["pos"][-1]
        known = (
            scan(CLINVAR, path)
            .filter(pl.col("chrom") == chromosome.name, pl.col("pos").is_between(low, high))
            .collect()
        )
    return looked_up(ordered, known, list(_CLINVAR)).rename(_CLINVAR)


def with_clinvar(table: pl.DataFrame, chromosome: Chromosome) -> pl.DataFrame:
    """ANNOTATION of a chromosome with what the ClinVar of `chromosome.knowledge` holds instead.

    All else in it stays; equal to `annotated` anew with that ClinVar.
    """
    alleles = table.select(ALLELE).unique(maintain_order=True)
    spelled = pl.col("ref").str.contains("^[ACGT]+$") & pl.col("alt").str.contains("^[ACGT]+$")
    plain = alleles.filter(spelled)
    placed = normalised(plain, chromosome.sequence)
    ordered = placed.select("pos", "ref", "alt").with_row_index("row").sort("pos", "ref", "alt")
    found = ordered.select("row").hstack(_clinvar(ordered, chromosome)).sort("row")
    facts = plain.select(ALLELE).hstack(found.drop("row"))
    bare = table.drop(list(_CLINVAR.values()))
    return ANNOTATION.table(bare.join(facts, on=list(ALLELE), how="left"))


def write_annotation(
    alleles: pl.DataFrame,
    chromosome: Chromosome,
    output: str | Path,
    about: Mapping[str, str],
    batch: int = BATCH,
) -> int:
    """Annotate `alleles` (sorted), `batch` at a time, into one ANNOTATION file; return its rows."""
    metadata = {**about, "contract": ANNOTATION.name, "version": str(ANNOTATION.version)}
    rows = 0
    with scratch(output) as directory:
        parts: list[Path] = []
        for start in range(0, max(alleles.height, 1), batch):
            table = check(annotated(alleles.slice(start, batch), chromosome), ANNOTATION)
            part = directory / f"{len(parts):06d}.parquet"
            table.write_parquet(part)
            rows += table.height
            parts.append(part)
        pl.scan_parquet(parts, glob=False).sink_parquet(
            output,
            compression="zstd",
            row_group_size=131_072,
            maintain_order=True,
            metadata=dict(sorted(metadata.items())),
        )
    return rows
