"""The Human Phenotype Ontology (OBO), its gene annotations and Japanese labels, as published."""

import re
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from shirube.contracts.knowledge_rare import (
    PHENOTYPE_DISEASES,
    PHENOTYPE_GENES,
    PHENOTYPE_TERMS,
)
from shirube.errors import InputError
from shirube.knowledge.sources import table, text

_ID = re.compile(r"^HP:\d{7}$")


def read_terms(obo: str | Path, japanese: str | Path | None = None) -> pl.DataFrame:
    """PHENOTYPE_TERMS of an OBO file; obsolete terms only as alternatives of their successor."""
    stanzas = _stanzas(obo)
    parents = {t: s.get("is_a", []) for t, s in stanzas.items() if "is_obsolete" not in s}
    for term, above in parents.items():
        lost = [p for p in above if p not in parents]
        if lost:
            raise InputError(obo, f"a term {lost[0]}, the parent of {term}")
    instead: dict[str, list[str]] = {}
    for term, stanza in stanzas.items():
        if term in parents:
            instead.setdefault(term, []).extend(stanza.get("alt_id", []))
        for successor in stanza.get("replaced_by", []) if term not in parents else ():
            instead.setdefault(successor, []).append(term)
    names = {term: next(iter(stanzas[term].get("name", [])), None) for term in parents}
    return term_table(obo, names, parents, instead, japanese)


def term_table(
    source: str | Path,
    names: Mapping[str, str | None],
    parents: Mapping[str, list[str]],
    instead: Mapping[str, list[str]],
    japanese: str | Path | None,
) -> pl.DataFrame:
    """PHENOTYPE_TERMS of the labels and parents of `source`'s terms and the ids they replaced."""
    ancestors: dict[str, frozenset[str]] = {}
    for term in parents:
        _climb(term, parents, ancestors, source)
    labels = _labels(japanese) if japanese else {}
    rows = [
        {
            "term": term,
            "name": names[term],
            "name_ja": labels.get(term),
            "parents": sorted(parents[term]),
            "ancestors": sorted(ancestors[term]),
            "alternatives": sorted(set(instead.get(term, []))),
        }
        for term in parents
    ]
    return PHENOTYPE_TERMS.table(pl.DataFrame(rows, schema=PHENOTYPE_TERMS.polars))


def _stanzas(obo: str | Path) -> dict[str, dict[str, list[str]]]:
    """Term id -> tag -> values (what follows ! and quotes dropped)."""
    found: dict[str, dict[str, list[str]]] = {}
    now: dict[str, list[str]] | None = None
    for line in text(obo).splitlines():
        if line.startswith("["):
            now = {} if line.strip() == "[Term]" else None
        elif now is not None and ": " in line:
            tag, value = line.split(": ", 1)
            value = value.split(" ! ")[0].strip()
            if tag == "id":
                if not _ID.match(value):
                    now = None
                    continue
                found[value] = now
            elif tag in ("name", "is_a", "alt_id", "replaced_by", "is_obsolete"):
                now.setdefault(tag, []).append(value.split(" {")[0])
    if not found:
        raise InputError(obo, "an OBO file with [Term] stanzas of HP: ids")
    return found


def _climb(
    term: str, parents: Mapping[str, list[str]], done: dict[str, frozenset[str]], obo: str | Path
) -> frozenset[str]:
    """Ancestors of a term, itself included; a circle is refused."""
    if term in done:
        if not done[term]:
            raise InputError(obo, "a hierarchy without circles", term)
        return done[term]
    done[term] = frozenset()
    above = frozenset([term]).union(*(_climb(p, parents, done, obo) for p in parents[term]))
    done[term] = above
    return above


def _labels(path: str | Path) -> dict[str, str]:
    frame = table(path, ["subject_id", "translation_value", "translation_status"], quote=None)
    good = frame.filter(
        pl.col("translation_value").is_not_null()
        & (pl.col("translation_value") != "NA")
        & (pl.col("translation_status") != "NOT_TRANSLATED")
    )
    return dict(good.select("subject_id", "translation_value").rows())


