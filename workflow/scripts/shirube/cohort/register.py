"""The register of releases: who was in which, by person and by the content of their data.

    register.json            people and releases, sealed
    withdrawn.json           who withdrew, and who is the same person, sealed
    status.json              what the last run decided, sealed
    {number}/                the files of one release as published
    objects/                 callability of the people of each release, as sums of a stratum

It lies outside the results and outlives states: a state that was removed, built by another rule or
under other names is compared with every release ever made. A person is known by their content (the
genotypes and callable stretches that were counted, or the records of their file) before they are
known by their name. Nothing here is a genotype.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shirube.cohort.frequency import groups
from shirube.cohort.sealed import seal, unseal
from shirube.cohort.state import Entry, State
from shirube.errors import InputError
from shirube.files import held, synced

SINCE, CHANGED = ",since=", "~"
DEFAULT = Path("state/releases")
_KEPT = {"track": "tracks", "examined": "examined", "typed": "typed"}  # of a stratum's sums


def folder_of(cohort: Mapping[str, Any], state: Path) -> Path:
    """Directory of the register of a run with these `cohort` settings, seen from where it ran."""
    if cohort.get("register"):
        return Path(cohort["register"])
    return DEFAULT if DEFAULT.is_dir() else state.parent / "releases"


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Let nobody else write in a register (releases, questions, who withdrew) meanwhile.

    What is decided on what was read there is read inside. Who holds a state too takes that first.
    """
    with held(directory / "lock"):
        yield


@dataclass(frozen=True)
class Known:
    """A person counted now: who they are in the register, and the version of their data."""

    key: str
    version: str


@dataclass(frozen=True)
class Run:
    """Releases `start` to `end` (numbers) in which a person was in one leaf with one version."""

    start: int
    end: int
    leaf: str
    version: str


class Withdrawn:
    """Who withdrew, who is to be told apart from them, and which releases were pulled.

    `patients`: name -> {"because": "" or the patient they are the same person as, "contents",
    "records"}; `others`: patients whom a person decided not to be the same; `releases`: number ->
    reason.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / "withdrawn.json"
        found: dict[str, Any] = {}
        if self.path.is_file():
            found = unseal(self.path, "a list of who withdrew")
        self.patients: dict[str, dict[str, Any]] = found.get("patients", {})
        self.others: list[str] = found.get("others", [])
        self.releases: dict[str, str] = found.get("releases", {})

    def save(self) -> None:
        """Write the list in one step."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        content = {"patients": self.patients, "others": self.others, "releases": self.releases}
        seal(self.path, content)

    def reason(self, patient: str, contents: Set[str]) -> str:
        """Why a person is not to be counted, '' if for nothing here.

        `contents`: digests of what is known of them.
        """
        own = self.patients.get(patient)
        if own is not None:
            other = own["because"]
            return f"same person as {other}, who withdrew" if other else "consent withdrawn"
        if patient in self.others:
            return ""
        names = [self._told[digest] for digest in contents & self._told.keys()]
        return f"same person as {min(names)}, who withdrew" if names else ""

    @cached_property
    def _told(self) -> dict[str, str]:
        """Digest of what is known of somebody who withdrew -> the first of their names."""
        return {
            digest: name
            for name, one in sorted(self.patients.items(), reverse=True)
            for digest in (*one["contents"], *one["records"])
        }


