"""The reads of a patient's parents at the patient's candidate alleles.

A parent's calls give the reads of an allele they hold; elsewhere the parent's gVCF gives the
depth of the reference block, with no read of the allele. A parent who came as a plain VCF is
reference where the callable intervals that came with it say so, at a depth nobody knows. A parent
whose files say nothing at a position is unknown there, never reference.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from shirube.contracts import ALLELE, CALLS, STRUCTURAL, scan
from shirube.genome.alleles import canonical_names
from shirube.genome.intervals import merged
from shirube.genome.regions import read_bed
from shirube.interpret.germline import of_person
from shirube.rare.segregation import Kin
from shirube.vcf import header, read_columns

COLUMNS = ("dosage", "ploidy", "ad_alt", "dp")
SEX = {"father": "XY", "mother": "XX"}


@dataclass(frozen=True)
class Relative:
    """One parent: CALLS of the normal sample, and what else is known of it.

    known is its gVCF (.g.vcf.gz) or else its callable intervals (BED); affected None if unknown;
    events its STRUCTURAL, None where there are no reads.
    """

    patient: str
    calls: str
    known: str
    affected: bool | None = None
    events: str | None = None


@dataclass(frozen=True)
class Family:
    """Parents that were sequenced; contig aliases of the reference.

    confirmed says that both parents passed the checks of kinship (`rare.pedigree`); stretches is
    the patient's HOMOZYGOSITY; kin are further sequenced relatives; people the whole family as the
    sheet has it, by name.
    """

    father: Relative | None = None
    mother: Relative | None = None
    aliases: Mapping[str, str] | None = None
    confirmed: bool = False
    stretches: pl.DataFrame | None = None
    kin: tuple[Relative, ...] = ()
    people: Mapping[str, Kin] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, str]:
        """Sequenced relative -> column of `with_parents` with the copies they have."""
        named = [(getattr(self, role), role) for role in ("father", "mother")]
        named += [(relative, f"kin{at}") for at, relative in enumerate(self.kin)]
        return {relative.patient: f"{role}_dosage" for relative, role in named if relative}

    @property
    def trio(self) -> bool:
        """Whether both parents were sequenced."""
        return self.father is not None and self.mother is not None

    def events(self) -> dict[str, pl.DataFrame]:
        """STRUCTURAL of the parents whose reads were looked at, by role."""
        found = {}
        for role in ("father", "mother"):
            relative = getattr(self, role)
            if relative is not None and relative.events:
                found[role] = scan(STRUCTURAL, relative.events).collect()
        return found


def with_parents(
    candidates: pl.DataFrame,
    family: Family,
    par: Mapping[str, Sequence[Sequence[int]]] | None = None,
) -> pl.DataFrame:
    """`candidates` with dosage, ploidy, ad_alt and dp of each parent, prefixed father_, mother_.

    Further relatives have the same columns, prefixed kin0_, kin1_ and so on.

    dosage and ploidy are as the copies of a man and a woman at the place allow. dosage is 0 where
    the parent's gVCF covers the position without the allele, null where it is not covered or there
    is no such parent. Of a change of several alleles a parent has what they have of every member.
    """
    if "members" in candidates.columns and candidates["members"].is_not_null().any():
        return _with_parents_of_members(candidates, family, par)
    for role in ("father", "mother"):
        relative = getattr(family, role)
        if relative is None:
            nothing = [pl.lit(None, CALLS.schema[c]).alias(f"{role}_{c}") for c in COLUMNS]
            candidates = candidates.with_columns(nothing)
        else:
            candidates = _with_parent(candidates, relative, role, family.aliases)
        candidates = of_person(candidates, SEX[role], par or {}, f"{role}_")
    for at, relative in enumerate(family.kin):
        known = family.people.get(relative.patient)
        candidates = _with_parent(candidates, relative, f"kin{at}", family.aliases)
        candidates = of_person(candidates, known.sex if known else "", par or {}, f"kin{at}_")
    return candidates


def _with_parents_of_members(
    candidates: pl.DataFrame, family: Family, par: Mapping[str, Sequence[Sequence[int]]] | None
) -> pl.DataFrame:
    numbered = candidates.with_row_index("_row")
    alone = with_parents(numbered.filter(pl.col("members").is_null()).drop("members"), family, par)
    composed = numbered.filter(pl.col("members").is_not_null())
    members = (
        composed.select("_row", "chrom", "members")
        .explode("members")
        .with_columns(pl.col("members").struct.field(name) for name in ("pos", "ref", "alt"))
        .drop("members")
    )
    found = with_parents(members, family, par)
    names = [name for name in found.columns if name.startswith(("father_", "mother_"))]
    least = [
        pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).min()).alias(name)
        for name in names
    ]
    told = composed.join(found.group_by("_row").agg(least), on="_row", how="left")
    both = pl.concat([alone, told], how="diagonal")
    return both.sort("_row").select(*candidates.columns, *names)


def _with_parent(
    candidates: pl.DataFrame, relative: Relative, role: str, aliases: Mapping[str, str] | None
) -> pl.DataFrame:
    keys = candidates.lazy().select(ALLELE).unique()
    # Of 0/. one copy is not known, whatever was looked at there; nor is any of ./. in a file
    # whose callable intervals stand beside it. A gVCF says itself where it knows the reference.
    silent_file = pl.lit(not relative.known.endswith(".g.vcf.gz"))
    open_ = pl.col("ploidy").is_null() & (
        (pl.col("dosage") == 0) | (silent_file & pl.col("dosage").is_null())
    )
    own = (
        scan(CALLS, relative.calls)
        .join(keys, on=ALLELE, how="semi")
        .sort("dosage", descending=True, nulls_last=True)
        .unique(list(ALLELE), keep="first", maintain_order=True)
        .with_columns(_open=open_.fill_null(False))
        .with_columns(dosage=pl.when(~pl.col("_open")).then("dosage"))
        .select(*ALLELE, "_open", *(pl.col(c).alias(f"{role}_{c}") for c in COLUMNS))
        .collect()
    )
    joined = candidates.join(own, on=ALLELE, how="left", validate="m:1", maintain_order="left")
    positions = joined.select("chrom", "pos").unique()
    depth = known_at(relative.known, positions, aliases)
    joined = joined.join(depth, on=["chrom", "pos"], how="left", maintain_order="left")
    known = pl.col("_known").fill_null(False) & ~pl.col("_open").fill_null(False)
    unseen = pl.col(f"{role}_dosage").is_null() & known
    silent = unseen & pl.col(f"{role}_ad_alt").is_null()
    return joined.with_columns(
        pl.when(unseen)
        .then(pl.lit(0, pl.Int8))
        .otherwise(f"{role}_dosage")
        .alias(f"{role}_dosage"),
        pl.when(silent)
        .then(pl.lit(0, pl.Int32))
        .otherwise(f"{role}_ad_alt")
        .alias(f"{role}_ad_alt"),
        pl.when(silent).then("_dp").otherwise(f"{role}_dp").alias(f"{role}_dp"),
    ).drop("_dp", "_known", "_open")


def known_at(
    path: str, positions: pl.DataFrame, aliases: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """`positions` (chrom, pos) that a gVCF or BED knows: _known, and _dp where a gVCF says it."""
    if path.endswith(".g.vcf.gz"):
        return covered(path, positions, aliases).with_columns(_known=pl.lit(True))
    names = canonical_names(dict(aliases or {}))
    parts = []
    by_chrom: dict[str, list[tuple[int, int]]] = {}
    for interval in merged(read_bed(path)):
        by_chrom.setdefault(names.get(interval.contig, ""), []).append(
            (interval.start, interval.end)
        )
    for (chrom,), part in positions.group_by("chrom", maintain_order=True):
        spans = np.array(by_chrom.get(str(chrom), []), dtype=np.int64).reshape(-1, 2)
        at = part["pos"].to_numpy().astype(np.int64) - 1
        left = np.searchsorted(spans[:, 0], at, side="right") - 1
        inside = (left >= 0) & (at < spans[np.maximum(left, 0), 1]) if len(spans) else at < 0
        parts.append(part.filter(pl.Series(inside)))
    return pl.concat([positions.clear(), *parts]).with_columns(
        _dp=pl.lit(None, pl.Int32), _known=pl.lit(True)
    )


def covered(
    gvcf: str, positions: pl.DataFrame, aliases: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """`positions` (chrom, pos) a gVCF covers, with `_dp`: the lowest depth stated there.

    Positions no record covers, or whose genotype is not called, are absent.
    """
    empty = positions.clear().with_columns(_dp=pl.lit(None, pl.Int32))
    if positions.is_empty():
        return empty
    names = {
        contig: name
        for contig in header(gvcf).contigs
        if (name := canonical_names(dict(aliases or {})).get(contig))
    }
    contigs = {name: contig for contig, name in names.items()}
    with tempfile.TemporaryDirectory() as scratch:
        regions = Path(scratch) / "positions.tsv"
        lines = [
            f"{contigs[str(chrom)]}\t{pos}\n"
            for chrom, pos in positions.sort("chrom", "pos").rows()
            if str(chrom) in contigs
        ]
        if not lines:
            return empty
        regions.write_text("".join(lines))
        blocks = read_columns(
            gvcf,
            info={"END": pl.Int32},
            fmt={"GT": pl.String, "DP": pl.Int32, "MIN_DP": pl.Int32},
            options=("-R", str(regions)),
        )
    called = (
        blocks.filter(~pl.col("GT").str.contains(r"\.") & pl.col("contig").is_in(list(names)))
        .with_columns(
            chrom=pl.col("contig")
            .replace_strict(names, return_dtype=pl.String)
            .cast(positions.schema["chrom"]),
            first=pl.col("pos"),
            last=pl.max_horizontal("END", pl.col("pos") + pl.col("ref").str.len_bytes() - 1),
            depth=pl.coalesce("MIN_DP", "DP"),
        )
        .drop_nulls("depth")
        .select("chrom", "first", "last", "depth")
    )
    return (
        positions.join(called, on="chrom")
        .filter(pl.col("pos").is_between("first", "last"))
        .group_by("chrom", "pos")
        .agg(_dp=pl.col("depth").min().cast(pl.Int32))
    )
