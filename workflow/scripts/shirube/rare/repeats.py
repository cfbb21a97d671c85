"""Repeat expansions of a rare-disease patient: a finding each, and the fate of every locus."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from shirube.calling.loci.repeat_sizes import sizes_of
from shirube.interpret.acmg import PATHOGENIC, UNCERTAIN
from shirube.interpret.inputs import Knowledge
from shirube.interpret.person import Person
from shirube.interpret.question import Question
from shirube.interpret.rows import criterion, detail
from shirube.interpret.stage import Account
from shirube.ledger import OUTSIDE_QUESTION, Rule, decided, entries
from shirube.reasons import because

SHOWN = ("pathogenic", "uncertain", "intermediate")


def repeat_stage(
    person: Person, knowledge: Knowledge, question: Question, repeats: pl.DataFrame
) -> Account:
    """Every locus of REPEATS is a record; expanded ones are findings."""
    rows = repeats.with_row_index("record").with_columns(
        pos=pl.col("start") + 1, ref=pl.lit("N"), alt=pl.lit("<STR>")
    )
    asked = ~pl.col("gene").is_in(sorted(question.withheld)).fill_null(False)
    described = pl.concat_str(
        [pl.col("locus"), pl.lit(" "), pl.col("range"), pl.lit(": "), pl.col("reason")]
    )
    limits = pl.concat_str(
        [
            pl.lit("normal up to "),
            pl.col("benign_max").cast(pl.String).fill_null("unknown"),
            pl.lit(", pathogenic from "),
            pl.col("pathogenic_min").cast(pl.String).fill_null("unknown"),
        ]
    )
    outside = pl.lit("a gene of the question")
    rules = [
        Rule(OUTSIDE_QUESTION, "filtered", ~asked, pl.lit(None, pl.String), outside),
        Rule("repeat_range", "reported", pl.col("range").is_in(SHOWN), described, limits),
        Rule("repeat_range", "filtered", pl.col("range") == "normal", described, limits),
        Rule("repeat_range", "tiered", pl.col("range") == "no_range", described, limits),
        Rule("repeat_reads", "filtered", pl.col("range") == "not_assessable", described, limits),
    ]
    done = decided(rows, rules)
    account = Account(records=rows.height)
    account.parts.append(entries(done, "repeat", person.normal or ""))
    shown = done.filter(pl.col("fate") == "reported").rows(named=True)
    account.findings += [finding(row, person, knowledge, question) for row in shown]
    return account


def needed(row: Mapping[str, Any], sex: str) -> int | None:
    """Pathogenic alleles that make the disease; None if the inheritance does not say."""
    modes = set((row["inheritance"] or "").split("|"))
    if modes & {"AD", "XD", "MT"}:
        return 1
    if modes & {"XR", "XL", "YL"}:
        return 1 if sex == "XY" else 2
    return 2 if "AR" in modes else None


def finding(
    row: Mapping[str, Any], person: Person, knowledge: Knowledge, question: Question
) -> dict[str, Any]:
    """A FINDINGS row (rank null) of an expanded or not settled repeat."""
    alleles = [size.text for size in sizes_of(row)]
    wanted, pathogenic = needed(row, person.sex), row["pathogenic_alleles"]
    carrier = bool(pathogenic) and wanted is not None and pathogenic < wanted
    full = row["range"] == "pathogenic"
    gene = knowledge.genes.of(row["gene"])
    match = None
    if knowledge.phenotypes is not None:
        match = knowledge.phenotypes.matches(person.hpo, person.absent, [row["gene"]]).get(
            row["gene"]
        )
    fit = match.weight if match else 0.5
    weight = {"pathogenic": 1.0, "uncertain": 0.5, "intermediate": 0.2}[row["range"]]
    reads = [row[name] or 0 for name in ("spanning", "flanking", "in_repeat")]
    limits = {"normal": row["benign_max"], "pathogenic": row["pathogenic_min"]}
    counted = because("repeat.copies", copies=" / ".join(alleles), motif=row["motif"], **limits)
    zygosity = None
    if full and row["ploidy"] == 1:
        zygosity = "hemizygous"
    elif full:
        zygosity = "homozygous" if pathogenic == 2 else "heterozygous"
    return {
        "finding": f"repeat-{row['locus']}",
        "section": question.section(row["gene"]),
        "origin": "germline",
        "kind": "repeat",
        "chrom": row["chrom"],
        "pos": row["start"] + 1,
        "ref": None,
        "alt": None,
        "gene": row["gene"],
        "consequence": "short_tandem_repeat_expansion",
        "name": f"{row['gene']} ({row['motif']})n {'/'.join(alleles)}",
        "zygosity": zygosity,
        "classification": PATHOGENIC if full else UNCERTAIN,
        "criteria": [
            criterion("repeat_range", full, 0, counted, "STRchive"),
            criterion(
                "carrier", carrier, 0, because("repeat.carrier", expanded=pathogenic, wanted=wanted)
            ),
        ],
        "evidence": [],
        "score": weight * (0.5 + fit / 2) * (0.3 if carrier else 1.0),
        "detail": detail(
            {
                "locus": row["locus"],
                "motif": row["motif"],
                "alleles": alleles,
                "range": row["range"],
                "carrier": carrier,
                "normal_max": row["benign_max"],
                "pathogenic_min": row["pathogenic_min"],
                "repeat_inheritance": row["inheritance"],
                "repeat_disease": row["disease"],
                "repeat_reads": reads,
                "repeat_reason": row["reason"],
                "engine": row["engine"],
                **gene.described(),
            }
        ),
    }
