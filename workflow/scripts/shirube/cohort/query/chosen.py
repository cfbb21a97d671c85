"""Frequencies of the people an expression chooses, from a run's private state, on the record."""

from collections.abc import Sequence, Set
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from shirube.audit import record
from shirube.cohort.exposure import exposed
from shirube.cohort.groups import FLOOR
from shirube.cohort.query.places import Place
from shirube.cohort.query.subcohort import Subcohorts
from shirube.cohort.query.where import condition
from shirube.cohort.register import Register, folder_of
from shirube.cohort.sealed import seal, unseal
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
    state = State(directory, {})
    par = reference.get("par") or PAR.get(reference["build"], {})
    people = read_patients(config_file.parent.parent / config["patients"])
    met = people.filter(condition(where, people.columns))["patient"].to_list()
    k = max(FLOOR, cohort.get("release", {}).get("min_people", 10))
    subcohorts = Subcohorts(state, {c: tuple(map(tuple, v)) for c, v in par.items()}, k)
    samples = [name for name, e in state.manifest.people.items() if e.patient in set(met)]
    mask = subcohorts.chosen(samples)
    chosen = {
        name for name, inside in zip(subcohorts.samples, mask.tolist(), strict=True) if inside
    }
    before, changed = _asked(state, Register(folder_of(cohort, directory)), chosen, k)
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
        told = subcohorts.told_at(
            mask, before, changed, (place.chrom, place.start, place.end), points
        )
        tables.append(table.filter(pl.col("pos").is_in((points[told] + 1).tolist())))
    return FREQUENCY.table(pl.concat(tables).unique(FREQUENCY.key))


def _asked(
    state: State, register: Register, chosen: Set[str], k: int
) -> tuple[list[set[str]], set[str]]:
    """Sets of samples told of before, oldest first, and those whose data changed since.

    `chosen` is noted as told from now.
    A person of an earlier release who is not in the state stands under their key. InputError if
    the sum or difference of `chosen` and what was told would be of fewer than `k` people.
    """
    people = state.manifest.people
    known = register.identified(people)
    path = register.directory / "questions.json"
    questions: list[dict[str, str]] = unseal(path, "the questions asked") if path.is_file() else []
    now = {known[name].key: known[name].version for name in sorted(chosen)}
    groups = [group for release in register.shown() for group in release.values()]
    if now not in questions:
        if exposed([*groups, *questions], [now], k):
            raise InputError(
                "--where",
                f"people who differ from those told of before by nobody or at least {k}",
            )
        register.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        seal(path, [*questions, now])
    else:
        questions = questions[: questions.index(now)]
    names = {(who.key, who.version): name for name, who in known.items()}
    every = [*groups, *questions]
    changed = {
        name
        for name, who in known.items()
        if any(told.get(who.key, who.version) != who.version for told in every)
    }
    return [{names.get(one, one[0]) for one in told.items()} for told in every], changed
