"""Artificial cohorts for the benchmarks: a joint BCF and single-sample gVCFs, seeded."""

import shutil
import struct
from pathlib import Path

import numpy as np
import polars as pl
import pysam

CONTIGS = {"chr20": 64_444_167, "chrX": 156_040_895, "chrY": 57_227_415}
FORMATS = ("GT", "DP", "GQ", "AD")


def typed_string(text: str) -> bytes:
    """A BCF typed string."""
    data = text.encode()
    if len(data) < 15:
        return bytes([len(data) << 4 | 7]) + data
    return b"\xf7\x11" + bytes([len(data)]) + data


def sexes(n: int) -> list[str]:
    """Sex of each artificial person: every other one XY."""
    return ["XX" if i % 2 == 0 else "XY" for i in range(n)]


def bcf_header(samples: list[str]) -> bytes:
    """Header of the joint BCF."""
    lines = ["##fileformat=VCFv4.2", '##FILTER=<ID=PASS,Description="All filters passed",IDX=0>']
    for i, (name, number, kind) in enumerate(
        zip(FORMATS, "111R", ("String", *["Integer"] * 3), strict=True), 1
    ):
        lines.append(f'##FORMAT=<ID={name},Number={number},Type={kind},Description="x",IDX={i}>')
    lines += [f"##contig=<ID={c},length={n},IDX={i}>" for i, (c, n) in enumerate(CONTIGS.items())]
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]
    text = ("\n".join([*lines, "\t".join(columns)]) + "\n\0").encode()
    return b"BCF\2\2" + struct.pack("<I", len(text)) + text


def places(rng: np.random.Generator, sites: int) -> list[tuple[int, int, str]]:
    """(contig index, 0-based pos, kind) of sites: chr20, X PAR, X and Y, in order."""
    out: list[tuple[int, int, str]] = []
    for contig, low, high, kind, share in (
        (0, 1_000_000, 11_000_000, "autosome", 0.6),
        (1, 20_000, 2_700_000, "autosome", 0.1),
        (1, 5_000_000, 9_000_000, "x", 0.2),
        (2, 5_000_000, 9_000_000, "y", 0.1),
    ):
        pos = np.sort(rng.choice(np.arange(low, high, 8), int(sites * share), replace=False))
        out += [(contig, int(p), kind) for p in pos]
    return out


def joint_bcf(path: Path, n: int, sites: int, seed: int = 1) -> Path:
    """A joint BCF of `n` people: 4% multi-allelic, 10% indels, 42% singletons, GT:DP:GQ:AD."""
    rng = np.random.default_rng(seed)
    xy = np.array([s == "XY" for s in sexes(n)])
    samples = [f"S{i:05d}" for i in range(n)]
    plain = path.with_suffix(".raw")
    with open(plain, "wb") as out:
        out.write(bcf_header(samples))
        for contig, pos, kind in places(rng, sites):
            alts = 2 if rng.random() < 0.04 else 1
            draw = rng.random()
            haplotypes = np.ones((n, 2), np.int8)
            for alt in range(1, alts + 1):
                if draw < 0.42:
                    carriers = rng.integers(0, 2 * n, 1)
                    haplotypes.reshape(-1)[carriers] = alt + 1
                else:
                    frequency = min(0.5, 10 ** rng.uniform(-3.3, -0.3))
                    haplotypes[rng.random((n, 2)) < frequency] = alt + 1
            depth = rng.poisson(30, n).astype(np.int16)
            quality = np.minimum(99, rng.poisson(depth * 2.2)).astype(np.int8)
            low = rng.random(n) < 0.02
            depth[low] = rng.integers(0, 12, int(low.sum()))
            quality[low] = rng.integers(0, 30, int(low.sum()))
            gt = (haplotypes << 1).astype(np.int8)
            missing = rng.random(n) < 0.01
            gt[missing] = 0
            if kind != "autosome":
                gt[xy, 1] = -127
            if kind == "y":
                gt[~xy, 0], gt[~xy, 1] = 0, -127
            reads = np.zeros((n, alts + 1), np.int16)
            first = np.maximum((gt[:, 0] >> 1) - 1, 0)
            second = np.where(gt[:, 1] == -127, first, np.maximum((gt[:, 1] >> 1) - 1, 0))
            half = rng.binomial(depth, 0.5).astype(np.int16)
            np.put_along_axis(reads, first[:, None].astype(np.int64), half[:, None], 1)
            at = second[:, None].astype(np.int64)
            other = np.take_along_axis(reads, at, 1) + (depth - half)[:, None]
            np.put_along_axis(reads, at, other.astype(np.int16), 1)
            bases = rng.choice(list("ACGT"), 4, replace=False)
            ref, alleles = str(bases[0]), [str(b) for b in bases[1 : 1 + alts]]
            if rng.random() < 0.1:
                alleles[0] = ref + "".join(rng.choice(list("ACGT"), rng.integers(1, 6)))
            shared = struct.pack("<iiifHHI", contig, pos, len(ref), 50.0, 0, alts + 1, 4 << 24 | n)
            shared += typed_string(".")
            shared += b"".join(typed_string(a) for a in (ref, *alleles)) + b"\x11\x00"
            small = depth.max() < 120 and reads.max() < 120
            kind_of, size = (1, np.int8) if small else (2, np.int16)
            indiv = b"\x11\x01\x21" + gt.tobytes()
            indiv += b"\x11\x02" + bytes([1 << 4 | kind_of]) + depth.astype(size).tobytes()
            indiv += b"\x11\x03\x11" + quality.tobytes()
            indiv += b"\x11\x04" + bytes([(alts + 1) << 4 | kind_of]) + reads.astype(size).tobytes()
            out.write(struct.pack("<II", len(shared), len(indiv)) + shared + indiv)
    with pysam.BGZFile(str(path), "wb") as out, open(plain, "rb") as whole:
        shutil.copyfileobj(whole, out, 1 << 24)
    plain.unlink()
    return path


