"""One finding as the reader sees it: a line in the summary, a card in its section."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shirube.report.page.blocks import Block, cell, note, quoted, table, words
from shirube.report.page.catalogue import Catalogue, Words, messages
from shirube.report.page.clonality_blocks import clonality_facts, origin_facts
from shirube.report.page.molecule_blocks import molecule_facts
from shirube.report.page.rare_blocks import conditions, rare_facts, rare_tables
from shirube.report.page.reason import reason
from shirube.report.page.text import frequency, number, percent, shortened
from shirube.report.page.therapies import BASES, approval, drug_names, of_basis, of_group

PRINTED_EVIDENCE = 8
CLINVAR = "https://www.ncbi.nlm.nih.gov/clinvar/variation/"
Finding = Mapping[str, Any]


def second_hit(item: Finding, say: Catalogue) -> Block | None:
    """What happened to the other allele, from the facts; the prose only where there are none."""
    told = _second_hit(item, say)
    if told is None and item["second_hit"]:
        return words([Words(item["second_hit"], say.language == "en")], say)
    return None if told is None else cell(told)


def _second_hit(item: Finding, say: Catalogue) -> str | None:
    m, found = say.message, item["detail"].get("second_hit")
    if item["second_hit"] == "both copies lost":
        return m("second.both_lost")
    if not isinstance(found, Mapping):
        return None
    parts = []
    if f"second.{found.get('state')}" in messages():
        counts = ("normal_ad", "normal_dp", "tumour_ad", "tumour_dp")
        values = {key: "–" if found.get(key) is None else found[key] for key in counts}
        parts.append(m(f"second.{found['state']}", **values))
    if isinstance(sites := found.get("loh_sites"), Mapping):
        parts.append(m("second.sites", lost=sites["lost"], assessed=sites["assessed"]))
    if hits := found.get("somatic"):
        parts.append(m("second.somatic", names=m("list.join").join(hits)))
    return m("sentence.join").join(parts) or None


def panel_line(item: Finding, say: Catalogue) -> str | None:
    """Whether the expert panel's discussion may be omitted, with the source of the rule."""
    if item["panel"] is None:
        return None
    verdict = say.message(f"panel.{item['panel']['verdict']}")
    return say.message(
        "panel.value", verdict=verdict, source=say.cited(item["panel"]["source"].split(",")[0])
    )


def _oncogenicity(item: Finding, say: Catalogue) -> str:
    """The class by the criteria; where it is insufficient, of how many nothing could be said."""
    missing = item["detail"].get("oncogenicity_not_assessed")
    if item["oncogenicity"] == "Insufficient" and missing is not None:
        return say.message("oncogenicity.missing", count=number(missing))
    return say.term("oncogenicity", item["oncogenicity"])


def _clinvar_oncogenicity(item: Finding, say: Catalogue) -> str | None:
    """ClinVar's oncogenicity classification, with its stars where they are known."""
    stated, stars = (item["detail"].get(f"clinvar_oncogenicity{s}") for s in ("", "_stars"))
    if not stated:
        return None
    shown = say.term("oncogenicity", stated)
    return say.message("clinvar.value", significance=shown, stars="–" if stars is None else stars)


def _criteria_class(item: Finding, say: Catalogue) -> str:
    """The criteria's class, with their points where they were counted."""
    shown, points = say.term("class", item["classification"]), item["detail"].get("criteria_points")
    if points is None:
        return shown
    return say.message("class.points", shown=shown, points=number(points))


def _two_answers(item: Finding, say: Catalogue) -> Block | None:
    """ClinVar's class and the criteria's in one line, where they fall on different sides."""
    detail = item["detail"]
    if not detail.get("answers_differ"):
        return None
    stars = detail.get("clinvar_stars")
    text = say.message(
        "answers.differ",
        clinvar=say.term("class", detail["clinvar_class"]),
        stars="–" if stars is None else stars,
        criteria=_criteria_class(item, say),
    )
    return {"label": say.message("answers"), **cell(text, tone="warning")}


# Kinds of findings that no population frequency speaks of.
NO_ALLELE = ("fusion", "structural", "copy_number", "repeat", "gene_copies", "biomarker")


