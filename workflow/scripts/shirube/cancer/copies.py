"""Genes amplified or lost in the tumour: one finding a gene.

An amplification counts where a segment covers the whole gene, a homozygous deletion where it
overlaps coding exons. Oncogenes are reported for the first, tumour suppressors for the second,
and any gene that clinical evidence or an approval names with that change.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from shirube.cancer.evidence import for_copies
from shirube.cancer.tiers import approvals, listed, listed_approvals, tier_and_level, weighed
from shirube.genome.transcripts import one_coding_transcript
from shirube.interpret.inputs import Knowledge
from shirube.interpret.person import Person
from shirube.interpret.rows import criterion, detail
from shirube.interpret.stage import Account
from shirube.ledger import Rule, decided, entries
from shirube.reasons import because

CALLS = {
    "amplification": ("amplification", "amplification", "oncogene", "transcript_amplification"),
    "homozygous_deletion": ("deletion", "homozygous deletion", "tumour_suppressor",
                            "transcript_ablation"),
}  # fmt: skip
SYMBOLS = {
    **dict.fromkeys(("loss", "homozygous_deletion"), "<DEL>"),
    **dict.fromkeys(("gain", "amplification"), "<DUP>"),
}


def _runs(segments: pl.DataFrame) -> pl.DataFrame:
    """Segments of one call that touch as one: the values are those of the one of most bins.

    A change that bins cut in two is one change of the gene it lies in. Records of a file given
    stay as they are: each has its own fate.
    """
    chrom, call = pl.col("chrom"), pl.col("call")
    apart = (
        (chrom != chrom.shift())
        | (call != call.shift())
        | (pl.col("start") != pl.col("end").shift())
        | pl.col("record").is_not_null()
        | (pl.col("filter") != pl.col("filter").shift())
    )
    numbered = segments.sort("chrom", "start").with_columns(_run=apart.fill_null(True).cum_sum())
    ends = numbered.group_by("_run").agg(
        pl.col("start").min(), pl.col("end").max(), pl.col("bins").sum()
    )
    largest = numbered.sort("_run", pl.col("bins").neg(), "start").unique(
        "_run", keep="first", maintain_order=True
    )
    return (
        largest.drop("start", "end", "bins")
        .join(ends, on="_run")
        .select(segments.columns)
        .sort("chrom", "start")
    )


def changed_genes(segments: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    """One row a gene and call: the gene's MANE Select (else longest) transcript and the segment.

    `segments` is COPY_NUMBER, `models` GENE_MODELS.
    """
    one = one_coding_transcript(models).select(
        "gene", "transcript", "chrom", "exon_starts", "exon_ends",
        gene_start="start", gene_end="end", low="cds_start", high="cds_end",
    )  # fmt: skip
    passed = pl.col("filter") == "PASS"
    named = _runs(segments).filter(passed & pl.col("call").is_in(list(CALLS)))
    pairs = named.join(one, on="chrom").filter(
        (pl.col("start") < pl.col("gene_end")) & (pl.col("gene_start") < pl.col("end"))
    )
    whole = (pl.col("start") <= pl.col("gene_start")) & (pl.col("gene_end") <= pl.col("end"))
    exons = (
        pairs.select("gene", "start", "end", "call", "low", "high", "exon_starts", "exon_ends")
        .explode("exon_starts", "exon_ends")
        .filter(
            (pl.max_horizontal("exon_starts", "low") < pl.min_horizontal("exon_ends", "high"))
            & (pl.max_horizontal("exon_starts", "low") < pl.col("end"))
            & (pl.col("start") < pl.min_horizontal("exon_ends", "high"))
        )
        .select("gene", "start", "end", "call")
        .unique()
    )
    hit = pairs.join(exons.with_columns(_hit=pl.lit(True)), on=["gene", "start", "end", "call"],
                     how="left")  # fmt: skip
    kept = hit.filter(
        pl.when(pl.col("call") == "amplification").then(whole).otherwise(pl.col("_hit"))
    )
    return kept.sort("gene", "call", "start").unique(
        ["gene", "call"], keep="first", maintain_order=True
    )


def segment_stage(
    person: Person,
    segments: pl.DataFrame,
    knowledge: Knowledge,
    accepted: frozenset[str],
    roles: Mapping[str, str],
) -> Account:
    """Findings of the segments, and the fate of each that was a record of a file given."""
    origin = "unknown" if person.normal is None else "somatic"
    findings = copy_findings(segments, knowledge, accepted, roles, origin)
    told = pl.DataFrame(
        [(str(f["chrom"]), f["pos"] - 1) for f in findings],
        schema={"chrom": pl.String, "start": pl.Int32},
        orient="row",
    ).with_columns(told=pl.lit(True))
    rows = (
        segments.filter(pl.col("record").is_not_null())
        .with_columns(pl.col("chrom").cast(pl.String))
        .join(told.unique(), on=["chrom", "start"], how="left", maintain_order="left")
        .with_columns(
            pos=pl.col("start"),
            ref=pl.lit("N"),
            alt=pl.col("call").replace_strict(SYMBOLS, default="<CNV>", return_dtype=pl.String),
        )
    )
    first = pl.col("filter").str.split(";").list.first()
    named = pl.coalesce("fault", "caller_filter", "caller_id")
    rules = [
        *(
            Rule(rule, "filtered", first == name, named, pl.lit(wanted))
            for rule, name, wanted in SEGMENT_RULES
        ),
        Rule("caller_filter", "filtered", pl.col("filter") != "PASS", named, pl.lit("PASS")),
        Rule("copy_number", "reported", pl.col("told"), pl.col("call"), pl.lit("a gene's change")),
        Rule(
            "copy_number", "filtered", pl.col("call") == "neutral", pl.col("call"),
            pl.lit("another number of copies"),
        ),
        Rule(
            "copy_number", "tiered", pl.lit(True), pl.col("call"),
            pl.lit("amplification or homozygous deletion of a gene with evidence or a role"),
        ),
    ]  # fmt: skip
    part = entries(decided(rows, rules), "copy_number", person.tumour or "")
    return Account(findings, [part], rows.height)


SEGMENT_RULES = (
    ("Damaged", "Damaged", "a record as the VCF specification has it"),
    ("Unplaced", "Unplaced", "a segment on a chromosome, inside the regions of the run"),
    ("NoSecondEnd", "NoSecondEnd", "END or SVLEN"),
    ("NoJunction", "NoJunction", "a change of copies"),
)


def copy_findings(
    segments: pl.DataFrame,
    knowledge: Knowledge,
    accepted: frozenset[str],
    roles: Mapping[str, str],
    origin: str = "somatic",
) -> list[dict[str, Any]]:
    """FINDINGS rows (rank null) of the amplified and the lost genes.

    `origin` is unknown of a tumour without a normal: people are born with copies lost and gained.
    """
    if segments.is_empty() or knowledge.gene_models.is_empty():
        return []
    genes = changed_genes(segments, knowledge.gene_models)
    if genes.is_empty():
        return []
    genes = genes.with_columns(
        finding=pl.concat_str([pl.lit("copy_number-"), "gene", pl.lit("-"), "call"]),
        match=pl.col("call").replace_strict({call: words[0] for call, words in CALLS.items()}),
    )
    matched = weighed(
        for_copies(genes.select("finding", "gene", "match"), knowledge.evidence),
        accepted,
        knowledge.curated["civic_levels"],
    )
    out = []
    for row in genes.rows(named=True):
        evidence = matched.filter(pl.col("finding") == row["finding"])
        finding = _finding(row, evidence, knowledge, accepted, roles.get(row["gene"]))
        if finding is not None:
            out.append(finding | {"origin": origin})
    return out


def _finding(
    row: Mapping[str, Any],
    evidence: pl.DataFrame,
    knowledge: Knowledge,
    accepted: frozenset[str],
    role: str | None,
) -> dict[str, Any] | None:
    match, words, wanted, consequence = CALLS[row["call"]]
    approved: list[dict[str, Any]] = []
    if match == "amplification":
        approved = approvals(
            {"gene": row["gene"]}, match, knowledge.curated["japan_approvals"], accepted
        )
    fits = role == wanted
    if not (fits or evidence.height or approved):
        return None
    known = role or "unknown"
    if row["call"] == "amplification":
        reason = because("copies.amplification", role=known)
    else:
        reason = because("copies.homozygous_deletion", role=known)
    oncogenic = "Likely oncogenic" if fits else "Uncertain significance"
    verdict = tier_and_level(evidence, oncogenic, approved, common=False, altering=True)
    return {
        "finding": row["finding"],
        "section": "copy_number",
        "kind": "copy_number",
        "chrom": row["chrom"],
        "pos": row["start"] + 1,
        "gene": row["gene"],
        "transcript": row["transcript"],
        "consequence": consequence,
        "name": f"{row['gene']} {words}",
        "amp_tier": verdict["amp_tier"],
        "japan_level": verdict["japan_level"],
        "oncogenicity": oncogenic,
        "criteria": [
            criterion("role", fits, 0, reason, knowledge.role_source(row["gene"]))
        ],
        "evidence": [*listed_approvals(approved), *listed(evidence)],
        "second_hit": "both copies lost" if row["call"] == "homozygous_deletion" else None,
        "detail": detail(
            {name: row[name] for name in ("call", "start", "end", "log2", "total_cn", "minor_cn")}
            | {
                "baf": row["baf"],
                "bins": row["bins"],
                "gene_role": role,
                "tiers": verdict["tiers"],
                "japan_levels": verdict["japan_levels"],
                "approvals": approved or None,
            }
        ),
    }  # fmt: skip


def once(findings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """`findings` without losses that depth shows and a finding of a junction already is.

    The junction's finding has the breakpoints and, by the segment it spans, that no copy is left.
    """
    spans = [
        (f["gene"], *_span(told))
        for f in findings
        if f["kind"] == "structural" and f.get("second_hit") == "both copies lost"
        for told in [json.loads(f["detail"])]
    ]
    return [
        f
        for f in findings
        if not (
            f["kind"] == "copy_number"
            and f.get("second_hit") == "both copies lost"
            and any(_same_loss(f, *span) for span in spans)
        )
    ]


def _span(told: Mapping[str, Any]) -> tuple[str, int, int]:
    """Chromosome and 0-based span between the breakpoints of a junction's detail."""
    (chrom, low), (_, high) = (told[f"breakpoint{side}"].rsplit(":", 1) for side in "12")
    return chrom, int(low), int(high) - 1


