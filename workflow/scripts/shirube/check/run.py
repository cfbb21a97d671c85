"""Everything that can be known to be wrong before a run, in one pass over its inputs."""

import hashlib
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from shirube.check.alignments import check_reads
from shirube.check.engines import check_engines
from shirube.check.events import check_events
from shirube.check.files import check_path
from shirube.check.people import check_people, check_sex
from shirube.check.problems import Outcome, shown
from shirube.check.reference import Reference, check_reference
from shirube.check.settings import check_config, value_at
from shirube.check.sheets import Row, check_sheet
from shirube.check.sources import (
    check_knowledge,
    check_pharmacogenomics,
    check_terms,
    known_terms,
)
from shirube.check.variants import check_callable, check_variants
from shirube.errors import InputError
from shirube.genome.chromosomes import CHROMS
from shirube.knowledge.approvals import read_approvals
from shirube.knowledge.names import every_source
from shirube.knowledge.trials import read_trials
from shirube.report.identity import read_identity
from shirube.sheet import form_of

_READS = (".bam", ".cram")
_SAME_RECORDS = 20  # fewer records may agree by chance
_FEW = 40  # as many samples are looked at sooner than processes start


@dataclass(frozen=True)
class Checked:
    """What was found, and what a run would work on."""

    outcome: Outcome
    patients: Sequence[Row]
    samples: Sequence[Row]
    reference: Reference | None
    settings: dict[str, Any]


@dataclass(frozen=True)
class Looked:
    """One sample looked at: what was found, how many records, and a digest of them."""

    row: Row
    outcome: Outcome
    records: int
    digest: str


def _check_same_file(sheet: Path, samples: list[Row], outcome: Outcome) -> None:
    seen: dict[str, Row] = {}
    for row in samples:
        if not row["path"] or not os.path.exists(row["path"]):
            continue
        # One joint VCF serves many people, each by a column of its own.
        column = row["sample_in_file"] or row["sample"]
        place = os.path.realpath(row["path"])
        place += "" if form_of(place) == "reads" else f"\0{column}"
        if place in seen:
            expected = f"each file once, found that of {shown(seen[place]['sample'])} again"
            outcome.problem(sheet, row.where("path"), expected)
        seen.setdefault(place, row)


def _check_same_content(sheet: Path, looked_at: list[Looked], outcome: Outcome) -> None:
    """Two samples whose first reads or records are the same, whatever the files are called."""
    seen: dict[tuple[int, str], Row] = {}
    for one in looked_at:
        row, reads = one.row, one.row["path"].endswith(_READS)
        if not one.records or (not reads and one.records < _SAME_RECORDS):
            continue
        first = seen.setdefault((one.records, one.digest), row)
        if first is not row and os.path.realpath(first["path"]) != os.path.realpath(row["path"]):
            what = f"its first {one.records} {'reads' if reads else 'records'}"
            expected = f"data of its own; {what} are those of {first['path']}"
            outcome.problem(sheet, row.where("path"), f"{expected} (sample {first['sample']})")


def _look_at(sheet: Path, row: Row, reference: Reference | None) -> Looked:
    """Check one sample's files; what is found goes into an outcome of its own."""
    outcome, path = Outcome(), row["path"]
    found: tuple[str, ...] = ()
    if check_path(sheet, row.where("path"), path, outcome):
        if path.endswith(_READS):
            found = check_reads(sheet, row, reference, outcome)
        elif form_of(path) in ("gvcf", "vcf"):
            found = check_variants(sheet, row, reference, outcome)
    check_callable(sheet, row, reference, outcome)
    check_events(sheet, row, reference, outcome)
    digest = hashlib.sha256("\n".join(found).encode("utf-8", "surrogatepass")).hexdigest()
    return Looked(row, outcome, len(found), digest)


def _check_files(
    sheet: Path, samples: list[Row], reference: Reference | None, outcome: Outcome, processes: int
) -> None:
    rows = [row for row in samples if row["path"]]
    look_at = partial(_look_at, sheet, reference=reference)
    if processes > 1 and len(rows) > _FEW:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            looked_at = list(pool.map(look_at, rows, chunksize=8))
    else:
        looked_at = [look_at(row) for row in rows]
    for one in looked_at:
        outcome.extend(one.outcome)
    _check_same_file(sheet, samples, outcome)
    _check_same_content(sheet, looked_at, outcome)


def _check_strata(
    config: Path, settings: dict[str, Any], sheet: Path, patients: list[Row], outcome: Outcome
) -> None:
    columns = set(patients[0].cells) if patients else set()
    for stratum in value_at(settings, list, "cohort", "strata") or []:
        if patients and stratum not in columns:
            where = f"key cohort.strata, {stratum}"
            outcome.problem(config, where, f"a column of {sheet}, which has none of this name")