def _escat(item: Finding, say: Catalogue) -> str:
    """ESCAT tier and what it rests on; what the table does not rank has none."""
    found = item["detail"].get("escat")
    if not found:
        return say.message("escat.none")
    here = "elsewhere" if "scale" in found else "here"
    tumours = say.message("list.join").join(sorted({row["oncotree"] for row in found["rows"]}))
    text = say.message(f"escat.{here}", tier=found["tier"], tumours=tumours)
    seen = all(row["verified"] for row in found["rows"])
    return text if seen else say.message("escat.unverified", text=text)


def tier_badges(item: Finding, say: Catalogue) -> list[Block]:
    """The classes of a finding; the Japanese level and the AMP tier always side by side."""
    m, out = say.message, []
    of_tumour = item["section"] in ("somatic", "fusion", "copy_number", "biomarkers")
    if of_tumour or item["japan_level"] or item["amp_tier"]:
        none = m("tier.none")
        for label, key in (("tier.japan", "japan_level"), ("tier.amp", "amp_tier")):
            tone = "strong" if item[key] in ("A", "B", "I-A", "I-B") else None
            tone = "danger" if item[key] == "R" else tone
            out.append({"label": m(label), **cell(item[key] or none, tone=tone)})
        out.append({"label": m("tier.escat"), **cell(_escat(item, say))})
    if (differing := _two_answers(item, say)) is not None:
        out.append(differing)
    if item["classification"]:
        pathogenic = "athogenic" in item["classification"]
        shown = _criteria_class(item, say)
        out.append(
            {"label": m("classification"), **cell(shown, tone="danger" if pathogenic else None)}
        )
    if item["oncogenicity"]:
        out.append(
            {
                "label": m("oncogenicity"),
                **cell(_oncogenicity(item, say)),
            }
        )
    out.append({"label": m("origin"), **cell(say.term("origin", item["origin"]))})
    return out


def badges(item: Finding, say: Catalogue) -> list[Block]:
    """The classes of a finding and whether it was confirmed."""
    m, out = say.message, tier_badges(item, say)
    state = item["confirmation"]
    tone = "warning" if state == "unconfirmed" else "good"
    out.append({"label": m("state"), **cell(m(f"confirmation.{state}"), tone=tone)})
    return out


def fraction(item: Finding) -> str | None:
    """VAF with its 95% interval, as text; None where unknown."""
    reads = item["reads"]
    if reads["vaf"] is None:
        return None
    text = percent(reads["vaf"])
    if reads["vaf_low"] is not None and reads["vaf_high"] is not None:
        text += f" ({percent(reads['vaf_low'])}–{percent(reads['vaf_high'])})"
    return text


def copies(item: Finding, say: Catalogue) -> str | None:
    """Copies of the gene in the tumour's cells and of its rarer allele; None where unknown."""
    found = item.get("copies") or {
        key: item["detail"].get(f"{key}_cn") for key in ("total", "minor")
    }
    if found.get("total") is None:
        return None
    minor = found.get("minor")
    if minor is None:
        return number(found["total"], 1)
    return say.message("copies.minor", total=number(found["total"], 1), minor=number(minor, 1))


def reads_text(alternative: int | None, depth: int | None) -> str | None:
    """Reads with the allele of all reads; None where unknown."""
    return None if depth is None else f"{number(alternative)} / {number(depth)}"


def location(item: Finding) -> str | None:
    """Allele as chrom:pos ref>alt; None where the finding has none."""
    allele = item["allele"]
    if allele is None:
        return None
    ref, alt = allele["ref"], allele["alt"]
    change = f" {shortened(ref)}>{shortened(alt)}" if ref and alt else ""
    return f"{allele['chrom']}:{allele['pos']}{change}"


def _clinvar(item: Finding, say: Catalogue) -> Block | None:
    found = item["clinvar"]
    if found is None:
        return None
    text = say.message(
        "clinvar.value",
        significance=say.classes(found["significance"]),
        stars="–" if found["stars"] is None else found["stars"],
    )
    if release := item["detail"].get("clinvar_release"):
        text = say.message("clinvar.release", value=text, release=say.cited(release))
    return cell(text, href=f"{CLINVAR}{found['id']}/")


