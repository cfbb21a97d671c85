"""Structural events: fusions of a tumour, broken genes of the germline, the fate of all."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from shirube.calling.structural.fusion import fusions
from shirube.cancer.drivers import (
    build_of,
    changes_of,
    driver_findings,
    reported,
)
from shirube.cancer.evidence import for_fusions
from shirube.cancer.tiers import (
    ONCOGENIC,
    approvals,
    listed,
    listed_approvals,
    tier_and_level,
    weighed,
)
from shirube.contracts import ALLELE
from shirube.genome.transcripts import one_coding_transcript
from shirube.interpret.events import REPORTED, event_findings
from shirube.interpret.inputs import Knowledge, Paths
from shirube.interpret.person import Person
from shirube.interpret.question import question_of
from shirube.interpret.rows import criterion, detail, reads_of
from shirube.interpret.stage import Account, Judged, Verdict, run_stage
from shirube.ledger import OUTSIDE_QUESTION, Rule
from shirube.reasons import because

FUSION_COLUMNS = (
    *("event", "gene5", "gene3", "transcript5", "transcript3", "exon5", "exon3", "place5"),
    *("place3", "frame"),
)
EVENT_COLUMNS = ("event", "svtype", "chrom1", "pos1", "strand1", "chrom2", "pos2", "strand2",
                 "homology", "inserted")  # fmt: skip
# Rule, filter and what was asked of a record: what keeps a record from being judged at all.
RECORD_RULES = (
    ("Damaged", "Damaged", "a record as the VCF specification has it"),
    ("duplicate_record", "Duplicate", "one record an event"),
    ("Unplaced", "Unplaced", "ends on chromosomes, inside the regions of the run"),
    ("NoGenotype", "NoGenotype", "a sample that has the event"),
    ("NoSecondEnd", "NoSecondEnd", "a second breakend, or END or SVLEN"),
    ("NoJunction", "NoJunction", "a deletion, duplication, inversion, insertion or breakend"),
)
FRAMES = {
    "in_frame": because("fusion.in_frame"),
    "out_of_frame": because("fusion.out_of_frame"),
    "unknown": because("fusion.unknown"),
}


def as_records(structural: pl.DataFrame) -> pl.DataFrame:
    """STRUCTURAL with an allele key: the lower breakend, N, and its mate as VCF writes it."""
    mate = pl.concat_str([pl.col("chrom2").cast(pl.String), pl.lit(":"), pl.col("pos2")])
    bracket = pl.when(pl.col("strand2") == "+").then(pl.lit("]")).otherwise(pl.lit("["))
    joined = pl.concat_str([bracket, mate, bracket])
    before = pl.col("strand1") == "+"
    return (
        structural.drop("record")
        .with_row_index("record")
        .with_columns(
            chrom="chrom1",
            pos="pos1",
            ref=pl.lit("N"),
            alt=pl.when(before)
            .then(pl.concat_str([pl.lit("N"), joined]))
            .otherwise(pl.concat_str([joined, pl.lit("N")])),
        )
    )


def rules() -> list[Rule]:
    """Rules on the event itself."""
    first = pl.col("filter").str.split(";").list.first()
    support = pl.concat_str(
        [
            pl.lit("pairs "),
            pl.col("pairs").cast(pl.String).fill_null("unknown"),
            pl.lit(", splits "),
            pl.col("splits").cast(pl.String).fill_null("unknown"),
        ]
    )
    kept = pl.lit("PASS")
    named = pl.coalesce("fault", "caller_filter", "caller_id")
    of_record = [
        Rule(rule, "filtered", first == name, named, pl.lit(wanted))
        for rule, name, wanted in RECORD_RULES
    ]
    by_name = [
        Rule(name, "filtered", (pl.col("filter") != "PASS") & (first == name), support, kept)
        for name in ("LowSupport", "Artefact")
    ]
    said = pl.coalesce("caller_filter", "filter")
    return [
        *of_record,
        *by_name,
        Rule("caller_filter", "filtered", pl.col("filter") != "PASS", said, kept),
    ]


def structural_stage(
    person: Person,
    knowledge: Knowledge,
    paths: Paths,
    accepted: frozenset[str],
    parents: Mapping[str, pl.DataFrame],
    confirmed: bool,
) -> Account:
    """Every structural event: filtered, tiered, or reported.

    Somatic events (and those of unknown origin in a tumour) are asked for fusions, germline ones
    for genes of the person's question. `parents` holds the parents' STRUCTURAL by role.
    """
    events = as_records(paths.table("structural"))
    roles = knowledge.roles
    question = question_of(person, knowledge)
    of_tumour = pl.lit(person.tumour is not None) & (pl.col("origin") != "germline")
    segments = paths.table("copy_number")
    select, build = one_coding_transcript(knowledge.gene_models), build_of(paths.par)

    def judge(rows: pl.DataFrame) -> Judged:
        somatic = rows.filter(of_tumour)
        fused = {f["event"]: f for f in _findings(somatic, knowledge, accepted, roles)}
        germline_events = rows.filter(~of_tumour).rows(named=True)
        broken = event_findings(germline_events, knowledge, question, parents, confirmed)
        germline = {event["event"] for event in germline_events}
        driving = {
            row["event"]: driver_findings(
                row,
                changes_of(row, select, knowledge, roles, build),
                knowledge,
                accepted,
                roles,
                segments,
            )
            for row in somatic.rows(named=True)
        }
        verdicts: list[Verdict] = []
        kept: list[dict[str, Any]] = []
        for event in rows["event"]:
            if event in germline:
                verdict, shown = _germline_verdict(broken.get(event))
                kept += shown
            else:
                verdict = _fusion_verdict(fused.get(event), roles)
                kept += [fused[event]] if verdict[0] == "reported" else []
                drivers = driving[event]
                kept += [one for one in drivers if reported(one)]
                verdict = _driver_verdict(drivers, verdict)
            verdicts.append(verdict)
        return Judged(verdicts, kept)

    sample = person.tumour or person.normal or ""
    return run_stage("structural", sample, [events], rules(), judge)


def _germline_verdict(
    found: list[dict[str, Any]] | None,
) -> tuple[Verdict, list[dict[str, Any]]]:
    """An event that touches no gene of the question says no more than that."""
    if not found:
        return ("filtered", OUTSIDE_QUESTION, None, "a gene of the question"), []
    shown = [one for one in found if one["classification"] in REPORTED]
    value = "; ".join(f"{one['name']}, {one['classification']}" for one in found)
    fate = "reported" if shown else "tiered"
    return (fate, "acmg_class", value, "Likely pathogenic or Pathogenic"), shown


def _driver_verdict(drivers: list[dict[str, Any]], fusion: Verdict) -> Verdict:
    """A driver event decides where the fusion does not already say that the event is reported."""
    if not drivers or fusion[0] == "reported":
        return fusion
    value = "; ".join(f"{one['name']}, {one['oncogenicity']}" for one in drivers)
    fate = "reported" if any(reported(one) for one in drivers) else "tiered"
    return (fate, "driver_event", value, "likely oncogenic, or tier I or II")


def _fusion_verdict(finding: Mapping[str, Any] | None, roles: Mapping[str, str]) -> Verdict:
    if finding is None:
        return ("tiered", "gene_fusion", "joins no two genes 5' to 3'", "a fusion")
    shown = finding["amp_tier"] in ("I-A", "I-B", "II-C", "II-D") or (
        finding["oncogenicity"] in ONCOGENIC
        or not roles.keys().isdisjoint(finding["gene"].split("::"))
    )
    value = f"{finding['name']}, {finding['amp_tier']}"
    fate = "reported" if shown else "tiered"
    return (fate, "gene_fusion", value, "tier I or II, or a cancer gene")


def _findings(
    rows: pl.DataFrame, knowledge: Knowledge, accepted: frozenset[str], roles: dict[str, str]
) -> Iterator[dict[str, Any]]:
    """The best fusion of each event (an event may join several transcripts)."""
    if rows.is_empty() or knowledge.gene_models.is_empty():
        return
    events = rows.drop(*ALLELE, "record")
    found = fusions(events, knowledge.gene_models)
    if found.is_empty():
        return
    best = (
        found.sort("event", "rank")
        .unique("event", keep="first", maintain_order=True)
        .drop("rank", "name")
        .with_columns(finding=pl.concat_str([pl.lit("fusion-"), pl.col("event")]))
    )
    matched = weighed(
        for_fusions(best, knowledge.evidence), accepted, knowledge.curated["civic_levels"]
    )
    for row in best.join(rows, on="event", how="left", validate="1:1").rows(named=True):
        yield _finding(row, matched, knowledge, accepted, roles)


def _finding(
    row: dict[str, Any],
    matched: pl.DataFrame,
    knowledge: Knowledge,
    accepted: frozenset[str],
    roles: dict[str, str],
) -> dict[str, Any]:
    evidence = matched.filter(pl.col("finding") == row["finding"])
    genes = f"{row['gene5']}::{row['gene3']}"
    approved = approvals({"gene": genes}, "fusion", knowledge.curated["japan_approvals"], accepted)
    known = bool(approved) or evidence.filter(pl.col("direction") == "Supports").height > 0
    in_frame = row["frame"] == "in_frame"
    oncogenic = "Likely oncogenic" if known and row["frame"] != "out_of_frame" else None
    verdict = tier_and_level(evidence, oncogenic, approved, common=False, altering=True)
    ends = _breakpoints(row, knowledge.spans())
    reads, depth = reads_of(row), row["depth"]
    normal = reads_of(row, "normal_")
    return {
        "event": row["event"],
        "finding": row["finding"],
        "section": "fusion",
        "origin": row["origin"],
        "kind": "fusion",
        "chrom": row["chrom"],
        "pos": row["pos"],
        "ref": row["ref"],
        "alt": row["alt"],
        "gene": genes,
        "transcript": row["transcript3"],
        "consequence": "gene_fusion",
        "name": genes,
        "dp": depth,
        "ad_alt": reads,
        "normal_dp": row["normal_depth"],
        "normal_ad": normal,
        "amp_tier": verdict["amp_tier"],
        "japan_level": verdict["japan_level"],
        "oncogenicity": oncogenic or "Uncertain significance",
        "criteria": [
            criterion(
                "known_fusion",
                known,
                6,
                because("fusion.known", items=evidence.height, approvals=len(approved)),
            ),
            criterion(
                "frame",
                in_frame if row["frame"] != "unknown" else None,
                0,
                FRAMES[row["frame"]],
            ),
        ],
        "evidence": [*listed_approvals(approved), *listed(evidence)],
        "detail": detail(
            {name: row[name] for name in (*FUSION_COLUMNS, *EVENT_COLUMNS)}
            | {
                "in_frame": None if row["frame"] == "unknown" else in_frame,
                "breakpoint5": ends[0],
                "breakpoint3": ends[1],
                "tiers": verdict["tiers"],
                "japan_levels": verdict["japan_levels"],
                "approvals": approved or None,
                "pairs": row["pairs"],
                "splits": row["splits"],
                "roles": {g: roles[g] for g in (row["gene5"], row["gene3"]) if g in roles} or None,
            }
        ),
    }


def _breakpoints(row: dict[str, Any], spans: dict[str, tuple[str, int, int]]) -> tuple[str, str]:
    """Breakend (chrom:pos, 1-based) in the 5' gene and in the 3' gene."""
    ends = [(str(row[f"chrom{side}"]), row[f"pos{side}"]) for side in "12"]
    chrom, start, end = spans[row["gene5"]]
    if not (ends[0][0] == chrom and start < ends[0][1] <= end):
        ends.reverse()
    return f"{ends[0][0]}:{ends[0][1]}", f"{ends[1][0]}:{ends[1][1]}"
