"""Reads of a second sample at sites where the first is homozygous: the same person or not."""

import tempfile
from pathlib import Path

import polars as pl

from shirube.calling.germline import gvcf
from shirube.contracts import ALLELE
from shirube.tools import piped

MAX_SITES, MIN_DEPTH = 2000, 10
APART = 10  # bases: SNVs closer together are often reads of another place
_AUTOSOMES = [f"chr{n}" for n in range(1, 23)]


def homozygous_sites(calls: pl.DataFrame, minimum: float = 0.75) -> pl.DataFrame:
    """SNVs of CALLS on autosomes whose reads are nearly all ALT, evenly thinned to MAX_SITES.

    Chosen by reads, not by genotype: contamination turns homozygous calls into heterozygous ones.
    """
    fraction = pl.col("ad_alt") / (pl.col("ad_alt") + pl.col("ad_ref"))
    sites = calls.filter(
        pl.col("chrom").cast(pl.String).is_in(_AUTOSOMES)
        & (pl.col("ref").str.len_bytes() == 1)
        & (pl.col("alt").str.len_bytes() == 1)
        & (pl.col("filter") == "PASS")
        & (pl.col("dosage") > 0)
        & (pl.col("ploidy") == 2)
        & (fraction >= minimum)
    )
    gap = pl.col("pos").diff().over("chrom").fill_null(APART)
    after = pl.col("pos").diff(-1).over("chrom").abs().fill_null(APART)
    single = sites.filter((gap >= APART) & (after >= APART))
    every = max(1, -(-len(single) // MAX_SITES))
    return single.gather_every(every)


def allele_depths(
    reads: str | Path,
    reference: str | Path,
    sites: pl.DataFrame,
    contigs: dict[str, str],
    min_mapq: int,
    min_baseq: int,
) -> pl.DataFrame:
    """`sites` with ad_ref and ad_alt of these reads (0 where none); `contigs`: chrom -> contig."""
    wanted = sites.select(ALLELE)
    if wanted.is_empty():
        return wanted.with_columns(ad_ref=pl.lit(0, pl.Int32), ad_alt=pl.lit(0, pl.Int32))
    names = {contig: chrom for chrom, contig in contigs.items()}
    with tempfile.TemporaryDirectory() as scratch:
        bed = Path(scratch) / "sites.bed"
        places = wanted.select(
            pl.col("chrom").cast(pl.String).replace_strict(contigs),
            start=pl.col("pos") - 1,
            end="pos",
        )
        places.write_csv(bed, separator="\t", include_header=False)
        command = [
            *("bcftools", "mpileup", "--no-version", "-Ov", "-f", reference, "-R", bed, "-I"),
            *("--ignore-RG", "-a", "AD", "-d", 8000, "-q", min_mapq, "-Q", min_baseq, reads),
        ]
        with piped(command) as stream:
            gvcf.read_header(stream, reads)
            chunks = list(gvcf.read_text(stream, source=reads))
    if not chunks:
        return wanted.with_columns(ad_ref=pl.lit(0, pl.Int32), ad_alt=pl.lit(0, pl.Int32))
    rows = gvcf.with_fields(pl.concat(chunks), ["AD"]).with_columns(
        chrom=pl.col("contig").replace_strict(names, default=None),
        allele=pl.concat_list("ref", pl.col("alt").str.split(",")),
        depth=pl.col("AD").str.split(",").cast(pl.List(pl.Int32)),
    )
    long = rows.select("chrom", "pos", "allele", "depth").explode("allele", "depth")
    long = long.with_columns(pl.col("chrom").cast(wanted.schema["chrom"]))
    key = ["chrom", "pos"]
    out = wanted
    for allele, name in (("ref", "ad_ref"), ("alt", "ad_alt")):
        found = long.rename({"allele": allele, "depth": name})
        out = out.join(found, on=[*key, allele], how="left", maintain_order="left")
    return out.with_columns(pl.col("ad_ref", "ad_alt").fill_null(0))


def match(counts: pl.DataFrame) -> tuple[float | None, int]:
    """Share of sites at which most reads have the first sample's allele, and the sites judged.

    None where fewer than 20 sites have MIN_DEPTH reads. Tumour and normal of one person: near 1
    whatever was lost or gained; of two people: about the share of sites both are homozygous at.
    """
    deep = counts.filter(pl.col("ad_ref") + pl.col("ad_alt") >= MIN_DEPTH)
    if len(deep) < 20:
        return None, len(deep)
    share = (pl.col("ad_alt") >= 0.75 * (pl.col("ad_alt") + pl.col("ad_ref"))).mean()
    return float(deep.select(share).item()), len(deep)
