"""One run's cohort stage: sheets and files in, state and release out.

Three steps, each a job or many: who is counted (`choose`), sums of each chromosome (`add_up`), and
the state and its release (`aggregate`), which decides anew who is counted: nothing that was made
ahead is used unless it is of the very same people.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from shirube.cohort.batches import Reading, digest, known_entry
from shirube.cohort.groups import ALL, UNCHANGED
from shirube.cohort.kinship import related_entries
from shirube.cohort.members import (
    TUMOUR,
    Candidate,
    candidates,
    table,
    within_gates,
    without_relatives,
)
from shirube.cohort.register import (
    Known,
    Register,
    Withdrawn,
    alone,
    content_of,
    folder_of,
    groups_of,
)
from shirube.cohort.relatives import related
from shirube.cohort.release import Policy, release
from shirube.cohort.state import Entry, State
from shirube.contracts import MEMBERS, QUALITY, read, write
from shirube.errors import InputError
from shirube.files import replaced
from shirube.sheet import read_patients, read_samples

LOG = logging.getLogger("shirube")


def choose(
    patients: Path,
    samples: Path,
    fasta: Path,
    out: Path,
    cohort: Mapping[str, Any],
    reference: Mapping[str, Any],
    quality: Mapping[str, Path],
    sources: Mapping[str, str],
) -> None:
    """Decide who is counted, so that their chromosomes can be added up; `out` names them.

    `quality`: sample -> QUALITY; `sources`: what `read_batch` said of every normal sample of people
    who consent. The state lies where `cohort` says, or beside `out`.
    """
    how = Reading.of(fasta, cohort, reference)
    state = State(cohort.get("state") or out.parent / "state", how.settings)
    place = folder_of(cohort, state.directory)
    with state.locked(), alone(place):
        chosen = _chosen(
            state, Register(place), Withdrawn(place), patients, samples, cohort, quality, sources
        )
    content = {
        "sources": dict(sources),
        "people": {sample: asdict(entry) for sample, entry in chosen.people.items()},
        "counted": chosen.counted,
    }
    replaced(out, (json.dumps(content, indent=1, sort_keys=True) + "\n").encode())


def add_up(
    chosen: Path,
    fasta: Path,
    out: Path,
    chrom: str,
    cohort: Mapping[str, Any],
    reference: Mapping[str, Any],
) -> None:
    """Add up one chromosome of those who were `chosen`, in the state; `out` says of whom."""
    found = json.loads(chosen.read_text())
    people = {sample: Entry(**entry) for sample, entry in found["people"].items()}
    how = Reading.of(fasta, cohort, reference)
    state = State(cohort.get("state") or chosen.parent / "state", how.settings)
    chroms = list(how.sequence.places(how.aliases))
    state.prepare(people, found["counted"], chrom, chroms)
    out.parent.mkdir(parents=True, exist_ok=True)
    about = {"chrom": chrom, "chosen": digest(chosen)}
    replaced(out, (json.dumps(about, indent=1, sort_keys=True) + "\n").encode())


def aggregate(
    patients: Path,
    samples: Path,
    fasta: Path,
    chosen: Path,
    members: Path,
    cohort: Mapping[str, Any],
    reference: Mapping[str, Any],
    chroms: Sequence[str],
    quality: Mapping[str, Path],
) -> None:
    """Make the state hold whom the sheets say, and publish beside `members`.

    `chosen` is of `choose`; chromosomes that `add_up` did are taken as they are. People the sheets
    do not name any more, who do not consent any more or whose sample fails its gates leave, and so
    does who withdrew since they were chosen. The register of releases lies in `cohort["register"]`,
    or beside the state.
    """
    how = Reading.of(fasta, cohort, reference)
    state = State(cohort.get("state") or members.parent / "state", how.settings)
    place = folder_of(cohort, state.directory)
    with state.locked(), alone(place):
        register, waiting = Register(place), state.all_waiting()
        sources = json.loads(chosen.read_text())["sources"]
        found = _chosen(
            state, register, Withdrawn(place), patients, samples, cohort, quality, sources
        )
        final, known = found.final, found.known
        state.update(found.people, found.counted)
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


@dataclass(frozen=True)
class _Chosen:
    """Candidates whose reasons are final; people whom the state is to hold, and who they are."""

    final: list[Candidate]
    people: dict[str, Entry]
    known: dict[str, Known]

    @property
    def counted(self) -> list[str]:
        """Samples that are counted."""
        return [who.sample for who in self.final if not who.reason]


def _chosen(
    state: State,
    register: Register,
    gone: Withdrawn,
    patients: Path,
    samples: Path,
    cohort: Mapping[str, Any],
    quality: Mapping[str, Path],
    sources: Mapping[str, str],
) -> _Chosen:
    """Who is counted of the people that a state has; `sources`: digests of this run's files."""
    columns = cohort["strata"]
    found = candidates(read_patients(patients), read_samples(samples), columns, gone.reason)
    verdicts = {sample: read(QUALITY, path) for sample, path in quality.items()}
    found = within_gates(found, verdicts, cohort["quality_gate"])
    people: dict[str, Entry] = {}
    first: dict[str, str] = {}  # patient -> their first sample that may be counted
    judged = []
    for who in found:
        if not who.reason and who.sample not in sources.keys() | state.manifest.people.keys():
            who = replace(who, reason="left out of this run")
        if not who.reason:
            entry = _entry(state, who, sources)
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
    left = {who.sample: people[who.sample] for who in judged if not who.reason}
    pairs = related(state, left, kin, keep=True)
    return _Chosen(without_relatives(judged, pairs, kin["keep"]), people, known)


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


def _entry(state: State, who: Candidate, sources: Mapping[str, str]) -> Entry:
    """The person's entry in the state; InputError if they were not read from the files of now.

    Who is left out of this run stays as they are.
    """
    if who.sample not in sources:
        return replace(state.manifest.people[who.sample], patient=who.patient)
    known = known_entry(state, who.sample, who.sex, sources[who.sample])
    if known is None:
        expected = "the person as read_people read them: `shirube run --forcerun read_people`"
        raise InputError(state.directory, expected, who.sample)
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
