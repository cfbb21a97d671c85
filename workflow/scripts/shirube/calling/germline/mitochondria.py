"""Mitochondrial alleles with the fraction of molecules that carry them.

A cell holds hundreds of copies of chrM, so an allele there has a fraction (heteroplasmy), not a
dosage. Candidates are alleles that at least `min_fraction` of the fragments show; each is judged
on every fragment that covers it, by the likelihoods of `somatic_model` with the observed fraction.
A record per allele:

    GT    1 from HOMOPLASMIC on, else 0/1: other programs' and the cohort's form of heteroplasmy
    AF    fragments with the allele / fragments counted; AFCI its 95% interval
    QUAL  phred odds that the allele is there, given that one base in 2,000 varies
    INFO  what the filters of `filters.RULES` judge: MQ, MT_BQ, MT_STRAND, MT_ENDS, MT_NUMT

Alleles of nuclear copies of chrM (NUMTs) come in company: a copy differs from chrM at several
places, so its reads carry several alleles of low fraction at once, and their mates often lie on
a nuclear chromosome. A window's result depends on the reads over it alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shirube.calling.germline import gvcf
from shirube.calling.germline.engines import Settings
from shirube.calling.somatic.calling import at_ends
from shirube.calling.somatic.model import (
    base_likelihoods,
    fisher_p,
    fraction_interval,
    indel_likelihoods,
    lod,
    slippage,
)
from shirube.genome.intervals import Interval
from shirube.reads.bam import Batch, contig_order, read_windows, windows
from shirube.reads.clips import indels_of_clips
from shirube.reads.fragments import fragment_counts, mate_elsewhere
from shirube.reads.indels import Indel, indel_counts, observe_indel, roll
from shirube.reads.pileup import observe_bases
from shirube.reads.reference import LETTER, reference_codes

HOMOPLASMIC = 0.95  # as gnomAD counts mitochondrial alleles (doi 10.1101/gr.276013.121)
PRIOR = 3.3  # log10 odds against an allele at a base, before any read is seen
STEP, COMPANY, READ_PAD, MAX_INDEL, END = 1_000, 200, 400, 50, 5.0
LEAST = 3  # fragments: two equal errors at one base are common
HEADER = (
    '##INFO=<ID=MT_BQ,Number=1,Type=Float,Description="Mean base quality of ALT">',
    '##INFO=<ID=MT_STRAND,Number=1,Type=Float,Description="Rarer strand of ALT, relative to REF">',
    '##INFO=<ID=MT_ENDS,Number=1,Type=Float,Description="Share of ALT near ends of reads">',
    '##INFO=<ID=MT_NUMT,Number=1,Type=Float,Description="Share of ALT that looks nuclear">',
    '##FORMAT=<ID=AF,Number=A,Type=Float,Description="Fraction of chrM with the allele">',
    '##FORMAT=<ID=AFCI,Number=2,Type=Float,Description="95% interval of AF">',
)


@dataclass
class Allele:
    """A candidate and the fragments that tell it from the reference; `anchor` is 0-based."""

    anchor: int
    ref: str
    alt: str
    rows: NDArray[np.void]
    is_alt: NDArray[np.bool_]
    is_ref: NDArray[np.bool_]
    score: float
    quality: float | None

    @property
    def fraction(self) -> float:
        """Fragments with the allele / fragments counted."""
        return float(self.is_alt.mean()) if len(self.rows) else 0.0

    @property
    def carriers(self) -> NDArray[np.uint64]:
        """Names (hashes) of the fragments with the allele."""
        found: NDArray[np.uint64] = self.rows["fragment"][self.is_alt]
        return found


def _judged(
    anchor: int,
    ref: str,
    alt: str,
    rows: NDArray[np.void],
    slip: float | None,
    codes: tuple[int, int],
) -> Allele:
    rows = rows[rows["allele"] >= 0]
    is_ref, is_alt = rows["allele"] == codes[0], rows["allele"] == codes[1]
    fraction = float(is_alt.mean()) if len(rows) else 0.0
    quality = None
    if slip is None:
        likelihoods = base_likelihoods(rows["allele"], rows["for_ref"], *codes)
        quality = float(rows["for_ref"][is_alt].mean()) if is_alt.any() else None
    else:
        likelihoods = indel_likelihoods(rows["for_ref"], rows["for_alt"], slip)
    return Allele(anchor, ref, alt, rows, is_alt, is_ref, lod(*likelihoods, fraction), quality)


def _snvs(
    core: Interval,
    batch: Batch,
    counts: NDArray[np.int32],
    codes: NDArray[np.uint8],
    settings: Settings,
) -> Iterator[Allele]:
    """Candidates of one base; `counts` and `codes` are those of `core`."""
    other = counts.copy()
    known = codes < 4
    other[known, codes[known]] = 0
    other[~known] = 0
    depth = counts.sum(axis=1, keepdims=True)
    at, letters = np.nonzero((other >= LEAST) & (other >= settings.min_fraction * depth / 2))
    if not len(at):
        return
    sites = np.unique(at).astype(np.int32) + np.int32(core.start)
    seen = observe_bases(batch, sites, settings.min_mapq, settings.min_baseq)
    for place, alt in zip(at.tolist(), letters.tolist(), strict=True):
        site = int(np.searchsorted(sites, place + core.start))
        low, high = np.searchsorted(seen["site"], [site, site + 1])
        ref = int(codes[place])
        names = LETTER[ref], LETTER[alt]
        yield _judged(place + core.start, *names, seen[low:high], None, (ref, alt))


def _slip(indel: Indel, codes: NDArray[np.uint8], offset: int) -> float:
    """Rate of slippage that makes this length change: by its unit and the run it lies in."""
    size = max(indel.deleted, len(indel.inserted))
    if indel.deleted and indel.inserted:
        return slippage(size, 0, size)
    at = indel.anchor + 1 - offset
    deleted = "".join(LETTER[c] for c in codes[at : at + indel.deleted])
    bases = deleted or indel.inserted
    unit = next(n for n in range(1, size + 1) if bases == bases[:n] * (size // n))
    return slippage(unit, roll(indel, codes, offset) + indel.deleted, size)


def _indels(
    core: Interval, batch: Batch, codes: NDArray[np.uint8], offset: int, settings: Settings
) -> Iterator[Allele]:
    found = indel_counts(batch, codes, offset, settings.min_mapq)
    found.update(indels_of_clips(batch, codes, offset, settings.min_mapq))
    for indel, count in sorted(found.items()):
        at, size = indel.anchor - offset, max(indel.deleted, len(indel.inserted))
        if not core.start <= indel.anchor < core.end or size > MAX_INDEL or count < LEAST:
            continue
        over = (batch.start <= indel.anchor) & (batch.end > indel.anchor)
        if count < settings.min_fraction * over.sum() / 4:
            continue
        if (codes[at : at + indel.deleted + 1] == 4).any():
            continue
        ref = "".join(LETTER[c] for c in codes[at : at + indel.deleted + 1])
        rows = observe_indel(batch, indel, codes, offset, settings.min_mapq)
        slip = _slip(indel, codes, offset)
        yield _judged(indel.anchor, ref, ref[0] + indel.inserted, rows, slip, (0, 1))


def _relative_strand(allele: Allele) -> float:
    """Share of the strand ALT has less of, relative to REF's share of it; 1 unless unlikely.

    Without ten fragments of REF half is expected.
    """
    reverse = allele.rows["reverse"]
    alt = [int((allele.is_alt & side).sum()) for side in (~reverse, reverse)]
    ref = [int((allele.is_ref & side).sum()) for side in (~reverse, reverse)]
    if sum(ref) < 10:
        ref = [sum(alt), sum(alt)]
    if fisher_p(*alt, *ref) >= 0.01:
        return 1.0
    return min(a / sum(alt) / (r / sum(ref)) for a, r in zip(alt, ref, strict=True) if r)


def _ends(allele: Allele) -> float:
    """Share of ALT within END bases of a read's end; 0 unless chance hardly makes it so."""
    edge = allele.rows["edge"]
    if at_ends(edge, allele.is_alt, END) >= 0.01:
        return 0.0
    return float((edge[allele.is_alt] < END).mean())


