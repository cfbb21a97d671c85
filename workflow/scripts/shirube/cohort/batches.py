"""People read some at a time, in jobs of their own, before anybody is counted.

What is read of a person is kept as soon as it is read (`State.put`): a job that is killed and
started again goes on with the next. Nothing is decided here; who is counted is decided when
everybody was read (`run`).
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from shirube.cohort.event_clusters import USUAL, Likeness
from shirube.cohort.events import EventFile, examined, read_events
from shirube.cohort.loci import LocusFiles, read_loci
from shirube.cohort.person import Person, read_person
from shirube.cohort.ploidies import Par
from shirube.cohort.reference import Reference
from shirube.cohort.register import Withdrawn, folder_of
from shirube.cohort.state import Entry, State
from shirube.contracts.cohort import EVENTS, LOCI
from shirube.files import replaced
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.ploidy import PAR

LOG = logging.getLogger("shirube")
NO_LOCI = LocusFiles()
Files = Mapping[str, tuple[Path, Path | None]]


def files_by_sample(
    gvcf: Iterable[Path], vcf: Iterable[Path], beds: Iterable[Path]
) -> dict[str, tuple[Path, Path | None]]:
    """Sample -> its gVCF, or its VCF and the BED of where it was measured, by their names."""
    measured = {path.name.removesuffix(".bed.gz"): path for path in beds}
    found: dict[str, tuple[Path, Path | None]] = {
        path.name.removesuffix(".g.vcf.gz"): (path, None) for path in gvcf
    }
    for path in vcf:
        sample = path.name.removesuffix(".vcf.gz")
        found[sample] = (path, measured[sample])
    return found


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


@dataclass(frozen=True)
class Reading:
    """How people are read: reference, names of chromosomes, and the genotype rule.

    `settings` are what a state must not change.
    """

    sequence: Reference
    par: Par
    aliases: dict[str, str]
    rule: GenotypeRule
    settings: dict[str, str]
    likeness: Likeness = USUAL

    @classmethod
    def of(cls, fasta: Path, cohort: Mapping[str, Any], reference: Mapping[str, Any]) -> "Reading":
        """As the configuration says."""
        sequence = Reference.open(fasta)
        rule = GenotypeRule.from_config(cohort["adj"])
        contigs = sorted((name, values[0]) for name, values in sequence.contigs.items())
        par: Par = PAR.get(reference["build"], {})
        if reference.get("par"):
            par = {c: tuple((a, b) for a, b in pairs) for c, pairs in reference["par"].items()}
        settings = {
            "rule": rule.text(),
            "build": reference["build"],
            "contigs": hashlib.sha256(repr(contigs).encode()).hexdigest()[:16],
        }
        kept = cohort.get("structural") or {}
        likeness = Likeness(**{k: v for k, v in kept.items() if k != "counted"})
        return cls(sequence, par, reference.get("aliases") or {}, rule, settings, likeness)

    def source(
        self,
        path: Path,
        bed: Path | None,
        sex: str,
        events: Sequence[EventFile] = (),
        loci: LocusFiles = NO_LOCI,
    ) -> str:
        """Digest of a person's files and of how they are read."""
        told = [part for one in events for part in (one.path, one.named)]
        more = [*told, self.likeness.distance, EVENTS.version] if events else []
        if loci.paths:
            more += [*loci.paths, "loci", LOCI.version]
        return digest(path, bed or "", sex, self.rule.text(), *more)

    def events(
        self, files: Mapping[str, Sequence[EventFile]], sexes: Mapping[str, str]
    ) -> dict[str, pl.DataFrame]:
        """EVENTS of each sample of `files`."""
        return read_events(files, sexes, self.par, self.aliases)

    def person(
        self,
        path: Path,
        bed: Path | None,
        sample: str,
        sex: str,
        events: pl.DataFrame | None = None,
        loci: LocusFiles = NO_LOCI,
    ) -> Person:
        """What is kept of a person's files; `events` are theirs, if any were looked for."""
        person = read_person(
            path, sample, sex, self.rule, self.sequence, self.par, self.aliases, bed
        )
        LOG.info("%s: %d records read", sample, person.records)
        if loci.paths:
            depth = self.rule.depth(1)
            found, typed = read_loci(loci, person.callable, sex, self.par, depth)
            person = replace(person, loci=found, typed=typed)
        if events is None:
            return person
        track = examined(events, person.callable, self.likeness.distance)
        return replace(person, events=events, examined=track)


def known_entry(state: State, sample: str, sex: str, source: str) -> Entry | None:
    """What the state has of a person, if it was read from the same files in the same way."""
    for entry in (state.manifest.people.get(sample), state.waiting(sample)):
        same = entry is not None and (entry.source, entry.sex) == (source, sex)
        if entry and same and all(state.path(name).is_file() for name in entry.objects):
            return entry
    return None


def read_batch(
    files: Files,
    people: Mapping[str, tuple[str, str]],
    cohort: Mapping[str, Any],
    how: Reading,
    out: Path,
    events: Mapping[str, Sequence[EventFile]] = MappingProxyType({}),
    loci: Mapping[str, LocusFiles] = MappingProxyType({}),
) -> None:
    """Read those of a batch whom the state does not have; `out` says who they are.

    `people`: sample -> patient and sex. `out` is JSON: sample -> digest of the files it was read
    from. Files of people who withdrew are not opened. The state lies where `cohort` says, or two
    directories above `out`. `events`: sample -> files that tell of
    their structural variants; `loci`: sample -> tables of repeats and calls.
    """
    state = State(cohort.get("state") or out.parents[1] / "state", how.settings)
    gone = Withdrawn(folder_of(cohort, state.directory))
    sources = {
        sample: how.source(
            path, bed, people[sample][1], events.get(sample, ()), loci.get(sample, NO_LOCI)
        )
        for sample, (path, bed) in files.items()
        if not gone.reason(people[sample][0], frozenset())
    }
    new = [
        sample
        for sample, source in sources.items()
        if known_entry(state, sample, people[sample][1], source) is None
    ]
    asked = {sample: events[sample] for sample in new if events.get(sample)}
    told = how.events(asked, {sample: people[sample][1] for sample in asked})
    for sample in new:
        patient, sex = people[sample]
        asked_loci = loci.get(sample, NO_LOCI)
        person = how.person(*files[sample], sample, sex, told.get(sample), asked_loci)
        state.put(sample, patient, sex, "", sources[sample], person)
    out.parent.mkdir(parents=True, exist_ok=True)
    replaced(out, (json.dumps(sources, indent=1, sort_keys=True) + "\n").encode())


def sources_of(batch_files: Iterable[Path]) -> dict[str, str]:
    """What batches said: sample -> digest of the files it was read from."""
    return {k: v for path in batch_files for k, v in json.loads(path.read_text()).items()}
