"""Simulated rare-disease families in real trio backgrounds: how high the causal gene ranks.

    python benchmarks/lib/rare.py [--realdata DIR] [--knowledge DIR] [--cases 240] [--seed 1]

A family is a real trio (GIAB's Ashkenazi trio, chr1 and chr2; Scout's demonstration trio, all
chromosomes, sparse) with a causal genotype planted. The backgrounds are taken without population
frequencies, so common variants compete too: harder than a run with frequencies.

Genes and modes come from G2P's confirmed diseases, phenotypes from the gene's HPO annotations:
three to six of its most specific terms, a third of them replaced by a term above, two random
terms added. The variant is a ClinVar pathogenic record at its own place (GRCh38) where the gene is
drawn from ClinVar (a subset of eleven genes here), a confirmed mitochondrial allele, or else a stop
or a missense change at a random codon without any assertion. Candidates, inheritance, criteria and
scores are computed by the workflow's own code. Beside its rank stand three baselines on the same
candidates: phenotype score alone, variants alone (no phenotype given), and chance.
"""

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from shirube.contracts import ANNOTATION, CALLS, CHROM
from shirube.genome.alleles import canonical_names, kind
from shirube.interpret.consequence import ALTERING, LOOKED_AT
from shirube.interpret.curated import read_curated
from shirube.interpret.genes import GeneKnowledge
from shirube.interpret.germline import allele_rules, call_rules, with_reads
from shirube.interpret.inputs import Knowledge
from shirube.interpret.person import Person
from shirube.interpret.phenotype import ROOT, Phenotypes
from shirube.knowledge.gene_facts import read_constraint, read_dosage, read_g2p
from shirube.knowledge.genemodels import read_gene_models
from shirube.knowledge.phenotype import read_genes, read_terms
from shirube.ledger import decided
from shirube.rare.case import Case, candidates
from shirube.rare.family import Family, Relative
from shirube.tools import run
from shirube.vcf import read_columns

RESOURCES = Path(__file__).parents[2] / "resources"
FACTS = ("cancer_genes", "hereditary_cancer_genes", "secondary_findings")
FAMILY = Family(Relative("father", "", "", False), Relative("mother", "", "", False))
TRIOS = {
    "ashk": ("ashk-trio-vcf/ashk-trio.vcf.gz", ("HG002", "HG003", "HG004"), "BCSQ", ()),
    "scout": (
        "scout-demo-trio/643594.clinical.vcf.gz",
        ("ADM1059A2", "ADM1059A1", "ADM1059A3"),
        "CSQ",
        (),
    ),
}
SHARES = {"AD": 0.35, "AR hom": 0.2, "AR comp-het": 0.25, "XL": 0.15, "MT": 0.05}
PATHOGENIC = ["Pathogenic", "Likely_pathogenic", "Pathogenic/Likely_pathogenic"]
TOP1, TOP5 = 0.80, 0.95
PEOPLE = ("child", "father", "mother")
# Alleles MITOMAP lists as confirmed (mitomap.org, "Confirmed pathogenic"), by gene.
MITOCHONDRIAL = {
    "MT-ATP6": (8993, "T", "G", "missense_variant"),
    "MT-ND1": (3460, "G", "A", "missense_variant"),
    "MT-ND3": (10191, "T", "C", "missense_variant"),
    "MT-ND4": (11778, "G", "A", "missense_variant"),
    "MT-ND5": (13513, "G", "A", "missense_variant"),
    "MT-ND6": (14484, "T", "C", "missense_variant"),
    "MT-TK": (8344, "A", "G", "non_coding_transcript_exon_variant"),
    "MT-TL1": (3243, "A", "G", "non_coding_transcript_exon_variant"),
}
BASELINES = ("phenotype only", "variant only", "chance")
_TERMS = {
    "missense": "missense_variant",
    "synonymous": "synonymous_variant",
    "frameshift": "frameshift_variant",
    "splice_region": "splice_region_variant",
    "splice_donor": "splice_donor_variant",
    "splice_acceptor": "splice_acceptor_variant",
}


