"""Artificial people for the cohort tests: a reference, gVCFs, and a naive count of them.

The count shares no code with the package: it goes position by position through dictionaries.
"""

import gzip
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

CONTIGS = {"chr1": 3000, "chrX": 2000, "chrY": 1200, "chrM": 400, "chrUn_1": 300}
PAR = {"chrX": ((0, 300),), "chrY": ((0, 300),)}
RULE = {"min_gq": 20, "min_dp": 10, "min_dp_haploid": 5, "min_ab": 0.2}


def write_reference(
    path: Path, seed: int = 1, contigs: dict[str, int] | None = None
) -> dict[str, str]:
    """A FASTA of random sequence with many repeats, and its index; return the sequences."""
    rng = random.Random(seed)
    sequences, index, offset = {}, [], 0
    with open(path, "w") as out:
        for name, length in (contigs or CONTIGS).items():
            bases = ""
            while len(bases) < length:
                unit = "".join(rng.choices("ACGT", k=rng.choice([1, 1, 2, 3])))
                bases += unit * rng.choice([1, 1, 1, 2, 4])
            sequences[name] = bases[:length]
            out.write(f">{name}\n")
            offset += len(name) + 2
            index.append(f"{name}\t{length}\t{offset}\t60\t61\n")
            for at in range(0, length, 60):
                out.write(bases[at : min(at + 60, length)] + "\n")
            offset += length + (length + 59) // 60
    Path(f"{path}.fai").write_text("".join(index))
    return sequences


@dataclass(frozen=True)
class Record:
    """One line of a gVCF; `fields` by FORMAT key."""

    chrom: str
    pos: int
    ref: str
    alts: tuple[str, ...]
    fields: dict[str, str]
    end: int | None = None
    filter: str = "."

    def line(self) -> str:
        """The record as VCF text."""
        info = f"END={self.end}" if self.end else "."
        alt = ",".join(self.alts) or "."
        keys, values = ":".join(self.fields), ":".join(self.fields.values())
        head = [self.chrom, str(self.pos), ".", self.ref, alt, ".", self.filter, info]
        return "\t".join([*head, keys, values])


def header(sample: str, sequences: dict[str, str], symbol: str = "<NON_REF>") -> str:
    lines = ["##fileformat=VCFv4.2", f"##ALT=<ID={symbol[1:-1]},Description=other>"]
    lines += ['##INFO=<ID=END,Number=1,Type=Integer,Description="end">']
    for name, number, kind in [
        *(("GT", "1", "String"), ("DP", "1", "Integer"), ("GQ", "1", "Integer")),
        *(("AD", "R", "Integer"), ("MIN_DP", "1", "Integer")),
    ]:
        lines.append(f'##FORMAT=<ID={name},Number={number},Type={kind},Description="{name}">')
    lines += [f"##contig=<ID={name},length={len(s)}>" for name, s in sequences.items()]
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", sample]
    return "\n".join([*lines, "\t".join(columns)]) + "\n"


def write_gvcf(path: Path, sample: str, sequences: dict[str, str], records: list[Record]) -> Path:
    text = header(sample, sequences) + "".join(r.line() + "\n" for r in records)
    with gzip.GzipFile(path, "wb", mtime=0) as out:
        out.write(text.encode())
    return path


