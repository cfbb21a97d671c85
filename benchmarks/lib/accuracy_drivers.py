"""Planted drivers, from reads to the report: found by name, or never called absent."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from accuracy_rows import Row
from drivers_genome import (
    CLASSES,
    Event,
    Planted,
    planted,
    site_places,
    tables,
    thinned,
    written,
)

from annotate_alleles import main as annotate
from call_copy_number import main as call_copies
from call_structural import embedded
from shirube.calling.copy_number.state import tumour_state
from shirube.calling.somatic.calling import Reads, call_somatic
from shirube.calling.somatic.detection_limit import detection_probability
from shirube.calling.somatic.errors import measured as measured_errors
from shirube.calling.somatic.loh import count_alleles, loss_of_heterozygosity
from shirube.calling.somatic.model import Thresholds
from shirube.calling.structural.calling import Limits
from shirube.calling.structural.detection_limit import Library, junction_probability
from shirube.contracts import (
    CLINICAL_EVIDENCE,
    COPY_NUMBER,
    GENE_MODELS,
    LOH,
    SOMATIC,
    STRUCTURAL,
    metadata,
    read,
    write,
)
from shirube.demo.sequencer import INSERT_MEAN, READ
from shirube.genome.intervals import Interval, arrays
from shirube.genome.ploidy import PAR
from shirube.home import RESOURCES
from shirube.interpret.curated import curated_tables
from shirube.interpret.inputs import Knowledge, Paths
from shirube.interpret.person import Person
from shirube.interpretation import interpret
from shirube.rare.family import Family
from shirube.report.event_classes import Looked
from shirube.report.findings import findings
from shirube.report.negatives import relevance, searched
from shirube.report.target_depth import depth_of, target_intervals
from shirube.report.targets import measured, targets

CURATED = (
    "acmg_criteria",
    "ba1_exceptions",
    "cancer_genes",
    "chip_genes",
    "civic_levels",
    "critical_regions",
    "driver_events",
    "enhancer_loci",
    "escat_tiers",
    "hereditary_cancer_genes",
    "japan_approvals",
    "japan_evidence_levels",
    "oncogenicity_criteria",
    "rearranged_genes",
    "secondary_findings",
)
SMALL = ("substitution", "stop", "short_deletion", "short_insertion", "splice_site")
JUNCTIONS = (
    *("named_deletion", "kinase_duplication", "exons_deleted", "exons_doubled", "fusion"),
    *("inversion_break", "translocation_break", "fusion_nearby", "enhancer_hijack", "upstream"),
)
CELLS = ((0.6, 60),)  # purity, depth of the subset that `make accuracy` measures
LIBRARY = Library(READ, INSERT_MEAN)
OUTCOMES = ("named", "other_name", "present", "not_assessable", "below_limit", "false")


@dataclass(frozen=True)
class Outcome:
    """What became of a planted event: one of OUTCOMES, and what was said of it.

    `seen`: mean depth of its target's bases in the tumour's reads.
    """

    event: Event
    purity: float
    depth: float
    outcome: str
    said: str
    seen: float | None = None


def reported(plan: Planted, paths: Mapping[str, str], out: Path) -> dict[str, Any]:
    """Findings, what was not found and what was not assessable, as the workflow makes them."""
    models, evidence = tables(plan)
    names = ("gene_models", "evidence", "somatic", "loh", "structural", "copy_number")
    files = {name: str(out / f"{name}.parquet") for name in names}
    write(models, GENE_MODELS, files["gene_models"], {"release": "made"})
    write(evidence, CLINICAL_EVIDENCE, files["evidence"])
    whole = [Interval(c, 0, len(b)) for c, b in plan.genome.sequences.items()]
    _small_calls(plan, paths, files, whole, out)
    _sites(plan, paths, files)
    pair = (paths["tumour"], paths["normal"], paths["fasta"])
    table = embedded(*pair, whole, Limits(), False, None, {})
    write(table, STRUCTURAL, files["structural"])
    call_copies(
        tumour=pair[0], normal=pair[1], loh=files["loh"], somatic=files["somatic"],
        reference=pair[2], bed=None, copy_number=files["copy_number"], min_mapq=20, sex="XX",
        aliases=None, gene_models=files["gene_models"], evidence=files["evidence"],
        cancer_genes=str(RESOURCES / "cancer_genes.tsv"),
    )  # fmt: skip
    return _report(plan, paths, files, models, evidence, out)


def _small_calls(
    plan: Planted, paths: Mapping[str, str], files: Mapping[str, str], whole: Sequence[Interval],
    out: Path,
) -> None:  # fmt: skip
    """SOMATIC of the exons and their splice sites, and the alleles' annotation."""
    exons = [Interval(g.contig, s - 20, e + 20) for g in plan.genes.values() for s, e in g.exons]
    limits, reads = Thresholds(), Reads(paths["tumour"], paths["normal"], paths["fasta"])
    errors, _ = measured_errors(
        paths["tumour"], paths["fasta"], whole, reads.min_mapq, reads.min_baseq,
        limits.max_false, limits.min_lod, paths["normal"],
    )  # fmt: skip
    write(call_somatic(reads, exons, limits, None, errors), SOMATIC, files["somatic"])
    for contig in plan.genome.sequences:
        annotate(
            calls={}, somatic={"made": files["somatic"]}, changes={},
            knowledge={"gene_models": files["gene_models"]}, fasta=paths["fasta"],
            build="artificial", aliases=None, coverage={}, chrom=contig, batch=10_000,
            engine="embedded", external=None, output=str(out / f"annotation.{contig}.parquet"),
        )  # fmt: skip


