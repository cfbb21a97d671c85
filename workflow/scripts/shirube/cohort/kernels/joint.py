"""Kernel that counts a joint BCF: genotypes by stratum, from the raw bytes of the records.

Most genotypes of most sites are a called reference pair. Eight bytes of them (four people) are
compared with that at once, and only people in fours that differ are looked at one by one.
"""

# mypy: ignore-errors
# numba gives these functions their types (`build.KERNELS`)
import numpy as np
from numba import njit

from shirube.cohort.kernels.array_types import Bytes, Floats, Ints, Longs

# Slots of `state`
AT, SITES, ROWS, REF_USED, ALT_USED, LAST_POS, LAST_CONTIG, ERROR_AT, FIRST = range(9)
DONE, NEW_SEGMENT, FULL, MALFORMED, UNSORTED, NO_ALLELE, OTHER_SAMPLES = range(7)
# What a genotype of a site with one ALT is, in `lut` and `tallies`
NOTHING, MISSING_TWO, MISSING_ONE, HET, HOM, HEMI, _, NO_SUCH = range(8)
# Slots of `keys`: the header's numbers of FORMAT fields
GT, DP, GQ, AD, FT = range(5)
END_OF_VECTOR = -127
STAR, LESS, OPEN, CLOSE, PASS_P, DOT = 42, 60, 91, 93, 80, 46


@njit(inline="always", error_model="numpy")
def u16(b: Bytes, i: int) -> int:
    """Two bytes, unsigned."""
    return np.int64(b[i]) | np.int64(b[i + 1]) << 8


@njit(inline="always", error_model="numpy")
def u32(b: Bytes, i: int) -> int:
    """Four bytes, unsigned."""
    return u16(b, i) | u16(b, i + 2) << 16


@njit(inline="always", error_model="numpy")
def value(b: Bytes, i: int, size: int) -> int:
    """A signed integer of `size` (1, 2 or 4) bytes; missing and end of vector are negative."""
    if size == 1:
        return np.int64(np.int8(b[i]))
    if size == 2:
        return np.int64(np.int16(u16(b, i)))
    return np.int64(np.int32(u32(b, i)))


@njit(inline="always", error_model="numpy")
def bytes_of(kind: int) -> int:
    """Bytes of one value of a BCF type."""
    if kind == 2:
        return 2
    if kind in (3, 5):
        return 4
    return 1 if kind else 0


@njit(inline="always", error_model="numpy")
def allele(b: Bytes, i: int, size: int) -> int:
    """Allele of a genotype value: 0 the reference; -1 missing; -2 end of vector."""
    v = value(b, i, size)
    if v < 0:
        return np.int64(-2)
    return (v >> 1) - 1


@njit(inline="always", error_model="numpy")
def number(b: Bytes, i: int) -> float:
    """A 32-bit float."""
    return b[i : i + 4].view(np.float32)[0]


@njit(inline="always", error_model="numpy")
def passes(text: Bytes, at: int, length: int) -> bool:
    """Whether a genotype's filter of `length` bytes is PASS, `.` or empty."""
    c = text[at]
    if length == 0 or c in (7, 0) or (c == DOT and (length == 1 or text[at + 1] == 0)):
        return True
    if length < 4 or c != PASS_P or text[at + 1] != 65 or text[at + 2] != 83:
        return False
    return text[at + 3] == 83 and (length == 4 or text[at + 4] == 0)


@njit(inline="always", error_model="numpy")
def fails_below(
    text: Bytes, at: int, kind: int, n: int, limits: Ints, skip: int, bad: Bytes
) -> None:
    """Mark in `bad` who has a value under their limit (missing ones are negative)."""
    # Unsigned indices spare the test for negative ones, without which loops become vectors.
    start, first = np.uint64(at), np.uint64(skip)
    if kind == 1:
        for i in range(np.uint64(n)):
            bad[i] |= np.uint8(np.int16(np.int8(text[start + i])) < limits[first + i])
    elif kind == 2:
        for i in range(np.uint64(n)):
            j = start + i + i
            found = np.int16(text[j]) | np.int16(text[j + np.uint64(1)]) << np.int16(8)
            bad[i] |= np.uint8(np.int16(found) < limits[first + i])
    else:
        for i in range(n):
            bad[i] |= value(text, at + 4 * i, 4) < limits[skip + i]