def knowledge_of(directory: Path, phenotypes: Phenotypes | None = None) -> Knowledge:
    """Rare-disease knowledge of the shared folder, GRCh37 gene models; `phenotypes` or its HPO."""
    diseases = read_g2p(directory / "g2p/DDG2P.csv.gz")
    facts = {name: read_curated(RESOURCES / f"{name}.tsv") for name in FACTS}
    if phenotypes is None:
        terms = read_terms(directory / "hpo/hp.2016-04-01.obo.gz")
        genes = read_genes(directory / "hpo/phenotype_to_genes.2017-01.txt.gz")
        phenotypes = Phenotypes(terms, genes, diseases)
    models = directory / "gene_models_mane_grch37_lifted/mane.hg19lift.bigGenePred.bed.gz"
    return Knowledge(
        facts,
        gene_models=read_gene_models(models),
        genes=GeneKnowledge(
            diseases,
            read_dosage(directory / "clingen_dosage/ClinGen_gene_curation_list_GRCh38.tsv"),
            read_constraint(directory / "gnomad_constraint/gnomad.v2.1.1.gene-constraints.tsv.gz"),
            hereditary=facts["hereditary_cancer_genes"].rows_by_key(
                "gene", named=True, unique=True
            ),
        ),
        phenotypes=phenotypes,
    )


def background(realdata: Path, trio: str) -> pl.DataFrame:
    """Candidates of a real trio: described rows with both parents' reads, after all rules."""
    path, people, tag, frequencies = TRIOS[trio]
    rows = _described(realdata / path, people, tag, frequencies)
    rules = [*call_rules(), *allele_rules(LOOKED_AT, "altering")]
    left = decided(with_reads(rows), rules).filter(pl.col("fate").is_null())
    return left.drop("fate", "rule", "value", "threshold").with_columns(
        kind=kind(pl.col("ref"), pl.col("alt"))
    )


def _described(
    path: Path, people: tuple[str, ...], tag: str, frequencies: tuple[str, ...]
) -> pl.DataFrame:
    info = {tag: pl.String} | dict.fromkeys(frequencies, pl.Float64)
    fmt = {"GT": pl.String, "AD": pl.String, "DP": pl.Int32, "GQ": pl.Int32}
    with tempfile.TemporaryDirectory() as scratch:
        split = Path(scratch) / "split.bcf"
        run("bcftools", "norm", "-m", "-any", "-Ob", "-o", split, path)
        read = {
            role: read_columns(split, info=info, fmt=fmt, options=("-s", name))
            for role, name in zip(PEOPLE, people, strict=True)
        }
    names = canonical_names()
    columns = []
    for role in PEOPLE:
        prefix = "" if role == "child" else f"{role}_"
        alleles = pl.col("GT").str.count_matches(r"[0-9.]")
        columns.append(
            read[role].select(
                pl.when(~pl.col("GT").str.contains(r"\."))
                .then(pl.col("GT").str.count_matches("1"))
                .cast(pl.Int8)
                .alias(f"{prefix}dosage"),
                alleles.cast(pl.Int8).alias(f"{prefix}ploidy"),
                pl.col("AD").str.split(",").list.get(1, null_on_oob=True).cast(pl.Int32)
                .alias(f"{prefix}ad_alt"),
                pl.col("DP").alias(f"{prefix}dp"),
            )
        )  # fmt: skip
    child = read["child"]
    af = pl.max_horizontal(*frequencies) if frequencies else pl.lit(None, pl.Float64)
    rows = pl.concat(
        [
            child.select(
                pl.col("contig").replace_strict(names, default=None, return_dtype=pl.String)
                .cast(CHROM).alias("chrom"),
                "pos", "ref", "alt",
                gq=pl.col("GQ").cast(pl.Int16), qual="qual",
                filter=pl.when(pl.col("filter").is_in(["PASS", "."]) | pl.col("filter").is_null())
                .then(pl.lit("PASS")).otherwise(pl.lit("Caller")),
                population_af=af,
            ),
            *columns,
            _consequences(child[tag], tag),
        ],
        how="horizontal",
    )  # fmt: skip
    return complete(rows.filter(pl.col("chrom").is_not_null()))


