"""Purity, ploidy and whole-genome doubling of a tumour, beside its segments.

A genome counts as doubled where the commoner parental chromosome has two copies or more over more
than half of the autosomes (Bielski et al., Nat Genet 2018, doi 10.1038/s41588-018-0165-1). It is
unknown where purity does not rest on copy number, or where the parental copies are unknown over
more than half of what was measured: a genome doubled as a whole, and otherwise unchanged, has the
depths and fractions of an unchanged one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from shirube.calling.copy_number.calling import Segment
from shirube.calling.copy_number.segments import PENALTY

DOUBLED_SHARE, ENOUGH = 0.5, 0.5
NOISE = ("noise", "bin", "change")
FINE = ("fine_noise", "fine_bin", "fine_change")
SAID = {True: "yes", False: "no", None: "unknown"}
_SEX = ("chrX", "chrY", "chrM")


def doubled(segments: pl.DataFrame, source: str) -> tuple[bool | None, float | None]:
    """(whether the genome is doubled, share of assessed autosomal bases with two major copies).

    `segments` is COPY_NUMBER; `source` says what purity rests on (copy_number, vaf or none).
    """
    own = segments.filter(~pl.col("chrom").cast(pl.String).is_in(_SEX)).with_columns(
        # A genome has more bases than 32 bits count.
        bases=(pl.col("end") - pl.col("start")).cast(pl.Int64),
        major=pl.col("total_cn") - pl.col("minor_cn"),
    )
    known = own.drop_nulls("major")
    assessed = int(known["bases"].sum())
    if source != "copy_number" or not assessed:
        return None, None
    share = int(known.filter(pl.col("major") >= 1.5)["bases"].sum()) / assessed
    if assessed < ENOUGH * int(own["bases"].sum()):
        return None, share
    return share > DOUBLED_SHARE, share


def about_doubling(segments: pl.DataFrame, source: str) -> dict[str, str]:
    """The same as metadata of the table."""
    verdict, share = doubled(segments, source)
    shown = "unknown" if share is None else f"{share:.3f}"
    return {"whole_genome_doubled": SAID[verdict], "doubled_share": shown}


def about_noise(segments: Sequence[Segment]) -> dict[str, str]:
    """What a change must rise above, as metadata of the table.

    noise: standard deviation of log2 from bin to bin; bin: bases of a bin; change: how many times
    its own error a segment inside a chromosome must differ to be cut out of it (its two cuts cost
    two penalties of `change_points`).
    """
    if not segments:
        return dict.fromkeys(NOISE, "unknown")
    noise = max(segment.error * segment.bins**0.5 for segment in segments)
    size = float(np.median([(s.end - s.start) / s.bins for s in segments]))
    counts: Counter[str] = Counter()
    for segment in segments:
        counts[segment.chrom] += segment.bins
    change = float(np.sqrt(2 * PENALTY * np.log(max(counts.values()))))
    return {"noise": f"{noise:.4f}", "bin": f"{size:.0f}", "change": f"{change:.2f}"}


def tumour_state(about: Mapping[str, str]) -> dict[str, Any]:
    """Metadata of COPY_NUMBER as values: null where unknown, never a default.

    Of a purity that nothing could be said of, its interval and the ploidy (then assumed) are null.
    """

    def value(key: str) -> float | None:
        text = about.get(key, "unknown")
        return None if text == "unknown" else float(text)

    source, purity = about.get("purity_source", "none"), value("purity")
    names = ("purity_low", "purity_high", "ploidy")
    doubling = {said: verdict for verdict, said in SAID.items()}
    return {
        "purity": purity,
        "purity_source": source,
        **{name: None if purity is None else value(name) for name in names},
        "whole_genome_doubled": doubling[about.get("whole_genome_doubled", "unknown")],
        **{name: value(name) for name in (*NOISE, *FINE, "doubled_share")},
    }
