"""Alleles that would matter and were removed by a filter: seen, and why they are no finding.

A residue at which a filtered allele lies is neither `found` nor `not found`. Whoever reads the
page must learn of it: a hotspot, or an allele that would have tier I or II, is named with its
reads and the filters it fails. What the normal plainly inherited (`INHERITED` of its reads) is
no somatic allele, and is told of, if at all, as a germline finding.
"""

import polars as pl

from shirube.cancer import somatic
from shirube.cancer.case import PASSED, described_somatic
from shirube.cancer.evidence import for_alleles
from shirube.contracts import WITHHELD
from shirube.interpret.inputs import Knowledge, Paths

INHERITED = 0.2
NOT_OF_READS = ("Unplaced", "NotSmall", "NoGenotype")
_SHOWN = ("finding", "chrom", "pos", "ref", "alt", "gene", "transcript", "consequence", "hgvs_g",
          "hgvs_c", "hgvs_p", "name", "dp", "ad_alt", "vaf", "normal_dp", "normal_ad", "amp_tier",
          "japan_level")  # fmt: skip


def _removed() -> pl.Expr:
    """Rows a filter removed that looks at reads, and that the normal did not plainly inherit."""
    share = pl.col("normal_ad") / pl.col("normal_dp")
    named = pl.col("filter").str.split(";").list.set_intersection(list(NOT_OF_READS))
    inherited = (share >= INHERITED).fill_null(False)
    return ~PASSED & (named.list.len() == 0) & somatic.RELEVANT & ~inherited


def withheld(knowledge: Knowledge, paths: Paths, accepted: frozenset[str]) -> pl.DataFrame:
    """WITHHELD of a patient: filtered hotspots, and filtered alleles of tier I or II."""
    roles = knowledge.roles
    tables = [rows.filter(_removed()) for rows in described_somatic(paths, set(roles))]
    tables = [rows for rows in tables if rows.height]
    if not tables:
        return WITHHELD.empty()
    rows = somatic.candidates(pl.concat(tables)).unique("finding", keep="first")
    spots = somatic.hotspots_of(rows, knowledge.hotspots)
    matched = for_alleles(rows, knowledge.evidence, germline=False)
    asked = matched.filter(pl.col("evidence_type") == "Predictive")["finding"]
    near = {*spots, *asked.to_list()}
    rows = rows.filter(pl.col("finding").is_in(sorted(near))).sort("finding")
    found = somatic.findings(
        rows,
        knowledge.evidence,
        knowledge.curated["civic_levels"],
        knowledge.curated["japan_approvals"],
        accepted,
        roles,
        knowledge.hotspots,
        knowledge.spans(),
        paths.table("loh"),
        knowledge.role_source,
    )
    filters = dict(rows.select("finding", "filter").iter_rows())
    out = []
    for finding in found:
        spot = spots.get(finding["finding"])
        if spot is None and finding["amp_tier"] not in somatic.TREATABLE:
            continue
        out.append(
            {name: finding[name] for name in _SHOWN}
            | {
                "filter": filters[finding["finding"]],
                "hotspot": None if spot is None else spot.residue,
            }
        )
    return WITHHELD.table(pl.DataFrame(out, schema=WITHHELD.polars, orient="row"))
