"""The class of a germline allele: its criteria, and ClinVar's classification beside them."""

from collections.abc import Mapping
from typing import Any

from shirube.interpret.acmg import BENIGN, LIKELY, LIKELY_BENIGN, PATHOGENIC, UNCERTAIN
from shirube.interpret.rows import criterion
from shirube.knowledge.significance import is_benign, is_pathogenic
from shirube.reasons import because

REPORTED = (PATHOGENIC, LIKELY)


def final_class(allele: Mapping[str, Any], computed: str) -> tuple[str, dict[str, Any]]:
    """Class of a germline allele and ClinVar's part in it, as a criterion without points.

    ClinVar's pathogenic or likely pathogenic classification with at least one star stands; in
    its absence the criteria decide. So does a benign classification, unless the criteria call the
    allele pathogenic: then two stars or more make it uncertain, and a person must look.
    """
    stated, stars = allele.get("clinvar_significance"), allele.get("clinvar_stars")
    record = because("clinvar.none")
    if stated:
        named = "unknown" if stars is None else stars
        record = because("clinvar.record", stated=stated, stars=named)
    if is_pathogenic(stated) and (stars or 0) >= 1:
        low = str(stated).lower().replace("_", " ")
        strongest = PATHOGENIC if low.startswith("pathogenic") else LIKELY
        return strongest, criterion("ClinVar", True, 0, record, "ClinVar")
    low = (stated or "").lower().replace("_", " ")
    benign = is_benign(stated)
    if benign and (stars or 0) >= 2 and computed in REPORTED:
        reason = record.and_(because("clinvar.against"))
        return UNCERTAIN, criterion("ClinVar", False, 0, reason, "ClinVar")
    if benign and (stars or 0) >= 1 and computed not in REPORTED:
        class_ = BENIGN if low.startswith("benign") else LIKELY_BENIGN
        return class_, criterion("ClinVar", False, 0, record, "ClinVar")
    return computed, criterion("ClinVar", False if stated else None, 0, record, "ClinVar")
