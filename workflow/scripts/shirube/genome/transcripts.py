"""A transcript on the chromosome: HGVS coordinates of any base, spliced and coding sequence."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.genome.amino import code_for, translated
from shirube.genome.sequence import Bases, complement

Ints = npt.NDArray[np.int64]
# Codons at which MANE and GENCODE transcripts are known to start.
STARTS = frozenset({"ATG", "CTG", "GTG", "TTG", "ACG", "ATA", "ATC", "ATT", "AAG", "AGG"})
UPSTREAM, DOWNSTREAM = 2000, 500  # bases beside a transcript that are named after it


def one_coding_transcript(models: pl.DataFrame) -> pl.DataFrame:
    """Rows of GENE_MODELS, one coding transcript a gene: MANE Select, else the longest."""
    return (
        models.drop_nulls(["gene", "cds_start"])
        .with_columns(
            _other=pl.col("mane") != "MANE Select", _length=pl.col("start") - pl.col("end")
        )
        .sort("gene", "_other", "_length", "transcript", nulls_last=True)
        .unique("gene", keep="first", maintain_order=True)
        .drop("_other", "_length")
    )


def coding_bases(model: Mapping[str, Any]) -> int:
    """Coding bases of a row of GENE_MODELS."""
    return sum(
        max(0, min(end, model["cds_end"]) - max(start, model["cds_start"]))
        for start, end in zip(model["exon_starts"], model["exon_ends"], strict=True)
    )


def coding_exons(models: pl.DataFrame, contigs: dict[str, str]) -> pl.DataFrame:
    """Coding parts of exons of GENE_MODELS: gene, transcript, chrom, contig, start, end.

    `contigs` maps canonical chromosomes to the reference's names; transcripts elsewhere are left
    out, as are those that code for nothing.
    """
    return (
        models.filter(pl.col("cds_start").is_not_null())
        .with_columns(contig=pl.col("chrom").cast(pl.String).replace_strict(contigs, default=None))
        .filter(pl.col("contig").is_not_null())
        .select(
            *("gene", "transcript", "chrom", "contig", "cds_start", "cds_end"),
            start="exon_starts",
            end="exon_ends",
        )
        .explode("start", "end")
        .with_columns(
            start=pl.max_horizontal("start", "cds_start"),
            end=pl.min_horizontal("end", "cds_end"),
        )
        .filter(pl.col("start") < pl.col("end"))
        .drop("cds_start", "cds_end")
    )


@dataclass(frozen=True, eq=False)
class Transcript:
    """One row of GENE_MODELS with the chromosome's bases.

    Exons are kept in genome order; index 0 of the spliced sequence is the transcript's 5' end.
    `cds` is half-open on the spliced sequence, None if the transcript codes for nothing.
    """

    name: str
    gene: str | None
    gene_id: str | None
    mane: str | None
    biotype: str | None
    chrom: str
    forward: bool
    starts: Ints
    ends: Ints
    cds_start: int | None
    cds_end: int | None
    sequence: Bases

    @property
    def start(self) -> int:
        """First base on the forward strand, 0-based."""
        return int(self.starts[0])

    @property
    def end(self) -> int:
        """End on the forward strand."""
        return int(self.ends[-1])

    @cached_property
    def _before(self) -> Ints:
        """Spliced bases in front of each exon, counted in genome order."""
        return np.concatenate(([0], np.cumsum(self.ends - self.starts)))

    @property
    def length(self) -> int:
        """Spliced length."""
        return int(self._before[-1])

    @cached_property
    def _edges(self) -> tuple[list[int], list[int], list[int]]:
        return self.starts.tolist(), self.ends.tolist(), self._before.tolist()

    def spliced(self, position: int) -> int | None:
        """Index in the spliced sequence of a 0-based forward position; None outside exons."""
        starts, ends, before = self._edges
        exon = bisect_right(starts, position) - 1
        if exon < 0 or position >= ends[exon]:
            return None
        index = before[exon] + position - starts[exon]
        return index if self.forward else self.length - 1 - index

    def position(self, index: int) -> int:
        """0-based forward position of a base of the spliced sequence."""
        starts, _, before = self._edges
        index = index if self.forward else self.length - 1 - index
        exon = bisect_right(before, index) - 1
        return starts[exon] + index - before[exon]

    @cached_property
    def cds(self) -> tuple[int, int] | None:
        """Coding range on the spliced sequence, stop codon included."""
        if self.cds_start is None or self.cds_end is None:
            return None
        ends = self.spliced(self.cds_start), self.spliced(self.cds_end - 1)
        if ends[0] is None or ends[1] is None:
            return None
        return min(ends[0], ends[1]), max(ends[0], ends[1]) + 1

    @cached_property
    def rna(self) -> str:
        """Spliced sequence (DNA letters) in the transcript's direction."""
        joined = np.concatenate(
            [self.sequence[a:b] for a, b in zip(self.starts, self.ends, strict=True)]
        )
        return bytes(joined if self.forward else complement(joined)[::-1]).decode()

    @cached_property
    def code(self) -> dict[str, str]:
        """Genetic code of its chromosome."""
        return code_for(self.chrom)

    @cached_property
    def translatable(self) -> bool:
        """True if the coding range is whole codons that start with a start codon if known."""
        if self.cds is None:
            return False
        low, high = self.cds
        size = high - low
        if self.chrom == "chrM":
            # Mitochondrial stop codons may be completed by polyadenylation.
            return size >= 6
        first = self.rna[low : low + 3]
        return size % 3 == 0 and size >= 6 and ("N" in first or first in STARTS)

    @cached_property
    def protein(self) -> str:
        """Translation of the coding range; internal TGA of the standard code is U (selenocysteine).

        Mitochondrial incomplete stop codons are completed with A.
        """
        assert self.cds is not None
        low, high = self.cds
        coding = self.rna[low:high]
        if self.chrom == "chrM" and len(coding) % 3:
            coding += "A" * (3 - len(coding) % 3)
        residues = translated(coding, self.code)
        if not residues:
            return residues
        body = list(residues[:-1])
        for index, residue in enumerate(body):
            if residue == "*" and coding[3 * index : 3 * index + 3] == "TGA":
                body[index] = "U"
        if body and body[0] != "X":
            body[0] = "M"
        return "".join(body) + residues[-1]

    def exon_of(self, position: int) -> str | None:
        """`5/11` for exon 5 of 11, `i4/10` for intron 4 of 10, None outside the transcript."""
        if not self.start <= position < self.end:
            return None
        starts, ends, _ = self._edges
        exon = bisect_right(starts, position) - 1
        count = len(starts)
        if position < ends[exon]:
            return f"{exon + 1 if self.forward else count - exon}/{count}"
        return f"i{exon + 1 if self.forward else count - exon - 1}/{count - 1}"

    def coordinates(self, positions: Ints) -> tuple[Ints, Ints]:
        """Spliced index of the nearest exon base of each position, and the offset from it.

        Offset 0 in exons, > 0 behind an exon (+), < 0 in front of one (-); the middle base of an
        intron of odd length counts from the exon in front. Before the first exon the index is
        negative, behind the last one >= length, with offset 0.
        """
        starts, ends, before = self.starts, self.ends, self._before
        exon = np.clip(np.searchsorted(starts, positions, side="right") - 1, 0, starts.size - 1)
        index = before[exon] + positions - starts[exon]
        offset = np.zeros_like(index)
        inside = (positions >= starts[0]) & (positions < ends[-1])
        gap = inside & (positions >= ends[exon])
        after = positions - ends[exon] + 1
        following = np.clip(exon + 1, 0, starts.size - 1)
        ahead = starts[following] - positions
        to_left = after <= ahead if self.forward else after < ahead
        index = np.where(gap, np.where(to_left, before[exon + 1] - 1, before[following]), index)
        offset = np.where(gap, np.where(to_left, after, -ahead), offset)
        if not self.forward:
            index, offset = self.length - 1 - index, -offset
        return index, offset

    def labels(self, positions: Ints) -> list[str]:
        """HGVS numbers of 0-based forward positions: 524, 673-2, *12+3, -29."""
        index, offset = self.coordinates(positions)
        return [
            self._number(i) + (f"{o:+d}" if o else "")
            for i, o in zip(index.tolist(), offset.tolist(), strict=True)
        ]

    def label(self, position: int) -> str:
        """HGVS number of one position."""
        return self.labels(np.array([position], np.int64))[0]

    def _number(self, index: int) -> str:
        if self.cds is None:
            return str(index + 1)
        low, high = self.cds
        if index < low:
            return str(index - low)
        return str(index - low + 1) if index < high else f"*{index - high + 1}"

    @property
    def prefix(self) -> str:
        """`c.` of a coding transcript, `n.` of any other."""
        return "n." if self.cds is None else "c."


def transcripts_of(models: pl.DataFrame, sequence: Bases) -> Iterator[Transcript]:
    """Transcripts of GENE_MODELS rows of one chromosome."""
    for row in models.iter_rows(named=True):
        if row["end"] > sequence.size:
            continue
        yield Transcript(
            name=row["transcript"],
            gene=row["gene"],
            gene_id=row["gene_id"],
            mane=row["mane"],
            biotype=row["biotype"],
            chrom=row["chrom"],
            forward=row["strand"] == "+",
            starts=np.array(row["exon_starts"], np.int64),
            ends=np.array(row["exon_ends"], np.int64),
            cds_start=row["cds_start"],
            cds_end=row["cds_end"],
            sequence=sequence,
        )
