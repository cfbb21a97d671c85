"""The report model: everything any rendering may say about one patient.

`report` joins what the stages made into one JSON value, `written` checks it against the schema
and gives its canonical bytes. Nothing here depends on the clock, the machine or paths.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from jsonschema import Draft202012Validator

from shirube.contracts import CALLS
from shirube.errors import ShirubeError
from shirube.files import whole
from shirube.genome.genotype_rule import GenotypeRule
from shirube.ledger import OUTSIDE_QUESTION
from shirube.reasons import message_parts
from shirube.report.basis import Known
from shirube.report.canonical import canonical_bytes
from shirube.report.event_classes import Looked, exon_copies
from shirube.report.fates import borderline_records, fates, filtered_in
from shirube.report.findings import findings, summary, unphased
from shirube.report.names import codes_of
from shirube.report.negatives import ASSESSABLE, own_codes, relevance, searched
from shirube.report.own_cohort import without_own
from shirube.report.sign_off import signed_off
from shirube.report.support import with_publications, with_tests
from shirube.report.withheld import seen_but_filtered

VERSION = "1.20.0"
PATIENT = (
    *("patient", "sex", "programme", "diagnosis", "family", "affected"),
    *("hpo", "onset", "consanguinity"),
)
WHOLE = 0.99  # a gene counts for the depth of a sample if this much of it was asked for


class ReportError(ShirubeError):
    """The report model does not fit its schema."""


def sample_quality(
    row: Mapping[str, Any], coverage: pl.DataFrame, callable_bases: int
) -> dict[str, Any]:
    """One sample: its sheet row and what of the genes its reads cover.

    genes_callable: of the genes asked for, those callable enough for a negative statement;
    mean_depth and callable are over the coding bases of the genes that lie inside the regions of
    the run; null where there is none, or where the sample's file does not tell.
    """
    asked = coverage.filter(pl.col("requested") >= WHOLE)
    bases = int(asked["bases"].sum())

    def mean(name: str) -> float | None:
        if not bases or asked[name].null_count():
            return None
        return float((asked[name] * asked["bases"]).sum()) / bases

    return {
        "sample": row["sample"],
        "kind": row["kind"],
        "input": str(row["path"]).rsplit("/", 1)[-1].split(".", 1)[-1],
        "genes": asked.height,
        "genes_callable": asked.filter(pl.col("callable") >= ASSESSABLE).height,
        "mean_depth": mean("mean_depth"),
        "callable": mean("callable"),
        "callable_bases": callable_bases,
    }


def gates(quality: Sequence[pl.DataFrame], pedigree: pl.DataFrame) -> list[dict[str, Any]]:
    """Gates of the samples (QUALITY) and of the person's identity (PEDIGREE).

    verdict: pass, unknown, warn (a failed gate whose action is to warn) or fail; action: warn,
    watermark or block. What is only measured (action none) is no gate. A failed identity blocks.
    """
    out: list[dict[str, Any]] = []
    for row in (row for table in quality for row in table.iter_rows(named=True)):
        if row["action"] == "none":
            continue
        failed = "warn" if row["action"] == "warn" else "fail"
        same = ("sample", "value", "low", "high", "sites", "action", "reason")
        out.append(
            {
                "gate": row["metric"],
                "relative": None,
                **{key: row[key] for key in same},
                "said": message_parts(row),
                "verdict": failed if row["verdict"] == "fail" else row["verdict"],
            }
        )
    for row in pedigree.iter_rows(named=True):
        bound = "high" if row["gate"].startswith("mendelian") else "low"
        bounds = {"low": None, "high": None}
        if row["gate"] != "sex":
            bounds[bound] = row["threshold"]
        same = ("gate", "sample", "relative", "value", "sites", "verdict", "reason")
        out.append(
            {**{k: row[k] for k in same}, **bounds, "action": "block", "said": message_parts(row)}
        )
    return out


def verdict(results: Sequence[Mapping[str, Any]]) -> str:
    """The worst verdict of the gates; unknown if the depth of a sample is.

    Any other gate that could not be measured is shown as unknown and decides nothing.
    """
    found = {gate["verdict"] for gate in results}
    for name in ("fail", "warn"):
        if name in found:
            return name
    depths = [gate["verdict"] for gate in results if gate["gate"] == "mean_depth"]
    return "pass" if depths and "unknown" not in depths else "unknown"


def measured_loci(table: pl.DataFrame, ledger: pl.DataFrame | pl.LazyFrame) -> list[dict[str, Any]]:
    """Rows of REPEATS or GENE_COPIES whose gene the question asks for, as the ledger says.

    A locus that the ledger calls outside the question is not told, whatever its length.
    """
    outside = (
        ledger.lazy()
        .filter(pl.col("stage").is_in(["repeat"]) & (pl.col("rule") == OUTSIDE_QUESTION))
        .select("chrom", start=pl.col("pos") - 1)
        .collect()
    )
    if "start" in table.columns:
        table = table.join(outside, on=["chrom", "start"], how="anti", maintain_order="left")
    if "said" in table.columns:
        return [{**row, "said": message_parts(row)} for row in table.to_dicts()]
    return table.to_dicts()


def own_genes(
    searched_: Sequence[Mapping[str, Any]], items: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Genes whose coverage is drawn: those of the findings, then those for the diagnosis."""
    found = [gene for item in items for gene in (item["gene"] or "").split("::") if gene]
    own = [r["gene"] for r in searched_ if r["own_disease"] and r["kind"] == "coding"]
    return list(dict.fromkeys([*found, *own]))


