"""One run's cohort stage: sheets and files in, state and release out."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shirube.cohort.batches import Files, Reading, known_entry
from shirube.cohort.groups import ALL, UNCHANGED
from shirube.cohort.kinship import related, related_entries
from shirube.cohort.members import (
    TUMOUR,
    Candidate,
    candidates,
    table,
    within_gates,
    without_relatives,
)
from shirube.cohort.register import Register, Withdrawn, content_of, folder_of, groups_of
from shirube.cohort.release import Policy, release
from shirube.cohort.state import Entry, State
from shirube.contracts import MEMBERS, QUALITY, read, write
from shirube.sheet import read_patients, read_samples

LOG = logging.getLogger("shirube")


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
    sources: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Make the state hold whom the sheets say, and publish beside `members`.

    `files`: sample -> (VCF or gVCF, callable BED or None) of every normal sample of people who
    consent; `quality`: sample -> QUALITY; `sources`: what `read_batch` said of those it read: their
    files are not opened again. People the sheets do not name any more, who do not
    consent any more or whose sample fails its gates leave. The register of releases lies in
    `cohort["register"]`, or beside the state.
    """
    how = Reading.of(fasta, cohort, reference)
    state = State(cohort.get("state") or members.parent / "state", how.settings)
    place = folder_of(cohort, state.directory)
    with state.locked():
        register, gone, waiting = Register(place), Withdrawn(place), state.all_waiting()
        found = candidates(
            read_patients(patients), read_samples(samples), cohort["strata"], gone.reason
        )
        verdicts = {sample: read(QUALITY, path) for sample, path in quality.items()}
        found = within_gates(found, verdicts, cohort["quality_gate"])
        people: dict[str, Entry] = {}
        first: dict[str, str] = {}  # patient -> their first sample that may be counted
        judged = []
        for who in found:
            if not who.reason and who.sample not in files.keys() | state.manifest.people.keys():
                who = replace(who, reason="left out of this run")
            if not who.reason:
                entry = _entry(state, who, files, sources, how)
                who = _judged(who, entry, first.get(who.patient), gone)
                if not who.reason or entry.unmet:
                    people[who.sample] = entry
                if not who.reason:
                    first[who.patient] = who.sample
            judged.append(who)
        kin = cohort["relatives"]
        known = register.identified(people, _came_back(state, register, people, kin))
        register.learn(people, known)
        leaves = {who.sample: who.stratum for who in judged}
        people = {
            sample: replace(entry, stratum=register.stratum(known[sample], leaves[sample]))
            for sample, entry in people.items()
        }
        # Kinship reads the people from the state: they are put there first, counted as before.
        state.update(people, [s for s in state.manifest.counted if s in people])
        left = [who.sample for who in judged if not who.reason]
        pairs = related(state, left, kin["spacing"], kin["min_sites"])
        final = without_relatives(judged, pairs, kin["keep"])
        state.update(people, [who.sample for who in final if not who.reason])
        state.taken(waiting)
        state.sweep()
        about = release(
            *(state, register, known, members.parent, chroms),
            *(how.sequence, how.par, how.aliases),
            Policy(
                tuple(cohort["strata"]),
                cohort["release"]["min_people"],
                cohort["release"]["min_count"],
                cohort["release"].get("singletons", "open"),
            ),
            how.likeness,
        )
        last = register.current()
        shown = groups_of(last)[ALL] if last else {}
        names = {name for key in shown for name in register.people[key]["patients"]}
    # Whoever is not in the state any more is told by name; a tumour is never in a release.
    released = {
        who.sample
        for who in final
        if who.reason != TUMOUR
        and (known[who.sample].key in shown if who.sample in known else who.patient in names)
    }
    write(table(final, released), MEMBERS, members)
    counted = sum(not who.reason for who in final)
    LOG.info("%d of %d samples counted; %s", counted, len(final), about["status"])
    for who in final:
        if "withdr" in who.reason:
            LOG.info("%s: not counted: %s", who.sample, who.reason)
    if about["held"] and about["held"] != UNCHANGED:
        LOG.warning("release held because %s", about["held"])
        LOG.warning("公開を保留しました。理由：%s", about["held_ja"])


def _came_back(
    state: State, register: Register, people: Mapping[str, Entry], kin: Mapping[str, Any]
) -> dict[str, str]:
    """Samples that come under a new name and from a new file -> the patient of the same genome.

    Only those who leave the state at the same time are asked about.
    """
    known = {digest for one in register.people.values() for digest in one["contents"]}
    names = {name for one in register.people.values() for name in one["patients"]}
    patients = {entry.patient for entry in people.values()}
    gone = {f"gone {s}": e for s, e in state.manifest.people.items() if e.patient not in patients}
    come = {
        f"come {s}": e
        for s, e in people.items()
        if e.patient not in names and content_of(e) not in known
    }
    if not gone or not come:
        return {}
    pairs = related_entries(state, gone | come, kin["spacing"], kin["min_sites"])
    return {
        pair.one.removeprefix("come "): gone[pair.two].patient
        for pair in pairs
        if pair.relation == "duplicate" and pair.one in come and pair.two in gone
    }


def _entry(
    state: State, who: Candidate, files: Files, sources: Mapping[str, str], how: Reading
) -> Entry:
    """The person's entry: the state's own if their files are the same, else read anew.

    Who is left out of this run stays as they are.
    """
    if who.sample not in files:
        return replace(state.manifest.people[who.sample], patient=who.patient)
    path, bed = files[who.sample]
    source = sources.get(who.sample) or how.source(path, bed, who.sex)
    known = known_entry(state, who.sample, who.sex, source)
    if known is None:
        person = how.person(path, bed, who.sample, who.sex)
        known = state.entry(who.sample, who.patient, who.sex, who.stratum, source, person)
    return replace(known, patient=who.patient, stratum=who.stratum)


def _judged(who: Candidate, entry: Entry, first: str | None, gone: Withdrawn) -> Candidate:
    """`who` with a reason if their file keeps them out.

    It may lack what the genotype rule asks for, or be of somebody who withdrew or is there already
    (with a sample `first`).
    """
    if entry.unmet:
        return replace(who, reason=f"genotypes without {entry.unmet}")
    told = {content_of(entry), entry.records} - {""}
    reason = gone.reason(who.patient, told)
    if not reason and first:
        reason = f"another sample of the same person as {first}"
    return replace(who, reason=reason)
