"""ACMG/AMP criteria against ClinVar, without using ClinVar: five complete genes, 2 stars or more.

    python benchmarks/lib/concordance.py [--knowledge DIR]

Each record's consequence is ClinVar's own (MC); codon and exon come from its position on the MANE
Select transcript, the gene's mechanism from ClinGen dosage, G2P and the table of hereditary
tumours. No population frequency, no predictor and no ClinVar assertion is used, so most missense
and all silent variants must stay uncertain or benign; what must not happen is a benign variant
called pathogenic.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from shirube.interpret.acmg import LIKELY, PATHOGENIC, classified, criteria
from shirube.interpret.context import Context
from shirube.interpret.curated import read_curated
from shirube.interpret.genes import GeneKnowledge
from shirube.interpret.pvs1 import Transcript
from shirube.knowledge.gene_facts import read_constraint, read_dosage, read_g2p
from shirube.knowledge.genemodels import read_gene_models
from shirube.vcf import read_columns

RESOURCES = Path(__file__).parents[2] / "resources"
GENES = ("APC", "BRCA1", "BRCA2", "MUTYH", "TP53")
STARS = {
    "criteria_provided,_multiple_submitters,_no_conflicts": 2,
    "reviewed_by_expert_panel": 3,
    "practice_guideline": 4,
}
SIDES = {
    "Pathogenic": "P/LP",
    "Likely_pathogenic": "P/LP",
    "Pathogenic/Likely_pathogenic": "P/LP",
    "Benign": "B/LB",
    "Likely_benign": "B/LB",
    "Benign/Likely_benign": "B/LB",
}
# Most severe first; words of ClinVar's MC field -> Sequence Ontology as the workflow writes it.
TERMS = {
    "nonsense": "stop_gained",
    "frameshift_variant": "frameshift_variant",
    "splice_donor_variant": "splice_donor_variant",
    "splice_acceptor_variant": "splice_acceptor_variant",
    "initiator_codon_variant": "start_lost",
    "start_lost": "start_lost",
    "stop_lost": "stop_lost",
    "inframe_deletion": "inframe_deletion",
    "inframe_insertion": "inframe_insertion",
    "inframe_indel": "protein_altering_variant",
    "missense_variant": "missense_variant",
    "synonymous_variant": "synonymous_variant",
    "intron_variant": "intron_variant",
    "5_prime_UTR_variant": "5_prime_UTR_variant",
    "3_prime_UTR_variant": "3_prime_UTR_variant",
}
LIMIT = 0.01


def place(model: Mapping[str, Any], pos: int) -> tuple[int | None, str | None]:
    """(codon, exon or intron as n/N or i n/N) of a 1-based position along a gene model."""
    forward = model["strand"] == "+"
    exons = list(zip(model["exon_starts"], model["exon_ends"], strict=True))
    if not forward:
        exons.reverse()
    at, coding = pos - 1, 0
    for number, (start, end) in enumerate(exons, 1):
        low, high = max(start, model["cds_start"]), min(end, model["cds_end"])
        if start <= at < end:
            if not low <= at < high:
                return None, f"{number}/{len(exons)}"
            coding += (at - low) if forward else (high - 1 - at)
            return coding // 3 + 1, f"{number}/{len(exons)}"
        if (at < start) if forward else (at >= end):
            return None, f"i{number - 1}/{len(exons) - 1}"
        coding += max(0, high - low)
    return None, None


def records(clinvar: Path) -> pl.DataFrame:
    """Records of GENES with 2 stars or more and one side: gene, pos, consequence, stated, side."""
    info = dict.fromkeys(("GENEINFO", "CLNSIG", "CLNREVSTAT", "MC"), pl.String)
    rows = read_columns(clinvar, info=info)
    words = (
        pl.col("MC")
        .str.extract_all(r"\|([A-Za-z0-9_]+)")
        .list.eval(pl.element().str.strip_chars("|"))
    )
    consequence = pl.lit(None, pl.String)
    for word, term in reversed(TERMS.items()):
        consequence = pl.when(words.list.contains(word)).then(pl.lit(term)).otherwise(consequence)
    return rows.select(
        "pos",
        "ref",
        "alt",
        gene=pl.col("GENEINFO").str.split(":").list.first(),
        stars=pl.col("CLNREVSTAT").replace_strict(STARS, default=0, return_dtype=pl.Int8),
        stated="CLNSIG",
        side=pl.col("CLNSIG").replace_strict(SIDES, default=None, return_dtype=pl.String),
        consequence=consequence,
    ).filter(
        pl.col("gene").is_in(GENES)
        & (pl.col("stars") >= 2)
        & pl.col("side").is_not_null()
        & pl.col("consequence").is_not_null()
    )


def table(knowledge: Path) -> tuple[Counter[tuple[str, str, str]], list[dict[str, Any]]]:
    """((gene, side, class) -> records; the benign records that were called pathogenic)."""
    facts = read_curated(RESOURCES / "hereditary_cancer_genes.tsv")
    known = GeneKnowledge(
        read_g2p(knowledge / "g2p/DDG2P.csv.gz"),
        read_dosage(knowledge / "clingen_dosage/ClinGen_gene_curation_list_GRCh38.tsv"),
        read_constraint(knowledge / "gnomad_constraint/gnomad.v2.1.1.gene-constraints.tsv.gz"),
        hereditary=facts.rows_by_key("gene", named=True, unique=True),
    )
    models = read_gene_models(
        knowledge / "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz"
    ).filter(pl.col("gene").is_in(GENES) & (pl.col("mane") == "MANE Select"))
    by_gene = {model["gene"]: model for model in models.rows(named=True)}
    contexts = {
        gene: Context(
            mechanism={"established": "loss"}.get(known.of(gene).loss or "", known.of(gene).loss),
            transcript=Transcript.of(model),
        )
        for gene, model in by_gene.items()
    }
    counts: Counter[tuple[str, str, str]] = Counter()
    wrong = []
    found = records(knowledge / "clinvar/clinvar_20260226_subset.GRCh38.vcf.gz")
    for row in found.rows(named=True):
        codon, exon = place(by_gene[row["gene"]], row["pos"] + (len(row["ref"]) > 1))
        allele = {"consequence": row["consequence"], "protein_pos": codon, "exon": exon}
        met = criteria(allele, contexts[row["gene"]])
        name, points = classified(met)
        counts[row["gene"], row["side"], name] += 1
        if row["side"] == "B/LB" and name in (PATHOGENIC, LIKELY):
            path = next(c["reason"] for c in met if c["code"] == "PVS1")
            wrong.append(row | {"class": name, "points": points, "reason": path})
    return counts, wrong


def figures(knowledge: Path) -> dict[str, dict[str, float]]:
    """Gene (or all) -> records and shares: benign called P/LP, pathogenic called P/LP."""
    counts, _ = table(knowledge)
    out = {}
    for gene in ("all", *GENES):
        mine = {key[1:]: n for key, n in counts.items() if gene == key[0]}
        if gene == "all":
            mine = dict(sum((Counter({k[1:]: n}) for k, n in counts.items()), Counter()))
        benign = sum(n for (side, _), n in mine.items() if side == "B/LB")
        harmful = sum(n for (side, _), n in mine.items() if side == "P/LP")
        called = {
            side: sum(mine.get((side, name), 0) for name in (PATHOGENIC, LIKELY))
            for side in ("B/LB", "P/LP")
        }
        out[gene] = {
            "benign": benign,
            "pathogenic": harmful,
            "benign_called_pathogenic": called["B/LB"] / max(benign, 1),
            "pathogenic_called_pathogenic": called["P/LP"] / max(harmful, 1),
        }
    return out


def main() -> int:
    """Print the table of concordance; 1 if more than LIMIT of the benign are called P/LP."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = Path(os.environ.get("KNOWLEDGE", "../shared/knowledge"))
    parser.add_argument("--knowledge", type=Path, default=default)
    args = parser.parse_args()
    counts, wrong = table(args.knowledge)
    print(f"{'gene':8} {'ClinVar':8} {'criteria':24} {'records':>8}")
    for key, n in sorted(counts.items()):
        print(f"{key[0]:8} {key[1]:8} {key[2]:24} {n:8}")
    for row in wrong:
        print(
            f"{row['gene']} {row['pos']} {row['ref']}>{row['alt']} {row['stated']}: {row['reason']}"
        )
    share = figures(args.knowledge)["all"]
    print(f"benign called P/LP: {share['benign_called_pathogenic']:.4f}")
    print(f"pathogenic called P/LP: {share['pathogenic_called_pathogenic']:.4f}")
    return int(share["benign_called_pathogenic"] > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
