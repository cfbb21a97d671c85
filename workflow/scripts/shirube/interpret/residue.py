"""Other pathogenic changes of the same residue (PS1, PM5), and what harms a gene (PP2, BP1).

ClinVar's classified single-base changes of a candidate's codon are translated on the candidate's
own transcript with the run's reference, so that no name has to be parsed and no other numbering
interferes. The candidate's own allele never counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from shirube.contracts import metadata, scan
from shirube.contracts.knowledge import CLINVAR
from shirube.genome.amino import THREE, code_for, grantham
from shirube.genome.sequence import contig_of
from shirube.interpret.consequence import MISSENSE, any_of
from shirube.knowledge.significance import benign, pathogenic
from shirube.tools import run

Place = tuple[str, int]
Allele = tuple[str, int, str, str]
PAIR = dict(zip("ACGTN", "TGCAN", strict=True))
CLASSIFIED, PATHOGENIC_MIN = 10, 20


HARMFUL = (pl.col("stars") >= 1) & pathogenic(pl.col("significance"))
# Reviewed with criteria, as a star asks for.
ONCOGENIC = pl.col("oncogenicity").str.contains("(?i)^(likely_)?oncogenic").fill_null(
    False
) & ~pl.col("oncogenicity_review").str.contains("no_").fill_null(True)


@dataclass(frozen=True)
class Residue:
    """Pathogenic ClinVar changes at a candidate's residue: same protein change, and others."""

    same: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


def codon_positions(model: Mapping[str, Any], codon: int) -> tuple[int, ...]:
    """Genomic positions (1-based) of a codon's three bases, 5' to 3' of the gene; () outside."""
    spans = [
        (max(start, model["cds_start"]), min(end, model["cds_end"]))
        for start, end in zip(model["exon_starts"], model["exon_ends"], strict=True)
    ]
    forward = model["strand"] == "+"
    first, out = (codon - 1) * 3, []
    before = 0
    for start, end in spans if forward else reversed(spans):
        size = max(0, end - start)
        for offset in range(max(0, first - before), min(size, first + 3 - before)):
            out.append(start + offset + 1 if forward else end - offset)
        before += size
    return tuple(out) if len(out) == 3 else ()


def missense_codon(row: Mapping[str, Any], model: Mapping[str, Any]) -> tuple[int, ...]:
    """Positions of the codon that a missense substitution changes; () for any other row."""
    changed = substituted(row["pos"], row["ref"], row["alt"])
    if not (changed and row["protein_pos"] and any_of(MISSENSE, row["consequence"])):
        return ()
    places = codon_positions(model, row["protein_pos"])
    return places if changed.keys() <= set(places) else ()


def substituted(pos: int, ref: str, alt: str) -> dict[int, str]:
    """New base at each position that a substitution of up to three bases changes; {} for others."""
    if len(ref) != len(alt) or len(ref) > 3:
        return {}
    return {pos + at: new for at, (old, new) in enumerate(zip(ref, alt, strict=True)) if old != new}


