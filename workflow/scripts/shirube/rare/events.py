"""Germline structural events that take coding exons, or break a gene.

A deletion is weighed like a null variant (PVS1): whole gene, exons that shift the frame, exons in
frame. A duplication counts where ClinGen calls a third copy pathogenic and the whole gene is
inside. A junction of an inversion or translocation inside a gene breaks it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from shirube.interpret.inputs import Knowledge
from shirube.interpret.question import Question
from shirube.interpret.reasons import said
from shirube.interpret.rows import criterion, detail, total
from shirube.rare.acmg import LIKELY, PATHOGENIC, acmg_class
from shirube.rare.genes import GeneFacts
from shirube.rare.pvs1 import LARGE, MODERATE, STRONG, VERY_STRONG

NEAR = 50
TRIPLOSENSITIVE = 3
REPORTED = (PATHOGENIC, LIKELY)
CAME = {
    "de_novo": said("event.de_novo"),
    "maternal": said("event.maternal"),
    "paternal": said("event.paternal"),
    "biparental": said("event.biparental"),
    "unknown": said("event.unknown"),
}


def overlapped(event: Mapping[str, Any], models: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """MANE Select models a deletion or duplication overlaps, or a breakend lies in."""
    spans = []
    if event["svtype"] in ("DEL", "DUP") and event["chrom1"] == event["chrom2"]:
        low = event["pos1"] if event["svtype"] == "DEL" else event["pos1"] - 1
        high = event["pos2"] - 1 if event["svtype"] == "DEL" else event["pos2"]
        spans = [(event["chrom1"], low, high)]
    else:
        spans = [(event[f"chrom{s}"], event[f"pos{s}"] - 1, event[f"pos{s}"]) for s in "12"]
    for chrom, start, end in spans:
        over = models.filter(
            (pl.col("chrom") == chrom) & (pl.col("start") < end) & (start < pl.col("end"))
        )
        for model in over.rows(named=True):
            yield model | {"lost_start": start, "lost_end": end}


def exons_lost(model: Mapping[str, Any]) -> tuple[list[int], int]:
    """(numbers of coding exons inside the lost span, along the gene; coding bases lost)."""
    spans = list(zip(model["exon_starts"], model["exon_ends"], strict=True))
    if model["strand"] == "-":
        spans.reverse()
    numbers, bases = [], 0
    for number, (start, end) in enumerate(spans, 1):
        low = max(start, model["cds_start"], model["lost_start"])
        high = min(end, model["cds_end"], model["lost_end"])
        if low < high:
            numbers.append(number)
            bases += high - low
    return numbers, bases


def effect(
    event: Mapping[str, Any], model: Mapping[str, Any], triplosensitivity: int | None
) -> tuple[int, str, str] | None:
    """(points if loss makes disease, what happens, SO term); None if coding exons are untouched."""
    numbers, bases = exons_lost(model)
    coding = sum(
        max(0, min(e, model["cds_end"]) - max(s, model["cds_start"]))
        for s, e in zip(model["exon_starts"], model["exon_ends"], strict=True)
    )
    whole = bases == coding
    if event["svtype"] == "DEL":
        if not numbers:
            return None
        if whole:
            return VERY_STRONG, "deletion of the whole coding sequence", "transcript_ablation"
        exons = f"exon{'s' if len(numbers) > 1 else ''} {numbers[0]}"
        exons += f" to {numbers[-1]}" if len(numbers) > 1 else ""
        if bases % 3:
            return VERY_STRONG, f"deletion of {exons}, frame shifted", "exon_loss_variant"
        points = STRONG if bases / coding > LARGE else MODERATE
        return points, f"deletion of {exons}, in frame", "exon_loss_variant"
    if event["svtype"] == "DUP":
        if whole and triplosensitivity == TRIPLOSENSITIVE:
            return VERY_STRONG, "duplication of the whole gene", "transcript_amplification"
        return None
    if model["cds_start"] <= model["lost_start"] < model["cds_end"]:
        return VERY_STRONG, "broken inside its coding sequence", "feature_truncation"
    return None


def inherited(event: Mapping[str, Any], parents: Mapping[str, pl.DataFrame]) -> str:
    """Whether a parent's passing events hold the same junction (each end within NEAR bases)."""
    if not parents:
        return "unknown"
    carriers = []
    for role, events in parents.items():
        same = events.filter(
            (pl.col("filter") == "PASS")
            & (pl.col("svtype") == event["svtype"])
            & (pl.col("chrom1") == event["chrom1"])
            & (pl.col("chrom2") == event["chrom2"])
            & ((pl.col("pos1") - event["pos1"]).abs() <= NEAR)
            & ((pl.col("pos2") - event["pos2"]).abs() <= NEAR)
        )
        if same.height:
            carriers.append({"father": "paternal", "mother": "maternal"}[role])
    if len(carriers) == 2:
        return "biparental"
    if carriers:
        return carriers[0]
    return "de_novo" if len(parents) == 2 else "unknown"