def _sites(plan: Planted, paths: Mapping[str, str], files: Mapping[str, str]) -> None:
    """LOH of the heterozygous sites, counted in the reads."""
    rows = [
        (
            contig,
            int(at) + 1,
            chr(bases[at]),
            chr(bases[at]).translate(str.maketrans("ACGT", "TGCA")),
        )
        for contig, bases in plan.genome.sequences.items()
        for at in site_places(plan, contig)
    ]
    names = ("chrom", "pos", "ref", "alt")
    sites = pl.DataFrame(rows, schema={name: LOH.polars[name] for name in names}, orient="row")
    counts = [
        count_alleles(paths[kind], paths["fasta"], sites, 20, 13) for kind in ("normal", "tumour")
    ]
    write(loss_of_heterozygosity(*counts), LOH, files["loh"])


def _report(
    plan: Planted, paths: Mapping[str, str], files: Mapping[str, str], models: pl.DataFrame,
    evidence: pl.DataFrame, out: Path,
) -> dict[str, Any]:  # fmt: skip
    curated = dict(curated_tables([str(RESOURCES / f"{name}.tsv") for name in CURATED]))
    curated["enhancer_loci"] = plan.loci
    knowledge = Knowledge(curated, evidence, models)
    own = Paths(
        {c: str(out / f"annotation.{c}.parquet") for c in plan.genome.sequences},
        somatic=files["somatic"],
        loh=files["loh"],
        structural=files["structural"],
        copy_number=files["copy_number"],
        par=PAR["GRCh38"],
    )
    person = Person("made", "XX", "cancer", "LUAD", normal="N", tumour="T")
    table, ledger, _ = interpret(person, knowledge, own, Family())
    items = findings(table, False, {})
    wanted = targets(evidence, models, {})
    everywhere = arrays((c, 0, len(b)) for c, b in plan.genome.sequences.items())
    names = {c: c for c in plan.genome.sequences}
    seen = {
        kind: measured(
            wanted, everywhere, everywhere,
            depth_of(paths[kind], target_intervals(wanted, names), paths["fasta"], names),
        )
        for kind in ("tumour", "normal")
    }  # fmt: skip
    state = tumour_state(metadata(files["copy_number"]))
    looked = Looked(
        "tumour", Thresholds(), Limits(), read(STRUCTURAL, files["structural"]),
        read(COPY_NUMBER, files["copy_number"]), state, library=LIBRARY,
    )  # fmt: skip
    relevant = relevance(evidence, ["LUAD"])
    negative, unknown = searched(seen["tumour"], relevant, items, ledger, looked, seen["normal"])
    depths = {(r["gene"], r["kind"]): r["mean_depth"] for r in seen["tumour"].rows(named=True)}
    return {
        "findings": items, "not_found": negative, "not_assessable": unknown, "state": state,
        "depths": depths,
    }  # fmt: skip


def judged(event: Event, made: Mapping[str, Any], purity: float, depth: float) -> Outcome:
    """An event beside the report: found by name, or what is said of its target."""

    def outcome(what: str, said: str) -> Outcome:
        return Outcome(event, purity, depth, what, said, made.get("depths", {}).get(key))

    key = (event.gene, event.target)

    own = [
        item["name"] or ""
        for item in made["findings"]
        if event.gene in (item["gene"] or "").split("::")
    ]
    for name in own:
        if any(name.startswith(wanted) for wanted in event.names):
            return outcome("named", name)
    if own:
        return outcome("other_name", "; ".join(own))
    rows = [r for r in made["not_found"] if (r["gene"], r["kind"]) == key]
    if not rows and not any((r["gene"], r["kind"]) == key for r in made["not_assessable"]):
        return outcome("false", "the target stands in no list")
    said = [c for r in rows for c in r["classes"] if c["class"] in event.classes]
    denied = [c for c in said if c["state"] == "not_found" and _covers(c, event, purity)]
    if denied:
        return outcome("false", str(denied[0]))
    if any(c["state"] == "present" for c in said):
        return outcome("present", "")
    if any(c["state"] == "not_found" for c in said) or (rows and not event.classes):
        return outcome("below_limit", str(said[:1]))
    return outcome("not_assessable", str([c["reason"] for c in said]))