# NCBI's symbols of mitochondrial genes, which HPO's annotations use -> HGNC's (genenames.org).
_PROTEINS = {"COX1": "CO1", "COX2": "CO2", "COX3": "CO3", "CYTB": "CYB"}
_PROTEINS |= {name: name for name in ("ATP6", "ATP8", "ND1", "ND2", "ND3", "ND4", "ND4L", "ND5")}
_PROTEINS |= {name: name for name in ("ND6", "RNR1", "RNR2")}
_TRANSFERS = [*"ACDEFGHIKMNPQRTVWY", "L1", "L2", "S1", "S2"]
MITOCHONDRIAL = {old: f"MT-{new}" for old, new in _PROTEINS.items()}
MITOCHONDRIAL |= {f"TRN{one}": f"MT-T{one}" for one in _TRANSFERS}


_DISEASE = r"^(OMIM|ORPHA|ORPHANET|DECIPHER|MONDO):\d+$"
# HPO's classes of frequency (terms below HP:0040279) as the middle of the range they name.
_CLASSES = {
    "HP:0040280": 1.0,  # obligate, 100%
    "HP:0040281": 0.895,  # very frequent, 80 to 99%
    "HP:0040282": 0.545,  # frequent, 30 to 79%
    "HP:0040283": 0.17,  # occasional, 5 to 29%
    "HP:0040284": 0.025,  # very rare, 1 to 4%
    "HP:0040285": 0.0,  # excluded
}


def release_of(path: str | Path) -> str | None:
    """Date of the HPO release an OBO file or phenotype.hpoa says it is of, from its first lines."""
    stated: dict[str, str] = {}
    for line in text(path)[:20_000].splitlines():
        if line.startswith("[") or not (line.startswith("#") or ":" in line):
            break
        key, _, value = line.lstrip("#").partition(":")
        if found := re.search(r"\d{4}-\d{2}-\d{2}", value):
            stated[key.strip()] = found[0]
    return next(
        (stated[k] for k in ("data-version", "hpo-version", "version") if k in stated), None
    )


def _annotations(path: str | Path) -> pl.DataFrame:
    """Gene, term, disease and frequency (null where the form has none) of HPO's gene files.

    Reads phenotype_to_genes.txt and genes_to_phenotype.txt, with the header of 2023 and later or
    in their older forms. Mitochondrial genes get the symbols HGNC and gene models have.
    """
    lines = text(path).splitlines()
    start = next((n for n, line in enumerate(lines) if _HPO.search(line)), len(lines))
    rows = [line.split("\t") for line in lines[start:] if line and not line.startswith("#")]
    if not rows:
        raise InputError(path, f"{_FORMS}, found no HPO id")
    term = next((n for n, field in enumerate(rows[0]) if _ID.match(field)), None)
    symbol = {0: 3, 2: 1, 3: 1}.get(-1 if term is None else term)
    if term is None or symbol is None:
        raise InputError(path, _FORMS, f"line {start + 1}")
    disease = next((n for n, field in enumerate(rows[0]) if re.match(_DISEASE, field)), None)
    heading = lines[start - 1].lower().replace("<tab>", "\t").split("\t") if start else []
    stated = heading.index("frequency") if "frequency" in heading else None
    width = max(n for n in (term, symbol, disease, stated) if n is not None) + 1
    for number, row in enumerate(rows, start + 1):
        if len(row) < width or not _ID.match(row[term]) or not row[symbol]:
            raise InputError(path, _FORMS, f"line {number}")
    columns = {"gene": symbol, "term": term, "disease": disease, "frequency": stated}
    return pl.DataFrame(
        {
            name: [None] * len(rows) if at is None else [row[at] for row in rows]
            for name, at in columns.items()
        },
        schema=dict.fromkeys(columns, pl.String),
    ).filter(pl.col("gene") != "-").with_columns(
        pl.col("gene").replace(MITOCHONDRIAL), disease=_disease_id("disease")
    )  # fmt: skip


_HPO = re.compile(r"(^|\t)HP:\d{7}\t|\tHP:\d{7}$")
_FORMS = "phenotype_to_genes.txt or genes_to_phenotype.txt of HPO: HPO id and gene symbol"


def _disease_id(column: str) -> pl.Expr:
    return pl.col(column).str.replace("^ORPHANET:", "ORPHA:")


