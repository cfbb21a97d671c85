"""Which tumour types hold for a patient: the diagnosis and its OncoTree ancestors.

Evidence for non-small cell lung cancer speaks for a lung adenocarcinoma, not the other way round.
"""

from collections.abc import Collection

import polars as pl

BLOOD = ("Blood", "Bone Marrow", "Lymph", "Lymphoid", "Myeloid", "Blood/Bone Marrow")
ANY, SOLID = "TISSUE", "SOLID"


def accepted_types(diagnosis: str | None, oncotree: pl.DataFrame | None) -> frozenset[str]:
    """Codes whose evidence holds for `diagnosis`: itself, its ancestors, any (solid) tumour.

    `oncotree` is the ONCOTREE table; without it only the code itself and TISSUE hold. Empty
    (unknown) without a diagnosis or where it is no OncoTree code.
    """
    if not diagnosis or ":" in diagnosis:
        return frozenset()
    found = {diagnosis, ANY}
    row = None if oncotree is None else oncotree.filter(pl.col("code") == diagnosis)
    if row is None or row.is_empty():
        return frozenset(found)
    found |= set(row["ancestors"].to_list()[0] or [])
    if row["tissue"][0] not in BLOOD:
        found.add(SOLID)
    return frozenset(found)


def holds(code: pl.Expr, accepted: Collection[str]) -> pl.Expr:
    """Whether evidence for tumour type `code` is of the patient's type; null where unknown."""
    if not accepted:
        return pl.lit(None, pl.Boolean)
    return code.is_in(sorted(accepted))
