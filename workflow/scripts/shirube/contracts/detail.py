"""What is particular to a kind of finding: the keys of the column `detail` of FINDINGS.

A JSON object with the keys below and no other; a key that says nothing is left out. Lists and
structs are JSON arrays and objects. `OPEN` is a value whose keys are names of things (genes,
values of a sentence).
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import polars as pl

from shirube.errors import ContractError

Shape: TypeAlias = pl.DataType | pl.datatypes.DataTypeClass
OPEN = pl.Object  # any JSON
SAID = OPEN  # ids and values of the sentences of a reason (`reasons.Reason.parts`)


def _same(names: str, shape: Shape) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), shape)


def _struct(fields: Mapping[str, Shape]) -> pl.Struct:
    return pl.Struct(dict(fields))


_SIDES = _struct(_same("sensitivity resistance other", pl.String))
_READS = _struct(_same("ad_alt dp copies", pl.Int32))
_ELSEWHERE = pl.List(_struct({**_same("id name", pl.String), "exact": pl.Boolean}))

# key -> shape and meaning
KEYS: Mapping[str, tuple[Shape, str]] = {
    # alleles
    "exon": (pl.String, "exon or intron (i) of the transcript, by number"),
    "mane": (pl.String, "MANE Select or MANE Plus Clinical, where the transcript is one"),
    "protein_pos": (pl.Int32, "first residue changed, 1-based"),
    "lod": (pl.Float64, "log10 odds of the allele against an error of reads"),
    "phase_set": (pl.Int32, "phase set of the caller's file"),
    "heteroplasmy": (pl.Float64, "fraction of mitochondrial reads with the allele"),
    "impossible_genotype": (pl.Boolean, "more alleles or copies than the sex has there"),
    "change": (
        _struct(
            {
                "members": pl.List(
                    _struct({**_same("allele origin hgvs_c", pl.String), "alone": pl.Boolean})
                ),
                "certain": pl.Boolean,
                "basis": pl.String,
                "both": pl.Int32,
                "fragments": pl.Int32,
            }
        ),
        "of a change of several alleles: the alleles and what told their phase (see changes)",
    ),
    "together": (
        pl.List(
            _struct({"with": pl.List(pl.String), **_same("consequence hgvs_c hgvs_p", pl.String)})
        ),
        "what it would be on one molecule with neighbours of unknown phase",
    ),
    "apart": (
        pl.List(
            _struct(
                {
                    **_same("with origin phase basis", pl.String),
                    "fragments": _struct(_same("both first second neither", pl.Int32)),
                }
            )
        ),
        "neighbours known to be on another molecule (see phase)",
    ),
    "partners": (
        pl.List(
            _struct(
                {
                    **_same("name clinvar basis", pl.String),
                    "trans": pl.Boolean,
                    "fragments": _struct(_same("cis trans", pl.Int32)),
                }
            )
        ),
        "other heterozygous alleles of the gene; trans is null where their phase is unknown",
    ),
    "second_hit": (
        _struct(
            {
                "state": pl.String,
                **_same("normal_ad normal_dp tumour_ad tumour_dp", pl.Int32),
                "somatic": pl.List(pl.String),
                "loh_sites": _struct(_same("lost assessed", pl.Int32)),
            }
        ),
        "counts behind the column second_hit",
    ),
    "clonality": (
        _struct(
            {
                **_same("ccf low high total_cn minor_cn purity", pl.Float64),
                **_same("purity_low purity_high", pl.Float64),
                **_same("state reason", pl.String),
                "copies": pl.Int32,
                "said": SAID,
            }
        ),
        "share of the cancer cells with the allele, or why it is unknown",
    ),
    "origin_notes": (
        pl.List(_struct({"reason": pl.String, "said": SAID, "germline_probability": pl.Float64})),
        "why it may be neither the tumour's nor inherited",
    ),
    "asked_as": (pl.String, "of an unphased one: the section it would stand in"),
    # classifications
    "criteria_class": (pl.String, "ACMG/AMP class by the criteria alone"),
    "criteria_points": (pl.Int32, "sum of their points"),
    "clinvar_class": (pl.String, "ClinVar's classification as one of the five classes"),
    "clinvar_stars": (pl.Int32, "its stars"),
    "clinvar_conditions": (pl.String, "conditions it is for"),
    "clinvar_release": (pl.String, "release of ClinVar it is from"),
    "answers_differ": (pl.Boolean, "ClinVar and the criteria stand on different sides"),
    "leading_class": (pl.String, "class that leads, where it is not that of the criteria"),
    "copy_number_points": (pl.Float64, "points by ClinGen's rules for copy number"),
    # tumours
    "tiers": (_SIDES, "AMP/ASCO/CAP tier by what the evidence speaks of"),
    "japan_levels": (_SIDES, "Japanese level by what the evidence speaks of"),
    "approvals": (
        pl.List(
            _struct(
                {
                    **_same("therapies oncotree status conditions level source date", pl.String),
                    **_same("same_disease verified", pl.Boolean),
                }
            )
        ),
        "Japanese approvals that name it",
    ),
    "escat": (
        _struct(
            {
                **_same("tier scale", pl.String),
                "rows": pl.List(
                    _struct(
                        {
                            **_same("tier gene alteration oncotree source", pl.String),
                            "verified": pl.Boolean,
                        }
                    )
                ),
            }
        ),
        "ESCAT tier and the rows of the table it rests on",
    ),
    "gene_role": (pl.String, "role of the gene in cancer: oncogene, tsg, both"),
    "roles": (OPEN, "of a fusion: gene -> role in cancer"),
    "oncogenicity_points": (pl.Int32, "points of the oncogenicity criteria"),
    "oncogenicity_not_assessed": (pl.Int32, "criteria nothing could be said of"),
    "clinvar_oncogenicity": (pl.String, "ClinVar's oncogenicity classification"),
    "clinvar_oncogenicity_stars": (pl.Int32, "its stars"),
    "leading_oncogenicity": (pl.String, "oncogenicity class that decides on tiers"),
    # markers
    "marker": (pl.String, "biomarker (see markers)"),
    "value": (pl.Float64, "its value"),
    "low": (pl.Float64, "lower end of the value's 95% interval"),
    "high": (pl.Float64, "upper end"),
    "unit": (pl.String, "unit of the value"),
    # copy number
    "call": (pl.String, "of a copy number: amplification, homozygous_deletion, ..."),
    "start": (pl.Int32, "first base of the segment, 0-based"),
    "end": (pl.Int32, "its end, not included"),
    "log2": (pl.Float64, "log2 of its depth over what two copies give"),
    "baf": (pl.Float64, "fraction of the rarer allele at germline heterozygotes"),
    "bins": (pl.Int32, "bins of depth in it"),
    "total_cn": (pl.Float64, "copies in tumour cells, or of the gene in the person"),
    "minor_cn": (pl.Float64, "copies of the rarer parental chromosome"),
    # junctions
    "event": (pl.String, "structural event (see structural)"),
    "svtype": (pl.String, "its type: DEL, DUP, INV, INS, BND"),
    "caller_id": (pl.String, "its id in the caller's file"),
    **{
        f"{name}{side}": (shape, f"{meaning} of breakend {side}")
        for side in "12"
        for name, shape, meaning in (
            ("chrom", pl.String, "chromosome"),
            ("pos", pl.Int32, "position (1-based)"),
            ("strand", pl.String, "strand"),
            ("breakpoint", pl.String, "chrom:pos (1-based)"),
        )
    },
    "homology": (pl.Int32, "bases alike at both breakends"),
    "inserted": (pl.String, "bases between them that are of neither"),
    "pairs": (pl.Int32, "read pairs across the junction"),
    "splits": (pl.Int32, "split reads across it"),
    "copies": (pl.Float64, "copies the event leaves or makes"),
    "effect": (pl.String, "what it does to the gene"),
    "name_ja": (pl.String, "name of the event in Japanese, where it has one of its own"),
    "quality": (pl.Float64, "quality of a structural event, as its caller or the depth gave it"),
    "population": (pl.Float64, "share of people who have the same deletion or duplication"),
    "driver": (pl.String, "kind of a rearrangement known to drive cancer"),
    "driver_effect": (pl.String, "what it does to the gene"),
    "partner": (pl.String, "gene at the other end"),
    "exons": (pl.List(pl.Int32), "exons lost or doubled, by number in the transcript"),
    "in_frame": (pl.Boolean, "reading frame kept; absent where unknown"),
    "frame": (pl.String, "in_frame, out_of_frame or unknown"),
    **{
        f"{name}{side}": (shape, f"{meaning} {side}'")
        for side in "53"
        for name, shape, meaning in (
            ("gene", pl.String, "gene"),
            ("transcript", pl.String, "transcript"),
            ("exon", pl.Int32, "exon kept next to the junction,"),
            ("place", pl.String, "part of the transcript that is cut"),
            ("breakpoint", pl.String, "chrom:pos (1-based)"),
        )
    },
    # genes and their diseases
    "gene_inheritance": (pl.List(pl.String), "modes of inheritance of the gene's diseases"),
    "gene_source": (pl.String, "who states them, of a gene of hereditary tumours"),
    "diseases": (
        pl.List(
            _struct(
                {
                    **_same("disease omim inheritance confidence", pl.String),
                    "elsewhere": _ELSEWHERE,
                }
            )
        ),
        "diseases of the gene, with their names elsewhere",
    ),
    "nando": (
        pl.List(
            _struct(
                {
                    **_same("nando name_ja name_en number", pl.String),
                    "designated": pl.Boolean,
                }
            )
        ),
        "diseases of the gene in NANDO",
    ),
    # rare disease
    "score": (pl.Float64, "what the findings are ranked by"),
    "score_parts": (
        _struct(_same("effect rarity inheritance gene phenotype", pl.Float64)),
        "what the score is made of",
    ),
    "phenotype": (
        _struct(
            {
                **_same("score p", pl.Float64),
                **_same("place genes", pl.Int32),
                "parts": _struct(_same("gene disease ratio", pl.Float64)),
                "disease": _struct(
                    {
                        **_same("id name", pl.String),
                        "inheritance": pl.List(pl.String),
                        "elsewhere": _ELSEWHERE,
                    }
                ),
                "absent": pl.List(_struct(_same("term name name_ja", pl.String))),
                "terms": pl.List(
                    _struct(
                        {
                            **_same("term name name_ja", pl.String),
                            **_same("matched matched_name matched_name_ja", pl.String),
                            "content": pl.Float64,
                        }
                    )
                ),
            }
        ),
        "how well the person's terms fit the gene, and which",
    ),
    "mode": (pl.String, "mode of inheritance the allele fits best"),
    "mode_reason": (pl.String, "why"),
    "mode_said": (SAID, "its sentences"),
    "de_novo_posterior": (pl.Float64, "probability that it is new in the child"),
    "mosaic_parent": (pl.String, "parent with few reads of it"),
    "parents": (_struct(_same("mother father", _READS)), "reads and copies of the parents"),
    "carrier": (pl.Boolean, "the person carries it without the disease"),
    # repeats and copies of genes
    "locus": (pl.String, "repeat locus"),
    "motif": (pl.String, "unit of the repeat"),
    "alleles": (pl.List(pl.String), "copies of the unit, as printed"),
    "range": (pl.String, "range of the longer allele: normal, intermediate, pathogenic, ..."),
    "normal_max": (pl.Float64, "most copies that are normal"),
    "pathogenic_min": (pl.Float64, "fewest that are pathogenic"),
    "repeat_inheritance": (pl.String, "mode of inheritance of its disease"),
    "repeat_disease": (pl.String, "its disease"),
    "repeat_reads": (pl.List(pl.Int32), "spanning, flanking and in-repeat reads"),
    "repeat_reason": (pl.String, "why the range is not settled"),
    "engine": (pl.String, "program that measured it"),
    "paralogue": (pl.String, "the other gene of the pair"),
    "paralogue_copies": (pl.Int32, "its copies"),
    "site": (pl.String, "base that tells the two apart"),
    "posterior": (pl.Float64, "probability of the copies"),
    "copies_by_depth": (pl.Float64, "copies of both genes by depth"),
}


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of `values` that say something; ContractError for one that is not declared."""
    kept = {key: value for key, value in values.items() if value is not None}
    for key, value in kept.items():
        if key not in KEYS:
            raise ContractError(f"findings: detail has no key `{key}` (contracts/detail.py)")
        if not fits(value, KEYS[key][0]):
            raise ContractError(f"findings: detail `{key}` is no {KEYS[key][0]}: {value!r}")
    return kept


def fits(value: object, shape: Shape) -> bool:
    """Whether a value, as JSON has it, is of a shape; null is of every one."""
    if value is None or shape == OPEN:
        return True
    if isinstance(shape, pl.Struct):
        fields = {field.name: field.dtype for field in shape.fields}
        if not isinstance(value, Mapping) or not value.keys() <= fields.keys():
            return False
        return all(fits(one, fields[key]) for key, one in value.items())
    if isinstance(shape, pl.List):
        return isinstance(value, list | tuple) and all(fits(one, shape.inner) for one in value)
    if isinstance(value, bool) or shape == pl.Boolean:
        return isinstance(value, bool) and shape == pl.Boolean
    return isinstance(value, _KINDS[shape])


_KINDS: Mapping[Any, Any] = {pl.String: str, pl.Int32: int, pl.Float64: (int, float)}
