"""Why a germline call is not kept: one table of rules, the same for every engine and VCF input.

A rule looks at one column of `calls.evidence` and fails a row it can judge; a row whose value is
unknown (the caller does not state it) passes. `filter_names` gives every rule a row fails, so a
call says all that is wrong with it, and nothing is dropped.
"""

from dataclasses import dataclass

import polars as pl

PASS = "PASS"


@dataclass(frozen=True)
class Rule:
    """One filter: fails rows of `kinds` whose `column` is below (or above) `threshold`.

    Without kinds (ANY) it looks at every row, symbolic alleles and damaged records too.
    """

    name: str
    column: str
    below: float | None
    above: float | None
    kinds: tuple[str, ...]
    why: str

    @property
    def threshold(self) -> str:
        """The threshold as a reader sees it."""
        return f">= {self.below:g}" if self.below is not None else f"<= {self.above:g}"

    def fails(self) -> pl.Expr:
        """True where the rule fails a row; never null."""
        value = pl.col(self.column)
        bad = value < self.below if self.below is not None else value > self.above
        asked = pl.col("kind").is_in(self.kinds) if self.kinds else pl.lit(True)
        return (bad & asked).fill_null(False)


SNV, INDEL = ("snv", "mnv"), ("insertion", "deletion", "delins")
ALL = SNV + INDEL
ANY = ()

RULES = (
    Rule(
        *("LowQual", "site_qual", 30, None, ALL),
        "1 in 1,000 that the site does not vary; asked of callers that filter nothing themselves",
    ),
    Rule(
        *("LowDepth", "dp", 5, None, ALL),
        "below 5 reads a heterozygote shows one allele alone in 1 of 16 cases or more",
    ),
    Rule(
        *("AlleleBalance", "het_fraction", 0.2, None, SNV),
        "gnomAD's genotype rule: under a fifth of the reads is seldom one of two chromosomes",
    ),
    Rule(
        *("AlleleBalance", "het_fraction", 0.3, None, INDEL),
        "realigned reads are counted by allele: true indels keep their half, slippage does not",
    ),
    Rule(
        *("PositionBias", "position_z", None, 3, ALL),
        "ALT bases at other places in the reads than REF bases (rank sum, 3 standard deviations)",
    ),
    Rule(
        *("StrandBias", "strand_phred", None, 60, ALL),
        "phred of Fisher's test that ALT and REF reads share one strand balance (as GATK's FS)",
    ),
    Rule(
        *("LowMapQ", "map_quality", 25, None, ALL),
        "reads at the site, root mean square, place worse than 1 wrong in 300",
    ),
    Rule(
        *("StrandBias", "strand_share", 0.2, None, ALL),
        "chrM: where reads are thousands a p-value condemns every allele; the imbalance is asked",
    ),
    Rule(
        *("PositionBias", "end_share", None, 0.5, ALL),
        "chrM: most ALT fragments show it within 5 bases of a read's end, and not by chance",
    ),
    Rule(
        *("LowBaseQ", "base_quality", 20, None, ALL),
        "chrM: ALT bases worse than 1 wrong in 100 on average make an allele of a few percent",
    ),
    Rule(
        *("Numt", "nuclear_share", None, 0.5, ALL),
        "chrM: most carriers have other minor alleles too, or a mate on another chromosome",
    ),
    Rule(
        *("NoGenotype", "copies", 1, None, ANY),
        "the called genotype holds no copy of this allele, or there is no called genotype",
    ),
    Rule(
        *("Caller", "caller_failed", None, 0, ANY),
        "the program that made the input VCF filtered the record",
    ),
    Rule(
        *("Unplaced", "outside", None, 0, ANY),
        "not on a canonical chromosome, or outside the regions of the run",
    ),
    Rule(
        *("Damaged", "damaged", None, 0, ANY),
        "the record breaks the format: what it says of the allele cannot be believed",
    ),
    Rule(
        *("OtherReference", "differs", None, 0, ANY),
        "REF is not the reference's base there; where many differ the file is refused",
    ),
    Rule(
        *("Duplicate", "repeated", None, 0, ANY),
        "the allele is in another record of the file, which is kept",
    ),
)


def filter_names(rules: tuple[Rule, ...] = RULES) -> pl.Expr:
    """PASS, or the names of the rules a row fails joined by `;` in the table's order."""
    failed = pl.concat_list(
        pl.when(rule.fails()).then(pl.lit(rule.name)).otherwise(pl.lit(None, pl.String))
        for rule in rules
    )
    names = failed.list.drop_nulls().list.unique(maintain_order=True).list.join(";")
    return pl.when(names == "").then(pl.lit(PASS)).otherwise(names)
