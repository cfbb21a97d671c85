"""What was looked for and not found, and what could not be assessed.

A target (report.targets) is `not found` only where the reads would have shown it: it was asked
for, measured, at least ASSESSABLE of it is callable (all of it, for a codon), no record there was
filtered away, and its depth shows some share of molecules. Everything else is `not assessable`,
with the reason. What is not found says of which classes of change that holds (event_classes).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.report.event_classes import ASSESSABLE, FIRST, Looked, classes_of

ANY_TUMOUR = ("TISSUE", "SOLID")
REASONS = (
    "filtered_record",
    "partly_callable",
    "not_callable",
    "no_reads",
    "not_requested",
    "not_measured",
    "depth_low",
    "purity_low",
    "no_structural",
    "filtered_junction",
    "junction_present",
)


def own_codes(oncotree: pl.DataFrame, diagnosis: str | None) -> list[str]:
    """OncoTree codes whose evidence is for `diagnosis`: itself, what it is a kind of, any tumour.

    `oncotree`: table ONCOTREE. Empty without a diagnosis.
    """
    if diagnosis is None:
        return []
    above = oncotree.filter(pl.col("code") == diagnosis)["ancestors"].explode().drop_nulls()
    return [diagnosis, *above.to_list(), *(c for c in ANY_TUMOUR if c not in above.to_list())]


def relevance(evidence: pl.DataFrame, codes: Sequence[str]) -> pl.DataFrame:
    """How much each target matters: gene, kind, number -> own_disease, best_level.

    own_disease: some predictive evidence is for one of the OncoTree `codes`; best_level: best
    level of that evidence (A best), of any evidence where none is.
    """
    match, fused = pl.col("match").cast(pl.String), "fusion"
    asked = evidence.filter(
        pl.col("evidence_type") == "Predictive", ~match.is_in(["none", "biomarker"])
    ).select(
        "gene",
        "partner",
        "codon",
        "exon",
        "level",
        match.alias("match"),
        pl.col("oncotree").is_in(list(codes)).fill_null(False).alias("own"),
    )
    null = pl.lit(None, pl.Int32)
    small, joined = asked.filter(pl.col("match") != fused), asked.filter(pl.col("match") == fused)
    parts = [
        small.with_columns(pl.lit("coding").alias("kind"), null.alias("number")),
        small.filter(pl.col("match").is_in(["exact", "codon"]), pl.col("codon").is_not_null())
        .with_columns(pl.lit("codon").alias("kind"), pl.col("codon").alias("number")),
        small.filter(pl.col("match") == "exon")
        .with_columns(pl.lit("exon").alias("kind"), pl.col("exon").alias("number")),
        joined.with_columns(pl.lit(fused).alias("kind"), null.alias("number")),
        joined.filter(pl.col("partner").is_not_null())
        .with_columns(gene=pl.col("partner"), kind=pl.lit(fused), number=null),
    ]  # fmt: skip
    return (
        pl.concat([part.select("gene", "kind", "number", "level", "own") for part in parts])
        .group_by("gene", "kind", "number")
        .agg(
            pl.col("own").any().alias("own_disease"),
            pl.coalesce(pl.col("level").filter("own").min(), pl.col("level").min()).alias(
                "best_level"
            ),
        )
    )


def why_not(row: Mapping[str, Any]) -> str | None:
    """Reason why a row of TARGETS allows no negative statement; None if it does."""
    if not row["bases"] or row["mean_depth"] is None or row["callable"] is None:
        return "not_requested" if row["requested"] == 0 else "not_measured"
    if row["requested"] == 0:
        return "not_requested"
    if row["mean_depth"] == 0:
        return "no_reads"
    if row["callable"] < (1 if row["kind"] == "codon" else ASSESSABLE):
        return "partly_callable" if row["callable"] > 0 else "not_callable"
    if row["kind"] == "codon" and row["filtered_records"]:
        return "filtered_record"
    return None


def positions(ledger: pl.DataFrame | pl.LazyFrame) -> dict[str, NDArray[np.int64]]:
    """Chromosome -> sorted 0-based positions of records that were filtered for their quality.

    Records in which no alternative allele was called are no hint of a variant and do not count.
    """
    kept = ledger.lazy().filter(
        pl.col("fate").cast(pl.String) == "filtered",
        pl.col("stage").is_in(["somatic", "structural"]),
        pl.col("rule").is_in(["NoGenotype", "Unplaced", "Germline"]).not_(),
    )
    table = kept.select(pl.col("chrom").cast(pl.String), "pos").collect(engine="streaming")
    parts = table.drop_nulls().sort("chrom", "pos").partition_by("chrom", as_dict=True)
    return {str(c): part["pos"].cast(pl.Int64).to_numpy() - 1 for (c,), part in parts.items()}


def _inside(spans: list[tuple[int, int]], found: NDArray[np.int64] | None) -> int:
    if found is None:
        return 0
    return sum(int(np.diff(np.searchsorted(found, [start, end]))[0]) for start, end in spans)


def reported_at(items: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> bool:
    """Whether a reported finding is an answer to the target `row`."""
    if row["kind"] == "fusion":
        return any(
            item["section"] == "fusion" and row["gene"] in (item["gene"] or "").split("::")
            for item in items
        )
    small = [i for i in items if i["gene"] == row["gene"] and i["section"] != "fusion"]
    if row["kind"] == "coding":
        return bool(small)
    for item in small:
        allele = item["allele"]
        if allele is None or allele["chrom"] != row["chrom"] or item["kind"] == "copy_number":
            continue
        first, last = allele["pos"] - 1, allele["pos"] - 1 + len(allele["ref"] or "N")
        if any(first < e and last > s for s, e in zip(row["starts"], row["ends"], strict=True)):
            return True
    return False


def searched(
    targets: pl.DataFrame,
    relevant: pl.DataFrame,
    items: Sequence[Mapping[str, Any]],
    ledger: pl.DataFrame | pl.LazyFrame,
    looked: Looked,
    normal: pl.DataFrame | None = None,
    withheld: pl.DataFrame | None = None,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(looked for and not found, not assessable), the most relevant first.

    `targets`: TARGETS of the sample judged; `relevant`: see relevance; `items`: findings of the
    model; `looked`: what was looked for beside small variants; `normal`: TARGETS of the normal
    beside a tumour, if there is one; `withheld`: WITHHELD, alleles that keep their codon from being
    called absent whatever the filter. A target that a finding answers stands in neither list,
    save a gene of which the rest could not be assessed: that stays in the second.
    """
    kinds = {"coding": 0, "codon": 1, "exon": 2, "fusion": 3}
    key, depths = ["gene", "kind", "number"], ("mean_depth", "low_depth", "min_depth")
    other = (targets.clear() if normal is None else normal).select(*key, *depths)
    rows = (
        targets.join(other, on=key, how="left", suffix="_normal", nulls_equal=True)
        .with_columns(pl.col("kind").cast(pl.String), pl.col("chrom").cast(pl.String))
        .join(relevant, on=key, how="left", nulls_equal=True)
        .with_columns(pl.col("own_disease").fill_null(False))
        .sort(
            pl.col("own_disease").not_(),
            "best_level",
            "gene",
            pl.col("kind").replace_strict(kinds),
            "number",
            nulls_last=True,
        )
    )
    filtered = positions(ledger)
    if withheld is not None:
        for chrom, pos in withheld.select(pl.col("chrom").cast(pl.String), "pos").iter_rows():
            before = filtered.get(chrom, np.zeros(0, np.int64))
            filtered[chrom] = np.union1d(before, [pos - 1])
    negative: list[dict[str, Any]] = []
    unknown: list[dict[str, Any]] = []
    kept = ("gene", "kind", "number", "label", "transcript", "own_disease", "best_level", "bases")
    seen = ("callable", "mean_depth", "low_depth", "min_depth")
    for row in rows.iter_rows(named=True):
        spans = list(zip(row["starts"], row["ends"], strict=True))
        row["filtered_records"] = _inside(spans, filtered.get(row["chrom"]))
        entry = {
            **{key: row[key] for key in (*kept, *seen, "filtered_records")},
            "sample_kind": looked.kind,
        }
        answered = reported_at(items, row)
        reason = why_not(row)
        # A finding in a codon or exon is all that was asked of it; of a gene it is a part.
        whole = answered and (row["kind"] != "coding" or reason == "filtered_record")
        if reason is not None and not whole:
            unknown.append({**entry, "reason": reason})
        elif reason is None and not answered:
            classes = classes_of(row, looked)
            first = next(one for one in classes if one["class"] == FIRST[row["kind"]])
            if first["state"] == "not_found":
                shown = {"detectable_vaf": first["vaf"], "detectable_vaf_worst": first["vaf_worst"]}
                negative.append({**entry, **shown, "classes": classes})
            else:
                unknown.append({**entry, "reason": first["reason"] or "junction_present"})
    return negative, unknown
