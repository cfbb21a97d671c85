"""Alleles of one person that change a protein together.

Two bases of one codon, or two shifts of the frame that cancel, mean something else together than
each alone: two harmless changes may make a stop, two shifts may leave a protein. Each pair is
named as one change, with what is known of the phase; nothing is assumed where it is unknown.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import polars as pl

from shirube.annotate.effects import effect
from shirube.contracts import CALLS, SOMATIC, Contract, scan
from shirube.contracts.annotation import _PLACE, JOINT
from shirube.genome.edits import Edit, edit_of
from shirube.genome.sequence import Bases
from shirube.genome.transcripts import Transcript, transcripts_of

REACH = 60  # bases between two shifts of the frame that are looked at together


def joint_changes(
    calls: Mapping[str, str],
    somatic: Mapping[str, str],
    annotation: pl.DataFrame,
    models: pl.DataFrame,
    sequence: Bases,
    chrom: str,
) -> pl.DataFrame:
    """JOINT of all people on one chromosome; whose a pair is stands in their calls alone.

    `calls`: sample -> CALLS file, `somatic`: patient -> SOMATIC file; `annotation`: ANNOTATION rows
    of the chromosome. Only alleles that passed and are called are paired, on MANE transcripts.
    """
    coding = annotation.filter(
        pl.col("mane").is_not_null() & pl.col("protein_pos").is_not_null()
    ).select("pos", "ref", "alt", "transcript", "protein_pos")
    wanted = coding["transcript"].unique().to_list()
    known = {
        tx.name: tx
        for tx in transcripts_of(models.filter(pl.col("transcript").is_in(wanted)), sequence)
    }
    found: dict[tuple[object, ...], dict[str, object]] = {}  # most pairs are of many people
    for contract, paths in ((CALLS, calls), (SOMATIC, somatic)):
        for path in paths.values():
            table = own_alleles(scan(contract, path), contract, chrom).select("pos", "ref", "alt")
            for row in _pairs(table, coding, known):
                found.setdefault(tuple(row.values()), row)
    schema = {**JOINT.schema, "chrom": pl.String}
    made = pl.DataFrame([{**row, "chrom": chrom} for row in found.values()], schema=schema)
    return JOINT.table(made.unique(JOINT.key))


def own_alleles(frame: pl.LazyFrame, contract: Contract, chrom: str) -> pl.LazyFrame:
    """Alleles of CALLS or SOMATIC on a chromosome that passed and are called."""
    kept = frame.filter(pl.col("chrom") == chrom, pl.col("filter") == "PASS")
    return kept.filter(pl.col("dosage") > 0) if contract is CALLS else kept


def _pairs(
    alleles: pl.LazyFrame,
    coding: pl.DataFrame,
    known: Mapping[str, Transcript],
) -> Iterator[dict[str, object]]:
    """Neighbouring alleles of each transcript that change a protein together."""
    table = alleles.collect().unique(["pos", "ref", "alt"]).join(coding, on=["pos", "ref", "alt"])
    ordered = table.sort("transcript", "pos", "ref", "alt")
    for (transcript,), group in ordered.group_by("transcript", maintain_order=True):
        tx = known.get(str(transcript))
        if tx is None or group.height < 2:
            continue
        for first, second in pairwise(group.iter_rows(named=True)):
            edits = [edit_of(row["pos"], row["ref"], row["alt"]) for row in (first, second)]
            if edits[0].end > edits[1].start or not _together(first, second, edits):
                continue
            both = effect(tx, _merged(tx, *edits))
            if both.hgvs_p is None:
                continue
            yield {
                **{f"{key}1": first[key] for key in _PLACE},
                **{f"{key}2": second[key] for key in _PLACE},
                "transcript": tx.name,
                "gene": tx.gene,
                "consequence": both.consequence,
                "hgvs_c": both.hgvs_c,
                "hgvs_p": both.hgvs_p,
            }


def _together(first: Mapping[str, int], second: Mapping[str, int], edits: list[Edit]) -> bool:
    """True for substitutions in one codon, and for shifts of the frame that cancel."""
    deltas = [len(edit.inserted) - edit.deleted for edit in edits]
    if not any(deltas):
        return first["protein_pos"] == second["protein_pos"]
    shifts = all(delta % 3 for delta in deltas) and sum(deltas) % 3 == 0
    return shifts and edits[1].start - edits[0].end <= REACH


def _merged(transcript: Transcript, first: Edit, second: Edit) -> Edit:
    """Both edits and the bases between them as one."""
    between = bytes(transcript.sequence[first.end : second.start]).decode()
    return Edit(first.start, second.end, first.inserted + between + second.inserted)


def phase(first: Mapping[str, Any], second: Mapping[str, Any], origin: str) -> str:
    """Of two rows of one person's CALLS (germline) or SOMATIC: cis, trans or unknown."""
    same_block = first["phase_set"] is not None and first["phase_set"] == second["phase_set"]
    if origin == "somatic":
        return "cis" if same_block else "unknown"
    if any(row["dosage"] == row["ploidy"] for row in (first, second)):
        return "cis"
    if same_block and None not in (first["haplotype"], second["haplotype"]):
        return "cis" if first["haplotype"] == second["haplotype"] else "trans"
    return "unknown"
