"""What a candidate for a rare disease has of its own: parents, inheritance, diseases, symptoms."""

from collections.abc import Mapping, Sequence
from typing import Any

from shirube.calling.loci.repeat_sizes import sizes_of
from shirube.report.page.blocks import Block, cell, facts, heading, note, quoted, table, words
from shirube.report.page.catalogue import Catalogue, Words
from shirube.report.page.reason import reason, reason_text
from shirube.report.page.text import number, percent

Finding = Mapping[str, Any]
PRINTED = 12
RELATED = 45.0  # Mb in runs: 1/64 of the autosomes, the mean of second cousins' children
REPEAT_LIMITS = ("normal_max", "pathogenic_min")
TONES = {"pathogenic": "danger", "uncertain": "warning", "intermediate": "warning"}


def _maps(value: object) -> list[Mapping[str, Any]]:
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, Sequence) else []


def rare_facts(item: Finding, say: Catalogue) -> list[tuple[str, Block | None]]:
    """Labelled values: reads of the parents, mode, posterior of de novo, score."""
    m, detail = say.message, item["detail"]
    out: list[tuple[str, Block | None]] = []
    parents = detail.get("parents")
    for role in ("father", "mother"):
        found = parents.get(role) if isinstance(parents, Mapping) else None
        if isinstance(found, Mapping):
            text = f"{number(found.get('ad_alt'))} / {number(found.get('dp'))}"
            out.append((m(f"rare.{role}"), cell(text)))
    if detail.get("mode"):
        out.append((m("rare.mode"), cell(say.term("mode", str(detail["mode"])))))
        row = {"reason": detail.get("mode_reason"), "said": detail.get("mode_said")}
        out.append((m("rare.mode_reason"), reason(row, say)))
    if isinstance(detail.get("de_novo_posterior"), float):
        out.append((m("rare.de_novo"), cell(percent(detail["de_novo_posterior"], 2))))
    if detail.get("mosaic_parent"):
        parent = say.term("relative", str(detail["mosaic_parent"]))
        out.append((m("rare.mosaic"), cell(parent, tone="warning")))
    if isinstance(detail.get("heteroplasmy"), float):
        mother = parents.get("mother") if isinstance(parents, Mapping) else None
        shares = (percent(detail["heteroplasmy"]), _share(mother))
        out.append((m("rare.heteroplasmy"), cell(" / ".join(shares))))
    if item["kind"] in ("repeat", "gene_copies"):
        out += _locus_facts(item, say)
    if isinstance(detail.get("score"), int | float):
        out.append((m("rare.score"), cell(number(detail["score"], 2))))
    return out


def _share(reads: object) -> str:
    """Part of a relative's reads with the allele; an en dash if unknown."""
    if not isinstance(reads, Mapping) or not reads.get("dp") or reads.get("ad_alt") is None:
        return percent(None)
    return percent(reads["ad_alt"] / reads["dp"])


def _locus_facts(item: Finding, say: Catalogue) -> list[tuple[str, Block | None]]:
    """Labelled values of a repeat expansion or a loss of gene copies."""
    m, detail = say.message, item["detail"]
    out: list[tuple[str, Block | None]] = []
    if item["kind"] == "repeat":
        alleles = " / ".join(str(allele) for allele in detail.get("alleles") or ())
        limits = m("repeat.limits", **{k: _or_dash(detail.get(k)) for k in REPEAT_LIMITS})
        out = [
            (m("repeat.copies"), cell(alleles or "–")),
            (m("repeat.motif"), cell(detail.get("motif") or "–")),
            (m("repeat.range"), cell(say.term("repeat", detail.get("range")))),
            (m("repeat.limit"), cell(limits)),
            (m("evidence.disease"), words([say.diseases(detail.get("repeat_disease"))], say)),
        ]
    else:
        copies = f"{detail.get('total_cn')} / {_or_dash(detail.get('paralogue_copies'))}"
        out = [
            (m("copies.both", gene=item["gene"], paralogue=detail.get("paralogue")), cell(copies))
        ]
    if detail.get("carrier"):
        out.append((m("carrier"), cell(m("carrier.meaning"), tone="warning")))
    return out


def _or_dash(value: object) -> object:
    return "–" if value is None else value


def _elsewhere(disease: Mapping[str, Any], say: Catalogue) -> str:
    """Ids of a disease in other lists; those Mondo only refers to are marked."""
    ids = [
        one["id"] if one.get("exact") else say.message("rare.refers", id=one["id"])
        for one in _maps(disease.get("elsewhere"))[:PRINTED]
    ]
    return say.message("list.join").join(ids) or "–"


