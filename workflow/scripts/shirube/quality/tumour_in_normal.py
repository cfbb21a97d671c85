"""How much of the normal is tumour: its reads of alleles that the tumour has.

At a somatic site the normal shows the allele at the tumour's fraction times the share of tumour in
the normal; alleles the caller filtered because the normal shows them count as well: they are the
ones that tell. A genome has hundreds of inherited alleles for each somatic one, and those that
happen to show few reads look like tumour in the normal. A site is taken only if the normal shows
so few reads that one inherited allele of all, at most, is expected among those taken; how likely a
count is, is asked among the counts that are taken. The question is that of deTiN (Taylor-Weiner et
al. 2018, doi:10.1038/s41592-018-0036-9); the model is our own.
"""

import math

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from shirube.quality.contamination import ERROR, Contamination, fitted

GRID = np.concatenate([np.arange(0, 0.1, 0.001), np.arange(0.1, 0.501, 0.01)])
KINDS = np.array([0.9, 0.1])  # somatic, inherited
PRIOR_SITES = 2
MIN_SITES, MIN_READS, MIN_LOD = 10, 5, 6.0
MAX_SITES = 5000  # evenly spaced; more add nothing but memory
HETEROZYGOUS = 0.45  # mapping favours the reference
MAX_CHANCE, MAX_PART = 0.01, 0.3  # of an inherited allele, of the normal's reads
_BY_NORMAL = ("PASS", "Germline")  # fates that say nothing against the allele in the tumour
_TINY = 1e-300


def most_reads(depth: NDArray[np.float64], chance: float) -> NDArray[np.float64]:
    """Most reads of an allele in `depth` with which it is taken; -1 where none is few enough.

    A heterozygous normal shows so few with less than `chance`; they are less than MAX_PART of all.
    """
    reads = np.floor(np.nan_to_num(scipy.special.bdtrik(chance, depth, HETEROZYGOUS), nan=0.0))
    reads = np.minimum(reads, np.ceil(MAX_PART * depth) - 1)
    return np.where((1 - HETEROZYGOUS) ** depth < chance, reads, -1.0)


def tumour_in_normal(somatic: pl.DataFrame) -> Contamination | None:
    """Share of tumour cells' DNA in the normal, from SNVs of SOMATIC.

    None where fewer than MIN_SITES alleles remain that are sure in the tumour and, by the normal's
    reads, not inherited.
    """
    sure = somatic.filter(
        pl.col("filter").is_in(_BY_NORMAL)
        & (pl.col("ref").str.len_bytes() == 1)
        & (pl.col("alt").str.len_bytes() == 1)
        & (pl.col("tumour_ad") >= MIN_READS)
        & (pl.col("lod") >= MIN_LOD)
        & pl.col("normal_dp").is_not_null()
    )
    chance = min(MAX_CHANCE, 1 / max(sure.height, 1))
    most = most_reads(sure["normal_dp"].to_numpy().astype(np.float64), chance)
    rows = sure.filter(sure["normal_ad"] <= pl.Series(most))
    if rows.height < MIN_SITES:
        return None
    rows = rows.gather_every(math.ceil(rows.height / MAX_SITES))
    k, n, vaf = (rows[c].to_numpy().astype(np.float64) for c in ("normal_ad", "normal_dp", "vaf"))
    p = np.empty((len(GRID), rows.height, len(KINDS)))
    p[:, :, 0] = GRID[:, None] * vaf[None, :]
    p[:, :, 1] = 0.5
    p = p * (1 - 2 * ERROR) + ERROR
    n, k = n[None, :, None], k[None, :, None]
    gammaln = scipy.special.gammaln
    logs = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    logs = logs + k * np.log(p) + (n - k) * np.log1p(-p)
    most = most_reads(n, chance)
    taken = scipy.special.betainc(n - most, most + 1, 1 - p)  # chance of a count that is taken
    logs -= np.log(np.maximum(taken, _TINY))
    best, low, high = fitted(logs, n[0, :, 0], GRID, KINDS, PRIOR_SITES)
    return Contamination(best, low, high, rows.height)
