"""Facts on genes as published: G2P, ClinGen dosage, gnomAD constraint, NANDO by gene."""

from pathlib import Path

import polars as pl

from shirube.contracts.knowledge_rare import (
    GENE_CONSTRAINT,
    GENE_DISEASES,
    GENE_DOSAGE,
    NANDO_GENES,
)
from shirube.errors import InputError
from shirube.knowledge.sources import table

_REQUIREMENT = {
    "biallelic": "AR",
    "monoallelic": "AD",
    "hemizygous": "XL",
    "x-linked": "XL",
    "mitochondrial": "MT",
}
_CONSEQUENCE = {
    "loss of function": "loss",
    "absent gene product": "loss",
    "decreased gene product": "loss",
    "dominant negative": "dominant_negative",
    "activating": "gain",
    "gain of function": "gain",
    "increased gene": "gain",
    "uncertain": "unknown",
}


def _word(column: str, words: dict[str, str], otherwise: str) -> pl.Expr:
    low = pl.col(column).str.to_lowercase()
    out = pl.when(low.is_null()).then(pl.lit("unknown")).otherwise(pl.lit(otherwise))
    for start, value in words.items():
        out = pl.when(low.str.starts_with(start)).then(pl.lit(value)).otherwise(out)
    return out


def read_g2p(path: str | Path) -> pl.DataFrame:
    """GENE_DISEASES of one G2P panel (CSV with a header)."""
    names = ["gene symbol", "disease name", "disease mim", "allelic requirement",
             "mutation consequence", "phenotypes", "panel"]  # fmt: skip
    frame = table(path, names, separator=",")
    confidence = next((c for c in ("DDD category", "confidence category", "confidence")
                       if c in frame.columns), None)  # fmt: skip
    if confidence is None:
        raise InputError(path, "a column of confidence (DDD category or confidence category)")
    mim = pl.col("disease mim").str.extract(r"^(\d{6})$", 1)
    rows = frame.select(
        gene="gene symbol",
        disease=pl.col("disease name").fill_null("unnamed"),
        omim=pl.when(mim.is_not_null()).then(pl.concat_str(pl.lit("OMIM:"), mim)),
        inheritance=_word("allelic requirement", _REQUIREMENT, "other"),
        mechanism=_word("mutation consequence", _CONSEQUENCE, "other"),
        confidence=pl.col(confidence).str.to_lowercase(),
        terms=pl.col("phenotypes")
        .fill_null("")
        .str.extract_all(r"HP:\d{7}")
        .list.unique()
        .list.sort(),
        panel=pl.col("panel").fill_null(""),
    ).drop_nulls("gene")
    return GENE_DISEASES.table(rows.unique(GENE_DISEASES.key, keep="first", maintain_order=True))


def read_dosage(path: str | Path) -> pl.DataFrame:
    """GENE_DOSAGE of ClinGen's gene curation list (comment lines, the last of them the header)."""
    names = ["#Gene Symbol", "Haploinsufficiency Score", "Triplosensitivity Score"]
    body = Path(path).read_text(encoding="utf-8").splitlines()
    skipped = next((n for n, line in enumerate(body) if line.startswith("#Gene Symbol")), None)
    if skipped is None:
        raise InputError(path, "a header line that begins with #Gene Symbol")
    frame = pl.read_csv(
        "\n".join(body[skipped:]).encode(), separator="\t", infer_schema=False, quote_char=None
    )
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise InputError(path, f"columns {', '.join(missing)}", "header")
    score = {
        column: pl.col(name).str.extract(r"^(\d+)$", 1).cast(pl.Int8)
        for column, name in zip(("haploinsufficiency", "triplosensitivity"), names[1:], strict=True)
    }
    rows = frame.select(gene="#Gene Symbol", **score).drop_nulls("gene")
    return GENE_DOSAGE.table(rows.unique("gene", keep="first", maintain_order=True))


def read_constraint(path: str | Path) -> pl.DataFrame:
    """GENE_CONSTRAINT of gnomAD's table by gene (gene, pLI, oe_lof_upper)."""
    frame = table(path, ["pLI", "oe_lof_upper"], quote=None, comment="##")
    frame = frame.rename({"#gene": "gene"}, strict=False)
    if "gene" not in frame.columns:
        raise InputError(path, "a column gene", "header")
    numbers = {
        name: pl.col(column).str.replace("^NA$", "").cast(pl.Float64, strict=False)
        for name, column in (("pli", "pLI"), ("loeuf", "oe_lof_upper"))
    }
    rows = frame.select("gene", **numbers)
    # A gene of several transcripts counts with its most constrained one.
    kept = rows.sort("gene", "loeuf", nulls_last=True).unique("gene", keep="first")
    return GENE_CONSTRAINT.table(kept.drop_nulls("gene"))


def read_nando(path: str | Path, terms: str | Path | None = None) -> pl.DataFrame:
    """NANDO_GENES of a table gene, disease_mim, mondo, nando, kind, number, Japanese label.

    `terms` is NANDO's own table of names, which has the English ones.
    """
    names = ["gene", "disease_mim", "mondo", "nando"]
    names += ["nando_kind", "notification_no", "nando_label_ja"]
    frame = table(path, names, quote=None)
    rows = frame.select(
        "gene",
        "nando",
        "mondo",
        omim=pl.concat_str(pl.lit("OMIM:"), pl.col("disease_mim").fill_null("")),
        designated=pl.col("nando_kind") == "指定難病",
        number="notification_no",
        name_ja="nando_label_ja",
    ).drop_nulls(["gene", "nando"])
    english = {"nando": pl.String, "name_en": pl.String}
    names_en = pl.DataFrame(schema=english)
    if terms is not None:
        found = table(terms, ["nando_id", "label_en"], quote=None)
        names_en = found.select(nando="nando_id", name_en="label_en").unique("nando", keep="first")
    rows = rows.join(names_en, on="nando", how="left", maintain_order="left")
    return NANDO_GENES.table(rows.unique(NANDO_GENES.key, keep="first", maintain_order=True))