@njit(inline="always", error_model="numpy")
def is_symbolic(rows: Ints, pools: Bytes, half: int, row: int, number: int) -> int:
    """Whether ALT `number`, in `row`, stands for no sequence and not for a deletion (`*`)."""
    return number > 0 and rows[row * 7 + 6] == 0 and pools[half + rows[row * 7 + 3]] != STAR


def joint(
    text: Bytes,
    size: int,
    contig: int,
    low: int,
    high: int,
    n: int,
    strata: int,
    stratum: Ints,
    copies: Ints,
    whole: Longs,
    limits: Ints,
    keys: Longs,
    thresholds: Floats,
    bad: Bytes,
    bad_words: Ints,
    calls: Bytes,
    call_words: Longs,
    expected: Bytes,
    expected_words: Longs,
    lut: Bytes,
    tally_of: Ints,
    tallies: Longs,
    state: Longs,
    rows: Ints,
    pools: Bytes,
    site_counts: Ints,
    row_counts: Ints,
) -> int:
    """Count records of text[:size] that start in [low, high) (0-based) of `contig`.

    n, strata       people, and disjoint strata
    stratum         int32 (n): the stratum of each, -1 for nobody's
    copies          int32 (n): copies each has in this segment
    whole           int64 (2 x strata): chromosomes, then people with two copies, if all are called
    limits          int16 (2n): least GQ, then least DP, of each person
    keys            header numbers of GT, DP, GQ, AD, FT; -1 absent
    thresholds      [allele balance, GQ, DP]: below 0 asks nothing of any
    bad, calls      scratch, n and 2n bytes rounded up to 8, with *_words the same memory
    expected        calls of a reference genotype with each person's copies, phase bits cleared
    lut, tally_of   `lookup()`; int32 (n): 8 x stratum, or 8 x strata for nobody's
    tallies         int64, scratch of 8 x (strata + 1)
    rows            int32, flat rows of 7 as `text_kernel.parse` makes them; copies = row number
    site_counts     int32, flat (sites, 2 x strata): AN, people with two copies called
    row_counts      int32, flat (rows, 3 x strata): AC, homozygotes, hemizygotes

    Stops with NEW_SEGMENT before a record outside the segment, with FULL where room runs out, and
    with DONE before a record that is not whole.
    """
    half = pools.size // 2
    ab, use_gq, use_dp = thresholds[0], thresholds[1] >= 0, thresholds[2] >= 0
    while state[AT] + 8 <= size:
        at = state[AT]
        shared, indiv = u32(text, at), u32(text, at + 4)
        if at + 8 + shared + indiv > size:
            return DONE
        p = at + 8
        if shared < 24:
            state[ERROR_AT] = at
            return MALFORMED
        this_contig, pos = u32(text, p), u32(text, p + 4)
        n_allele = u16(text, p + 18)
        if (u32(text, p + 20) & 0xFFFFFF) != n or text[p + 23] == 0:
            state[ERROR_AT] = at
            return OTHER_SAMPLES
        if this_contig != contig or pos < low or pos >= high:
            return NEW_SEGMENT
        if pos < state[LAST_POS]:
            state[ERROR_AT] = at
            return UNSORTED
        n_alt = n_allele - 1
        if (
            (state[ROWS] + n_alt) * 7 > rows.size
            or (state[ROWS] + n_alt) * 3 * strata > row_counts.size
            or (state[SITES] + 1) * 2 * strata > site_counts.size
            or state[REF_USED] + shared * (n_alt + 1) > half
            or state[ALT_USED] + shared > half
        ):
            return FULL
        state[LAST_POS] = pos
        # ID, then alleles, then FILTER
        q = p + 24
        ref_at, ref_length = np.int64(0), np.int64(0)
        first_row = state[ROWS]
        other = np.int64(-1)  # the allele that stands for any other: <NON_REF>, <*>, <DEL> ...
        for k in range(n_allele + 1):
            length = np.int64(text[q] >> 4)
            q += 1
            if length == 15:
                width = bytes_of(text[q] & 15)
                length = value(text, q + 1, width)
                q += 1 + width
            if q + length > p + shared or length < 0:
                state[ERROR_AT] = at
                return MALFORMED
            if k == 1:
                ref_at, ref_length = q, length
            elif k > 1:
                row = state[ROWS] * 7
                rows[row] = pos + 1
                rows[row + 1] = state[REF_USED]
                rows[row + 2] = ref_length
                rows[row + 3] = state[ALT_USED]
                rows[row + 4] = length
                rows[row + 5] = state[SITES]
                rows[row + 6] = 1
                plain = length > 0 and text[q] != STAR
                symbolic = length > 0 and text[q] == LESS
                for j in range(length):
                    c = text[q + j]
                    symbolic = symbolic or c in (OPEN, CLOSE)
                    pools[half + state[ALT_USED] + j] = c - 32 if c > 96 else c
                if symbolic or not plain:
                    rows[row + 6] = 0
                if symbolic and other < 0:
                    other = k - 1
                for j in range(ref_length):
                    c = text[ref_at + j]
                    pools[state[REF_USED] + j] = c - 32 if c > 96 else c
                state[REF_USED] += ref_length
                state[ALT_USED] += length
                state[ROWS] += 1
            q += length
        kept = text[q] >> 4 == 0 or (text[q] == 0x11 and text[q + 1] in (0, 0x80))
        # FORMAT fields
        at_gt = at_dp = at_gq = at_ad = at_ft = np.int64(-1)

        kind_gt, kind_dp, kind_gq, kind_ad = 0, 0, 0, 0
        len_gt, len_ad, len_ft = np.int64(0), np.int64(0), np.int64(0)
        q = p + shared
        stop = q + indiv
        for _ in range(text[p + 23]):
            width = bytes_of(text[q] & 15)
            key = value(text, q + 1, width)
            q += 1 + width
            kind, length = np.int64(text[q] & 15), np.int64(text[q] >> 4)
            q += 1
            if length == 15:
                width = bytes_of(text[q] & 15)
                length = value(text, q + 1, width)
                q += 1 + width
            if key == keys[GT]:
                at_gt, kind_gt, len_gt = q, kind, length
            elif key == keys[DP]:
                at_dp, kind_dp = q, kind
            elif key == keys[GQ]:
                at_gq, kind_gq = q, kind
            elif key == keys[AD]:
                at_ad, kind_ad, len_ad = q, kind, length
            elif key == keys[FT]:
                at_ft, len_ft = q, length
            q += length * bytes_of(kind) * n
            if q > stop:
                state[ERROR_AT] = at
                return MALFORMED
        if at_gt < 0:
            state[ERROR_AT] = at
            return MALFORMED
        # who fails on depth or quality
        for i in range(np.uint64(bad_words.size)):
            bad_words[i] = 0
        if use_gq or use_dp or at_ft >= 0:
            if use_gq:
                if at_gq < 0:
                    for i in range(n):
                        bad[i] = 1
                elif kind_gq == 5:
                    for i in range(n):
                        # rounded; a missing value is a NaN: no comparison with it holds
                        bad[i] |= not number(text, at_gq + 4 * i) + 0.5 >= limits[i]
                else:
                    fails_below(text, at_gq, kind_gq, n, limits, 0, bad)
            if use_dp:
                if at_dp < 0 or kind_dp == 5:
                    for i in range(n):
                        bad[i] = 1
                else:
                    fails_below(text, at_dp, kind_dp, n, limits, n, bad)
            if at_ft >= 0:
                for i in range(n):
                    if not passes(text, at_ft + i * len_ft, len_ft):
                        bad[i] = 1
        # AN and diploid people: everyone, less those found uncalled
        site = state[SITES] * 2 * strata
        for s in range(2 * strata):
            site_counts[site + s] = whole[s]
        base = first_row * 3 * strata
        for s in range(n_alt * 3 * strata):
            row_counts[base + s] = 0
        fast = kind_gt == 1 and len_gt == 2
        width = bytes_of(kind_gt)
        if fast:
            start = np.uint64(at_gt)
            for i in range(np.uint64(2 * n)):
                calls[i] = text[start + i] & np.uint8(0xFE)
        simple = fast and n_alt == 1 and kept and other < 0
        for i in range(np.uint64(tallies.size)):
            tallies[i] = 0
        for g in range(np.uint64((n + 3) // 4)):
            if fast and (call_words[g] ^ expected_words[g]) | np.int64(bad_words[g]) == 0:
                continue
            first = np.int64(g) * 4
            last = min(first + 4, n)
            if simple:
                for i in range(np.uint64(first), np.uint64(last)):
                    have = np.uint64(copies[i])
                    a = np.uint64(lut[calls[i + i]])
                    b = np.uint64(lut[calls[i + i + np.uint64(1)]])
                    kind = np.uint64(
                        lut[np.uint64(256) + (have << np.uint64(6) | a << np.uint64(3) | b)]
                    )
                    if bad[i]:
                        kind = np.uint64(lut[np.uint64(448) + have])
                    if kind == HET and ab >= 0:
                        j = np.int64(i)
                        if at_ad < 0 or at_dp < 0 or len_ad < 2:
                            kind = np.uint64(MISSING_TWO)
                        else:
                            width_ad, width_dp = bytes_of(kind_ad), bytes_of(kind_dp)
                            reads = value(text, at_ad + (j * len_ad + 1) * width_ad, width_ad)
                            depth = value(text, at_dp + j * width_dp, width_dp)
                            if reads < 0 or depth < 0 or reads < ab * depth:
                                kind = np.uint64(MISSING_TWO)
                    tallies[np.uint64(tally_of[i]) + kind] += 1
                continue
            for i in range(first, last):
                s = np.int64(stratum[i])
                have = copies[i]
                if s < 0 or have == 0:
                    continue
                if fast:
                    same = calls[2 * i] == expected[2 * i]
                    same = same and calls[2 * i + 1] == expected[2 * i + 1]
                    if same and bad[i] == 0:
                        continue
                    a = allele(calls, 2 * i, 1)
                    b = allele(calls, 2 * i + 1, 1)
                else:
                    a = allele(text, at_gt + i * len_gt * width, width)
                    b = np.int64(-2)
                    if len_gt > 1:
                        b = allele(text, at_gt + (i * len_gt + 1) * width, width)
                    if len_gt > 2 and allele(text, at_gt + (i * len_gt + 2) * width, width) != -2:
                        a = np.int64(-1)
                if a > n_alt or b > n_alt:
                    state[ERROR_AT] = at
                    return NO_ALLELE
                good = bad[i] == 0 and a >= 0
                good = good and (b >= 0 if have == 2 else b == -2 or b == a)
                if (a > 0 or b > 0) and not kept:
                    good = False
                if other > 0 and (
                    is_symbolic(rows, pools, half, first_row + a - 1, a)
                    or is_symbolic(rows, pools, half, first_row + b - 1, b)
                ):
                    good = False
                if good and have == 2 and a != b and ab >= 0:
                    if at_ad < 0:
                        good = False
                    else:
                        ad = bytes_of(kind_ad)
                        depth = np.int64(-1)
                        if at_dp >= 0:
                            depth = value(text, at_dp + i * bytes_of(kind_dp), bytes_of(kind_dp))
                        for turn in range(2):
                            x = a if turn == 0 else b
                            if x > 0:
                                reads = np.int64(-1)
                                if x < len_ad:
                                    reads = value(text, at_ad + (i * len_ad + x) * ad, ad)
                                if reads < 0 or depth < 0 or reads < ab * depth:
                                    good = False
                if not good:
                    site_counts[site + s] -= have
                    if have == 2:
                        site_counts[site + strata + s] -= 1
                    continue
                if a > 0:
                    at_row = base + (a - 1) * 3 * strata + s
                    row_counts[at_row] += 1
                    if have == 1:
                        row_counts[at_row + 2 * strata] += 1
                    elif a == b:
                        row_counts[at_row + strata] += 1
                if have == 2 and b > 0:
                    row_counts[base + (b - 1) * 3 * strata + s] += 1
        if simple:
            for s in range(strata):
                t = 8 * s
                if tallies[8 * strata + NO_SUCH] or tallies[t + NO_SUCH]:
                    state[ERROR_AT] = at
                    return NO_ALLELE
                two, one = tallies[t + MISSING_TWO], tallies[t + MISSING_ONE]
                site_counts[site + s] -= 2 * two + one
                site_counts[site + strata + s] -= two
                hom, hemi = tallies[t + HOM], tallies[t + HEMI]
                row_counts[base + s] = tallies[t + HET] + 2 * hom + hemi
                row_counts[base + strata + s] = hom
                row_counts[base + 2 * strata + s] = hemi
        state[SITES] += 1
        state[AT] = at + 8 + shared + indiv
    return DONE
