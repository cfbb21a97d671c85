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

from shirube.calling.somatic_model import Thresholds
from shirube.errors import ShirubeError
from shirube.report.canonical import canonical_bytes
from shirube.report.findings import findings, summary
from shirube.report.negatives import own_codes, relevance, searched
from shirube.report.sign_off import signed_off

VERSION = "1.0.0"
PATIENT = ("patient", "sex", "programme", "diagnosis", "family", "affected", "hpo")
WHOLE = 0.99  # a gene counts for the depth of a sample if this much of it was asked for
PLANNED_DEPTH = {"tumour": 120.0, "normal": 30.0}


class ReportError(ShirubeError):
    """The report model does not fit its schema."""


def sample_quality(
    row: Mapping[str, Any], coverage: pl.DataFrame, callable_bases: int
) -> dict[str, Any]:
    """One sample: its sheet row and what of the genes its reads cover.

    mean_depth and callable are over the coding bases of the genes that lie inside the regions of
    the run; null where there is none.
    """
    asked = coverage.filter(pl.col("requested") >= WHOLE)
    bases = int(asked["bases"].sum())
    depth = callable_part = None
    if bases:
        depth = float((asked["mean_depth"] * asked["bases"]).sum()) / bases
        callable_part = float((asked["callable"] * asked["bases"]).sum()) / bases
    return {
        "sample": row["sample"],
        "kind": row["kind"],
        "input": str(row["path"]).rsplit("/", 1)[-1].split(".", 1)[-1],
        "genes": asked.height,
        "mean_depth": depth,
        "callable": callable_part,
        "callable_bases": callable_bases,
    }


def gates(samples: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Quality gates of the samples, each with what was measured and what was asked for."""
    out: list[dict[str, Any]] = []
    for sample in samples:
        asked, seen = PLANNED_DEPTH[sample["kind"]], sample["mean_depth"]
        verdict = "unknown" if seen is None else "fail" if seen == 0 else "warn"
        out.append(
            {
                "gate": "mean_depth",
                "sample": sample["sample"],
                "value": seen,
                "threshold": asked,
                "verdict": "pass" if seen is not None and seen >= asked else verdict,
                "relative": None,
                "reason": None,
                "blocks": False,
            }
        )
    return out


def identity_gates(pedigree: pl.DataFrame) -> list[dict[str, Any]]:
    """Gates of PEDIGREE: whether the sample is of the person it should be. A failed one blocks."""
    return [
        {
            **{key: row[key] for key in ("gate", "sample", "value", "threshold", "verdict")},
            "relative": row["relative"],
            "reason": row["reason"],
            "blocks": True,
        }
        for row in pedigree.iter_rows(named=True)
    ]


def verdict(results: Sequence[Mapping[str, Any]]) -> str:
    """The worst verdict of the gates; unknown if there is none.

    An identity that could not be checked (no relatives, too few sites) is not held against it.
    """
    order = ("fail", "unknown", "warn", "pass")
    found = {
        gate["verdict"] for gate in results if not (gate["blocks"] and gate["verdict"] == "unknown")
    }
    return next((name for name in order if name in found), "unknown")


def fates(ledger: pl.DataFrame | pl.LazyFrame) -> dict[str, Any]:
    """Input records by stage, fate and deciding rule."""
    counts = (
        ledger.lazy()
        .group_by("stage", pl.col("fate").cast(pl.String), "rule")
        .len("records")
        .sort("stage", "fate", "rule")
        .collect(engine="streaming")
    )
    return {"records": int(counts["records"].sum()), "rows": counts.to_dicts()}


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
    oncotree: pl.DataFrame,
    targets: Mapping[str, pl.DataFrame],
    pharmacogenomics: Mapping[str, Any],
    pedigree: pl.DataFrame,
    methods: Mapping[str, Any],
    draw: Callable[[list[dict[str, Any]], list[str]], list[dict[str, Any]]],
    build: str,
    limits: Thresholds | None = None,
    events: Sequence[dict[str, Any]] = (),
    date: str | None = None,
) -> dict[str, Any]:
    """The model of one patient.

    `patient`, `samples`: sheet rows; `coverage`, `callable_bases`: by sample name; `evidence`:
    CLINICAL_EVIDENCE; `oncotree`: ONCOTREE; `targets`: TARGETS by sample name;
    `pharmacogenomics`: see pgx.result; `pedigree`: PEDIGREE; `methods`: see report.methods;
    `draw`: figures (report.figures) of findings and of genes with evidence for the diagnosis;
    `limits`: thresholds of the somatic caller; `events`: see report.sign_off; `date`: as
    configured, never the clock's.
    """
    described = [
        sample_quality(row, coverage[row["sample"]], callable_bases[row["sample"]])
        for row in samples
    ]
    results = [*gates(described), *identity_gates(pedigree)]
    blocked = [gate for gate in results if gate["blocks"] and gate["verdict"] == "fail"]
    consented = patient["consent_secondary"] == "yes"
    items = [] if blocked else findings(finding_table, consented)
    judged = max(samples, key=lambda row: row["kind"] == "tumour")
    negative, unknown = searched(
        targets[judged["sample"]],
        relevance(evidence, own_codes(oncotree, patient["diagnosis"])),
        items,
        ledger,
        judged["kind"],
        next((targets[r["sample"]] for r in samples if r is not judged), None),
        limits,
    )
    if blocked:  # whose data these are is not known: nothing is said of the person
        negative, unknown = [], []
        pharmacogenomics = {**pharmacogenomics, "status": "blocked", "genes": []}
        pharmacogenomics |= {"recommendations": [], "tests": []}
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
        "quality": {"verdict": verdict(results), "blocked": bool(blocked), "gates": results},
        "summary": summary(items),
        "findings": items,
        "pharmacogenomics": dict(pharmacogenomics),
        "secondary": {"consented": consented},
        "not_found": negative,
        "not_assessable": unknown,
        "figures": [] if blocked else draw(items, own_genes([*negative, *unknown], items)),
        "ledger": fates(ledger),
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
    Path(path).write_bytes(data)
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
