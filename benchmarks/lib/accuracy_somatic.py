"""Somatic truth sets: tumour/normal pairs, spike-ins into real reads, fusions, identical pairs."""

import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from accuracy_rows import Row
from artefacts import Artefacts, made
from spikein import replicates

from shirube.calling.somatic.calling import Reads, call_somatic, name_phase_sets
from shirube.calling.somatic.detection_limit import detection_probability
from shirube.calling.somatic.errors import measured
from shirube.calling.somatic.model import Thresholds
from shirube.calling.structural.adjacency import Reference
from shirube.calling.structural.calling import Limits, Sample, call_structural
from shirube.genome.intervals import Interval
from shirube.reads.junctions import sample_junctions
from shirube.vcf import read_columns

ENGINE = "embedded"
SEEDS = (1, 2, 3)
MADE_SIZE, MADE_DEPTH = 40_000, 200
MIN_DEPTH, MIN_NORMAL_DEPTH, MIN_CARRIERS, LONG_HOMOPOLYMER = 14, 8, 3, 8
SLICE = Interval("chr20", 10_000_000, 10_100_000)
GENES = [Interval("chr17", 7_660_000, 7_690_000), Interval("chr17", 43_040_000, 43_180_000)]
FUSION = {"pos1": 29_223_741, "pos2": 42_299_750}
PANEL = [Interval("chr2", 29_192_774, 29_921_586), Interval("chr2", 42_169_353, 42_332_548)]


def passing(reads: Reads, regions: list[Interval], aliases: dict[str, str]) -> pl.DataFrame:
    """Calls that pass, as the workflow makes them."""
    limits = Thresholds()
    found, _ = measured(
        *(reads.tumour, reads.reference, regions, reads.min_mapq, reads.min_baseq),
        *(limits.max_false, limits.min_lod, reads.normal),
    )
    table = call_somatic(reads, regions, limits, aliases, found)
    return name_phase_sets(table).filter(filter="PASS")


def _compared(found: pl.DataFrame, truth: pl.DataFrame, name: str, note: str = "") -> Row:
    key = ["pos", "ref", "alt"]
    matched = found.join(truth, on=key, how="semi").height
    return Row(
        name, ENGINE, "all", matched, found.height - matched, truth.height - matched, None, note
    )


def pairs(realdata: Path) -> list[Row]:
    """strelka-demo against its expected calls, and TP53 and BRCA1 of HCC1395."""
    demo, rows = realdata / "strelka-demo", []
    truth = pl.concat(
        read_columns(demo / f"somatic.{kind}.vcf.gz").filter(filter="PASS")
        for kind in ("snvs", "indels")
    )
    reads = Reads(
        str(demo / "NA12891_demo20.bam"), str(demo / "NA12892_demo20.bam"), str(demo / "demo20.fa")
    )
    found = passing(reads, [Interval("demo20", 0, 5000)], {"demo20": "chr20"})
    rows.append(_compared(found, truth, "strelka-demo"))
    cell_line = realdata / "hcc1395-chr17/aligned_here"
    fasta = str(realdata / "ref-grch38-chr17/chr17.tp53_brca1.fa.gz")
    tumour = str(cell_line / "HCC1395.tumour.grch38.bam")
    normal = str(cell_line / "HCC1395BL.normal.grch38.bam")
    hotspot = pl.DataFrame(
        {"pos": [7_675_088], "ref": ["C"], "alt": ["T"]}, schema_overrides={"pos": pl.Int32}
    )
    found = passing(Reads(tumour, normal, fasta), GENES, {})
    rows.append(_compared(found, hotspot, "hcc1395", "TP53 p.R175H; others are not known"))
    slice_ = realdata / "na12878-chr20"
    twin = str(slice_ / "NA12878_S1.chr20.10_10p1mb.bam")
    chr20 = str(slice_ / "ucsc.hg19.chr20.unittest.fasta.gz")
    same = [
        passing(Reads(tumour, tumour, fasta), GENES, {}).height,
        passing(Reads(normal, normal, fasta), GENES, {}).height,
        passing(Reads(twin, twin, chr20), [SLICE], {}).height,
    ]
    rows.append(Row("identical-pair", ENGINE, "all", 0, sum(same), 0, None, "3 samples"))
    return rows


