"""Clinical evidence that speaks for an alteration, and how closely.

An item matches by what its `match` says: the same protein (or coding) change, the codon, the
exon, a class of change, any change of the gene's product, a fusion, or a change of copy number;
`alteration` narrows the kind of change. `none` never matches: such items need a person.
"""

import polars as pl

from shirube.interpret.consequence import ALTERING, MISSENSE, NULL, SPLICE_SITE, SYNONYMOUS, has

CLOSENESS = ["exact", "codon", "exon", "fusion", "amplification", "deletion", "class", "gene"]
SPECIFIC = ("exact", "codon", "exon", "fusion", "amplification", "deletion")
# Receptors whose kinase stays with the 5' part (FGFR3::TACC3, FGFR2::BICC1).
KINASE_FIRST = ("FGFR1", "FGFR2", "FGFR3")
_OF_ALLELES = ("exact", "codon", "exon", "class", "gene")


def protein_change(column: str) -> pl.Expr:
    """HGVS protein name without prefix and the brackets of a predicted change."""
    return pl.col(column).str.replace(r"^.*:", "").str.replace_all(r"[()]", "")


def _fits_alteration() -> pl.Expr:
    """Whether the allele is of the kind the item asks for; kinds not seen here never fit."""
    change = pl.col("hgvs_p_found")
    in_frame = ~has(NULL)
    kinds = {
        "any": has(ALTERING),
        "missense": has(MISSENSE),
        "synonymous": has(SYNONYMOUS),
        "truncating": has(("stop_gained", "frameshift_variant")),
        "frameshift": has(("frameshift_variant",)),
        "deletion": in_frame & (has(("inframe_deletion",)) | change.str.contains("del")),
        "insertion": in_frame & (has(("inframe_insertion",)) | change.str.contains("ins|dup")),
        "delins": in_frame & change.str.contains("delins"),
        "exon_skipping": has(SPLICE_SITE),
        "loss_of_function": has(NULL),
    }
    out = pl.lit(False)
    for kind, fits in kinds.items():
        out = pl.when(pl.col("alteration") == kind).then(fits).otherwise(out)
    return out


def _same_change() -> pl.Expr:
    wanted, found = protein_change("hgvs_p"), pl.col("hgvs_p_found")
    residue = r"^(p\.[A-Z][a-z]{2}\d+)"
    any_shift = (
        wanted.str.ends_with("fs")
        & found.str.contains("fs")
        & (wanted.str.extract(residue, 1) == found.str.extract(residue, 1))
    )
    by_coding = (pl.col("hgvs_c").str.replace(r"^.*:", "") == pl.col("hgvs_c_found")).fill_null(
        False
    )
    return (wanted == found).fill_null(False) | any_shift.fill_null(False) | by_coding


def _in_exon() -> pl.Expr:
    """The exon itself; for skipping also the introns on both of its sides."""
    number = pl.col("exon_found").str.extract(r"^(\d+)", 1).cast(pl.Int32)
    intron = pl.col("exon_found").str.extract(r"^i(\d+)", 1).cast(pl.Int32)
    beside = (intron == pl.col("exon")) | (intron == pl.col("exon") - 1)
    return (number == pl.col("exon")).fill_null(False) | (
        (pl.col("alteration") == "exon_skipping") & beside
    ).fill_null(False)


def for_alleles(alleles: pl.DataFrame, evidence: pl.DataFrame, germline: bool) -> pl.DataFrame:
    """Evidence rows that match `alleles`, with the allele's `finding` id.

    `alleles` has finding, gene, hgvs_p, hgvs_c, protein_pos, exon and consequence. Items on
    germline variants speak for germline findings, and for alleles whose `origin` is unknown: a
    tumour without a normal shows inherited alleles too.
    """
    of_germline = pl.col("variant_origin").str.contains("Germline").fill_null(False)
    items = evidence.filter(pl.col("match").cast(pl.String).is_in(_OF_ALLELES))
    untold = pl.col("origin") == "unknown" if "origin" in alleles.columns else pl.lit(False)
    pairs = alleles.select(
        "finding",
        "gene",
        "consequence",
        "protein_pos",
        hgvs_p_found=protein_change("hgvs_p"),
        hgvs_c_found=pl.col("hgvs_c").str.replace(r"^.*:", ""),
        exon_found="exon",
        _inherited=pl.lit(germline) | untold,
    ).join(items, on="gene", how="inner")
    match, kind = pl.col("match").cast(pl.String), _fits_alteration()
    at_codon = (pl.col("codon") == pl.col("protein_pos")) & kind
    fits = (
        pl.when(match == "exact")
        .then(_same_change())
        .when(match == "codon")
        .then(at_codon)
        .when(match == "exon")
        .then(_in_exon() & kind)
        .otherwise(kind)
    )
    speaks = fits.fill_null(False) & (pl.col("_inherited") | ~of_germline)
    return pairs.filter(speaks).select("finding", *evidence.columns)


def for_fusions(fusions: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """Evidence rows that match `fusions` (finding, gene5, gene3).

    Items that name both genes match in that order. Items on fusions of one gene with any other
    match where the gene is the 3' one, whose kinase is then under another's promoter, or is one
    of KINASE_FIRST: the reciprocal product of a translocation is not the target.
    """
    items = evidence.filter(pl.col("match").cast(pl.String) == "fusion")
    both = fusions.select("finding", gene="gene5", partner="gene3").join(
        items, on=["gene", "partner"]
    )
    last = fusions.select("finding", gene="gene3")
    first = fusions.filter(pl.col("gene5").is_in(KINASE_FIRST)).select("finding", gene="gene5")
    single = pl.concat([last, first]).join(items.filter(pl.col("partner").is_null()), on="gene")
    columns = ["finding", *evidence.columns]
    return pl.concat([both.select(columns), single.select(columns)]).unique(
        ["finding", "source", "id", "variant"], maintain_order=True
    )


def for_copies(genes: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """Evidence rows for changed copy numbers: `genes` has finding, gene and match."""
    wanted = genes.with_columns(pl.col("match").cast(evidence.schema["match"]))
    return wanted.join(evidence, on=["gene", "match"]).select("finding", *evidence.columns)
