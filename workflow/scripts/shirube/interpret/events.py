"""Germline structural events that take coding exons, or break a gene.

A deletion is weighed like a null variant (PVS1): whole gene, exons that shift the frame, exons in
frame. A duplication counts where ClinGen calls a third copy pathogenic and the whole gene is
inside. A junction of an inversion or translocation inside a gene breaks it; an insertion counts
where it lies in a coding exon.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from shirube.genome.transcripts import coding_bases
from shirube.interpret.acmg import BENIGN, LIKELY, LIKELY_BENIGN, PATHOGENIC, UNCERTAIN, acmg_class
from shirube.interpret.dosage_points import (
    TRIPLOSENSITIVE,
    Common,
    Taken,
    cnv_class,
    common,
    scored,
    span,
)
from shirube.interpret.genes import GeneFacts
from shirube.interpret.inputs import Knowledge
from shirube.interpret.pvs1 import MODERATE, STRONG, VERY_STRONG
from shirube.interpret.question import Question
from shirube.interpret.rows import criterion, detail, reads_of, total
from shirube.interpret.rules import general
from shirube.reasons import BETWEEN, Reason, because, text

NEAR = 50
WHOLE_TWICE = because("event.doubled.whole")
FRAME_SHIFTED, IN_FRAME = because("event.frame_shifted"), because("event.in_frame")
CLASSES = (PATHOGENIC, LIKELY, UNCERTAIN, LIKELY_BENIGN, BENIGN)  # the most serious first
_NUMBERS = ("DEL", "DUP")
# Filters of records that say nothing of whether their sample has the event.
UNSEEN = ("NoGenotype", "Duplicate", "Unplaced", "Damaged", "NoSecondEnd", "NoJunction")
REPORTED = (PATHOGENIC, LIKELY)
CAME = {
    "de_novo": because("event.de_novo"),
    "maternal": because("event.maternal"),
    "paternal": because("event.paternal"),
    "biparental": because("event.biparental"),
    "unknown": because("event.unknown"),
}


def overlapped(event: Mapping[str, Any], models: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """MANE Select models a deletion or duplication overlaps, or a breakend lies in."""
    spans = []
    if event["svtype"] in ("DEL", "DUP") and event["chrom1"] == event["chrom2"]:
        low = event["pos1"] if event["svtype"] == "DEL" else event["pos1"] - 1
        high = event["pos2"] - 1 if event["svtype"] == "DEL" else event["pos2"]
        spans = [(event["chrom1"], low, high)]
    else:
        sides = "1" if event["svtype"] == "INS" else "12"
        spans = [(event[f"chrom{s}"], event[f"pos{s}"] - 1, event[f"pos{s}"]) for s in sides]
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


def coding_exons(model: Mapping[str, Any]) -> list[int]:
    """Numbers of all coding exons, along the gene."""
    return exons_lost({**model, "lost_start": model["start"], "lost_end": model["end"]})[0]


def _of_exons(svtype: str, numbers: Sequence[int]) -> Reason:
    """What happens to exons by their numbers along the gene."""
    first, last = numbers[0], numbers[-1]
    if svtype == "DEL":
        one = because("event.deleted.exon", exon=first)
        return one if first == last else because("event.deleted.exons", first=first, last=last)
    if svtype == "DUP":
        one = because("event.doubled.exon", exon=first)
        return one if first == last else because("event.doubled.exons", first=first, last=last)
    # An insertion lies at one place.
    return because("event.inserted.exon", exon=first)


def effect(
    event: Mapping[str, Any], model: Mapping[str, Any], triplosensitivity: int | None
) -> tuple[int, Reason, str] | None:
    """(points if loss makes disease, what happens, SO term); None if coding exons are untouched.

    What happens is one sentence, which names the finding, and another of the frame where it counts.
    """
    numbers, bases = exons_lost(model)
    coding = coding_bases(model)
    whole = bases == coding
    if event["svtype"] == "DEL":
        if not numbers:
            return None
        if whole:
            return VERY_STRONG, because("event.deleted.whole"), "transcript_ablation"
        exons = _of_exons("DEL", numbers)
        if bases % 3:
            return VERY_STRONG, exons.and_(FRAME_SHIFTED), "exon_loss_variant"
        points = STRONG if general()["PVS1.share"].holds(bases / coding) else MODERATE
        return points, exons.and_(IN_FRAME), "exon_loss_variant"
    if event["svtype"] == "DUP":
        if whole and triplosensitivity == TRIPLOSENSITIVE:
            return VERY_STRONG, WHOLE_TWICE, "transcript_amplification"
        own = coding_exons(model)
        # The junction itself shows that the second copy stands behind the first.
        if numbers and bases % 3 and not {own[0], own[-1]} & set(numbers):
            what = _of_exons("DUP", numbers)
            return VERY_STRONG, what.and_(FRAME_SHIFTED), "feature_elongation"
        return None
    if event["svtype"] == "INS":
        return _inserted(event, numbers)
    if model["cds_start"] <= model["lost_start"] < model["cds_end"]:
        return VERY_STRONG, because("event.broken"), "feature_truncation"
    return None


def _inserted(event: Mapping[str, Any], exons: Sequence[int]) -> tuple[int, Reason, str] | None:
    """What an insertion does: nothing said of one between exons; in frame only if all is known."""
    if not exons:
        return None
    bases, what = event.get("inserted") or "", _of_exons("INS", exons)
    if bases and "N" not in bases and len(bases) % 3 == 0:
        return MODERATE, what.and_(IN_FRAME), "feature_elongation"
    return VERY_STRONG, what, "feature_elongation"


def inherited(event: Mapping[str, Any], parents: Mapping[str, pl.DataFrame]) -> str:
    """Whether a parent's passing events hold the same event.

    Each end lies within NEAR bases and what either record leaves open; deletions and duplications
    whose ends are open are the same too where each covers half of the other. An event that only a
    parent's filtered records show, or that depth alone shows, is never called new.
    """
    if not parents:
        return "unknown"
    carriers, doubtful = [], reads_of(event) is None
    for role, events in parents.items():
        same = events.filter(_same(event) & ~pl.col("filter").is_in(UNSEEN))
        if (same["filter"] == "PASS").any():
            carriers.append({"father": "paternal", "mother": "maternal"}[role])
        doubtful = doubtful or same.height > 0
    if len(carriers) == 2:
        return "biparental"
    if carriers:
        return carriers[0]
    return "de_novo" if len(parents) == 2 and not doubtful else "unknown"


def _same(event: Mapping[str, Any]) -> pl.Expr:
    """Whether a row is the event, as near as either says where it lies."""
    kind = (pl.col("svtype") == event["svtype"]) & (pl.col("chrom1") == event["chrom1"])
    kind &= pl.col("chrom2") == event["chrom2"]
    ends = [
        (pl.col(f"pos{side}") - event[f"pos{side}"]).abs()
        <= NEAR + pl.col(f"uncertain{side}").fill_null(0) + (event[f"uncertain{side}"] or 0)
        for side in "12"
    ]
    near = ends[0] & ends[1]
    if event["svtype"] not in _NUMBERS:
        return kind & near
    open_here = event["uncertain1"] != 0 or event["uncertain2"] != 0
    open_there = (pl.col("uncertain1").ne_missing(0)) | (pl.col("uncertain2").ne_missing(0))
    shared = pl.min_horizontal("pos2", pl.lit(event["pos2"])) - pl.max_horizontal(
        "pos1", pl.lit(event["pos1"])
    )
    longer = pl.max_horizontal(pl.col("pos2") - pl.col("pos1"), event["pos2"] - event["pos1"])
    return kind & (near | ((pl.lit(open_here) | open_there) & (2 * shared >= longer)))


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
        came = inherited(event, parents)
        touched = list(overlapped(event, models))
        points, people = None, None
        if event["svtype"] in _NUMBERS:
            # Points name genes and add up over them: those the question leaves out give none.
            asked = [model for model in touched if question.asks(model["gene"])]
            taken = [one for model in asked if (one := _taken(event, model, knowledge))]
            people = _people(event, knowledge)
            points = scored(event["svtype"], taken, came, confirmed, people)
        for model in touched:
            if not question.asks(model["gene"]):
                continue
            found = _finding(event, model, knowledge, question, came, points, confirmed, people)
            if found is not None:
                out.setdefault(str(event["event"]), []).append(found)
    return out


def _finding(
    event: Mapping[str, Any],
    model: Mapping[str, Any],
    knowledge: Knowledge,
    question: Question,
    came: str,
    weighed: tuple[float, list[dict[str, Any]]] | None,
    confirmed: bool,
    people: Common | None,
) -> dict[str, Any] | None:
    """A finding; a deletion or duplication takes the more serious of the two scores' classes.

    What many people have takes that of the points, which count it.
    """
    gene = knowledge.genes.of(model["gene"])
    seen = effect(event, model, gene.triplosensitivity)
    if seen is None:
        return None
    points, what, consequence = seen
    found = _criteria(event, gene, points, what, came, confirmed)
    named = {language: f"{model['gene']} {text(what.parts[:1], language)}" for language in BETWEEN}
    number, classification = total(found), acmg_class(total(found))
    if weighed:
        found = found + weighed[1]
        by_points = cnv_class(weighed[0])
        often = people is not None and people.met()
        classification = by_points if often else min(classification, by_points, key=CLASSES.index)
    reads = reads_of(event)
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
        "name": named["en"],
        "dp": event["depth"],
        "ad_alt": reads,
        "normal_dp": event["depth"],
        "normal_ad": reads,
        "classification": classification,
        "criteria": found,
        "evidence": [],
        "inheritance": None if came == "unknown" else came,
        "detail": detail(
            {
                "svtype": event["svtype"],
                "breakpoint1": f"{event['chrom1']}:{event['pos1']}",
                "breakpoint2": f"{event['chrom2']}:{event['pos2']}",
                "pairs": event["pairs"],
                "splits": event["splits"],
                "copies": event["copies"],
                "quality": event["quality"],
                "population": people.frequency if people else None,
                "caller_id": event["caller_id"],
                "effect": what,
                "name_ja": named["ja"],
                "criteria_points": number,
                "copy_number_points": weighed[0] if weighed else None,
                **gene.described(),
            }
        ),
    }


def _people(event: Mapping[str, Any], knowledge: Knowledge) -> Common | None:
    """How many people have a deletion or duplication."""
    start, end = span(event["svtype"], event["pos1"], event["pos2"])
    known = knowledge.population_events
    return common(event["svtype"], str(event["chrom1"]), start, end, known)


def _taken(
    event: Mapping[str, Any], model: Mapping[str, Any], knowledge: Knowledge
) -> Taken | None:
    """What the event takes from a gene's coding sequence; None if nothing."""
    numbers, _ = exons_lost(model)
    if not numbers:
        return None
    own, facts = coding_exons(model), knowledge.genes.of(model["gene"])
    seen = effect(event, model, facts.triplosensitivity)
    return Taken(
        model["gene"],
        len(numbers),
        first=own[0] in numbers,
        last=own[-1] in numbers,
        whole=model["lost_start"] <= model["cds_start"] and model["cds_end"] <= model["lost_end"],
        strength=seen[0] if seen else 0,
        facts=facts,
    )


def _criteria(
    event: Mapping[str, Any],
    gene: GeneFacts,
    points: int,
    what: Reason,
    came: str,
    confirmed: bool,
) -> list[dict[str, Any]]:
    """PVS1 and de novo; the read-level evidence is no criterion."""
    dosage = what == WHOLE_TWICE
    loss = gene.loss == "established" or dosage
    source = "ClinGen triplosensitivity 3" if dosage else gene.loss_source
    reason = what.and_(because("event.source", source=source))
    if gene.loss == "suggested" and not dosage:
        points, loss = points // 2, True
        reason = reason.and_(because("event.suggested"))
    new = came == "de_novo"
    return [
        criterion("PVS1", loss, points, reason, "PMID 30192042"),
        criterion("PS2", new and confirmed if came != "unknown" else None, 4,
                  CAME[came]),
        criterion("PM6", new and not confirmed if came != "unknown" else None, 2,
                  CAME[came]),
    ]  # fmt: skip
