"""CNVkit as the engine of copy-number segments: its coverage, bias correction and segmentation.

CNVkit counts the bins, corrects the tumour by the matched normal and for GC, and cuts the
chromosomes (method haar, which needs no R). Cuts where only the imbalance changes, purity, ploidy
and the names of what happened are those of `copynumber`: a call means the same whatever engine.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from shirube.calling.copy_number.calling import Segment, segments_of
from shirube.calling.copy_number.segments import noise
from shirube.genome.alleles import canonical
from shirube.genome.intervals import Interval
from shirube.tools import run

_COLUMNS = {"chromosome": pl.String, "start": pl.Int64, "end": pl.Int64, "log2": pl.Float64}


def _table(path: Path) -> pl.DataFrame:
    """Places and log2 ratios of a .cnr or .cns file."""
    table = pl.read_csv(path, separator="\t", schema_overrides=_COLUMNS, null_values=["", "nan"])
    return table.select(*_COLUMNS).drop_nulls()


def cnvkit_segments(
    tumour: str,
    normal: str,
    reference: str,
    bins: Sequence[Interval],
    sites: pl.DataFrame,
    copies: dict[str, int],
    min_mapq: int,
    aliases: dict[str, str] | None,
    scratch: Path,
) -> list[Segment]:
    """Segments of `bins` as CNVkit cuts them, with the imbalance of `sites` (rows of LOH) in them.

    `copies` are the normal's copies of each chromosome where they are not two; the log2 ratios
    are to the normal, so 0 on a single X that did not change.
    """
    bed = scratch / "bins.bed"
    bed.write_text("".join(f"{i.contig}\t{i.start}\t{i.end}\t-\n" for i in bins))
    for name, path in (("tumour", tumour), ("normal", normal)):
        out = scratch / f"{name}.targetcoverage.cnn"
        run(
            *("cnvkit.py", "coverage", "-q", min_mapq, "-f", reference, "-o", out, path, bed),
        )
    model, ratios, cut = (scratch / name for name in ("reference.cnn", "tumour.cnr", "tumour.cns"))
    sex = ["-x", "m", "-y"] if copies.get("chrX") == 1 else ["-x", "f"]
    run(
        *("cnvkit.py", "reference", *sex, "-f", reference, "--no-edge", "-o", model),
        scratch / "normal.targetcoverage.cnn",
    )
    run(
        *("cnvkit.py", "fix", "-r", model, "--no-edge", "-i", "tumour", "-o", ratios),
        scratch / "tumour.targetcoverage.cnn",
    )
    run("cnvkit.py", "segment", "-m", "haar", "-o", cut, ratios)
    values = _table(ratios)
    spread = noise(values["log2"].to_numpy())
    found: list[Segment] = []
    for contig, start, end, _ in _table(cut).iter_rows():
        chrom = str(canonical(contig, aliases))
        own = values.filter(
            (pl.col("chromosome") == contig) & (pl.col("start") < end) & (pl.col("end") > start)
        )
        here = sites.filter(pl.col("chrom") == chrom)
        place = Interval(chrom, start, end)
        found += segments_of(place, own, spread, here, copies.get(chrom, 2))
    return found
