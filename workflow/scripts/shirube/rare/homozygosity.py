"""Runs of homozygosity and uniparental disomy.

Runs are told from the order of a person's passing autosomal SNVs alone: a run is a stretch whose
variant sites are homozygous but for errors (one heterozygote among fifty), at least 1.5 Mb long
and with enough sites. Uniparental disomy is told in a trio, chromosome by chromosome, from sites
at which the parents are opposite homozygotes: a child that is homozygous there has both copies
from one parent (Mendelian errors all of one kind). One parent's two copies may be the same
(isodisomy, homozygous everywhere) or both of that parent's (heterodisomy).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from shirube.contracts.family import HOMOZYGOSITY

MIN_LENGTH, MIN_RUN_SITES = 1_500_000, 50
HET_PENALTY = 25.0
MAX_GAP = 1_000_000
MIN_INFORMATIVE, UPD_SHARE = 20, 0.8


@dataclass(frozen=True)
class Run:
    """Indices [first, last] of sites and how many of them are heterozygous."""

    first: int
    last: int
    heterozygotes: int


def runs(pos: np.ndarray, heterozygous: np.ndarray) -> list[Run]:
    """Maximal runs of homozygous sites of one chromosome, `pos` ascending.

    Each homozygous site adds one, each heterozygous one takes HET_PENALTY; a run is a maximal
    scoring stretch (Ruzzo and Tompa's segments, found by dropping a negative prefix). A gap of
    more than MAX_GAP without any site ends a run: nothing is known of it.
    """
    out: list[Run] = []
    begin, score, best, last = 0, 0.0, 0.0, -1
    gaps = np.flatnonzero(np.diff(pos) > MAX_GAP) + 1

    def close(until: int) -> None:
        if best > 0 and last >= begin:
            out.append(Run(begin, last, int(heterozygous[begin : last + 1].sum())))

    for piece in np.split(np.arange(len(pos)), gaps):
        if not len(piece):
            continue
        begin, score, best, last = int(piece[0]), 0.0, 0.0, -1
        for at in piece:
            score += -HET_PENALTY if heterozygous[at] else 1.0
            if score > best:
                best, last = score, int(at)
            if score < 0 or best - score > HET_PENALTY * 1.5:
                close(int(at))
                begin, score, best, last = int(at) + 1, 0.0, 0.0, -1
        close(int(piece[-1]) + 1)
    return out


def homozygous_runs(calls: pl.DataFrame) -> pl.DataFrame:
    """Runs of homozygosity from passing autosomal SNVs (chrom, pos, dosage), one row a run."""
    rows = []
    autosomes = calls.filter(~pl.col("chrom").cast(pl.String).is_in(["chrX", "chrY", "chrM"]))
    for (chrom,), part in autosomes.sort("chrom", "pos").group_by("chrom", maintain_order=True):
        pos = part["pos"].to_numpy()
        for run in runs(pos, part["dosage"].to_numpy() == 1):
            start, end = int(pos[run.first]) - 1, int(pos[run.last])
            sites = run.last - run.first + 1
            if end - start >= MIN_LENGTH and sites >= MIN_RUN_SITES:
                reason = f"{(end - start) / 1e6:.1f} Mb, {sites} sites"
                rows.append((chrom, start, end, "roh", sites, run.heterozygotes, reason))
    return _table(rows)


def uniparental(trio: pl.DataFrame) -> pl.DataFrame:
    """Chromosomes inherited from one parent; `trio`: chrom, pos, child, father, mother (copies).

    Informative sites have opposite homozygous parents: a heterozygous child has both parents'
    copies, a homozygous one only one parent's.
    """
    informative = trio.filter((pl.col("father") - pl.col("mother")).abs() == 2)
    found = (
        informative.group_by("chrom", maintain_order=True)
        .agg(
            start=pl.col("pos").min() - 1,
            end=pl.col("pos").max(),
            all=pl.len(),
            upd_maternal=(pl.col("child") == pl.col("mother")).sum(),
            upd_paternal=(pl.col("child") == pl.col("father")).sum(),
        )
        .sort("chrom")
    )
    rows = []
    for row in found.rows(named=True):
        for kind in ("upd_maternal", "upd_paternal"):
            if row["all"] >= MIN_INFORMATIVE and row[kind] >= UPD_SHARE * row["all"]:
                parent = kind.removeprefix("upd_")
                reason = f"{row[kind]} of {row['all']} informative sites hold {parent} copies only"
                rows.append(
                    (row["chrom"], row["start"], row["end"], kind, row[kind],
                     row["all"] - row[kind], reason)
                )  # fmt: skip
    return _table(rows)


def _table(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    table = pl.DataFrame(list(rows), schema=HOMOZYGOSITY.polars, orient="row")
    return HOMOZYGOSITY.table(table)
