"""What of a finding leads: which of its evidence may stand on the first page, and in what order.

The first page is for what decides. Evidence of levels A and B for the patient's own disease does;
weaker evidence, and evidence against a drug that as good or better evidence for the same disease
supports, stands in the finding's own tables.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Finding = Mapping[str, Any]
STRONG = ("A", "B")
SUPPORTING = ("approved_japan", "sensitivity")
LEVELS = ("A", "B", "R", "C", "D", "E", "F")
TIERS = ("I-A", "I-B", "II-C", "II-D", "III", "IV")
# What evidence for a tumour of any organ calls its disease: OncoTree's codes in our tables, CIViC's
# words (resources/doid_oncotree.tsv).
ANY_ORGAN = frozenset({"solid", "tissue", "cancer", "solid tumor"})


def regimens(item: Mapping[str, Any]) -> set[frozenset[str]]:
    """What an evidence item names as given together, in lower case; alternatives apart.

    In our own tables a comma parts alternatives and a plus joins a combination; CIViC says in
    `interaction` what its comma means, and without a word there the drugs are one regimen.
    """
    text = (item["therapies"] or "").casefold()
    ours = item["source"] == "japan_approvals"
    apart = ours or (item["interaction"] or "").casefold() == "substitutes"
    sets = text.split(",") if apart else [text]
    mark = "+" if ours else ","
    found = (frozenset(p.strip() for p in one.split(mark) if p.strip()) for one in sets)
    return {one for one in found if one}


def outweighed(against: Mapping[str, Any], item: Finding) -> bool:
    """Whether every regimen `against` speaks against has support of its level or a better one.

    Support counts where it is for the patient's disease: a drug approved for it, and a small trial
    that saw no response, are not a resistance. A combination supports none of its drugs alone.
    """
    support = [
        e
        for e in item["evidence"]
        if e["group"] in SUPPORTING
        and e["same_disease"]
        and (e["level"] or "~") <= (against["level"] or "~")
    ]
    named = regimens(against)
    return bool(named) and named <= set().union(*map(regimens, support))


def disputed(item: Finding) -> list[frozenset[str]]:
    """Regimens that equally strong evidence for the patient's disease speaks for and against."""
    own = [e for e in item["evidence"] if e["same_disease"] and e["level"] in STRONG]
    best: dict[str, dict[frozenset[str], str]] = {"for": {}, "against": {}}
    for e in own:
        side = {"resistance": "against", **dict.fromkeys(SUPPORTING, "for")}.get(e["group"])
        for one in regimens(e) if side else ():
            best[side or ""][one] = min(best[side or ""].get(one, "~"), e["level"])
    both = best["for"].keys() & best["against"].keys()
    return sorted((r for r in both if best["for"][r] == best["against"][r]), key=sorted)


def leading_resistance(item: Finding) -> list[Mapping[str, Any]]:
    """Evidence of resistance that decides: strong, for the patient's disease, not outweighed."""
    return [
        e
        for e in item["evidence"]
        if e["group"] == "resistance"
        and e["same_disease"]
        and e["level"] in STRONG
        and not outweighed(e, item)
    ]


def resisted(item: Finding, items: Sequence[Finding]) -> list[tuple[frozenset[str], Finding]]:
    """Regimens that support a finding and that another finding of the patient is resistant to.

    An EGFR deletion opens gefitinib, and T790M of the same tumour closes it: each card alone would
    mislead. Support is of levels A and B for the patient's disease; resistance is what leads.
    """
    supported = {
        one
        for e in item["evidence"]
        if e["group"] in SUPPORTING and e["same_disease"] and e["level"] in STRONG
        for one in regimens(e)
    }
    found = [
        (one, other)
        for other in items
        if other["id"] != item["id"]
        for one in set().union(*map(regimens, leading_resistance(other))) & supported
    ]
    return sorted(found, key=lambda pair: (sorted(pair[0]), pair[1]["id"]))


def of_own_organ(item: Finding) -> bool:
    """Whether evidence for the patient's own tumour type, not for any organ, gives the level."""
    deciding = [
        e
        for e in item["evidence"]
        if e["group"] in SUPPORTING and e["same_disease"] and e["level"] == item["japan_level"]
    ]
    return any(
        (e["disease"] or "").casefold() not in ANY_ORGAN
        for e in (*deciding, *leading_resistance(item))
    )


def order(item: Finding) -> tuple[int, bool, bool, int, bool, float]:
    """Sort key of findings that lead, whatever their section.

    Japanese level, with resistance in the place of its evidence's level; evidence for the patient's
    own tumour type before that for any organ, whose approvals ask that the standard treatment be
    unsuitable (Keytruda's label of MSI-High and TMB-High); a biomarker of the whole tumour before a
    change of one gene; AMP tier; an inherited allele before a somatic one; the more of the reads
    the sooner.
    """
    return (
        _level_place(item),
        not of_own_organ(item),
        item["section"] != "biomarkers",
        place(item["amp_tier"], TIERS),
        item["origin"] != "germline",
        -(item["reads"]["vaf"] or 0.0),
    )


def _level_place(item: Finding) -> int:
    against = leading_resistance(item)
    if item["japan_level"] == "R" and against:
        return 2 * place(min(e["level"] for e in against), LEVELS) + 1
    return 2 * place(item["japan_level"], LEVELS)


def place(value: str | None, given: Sequence[str]) -> int:
    """Index of `value`; the end where it is not among those given."""
    return given.index(value) if value in given else len(given)
