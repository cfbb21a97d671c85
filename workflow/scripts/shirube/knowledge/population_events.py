"""How often people have deletions and duplications: sites VCFs (gnomAD-SV, JSV1) and DGV's table.

Of a VCF the frequency is that of the allele (AF, else AC over AN), of records that pass; of DGV it
is the share of the people of a study who have the gain or loss, of studies of LEAST_PEOPLE or more:
of small ones no share is known to a percent. What is rarer than LEAST is left out: an event that is
in no source, and one that is seldom there, are both no common one.
"""

from pathlib import Path

import polars as pl

from shirube.contracts.knowledge_rare import POPULATION_EVENTS
from shirube.errors import InputError
from shirube.genome.alleles import canonical
from shirube.knowledge.sources import table
from shirube.vcf import header, read_columns

LEAST, LEAST_PEOPLE, SIZE = 0.001, 100, 50
_KINDS = {"DEL": "DEL", "DUP": "DUP", "deletion": "DEL", "loss": "DEL", "duplication": "DUP"}
_KINDS |= {"gain": "DUP", "tandem duplication": "DUP"}
_DGV = ("variantaccession", "chr", "start", "end", "variantsubtype", "samplesize")


def read_population_events(path: str | Path, aliases: dict[str, str] | None = None) -> pl.DataFrame:
    """POPULATION_EVENTS of a sites VCF, or of DGV's table of variants (by its name, .txt or .tsv).

    Raises InputError where a file says neither of frequency nor of kind.
    """
    plain = str(path).removesuffix(".gz").removesuffix(".bgz")
    rows = _of_dgv(path) if plain.endswith((".txt", ".tsv")) else _of_vcf(path)
    names = rows["contig"].unique().to_list()
    chroms = {name: chrom for name in names if (chrom := canonical(name, aliases))}
    return POPULATION_EVENTS.table(
        rows.with_columns(
            chrom=pl.col("contig").replace_strict(chroms, default=None, return_dtype=pl.String)
        )
        .filter(
            pl.col("chrom").is_not_null()
            & (pl.col("frequency") >= LEAST)
            & (pl.col("end") - pl.col("start") >= SIZE)
        )
        .sort("frequency", descending=True)
        .unique(POPULATION_EVENTS.key, keep="first", maintain_order=True)
    )


def _of_vcf(path: str | Path) -> pl.DataFrame:
    known = header(path).info
    if "SVTYPE" not in known or not ({"AF"} <= known or {"AC", "AN"} <= known):
        raise InputError(path, "INFO fields SVTYPE and AF (or AC and AN)", "header")
    fields = dict.fromkeys(("SVTYPE", "END", "SVLEN", "AF", "AC", "AN"), pl.String)
    found = read_columns(path, fields)

    def number(name: str) -> pl.Expr:
        # Of several ALTs the event is there in any of them.
        return pl.col(name).str.split(",").list.eval(pl.element().cast(pl.Float64)).list.sum()

    length = pl.col("SVLEN").str.split(",").list.first().cast(pl.Int64).abs()
    passed = pl.col("filter").is_null() | (pl.col("filter") == "PASS")
    return (
        found.filter(passed & pl.col("SVTYPE").is_in(list(_KINDS)))
        .select(
            "contig",
            start=pl.col("pos"),
            end=pl.coalesce(pl.col("END").cast(pl.Int64), pl.col("pos") + length),
            svtype=pl.col("SVTYPE").replace_strict(_KINDS),
            frequency=pl.coalesce(
                number("AF") if "AF" in known else None, number("AC") / number("AN")
            ),
            name=pl.col("id"),
        )
        .drop_nulls(["end", "frequency"])
    )


def _of_dgv(path: str | Path) -> pl.DataFrame:
    counted = ("observedgains", "observedlosses")
    found = table(path, [*_DGV, *counted], quote=None)
    losses, gains = (pl.col(name).cast(pl.Float64, strict=False) for name in counted[::-1])
    people = pl.col("samplesize").cast(pl.Float64, strict=False)
    kind = pl.col("variantsubtype").replace_strict(_KINDS, default=None, return_dtype=pl.String)
    return (
        found.with_columns(svtype=kind)
        .filter(pl.col("svtype").is_not_null() & (people >= LEAST_PEOPLE))
        .select(
            pl.col("chr").alias("contig"),
            start=pl.col("start").cast(pl.Int64) - 1,
            end=pl.col("end").cast(pl.Int64),
            svtype="svtype",
            frequency=pl.when(pl.col("svtype") == "DEL").then(losses).otherwise(gains) / people,
            name="variantaccession",
        )
        .drop_nulls("frequency")
    )
