"""delly and Manta as engines of structural variants: their commands, their calls in STRUCTURAL.

Both get the reads over the run's regions in one read group a sample, named `tumour` and `normal`,
whatever the files say: two samples of one name, a space in a name or no read group stop them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from shirube.calling.structural.calling import Limits, as_table, origin_of
from shirube.calling.structural.given import (
    Ends,
    Ground,
    adjacency_of,
    ends_of,
    on_ground,
    shared_names,
)
from shirube.errors import InputError, ToolError
from shirube.genome.intervals import Interval
from shirube.genome.regions import read_contigs
from shirube.intake.events import EventFile, program_named
from shirube.reads.groups import indexed_bed, named_reads
from shirube.tools import run

_READS = ("pairs", "splits", "depth")
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
        return as_table([])
    return as_table(one_each([*junctions(out, "delly", job.columns, job)]))


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
    rows = [*junctions(folder / f"{name}.vcf.gz", "manta", job.columns, job)]
    if job.normal and not job.germline:
        own = replace(job, germline=True)
        for row in junctions(folder / "diploidSV.vcf.gz", "manta", ("normal", None), own):
            # The normal's own counts; what the tumour shows of it Manta does not say.
            rows.append(row | {f"normal_{name}": row[name] for name in _READS})
    return as_table(one_each(rows))


def junctions(
    path: Path, program: str, columns: tuple[str, str | None], job: Job
) -> Iterator[dict[str, Any]]:
    """Rows for `as_table` of an engine's VCF: of its first column, beside the normal's.

    The engine's filters keep their decision under the shared names; on top of them the limits hold,
    so that PASS asks the same of every engine. Left out, as the embedded caller does, is what is
    no junction on the canonical chromosomes or smaller than the limits. A mate is read once.
    """
    source = EventFile.of(path, None, columns[0], False)
    source = replace(source, program=program_named(program))
    ground = Ground.of(job.reference, None, job.aliases, lambda chrom, pos: 2)
    beside = EventFile.of(path, None, columns[1], False) if columns[1] else None
    others = replace(beside, program=source.program).events() if beside else None
    seen: set[str] = set()
    for table in source.events():
        normals = next(others).to_dicts() if others else [None] * table.height
        for row, normal in zip(table.to_dicts(), normals, strict=True):
            if row["fault"] is not None:
                raise InputError(
                    path, "records as VCF has them", f"line {row['line']}: {row['fault']}"
                )
            if row["mate"] in seen:
                continue
            seen.add(row["id"])
            found = ends_of(row, source.program.ends == "CT", False, 2)
            for ends in found if isinstance(found, list) else ():
                told = on_ground(ends, ground)
                if "filter" not in told and not _small(row, ends, told, job.limits):
                    yield told | _judged(row, normal, job)


def _small(row: Mapping[str, Any], ends: Ends, told: Mapping[str, Any], limits: Limits) -> bool:
    """Whether an event is smaller than `limits` ask for; an insertion by its bases."""
    if ends.kind == "INS":
        return (row["length"] or len(ends.inserted)) < limits.min_size
    if told["chrom1"] != told["chrom2"]:
        return False
    least = limits.min_inversion if told["strand1"] == told["strand2"] else limits.min_size
    return bool(told["pos2"] - told["pos1"] < least)


def _judged(row: Mapping[str, Any], normal: Mapping[str, Any] | None, job: Job) -> dict[str, Any]:
    """Columns of reads, origin and filter."""
    own, beside = ({n: one[n] or 0 for n in _READS} if one else {} for one in (row, normal))
    support = own["pairs"] + own["splits"]  # a fragment that is both is counted twice
    against = beside["pairs"] + beside["splits"] if beside else None
    failed = shared_names(row["filter"]).split(";")
    if support < job.limits.min_support or own["splits"] < job.limits.min_splits:
        failed.append("LowSupport")
    return {
        "event": "",
        "origin": origin_of(support, against, job.germline),
        **own,
        **{f"normal_{name}": beside.get(name) for name in _READS},
        "filter": ";".join(n for n in dict.fromkeys(failed) if n != "PASS") or "PASS",
    }


def one_each(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the rows of one adjacency the passing, best supported one."""
    ranked = sorted(rows, key=lambda r: (r["filter"] != "PASS", -r["splits"], -r["pairs"]))
    kept: dict[tuple[object, ...], dict[str, Any]] = {}
    for row in ranked:
        kept.setdefault(adjacency_of(row), row)
    return list(kept.values())


ENGINES = {"delly": delly, "manta": manta}
