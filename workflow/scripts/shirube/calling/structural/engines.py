"""delly and Manta as engines of structural variants: their commands, their calls in STRUCTURAL.

Both get the reads over the run's regions in one read group a sample, named `tumour` and `normal`,
whatever the files say: two samples of one name, a space in a name or no read group stop them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shirube.calling.structural.calling import Limits
from shirube.calling.structural.vcf_import import (
    delly_counts,
    import_structural,
    manta_counts,
    one_row_an_adjacency,
)
from shirube.errors import InputError, ToolError
from shirube.genome.intervals import Interval
from shirube.genome.regions import read_contigs
from shirube.reads.groups import indexed_bed, named_reads
from shirube.tools import run

_TOO_FEW, _NO_CONTIG = "not enough data to estimate", "NOT present in your reference"


@dataclass(frozen=True)
class Job:
    """Reads of `primary` (a tumour, or with `germline` a person) and of the normal beside it."""

    primary: str
    normal: str | None
    reference: str
    regions: Sequence[Interval]
    limits: Limits
    germline: bool
    aliases: dict[str, str] | None
    scratch: Path
    threads: int = 1

    def reads(self) -> list[Path]:
        """BAM files named `tumour` and, with a normal, `normal`."""
        bed = self.scratch / "regions.bed"
        bed.write_text("".join(f"{i.contig}\t{i.start}\t{i.end}\n" for i in self.regions))
        paths = {"tumour": self.primary, **({"normal": self.normal} if self.normal else {})}
        return [
            named_reads(path, name, self.reference, bed, self.scratch)
            for name, path in paths.items()
        ]

    def plain_reference(self) -> Path:
        """The reference as indexed plain FASTA."""
        fasta = Path(self.reference)
        if fasta.suffix != ".gz":
            return fasta
        plain = self.scratch / "reference.fa"
        run("samtools", "faidx", "-o", plain, self.reference, *read_contigs(f"{fasta}.fai"))
        run("samtools", "faidx", plain)
        return plain

    @property
    def columns(self) -> tuple[str, str | None]:
        """Sample columns of the VCF: of the primary sample and of the normal."""
        return "tumour", "normal" if self.normal else None


def delly(job: Job) -> pl.DataFrame:
    """STRUCTURAL table of `delly call`; InputError where it finds too few reads to begin."""
    out = job.scratch / "delly.bcf"
    try:
        reads = job.reads()
        run(
            *("delly", "call", "-q", job.limits.min_mapq, "-r", job.limits.min_mapq),
            *("-g", job.plain_reference(), "-o", out, *reads),
        )
    except ToolError as error:
        if _NO_CONTIG in str(error):
            raise InputError(
                job.reference,
                "every contig the reads' header names, as delly asks; "
                "engines.structural: embedded reads a slice of a reference too",
            ) from error
        if _TOO_FEW in str(error).lower():
            raise InputError(
                job.primary,
                "more read pairs: delly cannot estimate its insert size from so few; "
                "engines.structural: embedded needs no such model",
            ) from error
        raise
    if not out.exists():  # it ends well without a file where nothing varies
        return one_row_an_adjacency([])
    rows = import_structural(
        *(out, job.reference, delly_counts, job.columns, job.limits, job.germline, job.aliases)
    )
    return one_row_an_adjacency(rows)


def manta(job: Job) -> pl.DataFrame:
    """STRUCTURAL table of Manta's somatic (or tumour-only, or diploid) calls.

    With a normal its diploid calls are read too: they are the germline events.
    """
    bed = indexed_bed(job.regions, job.scratch / "call_regions.bed")
    reads, folder = job.reads(), job.scratch / "manta"
    if job.germline:
        own: list[object] = ["--bam", reads[0]]
    else:
        own = ["--tumorBam", reads[0]]
        own += ["--normalBam", reads[1]] if job.normal else []
    run(
        *("configManta.py", *own, "--referenceFasta", job.plain_reference()),
        *("--callRegions", bed, "--runDir", folder),
    )
    run(folder / "runWorkflow.py", "-m", "local", "-j", job.threads, "--quiet")
    return manta_table(folder / "results" / "variants", job)


def manta_table(folder: Path, job: Job) -> pl.DataFrame:
    """STRUCTURAL table of the VCF files Manta leaves in results/variants."""
    name = "diploidSV" if job.germline else "somaticSV" if job.normal else "tumorSV"
    read = (job.reference, manta_counts)
    rows = import_structural(
        folder / f"{name}.vcf.gz", *read, job.columns, job.limits, job.germline, job.aliases
    )
    if job.normal and not job.germline:
        diploid = folder / "diploidSV.vcf.gz"
        for row in import_structural(
            diploid, *read, ("normal", None), job.limits, True, job.aliases
        ):
            # The normal's own counts; what the tumour shows of it Manta does not say.
            row |= {f"normal_{kind}": row[kind] for kind in ("pairs", "splits", "depth")}
            rows.append(row)
    return one_row_an_adjacency(rows)


ENGINES = {"delly": delly, "manta": manta}
