"""One run's cohort stage: sheets and files in, state and release out."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from shirube.cohort.groups import ALL
from shirube.cohort.kinship import related
from shirube.cohort.members import Candidate, candidates, table, within_gates, without_relatives
from shirube.cohort.person import read_person
from shirube.cohort.ploidies import Par
from shirube.cohort.reference import Reference
from shirube.cohort.release import Policy, Register, release
from shirube.cohort.state import Entry, State
from shirube.cohort.withdrawal import withdrawn
from shirube.contracts import MEMBERS, QUALITY, read, write
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.ploidy import PAR
from shirube.sheet import read_patients, read_samples

LOG = logging.getLogger("shirube")
Files = Mapping[str, tuple[Path, Path | None]]


def par_of(reference: Mapping[str, Any]) -> Par:
    """Pseudo-autosomal regions of the configured reference."""
    if reference.get("par"):
        return {c: tuple((a, b) for a, b in pairs) for c, pairs in reference["par"].items()}
    return PAR.get(reference["build"], {})


def settings(cohort: Mapping[str, Any], reference: Reference, build: str) -> dict[str, str]:
    """What a state must not change: genotype rule and reference."""
    contigs = sorted((name, values[0]) for name, values in reference.contigs.items())
    return {
        "rule": GenotypeRule.from_config(cohort["adj"]).text(),
        "build": build,
        "contigs": hashlib.sha256(repr(contigs).encode()).hexdigest()[:16],
    }


def digest(*parts: object) -> str:
    """Digest of files' bytes and of what else decides how they are read."""
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            with open(part, "rb") as stream:
                found.update(hashlib.file_digest(stream, "sha256").digest())
        else:
            found.update(repr(part).encode())
    return found.hexdigest()[:32]


def aggregate(
    patients: Path,
    samples: Path,
    fasta: Path,
    files: Files,
    members: Path,
    cohort: Mapping[str, Any],
    reference: Mapping[str, Any],
    chroms: Sequence[str],
    quality: Mapping[str, Path],
) -> None:
    """Make the state hold whom the sheets say, and publish beside `members`.

    `files`: sample -> (VCF or gVCF, callable BED or None) of every normal sample of people who
    consent; `quality`: sample -> QUALITY. People the sheets do not name any more, who do not
    consent any more or whose sample fails its gates leave.
    """
    aliases = reference.get("aliases") or {}
    par = par_of(reference)
    sequence = Reference.open(fasta)
    rule = GenotypeRule.from_config(cohort["adj"])
    state = State(
        cohort.get("state") or members.parent / "state",
        settings(cohort, sequence, reference["build"]),
    )
    with state.locked():
        found = candidates(
            read_patients(patients), read_samples(samples), cohort["strata"], withdrawn(state)
        )
        verdicts = {sample: read(QUALITY, path) for sample, path in quality.items()}
        found = within_gates(found, verdicts, cohort["quality_gate"])
        people: dict[str, Entry] = {}
        for who in found:
            if not who.reason:
                people[who.sample] = _entry(state, who, files, rule, sequence, par, aliases)
        judged = [_judged(who, people) for who in found]
        # Kinship reads the people from the state: they are put there first, counted as before.
        state.update(people, [s for s in state.manifest.counted if s in people])
        kin = cohort["relatives"]
        left = [who.sample for who in judged if not who.reason]
        pairs = related(state, left, kin["spacing"], kin["min_sites"])
        final = without_relatives(judged, pairs, kin["keep"])
        state.update(people, [who.sample for who in final if not who.reason])
        about = release(
            *(state, members.parent, chroms, sequence, par, aliases),
            Policy(
                tuple(cohort["strata"]),
                cohort["release"]["min_people"],
                cohort["release"]["min_count"],
            ),
        )
        shown = Register(state).shown()
        last = shown[-1][ALL] if shown else set()
    write(table(final, last), MEMBERS, members)
    counted = sum(not who.reason for who in final)
    LOG.info("%d of %d samples counted; %s", counted, len(final), about["status"])
    if about["held"]:
        LOG.info("no new release: %s", about["held"])


def _entry(
    state: State,
    who: Candidate,
    files: Files,
    rule: GenotypeRule,
    sequence: Reference,
    par: Par,
    aliases: dict[str, str],
) -> Entry:
    """The person's entry: the state's own if their files are the same, else read anew."""
    path, bed = files[who.sample]
    source = digest(path, bed or "", who.sex, rule.text())
    known = state.manifest.people.get(who.sample)
    if known and known.source == source and known.sex == who.sex:
        return state.moved(who.sample, who.stratum)
    person = read_person(path, who.sample, who.sex, rule, sequence, par, aliases, bed)
    LOG.info("%s: %d records read", who.sample, person.records)
    return state.entry(who.sample, who.patient, who.sex, who.stratum, source, person)


def _judged(who: Candidate, people: Mapping[str, Entry]) -> Candidate:
    """`who` with a reason if their file lacks what the genotype rule asks for."""
    if who.reason or not people[who.sample].unmet:
        return who
    return replace(who, reason=f"genotypes without {people[who.sample].unmet}")