def _consequences(field: pl.Series, tag: str) -> pl.DataFrame:
    """gene, transcript and consequence of the most severe entry of a BCSQ or CSQ field."""
    out = []
    for text in field:
        best: tuple[int, str | None, str | None, str | None] = (9, None, None, None)
        for entry in (text or "").split(","):
            parts = entry.split("|")
            if (len(parts) < 7 and tag == "CSQ") or len(parts) < 3:
                continue
            words, gene, transcript = (
                (parts[0].lstrip("*"), parts[1], parts[2])
                if tag == "BCSQ"
                else (parts[1], parts[3], parts[6])
            )
            words = "&".join(_TERMS.get(word, word) for word in words.split("&"))
            severe = 0 if set(words.split("&")) & set(ALTERING) else 1
            if severe < best[0]:
                best = (severe, gene or None, transcript or None, words)
        out.append(best[1:])
    return pl.DataFrame(out, schema=["gene", "transcript", "consequence"], orient="row")


def complete(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with every column of a described call; those it lacks are null."""
    wanted: dict[str, Any] = dict(CALLS.schema) | dict(ANNOTATION.schema)
    wanted |= {"cohort_ac": pl.Int32, "cohort_an": pl.Int32, "cohort_af": pl.Float64}
    wanted |= {f"{role}_{c}": CALLS.schema[c] for role in PEOPLE[1:]
               for c in ("dosage", "ploidy", "ad_alt", "dp")}  # fmt: skip
    missing = [pl.lit(None, dtype).alias(c) for c, dtype in wanted.items() if c not in rows.columns]
    return (
        rows.with_columns(missing)
        .with_columns(pl.col(c).cast(dtype) for c, dtype in wanted.items())
        .select(list(wanted))
    )


@dataclass(frozen=True)
class Planted:
    """A simulated case: the gene, its mode, the phenotype and the causal rows."""

    gene: str
    mode: str
    hpo: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    asserted: bool


# Copies in child, father, mother of the alleles of each mode (a boy has one X).
GENOTYPES = {
    "AD": [(1, 0, 0)],
    "AR hom": [(2, 1, 1)],
    "AR comp-het": [(1, 1, 0), (1, 0, 1)],
    "XL": [(1, 0, 1)],
    "MT": [(1, 0, 1)],
}


class Simulator:
    """Draws cases; the same seed draws the same cases."""

    def __init__(self, known: Knowledge, clinvar: pl.DataFrame, seed: int) -> None:
        assert known.phenotypes is not None
        assert known.genes.diseases is not None
        self.known, self.chance = known, random.Random(seed)
        self.phenotypes, self.clinvar = known.phenotypes, clinvar
        models = known.gene_models.filter(pl.col("mane") == "MANE Select").drop_nulls("cds_start")
        self.models = {m["gene"]: m for m in models.rows(named=True)}
        sure = known.genes.diseases.filter(pl.col("confidence") == "confirmed")
        self.genes = {
            mode: sorted(
                gene
                for gene in sure.filter(pl.col("inheritance") == mode)["gene"].unique()
                if gene in self.models and len(self._own(gene)) >= 6
            )
            for mode in ("AD", "AR", "XL")
        }
        self.genes["MT"] = sorted(
            g for g in self.phenotypes.genes if g in MITOCHONDRIAL and len(self._own(g)) >= 6
        )
        self.pool = sorted(t for t, c in self.phenotypes.content.items()
                           if ROOT in self.phenotypes.ancestors[t] and c > 1)  # fmt: skip

    def _own(self, gene: str) -> list[str]:
        """The gene's most specific terms."""
        terms = self.phenotypes.terms_of(gene)
        above = {a for t in terms for a in self.phenotypes.ancestors[t] if a != t}
        return sorted(t for t in terms - above if ROOT in self.phenotypes.ancestors[t])

    def phenotype(self, gene: str) -> tuple[str, ...]:
        """Three to six own terms, a third of them imprecise, and two random ones."""
        own = self._own(gene)
        terms = self.chance.sample(own, min(len(own), self.chance.randint(3, 6)))
        for i in range(len(terms)):
            if self.chance.random() < 1 / 3:
                content = self.phenotypes.content
                higher = set(self.phenotypes.ancestors[terms[i]]) - {terms[i]}
                above = sorted(term for term in higher if content.get(term, 0) > 1)
                terms[i] = self.chance.choice(above) if above else terms[i]
        return tuple(dict.fromkeys([*terms, *self.chance.sample(self.pool, 2)]))

    def case(self) -> Planted:
        """One simulated case."""
        mode = self.chance.choices(list(SHARES), list(SHARES.values()))[0]
        inheritance = mode.split(" ")[0]
        gene = self.chance.choice(self.genes[inheritance])
        stated = sorted(set(self.clinvar["gene"].unique()) & set(self.genes.get(inheritance, ())))
        asserted = bool(stated) and self.chance.random() < 0.5
        if asserted:
            gene = self.chance.choice(stated)
        rows = tuple(
            self._row(gene, inheritance, copies, asserted, at)
            for at, copies in enumerate(GENOTYPES[mode])
        )
        return Planted(gene, mode, self.phenotype(gene), rows, asserted)

    def _row(
        self, gene: str, inheritance: str, copies: tuple[int, ...], asserted: bool, at: int
    ) -> dict[str, Any]:
        row: dict[str, Any] = {"gene": gene, "filter": "PASS", "record": 9_000_000 + at}
        if inheritance == "MT":
            names = ("pos", "ref", "alt", "consequence")
            row |= {"chrom": "chrM", **dict(zip(names, MITOCHONDRIAL[gene], strict=True))}
        else:
            model = self.models[gene]
            length = sum(self.known.transcript(model["transcript"]).coding)  # type: ignore[union-attr]
            codon = self.chance.randint(2, max(3, length // 3 - 1))
            null = self.chance.random() < 0.6
            row |= {"chrom": str(model["chrom"]), "pos": model["cds_start"] + 1 + at,
                    "ref": "C", "alt": "T", "transcript": model["transcript"],
                    "mane": "MANE Select", "protein_pos": codon, "exon": "2/5",
                    "hgvs_p": f"p.Arg{codon}{'Ter' if null else 'Trp'}",
                    "consequence": "stop_gained" if null else "missense_variant"}  # fmt: skip
        if asserted:
            record = self.chance.choice(self.clinvar.filter(gene=gene).rows(named=True))
            row |= {key: record[key] for key in ("chrom", "pos", "ref", "alt", "consequence")}
            row |= {
                "clinvar_significance": record["significance"],
                "clinvar_stars": record["stars"],
                "hgvs_g": record["hgvs"],
                **dict.fromkeys(("hgvs_p", "protein_pos", "exon")),
            }
        haploid = inheritance in ("XL", "MT")
        for role, n in zip(("", "father_", "mother_"), copies, strict=True):
            ploidy = 1 if haploid and (role != "mother_" or inheritance == "MT") else 2
            depth = self.chance.randint(28, 60)
            share = n / ploidy
            if inheritance == "MT" and n:  # most copies of the child, few of the mother
                share = self.chance.uniform(*((0.6, 0.95) if not role else (0.05, 0.4)))
            alt = sum(self.chance.random() < share for _ in range(depth)) if 0 < share < 1 else 0
            row |= {f"{role}dosage": n, f"{role}ploidy": ploidy, f"{role}dp": depth,
                    f"{role}ad_alt": depth if share == 1 else alt}  # fmt: skip
        return row


def clinvar_pathogenic(path: Path) -> pl.DataFrame:
    """ClinVar records P/LP of at least one star: allele, gene, significance, stars, ..., hgvs."""
    info = {name: pl.String for name in ("GENEINFO", "CLNSIG", "CLNREVSTAT", "MC", "CLNHGVS")}
    rows = read_columns(path, info=info)
    term = pl.col("MC").str.split(",").list.first().str.split("|").list.last()
    stars = pl.col("CLNREVSTAT").replace_strict(
        {
            "criteria_provided,_single_submitter": 1,
            "criteria_provided,_multiple_submitters,_no_conflicts": 2,
            "reviewed_by_expert_panel": 3,
        },
        default=0,
        return_dtype=pl.Int8,
    )
    words = {"nonsense": "stop_gained", "initiator_codon_variant": "start_lost"}
    return (
        rows.filter(
            pl.col("CLNSIG").is_in(
                ["Pathogenic", "Likely_pathogenic", "Pathogenic/Likely_pathogenic"]
            )
        )
        .select(
            "pos",
            "ref",
            "alt",
            chrom=pl.lit("chr") + pl.col("contig").str.strip_prefix("chr"),
            gene=pl.col("GENEINFO").str.split(":").list.first(),
            significance="CLNSIG",
            stars=stars,
            consequence=term.replace(words),
            hgvs="CLNHGVS",
        )
        .filter((pl.col("stars") >= 1) & pl.col("consequence").is_not_null())
    )


def places(planted: Planted, rows: pl.DataFrame, known: Knowledge) -> dict[str, float]:
    """Place of the causal gene among all genes, ours and by BASELINES; ties count against.

    A gene's place is that of its best candidate; chance gives the middle place.
    """
    assert known.phenotypes is not None
    both = pl.concat([rows, planted_rows(planted.rows, rows.columns)])
    person = Person("P", "XY", "rare", hpo=planted.hpo)
    genes = both["gene"].drop_nulls().unique().sort().to_list()
    matches = known.phenotypes.matches(person.hpo, (), genes)
    found = candidates(both, Case(person, known, FAMILY, matches))
    ours = best_by_gene([(one["gene"], one["score"]) for one in found])
    bare = best_by_gene([(one["gene"], _without_phenotype(one)) for one in found])
    fits = {gene: matches[gene].score if gene in matches else 0.0 for gene in ours}
    return {
        "shirube": place(ours, planted.gene),
        "phenotype only": place(fits, planted.gene),
        "variant only": place(bare, planted.gene),
        "chance": (len(ours) + 1) / 2,
    }


def planted_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pl.DataFrame:
    """Alleles as described calls, with the `columns` of a background."""
    added = complete(pl.DataFrame(list(rows), infer_schema_length=None))
    return with_reads(added).with_columns(kind=kind(pl.col("ref"), pl.col("alt"))).select(columns)


def rank(planted: Planted, rows: pl.DataFrame, known: Knowledge) -> int:
    """Our place of the causal gene."""
    return int(places(planted, rows, known)["shirube"])


def _without_phenotype(one: Mapping[str, Any]) -> float:
    parts = json.loads(one["detail"])["score_parts"]
    return float(np.prod([parts[key] for key in ("effect", "rarity", "inheritance", "gene")]))


def best_by_gene(scored: Sequence[tuple[str | None, float]]) -> dict[str, float]:
    """Best score of each gene."""
    best: dict[str, float] = {}
    for gene, score in scored:
        best[gene or ""] = max(best.get(gene or "", 0.0), score)
    return best


def place(scores: Mapping[str, float], gene: str) -> int:
    """Place of a gene by score; ties count against."""
    mine = scores[gene]
    return sum(score >= mine for other, score in scores.items() if other != gene) + 1


def simulated(
    realdata: Path, knowledge: Path, cases: int, seed: int
) -> Iterator[tuple[str, Planted, dict[str, float]]]:
    """(background, case, places) of each simulated family."""
    known = knowledge_of(knowledge)
    clinvar = clinvar_pathogenic(knowledge / "clinvar/clinvar_20260226_subset.GRCh38.vcf.gz")
    simulator = Simulator(known, clinvar, seed)
    trios = {name: background(realdata, name) for name in TRIOS}
    for n in range(cases):
        name = list(TRIOS)[n % len(TRIOS)]
        planted = simulator.case()
        yield name, planted, places(planted, trios[name], known)


def ptpn11(case: Mapping[str, Any]) -> Planted:
    """The published Japanese infant of the phenopacket: PTPN11 p.Phe285Leu, de novo."""
    variant = case["variants"][0]
    row = {"chrom": variant["contig"], "pos": variant["pos_1based"], "ref": variant["ref"],
           "alt": variant["alt"], "gene": "PTPN11", "filter": "PASS", "record": 9_000_000,
           "consequence": "missense_variant", "hgvs_p": "p.Phe285Leu", "protein_pos": 285,
           "dosage": 1, "ploidy": 2, "dp": 40, "ad_alt": 19}  # fmt: skip
    for role in PEOPLE[1:]:
        row |= {f"{role}_dosage": 0, f"{role}_ploidy": 2, f"{role}_dp": 40, f"{role}_ad_alt": 0}
    hpo = tuple(f["id"] for f in case["phenotypicFeatures"])
    return Planted("PTPN11", "AD", hpo, (row,), False)


def figures(
    realdata: Path, knowledge: Path, cases: int = 240, seed: int = 1
) -> dict[str, dict[str, float]]:
    """Group of cases -> number of cases, share ranked first, share in the first five, worst."""
    groups: dict[str, list[float]] = {}
    for name, planted, found in simulated(realdata, knowledge, cases, seed):
        kind_of = "ClinVar variant" if planted.asserted else "made variant"
        for group in ("all", planted.mode, f"background {name}", kind_of):
            groups.setdefault(group, []).append(found["shirube"])
        for baseline in BASELINES:
            groups.setdefault(f"baseline {baseline}", []).append(found[baseline])
    return {
        group: {
            "cases": len(given),
            "top1": sum(place <= 1 for place in given) / len(given),
            "top5": sum(place <= 5 for place in given) / len(given),
            "worst": max(given),
        }
        for group, given in groups.items()
    }


def published(realdata: Path, knowledge: Path) -> dict[str, int]:
    """Background -> rank of PTPN11 for the published case planted in it."""
    known = knowledge_of(knowledge)
    case = json.loads((realdata / "phenopacket-ptpn11-jp/case.json").read_text())
    return {name: rank(ptpn11(case), background(realdata, name), known) for name in TRIOS}


def main() -> int:
    """Print the table; 1 if a floor is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name in ("realdata", "knowledge"):
        default = Path(os.environ.get(name.upper(), f"../shared/{name}"))
        parser.add_argument(f"--{name}", type=Path, default=default)
    parser.add_argument("--cases", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    first = published(args.realdata, args.knowledge)
    print(
        "PTPN11 p.Phe285Leu of a published case:",
        ", ".join(f"rank {place} in {name}" for name, place in first.items()),
    )
    found = figures(args.realdata, args.knowledge, args.cases, args.seed)
    print(f"{'simulated families':24} {'cases':>6} {'top 1':>7} {'top 5':>7} {'worst':>6}")
    for group, one in found.items():
        line = f"{one['cases']:6.0f} {one['top1']:7.3f} {one['top5']:7.3f} {one['worst']:6.0f}"
        print(f"{group:24} {line}")
    missed = found["all"]["top1"] < TOP1 or found["all"]["top5"] < TOP5
    return int(missed or set(first.values()) != {1})


if __name__ == "__main__":
    sys.exit(main())
