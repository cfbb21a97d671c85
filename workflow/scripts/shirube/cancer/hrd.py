"""Scars of deficient homologous recombination in a tumour's allele-specific copies.

    LOH  regions of more than 15 Mb without one parent's copy, shorter than the chromosome
         (Abkevich et al., Br J Cancer 2012, doi 10.1038/bjc.2012.451)
    TAI  regions of unequal parents' copies that reach a chromosome's end and not its centromere
         (Birkbak et al., Cancer Discov 2012, doi 10.1158/2159-8290.CD-11-0206); where most of a
         chromosome has an odd number of copies, that number itself is no imbalance (as scarHRD)
    LST  breaks between regions of 10 Mb or more in one arm, after what is below 3 Mb was left out
         (Popova et al., Cancer Res 2012, doi 10.1158/0008-5472.CAN-12-1470)

Their sum is the score of Telli et al. (Clin Cancer Res 2016, doi 10.1158/1078-0432.CCR-15-2477).
Numbers are those of resources/hrd_criteria.tsv. The interval is that of copies drawn anew within
their errors and the purity's interval. It is no companion diagnostic: those are laboratory tests
of their own.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from shirube.calling.somatic.markers import Row, marker
from shirube.cancer.clonality import purity_of
from shirube.interpret.curated import read_curated
from shirube.reasons import Reason, because

MEGABASE = 1_000_000
DRAWS = 200
SCORE = "score"
# Errors of a segment's log2 ratio and imbalance: of the fit, and of one bin and one site.
RATIO_ERROR, BIN_ERROR, BAF_ERROR, SITE_ERROR = 0.02, 0.15, 0.01, 0.07
AUTOSOMES = [f"chr{n}" for n in range(1, 23)]
Piece = tuple[int, int, int, int]  # start, end (0-based half-open), major and minor copies
Genome = Mapping[str, Sequence[Piece]]
Centromeres = Mapping[str, tuple[int, int]]


def criteria(path: str) -> dict[str, float]:
    """Numbers of resources/hrd_criteria.tsv by name."""
    return {row["criterion"]: float(row["value"]) for row in read_curated(path).rows(named=True)}


def centromeres(path: str, build: str) -> dict[str, tuple[int, int]]:
    """Centromere of each chromosome of a build (0-based half-open); empty if the table has none."""
    rows = read_curated(path).filter(pl.col("build") == build).rows(named=True)
    return {row["chrom"]: (int(row["start"]), int(row["end"])) for row in rows}


def merged(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of the same copies joined, whatever lies between them."""
    out: list[Piece] = []
    for piece in pieces:
        if out and out[-1][2:] == piece[2:]:
            out[-1] = (out[-1][0], max(out[-1][1], piece[1]), *piece[2:])
        else:
            out.append(piece)
    return out


def loss_regions(genome: Genome, longest: float) -> int:
    """Regions without one parent's copy longer than `longest`, on chromosomes that keep some of it.

    What was lost from both is no such region and ends it.
    """
    count = 0
    for pieces in genome.values():
        if all(minor == 0 for *_, minor in pieces):
            continue
        capped = [(start, end, min(major, 1), minor) for start, end, major, minor in pieces]
        count += sum(
            minor == 0 and major > 0 and end - start > longest
            for start, end, major, minor in merged(capped)
        )
    return count


def _usual_copies(pieces: Sequence[Piece]) -> int:
    """The number of copies most of a chromosome has; 0 never counts."""
    lengths: dict[int, int] = {}
    for start, end, major, minor in pieces:
        lengths[major + minor] = lengths.get(major + minor, 0) + end - start
    lengths.pop(0, None)
    return max(sorted(lengths), key=lambda copies: lengths[copies]) if lengths else 2


def _unequal(piece: Piece, usual: int) -> bool:
    major, minor = piece[2:]
    if usual == 1 or usual % 2 == 0:
        return major != minor
    return not (major + minor == usual and minor > 0)


def telomeric_imbalances(genome: Genome, middle: Centromeres, least: float) -> int:
    """Unequal regions of `least` bases or more at an end of a chromosome, not over its middle."""
    count = 0
    for chrom, pieces in genome.items():
        own = merged([piece for piece in pieces if piece[1] - piece[0] >= least])
        if len(own) < 2:  # the whole chromosome, or nothing
            continue
        usual = _usual_copies(own)
        count += _unequal(own[0], usual) and own[0][1] < middle[chrom][0]
        count += _unequal(own[-1], usual) and own[-1][0] > middle[chrom][1]
    return count


def _smoothed(pieces: Sequence[Piece], least: float) -> list[Piece]:
    """`pieces` without those shorter than `least`, neighbours joined after each is left out."""
    out = merged(pieces)
    while short := [n for n, piece in enumerate(out) if piece[1] - piece[0] < least]:
        out = merged(out[: short[0]] + out[short[0] + 1 :])
    return out


def transitions(genome: Genome, middle: Centromeres, smooth: float, long: float) -> int:
    """Breaks between regions of `long` bases or more, less than `smooth` apart, in one arm."""
    count = 0
    for chrom, pieces in genome.items():
        low, high = middle[chrom]
        left = [(start, min(end, low), *copies) for start, end, *copies in pieces if start < low]
        right = [(max(start, high), end, *copies) for start, end, *copies in pieces if end > high]
        for arm in (left, right):
            kept = _smoothed([(s, e, c[0], c[1]) for s, e, *c in arm], smooth)
            count += sum(
                one[1] - one[0] >= long and two[1] - two[0] >= long and two[0] - one[1] < smooth
                for one, two in pairwise(kept)
            )
    return count


