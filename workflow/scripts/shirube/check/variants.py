"""VCF, gVCF and BCF inputs, and the BED of callable intervals that may come with them."""

from pathlib import Path

import polars as pl

from shirube.calling.germline.gvcf_import import lacking
from shirube.check.contigs import check_contigs
from shirube.check.files import check_age, check_path, check_whole
from shirube.check.problems import Outcome, shown
from shirube.check.reference import Reference, respelt
from shirube.check.schema import nearest
from shirube.check.sheets import Row
from shirube.errors import InputError
from shirube.genome.chromosomes import canonical
from shirube.genome.regions import read_bed
from shirube.intake.events import program_of
from shirube.intake.header import definition_faults
from shirube.intake.pairs import tumour_column
from shirube.intake.placing import AGREEING
from shirube.intake.records import Source, understood
from shirube.intake.text import taken_apart
from shirube.reads.indexes import refuse_damaged_index
from shirube.reads.inspect import (
    bases,
    compression,
    indexed_contigs,
    indexes_of,
    sampled_lines,
    variants_header,
)
from shirube.sheet import form_of

_ANY_BASE = set("ACGT")


def _check_ref(path: str, records: pl.DataFrame, fasta: str, outcome: Outcome) -> None:
    """REF alleles of the sampled records against the reference; ambiguity codes are skipped."""
    rows = records.select("contig", start=pl.col("pos") - 1, ref="ref").rows()
    places = [(contig, start, start + len(ref)) for contig, start, ref in rows]
    wrong = [
        (contig, start, ref, found)
        for (contig, start, ref), found in zip(rows, bases(fasta, places), strict=True)
        if ref != found and set(found + ref) <= _ANY_BASE
    ]
    if not wrong:
        return
    contig, start, ref, found = wrong[0]
    where = f"{contig}:{start + 1}"
    said = f"REF as in the reference, {shown(found)}, found {shown(ref)}"
    many = f"{len(wrong)} of {len(rows)} records looked at differ"
    if len(wrong) * AGREEING > len(rows):
        outcome.problem(path, where, f"{said} ({many}: other build?)")
    else:
        outcome.note(f"{path}: {where}: {said}; {many}: they are filtered as OtherReference")


def _check_faults(path: str, records: pl.DataFrame, outcome: Outcome) -> None:
    """Records that break the format: a few are told, a file of them is refused."""
    bad = records.drop_nulls("fault")
    if bad.is_empty():
        return
    first = bad.row(0, named=True)
    where = f"{first['contig']}:{first['pos'] or '?'}"
    said = f"{bad.height} of {records.height} records looked at break the format ({first['fault']})"
    if bad.height * 2 > records.height:
        outcome.problem(path, where, f"records as the VCF specification has them; {said}")
    else:
        outcome.note(f"{path}: {where}: {said}: they are filtered as Damaged")


def _records(path: str, source: Source, reference: Reference) -> pl.DataFrame:
    """RECORDS of the places looked at, with `text`: the record, in this sample's words."""
    lines = "\n".join([*sampled_lines(path, reference.places), ""])
    found, _ = taken_apart(lines.encode(), source.header.columns, source.column)
    names = ("contig", "pos", "ref", "alt", "format", "values")
    cells = [pl.col(name).fill_null("") for name in names]
    text = found.records.select("line", text=pl.concat_str(cells, separator=" "))
    return understood(found, source.header, source.dialect).join(
        text, on="line", how="left", maintain_order="left"
    )