def _nuclear(allele: Allele, others: Sequence[Allele], batch: Batch) -> float:
    """Share of the carriers that look like a nuclear copy of chrM; 0 for a major allele.

    They carry two more alleles of low fraction at places within COMPANY, or their mates lie on
    another contig where REF's do not.
    """
    if allele.fraction >= 0.5:
        return 0.0
    carriers = allele.carriers
    together, covered = np.zeros(len(carriers), int), np.zeros(len(carriers), int)
    near: dict[int, list[Allele]] = {}
    for other in others:
        if 0 < abs(other.anchor - allele.anchor) <= COMPANY and other.fraction < 0.5:
            near.setdefault(other.anchor, []).append(other)
    for place in near.values():
        together += np.isin(carriers, np.concatenate([o.carriers for o in place]))
        covered += np.isin(carriers, np.concatenate([o.rows["fragment"] for o in place]))
    judged = covered >= 2
    linked = float((together[judged] >= 2).mean()) if judged.sum() >= LEAST else 0.0
    away = mate_elsewhere(batch, allele.rows["read"])
    of_alt = float(away[allele.is_alt].mean()) if allele.is_alt.any() else 0.0
    of_ref = float(away[allele.is_ref].mean()) if allele.is_ref.any() else 0.0
    return max(linked, of_alt if of_ref < 0.1 else 0.0)


