"""The alleles a finding is made of, where these are several, as plain text for every exchange."""

from collections.abc import Mapping
from typing import Any


def member_texts(item: Mapping[str, Any]) -> list[str]:
    """`NM_1.1:c.5A>G (chr1:50 A>G, germline)` for each allele of a change of several; else []."""
    change = item["detail"].get("change")
    if not change:
        return []
    prefix = f"{item['transcript']}:" if item["transcript"] else ""
    return [
        f"{prefix}{one['hgvs_c']} ({one['allele']}, {one['origin']})"
        if one["hgvs_c"]
        else f"{one['allele']} ({one['origin']})"
        for one in change["members"]
    ]