class Register:
    """The releases made so far, oldest first, and the people in them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.people: dict[str, dict[str, list[str]]] = {}
        self.entries: list[dict[str, Any]] = []
        path = directory / "register.json"
        if path.is_file():
            content = unseal(path, "the register of releases")
            self.people, self.entries = content["people"], content["releases"]
        elif any(directory.glob("[0-9][0-9][0-9][0-9]")):
            raise InputError(path, "the register of the releases that lie beside it: it is gone")

    def save(self) -> None:
        """Write the register in one step."""
        (self.directory / "objects").mkdir(parents=True, exist_ok=True, mode=0o700)
        seal(self.directory / "register.json", {"people": self.people, "releases": self.entries})

    def folder(self, number: int) -> Path:
        """Directory of one release's files."""
        return self.directory / f"{number:04d}"

    def current(self) -> dict[str, Any] | None:
        """The last release that was not withdrawn; None without one."""
        pulled = Withdrawn(self.directory).releases
        return next((e for e in reversed(self.entries) if str(e["release"]) not in pulled), None)

    def check(self, entry: Mapping[str, Any]) -> None:
        """InputError if a file of a release is not as it was published."""
        folder = self.folder(entry["release"])
        for name, digest in entry["files"].items():
            path = folder / name
            found = digest_of(path) if path.is_file() else "gone"
            if found != digest:
                raise InputError(path, f"the file of SHA-256 {digest} that was released ({found})")

    def shown(self) -> list[dict[str, dict[str, str]]]:
        """Group -> person -> version, of the groups that each release shows."""
        return [
            {
                group: people
                for group, people in groups_of(entry).items()
                if group in entry["groups"]
            }
            for entry in self.entries
        ]

    def identified(
        self, entries: Mapping[str, Entry], same: Mapping[str, str] = MappingProxyType({})
    ) -> dict[str, Known]:
        """Who the people of `entries` (sample -> entry) are; new keys for those not seen before.

        First by name and content, then by content, then by the records of the file, then by name,
        then by `same`: sample -> patient who left and has the same genome.
        """
        out: dict[str, str] = {}
        taken: set[str] = set()
        named = {name: key for key, one in self.people.items() for name in one["patients"]}

        def settled(sample: str, keys: Iterable[str]) -> None:
            free = [key for key in keys if key not in taken]
            if sample not in out and free:
                out[sample] = free[0]
                taken.add(free[0])

        for sample, entry in sorted(entries.items()):
            key = named.get(entry.patient)
            if key and content_of(entry) in self.people[key]["contents"]:
                settled(sample, [key])
        for kind, value in (("contents", content_of), ("records", lambda e: e.records)):
            holders: dict[str, list[str]] = {}
            for key, one in sorted(self.people.items()):
                for digest in one[kind]:
                    holders.setdefault(digest, []).append(key)
            for sample, entry in sorted(entries.items()):
                if value(entry):
                    settled(sample, holders.get(value(entry), ()))
        for sample, entry in sorted(entries.items()):
            for name in (entry.patient, same.get(sample)):
                if name in named:
                    settled(sample, [named[name]])
        for sample, entry in sorted(entries.items()):
            if sample not in out:
                text = f"{entry.patient} {content_of(entry)} {len(self.people)}"
                out[sample] = hashlib.sha256(text.encode()).hexdigest()[:16]
        return {s: Known(key, content_of(entries[s])) for s, key in out.items()}

    def runs(self, key: str) -> list[Run]:
        """A person's releases, those that follow each other unchanged as one."""
        out: list[Run] = []
        for number, entry in enumerate(self.entries, 1):
            for stratum, one in entry["strata"].items():
                if key in one["people"]:
                    found = Run(number, number, leaf_of(stratum), one["people"][key])
                    last = out[-1] if out else None
                    if last and last.end == number - 1 and _same(last, found):
                        out[-1] = Run(last.start, number, last.leaf, last.version)
                    else:
                        out.append(found)
        return out

    def stratum(self, known: Known, leaf: str) -> str:
        """The stratum of a person: people of one leaf who were always in the same releases.

        `leaf`,since=N: N is the release from which on they are there without a change. A dot and
        a digest tell of releases before it, and ~ that their data changed since one of these.
        """
        runs = self.runs(known.key)
        now = Run(len(self.entries) + 1, 0, leaf, known.version)
        if runs and runs[-1].end == len(self.entries) and _same(runs[-1], now):
            now = runs.pop()
        versions = list(dict.fromkeys([*(run.version for run in runs), now.version]))
        label = str(now.start)
        if runs:
            closed = [(r.start, r.end, r.leaf, versions.index(r.version)) for r in runs]
            label += "." + hashlib.sha256(repr(closed).encode()).hexdigest()[:8]
        return f"{leaf}{SINCE}{label}{CHANGED if len(versions) > 1 else ''}"

    def append(self, state: State, known: Mapping[str, Known], about: Mapping[str, Any]) -> None:
        """Write the register with one more release: the people `state` counts, and `about` it."""
        strata: dict[str, dict[str, Any]] = {}
        for sample in state.manifest.counted:
            who, entry = known[sample], state.manifest.people[sample]
            here = strata.setdefault(
                entry.stratum,
                {"people": {}, "tracks": {}, "examined": {}, "typed": {}, "searched": 0},
            )
            here["people"][who.key] = who.version
            here["searched"] += bool(entry.events)
            self.people.setdefault(who.key, {"patients": [], "contents": [], "records": []})
            self._learnt(entry, who)
        (self.directory / "objects").mkdir(parents=True, exist_ok=True, mode=0o700)
        for stratum, chroms in state.manifest.strata.items():
            for chrom, files in chroms.items():
                for kind, kept in _KEPT.items():
                    if kind in files:
                        _linked(state.object(files[kind]), self.directory / "objects")
                        strata[stratum][kept][chrom] = files[kind]
        synced(self.directory / "objects")
        self.entries.append({**about, "strata": strata})
        self.save()

    def learn(self, entries: Mapping[str, Entry], known: Mapping[str, Known]) -> None:
        """Note new names and data of people released before, whether or not they are now."""
        changed = [
            self._learnt(entries[sample], who)
            for sample, who in known.items()
            if who.key in self.people
        ]
        if any(changed):
            self.save()

    def _learnt(self, entry: Entry, who: Known) -> bool:
        one, new = self.people[who.key], False
        told = {"patients": entry.patient, "contents": content_of(entry), "records": entry.records}
        for kind, value in told.items():
            if value and value not in one[kind]:
                one[kind].append(value)
                new = True
        return new

    def track(self, number: int, stratum: str, chrom: str, kind: str = "tracks") -> Path | None:
        """Callability of a stratum at a release (number); None if nobody was callable.

        `kind` examined: for structural variants; typed: known at loci.
        """
        name = self.entries[number - 1]["strata"][stratum].get(kind, {}).get(chrom)
        if name is None:
            return None
        path = self.directory / "objects" / name
        whole(path)
        return path


