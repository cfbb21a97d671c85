"""Deletions with microhomology and tandem duplications of 1 to 100 kb, beside the HRD score.

Cells without BRCA2 or PALB2 join breaks by a few shared bases (Nik-Zainal et al., Cell 2012, doi
10.1016/j.cell.2012.04.024), cells without BRCA1 leave many short tandem duplications (Menghi et
al., Cancer Cell 2018, doi 10.1016/j.ccell.2018.06.008). No threshold of these counts is applied
here: they are `counted`, with their interval, and call nothing.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
import scipy

from shirube.calling.somatic.markers import Row, marker
from shirube.calling.somatic.model import fraction_interval
from shirube.reasons import Reason, because

SHORT, LONG = 1_000, 100_000
LEAST_DELETIONS = 20
DUPLICATIONS, SHARE = "tandem duplications", "share of deletions"


def homologous(types: Mapping[str, int]) -> Row:
    """The row MHD: share of the deletions of two bases or more that microhomology flanks.

    `types`: how often each type of indel occurs (see calling.somatic.change_types).
    """
    parts = {name: name.split(":") for name in types}
    deleted = {name for name, part in parts.items() if part[1] == "Del" and part[0] != "1"}
    total = sum(types[name] for name in deleted)
    shared = sum(types[name] for name in deleted if parts[name][2] == "M")
    basis = because("repair.deletions", shared=shared, total=total)
    if total < LEAST_DELETIONS:
        why = basis.and_(because("marker.needed", count=LEAST_DELETIONS))
        return marker("MHD", None, None, None, SHARE, "unknown", why)
    low, high = fraction_interval(np.array([shared]), np.array([total]))
    return marker("MHD", shared / total, float(low[0]), float(high[0]), SHARE, "counted", basis)


def unseen_events(events: pl.DataFrame | None, covered: float, needed: float) -> Reason | None:
    """Why somatic junctions of a genome could not be told; None if they could."""
    if events is None:
        return because("repair.no_reads")
    if covered < needed:
        return because("repair.part", covered=f"{covered:.0%}", needed=f"{needed:.0%}")
    return None


def duplicated(events: pl.DataFrame | None, covered: float, needed: float) -> Row:
    """The row TD: somatic tandem duplications of SHORT to LONG bases.

    `events`: STRUCTURAL of a tumour beside its normal, None without both; `covered`: share of the
    autosomes that was looked at, of which `needed` must be.
    """
    why = unseen_events(events, covered, needed)
    if events is None or why is not None:
        return marker("TD", None, None, None, DUPLICATIONS, "unknown", why or "")
    size = pl.col("pos2") - pl.col("pos1")
    somatic = events.filter(filter="PASS", origin="somatic", svtype="DUP")
    same = somatic.filter(pl.col("chrom1") == pl.col("chrom2"))
    count = same.filter(size.is_between(SHORT, LONG)).height
    low = float(scipy.special.gammaincinv(count, 0.025)) if count else 0.0
    high = float(scipy.special.gammaincinv(count + 1, 0.975))
    basis = because("repair.duplications", count=count, all=somatic.height)
    return marker("TD", float(count), low, high, DUPLICATIONS, "counted", basis)