def _conditions(item: Finding, say: Catalogue) -> Block | None:
    """The diseases ClinVar names for the allele; in its words where no other are known."""
    named = conditions(item, say)
    return words(named, say) if named else None


def _frequencies(item: Finding, say: Catalogue) -> list[tuple[str, object]]:
    m, f = say.message, item["frequencies"]
    out: list[tuple[str, object]] = []
    if item["kind"] in NO_ALLELE:
        return out
    for label in ("japanese", "population"):
        value, source = f[f"{label}_af"], f[f"{label}_source"]
        text = m("frequency.unknown") if value is None else frequency(value)
        if value is not None and source:
            size = f[f"{label}_an"]
            count = m("frequency.size_unknown") if size is None else number(size)
            text = m("frequency.value", value=text, source=source, count=count)
        out.append((m(label), text))
    if f["cohort_an"]:
        text = m("frequency.no_others")
        if f["others_an"]:
            counts = f"{number(f['others_ac'])} / {number(f['others_an'])}"
            text = f"{frequency(f['others_af'])} ({counts})"
        out.append((m("cohort"), text))
    return out


def finding_facts(item: Finding, say: Catalogue) -> list[tuple[str, Block]]:
    """Labelled values of a finding; what is not known and not asked for is left out."""
    m, reads = say.message, item["reads"]
    items: list[tuple[str, object]] = [
        (m("finding.id"), cell(f"[{item['id']}]", tone="code")),
        (m("hgvs_g"), item["hgvs_g"]),
        (m("hgvs_c"), item["hgvs_c"]),
        (m("hgvs_p"), item["hgvs_p"]),
        (m("transcript"), item["transcript"]),
        (m("location"), location(item)),
        *molecule_facts(item, say),
        (m("consequence"), say.terms("so", item["consequence"]) if item["consequence"] else None),
        (m("zygosity"), item["zygosity"] and say.term("zygosity", item["zygosity"])),
        (m("inheritance"), item["inheritance"] and say.term("inheritance", item["inheritance"])),
        (m("vaf"), fraction(item)),
        (m("reads"), reads_text(reads["alternative"], reads["depth"])),
        (m("reads.normal"), reads_text(reads["normal_alternative"], reads["normal_depth"])),
        (m("copies"), copies(item, say) if item["origin"] != "germline" else None),
        (m("second_hit"), second_hit(item, say)),
        *clonality_facts(item, say),
        *origin_facts(item, say),
        (m("panel"), panel_line(item, say)),
        (m("clinvar"), _clinvar(item, say)),
        (m("clinvar.conditions"), _conditions(item, say)),
        (m("oncogenicity.clinvar"), _clinvar_oncogenicity(item, say)),
        *rare_facts(item, say),
        *_frequencies(item, say),
    ]
    kept = [(label, v) for label, v in items if v is not None]
    return [(label, v if isinstance(v, dict) else cell(v)) for label, v in kept]


def evidence_tables(item: Finding, say: Catalogue) -> list[Block]:
    """Evidence by what it rests on; sensitivity, resistance and other never in one table."""
    given = [(f"basis.{kind}", of_basis(item, kind)) for kind in BASES]
    given += [(f"evidence.{group}", of_group(item, group)) for group in ("resistance", "other")]
    return [_evidence_table(say.message(key), found, say) for key, found in given if found]


def _evidence_table(caption: str, found: Sequence[Mapping[str, Any]], say: Catalogue) -> Block:
    m = say.message
    heads = ("evidence.level", "evidence.therapies", "evidence.disease", "evidence.same")
    columns = [m(c) for c in (*heads, "evidence.meaning", "evidence.source")]
    rows = [
        (
            cell(e["level"] or "–", tone="strong"),
            m("drugs.join").join(drug_names(e, say)) or "–",
            words([say.diseases(e["disease"])], say),
            m("yes") if e["same_disease"] else m("unknown" if e["same_disease"] is None else "no"),
            _meaning(e, say),
            evidence_source(e, say),
        )
        for e in found[:PRINTED_EVIDENCE]
    ]
    if len(found) > PRINTED_EVIDENCE:
        caption += f" ({m('more', count=len(found) - PRINTED_EVIDENCE)})"
    return table(caption, columns, rows)