def register_problems(directory: Path) -> list[str]:
    """What is altered or gone in a register's directory, one line each; [] if nothing is."""
    problems = []
    for path in sorted(directory.glob("*.json")):
        try:
            unseal(path, "a file of the register of releases")
        except InputError as error:
            problems.append(str(error))
    for path in sorted((directory / "objects").glob("*")):
        try:
            whole(path)
        except InputError as error:
            problems.append(str(error))
    if not problems:
        register = Register(directory)
        for entry in register.entries:
            try:
                register.check(entry)
            except InputError as error:
                problems.append(str(error))
    return problems


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def whole(path: Path) -> None:
    """InputError if a file's content is not that of the digest its name begins with."""
    try:
        found = digest_of(path)
    except OSError as error:
        raise InputError(path, f"an object of the register ({error.strerror})") from error
    if not path.name.startswith(found[:32]):
        raise InputError(path, f"an object of the digest in its name: altered, {found}")


def _linked(source: Path, directory: Path) -> None:
    """`source` under its name in `directory`, without a second copy of its bytes if possible."""
    target = directory / source.name
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        part = target.with_name(f"{target.name}.new")
        shutil.copyfile(source, part)
        part.replace(target)


def _same(one: Run, other: Run) -> bool:
    return (one.leaf, one.version) == (other.leaf, other.version)


def content_of(entry: Entry) -> str:
    """Digest of what of a person is counted."""
    text = " ".join(entry.objects)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def leaf_of(stratum: str) -> str:
    """The leaf of a stratum."""
    return stratum.partition(SINCE)[0]


def groups_of(entry: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Group -> person -> version of one release of the register."""
    strata = entry["strata"]
    members = groups(list(strata), entry["columns"])
    return {
        group: {key: version for name in names for key, version in strata[name]["people"].items()}
        for group, names in members.items()
    }


def groups_now(
    state: State, columns: Sequence[str], known: Mapping[str, Known]
) -> dict[str, dict[str, str]]:
    """Group -> person -> version counted now."""
    strata: dict[str, dict[str, str]] = {}
    for sample in state.manifest.counted:
        stratum = state.manifest.people[sample].stratum
        strata.setdefault(stratum, {})[known[sample].key] = known[sample].version
    members = groups(list(strata), columns)
    return {
        g: {key: version for name in names for key, version in strata[name].items()}
        for g, names in members.items()
    }
