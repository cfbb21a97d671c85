"""What an allele does, and what ClinVar says of it: from the release, or worked out when asked."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from shirube.annotate.effects import effect
from shirube.annotate.terms import RANK
from shirube.contracts import ALLELE, scan
from shirube.contracts.knowledge import CLINVAR
from shirube.genome.edits import edit_of
from shirube.service.released import Released

Key = tuple[str, int, str, str]
Row = dict[str, Any]
CLASSES = ("plof", "missense", "synonymous", "other")
_PLOF = frozenset(
    (
        *("transcript_ablation", "splice_acceptor_variant", "splice_donor_variant"),
        *("stop_gained", "frameshift_variant", "start_lost"),
    )
)
_MISSENSE = frozenset(
    (
        *("missense_variant", "inframe_insertion", "inframe_deletion", "stop_lost"),
        "protein_altering_variant",
    )
)
_SYNONYMOUS = frozenset(("synonymous_variant", "stop_retained_variant", "start_retained_variant"))


def kind(consequence: str | None) -> str:
    """Class of joined SO terms: plof, missense, synonymous or other."""
    terms = frozenset((consequence or "").split("&"))
    for name, members in zip(CLASSES, (_PLOF, _MISSENSE, _SYNONYMOUS), strict=False):
        if terms & members:
            return name
    return "other"


def clinvar_kind(significance: str | None) -> str:
    """Class of a ClinVar significance: pathogenic, uncertain, benign, listed; '' for none."""
    text = (significance or "").lower()
    if not text:
        return ""
    if "conflicting" in text or "uncertain" in text:
        return "uncertain"
    if "pathogenic" in text:
        return "pathogenic"
    return "benign" if "benign" in text else "listed"


def _rank(row: Mapping[str, Any]) -> tuple[bool, int, str]:
    first = (row["consequence"] or "").split("&")[0]
    return row["mane"] is None, RANK.get(first, len(RANK)), row["transcript"]


def consequences(released: Released, key: Key) -> list[Row]:
    """What an allele does to each transcript it touches, MANE first."""
    chrom, pos, ref, alt = key
    rows = released.names.of_alleles(chrom, pos - 1, pos)
    own = rows.filter((pl.col("pos") == pos) & (pl.col("ref") == ref) & (pl.col("alt") == alt))
    found = own.filter(pl.col("transcript") != "").to_dicts()
    if own.is_empty() and released.genome is not None:
        found = list(_worked_out(released, key))
    return sorted(found, key=_rank)


def _worked_out(released: Released, key: Key) -> list[Row]:
    chrom, pos, ref, alt = key
    genome, genes = released.genome, released.search.genes
    if genome is None or chrom not in genome.contigs or (ref + alt).strip("ACGT"):
        return []
    edit = edit_of(pos, ref, alt)
    out = []
    for gene in genes.within(chrom, pos - 1, pos - 1 + len(ref)):
        for transcript in genes.transcripts(gene["gene"], {chrom: genome.chromosome(chrom)}):
            found = effect(transcript, edit)
            row = {"transcript": transcript.name, "gene": gene["gene"], "mane": transcript.mane}
            row |= {"consequence": found.consequence, "exon": found.exon}
            out.append(row | {"hgvs_c": found.hgvs_c, "hgvs_p": found.hgvs_p})
    return out


def clinvar(released: Released, key: Key) -> Row | None:
    """The ClinVar entry of an allele; None if it has none or ClinVar was not imported."""
    path = clinvar_path(released)
    if not path.is_file():
        return None
    chrom, pos, ref, alt = key
    same = (pl.col("chrom") == chrom) & (pl.col("pos") == pos)
    same &= (pl.col("ref") == ref) & (pl.col("alt") == alt)
    rows = scan(CLINVAR, path).filter(same).collect().to_dicts()
    return rows[0] if rows else None


def clinvar_path(released: Released) -> Path:
    """Where a run keeps the ClinVar it imported."""
    return released.results / "knowledge" / "clinvar.parquet"


def described(
    released: Released, chrom: str, keys: Sequence[Key], gene: str = ""
) -> dict[Key, Row]:
    """The best annotation row of each allele: of `gene` if given, MANE first.

    Alleles that the release's annotation does not have are left out.
    """
    if not keys:
        return {}
    low, high = min(key[1] for key in keys), max(key[1] for key in keys)
    rows = released.names.of_alleles(chrom, low - 1, high).with_columns(
        pl.col("chrom").cast(pl.String)
    )
    order = [(pl.col("gene") != gene).fill_null(True)] if gene else []
    first = pl.col("consequence").str.split("&").list.first()
    rank = first.replace_strict(RANK, default=len(RANK), return_dtype=pl.Int32)
    best = rows.sort(*order, pl.col("mane").is_null(), rank, "transcript")
    best = best.unique(ALLELE, keep="first")
    wanted = set(keys)
    out = {}
    for row in best.iter_rows(named=True):
        key = (row["chrom"], row["pos"], row["ref"], row["alt"])
        if key in wanted:
            out[key] = row
    return out
