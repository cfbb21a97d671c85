"""One form for every allele: trimmed, then moved left as far as the reference allows.

The same function prepares the alleles of a run and those of every knowledge source, so a join on
(chrom, pos, ref, alt) is exact. It agrees with `bcftools norm` (held to that by a test) and works
on arrays, so a chromosome of a population database takes seconds. A shift never crosses unknown
sequence.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.genome.sequence import Bases, N

Ints = npt.NDArray[np.int64]


def _buffers(column: pl.Series) -> tuple[Bases, Ints]:
    """Bytes of all strings, end to end, and the offset of each (one more than strings)."""
    lengths = column.str.len_bytes().to_numpy().astype(np.int64)
    joined = "".join(column.to_list()).encode()
    return np.frombuffer(joined, np.uint8), np.concatenate(([0], np.cumsum(lengths)))


def _moves(
    sequence: Bases, pos: Ints, ref: Bases, ref_at: Ints, alt: Bases, alt_at: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """Bases to cut at the end and at the start, shift to the left, state of each allele.

    State: 1 REF equals the sequence, 0 the sequence is unknown somewhere under REF, -1 it differs.
    Each step works on all alleles that still move, so the cost is that of the longest repeat.
    """
    n, m = np.diff(ref_at), np.diff(alt_at)
    state = _states(sequence, pos - 1, ref, ref_at, n)
    tail, head, shift = np.zeros_like(pos), np.zeros_like(pos), np.zeros_like(pos)
    a, b = ref_at[:-1], alt_at[:-1]
    left = np.flatnonzero((n > 1) & (m > 1))
    while left.size:
        i, j = n[left] - tail[left], m[left] - tail[left]
        same = ref[a[left] + i - 1] == alt[b[left] + j - 1]
        left = left[same]
        tail[left] += 1
        left = left[(n[left] - tail[left] > 1) & (m[left] - tail[left] > 1)]
    n, m = n - tail, m - tail
    left = np.flatnonzero((n > 1) & (m > 1))
    while left.size:
        left = left[ref[a[left] + head[left]] == alt[b[left] + head[left]]]
        head[left] += 1
        left = left[(n[left] - head[left] > 1) & (m[left] - head[left] > 1)]
    n, m, a, b = n - head, m - head, a + head, b + head
    # A pure insertion or deletion behind its anchor rotates left while the base before it equals
    # its own last base.
    left = np.flatnonzero((state >= 0) & ((n == 1) != (m == 1)))
    left = left[ref[a[left]] == alt[b[left]]]
    both = np.concatenate((ref, alt))
    longer = np.where(n == 1, b + ref.size, a) + 1
    length = np.where(n == 1, m, n) - 1
    place = pos - 1 + head
    while left.size:
        k = shift[left]
        here = place[left] - k
        unit = both[longer[left] + length[left] - 1 - k % length[left]]
        goes = (here > 0) & (sequence[here] == unit) & (sequence[np.maximum(here - 1, 0)] != N)
        left = left[goes]
        shift[left] += 1
    return tail, head, shift, state


def _states(sequence: Bases, start: Ints, ref: Bases, ref_at: Ints, n: Ints) -> Ints:
    """State of each REF against the sequence; see `_moves`."""
    inside = (start >= 0) & (start + n <= sequence.size)
    place = np.repeat(start - ref_at[:-1], n) + np.arange(ref.size)
    found = sequence[np.clip(place, 0, max(sequence.size - 1, 0))]
    verdict = np.where(found == N, 0, np.where(found == ref, 1, -1))
    state = np.minimum.reduceat(verdict, ref_at[:-1]) if n.size else np.zeros(0, np.int64)
    return np.where(inside, state, -1).astype(np.int64)


def normalised(alleles: pl.DataFrame, sequence: Bases) -> pl.DataFrame:
    """`alleles` (pos, ref, alt and any other column, of one chromosome) in the one form.

    Adds `known`: True where REF equals the reference, False where it contradicts it, null where
    the reference is unknown there (N). Rows that contradict it are trimmed but not moved. Row
    order is kept.
    """
    ref, ref_at = _buffers(alleles["ref"])
    alt, alt_at = _buffers(alleles["alt"])
    pos = alleles["pos"].to_numpy().astype(np.int64)
    tail, head, shift, state = _moves(sequence, pos, ref, ref_at, alt, alt_at)
    place = pos - 1 + head - shift
    inside = (place >= 0) & (place < sequence.size)
    anchor = np.where(inside, sequence[np.clip(place, 0, sequence.size - 1)], N)
    letters = pl.Series([chr(base) for base in range(128)])
    frame = alleles.with_columns(
        pl.Series("_tail", tail),
        pl.Series("_head", head),
        pl.Series("_shift", shift),
        letters.gather(anchor.astype(np.uint32)).alias("_anchor"),
        pl.Series("known", state).replace_strict(
            {1: True, 0: None, -1: False}, return_dtype=pl.Boolean
        ),
    )

    def cut(name: str) -> pl.Expr:
        column, head_, tail_ = pl.col(name), pl.col("_head"), pl.col("_tail")
        return column.str.slice(head_, column.str.len_bytes().cast(pl.Int64) - head_ - tail_)

    def moved(name: str) -> pl.Expr:
        body = pl.col(name).str.slice(1)
        length = body.str.len_bytes().cast(pl.Int64)
        turn = pl.col("_shift") % pl.when(length > 0).then(length).otherwise(1)
        rotated = body.str.slice(length - turn) + body.str.slice(0, length - turn)
        return (
            pl.when(pl.col("_shift") > 0)
            .then(pl.col("_anchor") + rotated)
            .otherwise(pl.col(name))
            .alias(name)
        )

    return (
        frame.with_columns(cut("ref"), cut("alt"))
        .with_columns(
            moved("ref"),
            moved("alt"),
            (pl.col("pos") + pl.col("_head") - pl.col("_shift")).cast(pl.Int32).alias("pos"),
        )
        .drop("_tail", "_head", "_shift", "_anchor")
    )
