"""Copies of a gene and its near-identical paralogue: SMN1 and SMN2.

Reads cannot be placed between the two, but one base tells them apart. The reads over it, at both
places and of any mapping quality, say which share of the copies is the gene's; their depth against
that of single-copy genes says how many copies there are. Both together give a posterior over
(copies of the gene, copies in all). Two copies may lie on one chromosome: copies say nothing of
carriers with 2 + 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from shirube.contracts.loci import GENE_COPIES
from shirube.genome.intervals import Interval
from shirube.reads.bases_at import bases_at
from shirube.reads.survey import Survey
from shirube.reasons import because, stored

AROUND, CONTROLS, LEAST_CONTROLS = 2000, 200, 10
MIN_DEPTH, MIN_READS, MIN_POSTERIOR, MOST_SPREAD = 12.0, 12, 0.95, 0.25
MOST_COPIES, ERROR, LEAST_SD = 8, 0.005, 0.12


@dataclass(frozen=True)
class Pair:
    """A gene and its paralogue: the coding position (1-based) that differs, and its two bases."""

    gene: str
    paralogue: str
    coding: int
    gene_base: str
    paralogue_base: str

    @property
    def site(self) -> str:
        """HGVS-like name of the difference."""
        return f"c.{self.coding}{self.gene_base}>{self.paralogue_base}"


SMN = Pair("SMN1", "SMN2", 840, "C", "T")  # PMID 9990048: c.840C>T skips exon 7


def coding_place(model: dict[str, object], coding: int) -> int | None:
    """0-based genomic place of a coding position (1-based) of a row of GENE_MODELS."""
    low, high = model["cds_start"], model["cds_end"]
    if low is None or high is None:
        return None
    spans = zip(model["exon_starts"], model["exon_ends"], strict=True)  # type: ignore[call-overload]
    places = np.concatenate([np.arange(max(s, low), max(s, min(e, high))) for s, e in spans])
    if model["strand"] == "-":
        places = places[::-1]
    return int(places[coding - 1]) if coding <= len(places) else None


def _inside(window: Interval, regions: Sequence[Interval]) -> bool:
    return any(
        r.contig == window.contig and r.start <= window.start and window.end <= r.end
        for r in regions
    )


def control_windows(
    models: pl.DataFrame, contigs: dict[str, str], regions: Sequence[Interval], without: set[str]
) -> list[Interval]:
    """Disjoint windows around the middle of autosomal MANE genes, at most CONTROLS."""
    rows = models.filter(
        (pl.col("mane") == "MANE Select") & ~pl.col("gene").is_in(sorted(without))
    ).select("chrom", "start", "end")
    windows = []
    for chrom, start, end in rows.rows():
        contig = contigs.get(str(chrom))
        if contig is None or str(chrom) in ("chrX", "chrY", "chrM"):
            continue
        middle = (start + end) // 2
        window = Interval(contig, max(middle - AROUND, 0), middle + AROUND)
        if _inside(window, regions):
            windows.append(window)
    chosen = np.linspace(0, len(windows) - 1, min(CONTROLS, len(windows))).astype(int)
    return _disjoint([windows[i] for i in sorted(set(chosen.tolist()))])


def _disjoint(windows: Sequence[Interval]) -> list[Interval]:
    out: list[Interval] = []
    for window in sorted(windows):
        if not out or out[-1].contig != window.contig or out[-1].end <= window.start:
            out.append(window)
    return out


def mean_depths(reads: str, fasta: str, windows: Sequence[Interval]) -> list[float]:
    """Mean depth of each window, reads of any mapping quality counted."""
    apart = _disjoint(windows)
    out = np.zeros(len(windows))
    for part, depth in Survey(reads, fasta, apart, 0):
        for number, window in enumerate(windows):
            if window.contig == part.contig:
                low, high = max(window.start, part.start), min(window.end, part.end)
                out[number] += depth[low - part.start : max(high, low) - part.start].sum()
    sizes = np.array([window.end - window.start for window in windows])
    return [float(mean) for mean in out / sizes]


def posterior(
    gene_reads: int, paralogue_reads: int, total: float, sd: float
) -> tuple[int, int, float]:
    """(copies of the gene, of the paralogue, probability of the gene's copies).

    `total`: copies of both by depth, with standard deviation `sd`; flat prior up to MOST_COPIES.
    """
    logs = np.full((MOST_COPIES + 1, MOST_COPIES + 1), -np.inf)
    for copies in range(1, MOST_COPIES + 1):
        for own in range(copies + 1):
            share = own / copies * (1 - 2 * ERROR) + ERROR
            logs[own, copies - own] = (
                gene_reads * np.log(share)
                + paralogue_reads * np.log(1 - share)
                - 0.5 * ((total - copies) / sd) ** 2
            )
    odds = np.exp(logs - logs.max())
    odds /= odds.sum()
    by_copies = odds.sum(axis=1)
    own = int(by_copies.argmax())
    return own, int(odds[own].argmax()), float(by_copies[own])


def gene_copies(
    reads: str,
    fasta: str,
    models: pl.DataFrame,
    contigs: dict[str, str],
    regions: Sequence[Interval],
    pair: Pair = SMN,
) -> pl.DataFrame:
    """GENE_COPIES of one sample; `contigs`: canonical chromosome -> name in the reference."""
    row: dict[str, object] = {name: None for name in GENE_COPIES.schema} | {
        "gene": pair.gene,
        "paralogue": pair.paralogue,
        "site": pair.site,
        "assessed": False,
    }

    def found(reason: str, **other: object) -> pl.DataFrame:
        explained = {"reason": reason, "said": stored(reason)}
        return GENE_COPIES.table(pl.DataFrame([row | explained | other], schema=GENE_COPIES.polars))

    sites, windows = [], []
    for gene in (pair.gene, pair.paralogue):
        known = models.filter((pl.col("gene") == gene) & (pl.col("mane") == "MANE Select"))
        place = coding_place(known.row(0, named=True), pair.coding) if known.height else None
        contig = contigs.get(str(known["chrom"][0])) if known.height else None
        if place is None or contig is None:
            return found(because("copies.no_model", gene=gene))
        start, end = known["start"][0], known["end"][0]
        window = Interval(contig, max(place - AROUND, start), min(place + AROUND, end))
        if not _inside(window, regions):
            return found(because("copies.outside", gene=gene))
        sites.append((contig, place, known["strand"][0]))
        windows.append(window)
    controls = control_windows(models, contigs, regions, {pair.gene, pair.paralogue})
    if len(controls) < LEAST_CONTROLS:
        reason = because("copies.few_genes", count=len(controls), needed=LEAST_CONTROLS)
        return found(reason, controls=len(controls))
    around = np.array(mean_depths(reads, fasta, controls))
    centre = float(np.median(around))
    if centre < MIN_DEPTH:
        reason = because("copies.shallow", depth=f"{centre:.1f}", needed=f"{MIN_DEPTH:g}")
        return found(reason, controls=len(controls))
    spread = 1.4826 * float(np.median(np.abs(around - centre))) / centre
    counts = {pair.gene_base: 0, pair.paralogue_base: 0}
    for contig, place, strand in sites:
        for base, count in bases_at(reads, fasta, contig, place, strand == "-").items():
            if base in counts:
                counts[base] += count
    own, other = counts[pair.gene_base], counts[pair.paralogue_base]
    total = 2 * sum(mean_depths(reads, fasta, windows)) / centre
    about: dict[str, object] = {
        "gene_reads": own,
        "paralogue_reads": other,
        "controls": len(controls),
    }
    about |= {"controls": len(controls), "total": round(total, 3)}
    if spread > MOST_SPREAD:
        reason = because("copies.uneven", spread=f"{spread:.0%}", most=f"{MOST_SPREAD:.0%}")
        return found(reason, **about)
    if total < 0.5:  # neither gene has reads: that is how a sample without either, or a gap, looks
        return found(because("copies.no_reads"), **about)
    if own + other < MIN_READS:
        reason = because("copies.few_reads", count=own + other, site=pair.site, needed=MIN_READS)
        return found(reason, **about)
    sd = max(LEAST_SD, spread * total / 2**0.5)
    copies, rest, sure = posterior(own, other, total, sd)
    bases = {"base": pair.gene_base, "other_base": pair.paralogue_base}
    seen = because("copies.seen", own=own, other=other, total=f"{total:.2f}", **bases)
    if sure < MIN_POSTERIOR:
        unsure = because("copies.unsure", copies=copies, probability=f"{sure:.2f}")
        return found(seen.and_(unsure), **about, posterior=sure)
    return found(
        seen,
        **about,
        copies=copies,
        paralogue_copies=rest,
        posterior=round(sure, 4),
        assessed=True,
    )