def report(
    patient: Mapping[str, Any],
    samples: Sequence[Mapping[str, Any]],
    finding_table: pl.DataFrame,
    ledger: pl.DataFrame | pl.LazyFrame,
    coverage: Mapping[str, pl.DataFrame],
    callable_bases: Mapping[str, int],
    evidence: pl.DataFrame,
    bases: Known,
    oncotree: pl.DataFrame,
    targets: Mapping[str, pl.DataFrame],
    pharmacogenomics: Mapping[str, Any],
    pedigree: pl.DataFrame,
    quality: Mapping[str, pl.DataFrame],
    markers: pl.DataFrame,
    homozygosity: pl.DataFrame,
    loci: Mapping[str, pl.DataFrame],
    methods: Mapping[str, Any],
    draw: Callable[[list[dict[str, Any]], list[str]], list[dict[str, Any]]],
    gene_models: pl.DataFrame,
    build: str,
    withheld: pl.DataFrame | None = None,
    looked: Looked | None = None,
    events: Sequence[dict[str, Any]] = (),
    date: str | None = None,
    names: Callable[[Sequence[str]], dict[str, Any]] = lambda codes: {},
    tests: Sequence[Mapping[str, str | None]] = (),
    approvals: Mapping[str, Any] | None = None,
    identity: Mapping[str, Any] | None = None,
    others: Callable[[list[dict[str, Any]]], None] | None = None,
    trials: Callable[[Sequence[dict[str, Any]], Mapping[str, Any]], dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The model of one patient.

    `patient`, `samples`: sheet rows; `coverage`, `callable_bases`: by sample name; `evidence`:
    CLINICAL_EVIDENCE; `bases`: see report.basis; `oncotree`: ONCOTREE; `targets`: TARGETS by
    sample name;
    `pharmacogenomics`: see pgx.result; `pedigree`: PEDIGREE; `quality`: QUALITY by sample name;
    `markers`: MARKERS;
    `homozygosity`: HOMOZYGOSITY; `loci`: REPEATS and GENE_COPIES by name;
    `methods`: see report.methods;
    `gene_models`: GENE_MODELS, for what was filtered in the genes of the report;
    `draw`: figures (report.figures) of findings and of genes with evidence for the diagnosis;
    `withheld`: WITHHELD; `looked`: see report.event_classes, None where only small variants were
    looked for; `events`: see
    report.sign_off; `date`: as configured, never the clock's; `names`: see report.names;
    `tests`: see report.support;
    `approvals`: what the list of approvals in Japan covers (see knowledge.approvals);
    `identity`: what the hospital says of person and specimens (see report.identity);
    `others`: sets each finding's frequency without the patient (see report.own_cohort);
    `trials`: finds trials that recruit, of findings and names of codes (see report.trials).
    """
    described = [
        sample_quality(row, coverage[row["sample"]], callable_bases[row["sample"]])
        for row in samples
    ]
    results = gates([quality[row["sample"]] for row in samples], pedigree)
    blocked = [g for g in results if g["action"] == "block" and g["verdict"] == "fail"]
    consented = patient["consent_secondary"] == "yes"
    items = [] if blocked else findings(finding_table, consented, bases)
    if others is None:
        without_own(items, CALLS.empty(), GenotypeRule(), counted=False)
    else:
        others(items)
    items = with_tests(with_publications(items, evidence), tests)
    judged = max(samples, key=lambda row: row["kind"] == "tumour")
    negative, unknown = searched(
        targets[judged["sample"]],
        relevance(evidence, own_codes(oncotree, patient["diagnosis"])),
        items,
        ledger,
        looked or Looked(judged["kind"]),
        next((targets[r["sample"]] for r in samples if r is not judged), None),
        withheld,
    )
    if blocked:  # whose data these are is not known: nothing is said of the person
        negative, unknown = [], []
        pharmacogenomics = {**pharmacogenomics, "status": "blocked", "genes": []}
        pharmacogenomics |= {"recommendations": [], "tests": []}
    called = names(codes_of(patient, items))
    model = {
        "schema": "shirube/report",
        "version": VERSION,
        "date": date,
        "build": build,
        "artificial": build == "artificial",
        "patient": {
            **{key: patient[key] for key in PATIENT},
            "consent_secondary": patient["consent_secondary"] or "unknown",
        },
        "samples": described,
        "tumour": None if blocked or looked is None or not looked.tumour else dict(looked.tumour),
        "quality": {"verdict": verdict(results), "blocked": bool(blocked), "gates": results},
        "identity": None if identity is None else dict(identity),
        "approvals": None if approvals is None else dict(approvals),
        "names": called,
        "summary": summary(items),
        "findings": items,
        "trials": None if trials is None or blocked else trials(items, called),
        "pharmacogenomics": dict(pharmacogenomics),
        "secondary": {"consented": consented},
        "not_found": negative,
        "not_assessable": unknown,
        "withheld": [] if blocked or withheld is None else seen_but_filtered(withheld),
        "unphased": [] if blocked else unphased(finding_table, consented),
        "markers": [] if blocked else [{**r, "said": message_parts(r)} for r in markers.to_dicts()],
        "homozygosity": [] if blocked else homozygosity.to_dicts(),
        **{
            name: [] if blocked else measured_loci(table, ledger)
            for name, table in sorted(loci.items())
        },
        "exon_copies": None if blocked or looked is None else exon_copies(looked.depth),
        "figures": [] if blocked else draw(items, own_genes([*negative, *unknown], items)),
        "ledger": {
            **fates(ledger),
            "again": [] if blocked else borderline_records(ledger),
            "filtered": filtered_in(ledger, own_genes([*negative, *unknown], items), gene_models),
        },
        "methods": dict(methods),
    }
    return signed_off(model, events)


def checked(model: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Raise ReportError, naming the place, if the model does not fit the schema."""
    problems = sorted(Draft202012Validator(schema).iter_errors(model), key=lambda e: str(e.path))
    if problems:
        where = "/".join(str(part) for part in problems[0].absolute_path) or "(top)"
        raise ReportError(f"report.json: {where}: {problems[0].message[:300]}")


def written(model: Mapping[str, Any], schema: Mapping[str, Any], path: str | Path) -> str:
    """Check the model, write it, return the SHA-256 of the file."""
    checked(model, schema)
    data = canonical_bytes(model)
    with whole(path) as part:
        part.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def loaded(path: str | Path, schema: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """A model written before and the SHA-256 of its file; ReportError if it breaks the schema."""
    data = Path(path).read_bytes()
    try:
        model: dict[str, Any] = json.loads(data)
    except ValueError as error:
        raise ReportError(f"{path}: not JSON ({error})") from None
    checked(model, schema)
    return model, hashlib.sha256(data).hexdigest()
