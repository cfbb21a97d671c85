"""Whether a tumour lost a parent's HLA class I genes: an escape from T cells.

Told by the copies of the segment that each gene lies in (heterozygous sites around it, not reads of
the genes themselves, which map badly). Which allele is lost is not known without typing, and a loss
smaller than a segment is not seen (McGranahan et al., Cell 2017, doi 10.1016/j.cell.2017.10.001,
describes the loss; the limits are our own).
"""

from collections.abc import Mapping

import polars as pl

from shirube.calling.somatic.markers import Row, marker
from shirube.cancer.hrd import unseen_purity
from shirube.reasons import Reason, because

GENES = ("HLA-A", "HLA-B", "HLA-C")
HLA, UNIT = "HLA", "HLA genes"
BETWEEN = 0.3  # copies further than this from a whole number tell nothing


def class_one_loss(
    segments: pl.DataFrame,
    about: Mapping[str, str],
    models: pl.DataFrame,
    asked: Mapping[str, float],
) -> Row:
    """The row HLA of MARKERS: genes of which a parent's copy, or both, is gone.

    `segments` and `about`: COPY_NUMBER with its metadata; `models`: GENE_MODELS.
    """
    places = models.filter(pl.col("gene").is_in(GENES)).group_by("gene", "chrom")
    spans = places.agg(pl.col("start").min(), pl.col("end").max()).sort("gene")
    why = because("scars.no_copies") if not about else unseen_purity(about, asked)
    if why is None and set(spans["gene"]) != set(GENES):
        why = because("hla.no_genes")
    if why is not None:
        return _unknown(why)
    lost, basis = 0, because("hla.untyped")
    for gene in spans.rows(named=True):
        over = segments.filter(
            (pl.col("chrom").cast(pl.String) == str(gene["chrom"]))
            & (pl.col("start") < gene["end"])
            & (pl.col("end") > gene["start"])
        )
        copies = over.select("total_cn", "minor_cn").rows()
        if not copies or any(total is None or minor is None for total, minor in copies):
            return _unknown(because("hla.no_segment", gene=gene["gene"]))
        total, minor = min(copies, key=lambda pair: pair[1])
        said = {"gene": gene["gene"], "total": f"{total:.1f}", "minor": f"{minor:.1f}"}
        basis = basis.and_(because("hla.copies", **said))
        if abs(minor - round(minor)) > BETWEEN:
            return _unknown(basis)
        lost += round(minor) == 0
    call = "present" if lost else "absent"
    return marker(HLA, float(lost), None, None, UNIT, call, basis)


def _unknown(why: Reason) -> Row:
    return marker(HLA, None, None, None, UNIT, "unknown", why)