def gvcf(path: Path, sample: str, seed: int, length: int = 1_000_000) -> Path:
    """One artificial gVCF of chr20: GATK-like bands of some 55 bases, variants at shared sites."""
    shared, rng = np.random.default_rng(7), np.random.default_rng(seed)
    sites = np.sort(shared.choice(np.arange(1000, length, 3), length // 150, replace=False))
    frequency = 10 ** shared.uniform(-2.5, -0.3, sites.size)
    second = shared.integers(1, 4, sites.size)
    carried = (rng.random((2, sites.size)) < frequency).astype(np.int8)
    pos = sites[carried.sum(0) > 0]
    ploid = carried[:, carried.sum(0) > 0]
    alt_of = second[carried.sum(0) > 0]
    cuts = np.unique(np.concatenate((np.cumsum(rng.integers(10, 100, length // 50)), pos, pos + 1)))
    cuts = cuts[cuts < length]
    starts, ends = cuts[:-1], cuts[1:]
    variant = np.isin(starts, pos)
    keep = variant | (rng.random(starts.size) < 0.97)
    depth = rng.poisson(30, starts.size)
    depth = np.where(rng.random(starts.size) < 0.05, rng.integers(0, 12, starts.size), depth)
    quality = np.minimum(99, depth * 3)
    index = np.searchsorted(pos, starts)
    lines = []
    letters = "ACGT"
    for i in np.flatnonzero(keep).tolist():
        start, dp, gq = int(starts[i]) + 1, int(depth[i]), int(quality[i])
        ref = letters[start % 4]
        if variant[i]:
            a, b = ploid[:, index[i]].tolist()
            alt = letters[(start + int(alt_of[index[i]])) % 4]
            ad = f"{dp // 2},{dp - dp // 2},0" if a != b else f"0,{dp},0"
            fields = f"GT:AD:DP:GQ\t{a}/{b}:{ad}:{dp}:{gq}"
            lines.append(f"chr20\t{start}\t.\t{ref}\t{alt},<NON_REF>\t50\t.\t.\t{fields}\n")
        else:
            fields = f"GT:DP:GQ:MIN_DP\t0/0:{dp + 1}:{gq}:{dp}"
            lines.append(
                f"chr20\t{start}\t.\t{ref}\t<NON_REF>\t.\t.\tEND={int(ends[i])}\t{fields}\n"
            )
    head = ["##fileformat=VCFv4.2", "##ALT=<ID=NON_REF,Description=x>"]
    head += ['##INFO=<ID=END,Number=1,Type=Integer,Description="x">']
    for name, number in (("GT", "1"), ("AD", "R"), ("DP", "1"), ("GQ", "1"), ("MIN_DP", "1")):
        kind = "String" if name == "GT" else "Integer"
        head.append(f'##FORMAT=<ID={name},Number={number},Type={kind},Description="x">')
    head += [f"##contig=<ID=chr20,length={CONTIGS['chr20']}>"]
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", sample]
    text = "\n".join([*head, "\t".join(columns)]) + "\n" + "".join(lines)
    with pysam.BGZFile(str(path), "wb") as out:
        out.write(text.encode())
    return path


def sites_vcf(path: Path, n: int, seed: int = 1) -> Path:
    """A sites VCF as a release has it, `n` records over 22 contigs of 130 Mb, bgzipped."""
    rng = np.random.default_rng(seed)
    contigs = [f"chr{i}" for i in range(1, 23)]
    with pysam.BGZFile(str(path), "wb") as out:
        head = ["##fileformat=VCFv4.3", *(f"##contig=<ID={c}>" for c in contigs)]
        head.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
        out.write(("\n".join(head) + "\n").encode())
        for contig in contigs:
            size = n // len(contigs)
            pos = np.sort(rng.choice(130_000_000, size, replace=False)) + 1
            ac = rng.integers(1, 300, size)
            an = 8000 - rng.integers(0, 400, size)
            bases = np.array(list("ACGT"))
            table = pl.DataFrame(
                {
                    "pos": pos,
                    "ref": bases[pos % 4],
                    "alt": bases[(pos + 1) % 4],
                    "ac": ac,
                    "an": an,
                    "af": ac / an,
                }
            )
            info = pl.format(
                "AC={};AN={};AF={};nhomalt={};nhemi=0;faf95={};HWE=0.5",
                *("ac", "an", pl.col("af").round(6), pl.col("ac") // 50),
                (pl.col("af") * 0.8).round(6),
            )
            text = table.select(
                pl.lit(contig),
                "pos",
                pl.lit(".").alias("i"),
                "ref",
                "alt",
                pl.lit(".").alias("q"),
                pl.lit("PASS").alias("f"),
                info.alias("x"),
            ).write_csv(separator="\t", include_header=False, quote_style="never")
            out.write(text.encode())
    return path
