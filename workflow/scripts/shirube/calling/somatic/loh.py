"""Loss of heterozygosity: the normal's heterozygous alleles counted again in the tumour."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from shirube.calling.somatic.model import fisher_p, fraction_interval
from shirube.calling.variant_files import contig_names
from shirube.contracts import ALLELE, LOH
from shirube.genome.intervals import Interval
from shirube.reads.bam import Batch, contig_order, read_windows
from shirube.reads.indels import Indel, observe_indel
from shirube.reads.pileup import observe_bases
from shirube.reads.reference import LETTER, reference_codes
from shirube.reads.shards import gathered

Counts = tuple[int | None, int | None]
READ_PAD = 400
MAX_P, RETAINED, LOST = 0.01, (0.25, 0.75), 0.15


def count_alleles(
    path: str,
    reference: str,
    alleles: pl.DataFrame,
    min_mapq: int,
    min_baseq: int,
    aliases: dict[str, str] | None = None,
    threads: int = 1,
) -> pl.DataFrame:
    """`alleles` (chrom, pos, ref, alt) with `ad` and `dp`: fragments with the allele, and all.

    Alleles that are neither one base for another nor a pure insertion or deletion have null.
    """
    names, order = contig_names(reference, aliases), contig_order(path)
    rank = {contig: index for index, contig in enumerate(order)}
    rows = sorted(
        alleles.select(ALLELE).iter_rows(), key=lambda r: (rank[names[r[0]]], r[1], r[2], r[3])
    )
    cut, first = _windows([(names[row[0]], row[1] - 1) for row in rows])

    def work(own: range) -> list[Counts]:
        part, out = cut[own.start : own.stop], []
        batches = read_windows(path, reference, part, READ_PAD)
        for number, window, (batch, _) in zip(own, part, batches, strict=True):
            offset = window.start - READ_PAD
            codes = reference_codes(reference, window.contig, offset, window.end + READ_PAD)
            there = [row[1:] for row in rows[first[number] : first[number + 1]]]
            out += _counts(batch, there, codes, offset, min_mapq, min_baseq)
        return out

    counts = [count for part in gathered(work, cut, threads) for count in part]
    counted = pl.Schema({"ad": pl.Int32, "dp": pl.Int32})
    schema = pl.Schema([*alleles.select(ALLELE).schema.items(), *counted.items()])
    both = [(*row, *count) for row, count in zip(rows, counts, strict=True)]
    return pl.DataFrame(both, schema=schema, orient="row")


def _windows(
    places: Sequence[tuple[str, int]], gap: int = 1000
) -> tuple[list[Interval], list[int]]:
    """Windows around sorted (contig, 0-based position), split where they lie `gap` apart.

    And which place is the first of each window, their number at the end.
    """
    out: list[Interval] = []
    first: list[int] = []
    for number, (contig, position) in enumerate(places):
        last = out[-1] if out else None
        near = last and last.contig == contig and position < last.end + gap
        if last and near and position - last.start < 20_000:
            out[-1] = Interval(contig, last.start, max(position + 1, last.end))
        else:
            out.append(Interval(contig, position, position + 1))
            first.append(number)
    return out, [*first, len(places)]


def _counts(
    batch: Batch,
    alleles: Sequence[tuple[int, str, str]],
    codes: np.ndarray,
    offset: int,
    min_mapq: int,
    min_baseq: int,
) -> list[Counts]:
    """(ad, dp) of the alleles (pos, ref, alt) of one window; all its single bases at once."""
    single = sorted({pos - 1 for pos, ref, alt in alleles if len(ref) == len(alt) == 1})
    seen = observe_bases(batch, np.array(single, np.int32), min_mapq, min_baseq)
    bases = np.zeros((len(single), len(LETTER)), np.int64)
    np.add.at(bases, (seen["site"], seen["allele"]), 1)
    site = {position: number for number, position in enumerate(single)}
    out: list[Counts] = []
    for pos, ref, alt in alleles:
        if len(ref) == len(alt) == 1:
            own = bases[site[pos - 1]]
            out.append((int(own[LETTER.index(alt)]), int(own.sum())))
        elif ref[0] != alt[0] or min(len(ref), len(alt)) > 1:
            out.append((None, None))
        else:
            indel = Indel(pos - 1, len(ref) - 1, alt[1:])
            shown = observe_indel(batch, indel, codes, offset, min_mapq)["allele"]
            out.append((int((shown == 1).sum()), int((shown >= 0).sum())))
    return out


def loss_of_heterozygosity(normal: pl.DataFrame, tumour: pl.DataFrame) -> pl.DataFrame:
    """LOH table from counts (ALLELE, ad, dp) of the same alleles in both samples.

    p: Fisher's exact, two-sided. State: `ref_lost` or `alt_lost` where p < 0.01 and the tumour's
    fraction lies more than 0.15 beyond the normal's; `retained` where the 95% interval of the
    tumour's fraction lies within 0.25 ... 0.75; `unknown` otherwise.
    """
    both = normal.rename({"ad": "normal_ad", "dp": "normal_dp"}).join(
        tumour.rename({"ad": "tumour_ad", "dp": "tumour_dp"}), on=ALLELE, validate="1:1"
    )
    both = both.drop_nulls().filter(pl.col("normal_dp") > 0)
    ad, dp = both["tumour_ad"].to_numpy(), both["tumour_dp"].to_numpy()
    beside, depth = both["normal_ad"].to_numpy(), both["normal_dp"].to_numpy()
    p = np.array(
        [fisher_p(a, d - a, b, n - b) for a, d, b, n in zip(ad, dp, beside, depth, strict=True)],
        np.float64,
    )
    low, high = fraction_interval(ad, dp)
    with np.errstate(invalid="ignore"):
        shift = ad / dp - beside / depth
        lost = (p < MAX_P) & (np.abs(shift) > LOST)
    kept = (low >= RETAINED[0]) & (high <= RETAINED[1])
    state = np.where(
        lost, np.where(shift > 0, "ref_lost", "alt_lost"), np.where(kept, "retained", "unknown")
    )
    return LOH.table(
        both.with_columns(
            tumour_vaf=pl.when(pl.col("tumour_dp") > 0).then(
                pl.col("tumour_ad") / pl.col("tumour_dp")
            ),
            tumour_vaf_low=pl.Series(low, dtype=pl.Float64),
            tumour_vaf_high=pl.Series(high, dtype=pl.Float64),
            p=pl.Series(p, dtype=pl.Float64),
            state=pl.Series(state.tolist(), dtype=pl.String),
        )
    )
