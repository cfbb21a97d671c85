"""How much of the normal is tumour: its reads of alleles that the tumour has.

At a somatic site the normal shows the allele at the tumour's fraction times the share of tumour in
the normal; at an inherited one at half or all of its reads. Which sites are which is fitted with
the share, so that alleles the caller filtered because the normal shows them count as well: they
are the ones that tell. The question is that of deTiN (Taylor-Weiner et al. 2018,
doi:10.1038/s41592-018-0036-9); the model is our own.
"""

import numpy as np
import polars as pl
from scipy.special import gammaln

from shirube.quality.contamination import ERROR, Contamination, fitted

GRID = np.concatenate([np.arange(0, 0.1, 0.001), np.arange(0.1, 0.501, 0.01)])
KINDS = np.array([0.5, 0.3, 0.2])  # somatic, heterozygous, homozygous
PRIOR_SITES = 2
MIN_SITES, MIN_DEPTH, MIN_READS, MIN_LOD = 10, 15, 5, 6.0
_BY_NORMAL = ("PASS", "Germline")  # fates that say nothing against the allele in the tumour


def tumour_in_normal(somatic: pl.DataFrame) -> Contamination | None:
    """Share of tumour cells' DNA in the normal, from SNVs of SOMATIC.

    None where fewer than MIN_SITES alleles, sure in the tumour and covered in the normal, remain
    that are not plainly inherited.
    """
    rows = somatic.filter(
        pl.col("filter").is_in(_BY_NORMAL)
        & (pl.col("ref").str.len_bytes() == 1)
        & (pl.col("alt").str.len_bytes() == 1)
        & (pl.col("tumour_ad") >= MIN_READS)
        & (pl.col("lod") >= MIN_LOD)
        & (pl.col("normal_dp") >= MIN_DEPTH)
    )
    rows = rows.filter(pl.col("normal_ad") < 0.3 * pl.col("normal_dp"))
    if rows.height < MIN_SITES:
        return None
    k, n, vaf = (rows[c].to_numpy().astype(np.float64) for c in ("normal_ad", "normal_dp", "vaf"))
    inherited = np.array([0.5, 1.0])
    p = np.empty((len(GRID), rows.height, 3))
    p[:, :, 0] = GRID[:, None] * vaf[None, :]
    p[:, :, 1:] = inherited[None, None, :]
    p = p * (1 - 2 * ERROR) + ERROR
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    logs = (
        choose[None, :, None] + k[None, :, None] * np.log(p) + (n - k)[None, :, None] * np.log1p(-p)
    )
    best, low, high = fitted(logs, n, GRID, KINDS, PRIOR_SITES)
    return Contamination(best, low, high, rows.height)