def scars(genome: Genome, middle: Centromeres, asked: Mapping[str, float]) -> tuple[int, int, int]:
    """LOH, TAI and LST of whole copies on autosomes."""
    size = {name: asked[name] * MEGABASE for name in ("loh_mb", "tai_mb", "lst_smooth_mb",
                                                       "lst_mb")}  # fmt: skip
    return (
        loss_regions(genome, size["loh_mb"]),
        telomeric_imbalances(genome, middle, size["tai_mb"]),
        transitions(genome, middle, size["lst_smooth_mb"], size["lst_mb"]),
    )


def whole_copies(
    table: pl.DataFrame, total: np.ndarray, minor: np.ndarray
) -> dict[str, list[Piece]]:
    """Whole copies by chromosome from measured ones."""
    whole = np.rint(total).astype(int)
    less = np.minimum(np.rint(minor).astype(int), whole // 2)
    out: dict[str, list[Piece]] = {}
    rows = zip(table["chrom"], table["start"], table["end"], whole, less, strict=True)
    for chrom, start, end, copies, rarer in rows:
        out.setdefault(str(chrom), []).append((start, end, int(copies - rarer), int(rarer)))
    return out


def _drawn(
    table: pl.DataFrame, purity: float, ploidy: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Copies of each segment by ratio and imbalance drawn within their errors."""
    bins, sites = table["bins"].to_numpy(), table["het_sites"].to_numpy()
    noise = np.sqrt(RATIO_ERROR**2 + BIN_ERROR**2 / np.maximum(bins, 1))
    ratio = table["log2"].to_numpy() + rng.normal(0, noise)
    spread = np.sqrt(BAF_ERROR**2 + SITE_ERROR**2 / np.maximum(sites, 1))
    baf = np.clip(table["baf"].to_numpy() + rng.normal(0, spread), 0, 0.5)
    depth = 2**ratio * (purity * ploidy + 2 * (1 - purity))
    total = np.maximum((depth - 2 * (1 - purity)) / purity, 0)
    rarer = ((0.5 - baf) * (purity * total + 2 * (1 - purity)) - (1 - purity)) / purity
    return total, np.clip(rarer, 0, total / 2)


def unseen_purity(about: Mapping[str, str], asked: Mapping[str, float]) -> Reason | None:
    """Why single copies could not be told at the purity; None if they could."""
    known = purity_of(about)
    if known is None:
        return because("scars.no_purity")
    if known[1] < asked["purity_min"]:
        least = f"{asked['purity_min']:.0%}"
        return because("scars.low_purity", low=f"{known[1]:.0%}", needed=least)
    return None


def unseen_copies(
    table: pl.DataFrame,
    about: Mapping[str, str],
    middle: Centromeres,
    length: int,
    asked: Mapping[str, float],
) -> Reason | None:
    """Why nothing can be said; None if something can."""
    if not about:
        return because("scars.no_copies")
    if not middle:
        return because("scars.no_centromeres")
    if (why := unseen_purity(about, asked)) is not None:
        return why
    covered = _bases(table) / max(length, 1)
    if covered < asked["covered_min"]:
        needed = f"{asked['covered_min']:.0%}"
        return because("scars.part", covered=f"{covered:.0%}", needed=needed)
    return None


def _bases(table: pl.DataFrame) -> int:
    """Bases of the segments together: more than 32 bits of them in a genome."""
    return int((table["end"] - table["start"]).cast(pl.Int64).sum())


def allelic(segments: pl.DataFrame) -> pl.DataFrame:
    """Autosomal rows of COPY_NUMBER whose copies of both parents are known, in order."""
    chosen = pl.col("chrom").cast(pl.String).is_in(AUTOSOMES)
    return segments.filter(chosen).drop_nulls(["total_cn", "minor_cn", "baf"])


def deficiency(
    segments: pl.DataFrame,
    about: Mapping[str, str],
    middle: Centromeres,
    length: int,
    asked: Mapping[str, float],
) -> Row:
    """The row HRD of MARKERS: the sum of the scars with its interval, or why there is none.

    `segments` and `about`: COPY_NUMBER with its metadata; `length`: bases of the autosomes of the
    reference. High or low only where the whole interval lies on that side of the threshold.
    """
    table = allelic(segments)
    why = unseen_copies(table, about, middle, length, asked)
    if why is not None:
        return marker("HRD", None, None, None, SCORE, "unknown", why)
    purity, low, high = purity_of(about) or (1.0, 1.0, 1.0)
    ploidy = float(about["ploidy"])
    found = whole_copies(table, table["total_cn"].to_numpy(), table["minor_cn"].to_numpy())
    loh, tai, lst = scars(found, middle, asked)
    rng = np.random.default_rng(42)
    sums = []
    for _ in range(DRAWS):
        p = float(np.clip(rng.normal(purity, (high - low) / 3.92), 0.1, 1.0))
        sums.append(sum(scars(whole_copies(table, *_drawn(table, p, ploidy, rng)), middle, asked)))
    total = loh + tai + lst
    ends = np.quantile(sums, [0.025, 0.975])
    least, most = min(float(ends[0]), total), max(float(ends[1]), total)
    limit = asked["high"]
    call = "high" if least >= limit else "low" if most < limit else "unknown"
    basis = because(
        "scars.basis",
        loh=loh,
        tai=tai,
        lst=lst,
        ploidy=f"{ploidy:.1f}",
        purity=f"{purity:.0%}",
        limit=f"{limit:.0f}",
        corrected=f"{lst - asked['lst_per_ploidy'] * ploidy:.1f}",
    )
    return marker("HRD", float(total), least, most, SCORE, call, basis)