def event_findings(
    events: Sequence[Mapping[str, Any]],
    knowledge: Knowledge,
    question: Question,
    parents: Mapping[str, pl.DataFrame],
    confirmed: bool,
) -> dict[str, list[dict[str, Any]]]:
    """Event name -> its findings (rank null), one a gene of the question.

    An event without a gene of the question is absent, whatever it does to others.
    """
    models = knowledge.gene_models.filter(
        (pl.col("mane") == "MANE Select") & pl.col("cds_start").is_not_null()
    )
    out: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        for model in overlapped(event, models):
            if not question.asks(model["gene"]):
                continue
            found = _finding(event, model, knowledge, question, parents, confirmed)
            if found is not None:
                out.setdefault(str(event["event"]), []).append(found)
    return out


def _finding(
    event: Mapping[str, Any],
    model: Mapping[str, Any],
    knowledge: Knowledge,
    question: Question,
    parents: Mapping[str, pl.DataFrame],
    confirmed: bool,
) -> dict[str, Any] | None:
    gene = knowledge.genes.of(model["gene"])
    seen = effect(event, model, gene.triplosensitivity)
    if seen is None:
        return None
    points, words, consequence = seen
    came = inherited(event, parents)
    found = _criteria(event, gene, points, words, came, confirmed)
    number = total(found)
    reads = event["pairs"] + event["splits"]
    return {
        "finding": f"structural-{event['event']}-{model['gene']}",
        "section": question.section(model["gene"]),
        "origin": "germline",
        "kind": "structural",
        "chrom": event["chrom1"],
        "pos": event["pos1"],
        "ref": event["ref"],
        "alt": event["alt"],
        "gene": model["gene"],
        "transcript": model["transcript"],
        "consequence": consequence,
        "name": f"{model['gene']} {words.split(',')[0]}",
        "dp": event["depth"],
        "ad_alt": reads,
        "normal_dp": event["depth"],
        "normal_ad": reads,
        "classification": acmg_class(number),
        "criteria": found,
        "evidence": [],
        "inheritance": came if parents else None,
        "detail": detail(
            {
                "svtype": event["svtype"],
                "breakpoint1": f"{event['chrom1']}:{event['pos1']}",
                "breakpoint2": f"{event['chrom2']}:{event['pos2']}",
                "pairs": event["pairs"],
                "splits": event["splits"],
                "effect": words,
                "criteria_points": number,
                "gene_inheritance": sorted(gene.inheritance) or None,
                "diseases": [d["disease"] for d in gene.diseases] or None,
                "nando": [n["name_ja"] for n in gene.nando] or None,
            }
        ),
    }


def _criteria(
    event: Mapping[str, Any],
    gene: GeneFacts,
    points: int,
    words: str,
    came: str,
    confirmed: bool,
) -> list[dict[str, Any]]:
    """PVS1 and de novo; the read-level evidence is no criterion."""
    dosage = event["svtype"] == "DUP"
    loss = gene.loss == "established" or dosage
    reason = f"{words} ({gene.loss_source if not dosage else 'ClinGen triplosensitivity 3'})"
    if gene.loss == "suggested" and not dosage:
        points, loss, reason = points // 2, True, reason + "; suggested by constraint alone"
    new = came == "de_novo"
    return [
        criterion("PVS1", loss, points, reason, "PMID 30192042"),
        criterion("PS2", new and confirmed if came != "unknown" else None, 4,
                  CAME[came]),
        criterion("PM6", new and not confirmed if came != "unknown" else None, 2,
                  CAME[came]),
    ]  # fmt: skip