def read_genes(path: str | Path) -> pl.DataFrame:
    """PHENOTYPE_GENES of phenotype_to_genes.txt or genes_to_phenotype.txt, of any age."""
    return PHENOTYPE_GENES.table(_annotations(path).select("gene", "term").unique())


def read_diseases(genes: str | Path, annotations: str | Path | None = None) -> pl.DataFrame:
    """PHENOTYPE_DISEASES of a gene file, with the terms and frequencies of phenotype.hpoa if given.

    Older gene files name no disease: of these alone the table is empty.
    """
    linked = _annotations(genes).filter(pl.col("disease").is_not_null())
    of = linked.group_by("disease").agg(genes=pl.col("gene").unique().sort())
    rows = linked.with_columns(name=pl.lit(None, pl.String), absent=pl.lit(False))
    if annotations is not None:
        rows = _hpoa(annotations)
    return PHENOTYPE_DISEASES.table(
        rows.with_columns(_frequency())
        .group_by("disease", "term")
        .agg(
            pl.col("name").drop_nulls().sort().first(),
            counted=pl.col("assessed").sum(),
            having=pl.col("having").sum(),
            share=pl.col("share").max(),
            absent=pl.col("absent").all(),
        )
        .select(
            "disease",
            "name",
            "term",
            frequency=pl.when("absent")
            .then(0.0)
            .when(pl.col("counted") > 0)
            .then(pl.col("having") / pl.col("counted"))
            .otherwise("share"),
            assessed=pl.when(pl.col("counted") > 0, ~pl.col("absent")).then("counted"),
        )
        .join(of, on="disease", how="left")
        .with_columns(
            pl.col("genes").fill_null(pl.lit([], pl.List(pl.String))),
            pl.col("name").sort().first().over("disease"),
        )
    )


def _hpoa(path: str | Path) -> pl.DataFrame:
    """disease, name, term, frequency and absent of phenotype.hpoa."""
    lines = text(path).splitlines()
    heads = ("database_id", "databaseid")
    at = next((n for n, line in enumerate(lines)
               if line.lstrip("#").split("\t")[0].lower() in heads), None)  # fmt: skip
    if at is None:
        raise InputError(path, "phenotype.hpoa: a header that starts with database_id")
    rows = [line.split("\t") for line in lines[at + 1 :] if line]
    for number, row in enumerate(rows, at + 2):
        if len(row) < 8 or not re.match(_DISEASE, row[0]) or not _ID.match(row[3]):
            expected = "disease id, name, qualifier, HPO id, reference, evidence, onset, frequency"
            raise InputError(path, expected, f"line {number}")
    if not rows:
        raise InputError(path, "at least one annotation")
    columns = (
        "disease",
        "name",
        "qualifier",
        "term",
        "reference",
        "evidence",
        "onset",
        "frequency",
    )
    frame = pl.DataFrame(
        {name: [row[n] or None for row in rows] for n, name in enumerate(columns)},
        schema=dict.fromkeys(columns, pl.String),
    )
    return frame.select(
        _disease_id("disease"), "name", "term", "frequency",
        absent=(pl.col("qualifier").str.to_uppercase() == "NOT").fill_null(False),
    )  # fmt: skip


def _frequency() -> tuple[pl.Expr, ...]:
    """Having and assessed of 3/7, share of a percentage or a class of HPO; others are null."""
    text_of = pl.col("frequency").str.strip_chars()
    pair = text_of.str.extract_groups(r"^(?<m>\d+)/(?<n>\d+)$")
    having, assessed = (pair.struct.field(k).cast(pl.Int32, strict=False) for k in "mn")
    sound = (assessed > 0) & (having <= assessed)
    percent = text_of.str.extract(r"^(\d+(?:\.\d+)?)\s*%$", 1).cast(pl.Float64) / 100
    classed = text_of.replace_strict(_CLASSES, default=None, return_dtype=pl.Float64)
    share = pl.coalesce(classed, pl.when(percent <= 1).then(percent))
    return (
        pl.when(sound).then(having).alias("having"),
        pl.when(sound).then(assessed).alias("assessed"),
        share.alias("share"),
    )