class ClinVar:
    """Classified alleles of ClinVar, read where a run asks for them."""

    def __init__(self, path: str, fasta: str, aliases: dict[str, str] | None = None) -> None:
        self.table, self.fasta, self.aliases = scan(CLINVAR, path), fasta, aliases
        self.release = metadata(path).get("release")

    def residues(
        self, rows: Sequence[Mapping[str, Any]], models: Mapping[str, Mapping[str, Any]]
    ) -> dict[Allele, Residue]:
        """Allele -> Residue for the missense substitutions of one codon; `models` by transcript."""
        return self._at_residues(rows, models, HARMFUL)

    def oncogenic(
        self, rows: Sequence[Mapping[str, Any]], models: Mapping[str, Mapping[str, Any]]
    ) -> dict[Allele, Residue]:
        """The same of changes called oncogenic, near only those the allele is as far from as they.

        "As far": the allele's residue differs from the reference's by Grantham's distance at least
        as much as the known one does.
        """
        return self._at_residues(rows, models, ONCOGENIC, as_far=True)

    def _at_residues(
        self,
        rows: Sequence[Mapping[str, Any]],
        models: Mapping[str, Mapping[str, Any]],
        which: pl.Expr,
        as_far: bool = False,
    ) -> dict[Allele, Residue]:
        codons: dict[Allele, tuple[int, ...]] = {}
        strands: dict[Allele, str] = {}
        for row in rows:
            model = models.get(row["transcript"] or "")
            if model and (places := missense_codon(row, model)):
                key = (str(row["chrom"]), row["pos"], row["ref"], row["alt"])
                codons[key], strands[key] = places, model["strand"]
        if not codons:
            return {}
        wanted = {(key[0], pos) for key, places in codons.items() for pos in places}
        bases = self._bases(wanted)
        known = self._known(wanted, which)
        return {
            key: _compared(key, places, strands[key], bases, known, as_far)
            for key, places in codons.items()
        }

    def _bases(self, places: Iterable[Place]) -> dict[Place, str]:
        """Reference bases at (chrom, 1-based pos); N where the reference has no such contig."""
        ordered = sorted(places)
        contigs = {chrom: contig_of(self.fasta, chrom, self.aliases) for chrom, _ in ordered}
        asked = [(chrom, pos) for chrom, pos in ordered if contigs[chrom]]
        out = dict.fromkeys(ordered, "N")
        for start in range(0, len(asked), 500):
            part = asked[start : start + 500]
            regions = [f"{contigs[chrom]}:{pos}-{pos}" for chrom, pos in part]
            text = run("samtools", "faidx", self.fasta, *regions).decode()
            found = [line for line in text.splitlines() if not line.startswith(">")]
            out |= dict(zip(part, (base.upper() for base in found), strict=True))
        return out

    def _known(self, places: set[Place], which: pl.Expr) -> dict[Place, list[tuple[str, str]]]:
        """(ref, alt) of single-base changes that are `which`, by place."""
        chroms = sorted({chrom for chrom, _ in places})
        rows = (
            self.table.filter(
                pl.col("chrom").cast(pl.String).is_in(chroms)
                & pl.col("pos").is_in(sorted({pos for _, pos in places}))
                & which
                & (pl.col("ref").str.len_bytes() == 1)
                & (pl.col("alt").str.len_bytes() == 1)
            )
            .select("chrom", "pos", "ref", "alt")
            .collect()
        )
        out: dict[Place, list[tuple[str, str]]] = {}
        for chrom, pos, ref, alt in rows.rows():
            if (str(chrom), pos) in places:
                out.setdefault((str(chrom), pos), []).append((ref, alt))
        return out

    def shares(self, genes: Iterable[str]) -> dict[str, tuple[float | None, float | None]]:
        """Gene -> (pathogenic share of its classified missense, truncating share of pathogenic).

        A share over fewer than CLASSIFIED (PATHOGENIC_MIN) alleles is unknown.
        """
        wanted = sorted(set(genes))
        harmful, harmless = pathogenic(pl.col("significance")), benign(pl.col("significance"))
        missense = pl.col("consequences").str.contains("missense_variant")
        truncating = pl.col("consequences").str.contains("stop_gained|nonsense|frameshift_variant")
        table = (
            self.table.filter((pl.col("stars") >= 1) & pl.col("gene").is_in(wanted))
            .group_by("gene")
            .agg(
                bad=(harmful & missense & ~truncating).sum(),
                good=(harmless & missense & ~truncating).sum(),
                all=harmful.sum(),
                cut=(harmful & truncating).sum(),
            )
            .collect()
        )
        out: dict[str, tuple[float | None, float | None]] = {}
        for gene, bad, good, whole, cut in table.rows():
            out[gene] = (
                bad / (bad + good) if bad + good >= CLASSIFIED else None,
                cut / whole if whole >= PATHOGENIC_MIN else None,
            )
        return out


def _nearer(old: str, mine: str, other: str) -> bool:
    """Whether `mine` differs less from `old` than `other` does; what is no residue is nearer."""
    own, known = grantham(old, mine), grantham(old, other)
    return own is None or known is None or own < known


def _compared(
    key: Allele,
    places: tuple[int, ...],
    strand: str,
    bases: Mapping[Place, str],
    known: Mapping[Place, list[tuple[str, str]]],
    as_far: bool,
) -> Residue:
    chrom, pos, ref, alt = key
    code = code_for(chrom)

    def read(base: str) -> str:
        return base if strand == "+" else PAIR.get(base, "N")

    codon = [read(bases[chrom, place]) for place in places]

    def changed(bases_: Mapping[int, str]) -> str:
        new = list(codon)
        for place, to in bases_.items():
            new[places.index(place)] = read(to)
        return code.get("".join(new), "X")

    old, mine = code.get("".join(codon), "X"), changed(substituted(pos, ref, alt))
    same, near = [], []
    for place in places:
        for was, to in known.get((chrom, place), []):
            if (place, was, to) == (pos, ref, alt):
                continue
            other = changed({place: to})
            name = f"{chrom}:{place} {was}>{to} ({THREE.get(old, '?')} to {THREE.get(other, '?')})"
            if other == mine:
                same.append(name)
            elif other not in (old, "*", "X") and not (as_far and _nearer(old, mine, other)):
                near.append(name)
    return Residue(tuple(same), tuple(near))
