"""Rearrangements that drive a tumour without joining two genes 5' to 3'.

Within one gene: exons deleted or doubled, in frame or not; those of resources/driver_events.tsv
have a name. In a tumour suppressor: any break between its exons, exons lost out of frame, the
whole gene lost with a short deletion. Beside a gene of resources/rearranged_genes.tsv: an
immunoglobulin or T-cell receptor locus brought near (enhancer hijacking), or any sequence brought
upstream (TERT). A junction inside one intron changes no exon and is none of these.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from shirube.cancer.tiers import (
    ONCOGENIC,
    approvals,
    listed,
    listed_approvals,
    tier_and_level,
    weighed,
)
from shirube.genome.ploidy import PAR
from shirube.genome.transcripts import coding_bases
from shirube.interpret.events import coding_exons, exons_lost
from shirube.interpret.inputs import Knowledge
from shirube.interpret.rows import criterion, detail, reads_of
from shirube.reasons import because

FOCAL = 1_000_000  # a longer deletion takes many genes: copy number names it
# Share of the reads at the breakends that a deletion of every copy leaves with the junction, in a
# tumour whose copies were not measured.
HOMOZYGOUS = 0.75
# Coding share below which exons lost in frame say nothing of the protein (Abou Tayoun 2018).
SMALL_SHARE = 0.1
UPSTREAM = "upstream"


@dataclass(frozen=True)
class Change:
    """What one junction does to one gene, or brings to it.

    kind        deletion, duplication, disruption, gene_deletion, hijack or upstream
    effect      activating, loss or unknown
    exons       numbers of the coding exons lost or doubled, along the gene
    in_frame    of exons lost or doubled; None where no frame is asked
    civic       CIViC names of the event
    """

    gene: str
    transcript: str
    kind: str
    name: str
    consequence: str
    effect: str
    exons: tuple[int, ...] = ()
    in_frame: bool | None = None
    partner: str | None = None
    civic: tuple[str, ...] = ()
    source: str | None = None
    name_ja: str | None = None


def build_of(par: Mapping[str, Sequence[Sequence[int]]]) -> str | None:
    """The genome build whose pseudo-autosomal regions these are; None of another reference."""

    def plain(intervals: Mapping[str, Sequence[Sequence[int]]]) -> dict[str, list[list[int]]]:
        return {chrom: [list(map(int, i)) for i in spans] for chrom, spans in intervals.items()}

    given = plain(par)
    return next((build for build, known in PAR.items() if plain(known) == given), None)


def _span(event: Mapping[str, Any]) -> tuple[str, int, int] | None:
    """(deletion or duplication, start, end) of a junction on one chromosome; None of others.

    0-based, half-open: what lies between the kept sides, or what is doubled.
    """
    if event["chrom1"] != event["chrom2"]:
        return None
    low, high = sorted((event["pos1"], event["pos2"]))
    sides = (event["strand1"], event["strand2"])
    if event["pos1"] > event["pos2"]:
        sides = sides[::-1]
    if sides == ("+", "-"):
        return "deletion", low, high - 1
    if sides == ("-", "+"):
        return "duplication", low - 1, high
    return None


def _exon_words(numbers: Sequence[int]) -> str:
    return f"exon {numbers[0]}" if len(numbers) == 1 else f"exons {numbers[0]}-{numbers[-1]}"


def _all_exons(model: Mapping[str, Any], start: int, end: int) -> list[int]:
    """Numbers of the exons, coding or not, that overlap [start, end), along the gene."""
    spans = list(zip(model["exon_starts"], model["exon_ends"], strict=True))
    if model["strand"] == "-":
        spans.reverse()
    return [n for n, (low, high) in enumerate(spans, 1) if low < end and start < high]


def _named(
    known: pl.DataFrame, gene: str, kind: str, exons: Sequence[int]
) -> Mapping[str, Any] | None:
    """The row of driver_events an in-frame event of these exons is.

    A deletion is named by exactly its exons; a duplication by the domain it doubles, whole.
    """
    for row in known.filter((pl.col("gene") == gene) & (pl.col("event") == kind)).rows(named=True):
        first, last = int(row["first_exon"]), int(row["last_exon"])
        exact = (exons[0], exons[-1]) == (first, last)
        around = exons[0] <= first and last <= exons[-1]
        if exact if kind == "deletion" else around:
            return row
    return None


def _within(
    model: Mapping[str, Any],
    ends: Sequence[int],
    span: tuple[str, int, int],
    role: str | None,
    known: pl.DataFrame,
) -> Change | None:
    """A deletion or duplication that stays inside one gene."""
    kind, start, end = span
    exons = _all_exons(model, start, end)
    if not exons:
        return None
    numbers, bases = exons_lost({**model, "lost_start": start, "lost_end": end})
    gene, transcript = model["gene"], model["transcript"]
    # A cut inside an exon leaves it to splicing what is joined: the frame is not decided.
    cut = any(_place(model, pos)[0] for pos in ends)
    in_frame = None if cut else bases % 3 == 0
    consequence = "exon_loss_variant" if kind == "deletion" else "feature_elongation"
    named = _named(known, gene, kind, exons) if in_frame is not False and numbers else None
    if named is not None:
        return Change(
            gene, transcript, kind, named["name_en"], consequence, named["effect"],
            tuple(numbers), in_frame, civic=tuple((named["civic"] or "").split("|")),
            source=named["source"], name_ja=named["name_ja"],
        )  # fmt: skip
    words = f"{gene} {_exon_words(exons)} {kind}"
    own = coding_exons(model)
    broken = bool(numbers) and in_frame is not True
    if kind == "duplication" and {own[0], own[-1]} & set(numbers):
        broken = False  # a whole copy of the gene may stay before or behind the doubled part
    large = bases / max(1, coding_bases(model)) > SMALL_SHARE and kind == "deletion"
    lost_start = kind == "deletion" and own[0] in numbers
    loses = role == "tumour_suppressor" and (broken or large or lost_start)
    if not numbers and role != "tumour_suppressor":
        return None
    effect = "loss" if loses else "unknown"
    frame = in_frame if numbers else None
    return Change(gene, transcript, kind, words, consequence, effect, tuple(numbers), frame)


def _ends_in(event: Mapping[str, Any], model: Mapping[str, Any]) -> list[int]:
    """Breakends (1-based) inside the transcript."""
    return [
        event[f"pos{side}"]
        for side in "12"
        if event[f"chrom{side}"] == model["chrom"]
        and model["start"] < event[f"pos{side}"] <= model["end"]
    ]


def _place(model: Mapping[str, Any], pos: int) -> tuple[bool, int]:
    """(inside an exon, number of exons that end before the base in the genome)."""
    at = pos - 1
    inside = any(
        low <= at < high for low, high in zip(model["exon_starts"], model["exon_ends"], strict=True)
    )
    return inside, sum(high <= at for high in model["exon_ends"])


def _broken(event: Mapping[str, Any], model: Mapping[str, Any]) -> bool:
    """Whether a junction separates exons of the gene: not both ends in one intron."""
    places = [_place(model, pos) for pos in _ends_in(event, model)]
    return len(places) == 1 or (
        len(places) == 2 and (places[0] != places[1] or places[0][0] or places[1][0])
    )


def _near(model: Mapping[str, Any], chrom: str, pos: int, within: int) -> bool:
    """Whether a base lies in the gene or within some distance of it."""
    return chrom == model["chrom"] and model["start"] - within < pos <= model["end"] + within


def _upstream(model: Mapping[str, Any], chrom: str, pos: int, within: int) -> bool:
    """Whether a base lies before the start of the gene, along it, within some distance."""
    if chrom != model["chrom"]:
        return False
    if model["strand"] == "+":
        return bool(model["start"] - within < pos <= model["start"])
    return bool(model["end"] < pos <= model["end"] + within)


def _brought(
    event: Mapping[str, Any], models: Mapping[str, Mapping[str, Any]], knowledge: Knowledge,
    build: str | None,
) -> Iterator[Change]:  # fmt: skip
    """Enhancers brought to a gene of rearranged_genes, and breaks upstream of one."""
    ends = [(str(event[f"chrom{side}"]), event[f"pos{side}"]) for side in "12"]
    loci = [
        row for row in knowledge.curated["enhancer_loci"].rows(named=True) if row["build"] == build
    ]
    at = [
        {r["locus"] for r in loci if r["chrom"] == c and int(r["start"]) < p <= int(r["end"])}
        for c, p in ends
    ]
    for row in knowledge.curated["rearranged_genes"].rows(named=True):
        model = models.get(row["gene"])
        if model is None:
            continue
        gene, within = row["gene"], int(row["within"])
        for own, other in ((0, 1), (1, 0)):
            if row["partners"] == UPSTREAM:
                if _upstream(model, *ends[own], within):
                    yield Change(
                        gene, model["transcript"], "upstream", row["name_en"] or gene,
                        "structural_variant", "activating", source=row["source"],
                        name_ja=row["name_ja"],
                    )  # fmt: skip
                    break
                continue
            partners = sorted(at[other] & set(row["partners"].split("|")))
            if partners and not at[own] and _near(model, *ends[own], within):
                yield Change(
                    f"{partners[0]}::{gene}", model["transcript"], "hijack",
                    f"{partners[0]}::{gene}", "structural_variant", "activating",
                    partner=partners[0], civic=("REARRANGEMENT", "TRANSLOCATION", "FUSION"),
                    source=row["source"],
                )  # fmt: skip
                break


def changes_of(
    event: Mapping[str, Any],
    select: pl.DataFrame,
    knowledge: Knowledge,
    roles: Mapping[str, str],
    build: str | None,
) -> list[Change]:
    """What a junction of a tumour (a row of STRUCTURAL) does, gene by gene.

    `select` holds one coding transcript a gene; `roles` oncogene or tumour_suppressor by gene.
    """
    span = _span(event)
    touched = pl.lit(False)
    for side in "12":
        touched |= (pl.col("chrom") == event[f"chrom{side}"]) & (
            (pl.col("start") < event[f"pos{side}"]) & (event[f"pos{side}"] <= pl.col("end"))
        )
    if span is not None and span[0] == "deletion" and span[2] - span[1] <= FOCAL:
        touched |= (pl.col("chrom") == event["chrom1"]) & (
            (pl.col("cds_start") >= span[1]) & (pl.col("cds_end") <= span[2])
        )
    known = knowledge.curated["driver_events"]
    out = []
    for model in select.filter(touched).rows(named=True):
        role, ends = roles.get(model["gene"]), _ends_in(event, model)
        asked = role is not None or model["gene"] in set(known["gene"])
        if not asked:
            continue
        if len(ends) == 2 and span is not None:
            found = _within(model, ends, span, role, known)
            out += [found] if found is not None else []
        elif role != "tumour_suppressor":
            continue
        elif not ends:
            words = f"{model['gene']} deletion"
            out.append(
                Change(model["gene"], model["transcript"], "gene_deletion", words,
                       "transcript_ablation", "loss", tuple(coding_exons(model)))
            )  # fmt: skip
        elif _broken(event, model):
            words = f"{model['gene']} disruption"
            out.append(
                Change(model["gene"], model["transcript"], "disruption", words,
                       "feature_truncation", "loss")
            )  # fmt: skip
    by_gene = {row["gene"]: row for row in _targets(select, knowledge).rows(named=True)}
    return [*out, *_brought(event, by_gene, knowledge, build)]


def _targets(select: pl.DataFrame, knowledge: Knowledge) -> pl.DataFrame:
    genes = knowledge.curated["rearranged_genes"]["gene"].unique().to_list()
    return select.filter(pl.col("gene").is_in(genes))


def _evidence(change: Change, evidence: pl.DataFrame, every_copy: bool) -> pl.DataFrame:
    """CIViC's items for the event: by its names, by the exon, by the loss of the product."""
    own = evidence.filter(pl.col("gene") == change.gene.split("::")[-1])
    match, kind = pl.col("match").cast(pl.String), pl.col("alteration")
    by_name = pl.col("variant").str.to_uppercase().is_in([n for n in change.civic if n])
    fits = by_name
    if change.kind == "deletion" and len(change.exons) == 1:
        fits |= (
            (match == "exon")
            & (pl.col("exon") == change.exons[0])
            & (
                kind.is_in(["deletion", "any"])
                | ((kind == "exon_skipping") & bool(change.in_frame))
            )
        )
    if change.effect == "loss":
        fits |= (match == "class") & kind.is_in(["loss_of_function"])
        fits |= (match == "gene") & (kind == "any")
    if every_copy:
        fits |= match == "deletion"
    if change.kind == "hijack":
        fits &= pl.col("partner").is_null() | (pl.col("partner") == change.partner)
    return own.filter(fits.fill_null(False))


