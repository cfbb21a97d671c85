"""The Human Phenotype Ontology (OBO), its gene annotations and Japanese labels, as published."""

import re
from pathlib import Path

import polars as pl

from shirube.contracts.knowledge_rare import PHENOTYPE_GENES, PHENOTYPE_TERMS
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
    ancestors: dict[str, frozenset[str]] = {}
    for term in parents:
        _climb(term, parents, ancestors, obo)
    instead: dict[str, list[str]] = {}
    for term, stanza in stanzas.items():
        if "is_obsolete" in stanza:
            for successor in stanza.get("replaced_by", []):
                instead.setdefault(successor, []).append(term)
    labels = _labels(japanese) if japanese else {}
    rows = [
        {
            "term": term,
            "name": next(iter(stanzas[term].get("name", [])), None),
            "name_ja": labels.get(term),
            "parents": sorted(parents[term]),
            "ancestors": sorted(ancestors[term]),
            "alternatives": sorted({*stanzas[term].get("alt_id", []), *instead.get(term, [])}),
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
    term: str, parents: dict[str, list[str]], done: dict[str, frozenset[str]], obo: str | Path
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


def read_genes(path: str | Path) -> pl.DataFrame:
    """PHENOTYPE_GENES of phenotype_to_genes.txt (old form: id, name, gene id, symbol; new: header).

    Mitochondrial genes get the symbols HGNC and gene models have (ND1 is MT-ND1).
    The publisher's file already gives a gene to every ancestor of its terms.
    """
    lines = text(path).splitlines()
    head = lines[0].lstrip("#").split("\t") if lines else []
    column = head.index("gene_symbol") if "gene_symbol" in head else 3
    rows = [line.split("\t") for line in lines[1:] if line and not line.startswith("#")]
    bad = (n for n, row in enumerate(rows, 2) if len(row) <= column or not _ID.match(row[0]))
    wrong = next(bad, None)
    if wrong or not rows:
        raise InputError(path, "HPO id, term, gene id, gene symbol", f"line {wrong or 1}")
    frame = pl.DataFrame(
        {
            "gene": [MITOCHONDRIAL.get(row[column], row[column]) for row in rows],
            "term": [row[0] for row in rows],
        }
    ).unique()
    return PHENOTYPE_GENES.table(frame)