def _check_records(
    row: Row, source: Source, reference: Reference, outcome: Outcome
) -> tuple[str, ...]:
    path = row["path"]
    every = _records(path, source, reference)
    if every.height and every["info"].str.contains(r"(?:^|;)SVTYPE=").all():
        column = "copy_number" if program_of(source.header).holds == "copies" else "structural"
        expected = "SNVs and indels; each record looked at is a structural variant"
        outcome.problem(path, "", f"{expected}: name this file in column {column}")
        return ()
    _check_faults(path, every, outcome)
    records = every.filter(pl.col("fault").is_null())
    length = pl.col("contig").replace_strict(reference.contigs, default=0, return_dtype=pl.Int64)
    beyond = records.filter(pl.col("pos") - 1 + pl.col("ref").str.len_bytes() > length)
    if not beyond.is_empty():
        contig, pos = beyond.select("contig", "pos").row(0)
        expected = f"a position inside {contig} of the reference"
        outcome.problem(path, f"{contig}:{pos}", expected)
        return ()
    _check_ref(path, records, reference.fasta, outcome)
    if row["kind"] != "tumour" and records.height and records["genotype"].is_null().all():
        if "GT" in variants_header(path).formats:  # a woman's file of Y, a small panel's no-calls
            outcome.note(f"{row['sample']}: no genotype in the records looked at is known")
        else:
            outcome.problem(path, "", "a FORMAT GT: without genotypes nothing is carried")
    if form_of(path) == "gvcf":
        longer = pl.col("end") > pl.col("pos") - 1 + pl.col("ref").str.len_bytes()
        stands = pl.col("alts").list.len() > 0
        if records.filter(pl.col("block") & (longer | stands)).is_empty():
            expected = (
                "reference blocks (END, <NON_REF> or <*>), found none: a VCF of variants only "
                "ends in .vcf.gz"
            )
            outcome.problem(path, "", expected)
    elif not row["callable"] and row["kind"] != "tumour":
        outcome.note(
            f"{row['sample']}: a VCF of variants without column callable: what it does not list is "
            "unknown, never reference"
        )
    return tuple(every["text"].drop_nulls())


def _check_definitions(path: str, outcome: Outcome) -> None:
    """Definitions of the header that break the format: they are told, and keep nobody out."""
    found = definition_faults(Source.sites(path).header)
    if found:
        line, said = found[0]
        many = f" ({len(found)} such lines)" if len(found) > 1 else ""
        outcome.note(
            f"{path}: header line {line}: {said}{many}: read as the VCF specification has it"
        )


def _source(sheet: Path, row: Row, outcome: Outcome) -> Source | None:
    """The sample's column of a file that the workflow can use; None, and why, where it cannot."""
    path = row["path"]
    sites = Source.sites(path)
    header, dialect = sites.header, sites.dialect
    if dialect.refused:
        outcome.problem(path, "header", f"{dialect.refused} ({dialect.caller})")
        return None
    sample = row["sample_in_file"] or row["sample"]
    column = row["sample_in_file"] or "sample"
    if row["kind"] == "tumour":
        try:
            named = row["sample_in_file"] or None
            return Source.of(path, tumour_column(header, path, named, row["sample"]))
        except InputError as error:
            outcome.problem(sheet, row.where("sample_in_file"), f"{error.expected} ({path})")
            return None
    if form_of(path) == "gvcf":
        for name in lacking(header, dialect):
            expected = f"a {name} ({dialect.caller}): without it no one is known to be reference"
            outcome.problem(path, "header", expected)
    if sample not in header.samples:
        where = row.where("sample_in_file" if row["sample_in_file"] else column)
        known = ", ".join(header.samples[:5]) or "none"
        hint = nearest(sample, header.samples)
        expected = f"a sample column of {path}, found {shown(sample)}{hint}; it has {known}"
        outcome.problem(sheet, where, expected)
        return None
    return Source.of(path, sample)


def _check_contigs(path: str, reference: Reference, outcome: Outcome) -> None:
    """Contigs with records: those the reference lacks are other names, or need a regions BED."""
    known = [c for c in indexed_contigs(path) if canonical(c, reference.aliases)]
    absent = [c for c in known if c not in reference.contigs]
    for contig in absent[:1]:
        theirs = respelt(contig, reference.contigs, reference.aliases)
        if theirs:
            expected = f"the reference's contig names; it calls this {theirs} (chr prefix); "
            expected += "bcftools annotate --rename-chrs"
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
    whole = check_whole(path, outcome)
    try:
        variants_header(path)  # what htslib cannot open, no index leads into
        source = _source(sheet, row, outcome)
        contigs = Source.sites(path).header.contigs
    except InputError as error:
        outcome.error(error)
        return ()
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
    fits = reference is None or check_contigs(path, contigs, reference, outcome, False)
    if reference is None or source is None or not (fits and whole):
        return ()
    try:
        _check_definitions(path, outcome)
        if not path.endswith(".bcf"):
            _check_contigs(path, reference, outcome)
        return _check_records(row, source, reference, outcome)
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