def _reason(change: Change) -> str:
    """Why the event counts, or that its effect is unknown."""
    gene = change.gene
    said = {
        "deletion.activating": because("driver.deletion.activating", gene=gene),
        "deletion.loss": because("driver.deletion.loss", gene=gene),
        "deletion.unknown": because("driver.deletion.unknown", gene=gene),
        "duplication.activating": because("driver.duplication.activating", gene=gene),
        "duplication.loss": because("driver.duplication.loss", gene=gene),
        "duplication.unknown": because("driver.duplication.unknown", gene=gene),
        "disruption.loss": because("driver.disruption.loss", gene=gene),
        "gene_deletion.loss": because("driver.gene_deletion.loss", gene=gene),
        "hijack.activating": because("driver.hijack.activating", gene=gene),
        "upstream.activating": because("driver.upstream.activating", gene=gene),
    }
    return said[f"{change.kind}.{change.effect}"]


def _approval_kind(change: Change) -> tuple[str, dict[str, Any]]:
    """How an approval finds the event: the exon skipped, or nothing."""
    if change.kind == "deletion" and change.in_frame and len(change.exons) == 1:
        return "exon_skipping", {"gene": change.gene, "exon": str(change.exons[0])}
    return "rearrangement", {"gene": change.gene}


def _no_copy_left(event: Mapping[str, Any], segments: pl.DataFrame) -> bool:
    """Whether a deletion took every copy: by the copies of the segment (COPY_NUMBER) in it.

    Where copies are unknown, by the share of the reads that show the junction. A fragment may
    show it by its mates and by a split read: the two are not added.
    """
    span, depth = _span(event), event["depth"]
    if span is None:
        return False
    middle = (span[1] + span[2]) // 2
    inside = segments.filter(
        (pl.col("chrom").cast(pl.String) == event["chrom1"])
        & (pl.col("start") <= middle)
        & (middle < pl.col("end"))
    ).filter(pl.col("total_cn").is_not_null() | (pl.col("call") == "homozygous_deletion"))
    if inside.height:
        return inside["call"][0] == "homozygous_deletion"
    shown = max(event["pairs"] or 0, event["splits"] or 0)
    return bool(depth) and shown >= HOMOZYGOUS * depth