def _same_loss(finding: Mapping[str, Any], gene: str, chrom: str, low: int, high: int) -> bool:
    """Whether a segment's loss of a gene and a span of that gene's are most of each other."""
    told = json.loads(finding["detail"])
    both = min(high, told["end"]) - max(low, told["start"])
    most = max(high - low, told["end"] - told["start"])
    return finding["gene"] == gene and str(finding["chrom"]) == chrom and 2 * both >= most


def with_copies(
    findings: Sequence[dict[str, Any]], segments: pl.DataFrame, models: pl.DataFrame
) -> None:
    """Add to `findings` the tumour's copies where they lie: total_cn and minor_cn of FINDINGS.

    Of an allele the segment (COPY_NUMBER) that holds its base; of a gene (copy number, a change
    of a whole gene by a junction) the segment that covers its transcript; null where there is
    none, where several disagree, and of fusions, which lie at two places. Segments that their
    program filtered say nothing.
    """
    segments = segments.filter(pl.col("filter") == "PASS")
    if segments.is_empty():
        return
    by_chrom = {
        str(chrom): own.sort("start").rows(named=True)
        for (chrom,), own in segments.group_by("chrom")
    }
    spans = {
        name: (start, end)
        for name, start, end in models.select("transcript", "start", "end").rows()
    }
    for finding in findings:
        start = finding.get("pos")
        if start is None or finding.get("kind") in ("fusion", "repeat", "gene_copies"):
            continue
        low, high = start - 1, start
        if finding["kind"] == "structural":
            if finding.get("transcript") not in spans or "::" in (finding.get("gene") or ""):
                continue
            low, high = spans[finding["transcript"]]
        own = by_chrom.get(str(finding["chrom"]), [])
        over = [s for s in own if s["start"] <= low and high <= s["end"]]
        if len(over) == 1:
            finding |= {key: over[0][key] for key in ("total_cn", "minor_cn")}
