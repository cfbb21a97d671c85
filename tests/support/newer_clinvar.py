"""A newer ClinVar for a finished demo, and what changes with it."""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pysam


def newer(old: Path, new: Path, carried: Mapping[str, Any]) -> None:
    """A ClinVar with an assertion withdrawn, a neighbour of another, and one of a carried allele.

    The neighbour is of the same base, so of the same residue and splice motif.
    """
    lines = gzip.decompress(old.read_bytes()).decode().splitlines()
    out = []
    for line in lines:
        if "GENEINFO=BRCA2" in line:
            line = line.replace("CLNSIG=Pathogenic", "CLNSIG=Uncertain_significance")
        out.append(line)
        if "GENEINFO=OTC" in line:
            fields = line.split("\t")
            fields[2], fields[4] = "9799999", next(b for b in "ACGT" if b not in fields[3:5])
            out.append("\t".join(fields))
    fact = (
        "ALLELEID=9788888;CLNDN=new;CLNREVSTAT=criteria_provided,_multiple_submitters,_no_conflicts"
        f";CLNSIG=Pathogenic;CLNVC=single_nucleotide_variant;GENEINFO={carried['gene']}:1;"
        "MC=SO:0001627|intron_variant;ORIGIN=1"
    )
    place = [str(carried["chrom"]).removeprefix("chr"), str(carried["pos"]), "9788888"]
    out.append("\t".join([*place, carried["ref"], carried["alt"], ".", ".", fact]))
    body = sorted(
        (line for line in out if not line.startswith("#")),
        key=lambda line: (line.split("\t")[0], int(line.split("\t")[1])),
    )
    plain = new.with_suffix("")
    plain.write_text("\n".join([*(x for x in out if x.startswith("#")), *body]) + "\n")
    pysam.tabix_compress(str(plain), str(new), force=True)
    plain.unlink()


def carried_allele(results: Path) -> dict[str, Any]:
    """An allele of an intron that nobody asserts anything of, carried by few."""
    frequency = pl.col("consequence").str.contains("intron") & pl.col("clinvar_id").is_null()
    single = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)
    rows = pl.read_parquet(results / "annotation" / "chr10.parquet").filter(frequency & single)
    return rows.row(0, named=True)
