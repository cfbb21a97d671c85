"""What is checked of a person and the family: declared relatives, stretches without two copies."""

import polars as pl

from shirube.contracts.table import CHROM, Contract

PEDIGREE = Contract(
    "pedigree",
    2,
    "Checks of one person's sex and declared relatives, one row a check",
    {
        "gate": pl.String,
        "sample": pl.String,
        "relative": pl.String,
        "value": pl.Float64,
        "threshold": pl.Float64,
        "sites": pl.Int32,
        "verdict": pl.String,
        "reason": pl.String,
        "said": pl.String,
    },
    ("gate", "relative"),
    {
        "gate": "sex, kinship_father, kinship_mother, mendelian_father, ... or kinship_sibling",
        "sample": "sample the check is of",
        "relative": "patient it is compared with; the patient itself for sex",
        "value": "what was measured; null where it could not be",
        "threshold": "what was asked for",
        "sites": "sites it was measured at",
        "verdict": "pass, fail or unknown (too few sites)",
        "reason": "what the value means",
        "said": "JSON: message ids and values of the reason, for any language",
    },
)

HOMOZYGOSITY = Contract(
    "homozygosity",
    1,
    "Stretches of one person's genome without two different copies",
    {
        "chrom": CHROM,
        "start": pl.Int32,
        "end": pl.Int32,
        "kind": pl.String,
        "sites": pl.Int32,
        "against": pl.Int32,
        "reason": pl.String,
    },
    ("chrom", "start", "end", "kind"),
    {
        "start": "first variant site of the stretch, 0-based",
        "end": "end of its last variant site",
        "kind": "roh, or upd_maternal or upd_paternal (both copies from that parent)",
        "sites": "variant sites that speak for it",
        "against": "sites that speak against it",
        "reason": "what was seen",
    },
)
