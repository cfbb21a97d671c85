"""The reference sequence and the regions of a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shirube.check.files import check_age, check_path
from shirube.check.problems import Outcome, shown
from shirube.check.settings import value_at
from shirube.errors import InputError
from shirube.genome.alleles import canonical, canonical_names
from shirube.genome.builds import build_of
from shirube.genome.intervals import Interval, merged
from shirube.genome.regions import read_bed, read_contigs
from shirube.reads.inspect import bases, compression

_SEEN_BASES = 2_000_000  # bases of a region read to see whether it is all N


@dataclass(frozen=True)
class Reference:
    """What a run calls against: `regions` are its intervals on canonical contigs, merged."""

    fasta: str
    contigs: dict[str, int]
    aliases: dict[str, str]
    build: str
    regions: tuple[Interval, ...]
    limited: bool

    @property
    def chroms(self) -> set[str]:
        """Canonical names of the chromosomes in the run."""
        return {canonical(r.contig, self.aliases) or "" for r in self.regions}

    @property
    def places(self) -> list[tuple[str, int, int]]:
        """The regions as (contig, start, end)."""
        return [(r.contig, r.start, r.end) for r in self.regions]


def respelt(name: str, names: object, aliases: dict[str, str] | None = None) -> str | None:
    """Another spelling of contig `name` among `names` (chr20 for 20, chrM for MT), or None."""
    wanted = canonical(name, aliases)
    spellings = [n for n in names if n != name and canonical(n) == wanted]  # type: ignore[attr-defined]
    return spellings[0] if wanted and spellings else None


def _check_index(fasta: str, outcome: Outcome) -> dict[str, int]:
    """Contigs of the FASTA's index; empty if it cannot be used."""
    packed = compression(fasta)
    remedy = f"samtools faidx {fasta}"
    if packed == "gzip":
        outcome.problem(
            fasta,
            "",
            "plain or bgzipped FASTA, found gzip; pack it again: "
            f"gunzip -c {fasta} | bgzip > new.fa.gz && samtools faidx new.fa.gz",
        )
        return {}
    index, blocks = Path(fasta + ".fai"), Path(fasta + ".gzi")
    if packed == "bgzf":
        if blocks.is_file():
            check_age(fasta, blocks, remedy, outcome)
        else:
            outcome.problem(fasta, "", f"an index {blocks.name} beside it; make it: {remedy}")
    if not index.is_file():
        outcome.problem(fasta, "", f"an index {index.name} beside it; make it: {remedy}")
        return {}
    check_age(fasta, index, remedy, outcome)
    try:
        contigs = read_contigs(index)
    except InputError as error:
        outcome.error(error)
        return {}
    except (OSError, UnicodeDecodeError, ValueError) as error:
        outcome.problem(index, "", f"a FASTA index ({error})")
        return {}
    if packed == "bgzf" and not blocks.is_file():
        return contigs
    name, length = max(contigs.items(), key=lambda item: item[1])
    try:
        if len(bases(fasta, [(name, length - 1, length)])[0]) != 1:
            raise InputError(fasta, "the last base of the contig", name)
    except InputError:
        expected = f"{length} bases of {name}, as {index.name} says; make the index again: {remedy}"
        outcome.problem(fasta, "", expected)
    return contigs


