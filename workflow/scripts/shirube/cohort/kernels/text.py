"""Kernel that reads the text of a VCF or gVCF: one sample, genotype rule applied.

Compiled ahead of use (`native`); plain functions on numpy arrays, no allocation.
"""

# mypy: ignore-errors
# numba gives these functions their types (`build.KERNELS`)
import numpy as np
from numba import njit

from shirube.cohort.kernels.array_types import Bytes, Floats, Ints, Longs

# Slots of the `state` array, read and written by `parse`.
AT, LAST_POS, ROWS, REF_USED, ALT_USED, PASSED, FAILED, RECORDS, ERROR_AT = range(9)
STATE_SIZE = 24  # 12 to 18: where GT, DP, MIN_DP, GQ, AD, FT, RGQ stand in FORMAT
# What `parse` returns.
DONE, NEW_CONTIG, FULL, MALFORMED, UNSORTED, NO_ALLELE = range(6)
TAB, NEWLINE, COLON, COMMA, SEMICOLON, DOT = 9, 10, 58, 44, 59, 46
SLASH, BAR, EQUALS, LESS, STAR, ZERO, NINE = 47, 124, 61, 60, 42, 48, 57
MISSING = -1


@njit(inline="always", error_model="numpy")
def integer(
    text: Bytes,
    start: int,
    end: int,
) -> int:
    """Digits of text[start:end] as a number; MISSING where they are no number."""
    value, digits = np.int64(0), 0
    for i in range(start, end):
        c = text[i]
        if c < ZERO or c > NINE:
            return np.int64(MISSING)
        value = value * 10 + (c - ZERO)
        digits += 1
    return value if digits and digits < 11 else np.int64(MISSING)


@njit(inline="always", error_model="numpy")
def rounded(
    text: Bytes,
    start: int,
    end: int,
) -> int:
    """A number such as 59.9999 or 1e2 in text[start:end], rounded; MISSING where it is none."""
    value, scale, digits, power, sign = 0.0, 1.0, 0, 0, 1
    part = 0  # 0 before the point, 1 after it, 2 in the exponent
    for i in range(start, end):
        c = text[i]
        if c >= ZERO and c <= NINE:
            if part == 0:
                value = value * 10 + (c - ZERO)
            elif part == 1:
                scale /= 10
                value += (c - ZERO) * scale
            else:
                power = power * 10 + (c - ZERO)
            digits += 1
        elif c == DOT and part == 0:
            part = 1
        elif c in (69, 101) and part < 2 and digits:
            part, digits = 2, 0
        elif part == 2 and digits == 0 and c in (43, 45) and text[i - 1] in (69, 101):
            sign = 44 - c
        else:
            return np.int64(MISSING)
    if not digits or power > 9:
        return np.int64(MISSING)
    return np.int64(value * 10.0 ** (sign * power) + 0.5)


@njit(inline="always", error_model="numpy")
def item(
    text: Bytes,
    start: int,
    end: int,
    index: int,
) -> int:
    """Number at `index` of the comma-separated numbers in text[start:end]; MISSING if absent."""
    at, begin = 0, start
    for i in range(start, end + 1):
        if i == end or text[i] == COMMA:
            if at == index:
                return integer(text, begin, i)
            at += 1
            begin = i + 1
    return np.int64(MISSING)


@njit(inline="always", error_model="numpy")
def extend(
    starts: Ints,
    ends: Ints,
    used: int,
    start: int,
    end: int,
) -> int:
    """Add [start, end) to sorted intervals, joined to the last where they touch; their number."""
    if used and start <= ends[used - 1]:
        if end > ends[used - 1]:
            ends[used - 1] = end
        return used
    starts[used] = start
    ends[used] = end
    return used + 1


@njit(inline="always", error_model="numpy")
def is_end(text: Bytes, at: int) -> int:
    """Whether `END=` stands at text[at]."""
    return text[at] == 69 and text[at + 1] == 78 and text[at + 2] == 68 and text[at + 3] == EQUALS