def rare_tables(item: Finding, say: Catalogue) -> list[Block]:
    """Diseases of the gene, designated intractable diseases, and which symptoms match."""
    m, detail, out = say.message, item["detail"], []
    diseases = [
        (
            words([say.coded(d.get("omim"), d.get("disease"))], say),
            _elsewhere(d, say),
            d.get("inheritance"),
            cell(d.get("confidence") or "–", lang="en"),
        )
        for d in _maps(detail.get("diseases"))[:PRINTED]
    ]
    if diseases:
        listed = ("evidence.disease", "rare.elsewhere", "rare.mode", "rare.confidence")
        out.append(table(m("rare.diseases"), [m(c) for c in listed], diseases))
    nando = [
        (
            words([say.coded(d.get("nando"), d.get("name_en"), d.get("name_ja"))], say),
            d.get("number"),
            m("yes" if d.get("designated") else "no"),
        )
        for d in _maps(detail.get("nando"))[:PRINTED]
    ]
    if nando:
        heads = ("evidence.disease", "rare.number", "rare.designated")
        out.append(table(m("rare.intractable"), [m(c) for c in heads], nando))
    phenotype = detail.get("phenotype")
    terms = _maps(phenotype.get("terms")) if isinstance(phenotype, Mapping) else []
    rows = [
        (
            words([_term(t, "term", "name", say)], say),
            words([_term(t, "matched", "matched_name", say)], say),
        )
        for t in terms[:PRINTED]
    ]
    if rows:
        columns = [m("rare.symptom"), m("rare.matched")]
        out.append(table(m("rare.phenotype"), columns, rows))
    return out


def disease_of(item: Finding, say: Catalogue) -> Block | None:
    """The disease a candidate stands for, by name with its code; None where no source names one.

    What ClinVar names for the very allele, else the gene's disease that fits the symptoms best,
    else the first of the gene's diseases.
    """
    detail = item["detail"]
    if named := conditions(item, say):
        return words(named[:2], say)
    phenotype = detail.get("phenotype")
    fits = phenotype.get("disease") if isinstance(phenotype, Mapping) else None
    known = [*([fits] if isinstance(fits, Mapping) else []), *_maps(detail.get("diseases"))]
    for found in known:
        name, code = found.get("name") or found.get("disease"), found.get("id") or found.get("omim")
        if name or code:
            return words([say.coded(code, name)], say)
    return None


def conditions(item: Finding, say: Catalogue) -> list[Words]:
    """The diseases ClinVar names for the allele."""
    return [
        say.diseases(part.replace("_", " "))
        for part in (item["detail"].get("clinvar_conditions") or "").split("|")
        if part and part not in ("not_provided", "not_specified")
    ]


def matched_symptoms(item: Finding, say: Catalogue) -> Block | None:
    """The patient's symptoms that the gene's disease has, by name; None where none matches.

    A disease has a symptom where it has the term or a narrower one: what both only share is a
    broader term, "an abnormality of metabolism", and no match a reader would call one.
    """
    phenotype = item["detail"].get("phenotype")
    terms = _maps(phenotype.get("terms")) if isinstance(phenotype, Mapping) else []
    named = [_term(t, "term", "name", say) for t in terms if t.get("matched") == t["term"]]
    return words(named[:PRINTED], say) if named else None


def _term(row: Mapping[str, Any], code: str, name: str, say: Catalogue) -> Words:
    return say.coded(row.get(code), row.get(name), row.get(f"{name}_ja"))


def homozygosity(
    rows: Sequence[Mapping[str, Any]], say: Catalogue, related: str | None = None
) -> list[Block]:
    """Runs of homozygosity and uniparental disomy, the latter first; `related`: the parents."""
    if not rows:
        return []
    m = say.message
    total = sum(r["end"] - r["start"] for r in rows if r["kind"] == "roh") / 1e6
    if related == "yes":
        parents = [note(m("homozygosity.related"))]
    elif total >= RELATED:
        parents = [note(m("homozygosity.unstated", megabases=number(total)), "warning")]
    else:
        parents = []
    ordered = sorted(rows, key=lambda r: (r["kind"] == "roh", r["start"] - r["end"], r["chrom"]))
    body = [
        (
            say.term("homozygosity", r["kind"]),
            f"{r['chrom']}:{r['start'] + 1:,}-{r['end']:,}",
            number((r["end"] - r["start"]) / 1e6, 2),
            f"{number(r['sites'])} / {number(r['against'])}",
            quoted("homozygosity.why", r["reason"], say),
        )
        for r in ordered[:PRINTED]
    ]
    heads = ("homozygosity.kind", "location", "homozygosity.length", "homozygosity.sites", "reason")
    made = table(m("homozygosity.title"), [m(c) for c in heads], body, numeric=(2, 3))
    disomy = any(r["kind"] != "roh" for r in rows)
    more = [note(m("more", count=len(rows) - PRINTED))] if len(rows) > PRINTED else []
    upd = [note(m("homozygosity.upd"), "danger")] if disomy else []
    return [*upd, *parents, made, *more]


