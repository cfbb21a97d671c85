"""How well a person's phenotype fits the genes: semantic similarity over the ontology.

Information content of a term is -ln of the share of annotated genes that have it (Resnik 1995).
For each observed term the gene's best match is the most informative ancestor that the gene is
annotated with; the score is the sum of these over the sum of the terms' own content, so 1 is a
gene annotated with every term itself. A term that was looked for and absent counts against the
genes that have it. The p-value says how often as many random terms fit the gene as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

PENALTY = 0.3
RANDOM_SETS = 2000
SEED = 20_240_407
ROOT = "HP:0000118"


@dataclass(frozen=True)
class Match:
    """Fit of one gene: score 0 to 1, p-value, and (term, the gene's matching term, content)."""

    score: float
    p: float
    pairs: tuple[tuple[str, str, float], ...]


class Phenotypes:
    """Terms, their content, and which genes have them.

    `terms` is PHENOTYPE_TERMS, `genes` PHENOTYPE_GENES; terms of `diseases` (GENE_DISEASES) are
    added to their genes with all ancestors.
    """

    def __init__(
        self, terms: pl.DataFrame, genes: pl.DataFrame, diseases: pl.DataFrame | None = None
    ) -> None:
        self.names = dict(terms.select("term", "name").rows())
        self.names_ja = dict(terms.drop_nulls("name_ja").select("term", "name_ja").rows())
        self.ancestors = dict(terms.select("term", "ancestors").rows())
        self._current = {old: term for term, olds in terms.select("term", "alternatives").rows()
                         for old in olds}  # fmt: skip
        if diseases is not None:
            more = diseases.select("gene", term="terms").explode("term").drop_nulls()
            above = terms.select("term", above="ancestors")
            more = more.join(above, on="term").select("gene", term="above").explode("term")
            genes = pl.concat([genes, more]).unique()
        known = genes.filter(pl.col("term").is_in(list(self.ancestors)))
        self.genes = frozenset(known["gene"].unique().to_list())
        counts = known.group_by("term").agg(n=pl.col("gene").n_unique())
        total = max(len(self.genes), 1)
        self.content = {t: float(-np.log(n / total)) for t, n in counts.rows()}
        self._of_gene = {
            gene[0]: frozenset(part["term"].to_list())
            for gene, part in known.group_by("gene", maintain_order=True)
        }
        self._pool = sorted(
            term for term in self.content if ROOT in self.ancestors[term] and term != ROOT
        )

    def term(self, term: str) -> str | None:
        """The current id of a term; None where the ontology does not know it."""
        return term if term in self.ancestors else self._current.get(term)

    def known(self, terms: Sequence[str]) -> tuple[list[str], list[str]]:
        """(current ids, terms the ontology or the annotations know nothing of)."""
        current = [(term, self.term(term)) for term in terms]
        good = [now for _, now in current if now and self.own_content(now) > 0]
        lost = [term for term, now in current if not now or self.own_content(now) <= 0]
        return list(dict.fromkeys(good)), lost

    def own_content(self, term: str) -> float:
        """Content of a term; of one no gene has, that of its most informative ancestor."""
        return max((self.content.get(a, 0.0) for a in self.ancestors.get(term, ())), default=0.0)

    def best(self, term: str, gene: str) -> tuple[str, float]:
        """The most informative ancestor of `term` the gene has, and its content."""
        shared = self._of_gene.get(gene, frozenset()).intersection(self.ancestors[term])
        return max(
            ((a, self.content[a]) for a in shared), key=lambda pair: (pair[1], pair[0]),
            default=("", 0.0),
        )  # fmt: skip

    def matches(
        self, observed: Sequence[str], absent: Sequence[str], genes: Sequence[str]
    ) -> dict[str, Match]:
        """Match of each of `genes` that has annotations; empty without a known observed term."""
        terms, _ = self.known(observed)
        denied, _ = self.known(absent)
        wanted = [gene for gene in dict.fromkeys(genes) if gene in self._of_gene]
        if not terms or not wanted:
            return {}
        whole = sum(self.own_content(term) for term in terms)
        draws = self._random(len(terms), wanted)
        out = {}
        for column, gene in enumerate(wanted):
            pairs = tuple((term, *self.best(term, gene)) for term in terms)
            against = sum(
                self.content.get(term, 0.0) for term in denied if term in self._of_gene[gene]
            )
            score = (sum(content for *_, content in pairs) - PENALTY * against) / whole
            reached = int((draws[:, column] >= score - 1e-12).sum())
            p = (1 + reached) / (1 + len(draws))
            out[gene] = Match(min(max(score, 0.0), 1.0), p, pairs)
        return out

    def _random(self, size: int, genes: Sequence[str]) -> np.ndarray:
        """Scores of RANDOM_SETS random phenotypes of `size` terms: sets x genes."""
        chance = np.random.default_rng(SEED)
        picked = chance.integers(0, len(self._pool), (RANDOM_SETS, size))
        used, positions = np.unique(picked, return_inverse=True)
        terms = [self._pool[i] for i in used]
        own = np.array([self.own_content(term) for term in terms])
        row_of = {term: row for row, term in enumerate(self.content)}
        held = np.zeros((len(row_of) + 1, len(genes)), dtype=np.float32)
        for column, gene in enumerate(genes):
            for term in self._of_gene[gene]:
                held[row_of[term], column] = self.content[term]
        table = np.array(
            [held[[row_of.get(a, -1) for a in self.ancestors[term]]].max(axis=0) for term in terms]
        )
        at = positions.reshape(picked.shape)
        return np.asarray(table[at].sum(axis=1) / own[at].sum(axis=1)[:, None])
