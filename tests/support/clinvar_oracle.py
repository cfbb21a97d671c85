"""ClinVar as judge of consequences: its molecular consequences against ours on MANE transcripts.

For genes whose reference sequence is not at hand the reference is put together from the REF bases
of ClinVar's own records; what no record covers stays unknown, and records that need it are counted
as not computable, never as right.
"""

import sys
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from shirube.annotate.annotation import Chromosome, annotated
from shirube.annotate.effects import duplicated_splice_sites, splice_terms
from shirube.contracts import ALLELE
from shirube.genome.edits import Edit, edit_of, shifted
from shirube.genome.sequence import Bases, bases
from shirube.genome.transcripts import Transcript, transcripts_of
from shirube.knowledge.clinvar import read_clinvar
from shirube.knowledge.genemodels import read_gene_models
from shirube.vcf import read_columns

GENES = {"BRCA1": "chr17", "BRCA2": "chr13", "APC": "chr5", "TP53": "chr17", "MUTYH": "chr1"}
# Our term -> ClinVar's words for it.
WORDS = {
    "stop_gained": {"nonsense"},
    "start_lost": {"initiator_codon_variant"},
    "inframe_deletion": {"inframe_deletion", "inframe_indel"},
    "inframe_insertion": {"inframe_insertion", "inframe_indel"},
    "missense_variant": {"missense_variant", "inframe_indel"},
    "stop_retained_variant": {"synonymous_variant"},
    "upstream_gene_variant": {"2KB_upstream_variant", "genic_upstream_transcript_variant"},
    "downstream_gene_variant": {"500B_downstream_variant"},
}
UNCODED = {
    "intron_variant",
    "non-coding_transcript_variant",
    "5_prime_UTR_variant",
    "3_prime_UTR_variant",
    "genic_upstream_transcript_variant",
    "genic_downstream_transcript_variant",
}
SPLICE = {"splice_donor_variant", "splice_acceptor_variant"}


def assembled(records: pl.DataFrame, length: int) -> Bases:
    """Sequence of `length` from (pos, ref) records, N where none reaches."""
    sequence = np.full(length, ord("N"), np.uint8)
    for pos, ref in records.select("pos", "ref").iter_rows():
        sequence[pos - 1 : pos - 1 + len(ref)] = np.frombuffer(ref.encode(), np.uint8)
    return sequence


def agrees(consequence: str, stated: str) -> bool:
    """True if our most severe class is among the classes ClinVar states.

    Of a frameshift that brings its own stop either word will do.
    """
    terms = [term for term in consequence.split("&") if term != "splice_region_variant"]
    said = set(stated.split("&"))
    first = terms[:2] if set(terms[:2]) == {"frameshift_variant", "stop_gained"} else terms[:1]
    return any(WORDS.get(term, {term}) & said for term in first)


def reason(row: dict[str, str], transcript: Transcript) -> str:
    """Why a record differs; empty if no reason is known."""
    ours, said = set(row["consequence"].split("&")), set(row["consequences"].split("&"))
    edit = edit_of(row["pos"], row["ref"], row["alt"])
    beside = slice(max(edit.start - len(edit.inserted) - 3, 0), edit.end + len(edit.inserted) + 3)
    if said <= UNCODED:
        return "ClinVar states classes of other transcripts only"
    if said & SPLICE & other_placement(transcript, edit):
        return "elsewhere in its repeat the change touches the splice site, which stays whole"
    if ours == {"frameshift_variant"} and row["hgvs_p"] is None and "nonsense" in said:
        return "reference unknown where the new stop would lie"
    if edit.inserted and ord("N") in transcript.sequence[beside]:
        return "reference unknown beside the insertion, so a duplication cannot be seen"
    if said - UNCODED == {"initiator_codon_variant"}:
        return "initiator codon of another transcript"
    return ""


def other_placement(transcript: Transcript, edit: Edit) -> set[str]:
    """Splice terms of the change at the 5' end of the stretch in which it may be placed."""
    moved = shifted(edit, transcript.sequence, not transcript.forward)
    beside = splice_terms(transcript, Edit(moved.start - 1, moved.end + 1, "N"))
    return beside | duplicated_splice_sites(transcript, moved)


def verdicts(vcf: Path, models: pl.DataFrame, references: dict[str, Path]) -> pl.DataFrame:
    """Every record of GENES on its MANE Select transcript: names, classes, agreement, reason.

    `references`: chromosome -> FASTA; other chromosomes are assembled from the records. Columns:
    gene, pos, ref, alt, consequence, hgvs_c, hgvs_p, consequences (ClinVar's), state (agrees,
    differs, not computable, ClinVar states none) and reason.
    """
    records = read_columns(vcf)

    @cache
    def sequence(chrom: str) -> Bases | None:
        if chrom in references:
            return bases(references[chrom], chrom)
        here = records.filter(pl.col("contig") == chrom.removeprefix("chr"))
        if chrom not in GENES.values() or not here.height:
            return None
        return assembled(here, int(here["pos"].max()) + 20_000)

    clinvar = read_clinvar(vcf, "GRCh38", sequence)
    parts = []
    for gene, chrom in GENES.items():
        model = models.filter(pl.col("gene") == gene, pl.col("mane") == "MANE Select")
        known = sequence(chrom)
        assert known is not None
        place = Chromosome(chrom, "", "", known, model, {})
        mine = clinvar.filter(
            pl.col("chrom") == chrom, pl.col("gene").str.split("|").list.contains(gene)
        )
        table = annotated(mine.select(ALLELE), place).join(
            mine.select(*ALLELE, "consequences"), on=ALLELE
        )
        inside = table.filter(
            pl.col("transcript") != "", ~pl.col("consequence").str.contains("stream_gene_variant")
        )
        transcript = next(iter(transcripts_of(model, known)))
        rows = []
        for row in inside.iter_rows(named=True):
            ours = row["consequence"]
            if row["consequences"] is None:
                state, why = "ClinVar states none", ""
            elif "coding_sequence_variant" in ours and row["hgvs_p"] is None:
                state, why = "not computable", "reference unknown in the codon"
            elif agrees(ours, row["consequences"]):
                state, why = "agrees", ""
            else:
                state, why = "differs", reason(row, transcript)
            rows.append((state, why))
        judged = pl.DataFrame(rows, schema=["state", "reason"], orient="row")
        facts = ["gene", "pos", "ref", "alt", "consequence", "hgvs_c", "hgvs_p", "consequences"]
        parts.append(inside.select(facts).hstack(judged))
    return pl.concat(parts)


if __name__ == "__main__":
    knowledge, realdata = Path(sys.argv[1]), Path(sys.argv[2])
    judged = verdicts(
        knowledge / "clinvar/clinvar_20260226_subset.GRCh38.vcf.gz",
        read_gene_models(knowledge / "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz"),
        {"chr17": realdata / "ref-grch38-chr17/chr17.tp53_brca1.fa.gz"},
    )
    print(judged.filter(pl.col("state") == "differs").write_csv(separator="\t"), end="")
    counts = judged.group_by("gene", "state").len().sort("gene", "state")
    print(counts.write_csv(separator="\t"), end="", file=sys.stderr)
