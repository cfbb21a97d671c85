"""Releases: what leaves the private state, numbered; `register` remembers them.

The last release is published again, byte for byte, until a batch large enough has gathered.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from shirube.cohort.callability import callability
from shirube.cohort.cells import Cells, cells
from shirube.cohort.event_clusters import USUAL, Likeness
from shirube.cohort.event_release import few_hidden, publishable_events
from shirube.cohort.frequency import frequency_pieces
from shirube.cohort.groups import ALL, UNCHANGED, Plan, plan
from shirube.cohort.locus_release import few_hidden as few_loci_hidden
from shirube.cohort.locus_release import publishable_loci
from shirube.cohort.ploidies import Par
from shirube.cohort.query import sites
from shirube.cohort.query.answered import Answered
from shirube.cohort.reference import Reference
from shirube.cohort.register import Known, Register, Withdrawn, alone, digest_of, groups_now
from shirube.cohort.sealed import seal
from shirube.cohort.state import State, positions
from shirube.cohort.suppression import (
    IDENTIFYING,
    REPEATS,
    is_identification_code,
    suppressed,
    withheld,
)
from shirube.contracts import (
    ALLELE,
    CALLABILITY,
    FREQUENCY,
    LOCUS_FREQUENCY,
    STRUCTURAL_FREQUENCY,
    scan,
    write,
    writing,
)
from shirube.contracts.cohort import COUNTS
from shirube.errors import InputError
from shirube.files import replaced, synced
from shirube.genome.chromosomes import CHROMS


@dataclass(frozen=True)
class Policy:
    """How a release is made.

    `columns` of the strata, at least `k` people in any difference and at any site, `min_count`
    copies of an allele, and who sees singletons (`suppression.SINGLETONS`).
    """

    columns: tuple[str, ...]
    k: int
    min_count: int = 0
    singletons: str = "open"

    def kept(self) -> dict[str, str | int]:
        """What the register keeps of it, columns aside."""
        return {
            "min_people": self.k,
            "min_count": self.min_count,
            "singletons": self.singletons,
        }


PUBLISHED = (
    *("frequency", "registered", "callable", "structural", "loci"),
    *("sites.vcf.gz", "sites.vcf.gz.tbi"),
)


def release(
    state: State,
    register: Register,
    known: Mapping[str, Known],
    out: Path,
    chroms: Sequence[str],
    reference: Reference,
    par: Par,
    aliases: dict[str, str],
    policy: Policy,
    likeness: Likeness = USUAL,
) -> dict[str, str]:
    """Make a release if one is due, publish the last one in `out`, return what it says of itself.

    `known`: who the people counted are in the register. `out` gets frequency/, callable/,
    structural/, sites.vcf.gz, sites.vcf.gz.tbi and release.json. `chroms` are those that have a
    file even if it is empty. `likeness`: which structural alleles are one variant. With nothing
    released yet the files are empty and say why.
    """
    register.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = groups_now(state, policy.columns, known)
    decision = _identifying(state, plan(register.shown(), now, policy.k), now)
    places = reference.places(aliases)
    contigs = {name: length for _, (name, length) in sorted(places.items(), key=_karyotype)}
    names = {chrom: name for chrom, (name, _) in places.items()}
    again = bool(register.entries) and register.entries[-1]["policy"] != policy.kept()
    if decision.groups and (again or decision.held != UNCHANGED):
        number = len(register.entries) + 1
        folder = register.folder(number)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        about = _about(state, number, now, decision, policy)
        order = sorted(decision.groups, key=lambda g: (g != ALL, -len(now[g]), g))
        shown = cells(state, register, known, policy.columns, order, policy.k)
        shown.asked = Answered.of(state, register, known, now, order, par, policy.k)
        files = _write(state, folder, chroms, par, policy, shown, decision, about, contigs, names)
        events = publishable_events(state, register, shown, par, policy.columns, order, likeness)
        loci = publishable_loci(state, register, shown, par, policy.columns, order)
        files |= _write_beside(folder, chroms, policy, events, loci, about)
        for path in sorted(folder.rglob("*"), reverse=True):
            synced(path)
        synced(folder)
        register.append(
            state,
            known,
            {
                "release": number,
                "groups": order,
                "columns": list(policy.columns),
                "policy": policy.kept(),
                "rule": state.settings["rule"],
                "files": files,
                "withdrawn_since": [],
            },
        )
    current = register.current()
    if current:
        source = register.folder(current["release"])
        register.check(current)
    else:
        source = register.directory / "none"
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir()
        held = decision.held
        if register.entries:
            held = "every release was withdrawn"
        about = _about(state, 0, {}, Plan((), held), policy)
        _write(state, source, chroms, par, policy, None, Plan((), held), about, contigs, names)
        _write_beside(source, chroms, policy, None, None, about)
    about = json.loads((source / "release.json").read_text())
    published(source, out)
    seal(
        register.directory / "status.json",
        {
            "release": about["release"],
            "counted": len(now.get(ALL, ())),
            "held": "" if decision.held == UNCHANGED else decision.held,
            "held_ja": decision.held_ja,
        },
    )
    return {**about, "held": decision.held, "held_ja": decision.held_ja}


def published(source: Path, out: Path) -> None:
    """Put a release's files in `out`, release.json last.

    What a reader has open stays as it was: files are replaced, never written over.
    """
    for name in (*PUBLISHED, "release.json"):
        target, fresh = out / name, out / f".{name}.new"
        if fresh.is_dir():
            shutil.rmtree(fresh)
        if (source / name).is_dir():
            shutil.copytree(source / name, fresh)
            if target.is_dir():
                shutil.rmtree(target)
            fresh.replace(target)
        elif (source / name).is_file():
            shutil.copyfile(source / name, fresh)
            fresh.replace(target)
        elif target.is_dir():
            shutil.rmtree(target)


def pull(register: Register, out: Path, number: int, reason: str) -> None:
    """Withdraw a release: `out` says so at once, and the next run publishes the one before.

    InputError for a number that is no release or was withdrawn already.
    """
    with alone(register.directory):
        gone = Withdrawn(register.directory)
        if str(number) not in {str(e["release"]) for e in register.entries} - gone.releases.keys():
            raise InputError(register.directory, "a release that is not withdrawn", str(number))
        gone.releases[str(number)] = reason
        gone.save()
    path = out / "release.json"
    about = json.loads(path.read_text()) if path.is_file() else {}
    if about.get("release") == str(number):
        about["status"] = f"withdrawn: {reason}"
        replaced(path, (json.dumps(about, indent=1, sort_keys=True) + "\n").encode())


def _identifying(state: State, decision: Plan, now: Mapping[str, Mapping[str, str]]) -> Plan:
    """`decision`, or a refusal if it would publish one person's identification code."""
    parts = [set(now[g]) for g in decision.groups if g != ALL]
    everyone = set(now.get(ALL, ()))
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
        f"1 人の独立した {IDENTIFYING} か所以上の SNP、"
        f"または {REPEATS} 座位以上の 4 塩基の繰り返しは個人識別符号にあたります",
    )