def parse(
    text: Bytes,
    size: int,
    name: Bytes,
    column: int,
    thresholds: Floats,
    segments: Ints,
    blocks: int,
    state: Longs,
    rows: Ints,
    pools: Bytes,
    pass_start: Ints,
    pass_end: Ints,
    fail_start: Ints,
    fail_end: Ints,
) -> int:
    """Read whole lines of text[:size] that lie on the contig `name`, from state[AT] on.

    text        bytes of the file, cut after a newline
    name        the contig's name as bytes; an empty name skips lines of state's current contig
    column      0-based number of the sample column
    thresholds  float64: min GQ, DP, DP where haploid, allele balance
    segments    int32, flat (start, end, copies) triples covering the contig
    blocks      1 if a variant record vouches for its whole REF span (gVCF), else its first base
    rows        int32, flat rows of 7: pos, ref offset, ref length, alt offset, alt length, copies
                (-1: genotype fails), ploidy
    pools       uint8 halves: REF bytes from 0, ALT bytes from half its length
    pass_*      0-based intervals of genotypes that pass, sorted, disjoint
    fail_*      the same of those that fail: first base of a variant record, all of a block

    Returns one of the codes; on MALFORMED, UNSORTED and NO_ALLELE state[ERROR_AT] is the line's
    offset. On FULL the caller makes room and calls again.
    """
    half = pools.size // 2
    at = state[AT]
    while at < size:
        line = at
        # CHROM must be `name`
        length = name.size
        i = line
        same = True
        while text[i] != TAB and text[i] != NEWLINE:
            if i - line >= length or text[i] != name[i - line]:
                same = False
            i += 1
        if text[i] != TAB:
            state[ERROR_AT] = line
            return MALFORMED
        if not same or i - line != length:
            state[AT] = line
            return NEW_CONTIG
        if segments.size == 0:
            while text[i] != NEWLINE:
                i += 1
            at = i + 1
            state[AT] = at
            continue
        if (
            (state[ROWS] + 64) * 7 > rows.size
            or state[PASSED] + 8 > pass_start.size
            or state[FAILED] + 8 > fail_start.size
        ):
            state[AT] = line
            return FULL
        # POS
        i += 1
        begin = i
        while text[i] > 32:
            i += 1
        pos = integer(text, begin, i)
        if text[i] != TAB or pos < 1:
            state[ERROR_AT] = line
            return MALFORMED
        if pos < state[LAST_POS]:
            state[ERROR_AT] = line
            return UNSORTED
        state[LAST_POS] = pos
        # ID
        i += 1
        while text[i] > 31:
            i += 1
        if text[i] != TAB:
            state[ERROR_AT] = line
            return MALFORMED
        # REF, ALT
        i += 1
        ref0 = i
        while text[i] > 32:
            i += 1
        ref1 = i
        if text[i] != TAB or ref1 == ref0:
            state[ERROR_AT] = line
            return MALFORMED
        i += 1
        alt0 = i
        while text[i] > 32:
            i += 1
        alt1 = i
        if text[i] != TAB or alt1 == alt0:
            state[ERROR_AT] = line
            return MALFORMED
        room = (ref1 - ref0) * 64 + (alt1 - alt0) + 64
        if state[REF_USED] + room > half or state[ALT_USED] + room > half:
            if room > half:
                state[ERROR_AT] = line
                return MALFORMED
            state[AT] = line
            return FULL
        # QUAL
        i += 1
        while text[i] > 31:
            i += 1
        if text[i] != TAB:
            state[ERROR_AT] = line
            return MALFORMED
        # FILTER: PASS or .
        i += 1
        begin = i
        while text[i] > 31:
            i += 1
        kept = (i - begin == 1 and text[begin] == DOT) or (
            i - begin == 4
            and text[begin] == 80
            and text[begin + 1] == 65
            and text[begin + 2] == 83
            and text[begin + 3] == 83
        )
        if text[i] != TAB:
            state[ERROR_AT] = line
            return MALFORMED
        # INFO: END=, MIN_DP=, MinDP=
        i += 1
        end = np.int64(-1)
        info_dp = np.int64(MISSING)
        key = i
        while True:
            c = text[i]
            if c in (SEMICOLON, TAB, NEWLINE):
                if i - key > 4 and is_end(text, key):
                    end = integer(text, key + 4, i)
                elif (
                    i - key > 6
                    and text[key] == 77
                    and (text[key + 1] == 73 or text[key + 1] == 105)
                ):
                    if text[key + 3] == 95 and text[key + 6] == EQUALS:
                        info_dp = integer(text, key + 7, i)
                    elif text[key + 3] == 68 and text[key + 5] == EQUALS:
                        info_dp = integer(text, key + 6, i)
                key = i + 1
                if c != SEMICOLON:
                    break
            i += 1
        if text[i] != TAB:
            state[ERROR_AT] = line
            return MALFORMED
        # FORMAT
        i += 1
        fmt0 = i
        while text[i] > 32:
            i += 1
        if text[i] != TAB:
            state[ERROR_AT] = line
            return MALFORMED
        for k in range(12, 19):
            state[k] = -1
        index, key = 0, fmt0
        for j in range(fmt0, i + 1):
            if j == i or text[j] == COLON:
                n = j - key
                if n == 2:
                    a, b = text[key], text[key + 1]
                    if a == 71 and b == 84:
                        state[12] = index
                    elif a == 68 and b == 80:
                        state[13] = index
                    elif a == 71 and b == 81:
                        state[15] = index
                    elif a == 65 and b == 68:
                        state[16] = index
                    elif a == 70 and b == 84:
                        state[17] = index
                elif n == 3 and text[key] == 82 and text[key + 1] == 71 and text[key + 2] == 81:
                    state[18] = index
                elif (
                    n == 6
                    and text[key] == 77
                    and text[key + 1] == 73
                    and text[key + 2] == 78
                    and text[key + 3] == 95
                    and text[key + 4] == 68
                    and text[key + 5] == 80
                ):
                    state[14] = index
                index += 1
                key = j + 1
        # the sample's column
        skip = column
        while skip:
            i += 1
            while text[i] > 31:
                i += 1
            if text[i] != TAB:
                state[ERROR_AT] = line
                return MALFORMED
            skip -= 1
        i += 1
        gt0 = gt1 = ad0 = ad1 = np.int64(0)
        depth = min_depth = quality = ref_quality = np.int64(MISSING)
        passed_ft = True
        index, key = 0, i
        while True:
            c = text[i]
            if c in (COLON, TAB, NEWLINE):
                if index == state[12]:
                    gt0, gt1 = key, i
                elif index == state[13]:
                    depth = integer(text, key, i)
                elif index == state[14]:
                    min_depth = integer(text, key, i)
                elif index == state[15]:
                    quality = integer(text, key, i)
                    if quality == MISSING:
                        quality = rounded(text, key, i)
                elif index == state[16]:
                    ad0, ad1 = key, i
                elif index == state[18]:
                    ref_quality = integer(text, key, i)
                elif index == state[17]:
                    passed_ft = (i - key == 1 and text[key] == DOT) or (
                        i - key == 4
                        and text[key] == 80
                        and text[key + 1] == 65
                        and text[key + 2] == 83
                        and text[key + 3] == 83
                    )
                index += 1
                key = i + 1
                if c != COLON:
                    break
            i += 1
        while text[i] != NEWLINE:
            i += 1
        at = i + 1
        state[RECORDS] += 1
        if min_depth != MISSING:
            depth = min_depth
        elif info_dp != MISSING and end >= 0:
            depth = info_dp
        if quality == MISSING:
            quality = ref_quality
        # alleles of the genotype
        n_alt = 1
        for j in range(alt0, alt1):
            if text[j] == COMMA:
                n_alt += 1
        if alt1 - alt0 == 1 and text[alt0] == DOT:
            n_alt = 0
        ploidy, known = 0, True
        first, second = np.int64(MISSING), np.int64(MISSING)
        key = gt0
        for j in range(gt0, gt1 + 1):
            if j == gt1 or text[j] == SLASH or text[j] == BAR:
                if j == gt0 and gt1 > gt0:
                    key = j + 1  # VCF 4.4 writes the phase of the first allele before it
                    continue
                allele = integer(text, key, j)
                if allele == MISSING:
                    known = False
                elif allele > n_alt:
                    state[ERROR_AT] = line
                    return NO_ALLELE
                if ploidy == 0:
                    first = allele
                else:
                    second = allele
                ploidy += 1
                key = j + 1
        start = pos - 1
        is_block = end >= pos and (
            n_alt == 0 or (n_alt == 1 and text[alt0] == LESS and first <= 0 and second <= 0)
        )
        stop = end if is_block else start + (ref1 - ref0 if blocks else 1)
        # copies expected here, piece by piece
        for k in range(segments.size // 3):
            low = max(start, segments[3 * k])
            high = min(stop, segments[3 * k + 1])
            copies = segments[3 * k + 2]
            if copies == 0 or low >= high:
                continue
            good = known and ploidy > 0 and passed_ft
            if copies == 1:
                good = good and ploidy <= 2 and (ploidy == 1 or first == second)
                good = good and depth >= thresholds[2]
            else:
                good = good and ploidy == 2 and depth >= thresholds[1]
            good = good and quality >= thresholds[0]
            varies = first > 0 or second > 0
            if varies and not kept:
                good = False
            if good and copies == 2 and first != second and thresholds[3] >= 0:
                # each called ALT; the reference allele is not asked (gnomAD)
                for allele in (first, second):
                    if allele > 0:
                        reads = item(text, ad0, ad1, allele)
                        if reads == MISSING or reads < thresholds[3] * depth:
                            good = False
            if varies and low == start:
                # each distinct ALT allele of the genotype
                for turn in range(2):
                    allele = first if turn == 0 else second
                    if allele <= 0 or (turn == 1 and second == first):
                        continue
                    begin, number = alt0, 1
                    stop_alt = alt1
                    for j in range(alt0, alt1 + 1):
                        if j == alt1 or text[j] == COMMA:
                            if number == allele:
                                stop_alt = j
                                break
                            number += 1
                            begin = j + 1
                    if text[begin] == LESS:
                        good = False
                    for j in range(begin, stop_alt):
                        if text[j] == 91 or text[j] == 93:
                            good = False
                for turn in range(2):
                    allele = first if turn == 0 else second
                    if allele <= 0 or (turn == 1 and second == first):
                        continue
                    begin, number = alt0, 1
                    stop_alt = alt1
                    for j in range(alt0, alt1 + 1):
                        if j == alt1 or text[j] == COMMA:
                            if number == allele:
                                stop_alt = j
                                break
                            number += 1
                            begin = j + 1
                    plain = text[begin] != STAR and text[begin] != LESS
                    for j in range(begin, stop_alt):
                        if text[j] == 91 or text[j] == 93:
                            plain = False
                    if not plain:
                        continue
                    row = state[ROWS] * 7
                    rows[row] = pos
                    rows[row + 1] = state[REF_USED]
                    rows[row + 2] = ref1 - ref0
                    rows[row + 3] = state[ALT_USED]
                    rows[row + 4] = stop_alt - begin
                    rows[row + 5] = (
                        -1 if not good else (1 if copies == 1 else 1 + (first == second))
                    )
                    rows[row + 6] = copies
                    for j in range(ref0, ref1):
                        c = text[j]
                        pools[state[REF_USED] + j - ref0] = c - 32 if c > 96 else c
                    for j in range(begin, stop_alt):
                        c = text[j]
                        pools[half + state[ALT_USED] + j - begin] = c - 32 if c > 96 else c
                    state[REF_USED] += ref1 - ref0
                    state[ALT_USED] += stop_alt - begin
                    state[ROWS] += 1
            if good:
                state[PASSED] = extend(pass_start, pass_end, state[PASSED], low, high)
            elif is_block or low == start:
                state[FAILED] = extend(
                    fail_start, fail_end, state[FAILED], low, high if is_block else low + 1
                )
        state[AT] = at
    return DONE
