"""ACMG/AMP criteria against ClinVar, without using ClinVar: five complete genes, 2 stars or more.

    python benchmarks/lib/concordance.py [--knowledge DIR]

Each record's consequence is ClinVar's own (MC); codon and exon come from its position on the MANE
Select transcript, the gene's mechanism from ClinGen dosage, G2P and the table of hereditary
tumours, its thresholds from resources/clingen_specifications.tsv. Where the reference is there
(BRCA1 and TP53 on chromosome 17) the workflow's own annotation names the change, so that PVS1 is
judged at the new stop; elsewhere it is judged at the first changed residue. No population
frequency, no predictor and no ClinVar assertion is used, so most missense and all silent variants
must stay uncertain or benign; what must not happen is a benign variant called pathogenic.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from shirube.annotate.effects import effect
from shirube.genome.edits import edit_of
from shirube.genome.sequence import bases
from shirube.genome.transcripts import Transcript as Geometry
from shirube.genome.transcripts import transcripts_of
from shirube.interpret.acmg import LIKELY, PATHOGENIC, classified, criteria
from shirube.interpret.context import Context
from shirube.interpret.curated import read_curated
from shirube.interpret.genes import GeneKnowledge
from shirube.interpret.pvs1 import VERY_STRONG, Transcript, strength
from shirube.interpret.residue import PAIR
from shirube.interpret.rules import rules_with
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


def beside_exon(model: Mapping[str, Any], pos: int, ref: str, alt: str) -> str | None:
    """Coding name of a substitution of the first or last two bases of an intron; else None."""
    forward, at, coding = model["strand"] == "+", pos - 1, 0
    exons = list(zip(model["exon_starts"], model["exon_ends"], strict=True))
    if len(ref) != 1 or len(alt) != 1 or not model["cds_start"] <= at < model["cds_end"]:
        return None
    for start, end in exons if forward else reversed(exons):
        size = max(0, min(end, model["cds_end"]) - max(start, model["cds_start"]))
        before, behind = (start - at, at - end + 1) if forward else (at - end + 1, start - at)
        base = alt if forward else PAIR[alt]
        old = ref if forward else PAIR[ref]
        if size and 1 <= before <= 2:
            return f"c.{coding + 1}-{before}{old}>{base}"
        if size and 1 <= behind <= 2:
            return f"c.{coding + size}+{behind}{old}>{base}"
        coding += size
    return None


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


Naming = Callable[[int, str, str], dict[str, Any]]
CHR17 = "ref-grch38-chr17/chr17.tp53_brca1.fa.gz"


def mane(knowledge: Path) -> dict[str, dict[str, Any]]:
    """MANE Select model of each of GENES."""
    models = read_gene_models(
        knowledge / "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz"
    ).filter(pl.col("gene").is_in(GENES) & (pl.col("mane") == "MANE Select"))
    return {model["gene"]: model for model in models.rows(named=True)}


def annotated(realdata: Path, models: Mapping[str, Mapping[str, Any]]) -> dict[str, Naming]:
    """Gene -> how its alleles are named, for the genes on the reference there is (chr17)."""
    fasta = realdata / CHR17
    if not fasta.exists():
        return {}
    sequence = bases(fasta, "chr17")
    table = pl.DataFrame([model for model in models.values() if str(model["chrom"]) == "chr17"])

    def naming(on: Geometry) -> Naming:
        def name(pos: int, ref: str, alt: str) -> dict[str, Any]:
            found = effect(on, edit_of(pos, ref, alt))
            fields = ("consequence", "exon", "hgvs_c", "hgvs_p", "protein_pos")
            return {field: getattr(found, field) for field in fields} | {"ref": ref, "alt": alt}

        return name

    return {on.gene or "": naming(on) for on in transcripts_of(table, sequence)}


def new_stops(knowledge: Path, realdata: Path) -> dict[str, tuple[int, int]]:
    """Gene -> (one-base deletions and duplications of its coding bases, those judged otherwise).

    Judged otherwise: decayed if PVS1 looked at the first changed residue, not at the new stop.
    """
    models, out = mane(knowledge), {}
    names = annotated(realdata, models)
    sequence = bytes(bases(realdata / CHR17, "chr17")).decode() if names else ""
    for gene, name in names.items():
        model, transcript = models[gene], Transcript.of(models[gene])
        count = otherwise = 0
        for start, end in zip(model["exon_starts"], model["exon_ends"], strict=True):
            for at in range(max(start, model["cds_start"]), min(end, model["cds_end"])):
                before, base = sequence[at - 1 : at], sequence[at]
                for ref, alt in ((before + base, before), (before, before + base)):
                    change = name(at, ref, alt)
                    if "frameshift_variant" not in change["consequence"]:
                        continue
                    count += 1
                    early = transcript.decayed(change["protein_pos"])
                    otherwise += early and strength(change, "loss", transcript)[0] < VERY_STRONG
        out[gene] = (count, otherwise)
    return out


def table(
    knowledge: Path, realdata: Path
) -> tuple[Counter[tuple[str, str, str]], list[dict[str, Any]]]:
    """((gene, side, class) -> records; the benign records that were called pathogenic)."""
    facts = read_curated(RESOURCES / "hereditary_cancer_genes.tsv")
    known = GeneKnowledge(
        read_g2p(knowledge / "g2p/DDG2P.csv.gz"),
        read_dosage(knowledge / "clingen_dosage/ClinGen_gene_curation_list_GRCh38.tsv"),
        read_constraint(knowledge / "gnomad_constraint/gnomad.v2.1.1.gene-constraints.tsv.gz"),
        hereditary=facts.rows_by_key("gene", named=True, unique=True),
    )
    by_gene = mane(knowledge)
    rules = rules_with([RESOURCES / "clingen_specifications.tsv"])
    named = annotated(realdata, by_gene)
    contexts = {
        gene: Context(
            rules=rules,
            mechanism={"established": "loss"}.get(known.of(gene).loss or "", known.of(gene).loss),
            transcript=Transcript.of(model),
        )
        for gene, model in by_gene.items()
    }
    counts: Counter[tuple[str, str, str]] = Counter()
    wrong = []
    found = records(knowledge / "clinvar/clinvar_20260226_subset.GRCh38.vcf.gz")
    for row in found.rows(named=True):
        model, at = by_gene[row["gene"]], row["pos"] + (len(row["ref"]) > 1)
        codon, exon = place(model, at)
        if codon is None and len(row["alt"]) > len(row["ref"]) == 1:  # before an exon's first base
            inside = place(model, at + 1)
            codon, exon = inside if inside[0] is not None else (codon, exon)
        allele = {key: row[key] for key in ("gene", "ref", "alt", "consequence")}
        allele |= {"protein_pos": codon, "exon": exon}
        allele["hgvs_c"] = beside_exon(model, row["pos"], row["ref"], row["alt"])
        if row["gene"] in named:
            allele |= named[row["gene"]](row["pos"], row["ref"], row["alt"])
        met = criteria(allele, contexts[row["gene"]])
        name, points = classified(met)
        counts[row["gene"], row["side"], name] += 1
        if row["side"] == "B/LB" and name in (PATHOGENIC, LIKELY):
            path = next(c["reason"] for c in met if c["code"] == "PVS1")
            wrong.append(row | {"class": name, "points": points, "reason": path})
    return counts, wrong


def figures(knowledge: Path, realdata: Path) -> dict[str, dict[str, float]]:
    """Gene (or all) -> records and shares: benign called P/LP, pathogenic called P/LP."""
    counts, _ = table(knowledge, realdata)
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
    for name in ("realdata", "knowledge"):
        default = Path(os.environ.get(name.upper(), f"../shared/{name}"))
        parser.add_argument(f"--{name}", type=Path, default=default)
    args = parser.parse_args()
    counts, wrong = table(args.knowledge, args.realdata)
    print(f"{'gene':8} {'ClinVar':8} {'criteria':24} {'records':>8}")
    for key, n in sorted(counts.items()):
        print(f"{key[0]:8} {key[1]:8} {key[2]:24} {n:8}")
    for row in wrong:
        print(
            f"{row['gene']} {row['pos']} {row['ref']}>{row['alt']} {row['stated']}: {row['reason']}"
        )
    share = figures(args.knowledge, args.realdata)["all"]
    print(f"benign called P/LP: {share['benign_called_pathogenic']:.4f}")
    for gene, (count, otherwise) in new_stops(args.knowledge, args.realdata).items():
        print(f"{gene}: {otherwise} of {count} one-base indels judged otherwise at the new stop")
    print(f"pathogenic called P/LP: {share['pathogenic_called_pathogenic']:.4f}")
    return int(share["benign_called_pathogenic"] > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