def _karyotype(place: tuple[str, tuple[str, int]]) -> int:
    return CHROMS.index(place[0])


def _about(
    state: State, number: int, now: Mapping[str, Mapping[str, str]], decision: Plan, policy: Policy
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
        "singletons": policy.singletons,
        "status": "released" if number else f"nothing released: {decision.held}",
    }


def _write(
    state: State,
    folder: Path,
    chroms: Sequence[str],
    par: Par,
    policy: Policy,
    shown: Cells | None,
    decision: Plan,
    about: Mapping[str, str],
    contigs: Mapping[str, int],
    names: Mapping[str, str],
) -> dict[str, str]:
    """Write a release's files into `folder`, some alleles at a time; return their digests."""
    found = {c for files in state.manifest.strata.values() for c in files}
    tables = []
    kinds = ["frequency", "callable"]
    if policy.singletons == "registered":
        kinds.append("registered")
    for chrom in sorted({*chroms, *found}, key=CHROMS.index):
        paths = {kind: folder / kind / f"{chrom}.parquet" for kind in kinds}
        with ExitStack() as stack:
            add = {}
            for kind, path in paths.items():
                path.parent.mkdir(exist_ok=True)
                contract = CALLABILITY if kind == "callable" else FREQUENCY
                add[kind] = stack.enter_context(writing(contract, path, about))
            if shown is not None:
                for full in frequency_pieces(state, chrom, policy.columns, par):
                    table = _publishable(full, chrom, par, policy, shown, decision.groups)
                    several = table.filter(pl.col("ac").max().over(ALLELE) != 1)
                    add["frequency"](table if policy.singletons == "open" else several)
                    if "registered" in add:
                        add["registered"](table)
                for people in callability(state, chrom, policy.columns, par, shown):
                    add["callable"](people)
        tables.append(paths["frequency"])
    strata = decision.groups or (ALL,)
    sites.write(folder / "sites.vcf.gz", tables, strata, contigs, names, about)
    (folder / "release.json").write_text(json.dumps(about, indent=1, sort_keys=True) + "\n")
    return {
        str(path.relative_to(folder)): digest_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _write_beside(
    folder: Path,
    chroms: Sequence[str],
    policy: Policy,
    events: pl.DataFrame | None,
    loci: pl.DataFrame | None,
    about: Mapping[str, str],
) -> dict[str, str]:
    """Write structural/ and loci/ into `folder`; return the digests. Singletons if `open`."""
    found = {}
    for name, contract, table, hide in (
        ("structural", STRUCTURAL_FREQUENCY, events, few_hidden),
        ("loci", LOCUS_FREQUENCY, loci, few_loci_hidden),
    ):
        shown = contract.empty() if table is None else table
        shown = hide(shown, policy.min_count, policy.singletons)
        (folder / name).mkdir(exist_ok=True)
        for chrom in sorted({*chroms, *shown["chrom"]}, key=CHROMS.index):
            path = folder / name / f"{chrom}.parquet"
            write(contract.table(shown.filter(pl.col("chrom") == chrom)), contract, path, about)
            found[str(path.relative_to(folder))] = digest_of(path)
    return found


def _publishable(
    full: pl.DataFrame,
    chrom: str,
    par: Par,
    policy: Policy,
    shown: Cells,
    groups: Sequence[str],
) -> pl.DataFrame:
    """FREQUENCY rows of `groups` that a release may show of `chrom_frequencies`."""
    rows = full.filter(pl.col("stratum").is_in(groups)).select(*FREQUENCY.schema)
    alleles = rows.select(ALLELE).unique().sort(ALLELE)
    answers = shown.shown(chrom, positions(alleles), par)
    return withheld(suppressed(rows, groups, policy.min_count), alleles, answers)