def evidence_source(e: Mapping[str, Any], say: Catalogue) -> Block:
    """Where an evidence item is stated; of an approval also whether the wording was read."""
    if e["group"] == "approved_japan":  # its statement names where the approval is stated
        told = approval(e)
        if told is None:
            return quoted("stated", e["statement"] or e["id"], say)
        checked = say.message(f"stated.japan.{'verified' if told.verified else 'unverified'}")
        return words([Words(checked, True), _citation(told.source, say)], say)
    name = f"{e['source'] or ''} {e['id'] or ''}".strip()
    found_in = [Words(name, True), *(Words(stated, say.language == "en") for stated in e["stated"])]
    return {**words(found_in, say), "href": cell("", e["url"])["href"]}


def _citation(text: str, say: Catalogue) -> Words:
    """Where something is stated: marked as English unless its words are Japanese."""
    shown = say.cited(text)
    return Words(shown, say.language == "en" or not re.search("[a-z]{3}", shown))


def _meaning(e: Mapping[str, Any], say: Catalogue) -> str:
    direction = e["direction"] or ""
    text = say.term("significance", e["significance"])
    return f"{text} ({say.term('direction', direction)})" if direction else text


def criteria_blocks(item: Finding, say: Catalogue) -> list[Block]:
    """Criteria that were met with their reasons; those not met or not assessed by name."""
    m, given = say.message, item["criteria"]
    if not given:
        return []
    rows = [
        (
            cell(say.term("rule", c["code"]), tone="strong"),
            number(c["points"]),
            reason(c, say),
            words([_citation(c["source"] or "–", say)], say),
        )
        for c in given
        if c["met"]
    ]
    columns = [
        m(c) for c in ("criterion", "criterion.points", "criterion.reason", "evidence.source")
    ]
    named = {
        key: m("list.join").join(say.term("rule", c["code"]) for c in given if c["met"] is met)
        or m("none")
        for key, met in (("unmet", False), ("unknown", None))
    }
    met = [table(m("criteria"), columns, rows, numeric=(1,))] if rows else []
    return [*met, note(m("criteria.unmet", **named))]


def title(item: Finding) -> str:
    """What a finding is called, the same in every language and rendering."""
    return item["name"] or item["gene"] or item["id"]


def shown_title(item: Finding, say: Catalogue) -> str:
    """The same in the page's language, where a finding's name is of words."""
    if say.language == "en":
        return title(item)
    local, call = item["detail"].get("name_ja"), item["detail"].get("call")
    if item["kind"] == "copy_number" and item["gene"] and say.knows("segment", call):
        return f"{item['gene']} {say.term('segment', call)}"
    if item["kind"] == "structural" and (shown := _driver_title(item, say)):
        return shown
    return str(local) if local else say.cited(title(item))


def _driver_title(item: Finding, say: Catalogue) -> str | None:
    """What a rearrangement does to a gene, in words; None where the event has a name of its own."""
    gene, kind = item["gene"], item["detail"].get("driver")
    if exons := re.fullmatch(r"\S+ exons? ([\d-]+) (deletion|duplication)", title(item)):
        return say.message(f"driver.{exons[2]}", gene=gene, exons=exons[1])
    if item["second_hit"] == "both copies lost":
        return f"{gene} {say.term('segment', 'homozygous_deletion')}"
    known = kind in ("gene_deletion", "disruption")
    return say.message(f"driver.{kind}", gene=gene) if known else None


def finding_card(item: Finding, say: Catalogue) -> Block:
    """The whole of one finding."""
    return {
        "type": "finding",
        "id": item["id"],
        "title": shown_title(item, say),
        "gene": item["gene"],
        "badges": badges(item, say),
        "facts": finding_facts(item, say),
        "blocks": [
            *rare_tables(item, say),
            *evidence_tables(item, say),
            *criteria_blocks(item, say),
        ],
    }
