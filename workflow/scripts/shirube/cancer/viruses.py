"""Viruses in a tumour: fragments on viral contigs of the reference, and where they joined a genome.

A reference without viral contigs says nothing of them, and neither does a VCF. A virus is present
where FRAGMENTS lie on a tenth of its genome or more, or where it is joined to a chromosome; a few
reads may be misplaced ones and are called unknown. These limits are our own. A join is JOINED
fragments or more within 1 kb of the chromosome, on whatever part of the virus. Presence in a tumour
is no proof of cause: EBV lives in the blood of most people, so the normal's fragments stand beside.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from shirube.calling.somatic.markers import Row, marker
from shirube.interpret.curated import read_curated
from shirube.reads.viral import Join, Seen, fragments_on
from shirube.reasons import Reason, because

FRAGMENTS, COVERED, JOINED, NEAR = 10, 0.1, 3, 1000
GENE_NEAR = 50_000
UNIT = "fragments"


@dataclass(frozen=True)
class Virus:
    """One viral contig of a reference."""

    contig: str
    length: int
    name: str
    group: str


def viral_contigs(contigs: Mapping[str, int], table: str) -> list[Virus]:
    """Viral contigs (name -> length) of a reference by resources/viral_contigs.tsv, in its order.

    A contig is named with or without its version; a name that ends in * stands for all that begin
    so, which are then called by their own names.
    """
    rows = read_curated(table).rows(named=True)
    exact = {row["contig"].casefold(): row for row in rows}
    open_ = [row for row in rows if row["contig"].endswith("*")]
    out: list[Virus] = []
    for contig, length in contigs.items():
        row = exact.get(contig.casefold()) or exact.get(contig.split(".")[0].casefold())
        if row:
            twice = any(row["virus"] == one.name for one in out)
            out.append(Virus(contig, length, contig if twice else row["virus"], row["group"]))
            continue
        begins = next((r for r in open_ if contig.startswith(r["contig"][:-1])), None)
        if begins:
            out.append(Virus(contig, length, contig, begins["group"]))
    return out


def joined_places(joins: Sequence[Join]) -> list[tuple[str, int, int]]:
    """(chromosome, 1-based position, fragments) of each place with JOINED fragments or more.

    The position is that most split reads name; without one the median of the mates'.
    """
    out = []
    ordered = sorted(joins, key=lambda one: (one.chrom, one.pos))
    place: list[Join] = []
    for join in [*ordered, None]:
        near = place and join and join.chrom == place[0].chrom
        if join and near and join.pos - place[-1].pos <= NEAR:
            place.append(join)
            continue
        names = {one.fragment for one in place}
        if len(names) >= JOINED:
            splits = sorted(one.pos for one in place if one.split)
            pairs = sorted(one.pos for one in place)
            best = max(splits, key=lambda pos: (splits.count(pos), -pos)) if splits else None
            out.append((place[0].chrom, best or pairs[len(pairs) // 2], len(names)))
        place = [join] if join else []
    return out


def genes_at(models: pl.DataFrame, chrom: str, pos: int) -> str:
    """Genes (GENE_MODELS) over a 1-based position, else the nearest within GENE_NEAR; or none."""
    own = models.filter(pl.col("chrom").cast(pl.String) == chrom).drop_nulls("gene")
    spans = own.group_by("gene").agg(pl.col("start").min(), pl.col("end").max())
    away = pl.max_horizontal(pl.col("start") - (pos - 1), (pos - 1) - (pl.col("end") - 1), 0)
    near = spans.with_columns(away=away).filter(pl.col("away") <= GENE_NEAR).sort("away", "gene")
    over = near.filter(pl.col("away") == 0)["gene"].to_list()
    if over:
        return ", ".join(over)
    return f"{near['gene'][0]} ({near['away'][0]:,} bp)" if near.height else "–"


def _row(virus: Virus, seen: Seen, beside: Seen | None, names: Mapping[str, str],
         models: pl.DataFrame) -> Row:  # fmt: skip
    places = joined_places(seen.joins)
    share = seen.covered / max(virus.length, 1)
    basis: Reason = because(
        "virus.seen",
        fragments=seen.fragments,
        covered=f"{share:.1%}",
        contig=virus.contig,
        normal="–" if beside is None else beside.fragments,
    )
    for contig, pos, fragments in places:
        chrom = names[contig]
        gene = genes_at(models, chrom, pos)
        where = f"{chrom}:{pos}"
        basis = basis.and_(because("virus.joined", place=where, gene=gene, fragments=fragments))
    present = bool(places) or (seen.fragments >= FRAGMENTS and share >= COVERED)
    call = "present" if present else "unknown"
    value = float(seen.fragments)
    return marker(f"virus:{virus.name}", value, None, None, UNIT, call, basis)


def viruses(
    tumour: str | None,
    normal: str | None,
    reference: str,
    found: Sequence[Virus],
    names: Mapping[str, str],
    models: pl.DataFrame,
    min_mapq: int,
) -> list[Row]:
    """Rows of MARKERS: each virus with a fragment, and each group of viruses without any.

    `found`: see `viral_contigs`; `names`: contig of the reference -> canonical chromosome;
    `models`: GENE_MODELS.
    """
    if tumour is None or not found:
        why = because("virus.no_reads") if tumour is None else because("virus.no_contig")
        return [marker("virus", None, None, None, UNIT, "unknown", why)]
    human: Collection[str] = frozenset(names)
    rows: dict[str, Row] = {}
    silent: dict[str, list[str]] = {}
    for virus in found:
        seen = fragments_on(tumour, reference, virus.contig, human, min_mapq)
        if not seen.fragments:
            silent.setdefault(virus.group, []).append(virus.contig)
            continue
        beside = fragments_on(normal, reference, virus.contig, human, min_mapq) if normal else None
        rows[virus.name] = _row(virus, seen, beside, names, models)
    shown = {virus.group for virus in found if virus.name in rows}
    for group, contigs in silent.items():
        if group not in shown:
            basis = because("virus.none", count=len(contigs))
            rows[group] = marker(f"virus:{group}", 0.0, None, None, UNIT, "absent", basis)
    return [rows[name] for name in sorted(rows)]