def _called(contig: str, allele: Allele, near: Sequence[Allele], batch: Batch) -> dict[str, object]:
    depth, count = len(allele.rows), int(allele.is_alt.sum())
    (low,), (high,) = fraction_interval(np.array([count]), np.array([depth]))
    quality = min(max(10 * (allele.score - PRIOR), 0.0), 9999.0)
    squared = allele.rows["mapq"][allele.is_alt].astype(float) ** 2
    info = {
        "MQ": f"{np.sqrt(squared.mean()):.2f}",
        "MT_BQ": None if allele.quality is None else f"{allele.quality:.1f}",
        "MT_STRAND": f"{_relative_strand(allele):.3f}",
        "MT_ENDS": f"{_ends(allele):.3f}",
        "MT_NUMT": f"{_nuclear(allele, near, batch):.3f}",
    }
    counts = f"{int(allele.is_ref.sum())},{count}"
    return {
        "contig": contig,
        "start": allele.anchor,
        "end": allele.anchor + len(allele.ref),
        "called": True,
        "gt": "1" if allele.fraction >= HOMOPLASMIC else "0/1",
        "gq": min(round(quality), gvcf.MAX_GQ),
        "dp": depth,
        "ref": allele.ref,
        "alt": allele.alt,
        "qual": f"{quality:.1f}",
        "info": ";".join(f"{name}={value}" for name, value in info.items() if value is not None),
        "extra": f"{counts}:.:.:.:{allele.fraction:.4f}:{low:.4f},{high:.4f}",
    }


def _blocks(
    window: Interval, counts: NDArray[np.int32], codes: NDArray[np.uint8], min_baseq: int
) -> pl.DataFrame:
    """One row a base with reads. GQ takes every base for as bad as `min_baseq` allows."""
    depth, base = counts.sum(axis=1), np.minimum(codes, 3)
    of_ref = np.where(codes < 4, counts[np.arange(len(counts)), base], 0)
    other = counts.copy()
    other[np.arange(len(counts)), base] = 0
    quality = np.clip((of_ref - other.max(axis=1)) * max(min_baseq, 1), 0, gvcf.MAX_GQ)
    start = np.arange(window.start, window.end)
    table = pl.DataFrame(
        {
            "contig": [window.contig] * len(start),
            "start": start,
            "end": start + 1,
            "called": [False] * len(start),
            "gt": np.where(quality > 0, "0", "."),
            "gq": quality,
            "dp": depth,
            "ref": [LETTER[c] for c in codes],
        }
    )
    empty = (pl.lit(None, pl.String).alias(name) for name in ("alt", "qual", "info", "extra"))
    rows = table.filter(pl.col("dp") > 0).with_columns(*empty)
    return rows.select(pl.col(name).cast(dtype) for name, dtype in gvcf.RECORDS.items())


def call_window(window: Interval, batch: Batch, reference: str, settings: Settings) -> pl.DataFrame:
    """gvcf.RECORDS of one window: an allele each, and the bases without one."""
    core = Interval(window.contig, max(0, window.start - COMPANY), window.end + COMPANY)
    offset = core.start - READ_PAD
    codes = reference_codes(reference, window.contig, offset, core.end + READ_PAD)
    counts = fragment_counts(batch, core.start, core.end, settings.min_mapq, settings.min_baseq)
    of_core = codes[core.start - offset : core.end - offset]
    seen = [
        allele
        for allele in [
            *_snvs(core, batch, counts, of_core, settings),
            *_indels(core, batch, codes, offset, settings),
        ]
        if allele.is_alt.sum() >= LEAST and allele.fraction >= settings.min_fraction
    ]
    seen.sort(key=lambda a: (a.anchor, a.ref, a.alt))
    mine = [a for a in seen if window.start <= a.anchor < window.end]
    calls = pl.DataFrame(
        [_called(window.contig, allele, seen, batch) for allele in mine],
        schema=gvcf.RECORDS,
        orient="row",
    )
    inner = slice(window.start - core.start, window.end - core.start)
    blocks = _blocks(window, counts[inner], of_core[inner], settings.min_baseq)
    blocks = blocks.join(calls.select("start"), on="start", how="anti", maintain_order="left")
    return pl.concat([blocks, calls]).sort("start", pl.col("called").not_(), maintain_order=True)


def records(
    reads: str | Path, reference: str, intervals: Sequence[Interval], settings: Settings
) -> pl.DataFrame:
    """gvcf.RECORDS of mitochondrial `intervals` (disjoint) from the reads of one sample."""
    cut = windows(intervals, STEP, contig_order(reads))
    found = read_windows(reads, reference, cut, COMPANY + READ_PAD)
    tables = (
        call_window(window, batch, reference, settings)
        for window, (batch, _) in zip(cut, found, strict=True)
    )
    merged = list(gvcf.merge_blocks(tables))
    return pl.concat(merged) if merged else pl.DataFrame(schema=gvcf.RECORDS)
