"""ClinVar's weekly VCF -> CLINVAR.

Stars are those ClinVar derives from the review status
(https://www.ncbi.nlm.nih.gov/clinvar/docs/review_status/).
"""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from shirube.contracts import ALLELE
from shirube.contracts.knowledge import CLINVAR
from shirube.errors import InputError
from shirube.genome.alleles import with_canonical_chrom
from shirube.genome.chromosomes import CHROMS
from shirube.genome.normalise import normalised
from shirube.genome.sequence import Bases
from shirube.knowledge.sources import refuse_duplicates, refuse_mixed_prefix, refuse_other_build
from shirube.vcf import header_lines, read_columns

STARS = {
    "practice_guideline": 4,
    "reviewed_by_expert_panel": 3,
    "criteria_provided,_multiple_submitters,_no_conflicts": 2,
    "criteria_provided,_multiple_submitters": 2,
    "criteria_provided,_conflicting_classifications": 1,
    "criteria_provided,_conflicting_interpretations": 1,
    "criteria_provided,_single_submitter": 1,
    "no_assertion_criteria_provided": 0,
    "no_classification_provided": 0,
    "no_assertion_provided": 0,
    "no_classification_for_the_single_variant": 0,
    "no_classification_for_the_individual_variant": 0,
    "no_interpretation_for_the_single_variant": 0,
    "no_classifications_from_unflagged_records": 0,
    "flagged_submission": 0,
}
_INFO = ("CLNSIG", "CLNSIGCONF", "CLNREVSTAT", "CLNDN", "GENEINFO", "MC", "CLNHGVS", "RS")
_SOMATIC = ("ONC", "ONCREVSTAT", "SCI")
_MAX_MISMATCH = 0.01

SequenceOf = Callable[[str], Bases | None]


def read_clinvar(
    path: str | Path,
    build: str,
    sequence_of: SequenceOf,
    aliases: dict[str, str] | None = None,
) -> pl.DataFrame:
    """CLINVAR of a ClinVar VCF; `sequence_of` gives a canonical chromosome's bases or None.

    Records without an ALT, with IUPAC codes or off the canonical chromosomes carry no allele and
    are left out. Records whose REF contradicts the reference are refused if more than 1% do
    (another build), left out otherwise.
    """
    stated = " ".join(x[12:] for x in header_lines(path) if x.startswith("##reference="))
    refuse_other_build(stated, build, path)
    records = read_columns(path, info=dict.fromkeys([*_INFO, *_SOMATIC], pl.String))
    if not records.height:
        raise InputError(path, "at least one record; the file is empty")
    if records["CLNSIG"].null_count() == records.height:
        raise InputError(path, "ClinVar records (INFO/CLNSIG), found none")
    refuse_mixed_prefix(records["contig"].unique().to_list(), path)
    refuse_duplicates(records, ["contig", "pos", "ref", "alt", "id"], path)
    alleles = with_canonical_chrom(
        records.filter(
            pl.col("ref").str.contains("^[ACGT]+$") & pl.col("alt").str.contains("^[ACGT]+$")
        ).rename({"contig": "chrom"}),
        aliases=aliases,
    ).drop_nulls("chrom")
    if not alleles.height:
        raise InputError(path, "records on chromosomes of the reference")
    placed = on_reference(alleles, sequence_of, path)
    unknown = set(placed["CLNREVSTAT"].drop_nulls().unique()) - set(STARS)
    if unknown:
        raise InputError(path, f"known review statuses, found {sorted(unknown)[0]}", "CLNREVSTAT")
    table = placed.select(
        *ALLELE,
        clinvar_id="id",
        gene=pl.col("GENEINFO").str.replace_all(r":\d+", ""),
        significance="CLNSIG",
        conflict="CLNSIGCONF",
        review="CLNREVSTAT",
        stars=pl.col("CLNREVSTAT").replace_strict(STARS, default=None, return_dtype=pl.Int8),
        conditions="CLNDN",
        oncogenicity="ONC",
        oncogenicity_review="ONCREVSTAT",
        somatic_impact="SCI",
        consequences=pl.col("MC").str.replace_all(r"SO:\d+\|", "").str.replace_all(",", "&"),
        hgvs_g="CLNHGVS",
        rsid="rs" + pl.col("RS").str.split(",").list.first(),
    )
    # Two records may be one allele once moved left; the better reviewed speaks.
    best = table.sort("stars", "clinvar_id", descending=[True, False], nulls_last=True).unique(
        list(ALLELE), keep="first", maintain_order=True
    )
    return CLINVAR.table(best)


def on_reference(
    alleles: pl.DataFrame, sequence_of: SequenceOf, path: str | Path, required: bool = True
) -> pl.DataFrame:
    """`alleles` (canonical chrom) in the one form; those that contradict the reference dropped.

    With `required` at least one chromosome must be the reference's. InputError if more than 1% of
    the alleles on known sequence contradict it: the file is of another build.
    Alleles where the reference is unknown stay, only trimmed.
    """
    found, seen, wrong = placed(alleles, sequence_of)
    refuse_other_sequence(path, seen, wrong)
    if not found.height and required and alleles.height:
        chroms = sorted({str(c) for c in alleles["chrom"].unique()}, key=CHROMS.index)
        if not any(sequence_of(chrom) is not None for chrom in chroms):
            raise InputError(path, f"a chromosome of the reference, found {', '.join(chroms)}")
    return found


def placed(alleles: pl.DataFrame, sequence_of: SequenceOf) -> tuple[pl.DataFrame, int, int]:
    """`alleles` (canonical chrom) in the one form, those that contradict the reference dropped.

    Also how many were compared with it, and how many of these contradict it. Chromosomes that
    the reference lacks are left out.
    """
    parts, seen, wrong = [], 0, 0
    for chrom in CHROMS:
        part = alleles.filter(pl.col("chrom") == chrom)
        sequence = sequence_of(chrom) if part.height else None
        if sequence is None:
            continue
        part = normalised(part, sequence)
        seen += int(part["known"].is_not_null().sum())
        wrong += int((~part["known"]).sum())
        parts.append(part.filter(pl.col("known").fill_null(True)).drop("known"))
    return (pl.concat(parts) if parts else alleles.clear()), seen, wrong


def refuse_other_sequence(path: str | Path, seen: int, wrong: int) -> None:
    """InputError if more than 1% of the alleles `seen` contradict the reference."""
    if seen and wrong > _MAX_MISMATCH * seen:
        raise InputError(
            path, f"REF bases of the reference, {wrong} of {seen} differ: other build?"
        )
