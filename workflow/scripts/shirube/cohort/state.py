"""The private state of a cohort: people as read, and sums of those who are counted.

    manifest.json            the name of every object, sealed
    read/{sample}.json       people who were read and are not in the manifest yet, each sealed
    sums/{chrom}.json        sums of a chromosome made ahead of the manifest (`prepare`), sealed
    kinship.json             who is related to whom (`relatives`), sealed
    objects/{digest}.…       immutable tables, and lists of people, named by their content

Whatever is read is compared with its name first: nothing altered is used (`State.object`).

An operation writes new objects, then replaces the manifest in one rename: a kill at any moment
leaves the old state or the new one. What no sealed file names is swept away by the next operation.
Many processes may read people (`State.put`) and add up chromosomes (`State.prepare`) at once, one
changes the manifest.
The state is a function of who is in it: adding and withdrawing in any order ends in the same
bytes as building anew.
"""

import fcntl
import hashlib
import json
import os
import secrets
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from shirube.cohort import sums, track
from shirube.cohort.kernels.array_types import Ints
from shirube.cohort.person import Person
from shirube.cohort.sealed import seal, unseal
from shirube.contracts import Contract, scan, write, writing
from shirube.contracts.cohort import CALLABLE, COUNTS, EVENTS, GENOTYPES, LOCI
from shirube.errors import InputError
from shirube.files import synced
from shirube.genome.chromosomes import CHROMS

FORMAT = 3
_DIGITS = 32  # of a SHA-256 in the name of an object
# Stretches of a person -> the sum of a stratum's: callable, examined, known at loci.
TRACKS = {"callable": "track", "examined": "examined", "typed": "typed"}
_MANY = 32  # new files from which on one sync of the file systems is cheaper


@dataclass(frozen=True)
class Entry:
    """One person of the state.

    `stratum` is the leaf they count in; `source` a digest of the files they were read from and
    how; `genotypes` and `callable` name objects, and so do `events` and `examined` where structural
    variants were looked for, `loci` and `typed` where loci were; `records` is a digest of the
    file's records.
    """

    sample: str
    patient: str
    sex: str
    stratum: str
    source: str
    genotypes: str
    callable: str
    unmet: str = ""
    records: str = ""
    events: str = ""
    examined: str = ""
    loci: str = ""
    typed: str = ""

    @property
    def objects(self) -> tuple[str, ...]:
        """Names of the objects the person needs."""
        kept = (self.genotypes, self.callable, self.events, self.examined)
        named = (*kept, self.loci, self.typed)
        return tuple(name for name in named if name)


@dataclass(frozen=True)
class Manifest:
    """What the state holds.

    `strata`: leaf -> chromosome -> {"counts": object, and of TRACKS: object}.
    """

    settings: Mapping[str, str]
    people: Mapping[str, Entry]
    counted: tuple[str, ...]
    strata: Mapping[str, Mapping[str, Mapping[str, str]]]

    def content(self, shards: Mapping[str, str]) -> dict[str, Any]:
        """The manifest as written, people by `shards`."""
        return {
            "format": FORMAT,
            "settings": dict(self.settings),
            "people": dict(shards),
            "strata": self.strata,
        }

    def objects(self) -> set[str]:
        """Names of all objects the manifest needs."""
        own = {name for e in self.people.values() for name in e.objects}
        sums = (c for chroms in self.strata.values() for c in chroms.values())
        return own | {name for files in sums for name in files.values()}


@dataclass(frozen=True)
class _Change:
    """Who joins and who leaves a stratum, each in the order of their samples."""

    come: list[Entry]
    gone: list[Entry]

    def digest(self, old: Mapping[str, str]) -> str:
        """Digest of whom the sums after the change are of; `old` are those before it."""
        told = hashlib.sha256(repr(sorted(old.items())).encode())
        for sign, people in ((1, self.come), (-1, self.gone)):
            told.update(
                repr(
                    [(sign, e.genotypes, *(getattr(e, k) for k in TRACKS)) for e in people]
                ).encode()
            )
        return told.hexdigest()


def _shard(sample: str) -> str:
    """Which list of people names a sample."""
    return f"{zlib.crc32(sample.encode()) & 0xFF:02x}"


def _write_text(path: Path, text: str) -> None:
    path.write_text(text)


