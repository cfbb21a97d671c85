"""Somatic SNVs and indels of a tumour, with or without a normal, from the reads.

Candidates are the alleles enough tumour reads show; each is judged on every fragment that covers
it in both samples (`somatic_model`) and kept with the names of the filters it fails. A window's
result depends on the reads over it alone, so it is the same however a run is cut into tiles.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from shirube.calling.somatic.errors import (
    LOW_FRACTION,
    MAX_ODDS,
    Errors,
    nominal,
    one_sided,
    surprise,
)
from shirube.calling.somatic.model import (
    Thresholds,
    base_likelihoods,
    fisher_p,
    fraction_interval,
    indel_likelihoods,
    lod,
    normal_base_likelihoods,
    normal_lod,
    shared_odds,
    slippage,
)
from shirube.contracts import ALLELE, SOMATIC
from shirube.genome.alleles import canonical
from shirube.genome.intervals import Interval
from shirube.reads.bam import Batch, contig_order, read_windows, windows
from shirube.reads.clips import indels_of_clips
from shirube.reads.indels import Indel, indel_counts, observe_indel, roll
from shirube.reads.pileup import base_counts, observe_bases
from shirube.reads.reference import LETTER, reference_codes

STEP, READ_PAD, PHASE, MAX_INDEL, RIVAL, PAD = 20_000, 400, 30, 200, 60, 200


@dataclass(frozen=True)
class Reads:
    """Where the reads of a patient are, and how they are counted."""

    tumour: str
    normal: str | None
    reference: str
    min_mapq: int = 20
    min_baseq: int = 13


@dataclass
class Candidate:
    """An allele and what the reads say of it. `anchor` is 0-based, as all positions here."""

    anchor: int
    ref: str
    alt: str
    indel: Indel | None
    tumour: NDArray[np.void]
    normal: NDArray[np.void] | None
    row: dict[str, object]

    @property
    def carriers(self) -> tuple[set[int], set[int]]:
        """Fragments of the tumour that carry the allele, and all that cover it."""
        code = 1 if self.indel else LETTER.index(self.alt)
        carrying = self.tumour["fragment"][self.tumour["allele"] == code]
        return set(carrying.tolist()), set(self.tumour["fragment"].tolist())


def within(regions: Sequence[Interval], tile: str) -> list[Interval]:
    """The parts of `regions` that lie in `tile`, named contig_start_end."""
    contig, low, high = tile.rsplit("_", 2)
    cut = (
        Interval(contig, max(r.start, int(low)), min(r.end, int(high)))
        for r in regions
        if r.contig == contig
    )
    return [interval for interval in cut if interval.start < interval.end]


def _tract(indel: Indel, codes: NDArray[np.uint8], offset: int) -> tuple[int, int]:
    """Bases of the smallest unit of the indel's sequence and of its run in the reference."""
    if indel.deleted and indel.inserted:
        return max(indel.deleted, len(indel.inserted)), 0
    at = indel.anchor + 1 - offset
    sequence = (
        "".join(LETTER[c] for c in codes[at : at + indel.deleted])
        if indel.deleted
        else indel.inserted
    )
    size = next(
        n
        for n in range(1, len(sequence) + 1)
        if len(sequence) % n == 0 and sequence == sequence[:n] * (len(sequence) // n)
    )
    return size, roll(indel, codes, offset) + indel.deleted


def judge(
    candidate: Candidate,
    code: tuple[int, int],
    slip: float | None,
    limits: Thresholds,
    errors: Errors | None = None,
    context: tuple[int, int, int] = (4, 4, 4),
) -> dict[str, object]:
    """Counts, likelihood ratios and filters of one candidate; `code` are its REF and ALT codes.

    `errors`: None if not measured; `context`: codes of the base before an SNV, the base, the base
    after.
    """
    errors = errors or nominal()

    def wrong(rows: NDArray[np.void]) -> NDArray[np.float64]:
        return errors.wrong(context, code[1], rows["forward"], rows["for_ref"])

    def seen(rows: NDArray[np.void]) -> NDArray[np.float64]:
        return errors.seen(context, code[1], rows["forward"], rows["for_ref"])

    def likelihoods(rows: NDArray[np.void]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if slip is None:
            return base_likelihoods(rows["allele"], rows["for_ref"], *code, wrong(rows))
        return indel_likelihoods(rows["for_ref"], rows["for_alt"], slip)

    rows = candidate.tumour[candidate.tumour["allele"] >= 0]
    is_alt, is_ref = rows["allele"] == code[1], rows["allele"] == code[0]
    depth, count = len(rows), int(is_alt.sum())
    fraction = count / depth if depth else 0.0
    alt, ref = likelihoods(rows)
    null = min(fraction, limits.contamination)
    score = lod(alt, ref, fraction, null)
    reverse = rows["reverse"]
    strands = int((is_alt & ~reverse).sum()), int((is_alt & reverse).sum())
    balance = fisher_p(*strands, int((is_ref & ~reverse).sum()), int((is_ref & reverse).sum()))
    failed = []
    if count < limits.min_alt_reads:
        failed.append("LowDepth")
    if score < limits.min_lod:
        plain = slip is None or lod(*_without_slip(rows), fraction, null) < limits.min_lod
        failed.append("LowLOD" if plain else "Repeat")
    elif slip is None and surprise(seen(rows), is_alt) > errors.max_p:
        failed.append("LowLOD")
    plain_strands = int((is_ref & ~reverse).sum()), int((is_ref & reverse).sum())
    low = slip is None and fraction < LOW_FRACTION  # what the shares were measured on
    if (balance < limits.max_strand_p and min(strands) == 0) or (
        low and one_sided(strands, plain_strands, errors.one_strand) > MAX_ODDS
    ):
        failed.append("StrandBias")
    ahead = rows["forward"]
    sides = int((is_alt & ahead).sum()), int((is_alt & ~ahead).sum())
    plain_sides = int((is_ref & ahead).sum()), int((is_ref & ~ahead).sum())
    if low and one_sided(sides, plain_sides, errors.one_orientation) > MAX_ODDS:
        failed.append("OrientationBias")
    if count and at_ends(rows["edge"], is_alt, limits.min_edge) < limits.max_position_p:
        failed.append("PositionBias")
    if count and np.median(rows["mapq"][is_alt]) < limits.min_alt_mapq:
        failed.append("LowMapQ")
    if slip is None and count and rows["for_ref"][is_alt].mean() < limits.min_alt_baseq:
        failed.append("LowBaseQ")
    normal_depth = normal_count = normal_ref = normal_score = None
    if candidate.normal is not None:
        beside = candidate.normal[candidate.normal["allele"] >= 0]
        normal_depth = len(beside)
        normal_count = int((beside["allele"] == code[1]).sum())
        normal_ref = int((beside["allele"] == code[0]).sum())
        if slip is None:
            alt, ref = normal_base_likelihoods(
                beside["allele"], beside["for_ref"], code[1], wrong(beside)
            )
        else:
            alt, ref = likelihoods(beside)
        normal_score = normal_lod(alt, ref)
        if normal_score < limits.min_normal_lod or (
            normal_count and shared_odds(alt, ref, count, depth) > limits.max_shared_lod
        ):
            failed.append("Germline" if normal_count else "LowDepth")
    return {
        "filter": ";".join(dict.fromkeys(failed)) or "PASS",
        "tumour_dp": depth,
        "tumour_ad": count,
        "tumour_ref": int(is_ref.sum()),
        "normal_dp": normal_depth,
        "normal_ad": normal_count,
        "normal_ref": normal_ref,
        "vaf": fraction,
        "lod": score,
        "normal_lod": normal_score,
        "strand_p": balance,
    }


def at_ends(edge: NDArray[np.int16], is_alt: NDArray[np.bool_], least: float) -> float:
    """Chance that so many ALT reads lie within `least` of their end; 1 unless most do.

    The chance of one is what the other reads show, and at least 0.1.
    """
    near = int((edge[is_alt] < least).sum())
    if 2 * near <= int(is_alt.sum()):
        return 1.0
    share = max(0.1, float((edge[~is_alt] < least).mean())) if (~is_alt).any() else 0.1
    return float(scipy.special.bdtrc(near - 1, int(is_alt.sum()), share))


def _without_slip(rows: NDArray[np.void]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return indel_likelihoods(rows["for_ref"], rows["for_alt"], slippage(1, 1, 1))


def _snvs(
    core: Interval,
    tumour: Batch,
    normal: Batch | None,
    codes: NDArray[np.uint8],
    offset: int,
    reads: Reads,
    limits: Thresholds,
    errors: Errors,
) -> Iterator[Candidate]:
    counts = base_counts(tumour, core.start, core.end, reads.min_mapq, reads.min_baseq)
    reference = codes[core.start - offset : core.end - offset]
    alternative = counts.copy()
    known = reference < 4
    alternative[known, reference[known]] = 0
    alternative[~known] = 0
    depth = counts.sum(axis=1, keepdims=True)
    wanted = (alternative >= 2) & (alternative >= limits.min_vaf * depth)
    at, allele = np.nonzero(wanted)
    if not len(at):
        return
    sites = np.unique(at).astype(np.int32) + np.int32(core.start)
    seen = observe_bases(tumour, sites, reads.min_mapq, reads.min_baseq)
    beside = (
        observe_bases(normal, sites, reads.min_mapq, reads.min_baseq)
        if normal is not None
        else None
    )
    for position, alt in zip(at + core.start, allele, strict=True):
        site = int(np.searchsorted(sites, position))
        ref = int(codes[position - offset])
        candidate = Candidate(
            int(position),
            LETTER[ref],
            LETTER[alt],
            None,
            _of_site(seen, site),
            None if beside is None else _of_site(beside, site),
            {},
        )
        around = codes[position - 1 - offset : position + 2 - offset].tolist()
        candidate.row = judge(candidate, (ref, int(alt)), None, limits, errors, tuple(around))
        if _shown(candidate, limits):
            yield candidate


def _of_site(rows: NDArray[np.void], site: int) -> NDArray[np.void]:
    low, high = np.searchsorted(rows["site"], [site, site + 1])
    return rows[low:high]


def _indel_candidates(
    core: Interval,
    tumour: Batch,
    normal: Batch | None,
    codes: NDArray[np.uint8],
    offset: int,
    reads: Reads,
    limits: Thresholds,
    errors: Errors,
) -> Iterator[Candidate]:
    found = indel_counts(tumour, codes, offset, reads.min_mapq)
    hidden = indels_of_clips(tumour, codes, offset, reads.min_mapq)
    for indel in sorted(found.keys() | hidden.keys()):
        size = max(indel.deleted, len(indel.inserted))
        shown = found[indel] >= 2 or hidden[indel] > 0
        # In deep data most indels are errors: those far below the least fraction are no candidates.
        depth = _reads_over(tumour, indel.anchor)
        shown = shown and found[indel] + hidden[indel] >= 0.3 * limits.min_vaf * depth
        if not shown or size > MAX_INDEL or not core.start <= indel.anchor < core.end:
            continue
        at = indel.anchor - offset
        if (codes[at : at + indel.deleted + 1] == 4).any():
            continue
        unit, tract = _tract(indel, codes, offset)
        letters = "".join(LETTER[c] for c in codes[at : at + indel.deleted + 1])
        candidate = Candidate(
            indel.anchor,
            letters,
            letters[0] + indel.inserted,
            indel,
            observe_indel(tumour, indel, codes, offset, reads.min_mapq),
            observe_indel(normal, indel, codes, offset, reads.min_mapq)
            if normal is not None
            else None,
            {},
        )
        rate = slippage(unit, tract, size)
        candidate.row = judge(candidate, (0, 1), rate, limits, errors)
        if _shown(candidate, limits):
            yield candidate


def _reads_over(batch: Batch, position: int) -> int:
    """Reads whose alignment covers a position."""
    high = int(np.searchsorted(batch.start, position, side="right"))
    return int((batch.end[:high] > position).sum())


def _shown(candidate: Candidate, limits: Thresholds) -> bool:
    """Whether two fragments, and the least fraction, show the allele: else it is no candidate."""
    count, depth = candidate.row["tumour_ad"], candidate.row["tumour_dp"]
    assert isinstance(count, int)
    assert isinstance(depth, int)
    return count >= max(2, limits.min_vaf * depth)


def _refuse_rivals(candidates: Sequence[Candidate]) -> None:
    """Mark passing indels whose reads fit another passing indel nearby better.

    A clip with a sequencing error, or one the aligner cut elsewhere, proposes a twin of the true
    allele. Of two that share half of their carriers the one stays that leaves fewer mismatches in
    the fragments of both.
    """
    rivals = [c for c in candidates if c.indel and c.row["filter"] == "PASS"]
    for first, second in ((a, b) for n, a in enumerate(rivals) for b in rivals[n + 1 :]):
        if abs(first.anchor - second.anchor) > RIVAL:
            continue
        (one, _), (two, _) = first.carriers, second.carriers
        if 2 * len(one & two) < min(len(one), len(two)):
            continue
        unlike = [_mismatches(candidate, one | two) for candidate in (first, second)]
        loser = second if unlike[0] <= unlike[1] else first
        loser.row["filter"] = "OtherAllele"


def _mismatches(candidate: Candidate, fragments: set[int]) -> float:
    """Summed quality of the mismatches of `fragments` to the nearer of the two haplotypes."""
    chosen = np.isin(candidate.tumour["fragment"], np.array(sorted(fragments), np.uint64))
    rows = candidate.tumour[chosen]
    return float(np.minimum(rows["for_ref"], rows["for_alt"]).sum())


def _linked(first: Candidate, second: Candidate) -> bool:
    """Whether the two alleles sit on the same molecules: at least 4 of 5 carriers have both."""
    (carry_1, cover_1), (carry_2, cover_2) = first.carriers, second.carriers
    either = (carry_1 | carry_2) & cover_1 & cover_2
    return len(carry_1 & carry_2) >= max(2, 0.8 * len(either))


def call_window(
    window: Interval,
    tumour: Batch,
    normal: Batch | None,
    reads: Reads,
    limits: Thresholds,
    errors: Errors | None = None,
) -> list[dict[str, object]]:
    """Rows of the SOMATIC contract (chrom as the contig, no interval) for one window.

    phase_set is provisional: the position of the passing allele just before that sits on the
    same reads (`name_phase_sets` makes blocks of them, across windows).
    """
    padded = Interval(window.contig, max(0, window.start - PAD), window.end + PAD)
    offset = padded.start - READ_PAD
    codes = reference_codes(reads.reference, window.contig, offset, padded.end + READ_PAD)
    arguments = (padded, tumour, normal, codes, offset, reads, limits, errors or nominal())
    candidates = [*_snvs(*arguments), *_indel_candidates(*arguments)]
    candidates.sort(key=lambda c: (c.anchor, c.ref, c.alt))
    _refuse_rivals(candidates)
    passed = [c for c in candidates if c.row["filter"] == "PASS"]
    before: dict[int, int] = {}
    for first, second in pairwise(passed):
        if first.anchor < second.anchor <= first.anchor + PHASE and _linked(first, second):
            before[id(second)] = first.anchor + 1
    return [
        {
            "chrom": window.contig,
            "pos": c.anchor + 1,
            "ref": c.ref,
            "alt": c.alt,
            **c.row,
            "phase_set": before.get(id(c)),
            "haplotype": None,
        }
        for c in candidates
        if window.start <= c.anchor < window.end
    ]


def call_somatic(
    reads: Reads,
    intervals: Sequence[Interval],
    limits: Thresholds,
    aliases: dict[str, str] | None = None,
    errors: Errors | None = None,
) -> pl.DataFrame:
    """SOMATIC table of the intervals, phase sets provisional; `errors`: None if not measured."""
    order = contig_order(reads.tumour)
    cuts = [windows(intervals, STEP, order)]
    if reads.normal and contig_order(reads.normal) != order:  # two orders: contig by contig
        cuts = [
            windows([i for i in intervals if i.contig == contig], STEP)
            for contig in dict.fromkeys(interval.contig for interval in intervals)
        ]
    rows: list[dict[str, object]] = []
    for cut in cuts:
        tumours = read_windows(reads.tumour, reads.reference, cut, READ_PAD + PAD)
        normals: Iterable[tuple[Batch | None, list[str]]] = repeat((None, []))
        if reads.normal:
            normals = read_windows(reads.normal, reads.reference, cut, READ_PAD + PAD)
        for window, (tumour, _), (normal, _) in zip(cut, tumours, normals, strict=False):
            rows += call_window(window, tumour, normal, reads, limits, errors)
    return as_table(rows, aliases)


def as_table(
    rows: Sequence[dict[str, object]], aliases: dict[str, str] | None = None
) -> pl.DataFrame:
    """SOMATIC table of rows that name contigs; adds the intervals of the fractions."""
    absent = {"vaf_low", "vaf_high"}
    schema = {
        name: pl.String if name == "chrom" else dtype
        for name, dtype in SOMATIC.schema.items()
        if name not in absent
    }
    table = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        pl.col("chrom").map_elements(
            lambda contig: canonical(contig, aliases), return_dtype=pl.String
        )
    )
    low, high = fraction_interval(table["tumour_ad"].to_numpy(), table["tumour_dp"].to_numpy())
    return SOMATIC.table(table.with_columns(vaf_low=pl.Series(low), vaf_high=pl.Series(high)))


def name_phase_sets(table: pl.DataFrame) -> pl.DataFrame:
    """`table` with the provisional links of `call_window` turned into names of blocks.

    A block is named by the position of its first allele; an allele linked to none has null.
    """
    table = table.sort(ALLELE, maintain_order=True)
    heads: dict[tuple[str, int], int] = {}
    for chrom, pos, before in table.select("chrom", "pos", "phase_set").iter_rows():
        if before is not None:
            head = heads.setdefault((chrom, before), before)
            heads[chrom, pos] = head
    names = [
        heads.get((chrom, pos)) if passed else None
        for chrom, pos, passed in table.select(
            "chrom", "pos", pl.col("filter") == "PASS"
        ).iter_rows()
    ]
    return table.with_columns(phase_set=pl.Series(names, dtype=pl.Int32))
