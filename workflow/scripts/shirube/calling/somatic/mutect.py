"""GATK Mutect2 as a somatic engine: its commands, and its calls in the SOMATIC contract.

Mutect2, LearnReadOrientationModel and FilterMutectCalls run over a patient's regions; with a VCF
of common variants also GetPileupSummaries and CalculateContamination, beside the normal where
there is one; the estimate is used only if it can be told from zero. GATK's filters keep their
decision and take the names all engines use.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shirube.calling.gatk import gatk_reference
from shirube.calling.somatic.vcf_import import imported
from shirube.errors import InputError
from shirube.genome.alleles import canonical
from shirube.genome.intervals import Interval
from shirube.intake.records import Source
from shirube.reads.groups import named_reads
from shirube.tools import piped, run
from shirube.vcf import header

FILTER_NAMES = {
    "PASS": "PASS",
    "germline": "Germline",
    "normal_artifact": "Germline",
    "panel_of_normals": "PanelOfNormals",
    "strand_bias": "StrandBias",
    "strict_strand": "StrandBias",
    "orientation": "StrandBias",
    "position": "PositionBias",
    "map_qual": "LowMapQ",
    "base_qual": "LowBaseQ",
    "slippage": "Repeat",
    "weak_evidence": "LowLOD",
    "low_allele_frac": "LowLOD",
    "contamination": "LowLOD",
    "possible_numt": "LowLOD",
}
MIN_SITES = 100  # covered common variants below which neither contamination nor segments are used
Z95 = 1.96  # standard errors either side of an estimate in its 95% interval


@dataclass(frozen=True)
class Pair:
    """Reads of a patient; `common` is a VCF of common variants with AF, for contamination."""

    tumour: str
    normal: str | None
    reference: str
    common: str | None = None
    panel_of_normals: str | None = None


def common_sites(
    source: str | Path,
    intervals: Sequence[Interval],
    aliases: dict[str, str] | None,
    scratch: Path,
) -> Path:
    """Records of `source` over `intervals`, with AF alone and contigs named as the reference's.

    GATK takes a contig of another name (17, chr17) for one without variants. Raises InputError
    where the file has no AF, or none of the contigs.
    """
    found = header(source)
    if "AF" not in found.info:
        raise InputError(source, "INFO/AF: the frequency of each common variant")
    theirs = {canonical(name, aliases): name for name in found.contigs}
    wanted = dict.fromkeys(i.contig for i in intervals)
    names = {
        contig: theirs[chrom]
        for contig in wanted
        if (chrom := canonical(contig, aliases)) in theirs
    }
    if not names:
        raise InputError(source, f"variants on {', '.join(wanted)}")
    bed, renamed, out = (scratch / name for name in ("common.bed", "common.txt", "common.vcf.gz"))
    bed.write_text(
        "".join(f"{names[i.contig]}\t{i.start}\t{i.end}\n" for i in intervals if i.contig in names)
    )
    renamed.write_text("".join(f"{other}\t{own}\n" for own, other in names.items()))
    quiet = ("--no-version", "-Ou")
    with piped(
        ["bcftools", "view", *quiet, "-G", "-R", bed, source],
        ["bcftools", "annotate", *quiet, "-x", "ID,QUAL,FILTER,^INFO/AF", "-"],
        ["bcftools", "annotate", "--no-version", "-Oz", "-o", out, "--rename-chrs", renamed, "-"],
    ) as stream:
        stream.read()
    run("bcftools", "index", "--force", "--tbi", out)
    return out


def covered_sites(pileups: Path) -> int:
    """Common variants with a read, of a table of GetPileupSummaries."""
    lines = [line for line in pileups.read_text().splitlines() if not line.startswith("#")]
    return sum(any(int(n) for n in line.split("\t")[2:5]) for line in lines[1:])


def contamination_doubt(table: Path, sites: int) -> str | None:
    """Why an estimate of CalculateContamination from `sites` is not to be used; None if it is.

    It is not where sites are fewer than MIN_SITES, or where its 95% interval includes zero: such
    an estimate would filter true variants for contamination that nobody has seen.
    """
    if sites < MIN_SITES:
        return f"{sites} common variants with reads, fewer than {MIN_SITES}"
    lines = [line for line in table.read_text().splitlines() if not line.startswith("#")]
    row = dict(zip(lines[0].split("\t"), lines[1].split("\t"), strict=True))
    share, error = float(row["contamination"]), float(row["error"])
    if math.isfinite(share) and math.isfinite(error) and share > Z95 * error:
        return None
    return f"{share:.4f} with a standard error of {error:.4f} cannot be told from zero"


def contamination_tables(
    reads: dict[str, Path], common: Path, bed: Path, quiet: Sequence[object], scratch: Path
) -> list[object]:
    """Options of FilterMutectCalls: the tumour's contamination and its allelic segments.

    What is left out, and why, is said in the log. `reads` holds the BAM of `tumour` and, if there
    is one, of `normal`.
    """
    for name, path in reads.items():
        run(
            *("gatk", "GetPileupSummaries", "-I", path, "-V", common, "-L", bed),
            *("-O", scratch / f"{name}.pileups", *quiet),
        )
    table, segments = scratch / "contamination.table", scratch / "segments.table"
    beside = ["-matched", scratch / "normal.pileups"] if "normal" in reads else []
    run(
        *("gatk", "CalculateContamination", "-I", scratch / "tumour.pileups", *beside),
        *("-O", table, "--tumor-segmentation", segments, *quiet),
    )
    sites = covered_sites(scratch / "tumour.pileups")
    doubt = contamination_doubt(table, sites)
    if doubt:
        logging.getLogger("shirube").warning("contamination is not used to filter: %s", doubt)
    options: list[object] = [] if doubt else ["--contamination-table", table]
    # Segments are of the same sites, but stand without a contamination that differs from zero.
    return options + (["--tumor-segmentation", segments] if sites >= MIN_SITES else [])


def filtered_calls(
    pair: Pair,
    intervals: Sequence[Interval],
    aliases: dict[str, str] | None,
    scratch: Path,
) -> Path:
    """VCF of Mutect2's filtered calls, columns `tumour` and, if there is one, `normal`."""
    bed = scratch / "regions.bed"
    bed.write_text("".join(f"{i.contig}\t{i.start}\t{i.end}\n" for i in intervals))
    fasta = gatk_reference(pair.reference, scratch)
    reads = {"tumour": named_reads(pair.tumour, "tumour", pair.reference, bed, scratch)}
    quiet = ("--verbosity", "ERROR", "--QUIET", "true", "--tmp-dir", scratch)
    raw, orientation = scratch / "raw.vcf", scratch / "f1r2.tar.gz"
    command: list[object] = ["gatk", "Mutect2", "-R", fasta, "-I", reads["tumour"]]
    command += ["-L", bed, "-O", raw]
    command += ["--f1r2-tar-gz", orientation, "--native-pair-hmm-threads", 1, *quiet]
    command += ["--add-output-vcf-command-line", "false"]
    if pair.normal:
        reads["normal"] = named_reads(pair.normal, "normal", pair.reference, bed, scratch)
        command += ["-I", reads["normal"], "-normal", "normal"]
    if pair.panel_of_normals:
        command += ["--panel-of-normals", pair.panel_of_normals]
    common = common_sites(pair.common, intervals, aliases, scratch) if pair.common else None
    if common:
        command += ["--germline-resource", common]
    run(*command)
    model, done = scratch / "orientation.tar.gz", scratch / "filtered.vcf"
    run("gatk", "LearnReadOrientationModel", "-I", orientation, "-O", model, *quiet)
    command = ["gatk", "FilterMutectCalls", "-R", fasta, "-V", raw, "--ob-priors", model]
    if common:
        command += contamination_tables(reads, common, bed, quiet, scratch)
    run(*command, "-O", done, "--add-output-vcf-command-line", "false", *quiet)
    return done


def mutect_table(
    vcf: Path, paired: bool, reference: str, regions: list[Interval], aliases: dict[str, str] | None
) -> pl.DataFrame:
    """SOMATIC table of a VCF of FilterMutectCalls, with GATK's filters by the names of FILTERS."""
    normal = Source.of(vcf, "normal") if paired else None
    return imported(Source.of(vcf, "tumour"), normal, reference, regions, aliases, FILTER_NAMES)