def measured_loci(model: Mapping[str, Any], say: Catalogue) -> list[Block]:
    """Repeats, gene copies, exons by depth: each with its range, or why it was not assessed."""
    return [
        *repeats(model["repeats"], say),
        *gene_copies(model["gene_copies"], say),
        *exon_copies(model["exon_copies"], say),
    ]


def exon_copies(found: Mapping[str, Any] | None, say: Catalogue) -> list[Block]:
    """In how many genes one lost or gained copy of an exon would have been seen by depth."""
    m = say.message
    if found is None:
        return [note(m("exons.not_measured"), "warning")]
    out = [heading(m("exons.title"))]
    if found["seen"]:
        size = number(found["bases"] / 1000, 1)
        out.append(
            note(
                m(
                    "exons.seen",
                    people=number(found["people"]),
                    seen=number(found["seen"]),
                    genes=number(found["genes"]),
                    size=m("looked.kilobases", size=size),
                )
            )
        )
    for why, count in found["blind"].items():
        text = m("exons.blind", genes=number(count), why=say.term("looked_state", why))
        out.append(note(text, "warning"))
    return out


def repeats(rows: Sequence[Mapping[str, Any]], say: Catalogue) -> list[Block]:
    """Measured repeats, the expanded first, then those that could not be measured."""
    m = say.message
    if not rows:
        return [note(m("repeat.none"), "warning")]
    order = ("pathogenic", "uncertain", "intermediate", "no_range", "normal")
    seen = [r for r in rows if r["range"] in order]
    body = [
        (
            r["locus"],
            r["gene"],
            r["motif"] or "–",
            " / ".join(size.text for size in sizes_of(r)) or "–",
            m(
                "repeat.limits",
                normal_max=_or_dash(r["benign_max"]),
                pathogenic_min=_or_dash(r["pathogenic_min"]),
            ),
            cell(say.term("repeat", r["range"]), tone=TONES.get(r["range"])),
            reason(r, say),
        )
        for r in sorted(seen, key=lambda r: (order.index(r["range"]), r["locus"]))
    ]
    keys = ("repeat.locus", "gene", "repeat.motif", "repeat.copies", "repeat.limit")
    heads = [m(c) for c in (*keys, "repeat.range", "reason")]
    blind = [
        (r["locus"], r["gene"], reason(r, say)) for r in rows if r["range"] == "not_assessable"
    ]
    blind_heads = [m(c) for c in ("repeat.locus", "gene", "reason")]
    return [
        *([table(m("repeat.title"), heads, body)] if body else []),
        *([table(m("repeat.not_assessable"), blind_heads, blind)] if blind else []),
        note(m("repeat.note")),
    ]


def gene_copies(rows: Sequence[Mapping[str, Any]], say: Catalogue) -> list[Block]:
    """Copies of SMN1 and SMN2, with what a count cannot say."""
    m, out = say.message, []
    for r in rows:
        if not r["assessed"]:
            text = m("copies.not_assessable", gene=r["gene"], reason=reason_text(r, say))
            out.append(note(text, "warning"))
            continue
        items = [
            (m("copies.of", gene=r["gene"]), number(r["copies"])),
            (m("copies.of", gene=r["paralogue"]), number(r["paralogue_copies"])),
            (m("copies.posterior"), percent(r["posterior"], 2)),
            (m("copies.reads", site=r["site"]), f"{r['gene_reads']} / {r['paralogue_reads']}"),
            (m("copies.depth"), number(r["total"], 2)),
        ]
        out += [heading(m("copies.title", gene=r["gene"])), facts(items)]
        out.append(note(m("copies.caveat", gene=r["gene"])))
    return out