class State:
    """A cohort's state in a directory, which is made if absent.

    `settings` must be those it was made with; those not given are taken as they are.
    """

    def __init__(self, directory: str | Path, settings: Mapping[str, str]) -> None:
        self.directory = Path(directory)
        self.settings = dict(settings)
        self._whole: set[str] = set()  # objects this process has compared with their names
        (self.directory / "objects").mkdir(parents=True, exist_ok=True)
        self.manifest = self._read()
        self.settings = dict(self.manifest.settings)

    def _read(self) -> Manifest:
        path = self.directory / "manifest.json"
        self._shards: dict[str, str] = {}
        self._named: set[str] = set()
        if not path.is_file():
            return Manifest(self.settings, {}, (), {})
        value = _content(path)
        try:
            self._shards = dict(value["people"])
            people, counted = {}, []
            for name in self._shards.values():
                listed = json.loads(self.object(name).read_text())
                for sample, (entry, counts) in listed.items():
                    people[sample] = Entry(**entry)
                    if counts:
                        counted.append(sample)
            ordered = dict(sorted(people.items()))
            found = Manifest(value["settings"], ordered, tuple(sorted(counted)), value["strata"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(path, f"a manifest of a cohort state ({error})") from error
        differ = [k for k, v in self.settings.items() if found.settings.get(k) != v]
        if differ:
            raise InputError(
                path,
                f"the settings the state was built with ({', '.join(differ)} changed): "
                "build it anew in another directory, or remove this one",
            )
        named = found.objects()
        there = set(os.listdir(self.directory / "objects"))
        absent = named - there
        if absent:
            raise InputError(self.path(sorted(absent)[0]), "a file that the manifest names")
        self._named = named | set(self._shards.values())
        return found

    def path(self, name: str) -> Path:
        """Where an object lies."""
        return self.directory / "objects" / name

    def object(self, name: str) -> Path:
        """Where an object lies, to be read; InputError if its content is not that of its name."""
        path = self.path(name)
        if name not in self._whole:
            try:
                with open(path, "rb") as stream:
                    found = hashlib.file_digest(stream, "sha256").hexdigest()
            except OSError as error:
                raise InputError(path, f"an object of the state ({error.strerror})") from error
            if found[:_DIGITS] != name[:_DIGITS]:
                raise InputError(path, f"an object of the digest in its name: altered, {found}")
            self._whole.add(name)
        return path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from changing the state meanwhile; reread what is there."""
        with open(self.directory / "lock", "w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self.manifest = self._read()
            self.sweep()
            yield

    @contextmanager
    def _shared(self) -> Iterator[None]:
        """Keep other processes from sweeping away what is being put there."""
        with open(self.directory / "lock", "a+") as handle:  # NFS shares what may be read
            fcntl.flock(handle, fcntl.LOCK_SH)
            yield

    def put(
        self, sample: str, patient: str, sex: str, stratum: str, source: str, person: Person
    ) -> Entry:
        """Keep what was read of one person, whatever happens next, until they are counted."""
        with self._shared():
            entry = self.entry(sample, patient, sex, stratum, source, person)
            for name in entry.objects:
                synced(self.path(name))
            (self.directory / "read").mkdir(exist_ok=True)
            seal(self._waiting(sample), asdict(entry))
        return entry

    def _waiting(self, sample: str) -> Path:
        return self.directory / "read" / f"{sample}.json"

    def waiting(self, sample: str) -> Entry | None:
        """A person who was read and is not in the manifest yet."""
        path = self._waiting(sample)
        return Entry(**unseal(path, "a person who was read")) if path.is_file() else None

    def all_waiting(self) -> dict[str, Entry]:
        """Everyone who was read and is not in the manifest yet."""
        names = sorted(path.stem for path in (self.directory / "read").glob("*.json"))
        return {name: entry for name in names if (entry := self.waiting(name)) is not None}

    def taken(self, samples: Iterable[str]) -> None:
        """Forget who was read: they are in the manifest now, or are not to be."""
        for sample in samples:
            self._waiting(sample).unlink(missing_ok=True)

    def kept(self) -> list[Path]:
        """Files of all objects the state needs."""
        return [self.path(name) for name in sorted(self._named)]

    def sweep(self) -> None:
        """Remove what nothing names: leftovers of an operation that was killed."""
        kept = {path.name for path in self.kept()} | self.named_beside()
        half = [p for name in ("read", "sums") for p in (self.directory / name).glob("*.new")]
        for path in (*(self.directory / "objects").iterdir(), *half):
            if path.name not in kept:
                path.unlink()

    def named_beside(self) -> set[str]:
        """Objects that sealed files other than the manifest name."""
        named = set(self.kinship().get("objects", ()))
        for entry in self.all_waiting().values():
            named |= set(entry.objects)
        for path in (self.directory / "sums").glob("*.json"):
            for files in unseal(path, "sums of a chromosome")["strata"].values():
                named |= set(files["objects"].values())
        return named

    def kinship(self) -> dict[str, Any]:
        """What `relatives` keeps here; {} if nothing."""
        path = self.directory / "kinship.json"
        return dict(unseal(path, "who is related to whom")) if path.is_file() else {}

    def keep_kinship(self, content: Mapping[str, Any]) -> None:
        """Keep what `relatives` knows, with `objects` it names; nothing if empty."""
        before = self.kinship()
        if content == before:
            return
        if content:
            for name in content["objects"]:
                synced(self.path(name))
            seal(self.directory / "kinship.json", content)
        else:
            (self.directory / "kinship.json").unlink()
        for name in set(before.get("objects", ())) - set(content.get("objects", ())):
            self.path(name).unlink(missing_ok=True)

    def commit(self, manifest: Manifest) -> None:
        """Make `manifest` the state, in one step."""
        shards = self._written(manifest)
        before = self._named
        after = manifest.objects() | set(shards.values())
        if len(after - before) > _MANY:
            os.sync()
        else:
            for name in after - before:
                synced(self.path(name))
        synced(self.directory / "objects")
        seal(self.directory / "manifest.json", manifest.content(shards))
        self.manifest, self._shards, self._named = manifest, shards, after
        for name in before - after:
            self.path(name).unlink(missing_ok=True)

    def _written(self, manifest: Manifest) -> dict[str, str]:
        """Lists of people, each of some in a few hundred; only those that change are written."""
        old, new = self.manifest.people, manifest.people
        counted = set(manifest.counted)
        changed = {s for s, e in new.items() if (o := old.get(s)) is not e and o != e}
        changed |= old.keys() - new.keys() | set(self.manifest.counted) ^ counted
        touched: dict[str, set[str]] = {}
        for sample in changed:
            touched.setdefault(_shard(sample), set()).add(sample)
        lists: dict[str, dict[str, Any]] = {}
        for shard, names in touched.items():
            if shard in self._shards:
                names |= json.loads(self.object(self._shards[shard]).read_text()).keys()
            there = sorted(names & new.keys())
            lists[shard] = {s: (vars(new[s]), s in counted) for s in there}
        shards = {k: v for k, v in self._shards.items() if k not in touched}
        for shard, members in lists.items():
            if members:
                text = json.dumps(members, indent=1, sort_keys=True) + "\n"
                shards[shard] = self.store("people.json", partial(_write_text, text=text))
        return shards

    def store(self, kind: str, make: Callable[[Path], bool | None]) -> str:
        """Let `make` write a file and keep it under the digest of its bytes; '' if it made none."""
        # Of this process alone, whatever other machine writes into the same directory.
        scratch = self.path(f"new.{secrets.token_hex(8)}.{kind}")
        if make(scratch) is False:
            scratch.unlink(missing_ok=True)
            return ""
        with open(scratch, "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()[:_DIGITS]
        name = f"{digest}.{kind}"
        self._whole.add(name)
        os.replace(scratch, self.path(name))
        return name

    def _table(self, table: pl.DataFrame, contract: Contract) -> str:
        return self.store(f"{contract.name}.parquet", lambda path: write(table, contract, path))

    def entry(
        self, sample: str, patient: str, sex: str, stratum: str, source: str, person: Person
    ) -> Entry:
        """Keep what was read of one person; they are in the state once a commit names them."""
        return Entry(
            *(sample, patient, sex, stratum, source),
            self._table(person.genotypes, GENOTYPES),
            self._table(person.callable, CALLABLE),
            person.unmet,
            person.digest,
            "" if person.events is None else self._table(person.events, EVENTS),
            "" if person.examined is None else self._table(person.examined, CALLABLE),
            "" if person.loci is None else self._table(person.loci, LOCI),
            "" if person.typed is None else self._table(person.typed, CALLABLE),
        )

    def genotypes(self, samples: Sequence[str], chrom: str | None = None) -> pl.DataFrame:
        """Genotypes of people, with a column `sample`; of one chromosome if given."""
        return self._rows(samples, "genotypes", GENOTYPES, chrom)

    def _rows(
        self, samples: Sequence[str], kind: str, contract: Contract, chrom: str | None
    ) -> pl.DataFrame:
        found = []
        for sample in samples:
            lazy = scan(contract, self.object(getattr(self.manifest.people[sample], kind)))
            if chrom:
                lazy = lazy.filter(pl.col("chrom") == chrom)
            found.append(lazy.with_columns(pl.lit(sample).alias("sample")))
        empty = contract.empty().with_columns(pl.lit(None, pl.String).alias("sample")).lazy()
        return pl.concat([empty, *found]).collect()

    def intervals(self, entry: Entry, chrom: str) -> tuple[Ints, Ints]:
        """Callable intervals of one person on one chromosome."""
        table = scan(CALLABLE, self.object(entry.callable)).filter(pl.col("chrom") == chrom)
        found = table.collect()
        return found["start"].to_numpy(), found["end"].to_numpy()

    def update(
        self, people: Mapping[str, Entry], counted: Sequence[str], rebuild: bool = False
    ) -> None:
        """Make the state hold `people` and count `counted` of them, and commit.

        Only strata that someone joins or leaves are touched, unless `rebuild`.
        """
        missing = [name for name in counted if name not in people]
        if missing:
            raise ValueError(f"counted but not in the state: {missing}")
        strata: dict[str, Any] = {} if rebuild else dict(self.manifest.strata)
        ahead = {path.stem: self._prepared(path) for path in self._sums()}
        for stratum, change in self._changes(people, counted, rebuild).items():
            found = self._changed(stratum, strata.pop(stratum, {}), change, ahead)
            if found:
                strata[stratum] = found
        self.commit(
            Manifest(self.settings, dict(sorted(people.items())), tuple(sorted(counted)), strata)
        )
        self.forget_prepared()

    def _changes(
        self, people: Mapping[str, Entry], counted: Sequence[str], rebuild: bool = False
    ) -> dict[str, _Change]:
        """Stratum -> who comes and goes, if the state is to hold `people` and count `counted`."""
        old = {} if rebuild else self.manifest.people
        before = set() if rebuild else set(self.manifest.counted)
        after = set(counted)
        moved = {s for s in before & after if old[s] is not people[s] and old[s] != people[s]}
        out: dict[str, _Change] = {}
        for sample in sorted(after - before | moved):
            out.setdefault(people[sample].stratum, _Change([], [])).come.append(people[sample])
        for sample in sorted(before - after | moved):
            out.setdefault(old[sample].stratum, _Change([], [])).gone.append(old[sample])
        return dict(sorted(out.items()))

    def prepare(
        self, people: Mapping[str, Entry], counted: Sequence[str], chrom: str, chroms: Sequence[str]
    ) -> None:
        """Add up one of `chroms` as `update` with the same people will want it.

        The manifest stays as it is, so every chromosome may have a process of its own. `update`
        takes what was prepared if it is of the very people it counts, and adds up the rest itself.
        """
        path = self.directory / "sums" / f"{chrom}.json"
        path.parent.mkdir(exist_ok=True)
        with self._shared():
            self.manifest = self._read()
            ready = self._prepared(path)
            found = {}
            for stratum, change in self._changes(people, counted).items():
                old = self.manifest.strata.get(stratum, {}).get(chrom, {})
                of = change.digest(old)
                files = ready[1].get(stratum, {})
                if files.get("of") != of:
                    files = {"of": of, "objects": self._sum(old, self._signed(change), chrom)}
                    for name in files["objects"].values():
                        synced(self.path(name))
                found[stratum] = files
            seal(path, {"chroms": list(chroms), "strata": found})

    def _sums(self) -> list[Path]:
        """Files of what was prepared, one a chromosome."""
        return sorted((self.directory / "sums").glob("*.json"))

    def _prepared(self, path: Path) -> tuple[list[str], dict[str, Any]]:
        """Chromosomes that are prepared together with one, and its sums, stratum -> of, objects."""
        found = unseal(path, "sums of a chromosome") if path.is_file() else {}
        return found.get("chroms", []), found.get("strata", {})

    def forget_prepared(self) -> None:
        """Forget what was prepared: it is in the manifest now, or is not to be."""
        for path in self._sums():
            path.unlink()

    def _signed(self, change: _Change) -> dict[str, sums.Signed]:
        """Genotypes, callable and examined intervals of those who come and go."""
        return {
            kind: [
                (self.object(name), sign)
                for sign, people in ((1, change.come), (-1, change.gone))
                for entry in people
                if (name := getattr(entry, kind))
            ]
            for kind in ("genotypes", *TRACKS)
        }

    def _changed(
        self,
        stratum: str,
        old: Mapping[str, Mapping[str, str]],
        change: _Change,
        ahead: Mapping[str, tuple[list[str], dict[str, Any]]],
    ) -> dict[str, dict[str, str]]:
        """Sums of a stratum after people came and went, by chromosome; `ahead` was prepared."""
        found = {chrom: dict(files) for chrom, files in old.items()}
        ready: dict[str, dict[str, str]] = {}
        wanted: set[str] = set()
        for chrom, (together, strata) in ahead.items():
            wanted |= set(together)
            files = strata.get(stratum, {})
            if files and files["of"] == change.digest(old.get(chrom, {})):
                ready[chrom] = files["objects"]
        signed = None
        touched = set(ready)
        if not ready or wanted - ready.keys():
            signed = self._signed(change)
            # alleles lie where one is callable
            touched |= sums.chroms_of(CALLABLE, [one for kind in TRACKS for one in signed[kind]])
        for chrom in sorted(touched, key=CHROMS.index):
            before, new = found.pop(chrom, {}), ready.get(chrom)
            if new is None and signed:
                new = self._sum(before, signed, chrom)
            if new:
                found[chrom] = new
        return dict(sorted(found.items(), key=lambda pair: CHROMS.index(pair[0])))

    def _sum(
        self, old: Mapping[str, str], signed: Mapping[str, sums.Signed], chrom: str
    ) -> dict[str, str]:
        """Names of a stratum's sums of one chromosome after people came and went."""
        counted = self.object(old["counts"]) if "counts" in old else None

        def counts(path: Path) -> bool:
            some = False
            with writing(COUNTS, path) as add:
                for rows in sums.counts(counted, signed["genotypes"], chrom):
                    add(rows)
                    some = True
            return some

        names = {"counts": self.store("counts.parquet", counts)}
        for own, kind in TRACKS.items():
            if not signed[own] and kind not in old:
                continue  # nobody has any, such as where no structural variants were looked for
            before = track.Track(self.object(old[kind]) if kind in old else None)
            parts = sums.changes(signed[own], chrom)
            made = partial(track.write_parts, old=before, parts=parts)
            names[kind] = self.store("track.arrow", made)
        return {kind: name for kind, name in names.items() if name}

    def without(self, sample: str) -> dict[str, Entry]:
        """The people without one; InputError if they are not in the state."""
        if sample not in self.manifest.people:
            raise InputError(self.directory, "a sample of the cohort state", sample)
        return {name: e for name, e in self.manifest.people.items() if name != sample}


def _content(path: Path) -> dict[str, Any]:
    """What a manifest says; InputError for one that is altered or of another format."""
    try:
        plain = json.loads(path.read_bytes())
        found = plain.get("format", 0) if isinstance(plain, dict) and "sha256" not in plain else 0
    except (OSError, ValueError):
        found = 0
    value = None if found else unseal(path, "a manifest of a cohort state")
    if found or not isinstance(value, dict) or value.get("format") != FORMAT:
        raise InputError(
            path,
            f"a state of format {FORMAT}, found {found or 'another'}: build it anew in another "
            "directory, or remove this one",
        )
    return value


def state_problems(directory: Path) -> list[str]:
    """What is altered or gone in a state's directory, one line each; [] if nothing is."""
    problems = []
    for path in sorted(
        p for place in ("", "read/", "sums/") for p in directory.glob(f"{place}*.json")
    ):
        try:
            unseal(path, "a file of the cohort state")
        except InputError as error:
            problems.append(str(error))
    try:
        state = State(directory, {})
        named = {path.name for path in state.kept()} | state.named_beside()
    except InputError as error:
        problems.append(str(error))
        state, named = None, set()
    for path in sorted((directory / "objects").iterdir()):
        with open(path, "rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found[:_DIGITS] != path.name[:_DIGITS]:
            problems.append(f"{path}: altered: SHA-256 {found}")
        elif state and path.name not in named:
            problems.append(f"{path}: not named by the manifest")
    return list(dict.fromkeys(problems))


def positions(table: pl.DataFrame) -> Ints:
    """0-based positions of an allele table."""
    return (table["pos"].to_numpy() - 1).astype(np.int32)
