"""Reads of one sample as other programs ask for them: one read group, a name they can take."""

from collections.abc import Sequence
from pathlib import Path

import pysam

from shirube.genome.intervals import Interval
from shirube.tools import run


def named_reads(path: str, name: str, reference: str, bed: Path, scratch: Path) -> Path:
    """Reads of a BAM or CRAM over the regions of `bed` as indexed BAM of one sample `name`."""
    source, out = scratch / f"{name}.source.bam", scratch / f"{name}.bam"
    run(
        *("samtools", "view", "--no-PG", "-u", "-T", reference, "-M", "-L", bed),
        *("-o", source, path),
    )
    run(
        *("samtools", "addreplacerg", "--no-PG", "-m", "overwrite_all", "-w"),
        *("-r", rf"@RG\tID:{name}\tSM:{name}\tPL:ILLUMINA", "-o", out, source),
    )
    source.unlink()
    run("samtools", "index", out)
    return out


def indexed_bed(regions: Sequence[Interval], path: Path) -> Path:
    """`regions`, sorted, as a BGZF-compressed BED file with its tabix index."""
    rows = sorted((i.contig, i.start, i.end) for i in regions)
    path.write_text("".join(f"{contig}\t{start}\t{end}\n" for contig, start, end in rows))
    return Path(pysam.tabix_index(str(path), preset="bed", force=True))
