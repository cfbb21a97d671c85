"""Frequencies of the people an expression chooses, from a run's private state, on the record."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from shirube.audit import record
from shirube.cohort.groups import FLOOR
from shirube.cohort.query.places import Place
from shirube.cohort.query.questions import Questions
from shirube.cohort.query.subcohort import Subcohorts
from shirube.cohort.query.where import condition
from shirube.cohort.register import Register, alone, folder_of
from shirube.cohort.state import State
from shirube.contracts import FREQUENCY
from shirube.errors import InputError
from shirube.genome.ploidy import PAR
from shirube.sheet import read_patients


def people_frequencies(
    what: str, found: Sequence[Place], where: str, config_file: Path, results: Path
) -> pl.DataFrame:
    """FREQUENCY rows at `found` (asked for as `what`) of the people who meet `where`.

    The question stands in the audit log before it is answered. InputError for too few people.
    """
    config = yaml.safe_load(config_file.read_text())
    cohort, reference = config["cohort"], config["reference"]
    directory = Path(cohort.get("state") or results / "cohort" / "state")
    if not (directory / "manifest.json").is_file():
        raise InputError(directory, "the cohort state of a finished run")
    par = reference.get("par") or PAR.get(reference["build"], {})
    people = read_patients(config_file.parent.parent / config["patients"])
    met = people.filter(condition(where, people.columns))["patient"].to_list()
    k = max(FLOOR, cohort.get("release", {}).get("min_people", 10))
    beside = folder_of(cohort, directory)
    with alone(beside):  # a release and a question, or two questions, decide one after the other
        state, register = State(directory, {}), Register(beside)
        subcohorts = Subcohorts(state, {c: tuple(map(tuple, v)) for c, v in par.items()}, k)
        samples = [name for name, e in state.manifest.people.items() if e.patient in set(met)]
        mask = subcohorts.chosen(samples)
        known = register.identified(state.manifest.people)
        inside = [s for s, there in zip(subcohorts.samples, mask.tolist(), strict=True) if there]
        questions = Questions(register)
        sexes = {known[s].key: state.manifest.people[s].sex for s in inside}
        number = questions.ask({known[s].key: known[s].version for s in inside}, sexes, found, k)
        told, changed = questions.told(known, number)
    log = config.get("provenance", {}).get("audit", "state/audit.jsonl")
    asked = {"what": what, "where": where, "people": int(mask.sum())}
    record(log, "sub-cohort counted", {"state": str(directory)}, asked)
    group = f"{int(mask.sum())} people"
    tables = [FREQUENCY.empty()]
    for place in found:
        table = subcohorts.frequencies(mask, place.chrom, place.start, place.end, group)
        if place.alleles is not None:
            types = {name: FREQUENCY.polars[name] for name in ("pos", "ref", "alt")}
            wanted = pl.DataFrame(sorted(place.alleles), schema=types, orient="row")
            table = table.join(wanted, on=list(types), how="semi")
        points = np.unique(table["pos"].to_numpy() - 1).astype(np.int32)
        (safe,) = subcohorts.told_at(
            [mask], told, changed, (place.chrom, place.start, place.end), points
        )
        tables.append(table.filter(pl.col("pos").is_in((points[safe] + 1).tolist())))
    return FREQUENCY.table(pl.concat(tables).unique(FREQUENCY.key))
