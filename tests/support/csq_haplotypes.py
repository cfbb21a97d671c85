"""What `bcftools csq`, aware of haplotypes, says of the alleles of one haplotype."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from shirube.annotate.csq import gff3, so_term
from shirube.genome.amino import ONE
from shirube.tools import run

Members = frozenset[tuple[int, str, str]]


def csq_haplotypes(
    directory: Path, rows: Sequence[dict[str, Any]], fasta: str, models: pl.DataFrame, contig: str
) -> dict[Members, tuple[set[str], str]]:
    """Alleles that csq joins -> its classes and its change of residues; all `rows` in cis."""
    gff, vcf, out = (directory / name for name in ("r.gff3", "r.vcf", "o.bcf"))
    gff.write_text(gff3(models, contig))
    length = next(
        line.split("\t")[1]
        for line in Path(f"{fasta}.fai").read_text().splitlines()
        if line.startswith(f"{contig}\t")
    )
    head = (
        f"##fileformat=VCFv4.2\n##contig=<ID={contig},length={length}>\n"
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
    )
    ordered = sorted(rows, key=lambda row: (row["pos"], row["ref"], row["alt"]))
    lines = [
        f"{contig}\t{r['pos']}\t.\t{r['ref']}\t{r['alt']}\t.\t.\t.\tGT\t1|0\n" for r in ordered
    ]
    vcf.write_text(head + "".join(lines))
    run("bcftools", "csq", "--no-version", "-p", "a", "--ncsq", "64", "-f", fasta, "-g", gff,
        "-Ob", "-o", out, vcf)  # fmt: skip
    text = run("bcftools", "query", "-f", "%INFO/BCSQ\\n", out).decode()
    found = {}
    for line in text.splitlines():
        for entry in line.split(","):
            fields = entry.split("|")
            if len(fields) >= 7 and "+" in fields[6]:
                members = frozenset(_allele(part) for part in fields[6].split("+"))
                found[members] = ({so_term(word) for word in fields[0].split("&")}, fields[5])
    return found


def _allele(text: str) -> tuple[int, str, str]:
    pos = int("".join(c for c in text if c.isdigit()))
    ref, alt = text[len(str(pos)) :].split(">")
    return pos, ref, alt


def residues(name: str) -> str:
    """`p.Glu51Ser` as csq writes it: 51E>51S."""
    old, place, new = name[2:5], name[5:-3], name[-3:]
    return f"{place}{ONE[old]}>{place}{ONE[new]}"