def person(sequences: dict[str, str], sex: str, seed: int, indels: bool = True) -> list[Record]:
    """Random records of one person: blocks good and bad, variants of every kind, gaps."""
    rng = random.Random(seed)
    out = []
    shared = random.Random(99)
    sites = {
        c: sorted(shared.sample(range(1, len(s) - 30), len(s) // 25)) for c, s in sequences.items()
    }
    for chrom, bases in sequences.items():
        at = 0
        for pos in sites[chrom]:
            if pos < at:
                continue
            if pos > at and rng.random() < 0.9:
                out.append(_block(rng, chrom, at, pos, bases))
            at = pos
            site = random.Random(pos * 7 + len(bases))
            if rng.random() < 0.6:
                record = _variant(rng, site, chrom, pos, bases, sex, indels)
                out.append(record)
                at = pos + len(record.ref)
    return out


def _block(rng: random.Random, chrom: str, start: int, end: int, bases: str) -> Record:
    dp, gq = rng.choice([3, 7, 15, 30]), rng.choice([10, 25, 60])
    fields = {"GT": "0/0", "DP": str(dp + 2), "GQ": str(gq), "MIN_DP": str(dp)}
    return Record(chrom, start + 1, bases[start], ("<NON_REF>",), fields, end)


def _variant(
    rng: random.Random,
    site: random.Random,
    chrom: str,
    start: int,
    bases: str,
    sex: str,
    indels: bool,
) -> Record:
    kind = site.choice(["snv", "snv", "insertion", "deletion", "mnv"]) if indels else "snv"
    length = site.choice([1, 2, 4])
    ref = bases[start : start + (1 + length if kind in ("deletion", "mnv") else 1)]
    other = {"A": "C", "C": "G", "G": "T", "T": "A"}
    if kind == "snv":
        alts = [other[ref], other[other[ref]]]
    elif kind == "insertion":
        alts = [ref + bases[start + 1 : start + 1 + length], ref + "A" * length]
    elif kind == "deletion":
        alts = [ref[0], other[ref[0]] + ref[1:]]
    else:
        alts = [ref[:-1] + other[ref[-1]], other[ref[0]] + ref[1:]]
    alts = list(dict.fromkeys(a for a in alts if a != ref))
    if rng.random() < 0.1:
        alts.append("*")
    alts.append("<NON_REF>")
    haploid = chrom == "chrM" or (chrom in ("chrX", "chrY") and sex == "XY" and start >= 300)
    n = len(alts) - 1
    a, b = rng.randint(0, n), rng.randint(0, n)
    if rng.random() < 0.03:
        b = n + 1
    if haploid:
        gt = rng.choice([f"{a}", f"{a}/{a}", f"{a}|{b}"])
    else:
        gt = rng.choice([f"{a}/{b}", f"{b}|{a}", f"{a}/{a}", f"./{a}", "./.", f"{a}/{b}"])
    ad = [rng.choice([0, 2, 8, 15]) for _ in range(n + 2)]
    fields = {
        "GT": gt,
        "AD": ",".join(map(str, ad)),
        "DP": str(rng.choice([4, 8, max(10, sum(ad)), max(10, sum(ad))])),
        "GQ": rng.choice(["15", "20", "40", "99", "99", "."]),
    }
    return Record(
        chrom, start + 1, ref, tuple(alts), fields, None, rng.choice([".", "PASS", ".", "LowQual"])
    )


def ploidy(chrom: str, pos: int, sex: str) -> int:
    """Copies of a 1-based position."""
    if chrom == "chrM":
        return 1
    if chrom not in ("chrX", "chrY"):
        return 2
    if sex not in ("XX", "XY"):
        return 0
    if sex == "XX":
        return 2 if chrom == "chrX" else 0
    return 2 if any(a < pos <= b for a, b in PAR[chrom]) else 1


def normalised(
    sequences: dict[str, str], chrom: str, pos: int, ref: str, alt: str
) -> tuple[int, str, str]:
    """Left-aligned, trimmed allele, one base at a time."""
    bases = sequences[chrom]
    while True:
        if ref and alt and ref[-1] == alt[-1] and not (len(ref) == 1 and len(alt) == 1):
            if (len(ref) == 1 or len(alt) == 1) and pos == 1:
                break
            ref, alt = ref[:-1], alt[:-1]
        elif not ref or not alt:
            pos -= 1
            ref, alt = bases[pos - 1] + ref, bases[pos - 1] + alt
        else:
            break
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt


def naive_person(
    sequences: dict[str, str], records: list[Record], sex: str
) -> tuple[dict[tuple[str, int, str, str], tuple[int, int]], set[tuple[str, int]]]:
    """Alleles -> (copies, ploidy) and callable (chrom, 1-based pos), by the rule, slowly."""
    good_at: set[tuple[str, int]] = set()
    bad_at: set[tuple[str, int]] = set()
    alleles: dict[tuple[str, int, str, str], tuple[int, int]] = {}
    for r in records:
        if r.chrom.startswith("chrUn"):
            continue
        block = r.end is not None
        last = r.end if block else r.pos + len(r.ref) - 1
        for pos in range(r.pos, last + 1):
            copies = ploidy(r.chrom, pos, sex)
            if not copies:
                continue
            good = _passes(r, copies)
            if good:
                good_at.add((r.chrom, pos))
            elif block or pos == r.pos:
                bad_at.add((r.chrom, pos))
        copies = ploidy(r.chrom, r.pos, sex)
        if block or not copies:
            continue
        called = [int(x) for x in r.fields["GT"].replace("|", "/").split("/") if x != "."]
        for index in sorted({x for x in called if x > 0}):
            alt = r.alts[index - 1]
            if alt in ("*", "<NON_REF>"):
                continue
            pos, ref, allele = normalised(sequences, r.chrom, r.pos, r.ref, alt)
            if _passes(r, copies):
                good_at.add((r.chrom, pos))
                n = 1 if copies == 1 else Counter(called)[index]
                alleles[(r.chrom, pos, ref, allele)] = (n, copies)
            else:
                bad_at.add((r.chrom, pos))
    known = good_at - bad_at
    return {k: v for k, v in alleles.items() if (k[0], k[1]) in known}, known


def _passes(r: Record, copies: int) -> bool:
    parts = r.fields["GT"].replace("|", "/").split("/")
    if "." in parts:
        return False
    called = [int(x) for x in parts]
    depth = int(r.fields.get("MIN_DP", r.fields["DP"]))
    gq = r.fields["GQ"]
    if gq == "." or int(gq) < RULE["min_gq"]:
        return False
    if any(x and r.alts[x - 1].startswith("<") for x in called):
        return False
    if any(called) and r.filter not in (".", "PASS"):
        return False
    if copies == 1:
        return len(set(called)) == 1 and depth >= RULE["min_dp_haploid"]
    if len(called) != 2 or depth < RULE["min_dp"]:
        return False
    if called[0] != called[1]:
        ad = [int(x) for x in r.fields["AD"].split(",")]
        return all(ad[x] >= RULE["min_ab"] * depth for x in called if x)
    return True


def may_show(callable_here: dict[str, tuple[int, int]], k: int) -> dict[str, bool]:
    """The rule of a first release of both sexes at one position, spelt out.

    `callable_here`: sex -> (people callable, copies they have); the larger sex is decided first.
    """
    there = {sex: n for sex, (n, copies) in callable_here.items() if n and copies}
    parts: dict[int, int] = {}
    for sex, (n, copies) in callable_here.items():
        if sex in there:
            parts[copies] = parts.get(copies, 0) + n
    shown = {"all": bool(parts) and all(n >= k for n in parts.values())}
    for sex in callable_here:
        own = there.get(sex, 0)
        same = sum(callable_here[s][1] == callable_here[sex][1] for s in there)
        rest = [n for s, n in there.items() if s != sex]
        # Together with `all` of the same copies a sex gives the other.
        safe = own >= k and (not shown["all"] or same == 1 or all(n >= k for n in rest))
        shown[f"sex={sex}"] = safe
    return shown


def naive_counts(
    sequences: dict[str, str], people: list[tuple[list[Record], str]]
) -> dict[tuple[str, int, str, str], dict[str, int]]:
    """Allele -> ac, an, nhomalt, nhemi over people given as (records, sex)."""
    read = [(*naive_person(sequences, records, sex), sex) for records, sex in people]
    out: dict[tuple[str, int, str, str], dict[str, int]] = {}
    for key in sorted({k for alleles, _, _ in read for k in alleles}):
        total: Counter[str] = Counter()
        for alleles, known, sex in read:
            if (key[0], key[1]) in known:
                total["an"] += ploidy(key[0], key[1], sex)
            n, copies = alleles.get(key, (0, 0))
            total["ac"] += n
            total["nhomalt"] += copies == 2 and n == 2
            total["nhemi"] += copies == 1
        out[key] = {name: total[name] for name in ("ac", "an", "nhomalt", "nhemi")}
    return out