def _check_names(
    config: Path, contigs: dict[str, int], aliases: dict[str, str], build: str, outcome: Outcome
) -> None:
    where = "key reference.aliases"
    for name in aliases:
        if name not in contigs:
            known = ", ".join(list(contigs)[:5])
            expected = f"a contig of the reference, found {shown(name)}; it has {known}"
            outcome.problem(config, f"{where}.{name}", expected)
    named: dict[str, str] = {}
    for contig in contigs:
        chrom = canonical(contig, aliases)
        if chrom and chrom in named:
            expected = f"one contig for {chrom}, found {named[chrom]} and {contig}"
            outcome.problem(config, where, expected)
        elif chrom:
            named[chrom] = contig
    unplaced = [c for c in contigs if not canonical(c, aliases)]
    if not named:
        outcome.problem(
            config,
            where,
            "at least one contig of the reference to be a chromosome "
            f"(chr1 ... chrM or 1 ... MT); it has {', '.join(unplaced[:5])}: name them here",
        )
    elif unplaced:
        some = ", ".join(unplaced[:3]) + (" ..." if len(unplaced) > 3 else "")
        outcome.note(f"reference: {len(unplaced)} contigs are no chromosome, not called: {some}")
    seen = build_of(contigs, aliases)
    if seen and build != seen:
        expected = f"{seen}, whose lengths the reference has; found {build}"
        outcome.problem(config, "key reference.build", expected)


def _check_regions(
    bed: str, contigs: dict[str, int], aliases: dict[str, str], outcome: Outcome
) -> list[Interval]:
    try:
        regions = read_bed(bed)
    except InputError as error:
        outcome.error(error)
        return []
    except (OSError, EOFError, UnicodeDecodeError, ValueError) as error:
        outcome.problem(bed, "", f"a BED file, plain or gzip ({error})")
        return []
    if not regions:
        outcome.problem(bed, "", "at least one interval")
    kept, absent = [], set()
    for region in regions:
        length = contigs.get(region.contig)
        if length is None:
            if region.contig not in absent:
                absent.add(region.contig)
                other = respelt(region.contig, contigs, aliases)
                why = f" (chr prefix: the reference calls it {other})" if other else ""
                expected = f"a contig of the reference{why}"
                outcome.problem(bed, f"contig {shown(region.contig)}", expected)
        elif region.end > length:
            where = f"{region.contig}:{region.start}-{region.end}"
            outcome.problem(bed, where, f"an interval inside {region.contig} of {length} bases")
        elif not canonical(region.contig, aliases):
            if region.contig not in absent:
                absent.add(region.contig)
                expected = "a chromosome (chr1 ... chrM, 1 ... MT or in reference.aliases)"
                outcome.problem(bed, f"contig {shown(region.contig)}", expected)
        else:
            kept.append(region)
    return merged(kept)


def _check_bases(bed: str, fasta: str, regions: list[Interval], outcome: Outcome) -> None:
    """A region of nothing but N can hold no call: the slice of the reference does not cover it."""
    left = _SEEN_BASES
    for region in regions:
        end = min(region.end, region.start + left)
        left -= end - region.start
        if left < 0 or end <= region.start:
            return
        if end == region.end and not set(bases(fasta, [(region.contig, region.start, end)])[0]) - {
            "N"
        }:
            where = f"{region.contig}:{region.start}-{region.end}"
            outcome.problem(bed, where, f"known bases in {fasta}, found N only")


def check_reference(config: Path, settings: dict[str, Any], outcome: Outcome) -> Reference | None:
    """The reference and regions of a run; None if they cannot be used."""
    fasta = value_at(settings, str, "reference", "fasta")
    bed = value_at(settings, str, "regions")
    usable_bed = bed is None or check_path(config, "key regions", bed, outcome)
    if fasta is None or not check_path(config, "key reference.fasta", fasta, outcome):
        return None
    known = set(canonical_names().values())
    given = value_at(settings, dict, "reference", "aliases") or {}
    aliases = {str(k): v for k, v in given.items() if v in known}
    contigs = _check_index(fasta, outcome)
    if not contigs:
        return None
    build = value_at(settings, str, "reference", "build") or ""
    _check_names(config, contigs, aliases, build, outcome)
    if bed is None:
        regions = [Interval(c, 0, n) for c, n in contigs.items() if canonical(c, aliases)]
    elif not usable_bed:
        return None
    else:
        regions = _check_regions(bed, contigs, aliases, outcome)
        try:
            _check_bases(bed, fasta, regions, outcome)
        except InputError as error:
            outcome.error(error)
    return Reference(fasta, contigs, aliases, build, tuple(regions), bed is not None)