def driver_findings(
    event: Mapping[str, Any],
    changes: Sequence[Change],
    knowledge: Knowledge,
    accepted: Collection[str],
    roles: Mapping[str, str],
    segments: pl.DataFrame,
) -> list[dict[str, Any]]:
    """FINDINGS rows (rank null) of what one junction does; `event` also has its allele key.

    `segments`: COPY_NUMBER of the tumour, empty where it was not measured.
    """
    out = []
    for change in changes:
        reads, depth = reads_of(event), event["depth"]
        lost = change.kind in ("gene_deletion", "deletion") and change.effect == "loss"
        every_copy = lost and _no_copy_left(event, segments)
        finding = f"rearrangement-{event['event']}-{change.gene}"
        matched = _evidence(change, knowledge.evidence, every_copy).with_columns(
            finding=pl.lit(finding)
        )
        evidence = weighed(matched, accepted, knowledge.curated["civic_levels"])
        kind, asked = _approval_kind(change)
        approved = approvals(asked, kind, knowledge.curated["japan_approvals"], accepted)
        oncogenic = "Likely oncogenic" if change.effect != "unknown" else "Uncertain significance"
        verdict = tier_and_level(evidence, oncogenic, approved, common=False, altering=True)
        name = change.name
        if every_copy and change.kind == "gene_deletion":
            name = f"{change.gene} homozygous deletion"
        normal = reads_of(event, "normal_")
        frame = (
            None
            if change.in_frame is None
            else because("fusion.in_frame" if change.in_frame else "fusion.out_of_frame")
        )
        out.append(
            {
                "event": event["event"],
                "finding": finding,
                "section": "fusion" if change.kind == "hijack" else "somatic",
                "origin": event["origin"],
                "kind": "structural",
                "chrom": event["chrom"],
                "pos": event["pos"],
                "ref": event["ref"],
                "alt": event["alt"],
                "gene": change.gene,
                "transcript": change.transcript,
                "consequence": change.consequence,
                "name": name,
                "dp": depth,
                "ad_alt": reads,
                "normal_dp": event["normal_depth"],
                "normal_ad": normal,
                "amp_tier": verdict["amp_tier"],
                "japan_level": verdict["japan_level"],
                "oncogenicity": oncogenic,
                "criteria": [
                    criterion(
                        "driver_event",
                        change.effect != "unknown",
                        6,
                        _reason(change),
                        change.source or "resources/cancer_genes.tsv",
                    ),
                    *([criterion("frame", change.in_frame, 0, frame)] if frame else []),
                ],
                "evidence": [*listed_approvals(approved), *listed(evidence)],
                "second_hit": "both copies lost" if every_copy else None,
                "detail": detail(
                    {
                        "svtype": event["svtype"],
                        "name_ja": change.name_ja,
                        "breakpoint1": f"{event['chrom1']}:{event['pos1']}",
                        "breakpoint2": f"{event['chrom2']}:{event['pos2']}",
                        "pairs": event["pairs"],
                        "splits": event["splits"],
                        "driver": change.kind,
                        "driver_effect": change.effect,
                        "exons": list(change.exons) or None,
                        "in_frame": change.in_frame,
                        "partner": change.partner,
                        "gene_role": roles.get(change.gene.split("::")[-1]),
                        "tiers": verdict["tiers"],
                        "japan_levels": verdict["japan_levels"],
                        "approvals": approved or None,
                    }
                ),
            }
        )
    return out


def reported(finding: Mapping[str, Any]) -> bool:
    """Whether a driver event is a finding of its own: likely oncogenic, or of a tier."""
    return finding["oncogenicity"] in ONCOGENIC or finding["amp_tier"] not in ("III", "IV")
