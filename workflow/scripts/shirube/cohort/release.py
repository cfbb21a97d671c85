"""Releases: what leaves the private state, numbered, and the register of them.

    releases/register.json     each release: people by group, what became of it (private)
    releases/{number}/         its files as published

The last release is published again, byte for byte, until a batch large enough has gathered.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from shirube.cohort.callability import callability
from shirube.cohort.frequency import chrom_frequencies, groups
from shirube.cohort.groups import ALL, Plan, plan
from shirube.cohort.ploidies import Par
from shirube.cohort.query import sites
from shirube.cohort.reference import Reference
from shirube.cohort.state import State
from shirube.cohort.suppression import IDENTIFYING, REPEATS, is_identification_code, suppressed
from shirube.contracts import ALLELE, CALLABILITY, FREQUENCY, scan, write
from shirube.contracts.cohort import COUNTS
from shirube.genome.chromosomes import CHROMS


@dataclass(frozen=True)
class Policy:
    """How a release is made: `columns` of the strata and at least `k` people in any difference."""

    columns: tuple[str, ...]
    k: int
    min_count: int = 0


class Register:
    """The releases of a state, oldest first."""

    def __init__(self, state: State) -> None:
        self.directory = state.directory / "releases"
        path = self.directory / "register.json"
        self.entries: list[dict[str, Any]] = json.loads(path.read_text()) if path.is_file() else []

    def shown(self) -> list[dict[str, set[str]]]:
        """Group -> people, of the groups that each release shows."""
        return [{g: set(entry["people"][g]) for g in entry["groups"]} for entry in self.entries]

    def append(self, entry: Mapping[str, Any]) -> None:
        """Write the register with one more entry, in one step."""
        self.entries.append(dict(entry))
        self.save()

    def save(self) -> None:
        """Write the register in one step."""
        fresh = self.directory / "register.json.new"
        fresh.write_text(json.dumps(self.entries, indent=1, sort_keys=True) + "\n")
        fresh.replace(self.directory / "register.json")

    def folder(self, number: int) -> Path:
        """Directory of one release's files."""
        return self.directory / f"{number:04d}"


def people_by_group(state: State, columns: Sequence[str]) -> dict[str, set[str]]:
    """Group -> samples counted now."""
    by_leaf: dict[str, set[str]] = {}
    for sample in state.manifest.counted:
        by_leaf.setdefault(state.manifest.people[sample].stratum, set()).add(sample)
    members = groups(list(by_leaf), columns)
    return {g: set().union(*(by_leaf[name] for name in names)) for g, names in members.items()}


def release(
    state: State,
    out: Path,
    chroms: Sequence[str],
    reference: Reference,
    par: Par,
    aliases: dict[str, str],
    policy: Policy,
) -> dict[str, str]:
    """Make a release if one is due, publish the last one in `out`, return what it says of itself.

    `out` gets frequency/, callable/, sites.vcf.gz, sites.vcf.gz.tbi and release.json. `chroms` are
    those that have a file even if it is empty. With nothing released yet the files are empty and
    say why.
    """
    register = Register(state)
    register.directory.mkdir(exist_ok=True)
    now = people_by_group(state, policy.columns)
    decision = _identifying(state, plan(register.shown(), now, policy.k), now)
    places = reference.places(aliases)
    contigs = {name: length for _, (name, length) in sorted(places.items(), key=_karyotype)}
    names = {chrom: name for chrom, (name, _) in places.items()}
    kept = {"min_people": policy.k, "min_count": policy.min_count}
    again = bool(register.entries) and register.entries[-1].get("policy") != kept
    if decision.groups and (again or decision.held != "unchanged"):
        number = len(register.entries) + 1
        folder = register.folder(number)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        about = _about(state, number, now, decision, policy)
        files = _write(state, folder, chroms, par, policy, decision, about, contigs, names)
        register.append(
            {
                "release": number,
                "people": {g: sorted(p) for g, p in sorted(now.items())},
                "groups": list(decision.groups),
                "files": files,
                "policy": kept,
                "withdrawn_since": [],
            }
        )
    if register.entries:
        source = register.folder(len(register.entries))
    else:
        source = register.directory / "none"
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir()
        about = _about(state, 0, {}, decision, policy)
        _write(state, source, chroms, par, policy, Plan(()), about, contigs, names)
    published: dict[str, str] = json.loads((source / "release.json").read_text())
    for name in ("frequency", "callable", "sites.vcf.gz", "sites.vcf.gz.tbi", "release.json"):
        target = out / name
        if target.is_dir():
            shutil.rmtree(target)
        if (source / name).is_dir():
            shutil.copytree(source / name, target)
        else:
            shutil.copyfile(source / name, target)
    return {**published, "held": decision.held}


def _identifying(state: State, decision: Plan, now: Mapping[str, set[str]]) -> Plan:
    """`decision`, or a refusal if it would publish one person's identification code."""
    parts = [now[g] for g in decision.groups if g != ALL]
    everyone = now.get(ALL, set())
    alone = [p for p in (*parts, everyone, everyone.difference(*parts)) if len(p) == 1]
    if not decision.groups or not alone:
        return decision
    alleles = pl.concat(
        scan(COUNTS, state.object(files["counts"])).select(*ALLELE)
        for chroms in state.manifest.strata.values()
        for files in chroms.values()
        if "counts" in files
    )
    if not is_identification_code(alleles.collect(), 1):
        return decision
    return Plan(
        (),
        f"one person's {IDENTIFYING} or more independent SNPs, or {REPEATS} or more repeats of "
        "four bases: an individual identification code",
    )


def _karyotype(place: tuple[str, tuple[str, int]]) -> int:
    return CHROMS.index(place[0])


def _about(
    state: State, number: int, now: Mapping[str, set[str]], decision: Plan, policy: Policy
) -> dict[str, str]:
    """What a release says of itself: no person, no path, no time."""
    return {
        "release": str(number),
        "people": str(len(now.get(ALL, ()))),
        "groups": ";".join(decision.groups),
        "genotype_rule": state.settings["rule"],
        "build": state.settings["build"],
        "min_people": str(policy.k),
        "min_count": str(policy.min_count),
        "status": "released" if number else f"nothing released: {decision.held}",
    }


def _write(
    state: State,
    folder: Path,
    chroms: Sequence[str],
    par: Par,
    policy: Policy,
    decision: Plan,
    about: Mapping[str, str],
    contigs: Mapping[str, int],
    names: Mapping[str, str],
) -> dict[str, str]:
    """Write a release's files into `folder`; return their digests."""
    found = {c for files in state.manifest.strata.values() for c in files}
    tables = []
    for chrom in sorted({*chroms, *found}, key=CHROMS.index):
        if decision.groups:
            full = chrom_frequencies(state, chrom, policy.columns, par)
            rows = full.filter(pl.col("stratum").is_in(decision.groups)).select(*FREQUENCY.schema)
            table = suppressed(rows, decision.groups, policy.min_count)
        else:
            table = FREQUENCY.empty()
        path = folder / "frequency" / f"{chrom}.parquet"
        path.parent.mkdir(exist_ok=True)
        write(table, FREQUENCY, path, about)
        tables.append(path)
        seen = folder / "callable" / f"{chrom}.parquet"
        seen.parent.mkdir(exist_ok=True)
        people = callability(state, chrom, policy.columns, par, decision.groups, policy.k)
        write(people, CALLABILITY, seen, about)
    shown = decision.groups or (ALL,)
    sites.write(folder / "sites.vcf.gz", tables, shown, contigs, names, about)
    (folder / "release.json").write_text(json.dumps(about, indent=1, sort_keys=True) + "\n")
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
