"""PHASE and CHANGES of one person and chromosome."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from shirube.annotate.annotation import Chromosome
from shirube.annotate.effects import SPLICE_EXON, SPLICE_INTRON, effect
from shirube.annotate.rows import genomic_names
from shirube.changes.haplotypes import Block, germline_blocks, somatic_blocks
from shirube.changes.places import Place, groups, neighbourhoods, one_edit, placed
from shirube.contracts import CALLS
from shirube.contracts.phase import CHANGES, PHASE
from shirube.genome.alleles import allele_id
from shirube.genome.normalise import normalised
from shirube.genome.transcripts import Ints, Transcript, transcripts_of
from shirube.phase.pairs import ERROR, LEAST, Told, homozygous, phase_of, settled
from shirube.reads.phase import REACH, ReadPhase

Key: TypeAlias = tuple[str, int, str, str]  # origin, pos, ref, alt
MANE = ("MANE Select", "MANE Plus Clinical")
ALLELES = {
    "chrom": pl.String,
    "pos": pl.Int32,
    "ref": pl.String,
    "alt": pl.String,
    "origin": pl.String,
    **{name: CALLS.schema[name] for name in ("dosage", "ploidy", "phase_set", "haplotype")},
    **{name: pl.Int32 for name in ("dp", "ad_alt")},
    **{name: pl.Float64 for name in ("vaf_low", "vaf_high")},
    **{name: pl.Int8 for name in ("mother_dosage", "father_dosage")},
}
_BASES = "^[ACGT]+$"


@dataclass(frozen=True)
class Person:
    """Where one person's alleles and reads are; None for what there is not.

    `parents` adds mother_dosage and father_dosage to rows of alleles.
    """

    calls: pl.LazyFrame | None = None
    somatic: pl.LazyFrame | None = None
    normal: ReadPhase | None = None
    tumour: ReadPhase | None = None
    parents: Callable[[pl.DataFrame], pl.DataFrame] | None = None

    def alleles(self, chrom: str) -> pl.DataFrame:
        """ALLELES of a chromosome that passed and are called, one row each, by position."""
        usable = (
            (pl.col("chrom") == chrom)
            & (pl.col("filter") == "PASS")
            & pl.col("ref").str.contains(_BASES)
            & pl.col("alt").str.contains(_BASES)
            & (pl.col("ref") != pl.col("alt"))
        )
        parts = [pl.DataFrame(schema=ALLELES)]
        if self.calls is not None:
            own = self.calls.filter(usable & (pl.col("dosage") > 0)).collect()
            first = own.sort("pos", "ref", "alt", "record").unique(
                ["pos", "ref", "alt"], keep="first", maintain_order=True
            )
            parts.append(_shaped(first, "germline"))
        if self.somatic is not None:
            own = self.somatic.filter(usable).collect()
            counts = own.rename({"tumour_dp": "dp", "tumour_ad": "ad_alt"})
            parts.append(_shaped(counts, "somatic"))
        return pl.concat(parts).sort("pos", "ref", "alt", "origin")


def _shaped(table: pl.DataFrame, origin: str) -> pl.DataFrame:
    known = table.with_columns(origin=pl.lit(origin))
    return known.select(
        (pl.col(name) if name in known.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in ALLELES.items()
    )


@dataclass
class _Found:
    """One change: its alleles on the transcript that joins them."""

    places: list[Place]
    certain: bool
    copies: int | None = None
    alone: dict[Key, bool] = field(default_factory=dict)

    @property
    def transcript(self) -> Transcript:
        return self.places[0].transcript

    @property
    def origin(self) -> str:
        return max(str(place.row["origin"]) for place in self.places)  # somatic if one is


class Composer:
    """Phase and changes of one person on one chromosome.

    `alleles`: see `Person.alleles`.
    """

    def __init__(self, person: Person, alleles: pl.DataFrame, chromosome: Chromosome) -> None:
        self.person, self.alleles, self.chromosome = person, alleles, chromosome
        self.sequence = chromosome.sequence
        self._told: dict[tuple[Key, Key], tuple[Told, str]] = {}
        self._start = alleles["pos"].to_numpy().astype(np.int64) - 1
        ref, alt = (alleles[n].str.len_bytes().to_numpy().astype(np.int64) for n in ("ref", "alt"))
        self._end, self._gained = self._start + ref, alt - ref
        self._bridges = alleles.filter(
            (pl.col("origin") == "germline") & (pl.col("dosage") < pl.col("ploidy"))
        )
        self._bridges_at = self._bridges["pos"].to_numpy()

    def composed(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """PHASE and CHANGES."""
        near: list[list[Place]] = []
        for transcript, rows in self._candidates():
            places = [p for row in rows if (p := placed(row, transcript)) is not None]
            near += neighbourhoods(places)
        self._ask_parents(near)
        found: dict[tuple[bool, frozenset[Key]], _Found] = {}
        for places in near:
            for one in self._of(places):
                found.setdefault((one.certain, frozenset(map(_key, one.places))), one)
        kept = [one for key, one in found.items() if not _covered(key, found)]
        return self._phase(), self._table(kept)

    def _ask_parents(self, near: Sequence[Sequence[Place]]) -> None:
        """Add the parents' dosages to the rows of germline heterozygotes."""
        places = [place for run in near for place in run]
        own = [p.row for p in places if p.row["origin"] == "germline" and not homozygous(p.row)]
        if not own or self.person.parents is None:
            return
        chrom = pl.col("chrom").cast(CALLS.schema["chrom"])
        asked = pl.DataFrame(own, schema=ALLELES).unique(["pos", "ref", "alt"], maintain_order=True)
        told = self.person.parents(asked.with_columns(chrom).drop("mother_dosage", "father_dosage"))
        known = {(r["pos"], r["ref"], r["alt"]): r for r in told.rows(named=True)}
        for row in own:
            found = known[row["pos"], row["ref"], row["alt"]]
            row |= {name: found[name] for name in ("mother_dosage", "father_dosage")}

    def _candidates(self) -> Iterable[tuple[Transcript, list[dict[str, Any]]]]:
        """MANE transcripts with two alleles or more near their coding bases, MANE Select first."""
        models = self.chromosome.models
        if models is None:
            return
        coding = models.filter(pl.col("mane").is_in(MANE) & pl.col("cds_start").is_not_null())
        coding = coding.sort(pl.col("mane") != MANE[0], "transcript")
        start, end = self._start, self._end
        low = np.searchsorted(start, coding["cds_start"].to_numpy() - SPLICE_INTRON)
        high = np.searchsorted(start, coding["cds_end"].to_numpy())
        coding = coding.filter(pl.Series(high - low > 1))
        for transcript in transcripts_of(coding, self.sequence):
            assert transcript.cds_start is not None
            assert transcript.cds_end is not None
            first, last = np.searchsorted(
                start, [transcript.cds_start - SPLICE_INTRON, transcript.cds_end]
            ).tolist()
            a, b = start[first:last], end[first:last]
            exon = np.searchsorted(transcript.ends, a - SPLICE_INTRON, side="right")
            exon = np.minimum(exon, transcript.starts.size - 1)
            near = np.flatnonzero(transcript.starts[exon] - SPLICE_INTRON < b) + first
            if near.size > 1 and self._close(transcript, near) and transcript.translatable:
                yield transcript, self.alleles[near.tolist()].rows(named=True)

    def _close(self, transcript: Transcript, rows: Ints) -> bool:
        """Whether any of the alleles can act with another: a quick look before the exact one."""
        start, end, gained = self._start[rows], self._end[rows], self._gained[rows]
        if (gained % 3 != 0).any():
            return True
        at = np.sort(transcript.coordinates(start)[0])
        return bool((np.diff(at) <= int((end - start).max()) + 3 + SPLICE_EXON).any())

    def told(self, one: Place, other: Place) -> Told:
        """Phase of two alleles; looked at once."""
        keys = sorted((_key(one), _key(other)), key=lambda key: (key[1:], key[0]))
        pair = (keys[0], keys[1])
        if pair not in self._told:
            first, second = (one, other) if _key(one) == keys[0] else (other, one)
            somatic = "somatic" in (first.row["origin"], second.row["origin"])
            reads = self.person.tumour if somatic else self.person.normal
            low, high = sorted((first.row["pos"], second.row["pos"]))
            a, b = np.searchsorted(self._bridges_at, [low - REACH, high + REACH + 1]).tolist()
            near = self._bridges[a:b].rows(named=True) if reads is not None else []
            bridges = [row for row in near if _row_key(row) not in pair]
            verdict = phase_of(first.row, second.row, reads, bridges)
            self._told[pair] = verdict, one.transcript.name
        return self._told[pair][0]

    def _of(self, near: Sequence[Place]) -> list[_Found]:
        """Changes of one neighbourhood, certain ones first."""
        germline, somatic = germline_blocks(near, self.told), somatic_blocks(near, self.told)
        out = self._germline(germline) + self._somatic(somatic)
        blocks = [*germline, *somatic]
        for a, b in combinations(near, 2):
            if self.told(a, b).phase == "unknown":
                out += self._either([a, b], blocks)
        possible = {self.told(a, b).phase for a, b in combinations(near, 2)}
        if len(near) > 2 and "unknown" in possible and not possible & {"trans", "clones"}:
            out += self._either(near, blocks)
        return out

    def _germline(self, blocks: Sequence[Block]) -> list[_Found]:
        """Changes of several alleles, and how many copies of each there are."""
        places: dict[frozenset[Key], list[Place]] = {}
        counts = []
        for block in blocks:
            counts.append(Counter[frozenset[Key]]())
            for side in block:
                for group in groups(side):
                    key = frozenset(map(_key, group))
                    counts[-1][key] += 1
                    places[key] = group
        carried: Counter[Key] = Counter()
        out = []
        for key, group in places.items():
            held = [
                count[key]
                for count, block in zip(counts, blocks, strict=True)
                if key <= {_key(place) for side in block for place in side}
            ]
            copies = min(held, default=0)
            if len(group) > 1 and copies and one_edit(group) is not None:
                out.append(_Found(group, True, copies))
                carried.update({one: copies for one in key})
        for change in out:
            for place in change.places:
                key_ = _key(place)
                change.alone[key_] = place.row["dosage"] > carried[key_]
        return out

    def _somatic(self, blocks: Sequence[Block]) -> list[_Found]:
        out = []
        for (molecule,) in blocks:
            for group in groups(molecule):
                origins = {place.row["origin"] for place in group}
                if len(group) > 1 and "somatic" in origins and one_edit(group) is not None:
                    alone = {_key(place): self._comes_alone(place, group) for place in group}
                    out.append(_Found(group, True, None, alone))
        return out

    def _comes_alone(self, place: Place, group: Sequence[Place]) -> bool:
        """Whether some molecules carry a member without every other somatic one.

        A germline member is in every cell of the person.
        """
        if place.row["origin"] == "germline":
            return True
        others = [o for o in group if o is not place and o.row["origin"] == "somatic"]
        for other in others:
            told = self.told(place, other)
            if told.fragments is not None:
                both, first, second, _ = told.fragments
                own = first if (_key(place)[1:] < _key(other)[1:]) else second
                if own < LEAST or settled(own, 0) is None or own <= 3 * ERROR * (own + both):
                    return False
            else:
                low, high = place.row["vaf_low"], other.row["vaf_high"]
                if low is None or high is None or low <= high:
                    return False
        return bool(others)

    def _either(self, some: Sequence[Place], blocks: Sequence[Block]) -> list[_Found]:
        """What alleles of unknown phase would be together, with what is surely beside each."""
        beside = [side for one in some for block in blocks for side in block if one in side]
        every = list({_key(p): p for side in [some, *beside] for p in side}.values())
        return [
            _Found(group, False, None, {_key(place): True for place in group})
            for group in groups(every)
            if all(one in group for one in some) and one_edit(group) is not None
        ]

    def _phase(self) -> pl.DataFrame:
        rows = []
        for (one, other), (told, transcript) in self._told.items():
            row: dict[str, Any] = {"chrom": self.alleles["chrom"][0], "transcript": transcript}
            for side, key in (("1", one), ("2", other)):
                names = (f"{name}{side}" for name in ("origin", "pos", "ref", "alt"))
                row |= dict(zip(names, key, strict=True))
            row |= {"phase": told.phase, "basis": told.basis, "through": told.through}
            row |= told.fragments._asdict() if told.fragments else {}
            rows.append({name: row.get(name) for name in PHASE.schema})
        return PHASE.table(pl.DataFrame(rows, schema={**PHASE.schema, "chrom": pl.String}))

    def _table(self, found: Sequence[_Found]) -> pl.DataFrame:
        rows = [self._row(one) for one in found]
        schema = {**CHANGES.schema, "chrom": pl.String}
        table = pl.DataFrame(rows, schema=schema, orient="row")
        if not rows:
            return CHANGES.table(table)
        table = normalised(table, self.sequence)
        table = table.with_columns(genomic_names(table, self.sequence, self.chromosome.prefix))
        alleles = table.select("origin", "chrom", "pos", "ref", "alt").iter_rows()
        table = table.with_columns(change=pl.Series([allele_id(*one) for one in alleles]))
        return CHANGES.table(table.unique(CHANGES.key, keep="first", maintain_order=True))

    def _row(self, one: _Found) -> dict[str, Any]:
        edit = one_edit(one.places)
        assert edit is not None
        told = [self.told(a, b) for a, b in combinations(one.places, 2)]
        named = effect(one.transcript, edit)
        places = sorted(one.places, key=lambda place: _key(place)[1:])
        rows = [place.row for place in places]
        start = edit.start - 1  # a base before, so that an indel has its anchor
        ref = bytes(self.sequence[start : edit.end]).decode()
        counted = min(
            (t.fragments for t in told if t.fragments and t.fragments.total),
            key=lambda f: f.both, default=None,
        )  # fmt: skip
        weakest = min(
            (row for row in rows if row["origin"] == one.origin),
            key=lambda row: (row["ad_alt"] is None, row["ad_alt"]),
        )
        reads = (weakest["dp"], weakest["ad_alt"])
        if one.certain and counted is not None and one.copies != 2:
            reads = (counted.total, counted.both)
        bases_ = sorted({part for t in told for part in (t.basis or "").split("+") if part})
        return {
            "origin": one.origin,
            "certain": one.certain,
            "chrom": one.transcript.chrom,
            "pos": start + 1,
            "ref": ref,
            "alt": ref[0] + edit.inserted,
            "members": [
                {name: place.row[name] for name in ("origin", "pos", "ref", "alt")}
                | {"hgvs_c": effect(one.transcript, place.edit).hgvs_c}
                | {"alone": one.alone[_key(place)]}
                for place in places
            ],
            "basis": "+".join(bases_) or None,
            "both": counted.both if counted else None,
            "fragments": counted.total if counted else None,
            "copies": one.copies,
            "dp": reads[0],
            "ad_alt": reads[1],
            "transcript": one.transcript.name,
            "gene": one.transcript.gene,
            "consequence": named.consequence,
            "hgvs_c": named.hgvs_c,
            "hgvs_p": named.hgvs_p,
            "protein_pos": named.protein_pos,
        }


def _row_key(row: Mapping[str, Any]) -> Key:
    return row["origin"], row["pos"], row["ref"], row["alt"]


def _key(place: Place) -> Key:
    return _row_key(place.row)


def _covered(
    key: tuple[bool, frozenset[Key]], found: Mapping[tuple[bool, frozenset[Key]], _Found]
) -> bool:
    """Whether another transcript joins these alleles and more, or tells their phase."""
    certain, own = key
    return any(
        own < other and certain == sure and found[key].transcript is not one.transcript
        for (sure, other), one in found.items()
    ) or (not certain and (True, own) in found)
