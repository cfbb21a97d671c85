"""A made panel of structural variants: counts by group equal a naive count at every site."""

import random
from collections import Counter, defaultdict
from pathlib import Path

import polars as pl
import pytest

from shirube.cli.main import main
from shirube.contracts import read
from shirube.contracts.cohort import STRATUM_COUNTS, STRUCTURAL_COUNTS
from shirube.genome.ploidy import PAR

COUNTED = ("ac", "an", "nhomalt", "nhemi", "people", "cn")
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


def ploidy(chrom: str, pos: int, sex: str) -> int:
    if chrom not in ("chrX", "chrY"):
        return 2
    if sex == "unknown":
        return 0
    if sex == "XX":
        return 2 if chrom == "chrX" else 0
    return 2 if any(a < pos <= b for a, b in PAR["GRCh38"][chrom]) else 1


def panel(rng: random.Random, sites: int) -> list[dict]:
    """Records of every kind, with a genotype and a copy number of each person."""
    out = []
    for n in range(sites):
        chrom = rng.choice(["chr1", "chr21", "chrX", "chrX", "chrY"])
        high = rng.choice([LENGTHS[chrom] - 9_000_000, 2_000_000])
        pos = rng.randint(20_000, high)
        kind = rng.choice(["DEL", "DUP", "INS", "INV", "BND", "CNV", "DEL"])
        length = rng.randint(50, 900_000)
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
            have = ploidy(chrom, pos, sex)
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


def write_vcf(path: Path, records: list[dict], more: str = "") -> None:
    lines = [HEADER.rstrip("\n")]
    lines += [f"##contig=<ID={name},length={length}>" for name, length in LENGTHS.items()]
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *SEX]
    lines.append("\t".join(columns))
    for r in records:
        info = f"SVTYPE={r['kind']}" + (f";END={r['end']}" if r["end"] else "")
        info += f";SVLEN={','.join([str(r['length'])] * len(r['alts']))}"
        calls = [f"{gt}:30:{cn}" for gt, cn in r["calls"]]
        head = [r["chrom"], str(r["pos"]), r["id"], "N", ",".join(r["alts"]), ".", "PASS", info]
        lines.append("\t".join([*head, "GT:GQ:CN", *calls]))
    path.write_text("\n".join(lines) + "\n" + more)


def naive(records: list[dict]) -> dict[tuple, dict]:
    """(id, allele, group) -> counts, one genotype after another."""
    out: dict[tuple, dict] = {}
    for r in records:
        for allele in range(1, len(r["alts"]) + 1):
            sums: dict[str, Counter] = defaultdict(Counter)
            copies: dict[str, Counter] = defaultdict(Counter)
            for (name, sex), (gt, cn) in zip(SEX.items(), r["calls"], strict=True):
                if name not in GROUP:
                    continue
                have, group = ploidy(r["chrom"], r["pos"], sex), sums[GROUP[name]]
                if have and cn != ".":
                    copies[GROUP[name]][int(cn)] += 1
                alleles = gt.replace("|", "/").split("/")
                if not have or "." in alleles:
                    continue
                if have == 2 and len(alleles) == 2:
                    own = sum(int(a) == allele for a in alleles)
                    group.update(ac=own, an=2, people=1, nhomalt=own == 2)
                elif have == 1 and len(set(alleles)) == 1:
                    own = int(alleles[0]) == allele
                    group.update(ac=own, an=1, people=1, nhemi=own)
            for name in set(GROUP.values()):
                cn = copies[name]
                told = [cn[n] for n in range(max(cn) + 1)] if cn else None
                numbers = {k: sums[name][k] for k in ("ac", "an", "nhomalt", "nhemi", "people")}
                out[r["id"], allele, name] = {**numbers, "cn": told}
    return out


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "sheet.tsv"
    rows = [f"{name}\t{SEX[name]}\t{group}" for name, group in GROUP.items()]
    path.write_text("\n".join(["sample\tsex\tstratum", *rows]) + "\n")
    return path


def test_counts_by_group_are_a_naive_count(
    tmp_path: Path, sheet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = panel(random.Random(3), 400)
    path, out = tmp_path / "panel.vcf", tmp_path / "out.parquet"
    write_vcf(path, records)
    assert main(["count", str(path), "--sheet", str(sheet), "--out", str(out)]) == 0
    assert "400 structural records, 119 people" in capsys.readouterr().out
    table = read(STRUCTURAL_COUNTS, tmp_path / "out.structural.parquet")
    wanted = naive(records)
    found = {
        (r["id"], r["allele"], r["stratum"]): {k: r[k] for k in COUNTED}
        for r in table.iter_rows(named=True)
    }  # fmt: skip
    assert found == wanted
    assert {r["kind"] for r in records} == set(table["svtype"])
    by_id = {r["id"]: r for r in records}
    for row in table.iter_rows(named=True):
        own = by_id[row["id"]]
        assert (row["end"], row["alt"]) == (own["end"], own["alts"][row["allele"] - 1])
        assert row["svlen"] == own["length"]
    assert table["ac"].sum() > 10_000
    assert read(STRATUM_COUNTS, out).filter(~pl.col("ref").eq("N")).is_empty()


def test_small_alleles_of_the_same_file_are_counted_as_ever(tmp_path: Path, sheet: Path) -> None:
    records = panel(random.Random(4), 20)
    small = "\t".join(["chrY", "57200000", ".", "A", "C", ".", "PASS", ".", "GT:GQ:CN"])
    path, out = tmp_path / "panel.vcf", tmp_path / "out.parquet"
    write_vcf(path, records, small + "\t1:30:1" * PEOPLE + "\n")
    words = ["count", str(path), "--sheet", str(sheet), "--out", str(out)]
    assert main(words) == 1  # no read counts: the rule for small variants cannot be applied
    assert main([*words, "--every-genotype"]) == 0
    assert read(STRATUM_COUNTS, out).filter(pl.col("pos") == 57_200_000).height == 3
    found = read(STRUCTURAL_COUNTS, tmp_path / "out.structural.parquet")
    assert found["record"].n_unique() == 20
    assert found.filter(pl.col("pos") == 57_200_000).is_empty()


def test_a_file_without_types_is_counted_as_before(tmp_path: Path, sheet: Path) -> None:
    path, out = tmp_path / "plain.vcf", tmp_path / "out.parquet"
    head = HEADER.replace("ID=SVTYPE", "ID=OTHER").rstrip("\n")
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *SEX]
    row = ["chr1", "5000", ".", "A", "C", ".", "PASS", ".", "GT", *["0/1"] * PEOPLE]
    contigs = "\n".join(f"##contig=<ID={n},length={length}>" for n, length in LENGTHS.items())
    path.write_text("\n".join([head, contigs, "\t".join(columns), "\t".join(row)]) + "\n")
    words = ["count", str(path), "--sheet", str(sheet), "--out", str(out), "--every-genotype"]
    assert main(words) == 0
    assert read(STRATUM_COUNTS, out)["ac"].sum() == 119
    assert not (tmp_path / "out.structural.parquet").exists()
