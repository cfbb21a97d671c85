"""What a consequence (SO terms joined by &) means to the interpretation.

Terms and their order are those of the Sequence Ontology as used by VEP and bcftools csq.
"""

import polars as pl

TRUNCATING = ("stop_gained", "frameshift_variant", "start_lost", "transcript_ablation")
SPLICE_SITE = ("splice_acceptor_variant", "splice_donor_variant")
NULL = (*TRUNCATING, *SPLICE_SITE)
IN_FRAME = ("inframe_insertion", "inframe_deletion", "protein_altering_variant", "stop_lost")
MISSENSE = ("missense_variant",)
SPLICE_REGION = (
    "splice_region_variant",
    "splice_donor_5th_base_variant",
    "splice_donor_region_variant",
    "splice_polypyrimidine_tract_variant",
)
SYNONYMOUS = ("synonymous_variant", "stop_retained_variant", "start_retained_variant")
RNA = ("non_coding_transcript_exon_variant",)
ALTERING = (*NULL, *IN_FRAME, *MISSENSE)


def has(terms: tuple[str, ...], column: str = "consequence") -> pl.Expr:
    """Whether any of `terms` is among the consequences; false where unknown."""
    found = pl.col(column).str.split("&").list.eval(pl.element().is_in(list(terms))).list.any()
    return found.fill_null(False)


# What a germline allele must do to be a candidate: alter a protein or splicing, or an RNA of the
# mitochondria (transfer and ribosomal RNAs have no protein to alter).
LOOKED_AT = has((*ALTERING, *SPLICE_REGION)) | (
    (pl.col("chrom").cast(pl.String) == "chrM") & has(RNA)
)


def any_of(terms: tuple[str, ...], consequence: str | None) -> bool:
    """The same for one text."""
    return bool(consequence) and not set(terms).isdisjoint((consequence or "").split("&"))
