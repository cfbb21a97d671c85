"""VCF, gVCF and BCF inputs, and the BED of callable intervals that may come with them."""

from pathlib import Path

from shirube.check.contigs import check_contigs
from shirube.check.files import check_age, check_path
from shirube.check.problems import Outcome, shown
from shirube.check.reference import Reference, respelt
from shirube.check.schema import nearest
from shirube.check.sheets import Row
from shirube.errors import InputError
from shirube.genome.alleles import canonical
from shirube.genome.regions import read_bed
from shirube.reads.indexes import refuse_damaged_index
from shirube.reads.inspect import (
    Variant,
    bases,
    compression,
    ends_whole,
    indexed_contigs,
    indexes_of,
    sampled_variants,
    variants_header,
)
from shirube.sheet import form_of

BLOCK_ALTS = {"<NON_REF>", "<*>"}
_ANY_BASE = set("ACGT")


def _check_ref(path: str, records: list[Variant], fasta: str, outcome: Outcome) -> None:
    """REF alleles of the sampled records against the reference; ambiguity codes are skipped."""
    places = [(r.contig, r.start, r.start + len(r.ref)) for r in records]
    wrong = [
        (record, found)
        for record, found in zip(records, bases(fasta, places), strict=True)
        if record.ref.upper() != found and set(found) <= _ANY_BASE
    ]
    if wrong:
        record, found = wrong[0]
        expected = (
            f"REF as in the reference, {shown(found)}, found {shown(record.ref)} "
            f"({len(wrong)} of {len(records)} records looked at differ: other build?)"
        )
        outcome.problem(path, f"{record.contig}:{record.start + 1}", expected)


def _check_records(
    row: Row, sample: str, reference: Reference, outcome: Outcome
) -> tuple[str, ...]:
    path = row["path"]
    lengths = reference.contigs
    records = sampled_variants(path, reference.places, sample)
    outside = [r for r in records if r.start + len(r.ref) > lengths.get(r.contig, 0)]
    if outside:
        first = outside[0]
        where = f"{first.contig}:{first.start + 1}"
        outcome.problem(path, where, f"a position inside {first.contig} of the reference")
        return ()
    _check_ref(path, records, reference.fasta, outcome)
    if form_of(path) == "gvcf":
        blocks = any(BLOCK_ALTS & set(r.alts) or r.end - r.start > len(r.ref) for r in records)
        if not blocks:
            expected = (
                "reference blocks (END, <NON_REF> or <*>), found none: a VCF of variants only "
                "ends in .vcf.gz"
            )
            outcome.problem(path, "", expected)
    elif not row["callable"]:
        outcome.note(
            f"{row['sample']}: a VCF of variants without column callable: what it does not list is "
            "unknown, never reference"
        )
    return tuple(f"{r.contig} {r.start} {r.ref} {r.alts} {r.sample}" for r in records)


def _check_contigs(path: str, reference: Reference, outcome: Outcome) -> None:
    """Contigs with records: those the reference lacks are other names, or need a regions BED."""
    known = [c for c in indexed_contigs(path) if canonical(c, reference.aliases)]
    absent = [c for c in known if c not in reference.contigs]
    for contig in absent[:1]:
        theirs = respelt(contig, reference.contigs, reference.aliases)
        if theirs:
            expected = f"the reference's contig names; it calls this {theirs} (chr prefix)"
            outcome.problem(path, f"contig {contig}", expected)
        elif not reference.limited:
            expected = "a reference with every chromosome of the records; it lacks this one"
            outcome.problem(path, f"contig {contig}", expected)


def check_variants(
    sheet: Path, row: Row, reference: Reference | None, outcome: Outcome
) -> tuple[str, ...]:
    """The records looked at, as text; empty if the file cannot be used."""
    path = row["path"]
    packed = compression(path)
    if packed != "bgzf":
        remedy = f"bcftools view -Oz -o new.vcf.gz {path} && bcftools index -t new.vcf.gz"
        outcome.problem(path, "", f"a bgzipped file, found {packed}; pack it again: {remedy}")
        return ()
    whole = ends_whole(path)
    if not whole:
        outcome.problem(path, "", "the block that ends a whole file: it is truncated")
    try:
        header = variants_header(path)
    except InputError as error:
        outcome.error(error)
        return ()
    sample = row["sample_in_file"] or row["sample"]
    if sample not in header.samples:
        where = row.where("sample_in_file" if row["sample_in_file"] else "sample")
        known = ", ".join(header.samples[:5]) or "none"
        hint = nearest(sample, header.samples)
        expected = f"a sample column of {path}, found {shown(sample)}{hint}; it has {known}"
        outcome.problem(sheet, where, expected)
    if header.samples and "GT" not in header.formats:
        outcome.problem(path, "header", "a FORMAT GT: without genotypes nothing is carried")
    if form_of(path) == "gvcf":
        for wanted in ({"GQ"}, {"DP", "MIN_DP"}):
            if not wanted & header.formats:
                names = " or ".join(sorted(wanted))
                expected = f"a FORMAT {names}: without it no one is known to be reference"
                outcome.problem(path, "header", expected)
    indexes = indexes_of(path)
    if not indexes:
        outcome.problem(path, "", f"an index beside it; make it: bcftools index -t {path}")
        return ()
    check_age(path, indexes[0], f"bcftools index -f -t {path}", outcome)
    try:
        for index in indexes:
            refuse_damaged_index(index)
    except InputError as error:
        outcome.error(error)
        return ()
    fits = reference is None or check_contigs(path, header.contigs, reference, outcome, False)
    if reference is None or not (fits and whole and sample in header.samples):
        return ()
    try:
        if not path.endswith(".bcf"):
            _check_contigs(path, reference, outcome)
        return _check_records(row, sample, reference, outcome)
    except InputError as error:
        outcome.error(error)
        return ()


def check_callable(sheet: Path, row: Row, reference: Reference | None, outcome: Outcome) -> None:
    """The BED of a VCF's callable intervals: it comes with a VCF, and lies inside the reference."""
    bed, where = row["callable"], row.where("callable")
    if not bed:
        return
    if form_of(row["path"]) != "vcf":
        expected = "nothing: callable intervals are given with a VCF of variants only"
        outcome.problem(sheet, where, f"{expected}; reads and gVCFs say them themselves")
    if not check_path(sheet, where, bed, outcome) or reference is None:
        return
    try:
        intervals = read_bed(bed)
    except InputError as error:
        outcome.error(error)
        return
    except (OSError, EOFError, UnicodeDecodeError, ValueError) as error:
        outcome.problem(bed, "", f"a BED file, plain or gzip ({error})")
        return
    if not intervals:
        outcome.problem(bed, "", "at least one interval")
    named = set(reference.contigs)
    for interval in intervals:
        place = f"{interval.contig}:{interval.start}-{interval.end}"
        if interval.contig in named and interval.end > reference.contigs[interval.contig]:
            outcome.problem(bed, place, "an interval inside the reference")
            return
    contigs = {interval.contig for interval in intervals}
    unknown = sorted(contigs - named)
    if unknown and (not reference.limited or respelt(unknown[0], named)):
        other = respelt(unknown[0], named)
        why = f" (chr prefix: the reference calls it {other})" if other else ""
        outcome.problem(bed, f"contig {unknown[0]}", f"a contig of the reference{why}")
