"""What is known of the share of the cancer cells that carry a finding, and of its origin."""

from collections.abc import Mapping
from typing import Any

from shirube.report.page.blocks import Block, cell
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.reason import reason_text
from shirube.report.page.text import number, percent


def clonality_facts(item: Mapping[str, Any], say: Catalogue) -> list[tuple[str, Block]]:
    """The share with its interval, and the purity it rests on; or why none is told."""
    m, found = say.message, item["detail"].get("clonality")
    if not isinstance(found, Mapping):
        return []
    state = say.term("clonal", found["state"])
    if "ccf" not in found:
        why = reason_text(found, say)
        return [(m("clonality"), cell(m("clonality.open", state=state, reason=why)))]
    share = f"{percent(found['ccf'])} ({percent(found['low'])}–{percent(found['high'])})"
    text = m("clonality.value", state=state, share=share)
    basis = m(
        "clonality.basis",
        purity=percent(found["purity"]),
        interval=f"{percent(found['purity_low'])}–{percent(found['purity_high'])}",
        copies=number(found["copies"]),
    )
    tone = "strong" if found["state"] == "clonal" else None
    return [(m("clonality"), cell(text, tone=tone)), (m("clonality.copies"), cell(basis))]


def origin_facts(item: Mapping[str, Any], say: Catalogue) -> list[tuple[str, Block]]:
    """What else than tumour or parents may be the origin of a finding, or cannot be ruled out."""
    notes = item["detail"].get("origin_notes") or []
    told = [reason_text(note, say) for note in notes if isinstance(note, Mapping)]
    return [(say.message("origin.note"), cell(text, tone="warning")) for text in told]
