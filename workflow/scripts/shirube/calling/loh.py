"""Loss of heterozygosity: the normal's heterozygous alleles counted again in the tumour."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.stats import fisher_exact

from shirube.calling.somatic_model import fraction_interval
from shirube.calling.variant_files import contig_names
from shirube.contracts import ALLELE, LOH
from shirube.reads.bam import Batch, read_windows
from shirube.reads.indels import Indel, observe_indel
from shirube.reads.pileup import observe_bases
from shirube.reads.reference import LETTER, reference_codes
from shirube.regions import Interval

READ_PAD = 400
MAX_P, RETAINED, LOST = 0.01, (0.25, 0.75), 0.15


def count_alleles(
    path: str,
    reference: str,
    alleles: pl.DataFrame,
    min_mapq: int,
    min_baseq: int,
    aliases: dict[str, str] | None = None,
) -> pl.DataFrame:
    """`alleles` (chrom, pos, ref, alt) with `ad` and `dp`: fragments with the allele, and all.

    Alleles that are neither one base for another nor a pure insertion or deletion have null.
    """
    names = contig_names(reference, aliases)
    parts = [alleles.clear().with_columns(ad=pl.lit(None, pl.Int32), dp=pl.lit(None, pl.Int32))]
    for (chrom,), group in alleles.sort(ALLELE).group_by(["chrom"], maintain_order=True):
        rows = list(group.select("pos", "ref", "alt").iter_rows())
        cut = _windows(names[str(chrom)], [row[0] - 1 for row in rows])
        counts: list[tuple[int | None, int | None]] = []
        for window, (batch, _) in zip(
            cut, read_windows(path, reference, cut, READ_PAD), strict=True
        ):
            offset = window.start - READ_PAD
            codes = reference_codes(reference, window.contig, offset, window.end + READ_PAD)
            while len(counts) < len(rows) and rows[len(counts)][0] - 1 < window.end:
                counts.append(_count(batch, rows[len(counts)], codes, offset, min_mapq, min_baseq))
        columns = zip(*counts, strict=True)
        parts.append(
            group.with_columns(
                pl.Series(name, values, dtype=pl.Int32)
                for name, values in zip(("ad", "dp"), columns, strict=True)
            )
        )
    return pl.concat(parts)


def _windows(contig: str, positions: Sequence[int], gap: int = 1000) -> list[Interval]:
    """Windows around ascending 0-based positions, split where they lie `gap` apart."""
    out: list[Interval] = []
    for position in positions:
        if out and position < out[-1].end + gap and position - out[-1].start < 20_000:
            out[-1] = Interval(contig, out[-1].start, max(position + 1, out[-1].end))
        else:
            out.append(Interval(contig, position, position + 1))
    return out


def _count(
    batch: Batch,
    allele: tuple[int, str, str],
    codes: np.ndarray,
    offset: int,
    min_mapq: int,
    min_baseq: int,
) -> tuple[int | None, int | None]:
    pos, ref, alt = allele
    if len(ref) == len(alt) == 1:
        seen = observe_bases(batch, np.array([pos - 1], np.int32), min_mapq, min_baseq)
        return int((seen["allele"] == LETTER.index(alt)).sum()), len(seen)
    if ref[0] != alt[0] or min(len(ref), len(alt)) > 1:
        return None, None
    seen = observe_indel(batch, Indel(pos - 1, len(ref) - 1, alt[1:]), codes, offset, min_mapq)
    return int((seen["allele"] == 1).sum()), int((seen["allele"] >= 0).sum())


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
        [
            fisher_exact([[a, d - a], [b, n - b]])[1]
            for a, d, b, n in zip(ad, dp, beside, depth, strict=True)
        ],
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
