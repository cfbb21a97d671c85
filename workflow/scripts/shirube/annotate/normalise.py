"""One form for every allele: trimmed, then moved left as far as the reference allows.

The same function prepares the alleles of a run and those of every knowledge source, so a join on
(chrom, pos, ref, alt) is exact. It agrees with `bcftools norm` (held to that by a test) and works
on arrays, so a chromosome of a population database takes seconds. A shift never crosses unknown
sequence.
"""

import numba
import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.annotate.sequence import Bases, N

Ints = npt.NDArray[np.int64]


def _buffers(column: pl.Series) -> tuple[Bases, Ints]:
    """Bytes of all strings, end to end, and the offset of each (one more than strings)."""
    lengths = column.str.len_bytes().to_numpy().astype(np.int64)
    joined = "".join(column.to_list()).encode()
    return np.frombuffer(joined, np.uint8), np.concatenate(([0], np.cumsum(lengths)))


@numba.njit(cache=True)
def _moves(
    sequence: Bases, pos: Ints, ref: Bases, ref_at: Ints, alt: Bases, alt_at: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """Bases to cut at the end and at the start, shift to the left, state of each allele.

    State: 1 REF equals the sequence, 0 the sequence is unknown somewhere under REF, -1 it differs.
    """
    count = pos.size
    tail, head = np.zeros(count, np.int64), np.zeros(count, np.int64)
    shift, state = np.zeros(count, np.int64), np.ones(count, np.int64)
    for i in range(count):
        a, b = ref_at[i], alt_at[i]
        n, m = ref_at[i + 1] - a, alt_at[i + 1] - b
        start = pos[i] - 1
        if start < 0 or start + n > sequence.size:
            state[i] = -1
            continue
        for j in range(n):
            base = sequence[start + j]
            if base == 78:
                state[i] = min(state[i], 0)
            elif base != ref[a + j]:
                state[i] = -1
        while n > 1 and m > 1 and ref[a + n - 1] == alt[b + m - 1]:
            n, m = n - 1, m - 1
            tail[i] += 1
        while n > 1 and m > 1 and ref[a] == alt[b]:
            a, b, n, m = a + 1, b + 1, n - 1, m - 1
            head[i] += 1
        if state[i] < 0 or ref[a] != alt[b] or (n == 1) == (m == 1):
            continue
        # A pure insertion or deletion behind its anchor: it rotates left while the base before
        # it equals its own last base.
        if n == 1:
            unit, at, length = alt, b + 1, m - 1
        else:
            unit, at, length = ref, a + 1, n - 1
        place, k = start + head[i], 0
        while place - k > 0:
            if sequence[place - k] != unit[at + length - 1 - k % length]:
                break
            if sequence[place - k - 1] == 78:
                break
            k += 1
        shift[i] = k
    return tail, head, shift, state


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
