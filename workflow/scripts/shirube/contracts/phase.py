"""Which alleles of a person lie on one molecule, and what they are there."""

import polars as pl

from shirube.contracts.table import ALLELE, ALLELE_COLUMNS, CHROM, Contract

_ALLELE = {"pos": pl.Int32, "ref": pl.String, "alt": pl.String}
_PLACE = {**_ALLELE, "origin": pl.String}

PHASE = Contract(
    "phase",
    1,
    "Pairs of a person's alleles that change one codon, open frame or splice site, and their phase",
    {
        "chrom": CHROM,
        **{f"{name}1": kind for name, kind in _PLACE.items()},
        **{f"{name}2": kind for name, kind in _PLACE.items()},
        "transcript": pl.String,
        "phase": pl.String,
        "basis": pl.String,
        "both": pl.Int32,
        "first": pl.Int32,
        "second": pl.Int32,
        "neither": pl.Int32,
        "through": pl.String,
    },
    ("chrom", *(f"{name}{side}" for side in "12" for name in _PLACE)),
    {
        "pos1": "position of the first allele",
        "pos2": "position of the second allele",
        **{f"{name}{side}": f"its {name.upper()}" for side in "12" for name in ("ref", "alt")},
        **{f"origin{side}": "germline or somatic" for side in "12"},
        "transcript": "MANE transcript both change",
        "phase": "cis, trans, clones (on no molecule together, other shares of cells) or unknown",
        "basis": "witnesses joined by +: same_site, homozygous, caller, reads, parents, "
        "third, one_parent; "
        "with what each says where they contradict; null where nothing speaks",
        "both": "fragments with both alleles; null without reads over both",
        "first": "fragments with the first allele and the reference at the second",
        "second": "fragments with the second allele and the reference at the first",
        "neither": "fragments with the reference at both",
        "through": "third allele that fragments tie to both, where it told the phase",
    },
)  # fmt: skip

MEMBER = pl.Struct(
    {
        "origin": pl.String,
        "pos": pl.Int32,
        "ref": pl.String,
        "alt": pl.String,
        "hgvs_c": pl.String,
        "alone": pl.Boolean,
    }
)

CHANGES = Contract(
    "changes",
    2,
    "What several alleles of a person are together on one molecule; every other allele is a change "
    "by itself and has no row",
    {
        "change": pl.String,
        "origin": pl.String,
        "certain": pl.Boolean,
        **ALLELE_COLUMNS,
        "members": pl.List(MEMBER),
        "basis": pl.String,
        "both": pl.Int32,
        "fragments": pl.Int32,
        "copies": pl.Int8,
        "dp": pl.Int32,
        "ad_alt": pl.Int32,
        "transcript": pl.String,
        "gene": pl.String,
        "consequence": pl.String,
        "hgvs_g": pl.String,
        "hgvs_c": pl.String,
        "hgvs_p": pl.String,
        "protein_pos": pl.Int32,
    },
    (*ALLELE, "origin", "change"),
    {
        "change": "id: origin and allele, as of the same change written as one record",
        "origin": "germline; somatic if one member is",
        "certain": "true: one molecule carries all members; false: their phase is unknown, the row "
        "says what they would be together",
        "members": "the alleles, by position, with their coding names; alone: the allele is also "
        "carried without the others",
        "basis": "witnesses of the phase joined by + (see PHASE); null where it is unknown",
        "both": "fragments with all members, of the pair that has fewest; null without reads",
        "fragments": "fragments over that pair",
        "copies": "copies of the haplotype in the germline; null if somatic",
        "dp": "reads counted: fragments if there are any, else of the member with fewest reads",
        "ad_alt": "of these, reads with the change",
        "transcript": "MANE transcript of the names",
        "gene": "HGNC symbol",
        "consequence": "SO terms joined by &, most severe first",
        "hgvs_g": "HGVS genomic name",
        "hgvs_c": "HGVS coding name",
        "hgvs_p": "HGVS protein name",
        "protein_pos": "first residue changed (1-based)",
    },
)