def check_given(
    config: Path,
    settings: dict[str, Any],
    people: Mapping[str, Collection[str]] | None,
    outcome: Outcome,
    oncotree: Collection[str] = (),
) -> None:
    """A site's list of approvals, exports of trials, what it says of `people` and their samples.

    `oncotree`: the codes there are; none: not known.
    """
    approvals = value_at(settings, str, "criteria", "approvals")
    if approvals is not None and check_path(config, "key criteria.approvals", approvals, outcome):
        _read(partial(read_approvals, approvals), outcome)
    for number, export in enumerate(value_at(settings, list, "report", "trials", "exports") or []):
        path = export.get("path") if isinstance(export, dict) else None
        key = f"key report.trials.exports.{number}.path"
        if isinstance(path, str) and check_path(config, key, path, outcome):
            _read(partial(read_trials, path, oncotree), outcome)
    given = value_at(settings, str, "report", "identity")
    if given is None or not check_path(config, "key report.identity", given, outcome):
        return
    if people is not None:
        _read(partial(read_identity, given, people), outcome)


def _read(reader: Callable[[], object], outcome: Outcome) -> None:
    try:
        reader()
    except InputError as error:
        outcome.error(error)


def check_run(config: Path, processes: int = 1) -> Checked:
    """Check the run `config` describes; paths in it are relative to the current directory.

    The samples' files of a large cohort are read by `processes` at a time.
    """
    outcome = Outcome()
    settings = check_config(config, outcome)
    rows: dict[str, list[Row]] = {"patients": [], "samples": []}
    sheets: dict[str, Path] = {}
    for name in rows:
        path = value_at(settings, str, name)
        if path is not None and check_path(config, f"key {name}", path, outcome):
            sheets[name] = Path(path)
            rows[name] = check_sheet(sheets[name], name, outcome)
    patients, samples = rows["patients"], rows["samples"]
    reference = check_reference(config, settings, outcome) if settings else None
    sources = check_knowledge(config, settings, outcome)
    check_pharmacogenomics(config, settings, outcome)
    if patients and samples:  # of a sheet that cannot be read nothing follows for the other
        check_people(sheets["patients"], patients, sheets["samples"], samples, outcome)
    known = known_terms(sources, outcome)
    if "patients" in sheets:
        chroms = reference.chroms if reference else set()
        check_sex(sheets["patients"], patients, chroms, outcome)
        check_terms(sheets["patients"], patients, sources, known, outcome)
        _check_strata(config, settings, sheets["patients"], patients, outcome)
    if "samples" in sheets:
        _check_files(sheets["samples"], samples, reference, outcome, processes)
    check_engines(config, settings, outcome)
    people: dict[str, set[str]] = {row["patient"]: set() for row in patients}
    for row in samples:
        people.setdefault(row["patient"], set()).add(row["sample"])
    check_given(config, settings, people if patients else None, outcome, known["oncotree"])
    return Checked(outcome, patients, samples, reference, settings)


def summary(checked: Checked) -> list[str]:
    """What a run would do, in a few lines."""
    kinds = [(row["path"].rsplit("/", 1)[-1], row["kind"]) for row in checked.samples]
    formats = {".bam": "BAM", ".cram": "CRAM", ".bcf": "BCF"}
    forms = {"gvcf": "gVCF", "vcf": "VCF"}
    counted: dict[str, int] = {}
    for name, _ in kinds:
        told = next((said for ending, said in formats.items() if name.endswith(ending)), None)
        told = told or forms.get(form_of(name) or "", "other")
        counted[told] = counted.get(told, 0) + 1
    files = ", ".join(f"{number} {told}" for told, number in counted.items())
    tumours = sum(kind == "tumour" for _, kind in kinds)
    lines = [
        f"people: {len(checked.patients)}",
        f"samples: {len(kinds)} ({len(kinds) - tumours} normal, {tumours} tumour; {files})",
    ]
    reference = checked.reference
    if reference is not None:
        bases = sum(region.end - region.start for region in reference.regions)
        chroms = ", ".join(c for c in CHROMS if c in reference.chroms)
        what = "regions BED: limited to" if reference.limited else "regions: whole reference,"
        many = f"{len(reference.regions)} interval{'s' if len(reference.regions) != 1 else ''}"
        lines.append(f"reference: {reference.fasta} ({reference.build})")
        lines.append(f"{what} {many}, {bases:,} bases on {chroms}")
    engines = value_at(checked.settings, dict, "engines") or {}
    lines.append("engines: " + ", ".join(f"{stage} {name}" for stage, name in engines.items()))
    sources = [
        name for name, _ in every_source(value_at(checked.settings, dict, "knowledge") or {})
    ]
    lines.append(
        f"knowledge: {', '.join(sources) or 'none configured: nothing is annotated with it'}"
    )
    return lines