def _covers(said: Mapping[str, Any], event: Event, purity: float) -> bool:
    """Whether the limits stated of a class that is not found cover the event."""
    if said["vaf"] is not None and event.share(purity) < said["vaf"]:
        return False
    if said["bases"] is not None and event.size and event.size < said["bases"]:
        return False
    return said["purity"] is None or purity >= said["purity"] - 0.05


def measure(
    cells: Sequence[tuple[float, float]], each: int, seed: int
) -> Iterator[tuple[list[Outcome], list[str]]]:
    """Of every cell: outcomes of its events, and findings that nobody planted.

    One tumour a purity: its reads at the largest depth asked, and parts of them.
    """
    purities = list(dict.fromkeys(purity for purity, _ in cells))
    for n, purity in enumerate(purities):
        depths = sorted((depth for p, depth in cells if p == purity), reverse=True)
        with tempfile.TemporaryDirectory() as directory:
            out = Path(directory)
            plan = planted(RESOURCES, each, seed + n)
            known = {g for e in plan.events for g in (e.gene, *e.names[0].split("::"))}
            paths = written(plan, purity, depths[0], seed + n, out)
            for depth in depths:
                own = out / f"{depth:g}x"
                own.mkdir()
                made = reported(plan, thinned(paths, depth / depths[0], seed + n, own), own)
                extra = [
                    f"{purity} {depth} {item['name']}"
                    for item in made["findings"]
                    if known.isdisjoint((item["gene"] or "").split("::"))
                ]
                yield [judged(event, made, purity, depth) for event in plan.events], extra


def limit_scale(found: Sequence[Outcome], junctions: bool) -> tuple[float, int]:
    """The stated limit of detection over the empirical one, and how many events tell it.

    Of events on one copy that a junction shows, or of small variants. The scale s that makes
    the stated chance of detection at s times their share of molecules most likely is the ratio.
    The limit is that of one junction: an event of two is missed only if both are.
    """
    kinds = JUNCTIONS if junctions else SMALL
    own = [o for o in found if o.event.kind in kinds and o.seen]
    share = np.array([o.event.share(o.purity) for o in own])
    depth = np.array([o.seen for o in own], float)
    named = np.array([o.outcome in ("named", "other_name", "present") for o in own])
    scales = np.arange(0.5, 2.001, 0.01)
    times = np.array([o.event.junctions for o in own])

    def chance(share: np.ndarray) -> np.ndarray:
        if not junctions:
            return detection_probability(share, depth)
        return 1 - (1 - junction_probability(share, depth, library=LIBRARY)) ** times

    fits = [
        float(np.log(np.where(named, p, 1 - p)).sum())
        for p in (np.clip(chance(s * share), 1e-4, 1 - 1e-4) for s in scales)
    ]
    return float(scales[int(np.argmax(fits))]), len(own)


def rows_of(found: Sequence[Outcome], extra: Sequence[str], name: str, note: str) -> list[Row]:
    """A row of every class and one of all: named (tp), nobody's (fp), falsely absent (fn)."""
    rows = []
    for kind in (*CLASSES, "all"):
        own = Counter(o.outcome for o in found if kind in (o.event.kind, "all"))
        said = ", ".join(f"{own[what]} {what}" for what in OUTCOMES if own[what])
        more = f"{note}: {said}" if kind == "all" else said
        wrong = len(extra) if kind == "all" else 0
        rows.append(Row(name, "embedded", kind, own["named"], wrong, own["false"], None, more))
    return rows


def planted_drivers(realdata: Path, each: int = 3, seed: int = 1) -> list[Row]:
    """The subset: every class, at one purity and depth. `realdata` is not needed."""
    del realdata
    ((found, extra),) = measure(CELLS, each, seed)
    purity, depth = CELLS[0]
    note = f"{len(found)} events, purity {purity:.0%}, {depth}x; falsely absent in FN"
    return rows_of(found, extra, "planted-drivers", note)


TRUTH_SETS = [planted_drivers]
