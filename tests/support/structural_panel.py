"""A made panel of structural variants of every kind, and a naive count of it."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

from shirube.genome.ploidy import PAR

Par = Mapping[str, tuple[tuple[int, int], ...]]
PEOPLE = 120
SEX = {f"P{n:03d}": ("XX", "XY", "XX", "XY", "unknown")[n % 5] for n in range(PEOPLE)}
GROUP = {name: f"g{n % 3}" for n, name in enumerate(SEX) if n != 7}  # one is in no group
LENGTHS = {"chr1": 248_956_422, "chr21": 46_709_983, "chrX": 156_040_895, "chrY": 57_227_415}
HEADER = """##fileformat=VCFv4.2
##INFO=<ID=SVTYPE,Number=1,Type=String,Description="type">
##INFO=<ID=END,Number=1,Type=Integer,Description="end">
##INFO=<ID=SVLEN,Number=A,Type=Integer,Description="length">
##INFO=<ID=MATEID,Number=A,Type=String,Description="mate">
##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="quality">
##FORMAT=<ID=CN,Number=1,Type=Integer,Description="copies">
##ALT=<ID=DEL,Description="deletion">
##ALT=<ID=DUP,Description="duplication">
##ALT=<ID=INV,Description="inversion">
##ALT=<ID=INS,Description="insertion">
##ALT=<ID=CNV,Description="copy number">
"""


def ploidy(chrom: str, pos: int, sex: str, par: Par = PAR["GRCh38"]) -> int:
    if chrom not in ("chrX", "chrY"):
        return 2
    if sex == "unknown":
        return 0
    if sex == "XX":
        return 2 if chrom == "chrX" else 0
    return 2 if any(a < pos <= b for a, b in par[chrom]) else 1


def panel(
    rng: random.Random,
    sites: int,
    lengths: dict[str, int] = LENGTHS,
    par: Par = PAR["GRCh38"],
    longest: int = 900_000,
) -> list[dict]:
    """Records of every kind, with a genotype and a copy number of each person."""
    out = []
    for n in range(sites):
        chrom = rng.choice(["chr1", "chr21", "chrX", "chrX", "chrY"])
        high = rng.choice([lengths[chrom] - 10 * longest, 2 * longest])
        pos = rng.randint(longest // 45, high)
        kind = rng.choice(["DEL", "DUP", "INS", "INV", "BND", "CNV", "DEL"])
        length = rng.randint(50, longest)
        alts, end = [f"<{kind}>"], pos + length
        if kind == "BND":
            alts, end = [rng.choice([f"N[chr21:{pos}[", f"]chr1:{pos}]N", f"N]chrX:{pos}]"])], None
        elif kind == "INS":
            end = pos
            alts = [rng.choice(["<INS>", "<INS:ME:ALU>", "N" + "ACGT" * 20])]
        elif kind == "CNV":
            alts = rng.choice([["<CNV>"], ["<CN0>", "<CN3>"]])
        elif rng.random() < 0.1:
            alts.append("<DUP:TANDEM>")
        calls = []
        for sex in SEX.values():
            have = ploidy(chrom, pos, sex, par)
            alleles = [rng.choice([0, 0, 0, *range(1, len(alts) + 1)]) for _ in range(2)]
            text = rng.choice(["/", "|"]).join(map(str, alleles))
            shape = rng.random()
            if shape < 0.08:
                text = "./."
            elif shape < 0.12:
                text = f"./{alleles[0]}"
            elif have == 1 and shape < 0.6:
                text = str(alleles[0])
            elif shape < 0.15:
                text = "."
            calls.append((text, rng.choice(["0", "1", "2", "3", "5", "."])))
        out.append({"chrom": chrom, "pos": pos, "id": f"sv{n}", "kind": kind, "end": end}
                   | {"alts": alts, "length": length, "calls": calls})  # fmt: skip
    order = list(LENGTHS)
    return sorted(out, key=lambda r: (order.index(r["chrom"]), r["pos"]))


def write_vcf(
    path: Path, records: list[dict], more: str = "", lengths: dict[str, int] = LENGTHS
) -> None:
    lines = [HEADER.rstrip("\n")]
    lines += [f"##contig=<ID={name},length={length}>" for name, length in lengths.items()]
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *SEX]
    lines.append("\t".join(columns))
    for r in records:
        info = f"SVTYPE={r['kind']}" + (f";END={r['end']}" if r["end"] else "")
        info += f";SVLEN={','.join([str(r['length'])] * len(r['alts']))}"
        calls = [f"{gt}:30:{cn}" for gt, cn in r["calls"]]
        head = [r["chrom"], str(r["pos"]), r["id"], "N", ",".join(r["alts"]), ".", "PASS", info]
        lines.append("\t".join([*head, "GT:GQ:CN", *calls]))
    path.write_text("\n".join(lines) + "\n" + more)


def naive(
    records: list[dict], groups: dict[str, str] = GROUP, par: Par = PAR["GRCh38"]
) -> dict[tuple, dict]:
    """(id, allele, group) -> counts, one genotype after another."""
    out: dict[tuple, dict] = {}
    for r in records:
        for allele in range(1, len(r["alts"]) + 1):
            sums: dict[str, Counter] = defaultdict(Counter)
            copies: dict[str, Counter] = defaultdict(Counter)
            for (name, sex), (gt, cn) in zip(SEX.items(), r["calls"], strict=True):
                if name not in groups:
                    continue
                have, group = ploidy(r["chrom"], r["pos"], sex, par), sums[groups[name]]
                if have and cn != ".":
                    copies[groups[name]][int(cn)] += 1
                alleles = gt.replace("|", "/").split("/")
                if not have or "." in alleles:
                    continue
                if have == 2 and len(alleles) == 2:
                    own = sum(int(a) == allele for a in alleles)
                    group.update(ac=own, an=2, people=1, nhomalt=own == 2)
                elif have == 1 and len(set(alleles)) == 1:
                    own = int(alleles[0]) == allele
                    group.update(ac=own, an=1, people=1, nhemi=own)
            for name in set(groups.values()):
                cn = copies[name]
                told = [cn[n] for n in range(max(cn) + 1)] if cn else None
                numbers = {k: sums[name][k] for k in ("ac", "an", "nhomalt", "nhemi", "people")}
                out[r["id"], allele, name] = {**numbers, "cn": told}
    return out