def spike_ins(realdata: Path) -> list[Row]:
    """Alleles planted in one half of NA12878's reads, the other half as the normal.

    A site is callable with 14 fragments of the tumour and 8 of the normal that could show the
    allele; the fraction is that of the fragments that carry it. Fewer than 3 carriers are below
    the caller's stated limit and counted apart.
    """
    folder = realdata / "na12878-chr20"
    bam = folder / "NA12878_S1.chr20.10_10p1mb.bam"
    fasta = str(folder / "ucsc.hg19.chr20.unittest.fasta.gz")
    with tempfile.TemporaryDirectory() as scratch:
        parts = list(zip(*replicates(bam, fasta, SLICE, SEEDS, Path(scratch)), strict=True))
    events, extra, negatives = (pl.concat(part) for part in parts)
    single = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)
    is_indel = pl.col("kind").is_in(["insertion", "deletion"])
    able = (pl.col("depth") >= MIN_DEPTH) & (pl.col("normal_depth") >= MIN_NORMAL_DEPTH)
    high = able & (pl.col("vaf") >= 0.1) & (pl.col("carriers") >= MIN_CARRIERS)
    few = able & (pl.col("vaf") >= 0.1) & (pl.col("carriers") < MIN_CARRIERS)
    low = able & pl.col("vaf").is_between(0.05, 0.1, closed="left")
    wrong = {"snv": extra.filter(single).height, "indel": extra.filter(~single).height}
    short = pl.col("homopolymer") < LONG_HOMOPOLYMER
    classes = [
        ("snv", pl.col("kind") == "snv", "snv"),
        ("mnv", pl.col("kind") == "mnv", None),
        ("indel", is_indel & short, "indel"),
        ("indel-homopolymer", is_indel & ~short, None),
    ]
    rows = []
    for kind, chosen, extras_of in classes:
        for span, within in (("10-50%", high), ("5-10%", low), ("10-50%, < 3 carriers", few)):
            table = events.filter(chosen & within)
            found = int(table["found"].sum())
            counted = wrong[extras_of] if extras_of and span == "10-50%" else 0
            name = "spike-ins" if span == "10-50%" else f"spike-ins ({span})"
            rows.append(
                Row(name, ENGINE, kind, found, counted, table.height - found, None, f"VAF {span}")
            )
    rows += [_limit(events.filter(able & (pl.col("kind") == "snv")))]
    note = f"{events.height} events planted in {len(SEEDS)} replicates; unedited halves"
    rows.append(Row("spike-in-negatives", ENGINE, "all", 0, negatives.height, 0, None, note))
    return rows


def _limit(events: pl.DataFrame) -> Row:
    """Stated limit of detection beside the detected share of planted SNVs.

    The scale s that makes detection_probability(s x fraction, depth) most likely is the ratio of
    the stated limit to the empirical one: within 20% counts as one right answer.
    """
    fraction, depth = events["fraction"].to_numpy(), events["depth"].to_numpy()
    found = events["found"].to_numpy()
    scales = np.arange(0.5, 2.001, 0.01)
    fits = []
    for scale in scales:
        p = np.clip(detection_probability(scale * fraction, depth), 1e-6, 1 - 1e-6)
        fits.append(float(np.log(np.where(found, p, 1 - p)).sum()))
    ratio = float(scales[int(np.argmax(fits))])
    right = int(abs(ratio - 1) <= 0.2)
    note = f"stated / empirical limit {ratio:.2f} at median depth {np.median(depth):.0f}"
    return Row("detection-limit", ENGINE, "snv", right, 1 - right, 1 - right, None, note)


def fusions(realdata: Path) -> list[Row]:
    """EML4::ALK of H3122 within 10 bases on both sides; HCC827 has none."""
    folder, limits, rows = realdata / "dnafusion-eml4alk", Limits(), []
    fasta = str(folder / "chr2.alk_eml4.from_md.fa.gz")
    arguments = (limits.min_mapq, limits.max_insert, limits.min_clip)
    for name, expected in (("H3122", 1), ("HCC827", 0)):
        found = sample_junctions(str(folder / f"{name}_EML4.bam"), fasta, PANEL, *arguments)
        table = call_structural(
            Sample(found, limits.min_mapq),
            None,
            Reference(fasta),
            lambda adjacency, role: 0,
            limits,
        ).filter(pl.col("svtype") != "INS", filter="PASS")
        near = [(pl.col(side) - pos).abs() <= 10 for side, pos in FUSION.items()]
        right = table.filter(near).height if expected else 0
        rows.append(
            Row(f"fusion-{name}", ENGINE, "sv", right, table.height - right, expected - right)
        )
    return rows


def artefacts(_: Path) -> list[Row]:
    """Made pairs of 200x with a wrong base of one strand at every 400th base, and damaged DNA.

    tp, fn: SNVs planted at 5, 10 and 30%; fp: other calls that pass.
    """
    kinds = {
        "strand": Artefacts(strand_places=MADE_SIZE // 400),
        "formalin": Artefacts(damage=0.02),
        "oxidation": Artefacts(damage=0.01, damaged=(2, 3)),
    }
    rows = []
    for kind, laid in kinds.items():
        with tempfile.TemporaryDirectory() as scratch:
            pair = made(Path(scratch), MADE_SIZE, MADE_DEPTH, SEEDS[0], laid)
            reads = Reads(pair.tumour, pair.normal, pair.reference)
            table = passing(reads, [Interval("chr1", 0, MADE_SIZE)], {})
        found = set(table.select("pos", "alt").iter_rows())
        true = {(place + 1, "ACGT"[base]) for place, base, _ in pair.planted}
        counts = len(found & true), len(found - true), len(true - found)
        note = f"{MADE_SIZE // 1000} kb at {MADE_DEPTH}x"
        rows.append(Row("artefacts", ENGINE, kind, *counts, None, note))
    return rows


TRUTH_SETS = [pairs, spike_ins, fusions, artefacts]
