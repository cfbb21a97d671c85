"""cancerhotspots.org, IntOGen, MSKCC isoforms and the CPSR panel as tables."""

from pathlib import Path

import polars as pl

from shirube.contracts.knowledge_cancer import DRIVERS, HOTSPOTS, ISOFORMS, PREDISPOSITION
from shirube.genome.amino import THREE
from shirube.knowledge.sources import refuse_duplicates, table

_ROLES = {"Act": "activating", "LoF": "loss_of_function", "ambiguous": "ambiguous"}


def read_hotspots(path: str | Path, version: str) -> pl.DataFrame:
    """HOTSPOTS of the merged v2 and 3D file (columns hugo_symbol, residue, variant_amino_acid...).

    A row of the file holds all changes of a residue as R:204|H:27; each becomes a row here.
    """
    columns = ["hugo_symbol", "amino_acid_position", "reference_amino_acid", "variant_amino_acid",
               "tumor_count", "type", "transcript_id", "q_value", "residue"]  # fmt: skip
    frame = table(path, columns, quote=None)
    refuse_duplicates(frame, frame.columns, path)
    single = pl.col("type").is_in(["single residue", "3d"])
    change = pl.col("_change").str.extract(r"^(.*):\d+$")
    # 3d rows have no column of their own for the reference: it is the first letter of `residue`.
    letter = pl.coalesce(
        pl.col("reference_amino_acid").str.extract(r"^([A-Z*]):"),
        pl.col("residue").str.extract(r"^([A-Z*])\d"),
    )
    table_ = frame.with_columns(pl.col("variant_amino_acid").str.split("|").alias("_change"))
    rows = table_.explode("_change").select(
        gene="hugo_symbol",
        transcript="transcript_id",
        kind="type",
        residue=pl.col("amino_acid_position").str.extract(r"^(\d+)").cast(pl.Int32),
        residue_end=pl.col("amino_acid_position").str.extract(r"(\d+)$").cast(pl.Int32),
        reference=pl.when(single).then(
            letter.replace_strict(THREE, default=None, return_dtype=pl.String)
        ),
        change=pl.when(single)
        .then(change.replace_strict(THREE, default=None, return_dtype=pl.String))
        .when(pl.col("type") == "splice site")
        .then(pl.lit("splice"))
        .otherwise(change),
        tumours=pl.col("_change").str.extract(r":(\d+)$").cast(pl.Int32),
        all=pl.col("tumor_count").cast(pl.Float64).cast(pl.Int32),
        q_value=pl.col("q_value").cast(pl.Float64),
        source=pl.lit(f"cancerhotspots.org {version}"),
    )
    # A residue of several 3d clusters is listed once a cluster: the largest count stays.
    ordered = rows.drop_nulls(["residue", "change"]).sort([*HOTSPOTS.key, "tumours"])
    return HOTSPOTS.table(ordered.unique(HOTSPOTS.key, keep="last", maintain_order=True))


def read_drivers(path: str | Path) -> pl.DataFrame:
    """DRIVERS of IntOGen's compendium (one row a cohort), joined over cohorts of a tumour type."""
    columns = ["SYMBOL", "TRANSCRIPT", "COHORT", "CANCER_TYPE", "SAMPLES", "QVALUE_COMBINATION"]
    frame = table(path, [*columns, "ROLE"], quote=None)
    refuse_duplicates(frame, ["SYMBOL", "COHORT", "CANCER_TYPE"], path)
    roles = pl.col("ROLE").replace_strict(_ROLES, default=None, return_dtype=pl.String)
    rows = frame.group_by(gene="SYMBOL", tumour="CANCER_TYPE").agg(
        pl.when(roles.drop_nulls().n_unique() == 1)
        .then(roles.drop_nulls().first())
        .otherwise(pl.lit("ambiguous"))
        .first()
        .alias("role"),
        pl.col("TRANSCRIPT").first().alias("transcript"),
        pl.col("COHORT").n_unique().cast(pl.Int32).alias("cohorts"),
        pl.col("SAMPLES").cast(pl.Int32).sum().alias("samples"),
        pl.col("QVALUE_COMBINATION").cast(pl.Float64, strict=False).min().alias("q_value"),
    )
    return DRIVERS.table(rows)


def read_isoforms(path: str | Path) -> pl.DataFrame:
    """ISOFORMS of MSKCC's isoform overrides."""
    frame = table(path, ["gene_name", "refseq_id", "enst_id", "note"], quote=None)
    # The publisher lists a gene of two list entries twice with the same transcript.
    once = frame.unique(["gene_name", "enst_id"], keep="first", maintain_order=True)
    names = {"gene_name": "gene", "enst_id": "transcript", "refseq_id": "refseq"}
    return ISOFORMS.table(once.rename(names).drop_nulls("transcript"))


def read_predisposition(path: str | Path) -> pl.DataFrame:
    """PREDISPOSITION of CPSR's superpanel."""
    columns = ["SYMBOL", "CPG_MOI", "CPG_MOD", "TUMOR_SUPPRESSOR", "ONCOGENE", "CPG_PHENOTYPES",
               "PANEL_NAME", "PANEL_VERSION"]  # fmt: skip
    frame = table(path, columns, quote=None)
    refuse_duplicates(frame, ["SYMBOL"], path)

    def word(name: str) -> pl.Expr:
        return pl.when(pl.col(name) != "NA").then(pl.col(name))

    return PREDISPOSITION.table(
        frame.select(
            gene="SYMBOL",
            inheritance=word("CPG_MOI"),
            mechanism=word("CPG_MOD"),
            tumour_suppressor=pl.col("TUMOR_SUPPRESSOR").str.to_lowercase() == "true",
            oncogene=pl.col("ONCOGENE").str.to_lowercase() == "true",
            phenotypes=word("CPG_PHENOTYPES"),
            panel=pl.col("PANEL_NAME") + " " + pl.col("PANEL_VERSION"),
        )
    )
