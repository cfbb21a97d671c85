"""How well a person's phenotype fits the genes.

Three readings of the same terms are summed, each a logarithm of how much likelier the terms are in
people with a disease of the gene than in anybody with a genetic disease:

gene      for each observed term the information content (Resnik 1995: -ln of the share of genes
          that have it) of the most informative ancestor that the gene has
disease   the same over the terms of one disease of the gene, the one that fits best
ratio     the likelihood ratio of the terms in that disease (Robinson 2020, PMID 32755546): the
          frequency of the term there over its frequency among all diseases, divided by what the
          disease's list would match by chance, so that a long list is no merit; NOISE of the
          terms are of another cause

A term that was looked for and absent counts by its likelihood ratio too: (1 - frequency) over
(1 - frequency among all diseases). All absent terms together move a disease by at most ABSENT, so
that they never sink it alone: descriptions of patients rarely say what every patient lacks.

A gene's p is the share of all annotated genes that fit as well: its place among them, no model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.contracts.knowledge_rare import PHENOTYPE_DISEASES

ROOT = "HP:0000118"
INHERITANCE = {
    "HP:0000006": "AD",
    "HP:0000007": "AR",
    "HP:0001417": "XL",
    "HP:0001427": "MT",
    "HP:0001450": "YL",
}
NOISE = 0.2
ABSENT = 1.0
TEMPER = 12.0  # evidence is of terms that depend on each other: its differences are overstated
UNSTATED = 0.5  # frequency of a term in a disease whose source states none
RAREST, SUREST = 0.01, 0.99
_BLOCK = 256

Vector = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.int64]
Level = tuple[IndexArray, IndexArray]  # children and a parent of each


@dataclass(frozen=True)
class Match:
    """Fit of one gene.

    score: share of the observed terms' content that the gene has, 0 to 1; evidence: the sum the
    genes are ranked by; place: among all annotated genes, of `of`; p: share of them that fit as
    well; pairs: (term, the gene's matching term, content); parts: gene, disease and ratio;
    disease: the disease of the gene that fits best, None where the source names none; absent:
    terms looked for and absent that this disease has; weight: how near the evidence comes to that
    of the gene that fits best of all, 1 for that gene itself.
    """

    score: float
    p: float
    pairs: tuple[tuple[str, str, float], ...]
    evidence: float = 0.0
    place: int = 1
    of: int = 1
    parts: tuple[float, float, float] = (0.0, 0.0, 0.0)
    disease: str | None = None
    absent: tuple[str, ...] = ()
    weight: float = 1.0


class Profiles:
    """Sets of terms (of genes, of diseases), closed upwards, as arrays by term.

    `held` has profile (name), term (index into the ontology) and frequency; `above` the closure of
    the ontology as (term, above) of indices.
    """

    def __init__(self, held: pl.DataFrame, above: pl.DataFrame, terms: int) -> None:
        self.names = held["profile"].unique().sort().to_list()
        self.index = {name: at for at, name in enumerate(self.names)}
        number = pl.DataFrame(
            {"profile": self.names, "at": np.arange(len(self.names))},
            schema={"profile": pl.String, "at": pl.Int32},
        )
        closed = (
            held.join(number, on="profile")
            .select("at", "term", "frequency")
            .join(above, on="term")
            .group_by("above", "at")
            .agg(pl.col("frequency").max())
            .sort("above", "at")
        )
        self._at = closed["at"].to_numpy()
        self._frequency = closed["frequency"].to_numpy()
        self._bounds = np.searchsorted(closed["above"].to_numpy(), np.arange(terms + 1))
        total = max(len(self.names), 1)
        count = np.diff(self._bounds)
        with np.errstate(divide="ignore"):
            content = -np.log(count / total)
        self.content = np.where(count > 0, content, np.nan)
        sums = np.add.reduceat(np.append(self._frequency, 0.0), self._bounds[:-1])
        self.share = np.where(count > 0, sums / total, 0.0)

    def having(self, term: int) -> tuple[npt.NDArray[np.int32], Vector]:
        """Profiles that have the term, and how frequent it is there."""
        part = slice(self._bounds[term], self._bounds[term + 1])
        return self._at[part], self._frequency[part]

    def best(self, ancestors: Sequence[int]) -> Vector:
        """For each profile the content of its most informative term among `ancestors`."""
        found = np.zeros(len(self.names))
        known = [term for term in ancestors if not np.isnan(self.content[term])]
        for term in sorted(known, key=lambda one: (self.content[one], one)):
            found[self.having(term)[0]] = self.content[term]
        return found

    def ratio(self, ancestors: Sequence[int]) -> Vector:
        """For each profile the greatest frequency among `ancestors` over that among all."""
        found = np.zeros(len(self.names))
        for term in ancestors:
            at, frequency = self.having(term)
            found[at] = np.maximum(found[at], frequency / max(self.share[term], 1e-12))
        return found

    def terms_of(self, profile: int) -> frozenset[int]:
        """Terms of one profile, those above included."""
        return frozenset(np.searchsorted(self._bounds, np.flatnonzero(self._at == profile), "right")
                         .astype(int) - 1)  # fmt: skip

    def by_chance(self, levels: Sequence[Level], drawn: Vector, wanted: IndexArray) -> Vector:
        """For each of the `wanted` profiles the mean `ratio` of a term drawn as `drawn` says.

        What a term matches is its own or the best that its parents match.
        """
        term = np.repeat(np.arange(len(self.share)), np.diff(self._bounds))
        ratio = (self._frequency / np.maximum(self.share[term], 1e-12)).astype(np.float32)
        place = np.full(len(self.names), -1)
        place[wanted] = np.arange(len(wanted))
        column = place[self._at]
        total = np.zeros(len(wanted))
        for start in range(0, len(wanted), _BLOCK):
            stop = min(start + _BLOCK, len(wanted))
            reached = np.zeros((len(self.share), stop - start), dtype=np.float32)
            inside = np.flatnonzero((column >= start) & (column < stop))
            reached[term[inside], column[inside] - start] = ratio[inside]
            for children, parents in levels:
                reached[children] = np.maximum(reached[children], reached[parents])
            total[start:stop] = np.einsum("t,td->d", drawn, reached)  # the same on any machine
        return total


def _levels(parents: Sequence[Sequence[int]]) -> list[Level]:
    """Edges of the ontology from the root down, no child twice in one step.

    Terms stand after their parents. An edge comes after every edge into its parent.
    """
    depth: list[int] = []
    steps: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for term, higher in enumerate(parents):
        depth.append(1 + max((depth[parent] for parent in higher), default=0))
        for turn, parent in enumerate(higher):
            steps.setdefault((depth[term], turn), []).append((term, parent))
    edges = (np.array(steps[step]) for step in sorted(steps))
    return [(pairs[:, 0], pairs[:, 1]) for pairs in edges]


class Phenotypes:
    """Terms, their content, and the genes and diseases that have them.

    `terms` is PHENOTYPE_TERMS, `genes` PHENOTYPE_GENES, `profiles` PHENOTYPE_DISEASES; terms of
    `diseases` (GENE_DISEASES) are added to their genes. Ancestors count everywhere. `order` has
    every term after those above it.
    """

    def __init__(
        self,
        terms: pl.DataFrame,
        genes: pl.DataFrame,
        diseases: pl.DataFrame | None = None,
        profiles: pl.DataFrame | None = None,
    ) -> None:
        self.names = dict(terms.select("term", "name").rows())
        self.names_ja = dict(terms.drop_nulls("name_ja").select("term", "name_ja").rows())
        self.ancestors = dict(terms.select("term", "ancestors").rows())
        self._current = {old: term for term, olds in terms.select("term", "alternatives").rows()
                         for old in olds}  # fmt: skip
        # Terms stand after all terms above them.
        self.order = sorted(self.ancestors, key=lambda term: (len(self.ancestors[term]), term))
        self._index = {term: at for at, term in enumerate(self.order)}
        self.parents = dict(terms.select("term", "parents").rows())
        self._above = (
            terms.select("term", above="ancestors")
            .explode("above")
            .select(self._numbers("term"), self._numbers("above"))
        )
        features = {term for term, above in self.ancestors.items() if ROOT in above}
        held = [genes.select("gene", "term")]
        if diseases is not None:
            held.append(diseases.select("gene", term="terms").explode("term").drop_nulls())
        self._profiles = self.indexed(PHENOTYPE_DISEASES.empty() if profiles is None else profiles)
        held.append(
            self._profiles.filter(pl.col("frequency") > 0)
            .select("genes", "name_of")
            .explode("genes")
            .select(gene="genes", term="name_of")
            .drop_nulls()
        )
        known = self._current_terms(pl.concat(held).unique())
        self._gene_modes = self._inherited(known, "gene")
        known = known.filter(pl.col("term").is_in(list(features)))
        self._own = known.select(profile="gene", term=self._numbers("term"))
        self._genes = Profiles(
            self._own.with_columns(frequency=pl.lit(1.0)), self._above, len(self.order)
        )
        self.genes = frozenset(self._genes.names)
        content = self._genes.content
        self.content = {t: float(content[n]) for t, n in self._index.items() if content[n] >= 0}

    def _numbers(self, column: str) -> pl.Expr:
        return pl.col(column).replace_strict(self._index, return_dtype=pl.Int32)

    def _current_terms(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows` with current ids; those of terms the ontology does not know are left out."""
        return rows.with_columns(pl.col("term").replace(self._current)).filter(
            pl.col("term").is_in(list(self.ancestors))
        )

    def indexed(self, profiles: pl.DataFrame) -> pl.DataFrame:
        """PHENOTYPE_DISEASES with current terms, smoothed frequencies and the terms' indices."""
        counted = pl.col("assessed").is_not_null()
        smooth = (pl.col("frequency") * pl.col("assessed") + 0.5) / (pl.col("assessed") + 1)
        return self._current_terms(profiles).select(
            "disease", "name", "genes", name_of="term", at=self._numbers("term"),
            frequency=pl.when(pl.col("frequency") == 0).then(0.0)
            .when(counted).then(smooth.clip(RAREST, SUREST))
            .otherwise(pl.col("frequency").fill_null(UNSTATED).clip(RAREST, SUREST)),
        )  # fmt: skip

    @cached_property
    def _linked(self) -> pl.DataFrame:
        """Disease and gene of each disease of a gene."""
        pairs = self._profiles.select("disease", gene="genes").explode("gene").drop_nulls()
        return pairs.unique().sort("disease", "gene")

    @cached_property
    def diseases(self) -> "Diseases":
        """Features of every disease; a gene none is known of stands for its own disease."""
        features = [self._index[t] for t, above in self.ancestors.items() if ROOT in above]
        own = self._profiles.filter(pl.col("frequency") > 0, pl.col("at").is_in(features))
        own = own.select(profile="disease", term="at", frequency="frequency")
        linked = self._linked.filter(pl.col("disease").is_in(own["profile"].unique().implode()))
        alone = self._own.filter(~pl.col("profile").is_in(linked["gene"].unique().implode()))
        held = Profiles(
            pl.concat([own, alone.with_columns(frequency=pl.lit(UNSTATED))]),
            self._above,
            len(self.order),
        )
        itself = alone.select(disease="profile", gene="profile").unique()
        pairs = pl.concat([linked, itself]).filter(pl.col("gene").is_in(list(self.genes)))
        rows = [(held.index[d], self._genes.index[g]) for d, g in pairs.sort("disease").rows()]
        disease, gene = np.array(rows, dtype=np.int64).reshape(-1, 2).T
        drawn = own["term"] if own.height else alone["term"]
        weight = np.bincount(drawn.to_numpy(), minlength=len(self.order)) / max(len(drawn), 1)
        levels = _levels([[self._index[p] for p in self.parents[term]] for term in self.order])
        chance = np.ones(len(held.names))
        wanted = np.unique(disease)
        chance[wanted] = held.by_chance(levels, weight, wanted)
        return Diseases(held, chance, weight, disease, gene, frozenset(itself["disease"]))

    @cached_property
    def disease_names(self) -> dict[str, str | None]:
        """Name of each disease."""
        return dict(self._profiles.select("disease", "name").unique("disease").rows())

    @cached_property
    def _modes(self) -> dict[str, frozenset[str]]:
        """Modes of inheritance of each disease."""
        return self._inherited(self._profiles.rename({"name_of": "term"}), "disease")

    def _inherited(self, rows: pl.DataFrame, whose: str) -> dict[str, frozenset[str]]:
        """Modes that the terms of each gene or disease say."""
        meant = {
            term: INHERITANCE[above]
            for term, higher in self.ancestors.items()
            for above in INHERITANCE.keys() & set(higher)
        }
        said = rows.filter(pl.col("term").is_in(list(meant)))
        found: dict[str, set[str]] = {}
        for name, term in said.select(whose, "term").rows():
            found.setdefault(name, set()).add(meant[term])
        return {name: frozenset(modes) for name, modes in found.items()}

    @cached_property
    def _of_genes(self) -> dict[str, list[str]]:
        """Diseases of each gene."""
        found: dict[str, list[str]] = {}
        for disease, gene in self._linked.rows():
            found.setdefault(gene, []).append(disease)
        return found

    def diseases_of(self, gene: str) -> list[str]:
        """Ids of the gene's diseases."""
        return self._of_genes.get(gene, [])

    def inheritance(self, disease: str | None) -> frozenset[str]:
        """Modes in which the disease is inherited (AD, AR, XL, MT, YL); empty if not stated."""
        return self._modes.get(disease or "", frozenset())

    def inheritance_of(self, gene: str) -> frozenset[str]:
        """Modes in which the gene's diseases are inherited, as the terms of the gene say."""
        return self._gene_modes.get(gene, frozenset())

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

    @cache  # noqa: B019  as many genes as a person has candidates
    def terms_of(self, gene: str) -> frozenset[str]:
        """Features of a gene, those above included; empty for one without annotations."""
        at = self._genes.index.get(gene)
        own = () if at is None else self._genes.terms_of(at)
        return frozenset(self.order[term] for term in own)

    def best(self, term: str, gene: str) -> tuple[str, float]:
        """The most informative ancestor of `term` the gene has, and its content."""
        shared = self.terms_of(gene).intersection(self.ancestors[term])
        return max(
            ((a, self.content[a]) for a in shared), key=lambda pair: (pair[1], pair[0]),
            default=("", 0.0),
        )  # fmt: skip

    def _higher(self, term: str) -> list[int]:
        return [self._index[one] for one in self.ancestors[term]]

    def fits(self, observed: Sequence[str], absent: Sequence[str]) -> "Fits | None":
        """Fit of every annotated gene; None without a known observed term."""
        return self._fits(tuple(observed), tuple(absent))

    @cache  # noqa: B019  a job asks for one person
    def _fits(self, observed: tuple[str, ...], absent: tuple[str, ...]) -> "Fits | None":
        terms, _ = self.known(observed)
        if not terms or not self._genes.names:
            return None
        gene = sum((self._genes.best(self._higher(t)) for t in terms), np.zeros(len(self.genes)))
        denied = [t for t in dict.fromkeys(map(self.term, absent)) if t and t not in terms]
        known = self.diseases.held
        disease, ratio = np.zeros(len(known.names)), np.zeros(len(known.names))
        for term in terms:
            disease += known.best(self._higher(term))
            seen = known.ratio(self._higher(term)) / np.maximum(self.diseases.chance, 1e-12)
            ratio += np.log(NOISE + (1 - NOISE) * seen)
        against = np.zeros(len(known.names))
        for term in denied:
            at, frequency = known.having(self._index[term])
            among_all = min(float(known.share[self._index[term]]), SUREST)
            change = np.full(len(known.names), -np.log1p(-among_all))
            change[at] += np.log1p(-np.minimum(frequency, SUREST))
            against += change
        ratio += np.clip(against, -ABSENT, ABSENT)
        return Fits(self, terms, denied, gene, disease, ratio)

    def matches(
        self, observed: Sequence[str], absent: Sequence[str], genes: Sequence[str]
    ) -> dict[str, Match]:
        """Match of each of `genes` that has annotations; empty without a known observed term."""
        found = self.fits(observed, absent)
        if found is None:
            return {}
        return {gene: found.of(gene) for gene in dict.fromkeys(genes) if gene in self.genes}


@dataclass(frozen=True)
class Diseases:
    """Features of diseases, what each list matches by chance, and (disease, gene) by number.

    `drawn` says how often each term is named by a disease; `themselves` are the profiles that are
    a gene, not a disease.
    """

    held: Profiles
    chance: Vector
    drawn: Vector
    disease: IndexArray
    gene: IndexArray
    themselves: frozenset[str]


class Fits:
    """Fit of every annotated gene to one person's terms."""

    def __init__(
        self,
        known: Phenotypes,
        terms: list[str],
        denied: list[str],
        gene: Vector,
        disease: Vector,
        ratio: Vector,
    ) -> None:
        self._known, self.terms, self.denied = known, terms, denied
        self._gene, self._disease, self._ratio = gene, disease, ratio
        links = known.diseases
        both = (disease + ratio)[links.disease]
        order = np.lexsort((-links.disease, both))  # of equals the first disease
        self._best = np.zeros(len(gene), np.int64)
        self._best[links.gene[order]] = links.disease[order]
        self.evidence = gene + (disease + ratio)[self._best]
        self._whole = sum(known.own_content(term) for term in terms)

    @cached_property
    def _sorted(self) -> Vector:
        return np.sort(self.evidence)

    @property
    def highest(self) -> float:
        """The evidence of the gene that fits best."""
        return float(self._sorted[-1])

    def of(self, gene: str) -> Match:
        """Match of an annotated gene."""
        known = self._known
        held, at = known.diseases.held, known._genes.index[gene]
        evidence, best = float(self.evidence[at]), int(self._best[at])
        better = len(self._sorted) - int(np.searchsorted(self._sorted, evidence + 1e-9))
        as_good = len(self._sorted) - int(np.searchsorted(self._sorted, evidence - 1e-9))
        pairs = tuple((term, *known.best(term, gene)) for term in self.terms)
        score = sum(content for *_, content in pairs) / self._whole
        name = held.names[best]
        return Match(
            score=min(max(score, 0.0), 1.0),
            p=as_good / len(self._sorted),
            pairs=pairs,
            evidence=evidence,
            place=better + 1,
            of=len(self._sorted),
            parts=(float(self._gene[at]), float(self._disease[best]), float(self._ratio[best])),
            disease=None if name in known.diseases.themselves else name,
            absent=tuple(t for t in self.denied if best in held.having(known._index[t])[0]),
            weight=float(np.exp((evidence - self.highest) / TEMPER)),
        )
